/**
 * Station: a client's order or cancel -> the exchange's words, or the venue's refusal.
 *
 * The same body comes over REST and over order entry. The gateway's own checks are here: shapes, and the
 * window that an order carries. Everything else is the exchange's decision.
 */
import type { Micros } from "../../../../contracts/time.ts";
import { US_PER_MS } from "../../../../contracts/time.ts";
import type { OrderKey, OrderRequest, TimeInForce } from "../../exchange/orders.ts";
import { MAIN_ACCOUNT_ID } from "../../exchange/trading-side.ts";
import { orderNumberOf } from "./account-texts.ts";
import { type Refused, refusedBy, refusedFor } from "./codes.ts";

type Fields = Readonly<Record<string, unknown>>;

const CLIENT_ID = /^[\w-]{1,40}$/;
const TIMES: readonly TimeInForce[] = ["GTC", "IOC", "FOK"];

export type ParsedOrder =
  | { readonly kind: "order"; readonly request: OrderRequest }
  | { readonly kind: "refused"; readonly refused: Refused };

function bad(msg: string): ParsedOrder {
  return { kind: "refused", refused: refusedBy("400100", msg) };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Reads one order; a window that has passed refuses it at the gateway. */
export function parseOrder(fields: Fields, nowUs: Micros): ParsedOrder {
  const { side, type, clientOid } = fields;
  const timeInForce = TIMES.find((each) => each === (fields.timeInForce ?? "GTC"));
  if (side !== "buy" && side !== "sell") return bad("side is invalid");
  if (type !== "limit" && type !== "market") return bad("type is invalid");
  if (timeInForce === undefined) return bad("timeInForce is invalid");
  if (clientOid !== undefined && !CLIENT_ID.test(text(clientOid)))
    return bad("clientOid is invalid");
  const notAfterUs = windowEndOf(fields);
  if (notAfterUs === undefined) return bad("allowMaxTimeWindow is invalid");
  if (nowUs > notAfterUs) return { kind: "refused", refused: refusedFor("windowClosed") };
  return {
    kind: "order",
    request: {
      accountId: MAIN_ACCOUNT_ID,
      clientOrderId: text(clientOid),
      symbol: text(fields.symbol),
      side,
      type,
      timeInForce,
      isPostOnly: fields.postOnly === true,
      price: type === "limit" ? text(fields.price) : "",
      quantity: text(fields.size),
      funds: text(fields.funds),
      selfTradeRule: "none",
      notAfterUs,
    },
  };
}

/** "With clientTimestamp and allowMaxTimeWindow, the gateway rejects what arrives later than their sum." */
function windowEndOf({ clientTimestamp, allowMaxTimeWindow }: Fields): number | undefined {
  if (allowMaxTimeWindow === undefined) return Number.POSITIVE_INFINITY;
  const isNumber =
    Number.isSafeInteger(clientTimestamp) && Number.isSafeInteger(allowMaxTimeWindow);
  if (!isNumber) return undefined;
  return (Number(clientTimestamp) + Number(allowMaxTimeWindow)) * US_PER_MS;
}

/** The order that a cancel or a query means, by either of its names. */
export function orderKeyOf(
  symbol: string,
  name: { orderId?: string; clientOid?: string },
): OrderKey {
  if (name.orderId !== undefined) return { symbol, orderId: orderNumberOf(name.orderId) };
  return { symbol, clientOrderId: name.clientOid ?? "" };
}
