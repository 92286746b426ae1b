// Goal: what is normal for a book is the mean, move, volatility and spread of its own last seconds, with quiet
// seconds counted at the price they stood at. Method: seeded walks against a naive second-by-second record.
import { describe, expect, test } from "vitest";
import { emptyReferenceReading, References } from "../../../../hotpath/core/risk/reference.ts";
import { seeded } from "../true-book.ts";
import { NOON_US } from "./bench.ts";

const S = 1_000_000;

type Seen = { readonly atUs: number; readonly sum: number };

/** The price that a second ended with, for every second from the first seen until before `nowUs`. */
function closes(seen: readonly Seen[], nowUs: number): number[] {
  const first = Math.floor((seen[0]?.atUs ?? 0) / S);
  const prices: number[] = [];
  for (let second = first; second < Math.floor(nowUs / S); second++) {
    prices.push(seen.findLast(({ atUs }) => atUs < (second + 1) * S)?.sum ?? Number.NaN);
  }
  return prices;
}

describe("a reference", () => {
  test.each(Array.from({ length: 12 }, (_, seed) => seed))(
    "is the mean of the last sixty closes: seed %d",
    (seed) => {
      const chance = seeded(seed);
      const references = new References(2);
      const reading = emptyReferenceReading();
      const seen: Seen[] = [];
      let nowUs = NOON_US;
      let mid = 100_000;
      for (let i = 0; i < 300; i++) {
        nowUs += Math.floor(chance() * (chance() < 0.05 ? 90 * S : S));
        if (chance() < 0.7) {
          mid += Math.floor(chance() * 21) - 10;
          references.observe(1, mid - 3, mid + 4, nowUs);
          seen.push({ atUs: nowUs, sum: 2 * mid + 1 });
        }
        references.read(1, nowUs, reading);
        const last60 = seen.length === 0 ? [] : closes(seen, nowUs).slice(-60);
        if (last60.length === 0) expect(reading.meanSumTicks).toBeNaN();
        else {
          const mean = last60.reduce((sum, each) => sum + each, 0) / last60.length;
          expect(reading.meanSumTicks).toBeCloseTo(mean, 6);
        }
      }
    },
  );

  test("is not known before a book was seen, nor from a book without a price", () => {
    const references = new References(1);
    const reading = emptyReferenceReading();
    references.read(0, NOON_US, reading);
    expect([reading.meanSumTicks, reading.jump]).toEqual([Number.NaN, Number.NaN]);
    references.observe(0, Number.NaN, 5, NOON_US);
    references.observe(0, 0, 0, NOON_US);
    references.read(0, NOON_US + S, reading);
    expect(reading.meanSumTicks).toBeNaN();
    references.observe(0, 99, 101, NOON_US + S);
    references.read(0, NOON_US + S, reading);
    expect(reading.jump).toBeNaN();
    references.read(0, NOON_US + 2 * S, reading);
    expect([reading.meanSumTicks, reading.jump]).toEqual([200, 0]);
  });

  test("sees a move for as long as it lies within the last whole second and this one", () => {
    const references = new References(1);
    const reading = emptyReferenceReading();
    references.observe(0, 999, 1001, NOON_US);
    references.observe(0, 1099, 1101, NOON_US + 1.5 * S);
    references.read(0, NOON_US + 1.6 * S, reading);
    expect(reading.jump).toBeCloseTo(200 / 2200, 9);
    references.read(0, NOON_US + 2.9 * S, reading);
    expect(reading.jump).toBeCloseTo(200 / 2200, 9);
    references.read(0, NOON_US + 3 * S, reading);
    expect(reading.jump).toBe(0);
  });

  test("sees a move there and back within one second", () => {
    const references = new References(1);
    const reading = emptyReferenceReading();
    references.observe(0, 999, 1001, NOON_US);
    references.observe(0, 1049, 1051, NOON_US + S);
    references.observe(0, 999, 1001, NOON_US + S + 1);
    references.read(0, NOON_US + S + 2, reading);
    expect(reading.jump).toBeCloseTo(0.05, 9);
  });

  test("knows what is usual after thirty seconds, and calls no small move unusual", () => {
    const references = new References(1);
    const reading = emptyReferenceReading();
    for (let second = 0; second <= 29; second++) {
      references.observe(0, 999_999, 1_000_001, NOON_US + second * S);
    }
    references.observe(0, 1_009_999, 1_010_001, NOON_US + 29.5 * S);
    references.read(0, NOON_US + 29.6 * S, reading);
    expect(reading.jumpSigmas).toBe(0);
    references.read(0, NOON_US + 30.1 * S, reading);
    expect(reading.jumpSigmas).toBeGreaterThan(5);
    references.observe(0, 1_012_000, 1_013_000, NOON_US + 32.1 * S);
    references.read(0, NOON_US + 32.2 * S, reading);
    expect(reading.jump).toBeLessThan(0.003);
    expect(reading.jumpSigmas).toBe(0);
  });

  test("calls a spread that has grown unrest", () => {
    const references = new References(1);
    const reading = emptyReferenceReading();
    for (let second = 0; second < 60; second++) {
      references.observe(0, 9999, 10_001, NOON_US + second * S);
    }
    references.read(0, NOON_US + 60 * S, reading);
    expect(reading.unrest).toBe(0);
    for (let second = 60; second < 66; second++) {
      references.observe(0, 9800, 10_200, NOON_US + second * S);
    }
    references.read(0, NOON_US + 66 * S, reading);
    expect(reading.unrest).toBeGreaterThan(20);
  });

  test("of a book that was forgotten begins anew", () => {
    const references = new References(1);
    const reading = emptyReferenceReading();
    for (let second = 0; second < 70; second++) {
      references.observe(0, 999, 1001, NOON_US + second * S);
    }
    references.forget(0);
    references.read(0, NOON_US + 70 * S, reading);
    expect(reading.meanSumTicks).toBeNaN();
    references.observe(0, 99, 101, NOON_US + 70 * S);
    references.read(0, NOON_US + 75 * S, reading);
    expect([reading.meanSumTicks, reading.jump]).toEqual([200, 0]);
  });

  test("asserts that time does not run backwards", () => {
    const references = new References(1);
    references.observe(0, 99, 101, NOON_US);
    expect(() => references.observe(0, 99, 101, NOON_US - S)).toThrow(/backwards/);
  });
});
