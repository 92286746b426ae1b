/**
 * Station: an amount that is held + a live book -> lots and limit of the order that passes it on.
 *
 * The order is a limit at the worst level it needs, so that it takes no more than what was seen, and never
 * beyond a collar around the touch. A buy is sized so that the hold of the venue fits: its limit price,
 * and the fee on top where the fee is charged in quote (L08). Amounts are exact integers.
 */
import type { Side } from "../../../contracts/trade.ts";
import type { Ladder } from "../book/ladder.ts";
import type { Instrument } from "../instrument.ts";
import { lotAmount, notionalAmount } from "../money/notional.ts";

/** Levels that an order may reach through. */
export const LEVELS_MAX = 32;
const PPM = 1_000_000;
/** How far below the touch a sell may still fill, beyond the levels that it was seen to need. */
const SELL_SLACK_PPM = 2000;
export const PPB = 1_000_000_000n;

const levelTicks = new Float64Array(LEVELS_MAX);
const levelLots = new Float64Array(LEVELS_MAX);

export type LegPlan = {
  readonly lots: number;
  readonly limitTicks: number;
  readonly touchTicks: number;
};

/** The farthest limit that a collar around the touch allows, rounded towards the touch. */
export function collarTicks(touchTicks: number, side: Side, collarPpm: number): number {
  const away = (touchTicks * collarPpm) / PPM;
  return side === "buy" ? Math.floor(touchTicks + away) : Math.max(1, Math.ceil(touchTicks - away));
}

/**
 * Plans one leg; undefined when there is nothing on the other side of the book or the amount is below one
 * lot. `feeInQuotePpb` is 0 where the fee is not charged on top in quote.
 */
export function planLeg(
  instrument: Instrument,
  side: Side,
  taken: Ladder,
  input: bigint,
  feeInQuotePpb: number,
  collarPpm: number,
): LegPlan | undefined {
  if (taken.isEmpty || input <= 0n) return undefined;
  const touchTicks = taken.bestTicks;
  const farthest = collarTicks(touchTicks, side, collarPpm);
  const count = taken.copyLevels(levelTicks, levelLots, LEVELS_MAX);
  let limitTicks = touchTicks;
  let reachable = 0;
  let lots = 0;
  for (let level = 0; level < count; level++) {
    const ticks = levelTicks[level] as number;
    const isBeyond = side === "buy" ? ticks > farthest : ticks < farthest;
    if (isBeyond) break;
    limitTicks = ticks;
    reachable += levelLots[level] as number;
    lots = lotsFor(instrument, side, input, limitTicks, feeInQuotePpb);
    if (reachable >= lots) break;
  }
  // A sell is sized by what is held, so a lower limit costs nothing: it still fills when the book has moved.
  if (side === "sell") {
    const slack = Math.min(SELL_SLACK_PPM, collarPpm);
    limitTicks = Math.min(limitTicks, collarTicks(touchTicks, side, slack));
  }
  return lots > 0 ? { lots, limitTicks, touchTicks } : undefined;
}

/** The most whole lots that `input` pays for (buy, at the limit) or consists of (sell). */
export function lotsFor(
  instrument: Instrument,
  side: Side,
  input: bigint,
  limitTicks: number,
  feeInQuotePpb: number,
): number {
  const lots =
    side === "sell"
      ? input / lotAmount(instrument)
      : (input * PPB) /
        (notionalAmount(instrument, limitTicks, 1, "ceil") * (PPB + BigInt(feeInQuotePpb)));
  return lots > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(lots);
}
