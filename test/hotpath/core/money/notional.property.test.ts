// Goal: ticks and lots become exact amounts, as fractions worked out independently say.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  amountToLots,
  isNotionalExact,
  lotsToAmount,
  notionalAmount,
  ticksToAmount,
} from "../../../../hotpath/core/money/notional.ts";

const ATTO = 10n ** 18n;

const scales = fc.record({
  priceDecimals: fc.integer({ min: 0, max: 12 }),
  tickUnits: fc.integer({ min: 1, max: 50 }),
  quantityDecimals: fc.integer({ min: 0, max: 12 }),
  lotUnits: fc.integer({ min: 1, max: 50 }),
});

describe("amounts of an instrument", () => {
  test("of lots, ticks and both are the fractions that they stand for", () => {
    const counts = fc.maxSafeNat();
    fc.assert(
      fc.property(scales, counts, counts, (scale, ticks, lots) => {
        // value = count * units / 10^decimals, compared crosswise.
        const price = BigInt(ticks) * BigInt(scale.tickUnits);
        const quantity = BigInt(lots) * BigInt(scale.lotUnits);
        const pricePer = 10n ** BigInt(scale.priceDecimals);
        const quantityPer = 10n ** BigInt(scale.quantityDecimals);
        expect(ticksToAmount(scale, ticks) * pricePer).toBe(price * ATTO);
        expect(lotsToAmount(scale, lots) * quantityPer).toBe(quantity * ATTO);
        const per = pricePer * quantityPer;
        const floor = notionalAmount(scale, ticks, lots, "floor");
        const ceil = notionalAmount(scale, ticks, lots, "ceil");
        const exact = price * quantity * ATTO;
        expect(floor * per <= exact && exact < (floor + 1n) * per).toBe(true);
        expect(ceil * per >= exact && exact > (ceil - 1n) * per).toBe(true);
        if (isNotionalExact(scale)) expect(floor).toBe(ceil);
      }),
      { numRuns: 20_000 },
    );
  });

  test("go back to the same lots in every direction, and next to them as named", () => {
    fc.assert(
      fc.property(scales, fc.integer({ min: 1, max: 2 ** 50 }), (scale, lots) => {
        const amount = lotsToAmount(scale, lots);
        for (const rounding of ["floor", "ceil", "halfEven"] as const) {
          expect(amountToLots(scale, amount, rounding)).toBe(lots);
        }
        expect(amountToLots(scale, amount - 1n, "floor")).toBe(lots - 1);
        expect(amountToLots(scale, amount + 1n, "ceil")).toBe(lots + 1);
      }),
      { numRuns: 5000 },
    );
  });

  test("that are no safe number of lots are a programmer's error", () => {
    const scale = { priceDecimals: 0, tickUnits: 1, quantityDecimals: 8, lotUnits: 1 };
    expect(() => amountToLots(scale, 10n ** 18n * 10n ** 9n, "floor")).toThrow("safe number");
  });
});
