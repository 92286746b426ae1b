/**
 * Station: orders, trades and balances -> the venue's JSON, field by field.
 *
 * Key order and digits as the venue's pages show them (web-socket-api.md and user-data-stream.md, read
 * 2026-11-20). Objects are handed to `JSON.stringify`: this side of the wire is not the busy one.
 */

import { attoOf, attoText, shortAttoText } from "../../exchange/atto.ts";
import type {
  Balance,
  EndCause,
  ExchangeEvent,
  Order,
  OwnTrade,
  SelfTradeRule,
} from "../../exchange/orders.ts";
import type { InstrumentRules } from "../../market/instrument.ts";
import { wireMs } from "../wire.ts";

const DIGITS = 8;
const ZERO = "0.00000000";

export type RulesOf = (symbol: string) => InstrumentRules;

function amount(atto: bigint): string {
  return attoText(atto, DIGITS);
}

function price(rules: InstrumentRules, ticks: number): string {
  return amount(attoOf(ticks, rules.priceDigits));
}

function quantity(rules: InstrumentRules, lots: number): string {
  return amount(attoOf(lots, rules.lotDigits));
}

const STP_MODES: Readonly<Record<SelfTradeRule, string>> = {
  none: "NONE",
  expireMaker: "EXPIRE_MAKER",
  expireTaker: "EXPIRE_TAKER",
  expireBoth: "EXPIRE_BOTH",
};

/** The venue's status of an order. */
export function statusOf(order: Order): string {
  switch (order.status) {
    case "open":
      return order.filledLots > 0 ? "PARTIALLY_FILLED" : "NEW";
    case "filled":
      return "FILLED";
    case "canceled":
      return "CANCELED";
    case "expired":
      return order.endCause === "selfTrade" ? "EXPIRED_IN_MATCH" : "EXPIRED";
  }
}

function typeOf(order: Order): string {
  if (order.type === "market") return "MARKET";
  return order.isPostOnly ? "LIMIT_MAKER" : "LIMIT";
}

function timeInForceOf(order: Order): string {
  return order.type === "market" ? "GTC" : order.timeInForce;
}

const EXPIRY_REASONS: Readonly<Partial<Record<EndCause, string>>> = {
  iocRemainder: "UNFILLED_IOC_QUANTITY_EXPIRED",
  fokUnfilled: "UNFILLED_FOK_ORDER_EXPIRED",
  noLiquidity: "INSUFFICIENT_LIQUIDITY",
  venue: "EXCHANGE_CANCELED",
};

function expiryOf(order: Order): { expiryReason?: string } {
  const reason = order.endCause === null ? undefined : EXPIRY_REASONS[order.endCause];
  return reason === undefined ? {} : { expiryReason: reason };
}

function numbersOf(rules: InstrumentRules, order: Order) {
  return {
    price: price(rules, order.limitTicks),
    origQty: quantity(rules, order.lots),
    executedQty: quantity(rules, order.filledLots),
    origQuoteOrderQty: amount(order.fundsAtto),
    cummulativeQuoteQty: amount(order.filledQuoteAtto),
    status: statusOf(order),
    timeInForce: timeInForceOf(order),
    type: typeOf(order),
    side: order.side === "buy" ? "BUY" : "SELL",
  };
}

export type AnswerKind = "ACK" | "RESULT" | "FULL";

/** The answer to a place request. */
export function placedAnswer(
  rulesOf: RulesOf,
  placed: { order: Order; trades: readonly OwnTrade[] },
  kind: AnswerKind,
): object {
  const { order, trades } = placed;
  const rules = rulesOf(order.symbol);
  const ack = {
    symbol: order.symbol,
    orderId: order.orderId,
    orderListId: -1,
    clientOrderId: order.clientOrderId,
    transactTime: wireMs(order.placedUs),
  };
  if (kind === "ACK") return ack;
  const result = {
    ...ack,
    ...numbersOf(rules, order),
    workingTime: wireMs(order.placedUs),
    ...(kind === "FULL" ? { fills: trades.map((trade) => fillRow(rules, trade)) } : {}),
    selfTradePreventionMode: STP_MODES[order.selfTradeRule],
    ...expiryOf(order),
  };
  return result;
}

function fillRow(rules: InstrumentRules, trade: OwnTrade): object {
  return {
    price: price(rules, trade.ticks),
    qty: quantity(rules, trade.lots),
    commission: amount(trade.feeAtto),
    commissionAsset: trade.feeAsset,
    tradeId: trade.tradeId,
  };
}

/** The answer to a cancel; the order's own id is the original one, the cancel has its own. */
export function canceledAnswer(
  rulesOf: RulesOf,
  order: Order,
  cancel: { cancelId: string; transactUs: number },
): object {
  return {
    symbol: order.symbol,
    origClientOrderId: order.clientOrderId,
    orderId: order.orderId,
    orderListId: -1,
    clientOrderId: cancel.cancelId,
    transactTime: wireMs(cancel.transactUs),
    ...numbersOf(rulesOf(order.symbol), order),
    selfTradePreventionMode: STP_MODES[order.selfTradeRule],
  };
}

/** One order as queries tell it. */
export function orderRow(rulesOf: RulesOf, order: Order): object {
  const { price: limit, ...rest } = numbersOf(rulesOf(order.symbol), order);
  const { origQuoteOrderQty, ...numbers } = rest;
  return {
    symbol: order.symbol,
    orderId: order.orderId,
    orderListId: -1,
    clientOrderId: order.clientOrderId,
    price: limit,
    ...numbers,
    stopPrice: ZERO,
    icebergQty: ZERO,
    time: wireMs(order.placedUs),
    updateTime: wireMs(order.changedUs),
    isWorking: true,
    workingTime: wireMs(order.placedUs),
    origQuoteOrderQty,
    selfTradePreventionMode: STP_MODES[order.selfTradeRule],
    ...expiryOf(order),
  };
}

/** One trade as queries tell it. */
export function tradeRow(rulesOf: RulesOf, trade: OwnTrade): object {
  const rules = rulesOf(trade.symbol);
  return {
    symbol: trade.symbol,
    id: trade.tradeId,
    orderId: trade.orderId,
    orderListId: -1,
    price: price(rules, trade.ticks),
    qty: quantity(rules, trade.lots),
    quoteQty: amount(trade.quoteAtto),
    commission: amount(trade.feeAtto),
    commissionAsset: trade.feeAsset,
    time: wireMs(trade.tradeUs),
    isBuyer: trade.side === "buy",
    isMaker: trade.isMaker,
    isBestMatch: true,
  };
}

/** Balances as the account query tells them. */
export function balanceRows(balances: readonly Balance[]): object[] {
  return balances.map(({ asset, freeAtto, heldAtto }) => ({
    asset,
    free: amount(freeAtto),
    locked: amount(heldAtto),
  }));
}

function executionType(event: ExchangeEvent & { order: Order }): string {
  if (event.type === "orderAccepted") return "NEW";
  if (event.type === "orderFilled") return "TRADE";
  if (event.order.endCause === "selfTrade") return "TRADE_PREVENTION";
  return event.order.status === "canceled" ? "CANCELED" : "EXPIRED";
}

type OrderEvent = Exclude<ExchangeEvent, { type: "balancesChanged" }>;

function executionReport(rulesOf: RulesOf, event: OrderEvent): object {
  const { order } = event;
  const rules = rulesOf(order.symbol);
  const trade = event.type === "orderFilled" ? event.trade : null;
  const isCanceled = event.type === "orderEnded" && order.status === "canceled";
  const cancelId = event.type === "orderEnded" ? event.cancelId : "";
  const expiry = expiryOf(order).expiryReason;
  return {
    e: "executionReport",
    E: wireMs(event.eventUs),
    s: order.symbol,
    c: isCanceled ? cancelId : order.clientOrderId,
    S: order.side === "buy" ? "BUY" : "SELL",
    o: typeOf(order),
    f: timeInForceOf(order),
    q: quantity(rules, order.lots),
    p: price(rules, order.limitTicks),
    P: ZERO,
    F: ZERO,
    g: -1,
    C: isCanceled ? order.clientOrderId : "",
    x: executionType(event),
    X: statusOf(order),
    r: "NONE",
    i: order.orderId,
    l: trade === null ? ZERO : quantity(rules, trade.lots),
    z: quantity(rules, order.filledLots),
    L: trade === null ? ZERO : price(rules, trade.ticks),
    n: trade === null ? "0" : amount(trade.feeAtto),
    N: trade === null ? null : trade.feeAsset,
    T: wireMs(event.eventUs),
    t: trade === null ? -1 : trade.tradeId,
    I: event.executionId,
    w: order.status === "open",
    m: trade?.isMaker ?? false,
    M: false,
    O: wireMs(order.placedUs),
    Z: amount(order.filledQuoteAtto),
    Y: trade === null ? ZERO : amount(trade.quoteAtto),
    Q: amount(order.fundsAtto),
    W: wireMs(order.placedUs),
    V: STP_MODES[order.selfTradeRule],
    ...(expiry === undefined || event.type !== "orderEnded" ? {} : { eR: expiry }),
  };
}

/** What the user data stream says about one event of the exchange, in order. */
export function userDataEvents(rulesOf: RulesOf, event: ExchangeEvent): object[] {
  if (event.type !== "balancesChanged") return [executionReport(rulesOf, event)];
  const E = wireMs(event.eventUs);
  const position = {
    e: "outboundAccountPosition",
    E,
    u: E,
    B: event.balances.map(({ asset, freeAtto, heldAtto }) => ({
      a: asset,
      f: amount(freeAtto),
      l: amount(heldAtto),
    })),
  };
  if (event.cause !== "external") return [position];
  const [moved] = event.balances;
  const update = {
    e: "balanceUpdate",
    E,
    a: moved?.asset ?? "",
    d: amount(event.deltaAtto),
    T: E,
  };
  return [update, position];
}

/** A rate as decimal text with eight digits, from parts of a hundred million. */
export function rateText(rate: bigint): string {
  return attoText(rate * 10_000_000_000n, DIGITS);
}

/** An amount with no more digits than it needs; for numbers that are not money on the wire. */
export function plainText(atto: bigint): string {
  return shortAttoText(atto);
}
