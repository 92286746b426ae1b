/**
 * Station: exact evaluation -> whoever fires, records or reports. One value, filled again and again.
 *
 * Amounts are whole numbers of units, and each asset of the cycle has its own number of places. They stand
 * in safe integers, or in bigints where those would not hold them (`isWide`); the functions below tell
 * them as amounts of the house either way. What is needed to place the orders are lots and ticks, which
 * are always numbers.
 */
import { assert } from "../../../contracts/assert.ts";
import { ATTO_DECIMALS } from "../money/amount.ts";
import type { CycleTerms } from "./terms.ts";

/**
 * Why a cycle is an opportunity, or why not. `implausible`: it promises so much that the data must be
 * wrong. `belowMinimum`: it pays, but not at a size that the venue takes.
 */
export type Outcome =
  | "opportunity"
  | "belowEdge"
  | "belowMinimum"
  | "implausible"
  | "noBudget"
  | "noDepth"
  | "unknownFee";

const LEGS = 3;

const POW10: readonly bigint[] = Array.from({ length: ATTO_DECIMALS + 1 }, (_, places) => {
  return 10n ** BigInt(places);
});

export class Evaluation {
  cycle = -1;
  outcome: Outcome = "noDepth";
  /** The constants it was made with; undefined while a fee is unknown. */
  terms: CycleTerms | undefined = undefined;
  readonly lots = new Float64Array(LEGS);
  /** Limit price of each leg: the worst level that it uses. */
  readonly limitTicks = new Float64Array(LEGS);
  /** What each leg pays and yields, fees within, in units of its two assets. */
  readonly paid = new Float64Array(LEGS);
  readonly received = new Float64Array(LEGS);
  /** Fee in units of what it is taken from; 0 where it is charged in a third asset. */
  readonly fees = new Float64Array(LEGS);
  /** What is received at last less what is paid at first and the value of fees in third assets. */
  profit = 0;
  /** The profit less the least edge on what is paid: what the size was chosen for. */
  surplus = 0;
  /** Expected gain in basis points, for show. */
  edgeBps = 0;
  /** Whether the amounts stand in `wide` instead; the numbers are rounded then. */
  isWide = false;
  readonly wide: { paid: bigint[]; received: bigint[]; fees: bigint[]; profit: bigint } = {
    paid: [0n, 0n, 0n],
    received: [0n, 0n, 0n],
    fees: [0n, 0n, 0n],
    profit: 0n,
  };
}

/** What leg `leg` pays, as an amount of the asset it begins with. */
export function paidAmount(evaluation: Evaluation, leg: number): bigint {
  const units = evaluation.isWide ? evaluation.wide.paid[leg] : evaluation.paid[leg];
  return toAmount(units, placesOf(evaluation, leg));
}

/** What leg `leg` yields, after its fee, as an amount of the asset it ends with. */
export function receivedAmount(evaluation: Evaluation, leg: number): bigint {
  const units = evaluation.isWide ? evaluation.wide.received[leg] : evaluation.received[leg];
  return toAmount(units, placesOf(evaluation, (leg + 1) % LEGS));
}

/** The fee of leg `leg`, as an amount of what it is taken from; 0 where that is a third asset. */
export function feeAmount(evaluation: Evaluation, leg: number): bigint {
  const units = evaluation.isWide ? evaluation.wide.fees[leg] : evaluation.fees[leg];
  const isPaid = evaluation.terms?.legs[leg]?.feeSide === "paid";
  return toAmount(units, placesOf(evaluation, isPaid ? leg : (leg + 1) % LEGS));
}

/**
 * Average price of leg `leg` through its levels (VWAP), exactly: quote for one whole unit of base, before
 * the fee, in lowest terms.
 */
export function averagePrice(evaluation: Evaluation, leg: number): EdgeFraction {
  const ofLeg = evaluation.terms?.legs[leg];
  const fee = feeAmount(evaluation, leg);
  const paid = paidAmount(evaluation, leg) - (ofLeg?.feeSide === "paid" ? fee : 0n);
  const received = receivedAmount(evaluation, leg) + (ofLeg?.feeSide === "received" ? fee : 0n);
  return ofLeg?.isBuy === true ? reduced(paid, received) : reduced(received, paid);
}

/** What is left of the asset between leg `leg - 1` and leg `leg` (1 or 2), because lots are whole. */
export function dustAmount(evaluation: Evaluation, leg: number): bigint {
  return receivedAmount(evaluation, leg - 1) - paidAmount(evaluation, leg);
}

/** Gain of the cycle, as an amount of its first asset. */
export function profitAmount(evaluation: Evaluation): bigint {
  const units = evaluation.isWide ? evaluation.wide.profit : evaluation.profit;
  return toAmount(units, placesOf(evaluation, 0));
}

/** An exact quotient; the denominator is positive. */
export type EdgeFraction = { readonly numerator: bigint; readonly denominator: bigint };

/** The predicted edge exactly: profit over what is paid, in lowest terms. */
export function edgeFraction(evaluation: Evaluation): EdgeFraction {
  return reduced(profitAmount(evaluation), paidAmount(evaluation, 0));
}

function reduced(numerator: bigint, denominator: bigint): EdgeFraction {
  if (denominator === 0n) return { numerator: 0n, denominator: 1n };
  const divisor = greatestCommonDivisor(numerator < 0n ? -numerator : numerator, denominator);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let left = a;
  let right = b;
  while (right > 0n) [left, right] = [right, left % right];
  return left;
}

function placesOf(evaluation: Evaluation, asset: number): number {
  return evaluation.terms?.decimals[asset] ?? 0;
}

function toAmount(units: number | bigint | undefined, decimals: number): bigint {
  const scale = POW10[ATTO_DECIMALS - decimals];
  assert(scale !== undefined, "amounts have at most 18 places");
  return BigInt(units ?? 0) * scale;
}
