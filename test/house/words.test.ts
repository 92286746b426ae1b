// Goal: banned words, empty file names and missing headers are seen, and there are none.
import { describe, expect, test } from "vitest";
import { splitSource } from "./source-text.ts";
import { codeFiles, readTree, treeOf } from "./tree.ts";
import { bannedWords, EXCEPTIONS, emptyNames, headless, PURE_ROOMS } from "./words.ts";

/** What opens a placeholder in a template, kept apart so that no linter takes it for a slip. */
const HOLE = ["$", "{"].join("");

describe("this house", () => {
  const tree = readTree();

  test("the check sees code in every kind of room", () => {
    expect(codeFiles(tree).length).toBeGreaterThan(20);
    expect(codeFiles(tree).some((path) => path.startsWith(PURE_ROOMS[1]))).toBe(true);
  });

  test("says no banned word", () => {
    expect(bannedWords(tree)).toEqual([]);
  });

  test("has no file whose name says nothing", () => {
    expect(emptyNames(tree)).toEqual([]);
  });

  test("begins every file with its station and reason", () => {
    expect(headless(tree.has("vitest.config.ts") ? withoutConfig(tree) : tree)).toEqual([]);
  });

  test("makes no exception for a file that is gone", () => {
    expect(EXCEPTIONS.filter(([path]) => !tree.has(path))).toEqual([]);
  });
});

/** The runner's configuration is a tool's file and has no station. */
function withoutConfig(tree: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...tree].filter(([path]) => path !== "vitest.config.ts"));
}

describe("a planted word is seen", () => {
  const planted: readonly (readonly [string, string])[] = [
    ["hotpath/core/a.ts", "export async function f() {}"],
    ["hotpath/core/a.ts", "const a = await f();"],
    ["hotpath/core/a.ts", "type A = Promise<void>;"],
    ["hotpath/core/a.ts", "const a = new Date();"],
    ["contracts/a.ts", "const a = Date.now();"],
    ["hotpath/core/book/a.ts", "const a = performance.now();"],
    ["hotpath/venues/x/normalize.ts", "const a = Math.random();"],
    ["hotpath/venues/x/continuity.ts", "setTimeout(f, 1);"],
    ["functions/x/logic.ts", "const a = process.env;"],
    ["local/venues/market/a.ts", "console.log(a);"],
    ["hotpath/core/a.ts", "const a = parseFloat(b);"],
    ["hotpath/core/a.ts", "const a = b.toFixed(2);"],
    ["bin/a.ts", "const a: any = 1;"],
    ["bin/a.ts", "enum A { b }"],
    ["bin/a.ts", "export default 1;"],
    ["bin/a.ts", "// @ts-ignore"],
    ["bin/a.ts", "// FIXME later"],
    ["bin/a.ts", "// biome-ignore lint/x: y"],
    ["bin/a.ts", `const a = \`${HOLE}b as any}\`;`],
  ];

  test.each(planted)("%s: %s", (path, text) => {
    expect(bannedWords(treeOf({ [path]: text }))).toHaveLength(1);
  });

  test("words in strings, comments, templates and outside pure rooms are left alone", () => {
    const tree = treeOf({
      "hotpath/core/a.ts": `// await any process.\nconst a = "await any"; const b = \`any ${HOLE}c} any\`;`,
      "hotpath/io/a.ts": "export async function f() { await g(Date.now()); }",
      "bin/a.ts": "const a = /any enum/; expect.any(String); const many = company;",
    });
    expect(bannedWords(tree)).toEqual([]);
  });

  test("a finding names the line", () => {
    const tree = treeOf({ "bin/a.ts": "/* a\nb */\n\nconst a: any = 1;" });
    expect(bannedWords(tree)).toEqual(['bin/a.ts:4 says "any"; instead: unknown, then parse']);
  });

  test("file names that say nothing", () => {
    const names = [
      "bin/utils.ts",
      "hotpath/io/http-helpers.ts",
      "local/common/a.ts",
      "bin/book.ts",
    ];
    const tree = treeOf(Object.fromEntries(names.map((name) => [name, ""])));
    expect(emptyNames(tree)).toEqual([
      "bin/utils.ts",
      "hotpath/io/http-helpers.ts",
      "local/common/a.ts",
    ]);
  });

  test("a file without a header", () => {
    const tree = treeOf({
      "bin/a.ts": "const a = 1;",
      "bin/b.ts": "/** Station. */",
      "bin/c.mjs": "#!/usr/bin/env node\n/** Station. */",
      "bin/d.ts": "// a line is not enough",
      "test/bin/a.test.ts": "// Goal: a.",
      "test/bin/b.test.ts": "const a = 1;",
    });
    expect(headless(tree)).toEqual(["bin/a.ts", "bin/d.ts", "test/bin/b.test.ts"]);
  });
});

describe("the scanner", () => {
  test("tells code, strings, templates, regexes and comments apart", () => {
    const text = `const a = "s\\"t"; // c1\nconst b = \`t ${HOLE}x + \`u ${HOLE}y}\`} v\`; const r = /[/"]/g; /* c2 */ z / 2`;
    const { bareCode, comments } = splitSource(text);
    expect(bareCode.replace(/ +/g, " ")).toBe(
      `const a = " "; \nconst b = \` ${HOLE}x + \` ${HOLE}y}\`} \`; const r = g; z / 2`,
    );
    expect(comments.replace(/\s+/g, " ")).toBe(" // c1 /* c2 */ ");
  });

  test("keeps every line where it was", () => {
    const text = "/* a\nb */ `c\nd` \n// e\nf";
    const { code, bareCode, comments } = splitSource(text);
    for (const part of [code, bareCode, comments]) expect(part.split("\n")).toHaveLength(5);
  });

  test.each(["`", '"', "/*", "//", `\`${HOLE}`, "/a", "\\", `\`${HOLE}\``])(
    "ends on unfinished %s",
    (text) => {
      expect(splitSource(text).code.length).toBe(text.length);
    },
  );
});
