/**
 * Station: rules of the listed instruments -> `GET /api/v2/symbols`.
 *
 * Field for field what the venue's page "get all symbols" shows (2026-11-20), so that whatever reads the
 * real one reads this one. Steps and minimums are those that the exchange of this venue enforces.
 */
import { decimalText } from "../binance/decimal-text.ts";
import { shortAttoText } from "../exchange/atto.ts";
import type { TradingRules } from "../exchange/rules.ts";
import type { InstrumentRules, MarketInstrument } from "../market/instrument.ts";

/** Largest order, in usual levels. */
const LOTS_MAX_FACTOR = 100_000;
/** Digits of an amount of quote asset. */
export const QUOTE_DIGITS = 8;

function symbolOf(
  rules: InstrumentRules,
  trading: TradingRules | undefined,
): Readonly<Record<string, unknown>> {
  const lots = (count: number) => decimalText(count, rules.lotDigits, rules.lotDigits);
  const isDollar = rules.quote === "USDT" || rules.quote === "USDC";
  const smallest = isDollar ? "0.1" : "0.000001";
  return {
    symbol: rules.symbol,
    name: rules.symbol,
    baseCurrency: rules.base,
    quoteCurrency: rules.quote,
    feeCurrency: rules.quote,
    market: isDollar ? "USDS" : rules.quote,
    baseMinSize: lots(trading?.lotsMin ?? 1),
    quoteMinSize: smallest,
    baseMaxSize: lots(trading?.lotsMax ?? rules.medianLots * LOTS_MAX_FACTOR),
    quoteMaxSize: trading === undefined ? "99999999" : shortAttoText(trading.notionalMaxAtto),
    baseIncrement: lots(1),
    quoteIncrement: decimalText(1, QUOTE_DIGITS, QUOTE_DIGITS),
    priceIncrement: decimalText(1, rules.priceDigits, rules.priceDigits),
    priceLimitRate: "0.1",
    minFunds: trading === undefined ? smallest : shortAttoText(trading.notionalMinAtto),
    isMarginEnabled: false,
    enableTrading: (trading?.status ?? "trading") === "trading",
    feeCategory: 1,
    makerFeeCoefficient: "1.00",
    takerFeeCoefficient: "1.00",
    st: false,
    callauctionIsEnabled: false,
    callauctionPriceFloor: null,
    callauctionPriceCeiling: null,
    tradingStartTime: null,
  };
}

/** The list of all symbols, as JSON; `rulesAt` is what the exchange enforces now. */
export function symbolsBody(
  instruments: readonly MarketInstrument[],
  rulesAt: (index: number) => TradingRules | undefined,
): string {
  return JSON.stringify(instruments.map(({ rules }, index) => symbolOf(rules, rulesAt(index))));
}
