// Goal: text is measured as a terminal shows it, and no name from outside can steer the terminal.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ansiText,
  cell,
  fitLine,
  type Line,
  lineWidth,
  plainText,
  printable,
  widthOf,
} from "../../../bin/view/spans.ts";

describe("a cell", () => {
  test.each([
    ["abc", 5, "left", "abc  "],
    ["abc", 5, "right", "  abc"],
    ["abcdef", 5, "left", "abcd…"],
    ["abcde", 5, "left", "abcde"],
    ["币安人生USDT", 8, "left", "币安人… "],
    ["币安", 4, "left", "币安"],
    ["a", 0, "left", ""],
    ["ab", 1, "left", "…"],
  ] as const)("%s in %i columns, %s", (text, width, align, expected) => {
    expect(cell(text, width, align)).toBe(expected);
  });

  test("always takes exactly its width", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        fc.integer({ min: 1, max: 40 }),
        (text, width) => {
          expect(widthOf(cell(text, width))).toBe(width);
        },
      ),
    );
  });
});

describe("control characters", () => {
  test.each(["\u001b[2J", "a\nb", "a\rb", "\u0007", "\u202e", "\u0085"])(
    "%j are shown as dots",
    (text) => {
      expect(printable(text)).toMatch(/·/);
      expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    },
  );
});

describe("a line", () => {
  const line: Line = [
    ["abc", "strong"],
    ["def", "plain"],
    ["ghi", "bad"],
  ];

  test("is as wide as its parts", () => {
    expect(lineWidth(line)).toBe(9);
    expect(plainText(line)).toBe("abcdefghi");
  });

  test.each([
    [20, "abcdefghi"],
    [9, "abcdefghi"],
    [8, "abcdefg…"],
    [7, "abcdef…"],
    [6, "abcde…"],
    [3, "ab…"],
    [1, "…"],
  ])("in %i columns is %s", (width, text) => {
    expect(plainText(fitLine(line, width))).toBe(text);
  });

  test("has a color only where it means something, and ends each", () => {
    expect(ansiText(line)).toBe("\u001b[1mabc\u001b[0mdef\u001b[1;31mghi\u001b[0m");
  });
});
