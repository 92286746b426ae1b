/**
 * Station: commands -> the bodies and frames that carry them. Text only, no socket.
 *
 * Every order carries the time it was decided at and how long after that the gateway may still take it, so
 * that a delayed request cannot become a stale order. Prices and sizes are whole steps written out.
 */
import { type Instrument, lotsToText, ticksToText } from "../../../core/instrument.ts";
import type { OrderName, PlaceOrder } from "../../../core/trade/commands.ts";

const US_PER_MS = 1000;

const TIME_IN_FORCE = { ioc: "IOC", gtc: "GTC", fok: "FOK" } as const;

/** The body of one order, the same for REST and for the order socket. All orders are limit orders by size. */
export function orderBody(order: PlaceOrder, instrument: Instrument): string {
  return JSON.stringify({
    clientOid: order.clientId,
    symbol: instrument.symbol,
    side: order.side,
    type: "limit",
    timeInForce: TIME_IN_FORCE[order.timeInForce],
    price: ticksToText(instrument, order.priceTicks),
    size: lotsToText(instrument, order.lots),
    clientTimestamp: Math.floor(order.stampUs / US_PER_MS),
    allowMaxTimeWindow: Math.floor(order.windowUs / US_PER_MS),
  });
}

/** `spot.order`; its answer comes under the client id. */
export function orderFrame(order: PlaceOrder, instrument: Instrument): string {
  return `{"id":"${order.clientId}","op":"spot.order","args":${orderBody(order, instrument)}}`;
}

/** `spot.cancel` under a name of its own, by the venue's id where it is known. */
export function cancelFrame(id: string, name: OrderName, symbol: string): string {
  const args =
    name.orderId === "" ? { symbol, clientOid: name.clientId } : { symbol, orderId: name.orderId };
  return JSON.stringify({ id, op: "spot.cancel", args });
}

/** Where one order is found or canceled over REST. */
export function orderPath(name: Pick<OrderName, "clientId" | "orderId">, symbol: string): string {
  const by = name.orderId === "" ? `client-order/${name.clientId}` : name.orderId;
  return `/api/v1/hf/orders/${by}?symbol=${symbol}`;
}

/** A subscription of the private stream. */
export function subscribeFrame(id: string, topic: string): string {
  return JSON.stringify({ id, type: "subscribe", topic, privateChannel: true, response: true });
}

export const STREAM_TOPICS = ["/spotMarket/tradeOrdersV2", "/account/balance"] as const;

const SECONDS_MIN = 5;
const US_PER_S = 1_000_000;

/** The dead man's timer of all pairs, in seconds; -1 switches it off, and less than five is not offered. */
export function deadManBody(timeoutUs: number): string {
  const seconds = Math.max(SECONDS_MIN, Math.ceil(timeoutUs / US_PER_S));
  return JSON.stringify({ timeout: timeoutUs === 0 ? -1 : seconds, symbols: "" });
}
