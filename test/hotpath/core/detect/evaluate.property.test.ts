// Goal: what a cycle is said to earn equals an oracle in fractions, for every side pattern, fee and filter.
// Method: seeded triangles; each opportunity worked out again from its first leg. RECKONER_LONG=1 for more.
import { describe, expect, test } from "vitest";
import { Evaluator } from "../../../../hotpath/core/detect/evaluate.ts";
import {
  dustAmount,
  Evaluation,
  edgeFraction,
  feeAmount,
  paidAmount,
  profitAmount,
  receivedAmount,
} from "../../../../hotpath/core/detect/evaluation.ts";
import { seeded } from "../true-book.ts";
import { type Fraction, isAtMost, isLess, isSame, of, oracle, reserveOf, sub } from "./oracle.ts";
import { drawTriangle, type Triangle } from "./random-triangle.ts";

const COUNT = process.env.RECKONER_LONG === "1" ? 400_000 : 100_000;
const PER_PATTERN = COUNT / 8;
const ATTO = 10n ** 18n;

const LIMITS = {
  edgePpmMin: 0,
  edgePpmMax: 1_000_000,
  depthSharePpm: 1_000_000,
  levelsMax: 32,
};

const toFraction = (amount: bigint): Fraction => of(amount, ATTO);

/** What differs between an evaluation and the oracle's own; "" when nothing does. */
function difference(triangle: Triangle, into: Evaluation, edgePpmMin: number): string {
  const found = oracle(triangle.legs, into.lots[0] as number, edgePpmMin);
  if (found === undefined) return "below a minimum";
  for (let leg = 0; leg < 3; leg++) {
    if (into.lots[leg] !== found.lots[leg]) return `lots of leg ${leg}`;
    if (into.limitTicks[leg] !== found.limitTicks[leg]) return `limit of leg ${leg}`;
    const pairs: [string, bigint, Fraction | undefined][] = [
      ["paid", paidAmount(into, leg), found.paid[leg]],
      ["received", receivedAmount(into, leg), found.received[leg]],
      ["fee", feeAmount(into, leg), found.fees[leg]],
    ];
    for (const [name, amount, expected] of pairs) {
      if (expected === undefined || !isSame(toFraction(amount), expected))
        return `${name} of ${leg}`;
    }
    if (leg === 0) continue;
    const dust = sub(found.received[leg - 1] ?? of(0), found.paid[leg] ?? of(0));
    if (!isSame(toFraction(dustAmount(into, leg)), dust)) return `dust before ${leg}`;
    if (dust.n < 0n) return `leg ${leg} pays more than there is`;
  }
  // Values of fees elsewhere are rounded up to a unit of the first asset, two at most.
  const unit = of(2, 10n ** BigInt(into.terms?.decimals[0] ?? 0));
  const hasThird = triangle.legs.some(({ fee }) => fee.paidIn === "third");
  const off = sub(found.profit, toFraction(profitAmount(into)));
  if (hasThird ? off.n < 0n || !isLess(off, unit) : off.n !== 0n) return "profit";
  const { numerator, denominator } = edgeFraction(into);
  const edge = of(numerator, denominator);
  const paid = found.paid[0] ?? of(1);
  if (!isSame({ n: edge.n * paid.n, d: edge.d * paid.d }, toFraction(profitAmount(into)))) {
    return "edge";
  }
  if (isLess(found.surplus, of(0))) return "no surplus";
  const first = triangle.legs[0];
  if (first === undefined) return "no leg";
  const isCovered = isAtMost(
    reserveOf(first, found.lots[0] as number),
    toFraction(triangle.budget),
  );
  return isCovered ? "" : "budget exceeded";
}

describe.each([0, 1, 2, 3, 4, 5, 6, 7])("side pattern %d", (pattern) => {
  test("equals the oracle in every amount, fee, limit and remainder", () => {
    const random = seeded(1000 + pattern);
    const into = new Evaluation();
    const outcomes = new Map<string, number>();
    for (let i = 0; i < PER_PATTERN; i++) {
      const isDeep = i % 3 === 0;
      const triangle = drawTriangle(random, {
        pattern,
        levelLotsMax: isDeep ? 100_000 : 40,
        levelsMax: isDeep ? 8 : 4,
        filters: 0.2,
        isFine: i % 10 === 9,
      });
      const edgePpmMin = i % 4 === 0 ? 1500 : 0;
      const { detector, cycle, books, budgets } = triangle;
      const limits = { ...LIMITS, edgePpmMin };
      const evaluator = new Evaluator(detector);
      evaluator.evaluate(cycle, books, limits, budgets, into);
      const isGood = into.outcome === "opportunity";
      const name = isGood && into.isWide ? "wide opportunity" : into.outcome;
      outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
      const wrong = isGood ? difference(triangle, into, edgePpmMin) : "";
      if (wrong !== "") expect(`triangle ${i}: ${wrong}`).toBe("");
    }
    // A test that met none would prove nothing.
    expect(outcomes.get("opportunity") ?? 0).toBeGreaterThan(PER_PATTERN / 10);
    expect(outcomes.get("wide opportunity") ?? 0).toBeGreaterThan(10);
    expect(outcomes.get("belowEdge") ?? 0).toBeGreaterThan(PER_PATTERN / 20);
    expect(outcomes.get("belowMinimum") ?? 0).toBeGreaterThan(10);
  });
});
