// Goal: a number of a frame becomes the steps that were written, or is refused; none is rounded to fit.
import { describe, expect, test } from "vitest";
import { SCAN, type Scale, scanLots, scanTicks } from "../../../../hotpath/core/decode/scan.ts";

/** Prices to 2 decimals in steps of 0.05; quantities to 3 decimals in steps of 0.025. */
const COARSE: Scale = { priceDecimals: 2, tickUnits: 5, quantityDecimals: 3, lotUnits: 25 };
/** Whole units, as texts near 2^53 need them. */
const WHOLE: Scale = { priceDecimals: 0, tickUnits: 1, quantityDecimals: 0, lotUnits: 1 };
const CENTS: Scale = { ...WHOLE, priceDecimals: 2 };

const out = new Float64Array(1);

/** Steps of a price in text, or why there are none. */
function ticksOf(text: string, scale: Scale): number {
  const end = scanTicks(new TextEncoder().encode(`${text}"`), 0, scale, out, 0);
  if (end < 0) return end;
  expect(end).toBe(text.length + 1);
  return out[0] ?? Number.NaN;
}

describe("a step that is coarser than its last digit", () => {
  test.each([
    ["0.05", 1],
    ["100.00", 2000],
    ["100", 2000],
    ["12345678901.05", 246_913_578_021],
  ])("%s is whole steps", (text, ticks) => {
    expect(ticksOf(text, COARSE)).toBe(ticks);
  });

  test.each(["0.01", "0.04", "100.03", "12345678901.01"])(
    "%s lies between two, and is refused",
    (text) => {
      expect(ticksOf(text, COARSE)).toBe(SCAN.offStep);
    },
  );

  test("holds for quantities too", () => {
    const bytes = new TextEncoder().encode('0.030"');
    expect(scanLots(bytes, 0, COARSE, out, 0)).toBe(SCAN.offStep);
    expect(scanLots(new TextEncoder().encode('0.050"'), 0, COARSE, out, 0)).toBe(6);
    expect(out[0]).toBe(2);
  });
});

describe("digits finer than the scale", () => {
  test.each(["1.001", "123456789012.001"])("%s is refused", (text) => {
    expect(ticksOf(text, CENTS)).toBe(SCAN.offStep);
  });

  test.each([
    ["1.230", 123],
    ["123456789012.340000", 12_345_678_901_234],
  ])("%s ends in zeros, which say nothing", (text, ticks) => {
    expect(ticksOf(text, CENTS)).toBe(ticks);
  });
});

describe("the largest number that is exact", () => {
  test.each([
    ["9007199254740991", WHOLE, Number.MAX_SAFE_INTEGER],
    ["90071992547409.91", CENTS, Number.MAX_SAFE_INTEGER],
  ] as const)("%s is read", (text, scale, ticks) => {
    expect(ticksOf(text, scale)).toBe(ticks);
  });

  test.each([
    ["9007199254740992", WHOLE],
    ["9007199254740993", WHOLE],
    ["90071992547409.92", CENTS],
    // Beyond it only by the digits that the scale adds.
    ["90071992547410", CENTS],
    ["90071992547409920", WHOLE],
  ] as const)("above it %s is refused", (text, scale) => {
    expect(ticksOf(text, scale)).toBe(SCAN.range);
  });
});
