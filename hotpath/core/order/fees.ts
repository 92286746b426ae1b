/**
 * Station: one trade -> the fee it cost. The venue's own text where there is one, else our rate.
 *
 * A rate gives the venue's result only if it is rounded as the venue rounds, so the rounding is a parameter
 * of the venue. What was worked out is marked, and replaced by the venue's text when a query brings it.
 */
import type { Side } from "../../../contracts/trade.ts";
import type { Instrument } from "../instrument.ts";
import { ATTO_DECIMALS, parseAmount } from "../money/amount.ts";
import { lotsToAmount, notionalAmount } from "../money/notional.ts";
import { divideRounded, type Rounding, roundToStep } from "../money/rounding.ts";
import type { FeeView } from "../trade/events.ts";

const PPB = 1_000_000_000n;
/** Venues cut amounts of quote to 8 places at the coarsest (Binance: cummulativeQuoteQty). */
const ROUNDING_MAX = 10n ** BigInt(ATTO_DECIMALS - 8);

/** More of its amount than this (5 %) is no fee of a venue of ours but a mistake in the message. */
const ABSURD_PPB = 50_000_000n;

/** How a venue rounds the fee of one trade. */
export type FeeRounding = { readonly decimals: number; readonly rounding: Rounding };

/** Where a venue's rule is not known: its finest step, and never to our advantage. */
export const FEE_ROUNDING: FeeRounding = { decimals: ATTO_DECIMALS, rounding: "ceil" };

export type Fee = { readonly amount: bigint; readonly asset: string };

/** What is traded, as far as its fee depends on it. */
export type FeeBasis = {
  readonly side: Side;
  readonly priceTicks: number;
  readonly lots: number;
  readonly isMaker: boolean;
};

/**
 * The fee by the account's rate; undefined where the rate is not known, or is paid in a third asset whose
 * price the trade does not tell.
 */
export function workOutFee(
  instrument: Instrument,
  basis: FeeBasis,
  rate: FeeView | undefined,
  rounding: FeeRounding,
): Fee | undefined {
  if (rate === undefined || rate.paidIn === "third") return undefined;
  const isInBase = rate.paidIn === "received" && basis.side === "buy";
  const amount = isInBase
    ? lotsToAmount(instrument, basis.lots)
    : notionalAmount(instrument, basis.priceTicks, basis.lots);
  const ppb = BigInt(basis.isMaker ? rate.makerPpb : rate.takerPpb);
  const step = 10n ** BigInt(ATTO_DECIMALS - rounding.decimals);
  return {
    amount: roundToStep(
      divideRounded(amount * ppb, PPB, rounding.rounding),
      step,
      rounding.rounding,
    ),
    asset: isInBase ? instrument.baseAsset : instrument.quoteAsset,
  };
}

/** What the venue wrote; undefined for nothing, and for text that is no amount of an asset. */
export function readFee(text: string, asset: string): Fee | undefined {
  if (text === "" || asset === "") return undefined;
  const amount = parseAmount(text);
  return amount === undefined ? undefined : { amount, asset };
}

/** Whether a fee, where it can be compared with what was traded, is beyond anything a venue charges. */
export function isAbsurd(instrument: Instrument, basis: FeeBasis, fee: Fee): boolean {
  const magnitude = fee.amount < 0n ? -fee.amount : fee.amount;
  if (fee.asset === instrument.baseAsset) {
    return magnitude * PPB > lotsToAmount(instrument, basis.lots) * ABSURD_PPB;
  }
  if (fee.asset !== instrument.quoteAsset) return false;
  const notional = notionalAmount(instrument, basis.priceTicks, basis.lots);
  // A fee is rounded up to a step of its own, so that a tiny trade may pay more than its share.
  return magnitude * PPB > notional * ABSURD_PPB && magnitude > 10n ** BigInt(ATTO_DECIMALS - 6);
}

/**
 * Amount of quote that a trade moved: the venue's word where it has one that is no more than a rounding away
 * from price times quantity, else that product. Undefined when its word is another amount altogether.
 */
export function readQuote(
  instrument: Instrument,
  trade: { readonly priceTicks: number; readonly lots: number; readonly quote?: string },
): bigint | undefined {
  const worked = notionalAmount(instrument, trade.priceTicks, trade.lots);
  if (trade.quote === undefined || trade.quote === "") return worked;
  const told = parseAmount(trade.quote);
  if (told === undefined) return undefined;
  const off = told > worked ? told - worked : worked - told;
  return off <= ROUNDING_MAX || off * PPB < worked ? told : undefined;
}

/** The most quote that `lots` of a buy at its limit can take, the fee included where it is paid in it. */
export function buyReserve(
  instrument: Instrument,
  priceTicks: number,
  lots: number,
  rate: FeeView | undefined,
): bigint {
  const notional = notionalAmount(instrument, priceTicks, lots, "ceil");
  if (rate?.paidIn !== "quote") return notional;
  const ppb = BigInt(Math.max(rate.takerPpb, rate.makerPpb, 0));
  return notional + divideRounded(notional * ppb, PPB, "ceil");
}
