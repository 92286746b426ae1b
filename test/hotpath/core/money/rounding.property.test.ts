// Goal: rounding goes where its name says, below zero too, and an exact multiple never loses a step.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAmount } from "../../../../hotpath/core/money/amount.ts";
import { divideRounded, roundToStep } from "../../../../hotpath/core/money/rounding.ts";

const amounts = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
const steps = fc.bigInt({ min: 1n, max: 10n ** 20n });

describe("rounding to a step", () => {
  test.each([
    ["floor", 7n, 2n, 3n],
    ["floor", -7n, 2n, -4n],
    ["ceil", 7n, 2n, 4n],
    ["ceil", -7n, 2n, -3n],
    ["halfEven", 5n, 2n, 2n],
    ["halfEven", 7n, 2n, 4n],
    ["halfEven", -5n, 2n, -2n],
    ["halfEven", -7n, 2n, -4n],
    ["halfEven", 5n, 3n, 2n],
    ["halfEven", 4n, 3n, 1n],
    ["halfEven", -4n, 3n, -1n],
  ] as const)("%s of %d / %d is %d", (rounding, amount, divisor, expected) => {
    expect(divideRounded(amount, divisor, rounding)).toBe(expected);
  });

  test("leaves every exact multiple alone, in every direction", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), steps, (count, step) => {
        for (const rounding of ["floor", "ceil", "halfEven"] as const) {
          expect(roundToStep(count * step, step, rounding)).toBe(count * step);
        }
      }),
      { numRuns: 5000 },
    );
  });

  test("keeps all 400 multiples of 0.01 from 0.01 to 4.00, where doubles lose half", () => {
    const step = parseAmount("0.01") ?? 0n;
    for (let i = 1; i <= 400; i++) {
      const text = `${Math.floor(i / 100)}.${String(i % 100).padStart(2, "0")}`;
      const amount = parseAmount(text) ?? -1n;
      expect(roundToStep(amount, step, "floor")).toBe(amount);
      expect(divideRounded(amount, step, "floor")).toBe(BigInt(i));
    }
  });

  test("is never further than a step away, half a step for the nearest", () => {
    fc.assert(
      fc.property(amounts, steps, (amount, step) => {
        const floor = roundToStep(amount, step, "floor");
        const ceil = roundToStep(amount, step, "ceil");
        const nearest = roundToStep(amount, step, "halfEven");
        expect(floor <= amount && amount < floor + step).toBe(true);
        expect(ceil >= amount && amount > ceil - step).toBe(true);
        const away = nearest > amount ? nearest - amount : amount - nearest;
        expect(2n * away <= step).toBe(true);
        if (2n * away === step) expect((nearest / step) % 2n).toBe(0n);
      }),
      { numRuns: 5000 },
    );
  });

  test("a divisor that is not positive is a programmer's error", () => {
    expect(() => divideRounded(1n, 0n, "floor")).toThrow("a divisor is positive");
  });
});
