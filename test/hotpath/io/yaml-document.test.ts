// Goal: YAML is read strictly, every field has its line, and hostile files are refused.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readYaml, YAML_BYTES_MAX } from "../../../hotpath/io/yaml-document.ts";

function faultsOf(text: string): readonly string[] {
  const document = readYaml(text);
  return document.ok ? [] : document.faults.map((fault) => `${fault.line}: ${fault.message}`);
}

describe("lines", () => {
  const document = readYaml("# head\na: 1\nb:\n  c:\n    - x\n    - y\n  d: {e: 2}\n");
  if (!document.ok) throw new Error("the text is right");

  test.each([
    [["a"], 2],
    [["b"], 3],
    [["b", "c"], 4],
    [["b", "c", 1], 6],
    [["b", "d", "e"], 7],
    [["b", "missing", "deep"], 3],
    [["b", "c", 9], 4],
    [["b", "c", "name"], 4],
    [[], 2],
  ])("the field %j stands on line %i", (path, line) => {
    expect(document.lineOf(path)).toBe(line);
  });

  test("an empty file has no lines and no fields", () => {
    const empty = readYaml("");
    expect(empty.ok && empty.data).toEqual({});
    expect(empty.ok && empty.lineOf(["a"])).toBeNull();
  });
});

describe("what is refused", () => {
  test.each([
    ["a duplicate key", "a: 1\nb: 2\na: 3\n", "3: this field is given twice"],
    ["a nested duplicate", "a:\n  b: 1\n  b: 1\n", "3: this field is given twice"],
    ["two documents", "--- {}\n--- {}\n", "2: Source contains multiple documents"],
    ["an unfinished list", "a: [1,\n", "2: Flow sequence"],
    ["a foreign tag", "a: !!js/function x\n", "1: Unresolved tag"],
    ["a tab as indentation", "a:\n\tb: 1\n", "2: Tabs are not allowed as indentation"],
    ["an unknown alias", "a: *b\n", "Unresolved alias"],
    ["a list as a key", '{"a": 1, [b, c]: 2}\n', "1: the name of a field is plain text"],
    ["an alias as a key", "a: &a b\n*a : 2\n", "2: the name of a field is plain text"],
  ])("%s", (_name, text, message) => {
    expect(faultsOf(text).join("\n")).toContain(message);
  });

  test("aliases that multiply", () => {
    const text = `a: &a [x, x]\nb: &b [${Array(9).fill("*a")}]\nc: [${Array(9).fill("*b")}]\n`;
    expect(faultsOf(text)[0]).toContain("Excessive alias count");
  });

  test.each(["[", "- ", '{"a":'])("%s again and again, in one sentence", (opening) => {
    const message = "sections and lists are nested too deeply";
    const faults = [{ line: 3, message }];
    expect(readYaml(`instance: a\nb:\n  ${opening.repeat(10_000)}`)).toEqual({ ok: false, faults });
  });

  test("a file larger than a page can be", () => {
    const line = `a: "${"x".repeat(YAML_BYTES_MAX)}"\n`;
    expect(faultsOf(line)).toEqual(["null: the file is larger than 1 MiB"]);
  });

  test("any text at all is read or refused, never thrown on", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) => {
        const document = readYaml(text);
        expect(typeof document.ok).toBe("boolean");
      }),
    );
  });
});
