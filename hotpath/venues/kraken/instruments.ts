/**
 * Station: `GET /0/public/AssetPairs` -> instruments of Kraken.
 *
 * Steps are printed at the pair's precision ("0.10" where prices show two decimals and move by tenths),
 * because the checksum of the book is over that many digits. Assets wear their names of WebSocket v2,
 * which is what orders and balances are told in.
 */

import { parseJson, parseText } from "../../core/decode/json-text.ts";
import type { InstrumentStatus, OrderFilters } from "../../core/instrument.ts";
import type { PublishedRules } from "../venue.ts";
import { v2Symbol } from "./wire.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Nothing in the product asks REST often: one request a second is the public limit (2026-08-22). */
const WEIGHT_PER_MINUTE = 60;
const DECIMALS_MAX = 12;
const US_PER_S = 1_000_000;

/** Undefined when the body is not an AssetPairs at all. */
export function parseKrakenRules(body: Uint8Array): PublishedRules | undefined {
  const answer = parse(body);
  const pairs = fieldsOf(answer?.result);
  if (pairs === undefined || !isEmpty(answer?.error)) return undefined;
  const rules = Object.values(pairs).flatMap((entry) => {
    const pair = fieldsOf(entry);
    const rule = pair === undefined ? undefined : ruleOf(pair);
    return rule === undefined ? [] : [rule];
  });
  return { instruments: rules, weightPerMinute: WEIGHT_PER_MINUTE };
}

/** Undefined for a pair without a v2 name (dark pools), or with steps that are none. */
function ruleOf(pair: Fields): PublishedRules["instruments"][number] | undefined {
  const { wsname } = pair;
  if (typeof wsname !== "string") return undefined;
  const symbol = v2Symbol(wsname);
  const [baseAsset, quoteAsset, more] = symbol.split("/");
  const tickSize = stepAt(pair.pair_decimals, pair.tick_size);
  const lotSize = stepAt(pair.lot_decimals, undefined);
  if (baseAsset === undefined || quoteAsset === undefined || more !== undefined) return undefined;
  if (tickSize === undefined || lotSize === undefined) return undefined;
  const status = statusOf(pair.status);
  return {
    id: `kraken:${symbol}`,
    venue: "kraken",
    symbol,
    tickSize,
    lotSize,
    filters: filtersOf(pair, tickSize),
    baseAsset,
    quoteAsset,
    quoteIncrement: stepAt(pair.cost_decimals, undefined) ?? "",
    status,
    isTrading: status === "trading" || status === "limitOnly" || status === "postOnly",
  };
}

/** A step at a precision: ("0.5", 2) is "0.50". Without a step of its own, the last decimal is one. */
export function stepAt(decimals: unknown, step: unknown): string | undefined {
  if (typeof decimals !== "number" || !Number.isInteger(decimals)) return undefined;
  if (decimals < 0 || decimals > DECIMALS_MAX) return undefined;
  const text = typeof step === "string" ? step : (1 / 10 ** decimals).toFixed(decimals);
  const match = /^(\d{1,15})(?:\.(\d{1,12}))?$/.exec(text);
  if (match === null) return undefined;
  const fraction = (match[2] ?? "").replace(/0+$/, "");
  // A step finer than the precision could never be printed.
  if (fraction.length > decimals || /^[0.]*$/.test(text)) return undefined;
  return decimals === 0 ? (match[1] ?? "") : `${match[1]}.${fraction.padEnd(decimals, "0")}`;
}

/** There is no maximum of price or quantity; the cost is held against `costmin` (order minimums). */
function filtersOf(pair: Fields, tickSize: string): OrderFilters {
  return {
    priceMin: tickSize,
    priceMax: "",
    quantityMin: textOf(pair.ordermin),
    quantityMax: "",
    notionalMin: textOf(pair.costmin),
  };
}

/** Bodies from before the field knew only pairs that trade (2021-04). */
function statusOf(status: unknown): InstrumentStatus {
  switch (status) {
    case undefined:
    case "online":
      return "trading";
    case "limit_only":
      return "limitOnly";
    case "post_only":
      return "postOnly";
    case "reduce_only":
      return "reduceOnly";
    case "cancel_only":
      return "cancelOnly";
    default:
      return "halted";
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** `{"error":[],"result":{"unixtime":1616336594,...}}`: whole seconds, which is why it is not used. */
export function parseKrakenClock(body: Uint8Array): number | undefined {
  const answer = fieldsOf(parseJson(body));
  const unixtime = fieldsOf(answer?.result)?.unixtime;
  if (!isEmpty(answer?.error) || typeof unixtime !== "number") return undefined;
  const us = Number.isSafeInteger(unixtime) && unixtime > 0 ? unixtime * US_PER_S : 0;
  return us > 0 && Number.isSafeInteger(us) ? us : undefined;
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : undefined;
}

function parse(body: Uint8Array): Fields | undefined {
  try {
    return fieldsOf(parseText(new TextDecoder().decode(body)));
  } catch {
    // An error page: the caller says what it was asked for.
    return undefined;
  }
}
