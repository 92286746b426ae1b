// Goal: ticks and lots become exact amounts, as fractions worked out independently say.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  isNotionalExact,
  lotsToAmount,
  notionalAmount,
} from "../../../../hotpath/core/money/notional.ts";

const ATTO = 10n ** 18n;

const scales = fc.record({
  priceDecimals: fc.integer({ min: 0, max: 12 }),
  tickUnits: fc.integer({ min: 1, max: 50 }),
  quantityDecimals: fc.integer({ min: 0, max: 12 }),
  lotUnits: fc.integer({ min: 1, max: 50 }),
});

describe("amounts of an instrument", () => {
  test("of lots, and of ticks times lots, are the fractions that they stand for", () => {
    const counts = fc.maxSafeNat();
    fc.assert(
      fc.property(scales, counts, counts, (scale, ticks, lots) => {
        // value = count * units / 10^decimals, compared crosswise.
        const price = BigInt(ticks) * BigInt(scale.tickUnits);
        const quantity = BigInt(lots) * BigInt(scale.lotUnits);
        const pricePer = 10n ** BigInt(scale.priceDecimals);
        const quantityPer = 10n ** BigInt(scale.quantityDecimals);
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
});
