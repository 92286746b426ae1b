/**
 * Station: a cycle at its end -> the record of it. Pure arithmetic over its fills: the profit can be worked
 * out again from the record alone.
 *
 * Basis points are of what the first leg spent. The attribution explains the way from the edge that the
 * touch of the books promised to what came in: depth, fees, dust, books that moved between signal and
 * order, and (the rest) what happened while the orders were on their way.
 */
import { amountToText } from "../money/amount.ts";
import { divideRounded } from "../money/rounding.ts";
import type { CycleRecord, LegRecord } from "./commands.ts";
import { type Cycle, type CycleOrder, endingOf, holdingOf } from "./cycle.ts";

const BPS = 10_000;
/** Digits of basis points that are told. */
const BPS_DECIMALS = 4;
const BPS_UNITS = 10n ** BigInt(BPS_DECIMALS);
/** Digits of an average price; it is for people, the fills are exact. */
const PRICE_DECIMALS = 12n;

export type ReportContext = {
  readonly mode: string;
  readonly nowUs: number;
  /** What an amount of an asset is worth in the start asset now; undefined where no book tells. */
  readonly valueOf: (asset: string, amount: bigint) => bigint | undefined;
};

/** `part` of `whole` in basis points as decimal text, rounded half to even at the fourth place. */
export function bpsText(part: bigint, whole: bigint): string {
  if (whole <= 0n) return "0.0000";
  return unitsText(divideRounded(part * BigInt(BPS) * BPS_UNITS, whole, "halfEven"));
}

/** The same of a number, for what is only shown. */
export function bpsOf(bps: number): string {
  return unitsText(unitsOf(bps));
}

function unitsText(units: bigint): string {
  const sign = units < 0n ? "-" : "";
  const digits = (units < 0n ? -units : units).toString().padStart(BPS_DECIMALS + 1, "0");
  return `${sign}${digits.slice(0, -BPS_DECIMALS)}.${digits.slice(-BPS_DECIMALS)}`;
}

export function cycleRecord(cycle: Cycle, context: ReportContext): CycleRecord {
  const profit = holdingOf(cycle, cycle.startAsset);
  const residual: Record<string, string> = {};
  let residualValue = 0n;
  for (const [asset, amount] of cycle.holdings) {
    if (asset === cycle.startAsset) continue;
    residual[asset] = amountToText(amount);
    residualValue += context.valueOf(asset, amount) ?? 0n;
  }
  const spent = cycle.orders[0]?.input ?? 0n;
  const effectiveBps = bpsText(profit, spent);
  return {
    cycle: cycle.number,
    corr: cycle.corr,
    venue: cycle.venue,
    mode: context.mode,
    ending: endingOf(cycle),
    reason: cycle.abortReason === "" ? cycle.failure : cycle.abortReason,
    triangle: cycle.triangle,
    predictedBps: cycle.predictedBps,
    effectiveBps,
    startAmount: amountToText(cycle.startAmount),
    profit: amountToText(profit),
    profitAsset: cycle.startAsset,
    residualValue: amountToText(residualValue),
    bookTsUs: cycle.bookTsUs,
    signalUs: cycle.signalUs,
    totalUs: context.nowUs - cycle.signalUs,
    legs: cycle.orders.map((order) => legRecord(cycle, order)),
    books: cycle.tops,
    residual,
    attribution: attributionOf(cycle, spent, effectiveBps, residualValue, context),
  };
}

function legRecord(cycle: Cycle, order: CycleOrder): LegRecord {
  const [quote, base] =
    order.side === "buy" ? [order.input, order.output] : [order.output, order.input];
  return {
    leg: order.leg,
    instrument: order.instrument,
    side: order.side,
    clientId: order.clientId,
    lots: order.lots,
    filledLots: order.filledLots,
    input: amountToText(order.input),
    inputAsset: order.inputAsset,
    output: amountToText(order.output),
    outputAsset: order.outputAsset,
    averagePrice: base === 0n ? "0" : averageText(quote, base),
    fees: Object.fromEntries([...order.fees].map(([asset, fee]) => [asset, amountToText(fee)])),
    state: order.state,
    timings: {
      firedUs: order.firedUs - cycle.signalUs,
      ackUs: sinceUs(order.ackUs, order.firedUs),
      fillUs: sinceUs(order.fillUs, order.firedUs),
      endUs: sinceUs(order.endUs, order.firedUs),
    },
  };
}

/** -1 for what never came. */
function sinceUs(atUs: number, fromUs: number): number {
  return atUs === 0 ? -1 : atUs - fromUs;
}

function averageText(quote: bigint, base: bigint): string {
  const scale = 10n ** PRICE_DECIMALS;
  const units = divideRounded(quote * scale, base, "halfEven");
  return amountToText(units * 10n ** (18n - PRICE_DECIMALS));
}

type Attribution = CycleRecord["attribution"];

/** The parts add up to gross - effective, digit by digit: latency is what the others do not explain. */
function attributionOf(
  cycle: Cycle,
  spent: bigint,
  effectiveBps: string,
  residualValue: bigint,
  context: ReportContext,
): Attribution {
  const gross = unitsOf(cycle.grossBps);
  const depth = unitsOf(cycle.depthBps);
  const fees = unitsOf(feeBps(cycle, spent, context));
  const rounding = spent <= 0n ? 0n : (residualValue * BigInt(BPS) * BPS_UNITS) / spent;
  const spread = unitsOf(
    cycle.orders.reduce((sum, order) => sum + (order.leg < 3 ? movedBps(order) : 0), 0),
  );
  const effective = BigInt(effectiveBps.replace(".", ""));
  const latency = gross - effective - depth - fees - rounding - spread;
  return {
    gross: unitsText(gross),
    depth: unitsText(depth),
    fees: unitsText(fees),
    rounding: unitsText(rounding),
    spread: unitsText(spread),
    latency: unitsText(latency),
  };
}

function unitsOf(bps: number): bigint {
  return Number.isFinite(bps) ? BigInt(Math.round(bps * Number(BPS_UNITS))) : 0n;
}

/** How far the touch moved against us between the signal and the order. */
function movedBps({ side, signalTicks, fireTicks }: CycleOrder): number {
  if (signalTicks <= 0) return 0;
  const worse = side === "buy" ? fireTicks - signalTicks : signalTicks - fireTicks;
  return (worse / signalTicks) * BPS;
}

/** Each fee against the order's own amount in its asset; a third asset is valued by the books. */
function feeBps(cycle: Cycle, spent: bigint, context: ReportContext): number {
  let sum = 0;
  for (const order of cycle.orders) {
    for (const [asset, fee] of order.fees) {
      if (asset === order.outputAsset) sum += shareBps(fee, order.output + fee);
      else if (asset === order.inputAsset) sum += shareBps(fee, order.input - fee);
      else sum += shareBps(context.valueOf(asset, fee) ?? 0n, spent);
    }
  }
  return sum;
}

function shareBps(part: bigint, whole: bigint): number {
  return whole > 0n ? (Number(part) / Number(whole)) * BPS : 0;
}
