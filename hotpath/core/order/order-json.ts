/**
 * Station: one order or fill <-> JSON, for the saved state. Amounts are text, names are those of the
 * configuration and not its indexes, and nothing is written that follows from the rest.
 */
import type { OrderPurpose, OrderState, Side } from "../../../contracts/trade.ts";
import { ORDER_STATES } from "../../../contracts/trade.ts";
import type { TimeInForce } from "../trade/commands.ts";
import { type Fill, type Inquiry, makeInquiry, type Order } from "./order.ts";
import type { StateReader } from "./state-reader.ts";

type Json = Readonly<Record<string, unknown>>;

const SIDES: readonly [Side, Side] = ["buy", "sell"];
const LIVES: readonly [TimeInForce, ...TimeInForce[]] = ["ioc", "gtc", "fok"];
const PURPOSES: readonly [OrderPurpose, ...OrderPurpose[]] = ["open", "finish", "exit", "cancel"];
const STATES: readonly [OrderState, ...OrderState[]] = ORDER_STATES;

export function fillToJson(fill: Fill): Json {
  return { ...fill, quote: fill.quote.toString(), fee: fill.fee.toString() };
}

export function fillFromJson(reader: StateReader, value: unknown): Fill {
  const from = reader.record(value, "fill");
  return {
    tradeId: reader.text(from, "tradeId"),
    side: reader.oneOf(from, "side", SIDES),
    priceTicks: reader.integer(from, "priceTicks", 1),
    lots: reader.integer(from, "lots", 1),
    quote: reader.amount(from, "quote"),
    fee: reader.amount(from, "fee"),
    feeAsset: reader.text(from, "feeAsset"),
    isFeeWorkedOut: reader.flag(from, "isFeeWorkedOut"),
    isMaker: reader.flag(from, "isMaker"),
    exchangeUs: reader.integer(from, "exchangeUs", 0),
    recvUs: reader.integer(from, "recvUs", 0),
  };
}

/** Without place, and without what is worked out: the sums of the fills, and what the ledger holds. */
export function orderToJson(order: Order): Json {
  const { venue, instrument, fills, filledLots, quoteFilled, ...rest } = order;
  const { baseMoved, quoteMoved, reserved, syntheticFee, ...kept } = rest;
  return {
    ...kept,
    inquiry: { ...order.inquiry },
    syntheticFee: syntheticFee.toString(),
    fills: fills.map(fillToJson),
  };
}

/** The order as it was, but for what the ledger holds of it. */
export function orderFromJson(
  reader: StateReader,
  value: unknown,
  place: { readonly venue: number; readonly instrument: number },
): Order {
  const from = reader.record(value, "order");
  const fills = reader.list(from.fills, "fills").map((fill) => fillFromJson(reader, fill));
  const syntheticLots = reader.integer(from, "syntheticLots", 0);
  let tradedLots = 0;
  let quoteFilled = 0n;
  for (const { lots, quote } of fills) {
    tradedLots += lots;
    quoteFilled += quote;
  }
  return {
    ...place,
    clientId: reader.text(from, "clientId"),
    fence: reader.integer(from, "fence", 0),
    command: reader.integer(from, "command", 1),
    side: reader.oneOf(from, "side", SIDES),
    timeInForce: reader.oneOf(from, "timeInForce", LIVES),
    priceTicks: reader.integer(from, "priceTicks", 1),
    lots: reader.integer(from, "lots", 1),
    purpose: reader.oneOf(from, "purpose", PURPOSES),
    cycle: reader.integer(from, "cycle", 0),
    leg: reader.integer(from, "leg", 0),
    windowUs: reader.integer(from, "windowUs", 0),
    isTest: reader.flag(from, "isTest"),
    isAdopted: reader.flag(from, "isAdopted"),
    orderId: reader.text(from, "orderId"),
    state: reader.oneOf(from, "state", STATES),
    cause: reader.text(from, "cause"),
    fills,
    filledLots: tradedLots + syntheticLots,
    quoteFilled,
    syntheticLots,
    syntheticFee: reader.amount(from, "syntheticFee"),
    syntheticFeeAsset: reader.text(from, "syntheticFeeAsset"),
    reportedLots: reader.integer(from, "reportedLots", -1),
    baseMoved: 0n,
    quoteMoved: 0n,
    reserved: 0n,
    sentUs: reader.integer(from, "sentUs", 0),
    ackUs: reader.integer(from, "ackUs", 0),
    firstFillUs: reader.integer(from, "firstFillUs", 0),
    lastFillUs: reader.integer(from, "lastFillUs", 0),
    endUs: reader.integer(from, "endUs", 0),
    heardUs: reader.integer(from, "heardUs", 0),
    cancelUs: reader.integer(from, "cancelUs", 0),
    inquiry: inquiryFromJson(reader, from.inquiry),
  };
}

function inquiryFromJson(reader: StateReader, value: unknown): Inquiry {
  const from = reader.record(value, "inquiry");
  const inquiry = makeInquiry();
  for (const key of Object.keys(inquiry) as (keyof Inquiry)[]) {
    inquiry[key] = reader.integer(from, key, 0);
  }
  return inquiry;
}
