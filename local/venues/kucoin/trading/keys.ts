/**
 * Station: an API key and a signature -> whose request it is, or the code that refuses it.
 *
 * One key of one account, of bytes drawn for it; it opens nothing but this simulation. Signatures as on
 * the venue's page "authentication": HMAC-SHA256 in base64, the passphrase signed as well.
 */
import { createHmac } from "node:crypto";
import type { Micros } from "../../../../contracts/time.ts";
import { US_PER_MS } from "../../../../contracts/time.ts";
import type { DrawBytes, HandedKey, KeyChange } from "../../venue-model.ts";

const KEY_BYTES = 12;
const SECRET_BYTES = 18;
/** "The timestamp must be within 5 seconds of the server's time." */
const TIMESTAMP_MS_MAX = 5_000;

/** base64(HMAC-SHA256(secret, text)). */
export function hmac(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text).digest("base64");
}

/** What a request shows of its key. */
export type Credentials = {
  readonly apiKey: string;
  readonly passphrase: string;
  readonly timestamp: string;
  readonly signature: string;
  /** The text that was signed, without the timestamp before it. */
  readonly payload: string;
};

/** The key of one venue. */
export class KucoinKeys {
  readonly handed: { readonly hmac: HandedKey };
  isIpRestricted = true;
  mayWithdraw = false;
  #isRevoked = false;

  constructor(drawBytes: DrawBytes) {
    this.handed = {
      hmac: {
        apiKey: drawBytes(KEY_BYTES).toString("hex"),
        secret: drawBytes(SECRET_BYTES).toString("hex"),
        passphrase: drawBytes(KEY_BYTES).toString("base64url"),
      },
    };
  }

  /** Lets the key's rights lie, or revokes it. */
  change(change: KeyChange): void {
    this.isIpRestricted = change.ipRestrict ?? this.isIpRestricted;
    this.mayWithdraw = change.enableWithdrawals ?? this.mayWithdraw;
    this.#isRevoked = change.isRevoked ?? this.#isRevoked;
  }

  /** The code that refuses these credentials, or undefined for good ones. */
  refusalOf(shown: Credentials, nowUs: Micros): string | undefined {
    const { apiKey, secret, passphrase } = this.handed.hmac;
    if (shown.apiKey === "" || shown.signature === "") return "400001";
    if (shown.apiKey !== apiKey || this.#isRevoked) return "400003";
    if (shown.passphrase !== hmac(secret, passphrase)) return "400004";
    const awayMs = Math.abs(Number(shown.timestamp) - nowUs / US_PER_MS);
    if (!(awayMs <= TIMESTAMP_MS_MAX)) return "400002";
    return shown.signature === hmac(secret, shown.payload) ? undefined : "400005";
  }
}
