/**
 * Station: a signed POST -> whose it is, or the venue's error; a token -> whose connection it opens.
 *
 * One key of one account, of bytes drawn for it; it opens nothing but this simulation. Nonces must grow;
 * a token is good for fifteen minutes, and for as long as its connection once it was used.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Micros } from "../../../../contracts/time.ts";
import type { DrawBytes, HandedKey, KeyChange } from "../../venue-model.ts";

const KEY_BYTES = 42;
const SECRET_BYTES = 64;
const TOKEN_LIFE_US = 900_000_000;

/** The keys and tokens of one venue. */
export class KrakenKeys {
  readonly accountId: string;
  readonly handed: HandedKey;
  readonly #drawBytes: DrawBytes;
  readonly #secret: Buffer;
  readonly #tokens = new Map<string, Micros>();
  #isRevoked = false;
  #lastNonce = -1n;

  constructor(accountId: string, drawBytes: DrawBytes) {
    this.accountId = accountId;
    this.#drawBytes = drawBytes;
    this.#secret = drawBytes(SECRET_BYTES);
    const secret = this.#secret.toString("base64");
    this.handed = { apiKey: drawBytes(KEY_BYTES).toString("base64"), secret, passphrase: "" };
  }

  /** Revokes the key; Kraken has no call that tells its rights. */
  change(change: KeyChange): void {
    this.#isRevoked = change.isRevoked ?? this.#isRevoked;
  }

  /** The account of a signed request, or the error to answer with. */
  accountOf(request: {
    readonly path: string;
    readonly body: string;
    readonly apiKey: string;
    readonly signature: string;
  }): { readonly accountId: string } | { readonly error: string } {
    const { path, body, apiKey, signature } = request;
    if (this.#isRevoked || apiKey !== this.handed.apiKey) return { error: "EAPI:Invalid key" };
    const nonce = new URLSearchParams(body).get("nonce") ?? "";
    if (!/^\d{1,20}$/.test(nonce)) return { error: "EAPI:Invalid nonce" };
    const digest = createHash("sha256")
      .update(nonce + body)
      .digest();
    const expected = createHmac("sha512", this.#secret).update(path).update(digest).digest();
    const given = Buffer.from(signature, "base64");
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      return { error: "EAPI:Invalid signature" };
    }
    if (BigInt(nonce) <= this.#lastNonce) return { error: "EAPI:Invalid nonce" };
    this.#lastNonce = BigInt(nonce);
    return { accountId: this.accountId };
  }

  makeToken(nowUs: Micros): string {
    const token = this.#drawBytes(KEY_BYTES).toString("base64");
    this.#tokens.set(token, nowUs + TOKEN_LIFE_US);
    return token;
  }

  /** Whether a token opens the account now; `isInUse` where the connection has used it before. */
  isToken(token: unknown, nowUs: Micros, isInUse: boolean): boolean {
    const dueUs = typeof token === "string" ? this.#tokens.get(token) : undefined;
    return dueUs !== undefined && !this.#isRevoked && (isInUse || nowUs <= dueUs);
  }
}
