// Goal: the chosen size is never worse than the best of all sizes by more than one step.
// Method: every size of the first leg, worked out by the oracle. A step is one lot of the leg whose lots
// are worth most; RECKONER_LONG=1 for more.
import { describe, expect, test } from "vitest";
import { Evaluator } from "../../../../hotpath/core/detect/evaluate.ts";
import { Evaluation } from "../../../../hotpath/core/detect/evaluation.ts";
import { seeded } from "../true-book.ts";
import { type Fraction, lotsCovered, type OracleLeg, of, oracle } from "./oracle.ts";
import { drawTriangle, type Triangle } from "./random-triangle.ts";

const COUNT = process.env.RECKONER_LONG === "1" ? 100_000 : 10_000;
const ATTO = 10n ** 18n;

/** A fraction as a double, for distances only. */
const toNumber = ({ n, d }: Fraction): number => Number((n * 10n ** 24n) / d) / 1e24;

/** The largest surplus of all sizes, in units of the first asset; 0 when none has any. */
function bestOfAll({ legs, budget }: Triangle, edgePpmMin: number): number {
  const first = legs[0] as OracleLeg;
  const most = lotsCovered(first, of(budget, ATTO));
  let best = 0;
  for (let lots = 1; lots <= most; lots++) {
    const found = oracle(legs, lots, edgePpmMin);
    if (found !== undefined) best = Math.max(best, toNumber(found.surplus));
  }
  return best;
}

/** Value of the most valuable lot of the three legs, in the first asset. */
function stepOf(legs: readonly OracleLeg[]): number {
  let carried = 1;
  let most = 0;
  for (const { isBuy, tick, lot, levels } of legs) {
    const price = toNumber(tick) * (levels[0]?.[0] ?? 0);
    const given = toNumber(lot) * (isBuy ? price : 1);
    most = Math.max(most, given / carried);
    carried *= isBuy ? 1 / price : price;
  }
  return most;
}

const SHAPE = {
  levelsMax: 3,
  filters: 0.15,
  isFine: false,
  isEven: true,
  gainMax: 0.2,
};

/** By how many steps the chosen sizes fall short, smallest first; cycles that nobody enters left out. */
function shortfalls(seed: number, count: number, levelLotsMax: number): number[] {
  const random = seeded(seed);
  const into = new Evaluation();
  const found: number[] = [];
  for (let i = 0; i < count; i++) {
    const triangle = drawTriangle(random, { ...SHAPE, levelLotsMax, pattern: i % 8 });
    const edgePpmMin = i % 4 === 0 ? 1500 : 0;
    const limits = { edgePpmMin, edgePpmMax: 1e6, depthSharePpm: 1e6, levelsMax: 32 };
    const { detector, cycle, books, budgets, legs } = triangle;
    const isGood = new Evaluator(detector).evaluate(cycle, books, limits, budgets, into);
    const best = bestOfAll(triangle, edgePpmMin);
    const mine = isGood ? into.surplus / 10 ** (into.terms?.decimals[0] ?? 0) : 0;
    if (best > 0 || mine > 0) found.push((best - mine) / stepOf(legs));
  }
  return found.sort((a, b) => a - b);
}

describe("the size of a cycle", { timeout: 600_000 }, () => {
  test.each([
    ["a few lots", 20_261_121, COUNT, 25],
    ["some hundred lots", 7, COUNT / 5, 250],
  ] as const)("of %s is the best of all sizes, or less than a step from it", (...row) => {
    const [, seed, count, levelLotsMax] = row;
    const found = shortfalls(seed, count, levelLotsMax);
    expect(found.length).toBeGreaterThan(count / 10);
    // Mostly it is the very best; the rest differ by what whole lots of the other legs round away.
    expect(found[Math.floor(found.length / 2)]).toBeLessThan(1e-6);
    expect(found[Math.floor(found.length * 0.9)]).toBeLessThan(0.1);
    expect(found.at(-1)).toBeLessThan(1);
  });
});
