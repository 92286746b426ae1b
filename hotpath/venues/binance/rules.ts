/**
 * Station: bodies of exchangeInfo and time -> rules and clock, for both Binance dialects. Pure.
 *
 * Fields beyond those named here are ignored: the venue adds some every few months. An instrument
 * whose filters are missing or malformed is left out, and whoever asked for it is told so by name.
 */
import type { VenueId } from "../../../contracts/ids.ts";
import { parseJson, parseText } from "../../core/decode/json-text.ts";
import { DECIMALS_MAX, type InstrumentStatus, type OrderFilters } from "../../core/instrument.ts";
import type { PublishedRules } from "../venue.ts";

const US_PER_MS = 1000;

type Fields = Readonly<Record<string, unknown>>;

/** Undefined when the body is not an exchangeInfo at all. */
export function parseRules(venue: VenueId, body: Uint8Array): PublishedRules | undefined {
  const info = parse(body);
  if (info === undefined || !Array.isArray(info.symbols)) return undefined;
  const instruments = (info.symbols as readonly unknown[]).flatMap((entry) => {
    const symbol = fieldsOf(entry);
    const name = symbol?.symbol;
    if (symbol === undefined || typeof name !== "string") return [];
    const tickSize = filterText(symbol, "PRICE_FILTER", "tickSize");
    const lotSize = filterText(symbol, "LOT_SIZE", "stepSize");
    if (tickSize === undefined || lotSize === undefined) return [];
    const isTrading = symbol.status === "TRADING";
    const steps = { tickSize, lotSize, filters: filtersOf(symbol) };
    const assets = {
      baseAsset: textOf(symbol.baseAsset),
      quoteAsset: textOf(symbol.quoteAsset),
      quoteIncrement: incrementOf(symbol.quoteAssetPrecision ?? symbol.quotePrecision),
      status: statusOf(symbol.status),
    };
    const id = `${venue}:${name}` as const;
    return [{ id, venue, symbol: name, isTrading, ...steps, ...assets }];
  });
  return { instruments, weightPerMinute: weightPerMinute(info) };
}

/**
 * "PRE_TRADING, TRADING, POST_TRADING, END_OF_DAY, HALT, AUCTION_MATCH, BREAK" and, on USD-M, a dozen
 * more (enums.md, 2026-11-20): one of them trades, and cancels are taken in none that we know of.
 */
function statusOf(status: unknown): InstrumentStatus {
  return status === "TRADING" ? "trading" : "halted";
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Decimals of an amount of quote, as the step they stand for: 8 is "0.00000001". */
function incrementOf(decimals: unknown): string {
  if (typeof decimals !== "number" || !Number.isInteger(decimals)) return "";
  if (decimals < 0 || decimals > DECIMALS_MAX) return "";
  return decimals === 0 ? "1" : `0.${"1".padStart(decimals, "0")}`;
}

/** Spot calls the notional filter NOTIONAL, older symbols and USD-M MIN_NOTIONAL, with another key. */
function filtersOf(symbol: Fields): OrderFilters {
  return {
    ...percentPrices(symbol),
    ...marketLot(symbol),
    notionalMax: filterText(symbol, "NOTIONAL", "maxNotional") ?? "",
    priceMin: filterText(symbol, "PRICE_FILTER", "minPrice") ?? "",
    priceMax: filterText(symbol, "PRICE_FILTER", "maxPrice") ?? "",
    quantityMin: filterText(symbol, "LOT_SIZE", "minQty") ?? "",
    quantityMax: filterText(symbol, "LOT_SIZE", "maxQty") ?? "",
    notionalMin:
      filterText(symbol, "NOTIONAL", "minNotional") ??
      filterText(symbol, "MIN_NOTIONAL", "minNotional") ??
      filterText(symbol, "MIN_NOTIONAL", "notional") ??
      "",
  };
}

/** Either one pair of multipliers for both sides, or one for each (filters.md, 2026-11-20). */
function percentPrices(symbol: Fields): Partial<OrderFilters> {
  const bySide = (key: string, both: string): string =>
    filterText(symbol, "PERCENT_PRICE_BY_SIDE", key) ??
    filterText(symbol, "PERCENT_PRICE", both) ??
    "";
  return {
    buyPriceUp: bySide("bidMultiplierUp", "multiplierUp"),
    buyPriceDown: bySide("bidMultiplierDown", "multiplierDown"),
    sellPriceUp: bySide("askMultiplierUp", "multiplierUp"),
    sellPriceDown: bySide("askMultiplierDown", "multiplierDown"),
  };
}

/** A step of zero means that the step of every other order holds for market orders too. */
function marketLot(symbol: Fields): Partial<OrderFilters> {
  return {
    marketQuantityMin: filterText(symbol, "MARKET_LOT_SIZE", "minQty") ?? "",
    marketQuantityMax: filterText(symbol, "MARKET_LOT_SIZE", "maxQty") ?? "",
    marketLotSize: filterText(symbol, "MARKET_LOT_SIZE", "stepSize") ?? "",
  };
}

function filterText(symbol: Fields, filterType: string, key: string): string | undefined {
  if (!Array.isArray(symbol.filters)) return undefined;
  for (const entry of symbol.filters as readonly unknown[]) {
    const filter = fieldsOf(entry);
    if (filter?.filterType !== filterType) continue;
    const text = filter[key];
    return typeof text === "string" ? text : undefined;
  }
  return undefined;
}

/** The published REQUEST_WEIGHT of a minute; 0 when it is not published. */
function weightPerMinute(info: Fields): number {
  if (!Array.isArray(info.rateLimits)) return 0;
  for (const entry of info.rateLimits as readonly unknown[]) {
    const limit = fieldsOf(entry);
    if (limit?.rateLimitType !== "REQUEST_WEIGHT" || limit.interval !== "MINUTE") continue;
    const { limit: most, intervalNum } = limit as { limit?: unknown; intervalNum?: unknown };
    if (isCount(most) && isCount(intervalNum)) return Math.floor(most / intervalNum);
  }
  return 0;
}

/** A budget that is no number of anything, such as 1e309, would be one without end. */
function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

/** `{"serverTime":1499827319559}` in microseconds. */
export function parseClock(body: Uint8Array): number | undefined {
  const time = parseJson(body)?.serverTime;
  const us = typeof time === "number" && Number.isSafeInteger(time) ? time * US_PER_MS : 0;
  return us > 0 && Number.isSafeInteger(us) ? us : undefined;
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null ? (value as Fields) : undefined;
}

function parse(body: Uint8Array): Fields | undefined {
  try {
    return fieldsOf(parseText(new TextDecoder().decode(body)));
  } catch {
    // An error page: the caller says what it was asked for.
    return undefined;
  }
}
