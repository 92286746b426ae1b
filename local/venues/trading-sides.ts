/**
 * Station: a venue's name and its market -> its trading side, as this process is told to run it.
 *
 * Which fees, which rounding and which start of the order ids each venue has, in one place; everything
 * else comes from the options. It opens nothing.
 */
import { binanceFees, type FeeModel, krakenFees, kucoinFees } from "./exchange/fees.ts";
import { TradingSide } from "./exchange/trading-side.ts";
import { assetValues } from "./market/listings.ts";
import type { Market } from "./market/market.ts";
import type { VenuesOptions } from "./options.ts";

/** Venues of this process that take orders. */
export const TRADING_VENUES = ["binance-spot", "kraken", "kucoin"] as const;
export type TradingVenue = (typeof TRADING_VENUES)[number];

type VenueMoney = {
  readonly fees: () => FeeModel;
  /** Digits to which a fill's quote amount is cut. */
  readonly quoteDigits: number;
  readonly firstOrderId: number;
};

const MONEY: Readonly<Record<TradingVenue, VenueMoney>> = {
  "binance-spot": { fees: binanceFees, quoteDigits: 8, firstOrderId: 12_510_053_279 },
  kraken: { fees: krakenFees, quoteDigits: 10, firstOrderId: 100_001 },
  kucoin: { fees: kucoinFees, quoteDigits: 18, firstOrderId: 200_001 },
};

/** Makes the trading side of one venue. */
export function makeTradingSide(
  venue: TradingVenue,
  market: Market,
  options: VenuesOptions & { rejectCodes: readonly string[] },
): TradingSide {
  const { fees, quoteDigits, firstOrderId } = MONEY[venue];
  const side = new TradingSide({
    market,
    name: venue,
    seed: options.seed,
    fees: fees(),
    quoteDigits,
    speed: options.venueSpeed,
    rejectCodes: options.rejectCodes,
    firstOrderId,
    balances: null,
    values: assetValues(),
  });
  side.backEnd.faults.rates = options.tradingFaults;
  return side;
}
