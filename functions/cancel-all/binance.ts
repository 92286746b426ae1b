/**
 * The canceller's client of Binance spot, over REST.
 *
 * What is signed is the query as it is sent, percent-encoded first; HMAC-SHA256 in hex, Ed25519 in base64
 * (rest-api.md "SIGNED endpoint security", 2026-07-21). Orders are canceled by their client id, which ours
 * always have.
 */
import { createHmac, createPrivateKey, sign } from "node:crypto";
import { type CancelClient, type CancelKeys, textOf } from "./client.ts";
import type { OpenOrder } from "./logic.ts";
import { fieldsIn, jsonIn, VenueError, type VenueHttp } from "./venue-http.ts";

const VENUE = "binance-spot";
/** The venue's default; the clock of a function keeps well inside it. */
const WINDOW_MS = 5_000;
/** "Unknown order sent." (errors.md, 2026-07-21.) */
const CODE_UNKNOWN_ORDER = -2011;
const MS_OF_SILENCE = 1_000;

type Method = "GET" | "DELETE";

/** A client of the account of `keys`. */
export function binanceClient(
  http: VenueHttp,
  keys: CancelKeys,
  nowMs: () => number,
): CancelClient {
  const signature = signerOf(keys.secret);
  const ask = (method: Method, path: string, params: Readonly<Record<string, string>>) => {
    const timed = { ...params, recvWindow: String(WINDOW_MS), timestamp: String(nowMs()) };
    const text = new URLSearchParams(timed).toString();
    return http.ask({
      method,
      path,
      query: `${text}&signature=${encodeURIComponent(signature(text))}`,
      headers: { "X-MBX-APIKEY": keys.apiKey },
      body: "",
    });
  };
  return {
    async list() {
      const answer = await ask("GET", "/api/v3/openOrders", {});
      const rows = jsonIn(VENUE, answer);
      if (!Array.isArray(rows)) throw errorOf(answer.status, rows);
      return rows.map(orderOf);
    },
    async cancel({ symbol, clientId }) {
      const answer = await ask("DELETE", "/api/v3/order", { symbol, origClientOrderId: clientId });
      const fields = fieldsIn(VENUE, answer);
      if (answer.status === 200) return "canceled";
      if (fields.code === CODE_UNKNOWN_ORDER) return "gone";
      throw errorOf(answer.status, fields);
    },
    async cancelEverything(orders) {
      for (const symbol of new Set(orders.map((order) => order.symbol))) {
        const answer = await ask("DELETE", "/api/v3/openOrders", { symbol });
        if (answer.status === 200) continue;
        const fields = fieldsIn(VENUE, answer);
        if (fields.code !== CODE_UNKNOWN_ORDER) throw errorOf(answer.status, fields);
      }
    },
  };
}

function signerOf(secret: string): (text: string) => string {
  if (!secret.includes("-----BEGIN")) {
    return (text) => createHmac("sha256", secret).update(text).digest("hex");
  }
  const key = createPrivateKey(secret);
  return (text) => sign(null, Buffer.from(text), key).toString("base64");
}

function orderOf(row: unknown): OpenOrder {
  const { orderId, clientOrderId, symbol } = (row ?? {}) as Readonly<Record<string, unknown>>;
  const order = {
    orderId: textOf(orderId),
    clientId: textOf(clientOrderId),
    symbol: textOf(symbol),
  };
  if (order.symbol === "" || order.clientId === "") {
    throw new VenueError(`${VENUE}: an order that cannot be read`);
  }
  return order;
}

function errorOf(status: number, value: unknown): VenueError {
  const { code } = (value ?? {}) as { readonly code?: unknown };
  return new VenueError(`${VENUE}: status ${status}, code ${textOf(code)}`, MS_OF_SILENCE);
}
