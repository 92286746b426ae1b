/**
 * The oracle of the evaluation: a cycle's amounts in fractions of bigints, written from the rules of
 * trading and not from the code under test. Slow and plain: quantities are found by bisection, levels by
 * walking, fees by rounding a fraction.
 */

/** A fraction; the denominator is positive, and nothing is ever reduced. */
export type Fraction = { readonly n: bigint; readonly d: bigint };

export const of = (n: bigint | number, d: bigint | number = 1): Fraction => ({
  n: BigInt(n),
  d: BigInt(d),
});
export const add = (a: Fraction, b: Fraction): Fraction =>
  a.d === b.d ? { n: a.n + b.n, d: a.d } : { n: a.n * b.d + b.n * a.d, d: a.d * b.d };
export const sub = (a: Fraction, b: Fraction): Fraction => add(a, { n: -b.n, d: b.d });
export const mul = (a: Fraction, b: Fraction): Fraction => ({ n: a.n * b.n, d: a.d * b.d });
export const isLess = (a: Fraction, b: Fraction): boolean => a.n * b.d < b.n * a.d;
export const isSame = (a: Fraction, b: Fraction): boolean => a.n * b.d === b.n * a.d;
export const isAtMost = (a: Fraction, b: Fraction): boolean => !isLess(b, a);

const ZERO = of(0);
const ONE = of(1);
const PPB = 1_000_000_000;

function floorOf(a: Fraction): bigint {
  return a.n >= 0n || a.n % a.d === 0n ? a.n / a.d : a.n / a.d - 1n;
}

export type OracleFee = {
  readonly ppb: number;
  readonly paidIn: "quote" | "received" | "third";
  readonly decimals: number;
  readonly rounding: "floor" | "ceil" | "halfEven";
};

export type OracleLeg = {
  readonly isBuy: boolean;
  /** Value of one tick in quote, of one lot in base. */
  readonly tick: Fraction;
  readonly lot: Fraction;
  /** What the leg may take, best first. */
  readonly levels: readonly (readonly [ticks: number, lots: number])[];
  readonly fee: OracleFee;
  /** Finest amount of what the leg pays that its neighbors or itself can bring about. */
  readonly paidUnit: Fraction;
  readonly lotsMin: number;
  readonly lotsMax: number;
  readonly notionalMin: Fraction;
  /** Undefined for none. */
  readonly notionalMax: Fraction | undefined;
};

export type OracleResult = {
  readonly lots: readonly number[];
  readonly limitTicks: readonly number[];
  readonly paid: readonly Fraction[];
  readonly received: readonly Fraction[];
  readonly fees: readonly Fraction[];
  readonly profit: Fraction;
  readonly surplus: Fraction;
};

/** The amount of a fee, to so many places in the direction of the venue. */
function roundedFee(amount: Fraction, fee: OracleFee): Fraction {
  const per = 10n ** BigInt(fee.decimals);
  const exact = mul(mul(amount, of(fee.ppb, PPB)), of(per));
  const floor = floorOf(exact);
  const rest = sub(exact, of(floor));
  if (rest.n === 0n || fee.rounding === "floor") return of(floor, per);
  if (fee.rounding === "ceil") return of(floor + 1n, per);
  const half = of(1, 2);
  const isUp = isLess(half, rest) || (isSame(half, rest) && floor % 2n !== 0n);
  return of(isUp ? floor + 1n : floor, per);
}

/** Lots that a leg may ever have, by its levels and filters. */
export function lotsAvailable(leg: OracleLeg): number {
  let visible = 0;
  let most = 0;
  const best = leg.levels[0];
  for (const [ticks, lots] of leg.levels) {
    visible += lots;
    let cap = leg.lotsMax;
    // The notional of a buy is that of its own limit, that of a sell is bounded at the best price.
    const price = leg.isBuy ? ticks : (best?.[0] ?? 0);
    if (leg.notionalMax !== undefined) {
      const each = mul(of(price), mul(leg.tick, leg.lot));
      cap = Math.min(cap, Number((leg.notionalMax.n * each.d) / (leg.notionalMax.d * each.n)));
    }
    if (cap <= most) return most;
    most = Math.min(visible, cap);
    if (most < visible) return most;
  }
  return most;
}

function limitOf(leg: OracleLeg, lots: number): number {
  let visible = 0;
  for (const [ticks, quantity] of leg.levels) {
    visible += quantity;
    if (lots <= visible) return ticks;
  }
  throw new Error("more lots than there are");
}

/** Quote of so many lots, level by level. */
export function quoteOf(leg: OracleLeg, lots: number): Fraction {
  let rest = lots;
  let steps = 0n;
  for (const [ticks, quantity] of leg.levels) {
    const here = Math.min(rest, quantity);
    steps += BigInt(here) * BigInt(ticks);
    rest -= here;
    if (rest === 0) break;
  }
  return mul(of(steps), mul(leg.tick, leg.lot));
}

const isPaidOnTop = ({ isBuy, fee }: OracleLeg): boolean => isBuy && fee.paidIn === "quote";

/**
 * What must be at hand for an order: its worst price for all of it, the fee, and what its rounding may add
 * beyond the unit in which the asset is counted.
 */
export function reserveOf(leg: OracleLeg, lots: number): Fraction {
  const base = mul(of(lots), leg.lot);
  if (!leg.isBuy) return base;
  const held = mul(mul(of(limitOf(leg, lots)), leg.tick), base);
  if (!isPaidOnTop(leg)) return held;
  const isExact = leg.fee.rounding === "floor" || leg.fee.ppb === 0;
  const slack = isExact ? ZERO : sub(of(1, 10n ** BigInt(leg.fee.decimals)), leg.paidUnit);
  return add(mul(held, add(ONE, of(leg.fee.ppb, PPB))), slack);
}

/** The most lots whose reserve is covered, by bisection. */
export function lotsCovered(leg: OracleLeg, amount: Fraction): number {
  let low = 0;
  let high = lotsAvailable(leg);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (isAtMost(reserveOf(leg, middle), amount)) low = middle;
    else high = middle - 1;
  }
  return low;
}

type LegResult = {
  readonly limitTicks: number;
  readonly paid: Fraction;
  readonly received: Fraction;
  readonly fee: Fraction;
};

/** One leg of so many lots; undefined when that is below a minimum. */
function oracleLeg(leg: OracleLeg, lots: number): LegResult | undefined {
  if (lots < 1 || lots < leg.lotsMin) return undefined;
  const limitTicks = limitOf(leg, lots);
  const base = mul(of(lots), leg.lot);
  if (isLess(mul(mul(of(limitTicks), leg.tick), base), leg.notionalMin)) return undefined;
  const quote = quoteOf(leg, lots);
  const given = leg.isBuy ? quote : base;
  const taken = leg.isBuy ? base : quote;
  if (leg.fee.paidIn === "third") return { limitTicks, paid: given, received: taken, fee: ZERO };
  if (isPaidOnTop(leg)) {
    const fee = roundedFee(given, leg.fee);
    return { limitTicks, paid: add(given, fee), received: taken, fee };
  }
  const fee = roundedFee(taken, leg.fee);
  return { limitTicks, paid: given, received: sub(taken, fee), fee };
}

/** The whole cycle from `lots0` of its first leg; undefined when a leg is below a minimum. */
export function oracle(
  legs: readonly OracleLeg[],
  lots0: number,
  edgePpmMin: number,
): OracleResult | undefined {
  const lots: number[] = [];
  const results: LegResult[] = [];
  for (const leg of legs) {
    const before = results.at(-1);
    const count = before === undefined ? lots0 : lotsCovered(leg, before.received);
    const result = oracleLeg(leg, count);
    if (result === undefined) return undefined;
    lots.push(count);
    results.push(result);
  }
  const first = results[0]?.paid ?? ZERO;
  const last = results.at(-1)?.received ?? ZERO;
  const profit = sub(sub(last, first), elsewhere(legs, first, last));
  return {
    lots,
    limitTicks: results.map(({ limitTicks }) => limitTicks),
    paid: results.map(({ paid }) => paid),
    received: results.map(({ received }) => received),
    fees: results.map(({ fee }) => fee),
    profit,
    surplus: sub(profit, mul(first, of(edgePpmMin, 1_000_000))),
  };
}

/** Value of fees charged in a third asset: shares of what is paid at first and received at last. */
function elsewhere(legs: readonly OracleLeg[], first: Fraction, last: Fraction): Fraction {
  const share = (leg: OracleLeg | undefined): number =>
    leg?.fee.paidIn === "third" ? leg.fee.ppb : 0;
  return add(
    mul(first, of(share(legs[0]) + share(legs[1]), PPB)),
    mul(last, of(share(legs[2]), PPB)),
  );
}
