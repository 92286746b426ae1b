// Goal: decimal text and amounts are exact inverses, and what is no plain decimal is refused.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { amountToText, parseAmount } from "../../../../hotpath/core/money/amount.ts";

describe("an amount", () => {
  test.each([
    ["0", 0n],
    ["0.0", 0n],
    ["-0", 0n],
    ["1", 10n ** 18n],
    ["0.000000000000000001", 1n],
    ["-0.000000000000000001", -1n],
    ["0.29", 290_000_000_000_000_000n],
    ["9007199254740993", 9_007_199_254_740_993n * 10n ** 18n],
    ["007.50", 75n * 10n ** 17n],
    ["1.100000000000000000000", 11n * 10n ** 17n],
  ])("%s is read exactly", (text, amount) => expect(parseAmount(text)).toBe(amount));

  test.each([
    "",
    ".",
    ".5",
    "5.",
    "+1",
    "--1",
    "1e-8",
    "1E3",
    "0x10",
    " 1",
    "1 ",
    "1,5",
    "1_000",
    "NaN",
    "Infinity",
    "1.2.3",
    "0.0000000000000000001",
    "1".repeat(37),
    `0.${"0".repeat(90)}`,
    "١",
  ])("%j is no amount", (text) => expect(parseAmount(text)).toBeUndefined());

  test("goes to text and back unchanged, whatever it is", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 53n), max: 10n ** 53n }), (amount) => {
        expect(parseAmount(amountToText(amount))).toBe(amount);
      }),
      { numRuns: 20_000 },
    );
  });

  test("has the shortest text", () => {
    expect(amountToText(1_500_000_000_000_000_000n)).toBe("1.5");
    expect(amountToText(-(10n ** 18n))).toBe("-1");
    expect(amountToText(0n)).toBe("0");
  });
});
