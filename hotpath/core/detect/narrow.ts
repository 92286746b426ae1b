/**
 * Station: quantities of a cycle -> its exact amounts, in safe integers.
 *
 * The cascade: what a leg yields after its fee is what the next may spend, and it buys or sells the whole
 * lots that this covers. A buy reserves its quantity at its worst price and the fee on top, as venues
 * do, so the input is divided by one plus the fee before it becomes lots. `wide.ts` says the same in
 * bigints; whatever does not fit 2^53 here sets `isOver`, and is worked out there.
 */
import { mulDivCeil, mulDivFloor } from "../money/mul-div.ts";
import type { LegDepth } from "./depth.ts";
import { PPB } from "./fee.ts";
import type { CycleTerms, LegTerms } from "./terms.ts";

const LEGS = 3;
const PPM = 1_000_000;
const SAFE_MAX = Number.MAX_SAFE_INTEGER;

export type Depths = readonly [LegDepth, LegDepth, LegDepth];

export class NarrowCascade {
  readonly lots = new Float64Array(LEGS);
  readonly limitTicks = new Float64Array(LEGS);
  readonly paid = new Float64Array(LEGS);
  readonly received = new Float64Array(LEGS);
  readonly fees = new Float64Array(LEGS);
  profit = 0;
  surplus = 0;
  /** Whether an amount was too large for a safe integer; all results are void then. */
  isOver = false;
  #terms: CycleTerms | undefined = undefined;
  #depths: Depths | undefined = undefined;
  #edgePpmMin = 0;

  begin(terms: CycleTerms, depths: Depths, edgePpmMin: number): void {
    this.#terms = terms;
    this.#depths = depths;
    this.#edgePpmMin = edgePpmMin;
    this.isOver = terms.isWide || depths.some(isDeep);
  }

  /** Lots of `leg` that so many units pay for, within its depth. */
  lotsFor(leg: 0 | 1 | 2, units: number): number {
    const { legs } = this.#terms as CycleTerms;
    const depth = (this.#depths as Depths)[leg];
    return legs[leg].isBuy ? buyable(legs[leg], depth, units) : sellable(legs[leg], depth, units);
  }

  /**
   * Works the cycle out from `lots0` of its first leg. False when a leg has not even its minimum; the
   * amounts are those of what came before it.
   */
  run(lots0: number): boolean {
    const { legs, thirdPaidPpb, thirdReceivedPpb } = this.#terms as CycleTerms;
    let lots = lots0;
    for (let leg: 0 | 1 | 2 = 0; ; leg = leg === 0 ? 1 : 2) {
      if (!this.#fill(leg, legs[leg], lots)) return false;
      if (leg === 2) break;
      lots = this.lotsFor(leg === 0 ? 1 : 2, this.received[leg] as number);
    }
    const first = this.paid[0] as number;
    const last = this.received[2] as number;
    const elsewhere =
      (thirdPaidPpb === 0 ? 0 : mulDivCeil(first, thirdPaidPpb, PPB)) +
      (thirdReceivedPpb === 0 ? 0 : mulDivCeil(last, thirdReceivedPpb, PPB));
    this.profit = last - first - elsewhere;
    this.surplus = this.profit - hurdleOf(first, this.#edgePpmMin);
    return true;
  }

  /**
   * Lots of the first leg with which `leg` is sure to reach `lots`, and hardly more; NaN where no depth
   * suffices. (Fees that are rounded may ask for one step less than is allowed for here.)
   */
  lots0For(leg: 0 | 1 | 2, lots: number): number {
    let wanted = lots;
    const { legs } = this.#terms as CycleTerms;
    const depths = this.#depths as Depths;
    for (let at = leg; at > 0; ) {
      const units = unitsFor(legs[at], depths[at], wanted);
      at = at === 2 ? 1 : 0;
      wanted = lotsYielding(legs[at], depths[at], units);
    }
    return wanted;
  }

  /** The smallest size at which no leg is below its minimum, in lots of the first; NaN where none is. */
  leastLots0(): number {
    const { legs } = this.#terms as CycleTerms;
    const depths = this.#depths as Depths;
    let lots = leastLots(legs[2], depths[2]);
    for (let leg: 0 | 1 = 1; ; leg = 0) {
      const above: 1 | 2 = leg === 1 ? 2 : 1;
      const needed = lotsYielding(
        legs[leg],
        depths[leg],
        unitsFor(legs[above], depths[above], lots),
      );
      lots = Math.max(needed, leastLots(legs[leg], depths[leg]));
      if (leg === 0) return lots;
    }
  }

  #fill(leg: 0 | 1 | 2, terms: LegTerms, lots: number): boolean {
    const depth = (this.#depths as Depths)[leg];
    const { isBuy, feeSide, bounds, baseUnits } = terms;
    if (!(lots >= bounds.lotsMin)) return false;
    const level = levelOf(depth, lots);
    const ticks = depth.ticks[level] as number;
    const steps = ticks * lots;
    if (steps < bounds.stepsMin || (steps > SAFE_MAX && steps === bounds.stepsMin)) return false;
    const quote = quoteOf(depth, level, lots);
    const base = lots * baseUnits;
    const paid = isBuy ? quote : base;
    const received = isBuy ? base : quote;
    const fee = feeSide === "third" ? 0 : feeOf(terms, feeSide === "paid" ? paid : received);
    this.lots[leg] = lots;
    this.limitTicks[leg] = ticks;
    this.fees[leg] = fee;
    this.paid[leg] = feeSide === "paid" ? paid + fee : paid;
    this.received[leg] = feeSide === "received" ? received - fee : received;
    if (!((this.paid[leg] as number) <= SAFE_MAX && received <= SAFE_MAX)) this.isOver = true;
    return true;
  }
}

/** Whether the amounts of a leg at its full depth, its fee and a step of it do not fit. */
function isDeep(depth: LegDepth): boolean {
  const last = depth.count - 1;
  if (last < 0) return false;
  const lots = depth.lotsTo[last] as number;
  const most = lots * Math.max(depth.takes[last] as number, depth.gives[0] as number);
  return !(most < SAFE_MAX / 2);
}

/** What the least edge asks of so many units paid; below zero it says what may be lost. */
function hurdleOf(paid: number, edgePpmMin: number): number {
  if (edgePpmMin >= 0) return mulDivCeil(paid, edgePpmMin, PPM);
  return -mulDivFloor(paid, -edgePpmMin, PPM);
}

/** Most lots whose worst price, for all of them, and fee are covered by `units`. */
function buyable(terms: LegTerms, depth: LegDepth, units: number): number {
  const spendable = spendableOf(terms, units);
  let before = 0;
  for (let level = 0; level < depth.count; level++) {
    const most = Math.floor(spendable / (depth.lotQuote[level] as number));
    if (most <= before) return before;
    const upTo = depth.lotsTo[level] as number;
    if (most <= upTo) return most;
    before = upTo;
  }
  return before;
}

function sellable(terms: LegTerms, depth: LegDepth, units: number): number {
  if (depth.count === 0) return 0;
  const lots = Math.floor(spendableOf(terms, units) / terms.baseUnits);
  return Math.min(lots, depth.lotsTo[depth.count - 1] as number);
}

/** What of `units` may be spent when the fee comes on top. */
function spendableOf({ feeSide, feePpb, feeSlack }: LegTerms, units: number): number {
  if (feeSide !== "paid") return units;
  return units <= feeSlack ? 0 : mulDivFloor(units - feeSlack, PPB, PPB + feePpb);
}

/** Units with which `lotsFor` gives `lots`, the inverse of the above. */
function unitsFor(terms: LegTerms, depth: LegDepth, lots: number): number {
  const { isBuy, feeSide, feePpb, feeSlack, baseUnits } = terms;
  const last = depth.count - 1;
  if (last < 0 || !(lots <= (depth.lotsTo[last] as number))) return Number.NaN;
  const units = lots * (isBuy ? (depth.lotQuote[levelOf(depth, lots)] as number) : baseUnits);
  return feeSide === "paid" ? mulDivCeil(units, PPB + feePpb, PPB) + feeSlack : units;
}

/** Lots that yield `units` at least after the fee. */
function lotsYielding(terms: LegTerms, depth: LegDepth, units: number): number {
  const { isBuy, feeSide, feePpb, feeSlack, baseUnits } = terms;
  if (Number.isNaN(units)) return Number.NaN;
  const gross = feeSide === "received" ? mulDivCeil(units + feeSlack, PPB, PPB - feePpb) : units;
  if (isBuy) {
    const lots = Math.ceil(gross / baseUnits);
    return depth.count > 0 && lots <= (depth.lotsTo[depth.count - 1] as number) ? lots : Number.NaN;
  }
  for (let level = 0; level < depth.count; level++) {
    if ((depth.quoteTo[level] as number) < gross) continue;
    const before = level === 0 ? 0 : (depth.quoteTo[level - 1] as number);
    const lotsBefore = level === 0 ? 0 : (depth.lotsTo[level - 1] as number);
    return lotsBefore + Math.ceil((gross - before) / (depth.lotQuote[level] as number));
  }
  return Number.NaN;
}

/** Fewest lots that the filters of a leg allow at the limit price that they would have. */
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

function feeOf({ feePpb, feeStep, feeRounding }: LegTerms, units: number): number {
  const per = PPB * feeStep;
  switch (feeRounding) {
    case "floor":
      return mulDivFloor(units, feePpb, per) * feeStep;
    case "ceil":
      return mulDivCeil(units, feePpb, per) * feeStep;
    case "halfEven":
      return nearestEven(units, feePpb, per) * feeStep;
  }
}

/** units x share / per to the nearest whole number, and to the even one from the middle. */
function nearestEven(units: number, share: number, per: number): number {
  const halves = mulDivFloor(units, 2 * share, per);
  const floor = Math.floor(halves / 2);
  if (halves % 2 === 0) return floor;
  const isMiddle = mulDivCeil(units, 2 * share, per) === halves;
  return isMiddle && floor % 2 === 0 ? floor : floor + 1;
}

/** The level that the last of so many lots comes from. */
function levelOf(depth: LegDepth, lots: number): number {
  let level = 0;
  while (level < depth.count - 1 && (depth.lotsTo[level] as number) < lots) level++;
  return level;
}

function quoteOf(depth: LegDepth, level: number, lots: number): number {
  if (level === 0) return lots * (depth.lotQuote[0] as number);
  const rest = lots - (depth.lotsTo[level - 1] as number);
  return (depth.quoteTo[level - 1] as number) + rest * (depth.lotQuote[level] as number);
}
