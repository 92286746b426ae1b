/**
 * Station: quantities of a cycle -> its exact amounts, in bigints, where safe integers do not hold them.
 *
 * Rule for rule what `narrow.ts` does, some twenty times slower: for instruments with steps so fine, or
 * amounts so large, that a product passes 2^53. Results go into an `Evaluation` that says it is wide.
 */
import { divideRounded } from "../money/rounding.ts";
import type { LegDepth } from "./depth.ts";
import { PPB } from "./fee.ts";
import type { Depths } from "./narrow.ts";
import type { CycleTerms, LegTerms } from "./terms.ts";

const WHOLE = BigInt(PPB);
const PPM = 1_000_000n;

type LegIndex = 0 | 1 | 2;

export class WideCascade {
  readonly lots = [0, 0, 0];
  readonly limitTicks = [0, 0, 0];
  readonly paid = [0n, 0n, 0n];
  readonly received = [0n, 0n, 0n];
  readonly fees = [0n, 0n, 0n];
  profit = 0n;
  surplus = 0n;
  #terms: CycleTerms | undefined = undefined;
  #depths: Depths | undefined = undefined;
  #edgePpmMin = 0n;

  begin(terms: CycleTerms, depths: Depths, edgePpmMin: number): void {
    this.#terms = terms;
    this.#depths = depths;
    this.#edgePpmMin = BigInt(edgePpmMin);
  }

  /** As in `narrow.ts`, of any amount. */
  lotsFor(leg: LegIndex, units: bigint): number {
    const terms = (this.#terms as CycleTerms).legs[leg];
    const depth = (this.#depths as Depths)[leg];
    const spendable = spendableOf(terms, units);
    if (terms.isBuy) return buyable(terms, depth, spendable);
    if (depth.count === 0) return 0;
    const most = depth.lotsTo[depth.count - 1] as number;
    return Math.min(most, Number(spendable / BigInt(terms.baseUnits)));
  }

  run(lots0: number): boolean {
    const { legs, thirdPaidPpb, thirdReceivedPpb } = this.#terms as CycleTerms;
    let lots = lots0;
    for (let leg: LegIndex = 0; ; leg = leg === 0 ? 1 : 2) {
      if (!this.#fill(leg, legs[leg], lots)) return false;
      if (leg === 2) break;
      lots = this.lotsFor(leg === 0 ? 1 : 2, this.received[leg] as bigint);
    }
    const first = this.paid[0] as bigint;
    const last = this.received[2] as bigint;
    const elsewhere =
      ceilShare(first, BigInt(thirdPaidPpb), WHOLE) +
      ceilShare(last, BigInt(thirdReceivedPpb), WHOLE);
    this.profit = last - first - elsewhere;
    this.surplus = this.profit - ceilShare(first, this.#edgePpmMin, PPM);
    return true;
  }

  lots0For(leg: LegIndex, lots: number): number {
    let wanted = lots;
    const { legs } = this.#terms as CycleTerms;
    const depths = this.#depths as Depths;
    for (let at = leg; at > 0; ) {
      const units = unitsFor(legs[at], depths[at], wanted);
      at = at === 2 ? 1 : 0;
      wanted = units === undefined ? Number.NaN : lotsYielding(legs[at], depths[at], units);
    }
    return wanted;
  }

  leastLots0(): number {
    const { legs } = this.#terms as CycleTerms;
    const depths = this.#depths as Depths;
    let lots = leastLots(legs[2], depths[2]);
    for (let leg: 0 | 1 = 1; ; leg = 0) {
      const above: 1 | 2 = leg === 1 ? 2 : 1;
      const units = unitsFor(legs[above], depths[above], lots);
      if (units === undefined) return Number.NaN;
      const needed = lotsYielding(legs[leg], depths[leg], units);
      lots = Math.max(needed, leastLots(legs[leg], depths[leg]));
      if (leg === 0) return lots;
    }
  }

  #fill(leg: LegIndex, terms: LegTerms, lots: number): boolean {
    const depth = (this.#depths as Depths)[leg];
    const { isBuy, feeSide, bounds } = terms;
    if (!(lots >= bounds.lotsMin)) return false;
    const level = levelOf(depth, lots);
    const ticks = depth.ticks[level] as number;
    const steps = ticks * lots;
    const isRounded = steps > Number.MAX_SAFE_INTEGER;
    if (steps < bounds.stepsMin || (isRounded && steps === bounds.stepsMin)) return false;
    const quote = quoteOf(terms, depth, lots);
    const base = BigInt(lots) * BigInt(terms.baseUnits);
    const paid = isBuy ? quote : base;
    const received = isBuy ? base : quote;
    const fee = feeSide === "third" ? 0n : feeOf(terms, feeSide === "paid" ? paid : received);
    this.lots[leg] = lots;
    this.limitTicks[leg] = ticks;
    this.fees[leg] = fee;
    this.paid[leg] = feeSide === "paid" ? paid + fee : paid;
    this.received[leg] = feeSide === "received" ? received - fee : received;
    return true;
  }
}

function ceilShare(units: bigint, share: bigint, whole: bigint): bigint {
  return divideRounded(units * share, whole, "ceil");
}

/** Units of quote of one lot at a level. */
function lotQuoteOf({ quoteUnits }: LegTerms, depth: LegDepth, level: number): bigint {
  return BigInt(depth.ticks[level] as number) * BigInt(quoteUnits);
}

function spendableOf({ feeSide, feePpb, feeSlack }: LegTerms, units: bigint): bigint {
  if (feeSide !== "paid") return units;
  const slack = BigInt(feeSlack);
  return units <= slack ? 0n : ((units - slack) * WHOLE) / (WHOLE + BigInt(feePpb));
}

function buyable(terms: LegTerms, depth: LegDepth, spendable: bigint): number {
  let before = 0;
  for (let level = 0; level < depth.count; level++) {
    const most = spendable / lotQuoteOf(terms, depth, level);
    if (most <= BigInt(before)) return before;
    const upTo = depth.lotsTo[level] as number;
    if (most <= BigInt(upTo)) return Number(most);
    before = upTo;
  }
  return before;
}

function unitsFor(terms: LegTerms, depth: LegDepth, lots: number): bigint | undefined {
  const last = depth.count - 1;
  if (last < 0 || !(lots <= (depth.lotsTo[last] as number))) return undefined;
  const { isBuy, feeSide, feePpb, feeSlack, baseUnits } = terms;
  const each = isBuy ? lotQuoteOf(terms, depth, levelOf(depth, lots)) : BigInt(baseUnits);
  const units = BigInt(lots) * each;
  if (feeSide !== "paid") return units;
  return ceilShare(units, WHOLE + BigInt(feePpb), WHOLE) + BigInt(feeSlack);
}

function lotsYielding(terms: LegTerms, depth: LegDepth, units: bigint): number {
  const { isBuy, feeSide, feePpb, feeSlack, baseUnits } = terms;
  const gross =
    feeSide === "received"
      ? ceilShare(units + BigInt(feeSlack), WHOLE, WHOLE - BigInt(feePpb))
      : units;
  if (isBuy) {
    const lots = Number(divideRounded(gross, BigInt(baseUnits), "ceil"));
    return depth.count > 0 && lots <= (depth.lotsTo[depth.count - 1] as number) ? lots : Number.NaN;
  }
  let rest = gross;
  for (let level = 0; level < depth.count; level++) {
    const lotQuote = lotQuoteOf(terms, depth, level);
    const here = BigInt(depth.lots[level] as number) * lotQuote;
    if (here >= rest) {
      const before = level === 0 ? 0 : (depth.lotsTo[level - 1] as number);
      return before + Number(divideRounded(rest, lotQuote, "ceil"));
    }
    rest -= here;
  }
  return Number.NaN;
}

function leastLots({ bounds }: LegTerms, depth: LegDepth): number {
  let before = 0;
  for (let level = 0; level < depth.count; level++) {
    const byNotional = Math.ceil(bounds.stepsMin / (depth.ticks[level] as number));
    const least = Math.max(byNotional, bounds.lotsMin, before + 1);
    if (least <= (depth.lotsTo[level] as number)) return least;
    before = depth.lotsTo[level] as number;
  }
  return Number.NaN;
}

function feeOf({ feePpb, feeStep, feeRounding }: LegTerms, units: bigint): bigint {
  const step = BigInt(feeStep);
  return divideRounded(units * BigInt(feePpb), WHOLE * step, feeRounding) * step;
}

function levelOf(depth: LegDepth, lots: number): number {
  let level = 0;
  while (level < depth.count - 1 && (depth.lotsTo[level] as number) < lots) level++;
  return level;
}

function quoteOf(terms: LegTerms, depth: LegDepth, lots: number): bigint {
  let quote = 0n;
  let rest = lots;
  for (let level = 0; rest > 0 && level < depth.count; level++) {
    const here = Math.min(rest, depth.lots[level] as number);
    quote += BigInt(here) * lotQuoteOf(terms, depth, level);
    rest -= here;
  }
  return quote;
}
