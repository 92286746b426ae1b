/**
 * Station: truth -> the text of Kraken's messages, checksum included.
 *
 * Numbers are printed bare and with all decimals of the pair, as the venue does. The checksum is made from
 * that text by the words of the venue's page, on purpose another way than the engine makes it. It decides
 * nothing.
 */
import { crc32 } from "node:zlib";
import type { Micros } from "../../../contracts/time.ts";
import { DecimalTexts, decimalText } from "../binance/decimal-text.ts";
import { shortAttoText } from "../exchange/atto.ts";
import type { InstrumentStatus, TradingRules } from "../exchange/rules.ts";
import type { Level } from "../market/book.ts";
import type { InstrumentRules, MarketInstrument } from "../market/instrument.ts";
import type { MarketTrade } from "../market/order-flow.ts";

const CHECKSUM_LEVELS = 10;
const US_PER_MS = 1_000;

/** The changed levels of one message, or all levels of a snapshot. */
export type BookSides = { readonly bids: readonly Level[]; readonly asks: readonly Level[] };

/** `2026-07-19T17:54:39.753424Z`. */
export function timeText(us: Micros): string {
  const whole = new Date(Math.floor(us / US_PER_MS)).toISOString().slice(0, -1);
  return `${whole}${String(us % US_PER_MS).padStart(3, "0")}Z`;
}

export function priceText(rules: InstrumentRules, ticks: number): string {
  return decimalText(ticks, rules.priceDigits, rules.priceDigits);
}

export function quantityText(rules: InstrumentRules, lots: number): string {
  return decimalText(lots, rules.lotDigits, rules.lotDigits);
}

/** The texts of one instrument's numbers, kept, since prices near the touch repeat all the time. */
export type KrakenTexts = {
  readonly rules: InstrumentRules;
  readonly shown: DecimalTexts;
  /** The same numbers as the checksum wants them. */
  readonly signed: DecimalTexts;
};

/** "Remove the decimal point and leading zeros" of price and quantity. */
function signedText(units: number, digits: number, shownDigits: number): string {
  return decimalText(units, digits, shownDigits).replace(".", "").replace(/^0+/, "");
}

export function krakenTexts({ rules, book }: MarketInstrument): KrakenTexts {
  const shown = { ...rules, windowTicks: book.windowTicks };
  return {
    rules,
    shown: new DecimalTexts(rules, shown),
    signed: new DecimalTexts(rules, shown, signedText),
  };
}

/** Over ten levels of a side, asks first, then bids, each its price and then its quantity. */
export function checksumOf({ signed }: KrakenTexts, { bids, asks }: BookSides): number {
  let text = "";
  for (const side of [asks, bids]) {
    for (let at = 0; at < side.length && at < CHECKSUM_LEVELS; at += 1) {
      const [ticks, lots] = side[at] ?? [0, 0];
      text += signed.price(ticks) + signed.lots(lots);
    }
  }
  return crc32(text);
}

function levelsText({ shown }: KrakenTexts, levels: readonly Level[]): string {
  let text = "";
  for (const [ticks, lots] of levels) {
    const level = `{"price":${shown.price(ticks)},"qty":${shown.lots(lots)}}`;
    text += text === "" ? level : `,${level}`;
  }
  return text;
}

/** A message of the `book` channel. */
export function bookText(
  texts: KrakenTexts,
  message: BookSides & {
    readonly type: "snapshot" | "update";
    readonly checksum: number;
    readonly eventUs: Micros;
    readonly symbol: string;
  },
): string {
  const { type, bids, asks, checksum, eventUs, symbol } = message;
  return (
    `{"channel":"book","type":"${type}","data":[{"symbol":"${symbol}",` +
    `"bids":[${levelsText(texts, bids)}],"asks":[${levelsText(texts, asks)}],` +
    `"checksum":${checksum},"timestamp":"${timeText(eventUs)}"}]}`
  );
}

/** A message of the `ticker` channel; the day's numbers are made up of the touch. */
export function tickerText(
  rules: InstrumentRules,
  touch: { readonly bid: Level; readonly ask: Level },
  type: "snapshot" | "update",
  eventUs: Micros,
): string {
  const [bid, bidLots] = touch.bid;
  const [ask, askLots] = touch.ask;
  const last = priceText(rules, bid);
  return (
    `{"channel":"ticker","type":"${type}","data":[{"symbol":"${rules.symbol}","bid":${last},` +
    `"bid_qty":${quantityText(rules, bidLots)},"ask":${priceText(rules, ask)},` +
    `"ask_qty":${quantityText(rules, askLots)},"last":${last},"volume":1024.5,"vwap":${last},` +
    `"low":${last},"high":${priceText(rules, ask)},"change":0.0,"change_pct":0.00,` +
    `"timestamp":"${timeText(eventUs)}"}]}`
  );
}

/** All trades of one step in one message. */
export function tradesText(
  rules: InstrumentRules,
  trades: readonly MarketTrade[],
  eventUs: Micros,
): string {
  const entries = trades.map(
    ({ tradeId, ticks, lots, isBuyerMaker }) =>
      `{"symbol":"${rules.symbol}","side":"${isBuyerMaker ? "sell" : "buy"}",` +
      `"price":${priceText(rules, ticks)},"qty":${quantityText(rules, lots)},` +
      `"ord_type":"market","trade_id":${tradeId},"timestamp":"${timeText(eventUs)}"}`,
  );
  return `{"channel":"trade","type":"update","data":[${entries.join(",")}]}`;
}

/** What every connection is told first; the id is beyond 2^53 on purpose. */
export function statusText(system: string): string {
  return (
    `{"channel":"status","data":[{"api_version":"v2","connection_id":13834774380200032777,` +
    `"system":"${system}","version":"2.0.0"}],"type":"update"}`
  );
}

export const HEARTBEAT_TEXT = '{"channel":"heartbeat"}';

const STATUSES: Readonly<Record<InstrumentStatus, string>> = {
  trading: "online",
  halt: "maintenance",
  break: "maintenance",
  cancelOnly: "cancel_only",
  postOnly: "post_only",
};
/** Of a venue where nothing is traded. */
const COST_MIN = "0.00001";

/** One pair as AssetPairs tells it; `trading` has what orders must obey, where any can be placed. */
export function assetPair(
  rules: InstrumentRules,
  trading?: TradingRules,
): readonly [name: string, pair: object] {
  const { base, quote, priceDigits, lotDigits } = rules;
  const old = (asset: string) => (asset === "BTC" ? "XBT" : asset === "DOGE" ? "XDG" : asset);
  const altname = old(base) + old(quote);
  return [
    altname,
    {
      altname,
      wsname: `${old(base)}/${old(quote)}`,
      aclass_base: "currency",
      base: old(base),
      aclass_quote: "currency",
      quote: old(quote),
      lot: "unit",
      cost_decimals: 8,
      pair_decimals: priceDigits,
      lot_decimals: lotDigits,
      lot_multiplier: 1,
      leverage_buy: [],
      leverage_sell: [],
      fees: [[0, 0.26]],
      fees_maker: [[0, 0.16]],
      fee_volume_currency: "ZUSD",
      margin_call: 80,
      margin_stop: 40,
      ordermin: quantityText(rules, trading?.lotsMin ?? 1),
      costmin: trading === undefined ? COST_MIN : shortAttoText(trading.notionalMinAtto),
      tick_size: priceText(rules, 1),
      status: STATUSES[trading?.status ?? "trading"],
      execution_venue: "international",
    },
  ];
}

/** One pair as the `instrument` channel tells it, small steps in scientific notation as there. */
export function instrumentPair(rules: InstrumentRules): object {
  const { symbol, base, quote, priceDigits, lotDigits } = rules;
  return {
    symbol,
    base,
    quote,
    status: "online",
    qty_precision: lotDigits,
    qty_increment: 10 ** -lotDigits,
    price_precision: priceDigits,
    cost_precision: 8,
    cost_min: 0.5,
    tick_size: 10 ** -priceDigits,
    price_increment: 10 ** -priceDigits,
    qty_min: 10 ** -lotDigits,
    marginable: false,
    has_index: true,
  };
}
