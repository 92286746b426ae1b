/**
 * Station: rules of the listed instruments -> `exchangeInfo`, in the shape of each venue.
 *
 * Field for field what the venues' pages show (rest-api.md and filters.md for spot, exchangeInfo for
 * USD-M, both as of 2026-11-20), so that whatever reads the real one reads this one. Filters carry the
 * true steps of the market; the other numbers are of the usual size and mean nothing here.
 */

import { attoText } from "../exchange/atto.ts";
import type { TradingRules } from "../exchange/rules.ts";
import type { InstrumentRules } from "../market/instrument.ts";
import { decimalText } from "./decimal-text.ts";
import type { Dialect } from "./dialect.ts";
import { ORDERS_IN_TEN_SECONDS_MAX, type OrderLimit, orderLimits } from "./order-limits.ts";
import { wireMs } from "./wire.ts";

const SPOT_DIGITS = 8;
/** The far end of a usual delivery date: perpetuals are never delivered (value of the venue). */
const PERPETUAL_DELIVERY_MS = 4_133_404_800_000;
const ONBOARD_MS = 1_569_398_400_000;
/** Largest order, in usual levels. */
const LOTS_MAX_FACTOR = 100_000;

const STATUS_NAMES: Readonly<Record<TradingRules["status"], string>> = {
  trading: "TRADING",
  halt: "HALT",
  break: "BREAK",
  cancelOnly: "CANCEL_ONLY",
  // Spot has no such state; the nearest thing that takes no order that trades.
  postOnly: "BREAK",
};

type Filter = Readonly<Record<string, string | number | boolean>>;

function spotFilters(rules: InstrumentRules, trading: TradingRules | undefined): Filter[] {
  const price = (ticks: number) => decimalText(ticks, rules.priceDigits, SPOT_DIGITS);
  const quantity = (lots: number) => decimalText(lots, rules.lotDigits, SPOT_DIGITS);
  const lotsMax = rules.medianLots * LOTS_MAX_FACTOR;
  const usual = rules.quote === "USDT" ? "5.00000000" : "0.00010000";
  return [
    {
      filterType: "PRICE_FILTER",
      minPrice: price(1),
      maxPrice: price(rules.startTicks * 100),
      tickSize: price(1),
    },
    {
      filterType: "LOT_SIZE",
      minQty: quantity(trading?.lotsMin ?? 1),
      maxQty: quantity(lotsMax),
      stepSize: quantity(trading?.lotStep ?? 1),
    },
    { filterType: "ICEBERG_PARTS", limit: 100 },
    {
      filterType: "MARKET_LOT_SIZE",
      minQty: "0.00000000",
      maxQty: quantity(rules.medianLots * 1_000),
      stepSize: "0.00000000",
    },
    { filterType: "TRAILING_DELTA", minTrailingAboveDelta: 10, maxTrailingAboveDelta: 2000 },
    {
      filterType: "PERCENT_PRICE_BY_SIDE",
      bidMultiplierUp: "5",
      bidMultiplierDown: "0.2",
      askMultiplierUp: "5",
      askMultiplierDown: "0.2",
      avgPriceMins: 5,
    },
    {
      filterType: "NOTIONAL",
      minNotional: trading === undefined ? usual : attoText(trading.notionalMinAtto, SPOT_DIGITS),
      applyMinToMarket: true,
      maxNotional: "9000000.00000000",
      applyMaxToMarket: false,
      avgPriceMins: 5,
    },
    { filterType: "MAX_NUM_ORDERS", maxNumOrders: 200 },
    { filterType: "MAX_NUM_ALGO_ORDERS", maxNumAlgoOrders: 5 },
  ];
}

function spotSymbol(rules: InstrumentRules, trading: TradingRules | undefined): object {
  return {
    symbol: rules.symbol,
    status: trading === undefined ? "TRADING" : STATUS_NAMES[trading.status],
    baseAsset: rules.base,
    baseAssetPrecision: 8,
    quoteAsset: rules.quote,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    baseCommissionPrecision: 8,
    quoteCommissionPrecision: 8,
    orderTypes: [
      "LIMIT",
      "LIMIT_MAKER",
      "MARKET",
      "STOP_LOSS",
      "STOP_LOSS_LIMIT",
      "TAKE_PROFIT",
      "TAKE_PROFIT_LIMIT",
    ],
    icebergAllowed: true,
    ocoAllowed: true,
    otoAllowed: true,
    opoAllowed: true,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: true,
    cancelReplaceAllowed: true,
    amendAllowed: true,
    pegInstructionsAllowed: true,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: spotFilters(rules, trading),
    permissions: [],
    permissionSets: [["SPOT"]],
    defaultSelfTradePreventionMode: "EXPIRE_MAKER",
    allowedSelfTradePreventionModes: ["EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT"],
  };
}

function usdmFilters(rules: InstrumentRules): Filter[] {
  const price = (ticks: number) => decimalText(ticks, rules.priceDigits, rules.priceDigits);
  const quantity = (lots: number) => decimalText(lots, rules.lotDigits, rules.lotDigits);
  const lots = (factor: number) => quantity(rules.medianLots * factor);
  return [
    {
      filterType: "PRICE_FILTER",
      tickSize: price(1),
      minPrice: price(1),
      maxPrice: price(rules.startTicks * 100),
    },
    {
      filterType: "LOT_SIZE",
      stepSize: quantity(1),
      maxQty: lots(LOTS_MAX_FACTOR),
      minQty: quantity(1),
    },
    {
      filterType: "MARKET_LOT_SIZE",
      minQty: quantity(1),
      stepSize: quantity(1),
      maxQty: lots(1_000),
    },
    { filterType: "MAX_NUM_ORDERS", limit: 200 },
    { filterType: "MIN_NOTIONAL", notional: "5" },
    {
      filterType: "PERCENT_PRICE",
      multiplierUp: "1.0500",
      multiplierDown: "0.9500",
      multiplierDecimal: "4",
    },
    { filterType: "POSITION_RISK_CONTROL", positionControlSide: "NONE" },
  ];
}

function usdmSymbol(rules: InstrumentRules): object {
  return {
    symbol: rules.symbol,
    pair: rules.symbol,
    contractType: "PERPETUAL",
    deliveryDate: PERPETUAL_DELIVERY_MS,
    onboardDate: ONBOARD_MS,
    status: "TRADING",
    maintMarginPercent: "2.5000",
    requiredMarginPercent: "5.0000",
    baseAsset: rules.base,
    quoteAsset: rules.quote,
    marginAsset: rules.quote,
    // Deliberately not the steps: the venue warns that these are precisions, not tick and step sizes.
    pricePrecision: rules.priceDigits + 1,
    quantityPrecision: rules.lotDigits,
    baseAssetPrecision: 8,
    quotePrecision: 8,
    underlyingType: "COIN",
    underlyingSubType: [],
    triggerProtect: "0.0500",
    liquidationFee: "0.012000",
    marketTakeBound: "0.30",
    filters: usdmFilters(rules),
    orderTypes: ["LIMIT", "MARKET"],
    timeInForce: ["GTC", "IOC", "FOK", "GTX", "GTD"],
  };
}

function rateLimits(
  dialect: Dialect,
  now: { weightPerMinuteMax: number; orderLimits?: readonly OrderLimit[] | undefined },
): object[] {
  const weight = {
    rateLimitType: "REQUEST_WEIGHT",
    interval: "MINUTE",
    intervalNum: 1,
    limit: now.weightPerMinuteMax,
  };
  if (dialect.family === "spot") {
    return [
      weight,
      ...(now.orderLimits ?? orderLimits(ORDERS_IN_TEN_SECONDS_MAX)).map((limit) => ({
        rateLimitType: "ORDERS",
        ...limit,
      })),
      { rateLimitType: "RAW_REQUESTS", interval: "MINUTE", intervalNum: 5, limit: 300_000 },
    ];
  }
  return [
    weight,
    { rateLimitType: "ORDERS", interval: "MINUTE", intervalNum: 1, limit: 1_200 },
    { rateLimitType: "ORDERS", interval: "SECOND", intervalNum: 10, limit: 300 },
  ];
}

/** The body of `exchangeInfo` for these instruments. */
export function exchangeInfoText(
  dialect: Dialect,
  listings: readonly InstrumentRules[],
  now: {
    eventUs: number;
    weightPerMinuteMax: number;
    /** Rules as they stand, where orders can be placed. */
    tradingRulesOf?: ((symbol: string) => TradingRules | undefined) | undefined;
    orderLimits?: readonly OrderLimit[] | undefined;
  },
): string {
  const head = {
    timezone: "UTC",
    serverTime: wireMs(now.eventUs),
    rateLimits: rateLimits(dialect, now),
    exchangeFilters: [],
  };
  if (dialect.family === "spot") {
    return JSON.stringify({
      ...head,
      symbols: listings.map((rules) => spotSymbol(rules, now.tradingRulesOf?.(rules.symbol))),
    });
  }
  const assets = [...new Set(listings.map((rules) => rules.quote))].map((asset) => ({
    asset,
    marginAvailable: true,
    autoAssetExchange: "-10000",
  }));
  const symbols = listings.map(usdmSymbol);
  return JSON.stringify({ ...head, futuresType: "U_MARGINED", assets, symbols });
}
