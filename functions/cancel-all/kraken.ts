/**
 * The canceller's client of Kraken, over REST.
 *
 * `API-Sign = base64(HMAC-SHA512(base64decode(secret), path + SHA256(nonce + body)))` (spot-rest-auth,
 * 2026-08-22). The nonce is our clock in microseconds and only grows; the canceller has a key of its own, so
 * nobody else's nonces meet it. One call waits for the other: nonces that overtake each other are refused, and
 * a key that goes on so is banned for a while. Every answer comes with status 200 and a list of errors.
 */
import { createHash, createHmac } from "node:crypto";
import { createTurns } from "../platform/in-turn.ts";
import { type CancelClient, type CancelKeys, textOf } from "./client.ts";
import type { OpenOrder } from "./logic.ts";
import { fieldsIn, VenueError, type VenueHttp } from "./venue-http.ts";

const VENUE = "kraken";
const UNKNOWN_ORDER = /^EOrder:Unknown order/;
/** "EAPI:Rate limit exceeded": the counter falls by one in two seconds or faster (spot-rest-ratelimits). */
const LIMITED = /[Rr]ate limit|Throttled/;
const MS_OF_SILENCE = 2_000;
const US_PER_MS = 1_000;

type Params = Readonly<Record<string, string>>;

/** A client of the account of `keys`. */
export function krakenClient(http: VenueHttp, keys: CancelKeys, nowMs: () => number): CancelClient {
  const inTurn = createTurns();
  let lastNonce = 0;
  const askNow = async (method: string, params: Params): Promise<Record<string, unknown>> => {
    lastNonce = Math.max(lastNonce + 1, Math.floor(nowMs() * US_PER_MS));
    const nonce = String(lastNonce);
    const path = `/0/private/${method}`;
    const body = new URLSearchParams({ nonce, ...params }).toString();
    const answer = await http.ask({
      method: "POST",
      path,
      query: "",
      headers: {
        "API-Key": keys.apiKey,
        "API-Sign": signature(keys.secret, path, nonce, body),
        "Content-Type": "application/x-www-form-urlencoded",
      },
      body,
    });
    return fieldsIn(VENUE, answer);
  };
  const ask = (method: string, params: Params) => inTurn(() => askNow(method, params));
  return {
    async list() {
      const { open } = resultOf(await ask("OpenOrders", {}));
      if (typeof open !== "object" || open === null) {
        throw new VenueError(`${VENUE}: an answer without orders`);
      }
      return Object.entries(open).map(([orderId, row]) => orderOf(orderId, row));
    },
    async cancel({ orderId }) {
      const answer = await ask("CancelOrder", { txid: orderId });
      if (UNKNOWN_ORDER.test(firstError(answer))) return "gone";
      resultOf(answer);
      return "canceled";
    },
    async cancelEverything() {
      resultOf(await ask("CancelAll", {}));
    },
  };
}

function signature(secret: string, path: string, nonce: string, body: string): string {
  const digest = createHash("sha256").update(`${nonce}${body}`).digest();
  const hmac = createHmac("sha512", Buffer.from(secret, "base64"));
  return hmac.update(path).update(digest).digest("base64");
}

function firstError({ error }: Record<string, unknown>): string {
  if (!Array.isArray(error)) return "no list of errors";
  const [first] = error as readonly unknown[];
  return first === undefined ? "" : textOf(first) || "an error without words";
}

function resultOf(answer: Record<string, unknown>): Record<string, unknown> {
  const error = firstError(answer);
  if (error !== "") {
    throw new VenueError(`${VENUE}: ${error}`, LIMITED.test(error) ? MS_OF_SILENCE : 0);
  }
  const { result } = answer;
  return typeof result === "object" && result !== null ? { ...result } : {};
}

function orderOf(orderId: string, row: unknown): OpenOrder {
  const { cl_ord_id: clientId, descr } = (row ?? {}) as Readonly<Record<string, unknown>>;
  const { pair } = (descr ?? {}) as Readonly<Record<string, unknown>>;
  return { orderId, clientId: textOf(clientId), symbol: textOf(pair) };
}
