/**
 * Station: keys -> signatures of requests, of the order socket's address, and of its challenge.
 *
 * HMAC-SHA256 in base64 over `timestamp + METHOD + path[?query] + body`; keys of version 2 and 3 sign the
 * passphrase as well (docs-new, "authentication", 2026). Nothing here is kept, logged or shown.
 */
import { createHmac } from "node:crypto";
import type { AccountKeys } from "../../execution.ts";

/** The order socket refuses older ones with 400008. */
const KEY_VERSION = "3";

/** base64(HMAC-SHA256(secret, text)). */
export function sign(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text).digest("base64");
}

/** Headers of one REST request; the query of `target` stands as it is signed, not percent-encoded. */
export function signedHeaders(
  { apiKey, secret, passphrase }: AccountKeys,
  request: {
    readonly method: string;
    readonly target: string;
    readonly body: string;
    readonly timeMs: number;
  },
): Readonly<Record<string, string>> {
  const { method, target, body, timeMs } = request;
  return {
    "KC-API-KEY": apiKey,
    "KC-API-SIGN": sign(secret, `${timeMs}${method}${target}${body}`),
    "KC-API-TIMESTAMP": String(timeMs),
    "KC-API-PASSPHRASE": sign(secret, passphrase),
    "KC-API-KEY-VERSION": KEY_VERSION,
    "Content-Type": "application/json",
  };
}

/** Where the order socket is dialed: key, signature and passphrase stand in the query. */
export function orderSocketUrl(
  orders: string,
  { apiKey, secret, passphrase }: AccountKeys,
  timeMs: number,
): string {
  const query = [
    ["apikey", apiKey],
    ["sign", sign(secret, `${apiKey}${timeMs}`)],
    ["passphrase", sign(secret, passphrase)],
    ["timestamp", String(timeMs)],
  ].map(([name, value]) => `${name}=${encodeURIComponent(value ?? "")}`);
  return `${orders}/v1/private?${query.join("&")}`;
}
