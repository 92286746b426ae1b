// Goal: tables line up, and no text of a stranger steers the terminal.
import { expect, test } from "vitest";
import { msText, printable, tableOf, timeText } from "../../../bin/control/table.ts";

test("columns are as wide as their widest cell, numbers stand to the right", () => {
  const rows = [
    { name: "a", count: 5 },
    { name: "longer", count: 1200 },
  ];
  const lines = tableOf(rows, [
    { name: "name", of: ({ name }) => name },
    { name: "no.", of: ({ count }) => String(count), isNumber: true },
  ]);
  expect(lines).toEqual(["name     no.", "a          5", "longer  1200"]);
});

test("no row is said to be none", () => {
  expect(tableOf([], [])).toEqual(["nothing"]);
});

test("what could steer a terminal is shown as a mark, and a long cell is cut", () => {
  expect(printable("a\u001b[2Jb\u202ec")).toBe("a\ufffd[2Jb\ufffdc");
  const [, line = ""] = tableOf(["x".repeat(80)], [{ name: "text", of: (text) => text }]);
  expect(line).toHaveLength(48);
  expect(line.endsWith("…")).toBe(true);
});

test("times are UTC with milliseconds, and nothing where there is none", () => {
  expect(timeText(1_795_262_400_123_456)).toBe("2026-11-21 12:00:00.123");
  expect([timeText(0), timeText(undefined), msText("x"), msText(1500)]).toEqual([
    "",
    "",
    "",
    "1.5",
  ]);
});
