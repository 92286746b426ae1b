/**
 * Station: orders, trades and balances of the exchange -> Kraken's private messages and REST rows.
 *
 * Bare numbers with all their decimals on the stream, decimal text in quotes over REST, as at the venue. The
 * entry that begins an order names everything, those behind it only what has changed.
 */
import { attoText, shortAttoText } from "../../exchange/atto.ts";
import type { Balance, EndCause, Order, OwnTrade } from "../../exchange/orders.ts";
import type { InstrumentRules } from "../../market/instrument.ts";
import { assetPair, priceText, quantityText, timeText } from "../wire-text.ts";

const US_PER_S = 1_000_000;
const COST_DIGITS = 10;

/** Why an order ended, as the stream says it; most words are ours, since the venue lists none. */
const REASONS: Readonly<Record<EndCause, string>> = {
  filled: "",
  canceledByOwner: "User requested",
  canceledByDeadMan: "Cancel all orders after",
  iocRemainder: "Unfilled remainder of an immediate order",
  fokUnfilled: "Order cannot be filled whole",
  noLiquidity: "No liquidity",
  selfTrade: "Self trade prevention",
  venue: "Canceled by the venue",
  vanished: "",
};

export function orderIdText(orderId: number): string {
  return `O${orderId}`;
}

/** The number in an order id; undefined for a text that is none of ours. */
export function orderIdOf(text: string): number | undefined {
  return /^O\d{1,15}$/.test(text) ? Number(text.slice(1)) : undefined;
}

export function tradeIdText(index: number, { tradeId, side }: OwnTrade): string {
  return `T${index}-${tradeId}-${side === "buy" ? "B" : "S"}`;
}

/** `buy` and `sell` are the venue's own words too. */
function statusOf({ status, filledLots }: Order): string {
  if (status !== "open") return status;
  return filledLots > 0 ? "partially_filled" : "new";
}

/** Everything about an order: how it began, or how it stands in a snapshot. */
export function fullEntry(rules: InstrumentRules, order: Order, execType: string): string {
  const isPending = execType === "pending_new";
  return (
    `{"order_id":"${orderIdText(order.orderId)}",${clientText(order)}"symbol":"${order.symbol}",` +
    `"order_qty":${quantityText(rules, order.lots)},"cum_cost":${attoText(order.filledQuoteAtto, COST_DIGITS)},` +
    `"cum_qty":${quantityText(rules, isPending ? 0 : order.filledLots)},` +
    `"time_in_force":"${order.timeInForce}","exec_type":"${execType}","side":"${order.side}",` +
    `"order_type":"${order.type}","limit_price_type":"static",` +
    `"limit_price":${priceText(rules, order.limitTicks)},"stop_price":0.0,` +
    `"order_status":"${isPending ? "pending_new" : statusOf(order)}","fee_ccy_pref":"fciq",` +
    `"timestamp":"${timeText(order.placedUs)}"}`
  );
}

function clientText({ clientOrderId }: Order): string {
  return clientOrderId === "" ? "" : `"cl_ord_id":"${clientOrderId}",`;
}

/** The short word that follows `pending_new`. */
export function newEntry(order: Order): string {
  return (
    `{"timestamp":"${timeText(order.placedUs)}","order_status":"new","exec_type":"new",` +
    `${clientText(order)}"order_id":"${orderIdText(order.orderId)}"}`
  );
}

/** One trade. Even the one that completes its order says `partially_filled`; the end follows. */
export function tradeEntry(
  rules: InstrumentRules,
  index: number,
  order: Order,
  trade: OwnTrade,
): string {
  return (
    `{"order_id":"${orderIdText(order.orderId)}",${clientText(order)}` +
    `"exec_id":"${tradeIdText(index, trade)}","exec_type":"trade","trade_id":${trade.tradeId},` +
    `"symbol":"${order.symbol}","side":"${order.side}","last_qty":${quantityText(rules, trade.lots)},` +
    `"last_price":${priceText(rules, trade.ticks)},"liquidity_ind":"${trade.isMaker ? "m" : "t"}",` +
    `"cost":${attoText(trade.quoteAtto, COST_DIGITS)},"order_type":"${order.type}",` +
    `"timestamp":"${timeText(trade.tradeUs)}","order_status":"partially_filled",` +
    `"cum_qty":${quantityText(rules, order.filledLots)},` +
    `"cum_cost":${attoText(order.filledQuoteAtto, COST_DIGITS)},` +
    `"fees":[{"asset":"${trade.feeAsset}","qty":${shortAttoText(trade.feeAtto)}}]}`
  );
}

/** The end of an order. */
export function endEntry(rules: InstrumentRules, order: Order): string {
  const { status, endCause } = order;
  const reason = endCause === null ? "" : REASONS[endCause];
  const why = reason === "" ? "" : `"reason":"${reason}",`;
  return (
    `{"order_id":"${orderIdText(order.orderId)}",${clientText(order)}"exec_type":"${status}",` +
    `"order_status":"${status}","cum_qty":${quantityText(rules, order.filledLots)},` +
    `"cum_cost":${attoText(order.filledQuoteAtto, COST_DIGITS)},${why}` +
    `"timestamp":"${timeText(order.changedUs)}"}`
  );
}

/** One asset in the snapshot of balances: a total, holds included. */
export function balanceEntry({ asset, freeAtto, heldAtto }: Balance): string {
  const total = shortAttoText(freeAtto + heldAtto);
  return (
    `{"asset":"${asset}","asset_class":"currency","balance":${total},` +
    `"wallets":[{"type":"spot","id":"main","balance":${total}}]}`
  );
}

/** One entry of the ledger. */
export function ledgerEntry(
  move: { readonly asset: string; readonly totalAtto: bigint; readonly deltaAtto: bigint },
  what: { readonly cause: "trade" | "external"; readonly id: number; readonly eventUs: number },
): string {
  const { asset, totalAtto, deltaAtto } = move;
  const transfer = deltaAtto < 0n ? "withdrawal" : "deposit";
  const type = what.cause === "trade" ? "trade" : transfer;
  return (
    `{"ledger_id":"L${what.id}-${asset}","ref_id":"R${what.id}",` +
    `"timestamp":"${timeText(what.eventUs)}","type":"${type}","asset":"${asset}",` +
    `"asset_class":"currency","category":"${type}","wallet_type":"spot","wallet_id":"main",` +
    `"amount":${shortAttoText(deltaAtto)},"fee":0.0,"balance":${shortAttoText(totalAtto)}}`
  );
}

/** One order as OpenOrders and ClosedOrders tell it. */
export function orderRow(
  rules: InstrumentRules,
  index: number,
  order: Order,
  trades: readonly OwnTrade[] | undefined,
): object {
  const [pair] = assetPair(rules);
  const { status, filledLots, lots, changedUs, placedUs, endCause } = order;
  const isEnded = status !== "open";
  return {
    refid: null,
    userref: null,
    cl_ord_id: order.clientOrderId === "" ? undefined : order.clientOrderId,
    status: status === "filled" ? "closed" : status,
    opentm: placedUs / US_PER_S,
    closetm: isEnded ? changedUs / US_PER_S : undefined,
    reason: endCause === null ? null : REASONS[endCause],
    descr: {
      pair,
      type: order.side,
      ordertype: order.type,
      price: priceText(rules, order.limitTicks),
      price2: "0",
    },
    vol: quantityText(rules, lots),
    vol_exec: quantityText(rules, filledLots),
    cost: attoText(order.filledQuoteAtto, COST_DIGITS),
    trades: trades?.map((trade) => tradeIdText(index, trade)),
  };
}

/** One trade as TradesHistory and QueryTrades tell it. */
export function tradeRow(rules: InstrumentRules, trade: OwnTrade): object {
  const [pair] = assetPair(rules);
  return {
    ordertxid: orderIdText(trade.orderId),
    pair,
    time: trade.tradeUs / US_PER_S,
    type: trade.side,
    ordertype: "limit",
    price: priceText(rules, trade.ticks),
    cost: attoText(trade.quoteAtto, COST_DIGITS),
    fee: shortAttoText(trade.feeAtto),
    vol: quantityText(rules, trade.lots),
    margin: "0",
    maker: trade.isMaker,
    misc: "",
    trade_id: trade.tradeId,
  };
}
