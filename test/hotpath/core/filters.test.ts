// Goal: an order is told which filter of the venue it violates, one step on either side of each bound.
import { describe, expect, test } from "vitest";
import { boundsOf, checkFilters, type OrderShape } from "../../../hotpath/core/filters.ts";
import {
  type Instrument,
  type InstrumentRules,
  instrumentOf,
  NO_FILTERS,
  type OrderFilters,
  refreshInstrument,
} from "../../../hotpath/core/instrument.ts";
import { seeded } from "./true-book.ts";

function made(filters: Partial<OrderFilters>, change: Partial<InstrumentRules> = {}): Instrument {
  const rules = { id: "binance-spot:X", venue: "binance-spot", symbol: "X" } as const;
  const steps = { tickSize: "0.05", lotSize: "0.002" };
  const all = { ...NO_FILTERS, ...filters };
  const instrument = instrumentOf({ ...rules, ...steps, filters: all, ...change }, 0);
  if (instrument === undefined) throw new Error("the steps are decimals");
  return instrument;
}

const order = (priceTicks: number, lots: number, rest: Partial<OrderShape> = {}): OrderShape => ({
  side: "buy",
  priceTicks,
  lots,
  ...rest,
});

describe("a filter", () => {
  // 0.05 is a tick and 0.002 a lot: 10 ticks are 0.5, 10 lots 0.02, ten of each a notional of 0.01.
  test.each([
    [{ priceMin: "0.50" }, order(10, 1), order(9, 1), "priceMin"],
    [{ priceMin: "0.51" }, order(11, 1), order(10, 1), "priceMin"],
    [{ priceMax: "0.50" }, order(10, 1), order(11, 1), "priceMax"],
    [{ priceMax: "0.54" }, order(10, 1), order(11, 1), "priceMax"],
    [{ quantityMin: "0.020" }, order(1, 10), order(1, 9), "quantityMin"],
    [{ quantityMin: "0.021" }, order(1, 11), order(1, 10), "quantityMin"],
    [{ quantityMax: "0.02" }, order(1, 10), order(1, 11), "quantityMax"],
    [{ notionalMin: "0.01" }, order(10, 10), order(9, 11), "notionalMin"],
    [{ notionalMin: "0.01001" }, order(101, 1), order(100, 1), "notionalMin"],
    [{ notionalMax: "0.01" }, order(10, 10), order(101, 1), "notionalMax"],
    [{}, order(1, 1), order(0, 1), "priceMin"],
    [{}, order(1, 1), order(1, 0), "quantityMin"],
    [{}, order(1, 1), order(Number.NaN, 1), "priceMin"],
    [{}, order(1, 1), order(1, Number.NaN), "quantityMin"],
  ] as const)("%j lets its bound pass, and not the step beyond", (filters, good, bad, name) => {
    const instrument = made(filters);
    expect(checkFilters(instrument, good, 0)).toBeUndefined();
    expect(checkFilters(instrument, bad, 0)).toBe(name);
  });

  test("of percent prices binds each side to its own multiples of the reference", () => {
    const bands = {
      buyPriceUp: "1.2",
      buyPriceDown: "0.5",
      sellPriceUp: "2",
      sellPriceDown: "0.85",
    };
    const instrument = made(bands);
    const at = (ticks: number, side: "buy" | "sell", reference = 101): string | undefined =>
      checkFilters(instrument, order(ticks, 1, { side }), reference);
    // 101 x 1.2 is 121.2, x 0.5 is 50.5, x 0.85 is 85.85.
    expect([at(121, "buy"), at(122, "buy")]).toEqual([undefined, "percentPrice"]);
    expect([at(51, "buy"), at(50, "buy")]).toEqual([undefined, "percentPrice"]);
    expect([at(202, "sell"), at(203, "sell")]).toEqual([undefined, "percentPrice"]);
    expect([at(86, "sell"), at(85, "sell")]).toEqual([undefined, "percentPrice"]);
    expect(at(9999, "buy", 0)).toBeUndefined();
  });

  test("that is zero or absent demands nothing, as the venue defines it", () => {
    const none = { priceMax: "0", quantityMax: "0.00000000", notionalMax: "0", buyPriceUp: "0" };
    expect(checkFilters(made(none), order(1e6, 1e9), 5)).toBeUndefined();
  });

  test.each(["abc", "-1", "1e-8", "0.0000000000000000001"])("of %j stops every order", (text) => {
    expect(checkFilters(made({ quantityMin: text }), order(1, 1), 0)).toBe("unreadable");
    expect(checkFilters(made({ sellPriceUp: text }), order(1, 1), 0)).toBe("unreadable");
  });

  test("of market orders binds those only", () => {
    const instrument = made({ marketQuantityMin: "0.004", marketQuantityMax: "0.02" });
    expect(checkFilters(instrument, order(1, 1), 0)).toBeUndefined();
    const market = { isMarket: true };
    expect(checkFilters(instrument, order(1, 1, market), 0)).toBe("quantityMin");
    expect(checkFilters(instrument, order(1, 2, market), 0)).toBeUndefined();
    expect(checkFilters(instrument, order(1, 11, market), 0)).toBe("quantityMax");
  });

  test.each([
    ["trading", false, undefined],
    ["trading", true, undefined],
    ["limitOnly", false, undefined],
    ["limitOnly", true, "status"],
    ["postOnly", false, "status"],
    ["reduceOnly", false, "status"],
    ["cancelOnly", false, "status"],
    ["halted", false, "status"],
  ] as const)("of status %s with a market order %s", (status, isMarket, expected) => {
    expect(checkFilters(made({}, { status }), order(1, 1, { isMarket }), 0)).toBe(expected);
  });
});

describe("the notional", () => {
  test("is compared exactly although ticks times lots may be rounded", () => {
    const random = seeded(5);
    let violations = 0;
    for (let i = 0; i < 20_000; i++) {
      const ticks = 1 + Math.floor(random() * 2 ** (6 + random() * 20));
      const lots = 1 + Math.floor(random() * 2 ** (6 + random() * 20));
      // The bound is at most two steps away from the order itself: 0.05 x 0.002 is a step of 0.0001.
      const steps = BigInt(ticks) * BigInt(lots) + BigInt(Math.floor(random() * 5) - 2);
      const digits = steps.toString().padStart(5, "0");
      const text = `${digits.slice(0, -4)}.${digits.slice(-4)}`;
      const exact = BigInt(ticks) * BigInt(lots);
      const least = checkFilters(made({ notionalMin: text }), order(ticks, lots), 0);
      expect(least).toBe(exact < steps ? "notionalMin" : undefined);
      const most = checkFilters(made({ notionalMax: text }), order(ticks, lots), 0);
      expect(most).toBe(exact > steps ? "notionalMax" : undefined);
      if (most !== undefined) violations++;
    }
    expect(violations).toBeGreaterThan(1000);
  });

  test("beyond 2^53 steps may deny what is next to the bound and lets nothing pass it", () => {
    // The bound, 2^60 + 1 steps of 0.0001, is no double.
    const digits = (2n ** 60n + 1n).toString();
    const text = `${digits.slice(0, -4)}.${digits.slice(-4)}`;
    const most = made({ notionalMax: text });
    expect(checkFilters(most, order(2 ** 30, 2 ** 30 - 1), 0)).toBeUndefined();
    expect(checkFilters(most, order(2 ** 30, 2 ** 30), 0)).toBe("notionalMax");
    expect(checkFilters(most, order(2 ** 30, 2 ** 30 + 1), 0)).toBe("notionalMax");
    const least = made({ notionalMin: text });
    expect(checkFilters(least, order(2 ** 30, 2 ** 30 + 1), 0)).toBeUndefined();
    expect(checkFilters(least, order(2 ** 30, 2 ** 30), 0)).toBe("notionalMin");
  });
});

describe("rules refreshed while the engine runs", () => {
  test("are a new value with bounds of its own, and the old value keeps the old", () => {
    const old = made({ quantityMin: "0.002" }, { rulesUs: 5 });
    const before = boundsOf(old);
    const filters = { ...NO_FILTERS, quantityMin: "0.02" };
    const fresh = refreshInstrument(old, { filters, status: "halted", rulesUs: 6 });
    expect(boundsOf(old)).toBe(before);
    expect([boundsOf(old).lotsMin, boundsOf(fresh).lotsMin]).toEqual([1, 10]);
    expect([old.status, fresh.status]).toEqual(["trading", "halted"]);
    expect([old.rulesUs, fresh.rulesUs]).toEqual([5, 6]);
    expect(fresh.tickSize).toBe(old.tickSize);
  });

  test("are never replaced by older ones", () => {
    const old = made({}, { rulesUs: 5 });
    const rules = { filters: NO_FILTERS, status: "trading", rulesUs: 4 } as const;
    expect(() => refreshInstrument(old, rules)).toThrow("newer ones only");
  });
});
