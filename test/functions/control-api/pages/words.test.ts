// Goal: what is shown has its unit and its sign, and foreign values become nothing rather than something wrong.
import { describe, expect, test } from "vitest";
import { columnHeight, stageParts } from "../../../../functions/control-api/pages/stages.ts";
import { basisPointSteps, cycleSpans } from "../../../../functions/control-api/pages/waterfall.ts";
import {
  agoText,
  amountsText,
  clockText,
  countText,
  durationText,
  numberOf,
  rowOf,
  rowsOf,
  textOf,
  timeText,
  wordsOf,
} from "../../../../functions/control-api/pages/words.ts";
import { START_US } from "../memory-ports.ts";

const S = 1_000_000;

describe("spans of time", () => {
  test.each([
    [0, "0 µs"],
    [999, "999 µs"],
    [-1_280, "-1.28 ms"],
    [99_990, "99.99 ms"],
    [999_400, "999 ms"],
    [1_234_000, "1.23 s"],
    [60 * S, "1 min"],
    [200 * S, "3 min 20 s"],
    [7_500 * S, "2 h 5 min"],
    [-7_500 * S, "-2 h 5 min"],
    [3 * 86_400 * S, "3 d"],
  ])("%d µs is %s", (us, text) => {
    expect(durationText(us)).toBe(text);
  });

  test.each([
    [START_US, "just now"],
    [START_US - 29_940_000, "29 s ago"],
    [START_US - 3_700 * S, "1 h 1 min ago"],
    [START_US + 5 * S, "in the future"],
  ])("%d is %s", (us, text) => {
    expect(agoText(us, START_US)).toBe(text);
  });
});

test("times are UTC; what is no time is nothing", () => {
  expect(timeText(START_US + 123_456)).toBe("2026-11-21 12:00:00.123");
  expect(clockText(START_US + 123_456)).toBe("12:00:00.123456");
  for (const us of [0, -1, 1.5, Number.NaN, 9e15]) expect(timeText(us) + clockText(us)).toBe("");
});

test("foreign values are text, numbers or nothing", () => {
  const row = rowOf({ a: "1", b: 2, c: null, d: { e: 1 }, f: Number.NaN });
  expect([textOf(row, "a"), textOf(row, "c"), textOf(row, "x"), textOf(row, "d")]).toEqual([
    "1",
    "",
    "",
    '{"e":1}',
  ]);
  expect([numberOf(row, "a"), numberOf(row, "b"), numberOf(row, "f")]).toEqual([0, 2, 0]);
  expect([rowOf([1]), rowOf(null), rowsOf({ length: 3 }), rowsOf([1])]).toEqual([{}, {}, [], [{}]]);
  expect(amountsText({ USDT: "0.06", BNB: "1" })).toBe("0.06 USDT, 1 BNB");
  expect(countText(1_234_567)).toBe("1\u202f234\u202f567");
  expect(wordsOf("noMarketFlow")).toBe("no market flow");
});

describe("drawings", () => {
  test("stages follow one another, and those that were not needed are left out", () => {
    const parts = stageParts({ stagesUs: { detect: 10, dial: 0, snapshot: 5, validate: 1 } });
    expect(parts).toEqual([
      { stage: "detect", fromUs: 0, us: 10 },
      { stage: "snapshot", fromUs: 10, us: 5 },
      { stage: "validate", fromUs: 15, us: 1 },
    ]);
  });

  test("a column grows with each factor of ten and stays in its lane", () => {
    const heights = [1, 1_000, 10_000, 1_000_000, 1e12].map(columnHeight);
    expect(heights).toEqual([...heights].sort((a, b) => a - b));
    expect(heights[0]).toBe(heights[1]);
    expect(heights.at(-1)).toBeLessThan(30);
  });

  test("moments that never came, and fills before their acknowledgment, take no time", () => {
    const leg = { leg: 0, firedUs: 20, ackUs: 0, fillUs: 35, endUs: 30 };
    expect(cycleSpans({ signalUs: 10, legs: [leg] })).toEqual([
      { name: "leg 1 decided and sent", kind: "decide", fromUs: 10, toUs: 20 },
      { name: "leg 1 filled", kind: "fill", fromUs: 20, toUs: 35 },
    ]);
    expect(cycleSpans({ signalUs: 0, legs: [] })).toEqual([]);
  });

  test("each loss of basis points begins where the one before it ended", () => {
    const attribution = { gross: "8", spread: "1", fees: "3", latency: "2" };
    const steps = basisPointSteps({ attribution, effectiveBps: "2" });
    expect(steps.map(({ from, to }) => [from, to])).toEqual([
      [0, 8],
      [8, 7],
      [7, 4],
      [4, 2],
      [0, 2],
    ]);
    expect(basisPointSteps({ attribution: {} })).toEqual([]);
  });
});
