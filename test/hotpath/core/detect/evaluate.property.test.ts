// Goal: what a cycle is said to earn equals an oracle in fractions, for every side pattern, fee and filter.
// Method: seeded triangles; each opportunity worked out again from its first leg. RECKONER_LONG=1 for more.
import { describe, expect, test } from "vitest";
import { Evaluator } from "../../../../hotpath/core/detect/evaluate.ts";
import {
  averagePrice,
  dustAmount,
  Evaluation,
  edgeFraction,
  feeAmount,
  paidAmount,
  profitAmount,
  receivedAmount,
} from "../../../../hotpath/core/detect/evaluation.ts";
import { seeded } from "../true-book.ts";
import {
  type Fraction,
  isAtMost,
  isLess,
  isSame,
  mul,
  type OracleLeg,
  type OracleResult,
  of,
  oracle,
  quoteOf,
  reserveOf,
  sub,
} from "./oracle.ts";
import { drawTriangle, type Triangle, type TriangleShape } from "./random-triangle.ts";

const COUNT = process.env.RECKONER_LONG === "1" ? 400_000 : 100_000;
const PER_PATTERN = COUNT / 8;
const ATTO = 10n ** 18n;

const LIMITS = {
  edgePpmMin: 0,
  edgePpmMax: 1_000_000,
  depthSharePpm: 1_000_000,
  levelsMax: 32,
};

const ONE = of(1);
/** Equals no amount of a leg. */
const NONE = of(-1);

const toFraction = (amount: bigint): Fraction => of(amount, ATTO);

/** What differs between an evaluation and the oracle's own; "" when nothing does. */
function difference(triangle: Triangle, into: Evaluation, edgePpmMin: number): string {
  const found = oracle(triangle.legs, into.lots[0] as number, edgePpmMin);
  const first = triangle.legs[0];
  if (found === undefined || first === undefined) return "below a minimum";
  for (let leg = 0; leg < 3; leg++) {
    const wrong = legDifference(leg, into, found) || priceDifference(leg, into, triangle.legs);
    if (wrong !== "") return `${wrong} ${leg}`;
  }
  // Values of fees elsewhere are rounded up to a unit of the first asset, two at most.
  const hasThird = triangle.legs.some(({ fee }) => fee.paidIn === "third");
  const slack = of(hasThird ? 2 : 0, 10n ** BigInt(into.terms?.decimals[0] ?? 0));
  const profit = toFraction(profitAmount(into));
  const off = sub(found.profit, profit);
  if (off.n < 0n || !isAtMost(off, slack)) return "profit";
  const { numerator, denominator } = edgeFraction(into);
  if (!isSame(mul(of(numerator, denominator), found.paid[0] ?? ONE), profit)) return "edge";
  if (isLess(found.surplus, of(0))) return "no surplus";
  const isCovered = isAtMost(
    reserveOf(first, found.lots[0] as number),
    toFraction(triangle.budget),
  );
  return isCovered ? "" : "budget exceeded";
}

function legDifference(leg: number, into: Evaluation, found: OracleResult): string {
  if (into.lots[leg] !== found.lots[leg]) return "lots of leg";
  if (into.limitTicks[leg] !== found.limitTicks[leg]) return "limit of leg";
  const pairs: readonly (readonly [string, bigint, Fraction | undefined])[] = [
    ["paid by leg", paidAmount(into, leg), found.paid[leg]],
    ["received by leg", receivedAmount(into, leg), found.received[leg]],
    ["fee of leg", feeAmount(into, leg), found.fees[leg]],
  ];
  for (const [name, amount, expected] of pairs) {
    if (!isSame(toFraction(amount), expected ?? NONE)) return name;
  }
  if (leg === 0) return "";
  const dust = sub(found.received[leg - 1] ?? NONE, found.paid[leg] ?? NONE);
  if (dust.n < 0n) return "more paid than there is by leg";
  return isSame(toFraction(dustAmount(into, leg)), dust) ? "" : "dust before leg";
}

/** The average price through the levels, against the walk over them (FEATURES C16). */
function priceDifference(leg: number, into: Evaluation, legs: readonly OracleLeg[]): string {
  const ofLeg = legs[leg] as OracleLeg;
  const lots = into.lots[leg] as number;
  const { numerator, denominator } = averagePrice(into, leg);
  const average = of(numerator, denominator);
  const quote = mul(average, mul(of(lots), ofLeg.lot));
  return isSame(quote, quoteOf(ofLeg, lots)) ? "" : "average price of leg";
}

/** Evaluates drawn triangles; how often each outcome was met, and the first that differs. */
function judge(pattern: number): { readonly met: Map<string, number>; readonly wrong: string } {
  const random = seeded(1000 + pattern);
  const into = new Evaluation();
  const met = new Map<string, number>();
  for (let i = 0; i < PER_PATTERN; i++) {
    const triangle = drawTriangle(random, {
      ...(i % 3 === 0 ? DEEP : FLAT),
      ...kindOf(i),
      pattern,
    });
    const edgePpmMin = i % 4 === 0 ? 1500 : 0;
    const { detector, cycle, books, budgets } = triangle;
    const limits = { ...LIMITS, edgePpmMin };
    const isGood = new Evaluator(detector).evaluate(cycle, books, limits, budgets, into);
    const name = isGood && into.isWide ? "wide opportunity" : into.outcome;
    met.set(name, (met.get(name) ?? 0) + 1);
    const wrong = isGood ? difference(triangle, into, edgePpmMin) : "";
    if (wrong !== "") return { met, wrong: `triangle ${i}: ${wrong}` };
  }
  return { met, wrong: "" };
}

const DEEP = { levelLotsMax: 100_000, levelsMax: 8 };
const FLAT = { levelLotsMax: 40, levelsMax: 4 };

const kindOf = (i: number): Pick<TriangleShape, "filters" | "isFine" | "isEven" | "gainMax"> => ({
  filters: 0.2,
  isFine: i % 10 === 9,
  isEven: i % 5 === 2,
  gainMax: 0.045,
});

describe.each([0, 1, 2, 3, 4, 5, 6, 7])("side pattern %d", { timeout: 600_000 }, (pattern) => {
  test("equals the oracle in every amount, fee, limit and remainder", () => {
    const { met, wrong } = judge(pattern);
    expect(wrong).toBe("");
    // A test that met none would prove nothing.
    expect(met.get("opportunity") ?? 0).toBeGreaterThan(PER_PATTERN / 10);
    expect(met.get("wide opportunity") ?? 0).toBeGreaterThan(10);
    expect(met.get("belowEdge") ?? 0).toBeGreaterThan(PER_PATTERN / 20);
    expect(met.get("belowMinimum") ?? 0).toBeGreaterThan(10);
  });
});
