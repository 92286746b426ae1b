// Goal: a resync is drawn in its stages, and bars of one page compare.
import { expect, test } from "vitest";
import { resyncLines } from "../../../bin/control/resync-lines.ts";

function resync(totalUs: number, stagesUs: Readonly<Record<string, number>>, more = {}) {
  return {
    atUs: 1_795_262_400_123_456,
    instrument: "kraken:BTC/USD",
    cause: "sequenceGap",
    epoch: 3,
    totalUs,
    stagesUs,
    ordersTouched: [],
    ...more,
  };
}

test("the longest resync is as wide as there is room, and stages share it by their time", () => {
  const [legend = "", day, long = "", short = ""] = resyncLines(
    [
      resync(100_000, { detect: 25_000, snapshot: 50_000, validate: 25_000 }),
      resync(50_000, { dial: 50_000 }),
    ],
    120,
  );
  expect(legend).toContain("all of it: 100.0 ms");
  expect(day).toBe("2026-11-21");
  const bar = long.slice(long.lastIndexOf(" ") + 1);
  expect(bar).toMatch(/^d+#+v+$/);
  expect(Math.abs(bar.split("#").length - 1 - bar.length / 2)).toBeLessThanOrEqual(1);
  const shortBar = short.slice(short.lastIndexOf(" ") + 1);
  expect(shortBar).toMatch(/^D+$/);
  expect(Math.abs(shortBar.length - bar.length / 2)).toBeLessThanOrEqual(1);
});

test("a stage that took next to nothing is seen, one that was not needed is not", () => {
  const [, , line = ""] = resyncLines(
    [resync(1_000_000, { detect: 999_999, rebuild: 1, dial: 0 })],
    80,
  );
  expect(line).toMatch(/d+r$/);
});

test("orders that were open meanwhile are told of; an unknown shape breaks nothing", () => {
  const [, , line] = resyncLines(
    [resync(1000, { detect: 1000 }, { ordersTouched: ["a", "b"] })],
    100,
  );
  expect(line).toContain("2 orders touched");
  expect(resyncLines([{}], 80)).toHaveLength(2);
  expect(resyncLines([], 80)).toEqual(["nothing"]);
});
