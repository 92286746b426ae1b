// Goal: quantiles of windows are right to 3 %, against sorting the values themselves.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Histogram } from "../../../hotpath/io/histogram.ts";

function exact(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

describe("a histogram", () => {
  test("gives each quantile within a bucket of the sorted values", () => {
    const values = fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), {
      minLength: 1,
      maxLength: 300,
    });
    fc.assert(
      fc.property(values, (all) => {
        const histogram = new Histogram();
        for (const value of all) histogram.record(value);
        const window = histogram.takeWindow();
        expect(window.count).toBe(all.length);
        expect(window.maxUs).toBe(Math.max(...all));
        for (const [share, found] of [
          [0.5, window.p50Us],
          [0.99, window.p99Us],
        ] as const) {
          const wanted = exact(all, share);
          expect(found).toBeGreaterThanOrEqual(wanted);
          expect(found).toBeLessThanOrEqual(wanted * 1.04 + 1);
        }
      }),
      { seed: 7 },
    );
  });

  test("counts small values exactly", () => {
    const histogram = new Histogram();
    for (let us = 0; us < 64; us++) histogram.record(us);
    expect(histogram.takeWindow()).toMatchObject({ p50Us: 31, p99Us: 63, maxUs: 63 });
  });

  test("starts each window anew", () => {
    const histogram = new Histogram();
    histogram.record(1000);
    histogram.takeWindow();
    histogram.record(10);
    expect(histogram.takeWindow()).toMatchObject({ count: 1, p50Us: 10, maxUs: 10 });
    expect(histogram.takeWindow()).toMatchObject({ count: 0, p50Us: 0, p99Us: 0, maxUs: 0 });
  });

  test("keeps what is negative, fractional or too long within its bounds", () => {
    const histogram = new Histogram();
    for (const us of [-5, 3.7, 2 ** 40]) histogram.record(us);
    expect(histogram.takeWindow()).toMatchObject({ count: 3, p50Us: 3, maxUs: 2 ** 31 - 1 });
  });
});
