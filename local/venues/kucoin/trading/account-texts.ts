/**
 * Station: orders, trades and balances of the exchange -> KuCoin's JSON.
 *
 * Field for field the examples of the venue's client library (2025-11-04). Amounts are exact decimal text;
 * a trade's id stands as a number in lists of fills and as text in pushes, as at the venue.
 */
import { US_PER_MS } from "../../../../contracts/time.ts";
import { attoText, shortAttoText } from "../../exchange/atto.ts";
import type { Balance, ExchangeEvent, Order, OwnTrade } from "../../exchange/orders.ts";
import type { InstrumentRules } from "../../market/instrument.ts";
import { FIRST_TRADE_ID, shortText, wireMs } from "../wire.ts";

const ORDER_ID_HEAD = "6717422b";
const ORDER_ID_DIGITS = 16;
const NS_TAIL = "000";

/** The venue's order ids are 24 hexadecimal digits. */
export function orderIdText(orderId: number): string {
  return ORDER_ID_HEAD + orderId.toString(16).padStart(ORDER_ID_DIGITS, "0");
}

/** The number behind such an id; -1 for any other text. */
export function orderNumberOf(text: string): number {
  const found = new RegExp(`^${ORDER_ID_HEAD}([0-9a-f]{${ORDER_ID_DIGITS}})$`).exec(text);
  return found === null ? -1 : Number.parseInt(found[1] ?? "", 16);
}

/** A trade's id on the wire. */
export function tradeIdText(tradeId: number): string {
  return (FIRST_TRADE_ID + BigInt(tradeId)).toString();
}

function sizes(order: Order, rules: InstrumentRules) {
  const lots = (count: number) => shortText(count, rules.lotDigits);
  const left = order.lots - order.filledLots;
  const isOver = order.status === "canceled" || order.status === "expired";
  return {
    size: lots(order.lots),
    filled: lots(order.filledLots),
    remain: lots(isOver ? 0 : left),
    canceled: lots(isOver ? left : 0),
    price: shortText(order.limitTicks, rules.priceDigits),
  };
}

/** One order of a query or a list. */
export function orderJson(order: Order, trades: readonly OwnTrade[], rules: InstrumentRules) {
  const { size, filled, remain, canceled, price } = sizes(order, rules);
  const fee = trades.reduce((sum, { feeAtto }) => sum + feeAtto, 0n);
  const isOver = order.status === "canceled" || order.status === "expired";
  return {
    id: orderIdText(order.orderId),
    clientOid: order.clientOrderId,
    symbol: order.symbol,
    opType: "DEAL",
    type: order.type,
    side: order.side,
    price,
    size,
    funds: shortAttoText(order.fundsAtto),
    dealSize: filled,
    dealFunds: shortAttoText(order.filledQuoteAtto),
    remainSize: remain,
    remainFunds: "0",
    cancelledSize: canceled,
    cancelledFunds: "0",
    fee: shortAttoText(fee),
    feeCurrency: trades[0]?.feeAsset ?? rules.quote,
    stp: null,
    timeInForce: order.timeInForce,
    postOnly: order.isPostOnly,
    hidden: false,
    iceberg: false,
    visibleSize: "0",
    cancelAfter: 0,
    channel: "API",
    remark: null,
    tags: null,
    cancelExist: isOver,
    tradeType: "TRADE",
    inOrderBook: order.status === "open",
    active: order.status === "open",
    tax: "0",
    createdAt: wireMs(order.placedUs),
    lastUpdatedAt: wireMs(order.changedUs),
  };
}

/** One row of `/hf/fills`, as text: its trade id is a number beyond what a double holds. */
export function fillText(trade: OwnTrade, rules: InstrumentRules): string {
  const fields = {
    id: trade.tradeId,
    orderId: orderIdText(trade.orderId),
    counterOrderId: orderIdText(0),
    tradeId: "TRADE_ID",
    symbol: trade.symbol,
    side: trade.side,
    liquidity: trade.isMaker ? "maker" : "taker",
    type: "limit",
    forceTaker: false,
    price: shortText(trade.ticks, rules.priceDigits),
    size: shortText(trade.lots, rules.lotDigits),
    funds: shortAttoText(trade.quoteAtto),
    fee: shortAttoText(trade.feeAtto),
    feeRate: "0.001",
    feeCurrency: trade.feeAsset,
    stop: "",
    tradeType: "TRADE",
    taxRate: "0",
    tax: "0",
    createdAt: wireMs(trade.tradeUs),
  };
  return JSON.stringify(fields).replace('"TRADE_ID"', tradeIdText(trade.tradeId));
}

/** One row of `/accounts?type=trade`. */
export function accountJson({ asset, freeAtto, heldAtto }: Balance, index: number) {
  return {
    id: String(548_674_591_753 + index),
    currency: asset,
    type: "trade",
    balance: shortAttoText(freeAtto + heldAtto),
    available: shortAttoText(freeAtto),
    holds: shortAttoText(heldAtto),
  };
}

type PushType = "received" | "open" | "match" | "filled" | "canceled";

/** A push of `tradeOrdersV2`; nanoseconds stand in it as a number, beyond what a double holds. */
function orderPush(
  order: Order,
  rules: InstrumentRules,
  push: {
    type: PushType;
    status: string;
    eventUs: number;
    more?: Readonly<Record<string, string>>;
  },
): string {
  const { size, filled, remain, canceled, price } = sizes(order, rules);
  const isFirst = push.type === "received";
  const data = {
    ...(isFirst ? {} : { canceledSize: canceled, filledSize: filled, remainSize: remain, size }),
    clientOid: order.clientOrderId,
    orderId: orderIdText(order.orderId),
    orderTime: wireMs(order.placedUs),
    orderType: order.type,
    originSize: size,
    price,
    side: order.side,
    status: push.status,
    symbol: order.symbol,
    ts: "TS",
    type: push.type,
    ...push.more,
  };
  const head = { topic: "/spotMarket/tradeOrdersV2", type: "message", subject: "orderChange" };
  const text = JSON.stringify({ ...head, userId: "main", channelType: "private", data });
  return text.replace('"TS"', `${push.eventUs}${NS_TAIL}`);
}

type Filled = Extract<ExchangeEvent, { type: "orderFilled" }>;

function matchPushes({ order, trade, eventUs }: Filled, rules: InstrumentRules): string[] {
  const { isMaker, ticks, lots, tradeId } = trade;
  const more = {
    liquidity: isMaker ? "maker" : "taker",
    feeType: isMaker ? "makerFee" : "takerFee",
    matchPrice: shortText(ticks, rules.priceDigits),
    matchSize: shortText(lots, rules.lotDigits),
    tradeId: tradeIdText(tradeId),
  };
  const status = isMaker ? "open" : "match";
  const match = orderPush(order, rules, { type: "match", status, eventUs, more });
  if (order.filledLots < order.lots) return [match];
  return [match, orderPush(order, rules, { type: "filled", status: "done", eventUs })];
}

/** What one event of the exchange pushes to the topic of orders. */
export function orderPushes(event: ExchangeEvent, rulesOf: (symbol: string) => InstrumentRules) {
  switch (event.type) {
    case "balancesChanged":
      return [];
    case "orderAccepted": {
      const { order, eventUs } = event;
      const rules = rulesOf(order.symbol);
      const received = orderPush(order, rules, { type: "received", status: "new", eventUs });
      if (order.timeInForce !== "GTC") return [received];
      return [received, orderPush(order, rules, { type: "open", status: "open", eventUs })];
    }
    case "orderFilled":
      return matchPushes(event, rulesOf(event.order.symbol));
    case "orderEnded": {
      const { order, eventUs } = event;
      const rules = rulesOf(order.symbol);
      return [orderPush(order, rules, { type: "canceled", status: "done", eventUs })];
    }
  }
}

const RELATIONS = {
  order: "trade.hold",
  trade: "trade.setted",
  external: "trade.transfer",
} as const;

/** What one event of the exchange pushes to the topic of balances: a push for each asset. */
export function balancePushes(event: ExchangeEvent): string[] {
  if (event.type !== "balancesChanged") return [];
  const { balances, cause, deltaAtto, order, eventUs, executionId } = event;
  return balances.map(({ asset, freeAtto, heldAtto }) => {
    const relation =
      order === null ? {} : { symbol: order.symbol, orderId: orderIdText(order.orderId) };
    const data = {
      accountId: "548674591753",
      currency: asset,
      total: shortAttoText(freeAtto + heldAtto),
      available: shortAttoText(freeAtto),
      hold: shortAttoText(heldAtto),
      availableChange: cause === "external" ? attoText(deltaAtto, 18) : "0",
      holdChange: "0",
      relationContext: relation,
      relationEvent: RELATIONS[cause],
      relationEventId: String(executionId),
      time: String(Math.floor(eventUs / US_PER_MS)),
    };
    const head = { topic: "/account/balance", type: "message", subject: "account.balance" };
    return JSON.stringify({ ...head, id: String(executionId), channelType: "private", data });
  });
}
