/**
 * Station: orders and cancels -> the text of Kraken's requests.
 *
 * Numbers are written with the decimals of their steps and bare, as the venue wants them, so no double is
 * ever made of a price. What does not change with an order is kept as text for each instrument. The token
 * is part of every request, which is why requests are not recorded.
 */
import { type Instrument, lotsToText, ticksToText } from "../../../core/instrument.ts";
import type { PlaceOrder } from "../../../core/trade/commands.ts";

const US_PER_MS = 1000;

/** `2026-07-19T17:54:39.753Z`, cut down to the millisecond: a deadline is never made later. */
export function deadlineText(us: number): string {
  return new Date(Math.floor(us / US_PER_MS)).toISOString();
}

/** `add_order` as an immediate or resting limit order; a test order is validated and never entered. */
export function addOrderText(
  order: PlaceOrder,
  instrument: Instrument,
  token: string,
  requestId: number,
): string {
  const deadline = deadlineText(order.stampUs + order.windowUs);
  const validate = order.isTest ? ',"validate":true' : "";
  return (
    `{"method":"add_order","params":{"order_type":"limit","side":"${order.side}",` +
    `"limit_price":${ticksToText(instrument, order.priceTicks)},` +
    `"order_qty":${lotsToText(instrument, order.lots)},` +
    `"symbol":"${instrument.symbol}","time_in_force":"${order.timeInForce}",` +
    `"cl_ord_id":"${order.clientId}","fee_preference":"quote","deadline":"${deadline}"${validate},` +
    `"token":"${token}"},"req_id":${requestId}}`
  );
}

/** `cancel_order` by client ids; the venue answers for each. */
export function cancelText(clientIds: readonly string[], token: string, requestId: number): string {
  const params = { cl_ord_id: clientIds, token };
  return JSON.stringify({ method: "cancel_order", params, req_id: requestId });
}

/** `cancel_all_orders_after`: the whole account, foreign orders too; 0 disarms. */
export function deadManText(timeoutUs: number, token: string, requestId: number): string {
  const params = { timeout: Math.ceil(timeoutUs / 1_000_000), token };
  return JSON.stringify({ method: "cancel_all_orders_after", params, req_id: requestId });
}

/**
 * A private channel with its snapshot, or its end. Past trades are not asked for: what was missed is read
 * with the account, under the same ids.
 */
export function channelText(
  method: "subscribe" | "unsubscribe",
  channel: "executions" | "balances",
  token: string,
  requestId: number,
): string {
  const snapshot = channel === "balances" ? { snapshot: true } : { snap_orders: true };
  const wanted = method === "subscribe" ? snapshot : {};
  return JSON.stringify({ method, params: { channel, ...wanted, token }, req_id: requestId });
}

/** The application ping that keeps a connection. */
export function pingText(requestId: number): string {
  return JSON.stringify({ method: "ping", req_id: requestId });
}
