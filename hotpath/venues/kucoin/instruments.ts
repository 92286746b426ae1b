/**
 * Station: bodies of symbols and timestamp -> instruments and clock of KuCoin spot.
 *
 * Keyed on `symbol`, which stays when an instrument is renamed (`name` does not). Fields that are not named
 * here are ignored; an instrument without steps is left out, and whoever asked for it is told so by name.
 */
import { parseJson } from "../../core/decode/json-text.ts";
import type { InstrumentStatus, OrderFilters } from "../../core/instrument.ts";
import type { PublishedRules } from "../venue.ts";
import { CODE_OK, type WireAnswer } from "./wire.ts";

const US_PER_MS = 1000;
/**
 * The public pool has 2000 in 30 s from its first request on (docs-new/rate-limit, 2025-11). We count in
 * windows aligned to the clock, of which two halves may fall into one of the venue's: so half of it is ours.
 */
const WEIGHT_PER_MINUTE = 2000;
const RATE_TEXT = /^0\.(\d{1,8})$/;

type Fields = Readonly<Record<string, unknown>>;

/** `GET /api/v2/symbols` (and v1, of older recordings); undefined when the body is none. */
export function parseKucoinRules(body: Uint8Array): PublishedRules | undefined {
  const { code, data }: WireAnswer = parseJson(body) ?? {};
  if (code !== CODE_OK || !Array.isArray(data)) return undefined;
  const instruments = (data as readonly unknown[]).flatMap((entry) => {
    if (typeof entry !== "object" || entry === null) return [];
    const fields = entry as Fields;
    const symbol = textOf(fields.symbol);
    const tickSize = textOf(fields.priceIncrement);
    const lotSize = textOf(fields.baseIncrement);
    if (symbol === "" || tickSize === "" || lotSize === "") return [];
    const status = statusOf(fields);
    const assets = {
      baseAsset: textOf(fields.baseCurrency),
      quoteAsset: textOf(fields.quoteCurrency),
      quoteIncrement: textOf(fields.quoteIncrement),
    };
    const id = `kucoin:${symbol}` as const;
    const rest = { tickSize, lotSize, filters: filtersOf(fields), ...assets, status };
    return [{ id, venue: "kucoin" as const, symbol, isTrading: status === "trading", ...rest }];
  });
  return { instruments, weightPerMinute: WEIGHT_PER_MINUTE };
}

/**
 * A call auction takes orders in its first two phases and matches none: it is no trading for us. Its flag
 * is true only while the auction lasts.
 */
function statusOf({ enableTrading, callauctionIsEnabled }: Fields): InstrumentStatus {
  return enableTrading === true && callauctionIsEnabled !== true ? "trading" : "halted";
}

/** Market orders have no bounds of their own here; `quoteMinSize` bounds the amount they are told in. */
function filtersOf(fields: Fields): OrderFilters {
  const rate = RATE_TEXT.exec(textOf(fields.priceLimitRate))?.[1] ?? "";
  return {
    priceMin: textOf(fields.priceIncrement),
    priceMax: "",
    quantityMin: textOf(fields.baseMinSize),
    quantityMax: textOf(fields.baseMaxSize),
    notionalMin: textOf(fields.minFunds) || textOf(fields.quoteMinSize),
    notionalMax: textOf(fields.quoteMaxSize),
    // A limit order may cross the market by this share and not further.
    buyPriceUp: rate === "" ? "" : `1.${rate}`,
    sellPriceDown: sellPriceDown(rate),
  };
}

/** One less the share that the digits behind the point are; of nothing that is all of it. */
function sellPriceDown(rate: string): string {
  if (rate === "") return "";
  if (Number(rate) === 0) return "1";
  return `0.${String(10 ** rate.length - Number(rate)).padStart(rate.length, "0")}`;
}

/** `{"code":"200000","data":1729100692873}` in microseconds. */
export function parseKucoinClock(body: Uint8Array): number | undefined {
  const { code, data }: WireAnswer = parseJson(body) ?? {};
  const isTime = code === CODE_OK && typeof data === "number" && Number.isSafeInteger(data);
  const us = isTime ? data * US_PER_MS : 0;
  return us > 0 && Number.isSafeInteger(us) ? us : undefined;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
