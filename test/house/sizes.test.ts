// Goal: no file grows beyond what one can hold in mind.
import { describe, expect, test } from "vitest";
import { idleReasons, LINES_AIM, LINES_MAX, LONG_FILES, sizeFaults } from "./sizes.ts";
import { codeFiles, readTree, treeOf } from "./tree.ts";

const linesOf = (count: number): string => "a;\n".repeat(count);

describe("this house", () => {
  test("the check sees files", () => {
    expect(codeFiles(readTree()).length).toBeGreaterThan(20);
  });

  test("no file is too long", () => {
    expect(sizeFaults(readTree(), LONG_FILES)).toEqual([]);
  });

  test("no reason outlives its file", () => {
    expect(idleReasons(readTree(), LONG_FILES)).toEqual([]);
  });
});

describe("a planted fault is seen", () => {
  const table: readonly (readonly [
    string,
    number,
    readonly (readonly [string, string])[],
    number,
  ])[] = [
    ["bin/a.ts", LINES_AIM, [], 0],
    ["bin/a.ts", LINES_AIM + 1, [], 1],
    ["bin/a.ts", LINES_AIM + 1, [["bin/a.ts", "a table"]], 0],
    ["bin/a.ts", LINES_MAX, [["bin/a.ts", "a table"]], 0],
    ["bin/a.ts", LINES_MAX + 1, [["bin/a.ts", "a table"]], 1],
    ["test/bin/a.test.ts", LINES_MAX, [], 0],
    ["test/bin/a.test.ts", LINES_MAX + 1, [], 1],
  ];

  test.each(table)("%s with %i lines and list %j gives %i", (path, count, listed, faults) => {
    expect(sizeFaults(treeOf({ [path]: linesOf(count) }), listed)).toHaveLength(faults);
  });

  test("a reason without its long file", () => {
    const tree = treeOf({ "bin/a.ts": linesOf(10) });
    expect(
      idleReasons(tree, [
        ["bin/a.ts", "x"],
        ["bin/gone.ts", "y"],
      ]),
    ).toHaveLength(2);
  });
});
