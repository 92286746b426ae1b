/**
 * Station: what the venue takes of a fill, as data.
 *
 * A fee is a share of the notional in parts per billion, charged in the quote asset, in what is received,
 * or in a third asset; its amount is rounded by the venue to so many places. A fee that nobody has told
 * is not zero: it is unknown, and a cycle with an unknown fee is never a candidate.
 */

import type { Rounding } from "../money/rounding.ts";
import type { FeeView } from "../trade/events.ts";

/** One whole, in the parts in which fees are told: 10 bp are 1,000,000. */
export const PPB = 1_000_000_000;

export type Fee = {
  /** Of a taker; -1 while it is unknown. */
  readonly takerPpb: number;
  readonly paidIn: FeeView["paidIn"];
  /** Places after the point to which the venue rounds the amount of a fee, and in which direction. */
  readonly decimals: number;
  readonly rounding: Rounding;
};

export const UNKNOWN_FEE: Fee = { takerPpb: -1, paidIn: "quote", decimals: 8, rounding: "ceil" };

/** Places to which fees are rounded where a venue does not say; up, so that none is told too small. */
export const FEE_DECIMALS = 8;

/** The fee that a venue tells of an account; undefined when it is no share of a notional. */
export function feeOfView(view: FeeView): Fee | undefined {
  const { takerPpb, paidIn } = view;
  if (!Number.isSafeInteger(takerPpb) || takerPpb < 0 || takerPpb >= PPB / 2) return undefined;
  return { takerPpb, paidIn, decimals: FEE_DECIMALS, rounding: "ceil" };
}
