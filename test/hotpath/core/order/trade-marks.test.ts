// Goal: a bounded memory forgets no trade that it would count again.
import { describe, expect, test } from "vitest";
import { TradeMarks } from "../../../../hotpath/core/order/trade-marks.ts";
import { seeded } from "./fixture.ts";

describe("the memory of trades", () => {
  test("follows the readings at a distance", () => {
    const marks = new TradeMarks({ countMax: 10, keepUs: 100 });
    marks.mark("a", 1_000);
    marks.mark("b", 1_100);
    marks.raiseHorizon(1_050);
    expect([marks.horizonUs, marks.count]).toEqual([950, 2]);
    marks.raiseHorizon(1_150);
    expect([marks.horizonUs, marks.has("a"), marks.has("b")]).toEqual([1_050, false, true]);
    expect(marks.isBeforeHorizon(1_000)).toBe(true);
    marks.raiseHorizon(500);
    expect(marks.horizonUs).toBe(1_050);
  });

  test("refuses to mark twice, or before its horizon", () => {
    const marks = new TradeMarks({ countMax: 10, keepUs: 0 });
    marks.mark("a", 10);
    expect(() => marks.mark("a", 10)).toThrow(/once/);
    marks.startAt(20);
    expect(() => marks.mark("b", 19)).toThrow(/horizon/);
  });

  test("stays within its size and counts each trade once, whatever comes again", () => {
    const marks = new TradeMarks({ countMax: 50, keepUs: 1_000 });
    const chance = seeded(3);
    const counted = new Map<number, number>();
    for (let i = 0; i < 20_000; i++) {
      // Trades of the last while, again and again, and now and then a very old one.
      const trade = Math.max(0, i - Math.floor(chance() * (chance() < 0.1 ? 5_000 : 40)));
      const key = String(trade);
      if (!marks.has(key) && !marks.isBeforeHorizon(trade)) {
        marks.mark(key, trade);
        counted.set(trade, (counted.get(trade) ?? 0) + 1);
      }
      expect(marks.count).toBeLessThanOrEqual(50);
    }
    expect(marks.forcedCount).toBeGreaterThan(100);
    expect(Math.max(...counted.values())).toBe(1);
  });
});
