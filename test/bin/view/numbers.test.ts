// Goal: a number keeps to few characters whatever its size, and never jumps a unit by rounding.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bytesText,
  countText,
  longCountText,
  runText,
  spanText,
} from "../../../bin/view/numbers.ts";

test.each([
  [0, "0.00 ms"],
  [21, "0.02 ms"],
  [9_990, "9.99 ms"],
  [9_996, "10.0 ms"],
  [99_960, "100 ms"],
  [802_000, "802 ms"],
  [999_600, "1.00 s"],
  [1_240_000, "1.24 s"],
  [9_996_000, "10.0 s"],
  [99_960_000, "2 min"],
  [3_600_000_000, "60 min"],
  [7_200_000_000, "2.0 h"],
  [-842, "-0.84 ms"],
  [Number.NaN, "-"],
  [Number.POSITIVE_INFINITY, "-"],
])("%d microseconds are %s", (us, text) => {
  expect(spanText(us)).toBe(text);
});

test.each([
  [0, "0"],
  [999, "999"],
  [1000, "1.0k"],
  [1234, "1.2k"],
  [99_949, "99.9k"],
  [99_950, "100k"],
  [999_499, "999k"],
  [999_500, "1.0M"],
  [12_345_678, "12.3M"],
  [5e15, "5000T"],
  [Number.NaN, "-"],
])("%d is %s", (count, text) => {
  expect(countText(count)).toBe(text);
});

describe("whatever the number", () => {
  test("a span of up to a year takes at most eight characters", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 31_536_000_000_000 }), (us) => {
        expect(spanText(us).length).toBeLessThanOrEqual(8);
      }),
    );
  });

  test("a count takes at most five characters up to a quadrillion", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_000_000_000_000 }), (count) => {
        expect(countText(count).length).toBeLessThanOrEqual(5);
      }),
    );
  });
});

test.each([
  [0, "00:00:00"],
  [4_327_000_000, "01:12:07"],
  [86_399_999_999, "23:59:59"],
  [90_061_000_000, "1d 01:01:01"],
  [-5, "00:00:00"],
])("%d microseconds of running are %s", (us, text) => {
  expect(runText(us)).toBe(text);
});

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1536, "1.5 KiB"],
  [67_108_864, "64.0 MiB"],
  [1.5 * 1024 ** 5, "1536.0 TiB"],
])("%d bytes are %s", (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test.each([
  [0, "0"],
  [999, "999"],
  [1_204_331, "1,204,331"],
  [1234, "1,234"],
])("%d is written %s", (count, text) => {
  expect(longCountText(count)).toBe(text);
});
