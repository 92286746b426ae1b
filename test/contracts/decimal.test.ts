// Goal: sums of decimal text are exact, whatever their places and signs. Method: tables, and integers as the model.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareDecimals, isDecimal, shareOf, sumDecimals } from "../../contracts/decimal.ts";

const decimal = fc
  .record({ units: fc.bigInt(-(10n ** 24n), 10n ** 24n), places: fc.integer({ min: 0, max: 20 }) })
  .map(({ units, places }) => {
    const digits = (units < 0n ? -units : units).toString().padStart(places + 1, "0");
    const sign = units < 0n ? "-" : "";
    const whole = digits.slice(0, digits.length - places);
    const text = places === 0 ? whole : `${whole}.${digits.slice(digits.length - places)}`;
    return { text: sign + text, units: units * 10n ** BigInt(20 - places) };
  });

describe("a sum", () => {
  test.each([
    [[], "0"],
    [["0.1", "0.2"], "0.3"],
    [["1", "-1"], "0"],
    [["-0.5"], "-0.5"],
    [["1.50", "2.5"], "4"],
    [["0.000000000000000001", "9007199254740993"], "9007199254740993.000000000000000001"],
  ])("of %j is %s", (texts, sum) => {
    expect(sumDecimals(texts)).toBe(sum);
  });

  test("equals the sum of integers of its finest place", () => {
    fc.assert(
      fc.property(fc.array(decimal, { maxLength: 20 }), (parts) => {
        const expected = parts.reduce((sum, { units }) => sum + units, 0n);
        const total = sumDecimals(parts.map(({ text }) => text));
        const [whole = "", fraction = ""] = total.replace("-", "").split(".");
        const units = BigInt(whole + fraction.padEnd(20, "0"));
        expect(total.startsWith("-") ? -units : units).toBe(expected);
      }),
    );
  });
});

test("two decimals compare as their numbers do", () => {
  fc.assert(
    fc.property(decimal, decimal, (first, second) => {
      const difference = first.units - second.units;
      const expected = difference === 0n ? 0 : difference < 0n ? -1 : 1;
      expect(compareDecimals(first.text, second.text)).toBe(expected);
    }),
  );
});

test("a share is cut off toward zero, and of nothing there is none", () => {
  expect(shareOf("1", "3", 4)).toBe("0.3333");
  expect(shareOf("-1", "3", 2)).toBe("-0.33");
  expect(shareOf("0.5", "2", 4)).toBe("0.25");
  expect(shareOf("1", "0.00", 4)).toBe("");
});

test.each(["1e5", "+1", ".5", "1.", "", "0x10", " 1", "NaN", "1,5"])("%j is no decimal", (text) => {
  expect(isDecimal(text)).toBe(false);
  expect(() => sumDecimals([text])).toThrow();
});
