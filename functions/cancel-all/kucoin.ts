/**
 * The canceller's client of KuCoin spot, over REST.
 *
 * HMAC-SHA256 in base64 over `timestamp + METHOD + path[?query] + body`; the passphrase is signed too
 * (docs-new, "authentication", 2026). Open orders are listed symbol by symbol. A cancel is only asked for here;
 * the next look shows whether it was carried out.
 */
import { createHmac } from "node:crypto";
import { type CancelClient, type CancelKeys, textOf } from "./client.ts";
import type { OpenOrder } from "./logic.ts";
import { fieldsIn, VenueError, type VenueHttp } from "./venue-http.ts";

const VENUE = "kucoin";
const CODE_OK = "200000";
/** The order is unknown or cannot be canceled any more ("order not exist" comes as 400100). */
const CODES_GONE: readonly string[] = ["102436", "100004"];
const CODE_PARAMETER = "400100";
const CODE_LIMITED = "429000";
const MS_OF_SILENCE = 1_000;
const ORDERS = "/api/v1/hf/orders";

type Answer = { readonly code: string; readonly data: unknown; readonly message: string };

/** A client of the account of `keys`. */
export function kucoinClient(http: VenueHttp, keys: CancelKeys, nowMs: () => number): CancelClient {
  const ask = async (method: "GET" | "DELETE", path: string, query = ""): Promise<Answer> => {
    const timestamp = String(nowMs());
    const target = query === "" ? path : `${path}?${query}`;
    const headers = {
      "KC-API-KEY": keys.apiKey,
      "KC-API-SIGN": signature(keys.secret, `${timestamp}${method}${target}`),
      "KC-API-TIMESTAMP": timestamp,
      "KC-API-PASSPHRASE": signature(keys.secret, keys.passphrase),
      "KC-API-KEY-VERSION": "3",
      "Content-Type": "application/json",
    };
    const answer = await http.ask({ method, path, query, headers, body: "" });
    const { code, data, msg } = fieldsIn(VENUE, answer);
    return { code: textOf(code), data, message: textOf(msg) };
  };
  return {
    async list() {
      const { symbols } = dataOf(await ask("GET", `${ORDERS}/active/symbols`));
      if (!Array.isArray(symbols)) throw new VenueError(`${VENUE}: an answer without symbols`);
      const orders: OpenOrder[] = [];
      for (const symbol of symbols.map(textOf)) {
        const answer = await ask("GET", `${ORDERS}/active`, `symbol=${symbol}`);
        const rows = dataOf(answer);
        if (!Array.isArray(rows)) throw new VenueError(`${VENUE}: an answer without orders`);
        orders.push(...rows.map(orderOf));
      }
      return orders;
    },
    async cancel({ orderId, symbol }) {
      const answer = await ask("DELETE", `${ORDERS}/${orderId}`, `symbol=${symbol}`);
      if (isGone(answer)) return "gone";
      dataOf(answer);
      return "canceled";
    },
    async cancelEverything() {
      dataOf(await ask("DELETE", `${ORDERS}/cancelAll`));
    },
  };
}

function signature(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text).digest("base64");
}

function isGone({ code, message }: Answer): boolean {
  if (CODES_GONE.includes(code)) return true;
  return code === CODE_PARAMETER && /not\s?_?exist/i.test(message);
}

function dataOf({ code, data }: Answer): Record<string, unknown> & object {
  if (code !== CODE_OK) {
    throw new VenueError(`${VENUE}: code ${code}`, code === CODE_LIMITED ? MS_OF_SILENCE : 0);
  }
  return (data ?? {}) as Record<string, unknown>;
}

function orderOf(row: unknown): OpenOrder {
  const { id, clientOid, symbol } = (row ?? {}) as Readonly<Record<string, unknown>>;
  const order = { orderId: textOf(id), clientId: textOf(clientOid), symbol: textOf(symbol) };
  if (order.orderId === "" || order.symbol === "") {
    throw new VenueError(`${VENUE}: an order that cannot be read`);
  }
  return order;
}
