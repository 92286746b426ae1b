/**
 * Station: a private call -> its nonce, its body and its signature, for Kraken's REST interface.
 *
 * `API-Sign = base64(HMAC-SHA512(base64decode(secret), path + SHA256(nonce + body)))` (spot-rest-auth,
 * 2026-08-22). A nonce must grow for ever, over restarts too: it is our clock in microseconds, never less
 * than one more than the last, and is raised when the venue says that it has seen a greater one. A secret
 * is kept in here and given to nobody.
 */
import { createHmac, hash } from "node:crypto";
import type { AccountKeys, DeskCall, DeskTag } from "../../execution.ts";

/** How far a nonce is raised after the venue has refused one: a clock that was set back a little. */
const NONCE_RAISE_US = 60_000_000;

/** Nonces of one key: a sequence that only grows. */
export class Nonces {
  #last = 0;
  #raisedUs = 0;

  /** The next nonce at a time of ours. */
  next(nowUs: number): number {
    this.#last = Math.max(this.#last + 1, Math.floor(nowUs) + this.#raisedUs);
    return this.#last;
  }

  /** The venue has seen a greater one: another process, or a clock that was ahead. Doubles each time. */
  raise(): void {
    this.#raisedUs = this.#raisedUs === 0 ? NONCE_RAISE_US : this.#raisedUs * 2;
  }
}

/** The value of `API-Sign`. */
export function signatureOf(secret: string, path: string, nonce: string, body: string): string {
  const digest = hash("sha256", nonce + body, "buffer");
  const key = Buffer.from(secret, "base64");
  return createHmac("sha512", key).update(path, "ascii").update(digest).digest("base64");
}

/** One private call, signed; `params` go into the form in their order, the nonce first. */
export function privateCall(
  keys: AccountKeys,
  nonce: number,
  call: {
    readonly method: string;
    readonly params: readonly (readonly [name: string, value: string])[];
    readonly timeoutMs: number;
    readonly kind: DeskCall["kind"];
    readonly tag: DeskTag;
  },
): DeskCall {
  const path = `/0/private/${call.method}`;
  const body = new URLSearchParams([
    ["nonce", String(nonce)],
    ...call.params.map(pairOf),
  ]).toString();
  return {
    method: "POST",
    path,
    headers: {
      "API-Key": keys.apiKey,
      "API-Sign": signatureOf(keys.secret, path, String(nonce), body),
      "Content-Type": "application/x-www-form-urlencoded",
    },
    body,
    timeoutMs: call.timeoutMs,
    kind: call.kind,
    tag: call.tag,
  };
}

function pairOf([name, value]: readonly [string, string]): [string, string] {
  return [name, value];
}
