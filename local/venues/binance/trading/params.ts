/**
 * Station: named texts of a request -> what they ask for, or the venue's complaint.
 *
 * Parameters arrive as text from both doors: a query or body over REST, JSON over the WebSocket API, where
 * a number keeps the digits it was written with. Pure; it knows no account and no book.
 */
import type { Micros } from "../../../../contracts/time.ts";
import { US_PER_MS } from "../../../../contracts/time.ts";
import type { OrderKey, OrderRequest, SelfTradeRule } from "../../exchange/orders.ts";
import { type ApiError, ERRORS, illegal, missing, notRequired } from "./errors.ts";

export type Params = ReadonlyMap<string, string>;

export type Parsed<T> =
  | { readonly kind: "ok"; readonly value: T }
  | { readonly kind: "bad"; readonly error: ApiError };

function ok<T>(value: T): Parsed<T> {
  return { kind: "ok", value };
}

function bad<T>(error: ApiError): Parsed<T> {
  return { kind: "bad", error };
}

const RECV_WINDOW_MS_DEFAULT = 5_000;
const RECV_WINDOW_MS_MAX = 60_000;
/** A request may be this far ahead of the venue's clock. */
const AHEAD_MS_MAX = 1_000;
/** Timestamps above this are microseconds. */
const TIMESTAMP_MS_MAX = 100_000_000_000_000;
const CLIENT_ID = /^[a-zA-Z0-9-_]{1,36}$/;
const DECIMAL = /^\d{1,20}(\.\d{1,20})?$/;

/** How long a signed request may live, by the venue's clock. */
export type TimeWindow = { readonly notAfterUs: Micros };

/** Reads and checks `timestamp` and `recvWindow` at the gateway. */
export function parseWindow(params: Params, nowUs: Micros): Parsed<TimeWindow> {
  const text = params.get("timestamp") ?? "";
  if (!/^\d{1,16}$/.test(text)) return bad(missing("timestamp"));
  const raw = Number(text);
  const stampMs = raw > TIMESTAMP_MS_MAX ? raw / US_PER_MS : raw;
  const windowText = params.get("recvWindow") ?? String(RECV_WINDOW_MS_DEFAULT);
  if (!/^\d{1,6}(\.\d{1,3})?$/.test(windowText)) return bad(missing("recvWindow"));
  const windowMs = Number(windowText);
  if (windowMs > RECV_WINDOW_MS_MAX) return bad(ERRORS.recvWindow);
  const nowMs = nowUs / US_PER_MS;
  if (stampMs >= nowMs + AHEAD_MS_MAX) return bad(ERRORS.ahead);
  if (nowMs - stampMs > windowMs) return bad(ERRORS.outside);
  return ok({ notAfterUs: Math.floor((stampMs + windowMs) * US_PER_MS) });
}

/** A mandatory symbol. */
export function parseSymbol(params: Params): Parsed<string> {
  const symbol = params.get("symbol") ?? "";
  if (symbol === "") return bad(missing("symbol"));
  const range = "^[A-Z0-9-_.]{1,20}$";
  return new RegExp(range).test(symbol) ? ok(symbol) : bad(illegal("symbol", range));
}

function parseClientId(params: Params, name: string): Parsed<string> {
  const id = params.get(name);
  if (id === undefined) return ok("");
  return CLIENT_ID.test(id) ? ok(id) : bad(illegal(name, CLIENT_ID.source));
}

function parseDecimal(params: Params, name: string, isWanted: boolean): Parsed<string> {
  const text = params.get(name);
  if (text === undefined) return isWanted ? bad(missing(name)) : ok("");
  if (!isWanted) return bad(notRequired(name));
  return DECIMAL.test(text) ? ok(text) : bad(illegal(name, DECIMAL.source));
}

const SELF_TRADE_RULES: ReadonlyMap<string, SelfTradeRule> = new Map([
  ["NONE", "none"],
  ["EXPIRE_MAKER", "expireMaker"],
  ["EXPIRE_TAKER", "expireTaker"],
  ["EXPIRE_BOTH", "expireBoth"],
]);

/** The mode an order gets when it names none (`defaultSelfTradePreventionMode` of exchangeInfo). */
export const SELF_TRADE_DEFAULT = "EXPIRE_MAKER";

const ORDER_TYPES = ["LIMIT", "LIMIT_MAKER", "MARKET"];
const TIMES_IN_FORCE = ["GTC", "IOC", "FOK"] as const;

type OrderWords = Pick<OrderRequest, "side" | "type" | "timeInForce" | "isPostOnly">;

function parseWords(params: Params): Parsed<OrderWords> {
  const side = params.get("side");
  if (side === undefined) return bad(missing("side"));
  if (side !== "BUY" && side !== "SELL") return bad(ERRORS.side);
  const type = params.get("type");
  if (type === undefined) return bad(missing("type"));
  if (!ORDER_TYPES.includes(type)) return bad(ERRORS.orderType);
  const named = params.get("timeInForce");
  if (type !== "LIMIT" && named !== undefined) return bad(notRequired("timeInForce"));
  if (type === "LIMIT" && named === undefined) return bad(missing("timeInForce"));
  const timeInForce = TIMES_IN_FORCE.find((one) => one === (named ?? "GTC"));
  if (timeInForce === undefined) return bad(ERRORS.timeInForce);
  const isMarket = type === "MARKET";
  return ok({
    side: side === "BUY" ? "buy" : "sell",
    type: isMarket ? "market" : "limit",
    timeInForce: isMarket ? "IOC" : timeInForce,
    isPostOnly: type === "LIMIT_MAKER",
  });
}

/** What a place request asks for; the exchange checks the numbers. */
export function parseOrder(
  params: Params,
  who: { accountId: string; notAfterUs: Micros },
): Parsed<OrderRequest> {
  const symbol = parseSymbol(params);
  if (symbol.kind === "bad") return symbol;
  const words = parseWords(params);
  if (words.kind === "bad") return words;
  const clientOrderId = parseClientId(params, "newClientOrderId");
  if (clientOrderId.kind === "bad") return clientOrderId;
  const isMarket = words.value.type === "market";
  const isByFunds = isMarket && params.has("quoteOrderQty");
  const price = parseDecimal(params, "price", !isMarket);
  if (price.kind === "bad") return price;
  const quantity = parseDecimal(params, "quantity", !isByFunds);
  if (quantity.kind === "bad") return quantity;
  const funds = parseDecimal(params, "quoteOrderQty", isByFunds);
  if (funds.kind === "bad") return funds;
  const mode = params.get("selfTradePreventionMode") ?? SELF_TRADE_DEFAULT;
  const selfTradeRule = SELF_TRADE_RULES.get(mode);
  if (selfTradeRule === undefined) return bad(ERRORS.unsupported);
  return ok({
    ...who,
    ...words.value,
    symbol: symbol.value,
    clientOrderId: clientOrderId.value,
    price: price.value,
    quantity: quantity.value,
    funds: funds.value,
    selfTradeRule,
  });
}

/** The order that a query or a cancel means. */
export function parseOrderKey(params: Params): Parsed<OrderKey> {
  const symbol = parseSymbol(params);
  if (symbol.kind === "bad") return symbol;
  const idText = params.get("orderId");
  const clientOrderId = params.get("origClientOrderId");
  if (idText === undefined && clientOrderId === undefined) {
    return bad({
      status: 400,
      code: -1_128,
      msg: "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!",
    });
  }
  if (idText !== undefined && !/^\d{1,16}$/.test(idText)) {
    return bad(illegal("orderId", "^[0-9]{1,20}$"));
  }
  return ok({
    symbol: symbol.value,
    ...(idText === undefined ? {} : { orderId: Number(idText) }),
    ...(clientOrderId === undefined ? {} : { clientOrderId }),
  });
}

/** A whole number of at most `max`, with its default. */
export function parseCount(
  params: Params,
  name: string,
  bounds: { fallback: number; max: number },
): Parsed<number> {
  const text = params.get(name);
  if (text === undefined) return ok(bounds.fallback);
  if (!/^\d{1,16}$/.test(text)) return bad(illegal(name, "^[0-9]{1,20}$"));
  return ok(Math.min(Number(text), bounds.max));
}
