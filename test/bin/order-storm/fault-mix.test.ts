// Goal: every round has faults of every family, five to ten percent of the orders, the same for the same seed.
import { describe, expect, test } from "vitest";
import { drawFaultMix } from "../../../bin/order-storm/fault-mix.ts";
import {
  CANCEL_FAULT_KINDS,
  isStateFault,
  PLACE_FAULT_KINDS,
  QUERY_FAULT_KINDS,
  STREAM_FAULT_KINDS,
  TRADING_FAULT_KINDS,
  type TradingFaultRates,
} from "../../../local/venues/exchange/faults.ts";
import { Random } from "../../../local/venues/market/random.ts";
import { ratesSchema } from "../../../local/venues/trading-plan.ts";

function sumOf(rates: TradingFaultRates, kinds: readonly (keyof TradingFaultRates)[]): number {
  return kinds.reduce((sum, kind) => sum + (rates[kind] ?? 0), 0);
}

describe("a mix", () => {
  const random = new Random(5, "test");
  const mixes = Array.from({ length: 500 }, () => drawFaultMix(random));

  test("lets five to ten percent of the orders go wrong, and a tenth of all else", () => {
    for (const rates of mixes) {
      expect(ratesSchema.safeParse(rates).success).toBe(true);
      const share = sumOf(rates, PLACE_FAULT_KINDS);
      expect(share).toBeGreaterThanOrEqual(0.05 - 1e-12);
      expect(share).toBeLessThanOrEqual(0.1 + 1e-12);
      for (const family of [CANCEL_FAULT_KINDS, STREAM_FAULT_KINDS, QUERY_FAULT_KINDS]) {
        expect(sumOf(rates, family)).toBeCloseTo(0.1, 9);
      }
      expect(Object.keys(rates).filter((kind) => isStateFault(kind as never))).toHaveLength(1);
    }
  });

  test("draws every kind sooner or later, but the one that nothing can settle", () => {
    const drawn = new Set(mixes.flatMap((rates) => Object.keys(rates)));
    const all = TRADING_FAULT_KINDS.filter((kind) => kind !== "duplicateFillNewId");
    expect([...drawn].sort()).toEqual([...all].sort());
  });

  test("is the same for the same seed", () => {
    const again = new Random(5, "test");
    expect(drawFaultMix(again)).toEqual(mixes[0]);
  });
});
