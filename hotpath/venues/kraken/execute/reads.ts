/**
 * Station: answers of the signed REST reads -> balances, orders, fills, fees.
 *
 * Every answer is `{"error":[...],"result":{...}}` with HTTP 200; numbers are decimal text or bare, and both
 * are read exactly. Nothing here asks: the desk does, one call at a time.
 */
import type { Side } from "../../../../contracts/trade.ts";
import { decimalOf, NumberText, parseExactJson } from "../../../core/decode/exact-json.ts";
import type { Instrument } from "../../../core/instrument.ts";
import { amountToText, parseAmount } from "../../../core/money/amount.ts";
import type { BalanceView, FeeView, FillView, OrderView } from "../../../core/trade/events.ts";
import { assetOf } from "./asset-names.ts";
import { type Fields, stateOf, stepsOf } from "./executions.ts";

const US_PER_S = 1_000_000;
/** Percent with up to seven decimals, as parts per billion. */
const PPB_DECIMALS = 7;

/** A body's result, or the venue's first error; "" stands for a body that is none. */
export type RestBody =
  | { readonly kind: "result"; readonly result: Fields }
  | { readonly kind: "error"; readonly text: string };

export function bodyOf(bytes: Uint8Array): RestBody {
  const message = parseExactJson(bytes);
  if (message === undefined) return { kind: "error", text: "" };
  const [error] = Array.isArray(message.error) ? (message.error as readonly unknown[]) : [];
  if (typeof error === "string") return { kind: "error", text: error };
  const result = fieldsOf(message.result);
  return result === undefined ? { kind: "error", text: "" } : { kind: "result", result };
}

/** An object; a list is none, because its places would pass for the names of orders and trades. */
export function fieldsOf(value: unknown): Fields | undefined {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject && !(value instanceof NumberText) ? (value as Fields) : undefined;
}

/** Decimal text that may stand in quotes or bare. */
function decimalText(value: unknown): string | undefined {
  if (typeof value === "string") return /^-?\d+(\.\d+)?$/.test(value) ? value : undefined;
  return decimalOf(value);
}

/** Seconds with a fraction, in microseconds; 0 where there is none, or none that is exact. */
function secondsUs(value: unknown): number {
  const us = Math.round(Number(decimalText(value) ?? "0") * US_PER_S);
  return us > 0 && Number.isSafeInteger(us) ? us : 0;
}

/** `BalanceEx`: what is held by orders is not free. Undefined when a row cannot be read. */
export function balancesOfBody(result: Fields): readonly BalanceView[] | undefined {
  const views: BalanceView[] = [];
  for (const [name, row] of Object.entries(result)) {
    const fields = fieldsOf(row) ?? {};
    const total = amountOf(fields.balance);
    const held = amountOf(fields.hold_trade ?? "0");
    const credit = amountOf(fields.credit ?? "0");
    const used = amountOf(fields.credit_used ?? "0");
    if (total === undefined || held === undefined || credit === undefined || used === undefined) {
      return undefined;
    }
    const free = amountToText(total + credit - used - held);
    const texts = { free, held: amountToText(held), total: amountToText(total) };
    views.push({ asset: assetOf(name), ...texts });
  }
  return views;
}

function amountOf(value: unknown): bigint | undefined {
  const text = decimalText(value);
  return text === undefined ? undefined : parseAmount(text);
}

export type OrderRow = {
  readonly order: OrderView;
  /** Ids of its trades, for `QueryTrades`. */
  readonly tradeIds: readonly string[];
};

/** One order of `OpenOrders` or `ClosedOrders`; undefined when it cannot be read. */
export function orderOfRow(
  orderId: string,
  row: unknown,
  pairs: ReadonlyMap<string, Instrument>,
): OrderRow | undefined {
  const fields = fieldsOf(row);
  const descr = fieldsOf(fields?.descr);
  if (fields === undefined || descr === undefined || orderId === "") return undefined;
  const instrument = typeof descr.pair === "string" ? pairs.get(descr.pair) : undefined;
  const state = stateOf(fields.status);
  if (state === undefined) return undefined;
  const numbers = instrument === undefined ? undefined : stepsOfRow(fields, descr, instrument);
  if (instrument !== undefined && numbers === undefined) return undefined;
  const { lots, filledLots, priceTicks } = numbers ?? { lots: -1, filledLots: -1, priceTicks: -1 };
  const tradeIds = Array.isArray(fields.trades)
    ? (fields.trades as readonly unknown[]).filter((id) => typeof id === "string")
    : [];
  const order: OrderView = {
    clientId: typeof fields.cl_ord_id === "string" ? fields.cl_ord_id : "",
    orderId,
    instrument: instrument?.index ?? -1,
    side: sideOf(descr.type),
    // "closed" is an order without a rest; an open one with fills is partly filled.
    state: state === "open" && filledLots > 0 ? "partiallyFilled" : state,
    lots,
    filledLots,
    priceTicks,
    reason: typeof fields.reason === "string" ? fields.reason : "",
    exchangeUs: secondsUs(fields.closetm ?? fields.opentm),
  };
  return { order, tradeIds };
}

function stepsOfRow(
  fields: Fields,
  descr: Fields,
  instrument: Instrument,
): { readonly lots: number; readonly filledLots: number; readonly priceTicks: number } | undefined {
  const lots = stepsOf(decimalText(fields.vol), instrument, "lots");
  const filledLots = stepsOf(decimalText(fields.vol_exec), instrument, "lots");
  const priceTicks = stepsOf(decimalText(descr.price), instrument, "ticks");
  if (lots === undefined || filledLots === undefined || priceTicks === undefined) return undefined;
  return { lots, filledLots, priceTicks };
}

function sideOf(value: unknown): Side | undefined {
  return value === "buy" || value === "sell" ? value : undefined;
}

/**
 * One trade of `QueryTrades` or `TradesHistory`. Undefined when it cannot be read; "other" when it is of a
 * pair that nobody follows here.
 */
export function fillOfRow(
  tradeId: string,
  row: unknown,
  pairs: ReadonlyMap<string, Instrument>,
  clientIdOf: (orderId: string) => string,
): FillView | "other" | undefined {
  const fields = fieldsOf(row);
  if (fields === undefined || typeof fields.pair !== "string" || tradeId === "") return undefined;
  const instrument = pairs.get(fields.pair);
  if (instrument === undefined) return "other";
  const lots = stepsOf(decimalText(fields.vol), instrument, "lots");
  const priceTicks = stepsOf(decimalText(fields.price), instrument, "ticks");
  const side = sideOf(fields.type);
  const orderId = typeof fields.ordertxid === "string" ? fields.ordertxid : "";
  if (lots === undefined || priceTicks === undefined || side === undefined) return undefined;
  // A trade of nothing is no trade.
  if (lots === 0) return undefined;
  return {
    clientId: clientIdOf(orderId),
    orderId,
    instrument: instrument.index,
    tradeId,
    side,
    priceTicks,
    lots,
    fee: decimalText(fields.fee) ?? "",
    // We ask for fees in quote with every order (`fee_preference`).
    feeAsset: instrument.quoteAsset,
    isMaker: fields.maker === true,
    exchangeUs: secondsUs(fields.time),
  };
}

/** `TradeVolume`: percentages of each pair. Undefined when one of those told cannot be read. */
export function feesOfBody(
  result: Fields,
  pairs: ReadonlyMap<string, Instrument>,
): readonly FeeView[] | undefined {
  const takers = fieldsOf(result.fees) ?? {};
  const makers = fieldsOf(result.fees_maker) ?? {};
  const views: FeeView[] = [];
  for (const [pair, row] of Object.entries(takers)) {
    const instrument = pairs.get(pair);
    if (instrument === undefined) continue;
    const takerPpb = ppbOf(fieldsOf(row)?.fee);
    // Pairs without a schedule for makers charge both alike.
    const makerPpb = ppbOf((fieldsOf(makers[pair]) ?? fieldsOf(row))?.fee);
    if (takerPpb === undefined || makerPpb === undefined) return undefined;
    const feeAsset = instrument.quoteAsset;
    views.push({ instrument: instrument.index, makerPpb, takerPpb, paidIn: "quote", feeAsset });
  }
  return views;
}

/** "0.2600" percent is 2,600,000 parts per billion; what is finer is rounded up. */
export function ppbOf(value: unknown): number | undefined {
  const match = /^(\d{1,3})(?:\.(\d{1,18}))?$/.exec(decimalText(value) ?? "");
  if (match === null) return undefined;
  const fraction = match[2] ?? "";
  const digits = fraction.slice(0, PPB_DECIMALS).padEnd(PPB_DECIMALS, "0");
  const isFiner = /[1-9]/.test(fraction.slice(PPB_DECIMALS));
  return Number((match[1] ?? "") + digits) + (isFiner ? 1 : 0);
}
