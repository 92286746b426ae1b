/**
 * Station: an API key and a signature -> whose request it is, or why it is nobody's.
 *
 * Two keys of one account, made of bytes that are drawn for it: HMAC-SHA256 and Ed25519
 * (web-socket-api.md, rest-api.md, read 2026-11-20). They open nothing but this simulation. It reads no
 * request: the text that was signed is handed in.
 */
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  timingSafeEqual,
  verify,
} from "node:crypto";
import type { DrawBytes, HandedKey, KeyChange } from "../../venue-model.ts";

/** What a key may do, as `apiRestrictions` tells it; tests let it lie. */
export type KeyRights = {
  ipRestrict: boolean;
  enableWithdrawals: boolean;
  enableReading: boolean;
  enableSpotAndMarginTrading: boolean;
};

export const SAFE_RIGHTS: Readonly<KeyRights> = {
  ipRestrict: true,
  enableWithdrawals: false,
  enableReading: true,
  enableSpotAndMarginTrading: true,
};

type Verifier =
  | { readonly kind: "hmac"; readonly secret: string }
  | { readonly kind: "ed25519"; readonly publicKey: KeyObject };

export type ApiKey = {
  readonly apiKey: string;
  readonly accountId: string;
  readonly verifier: Verifier;
  readonly rights: KeyRights;
  isRevoked: boolean;
};

/** The secrets that whoever started the venues gets. */
export type HandedKeys = { readonly hmac: HandedKey; readonly ed25519: HandedKey };

const KEY_BYTES = 48;
const SEED_BYTES = 32;
/** What stands before the seed in PKCS #8 (RFC 8410, section 7; read 2026-11-21). */
const ED25519_HEADER = Buffer.from("302e020100300506032b657004220420", "hex");

function drawPrivateKey(drawBytes: DrawBytes): KeyObject {
  const key = Buffer.concat([ED25519_HEADER, drawBytes(SEED_BYTES)]);
  return createPrivateKey({ key, format: "der", type: "pkcs8" });
}

/** The keys of one venue. */
export class KeyRing {
  readonly handed: HandedKeys;
  readonly #keys = new Map<string, ApiKey>();

  constructor(accountId: string, drawBytes: DrawBytes) {
    const drawName = () => drawBytes(KEY_BYTES).toString("base64url");
    const hmac = { apiKey: drawName(), secret: drawName(), passphrase: "" };
    const privateKey = drawPrivateKey(drawBytes);
    const secret = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const ed25519 = { apiKey: drawName(), secret, passphrase: "" };
    this.handed = { hmac, ed25519 };
    this.add(hmac.apiKey, accountId, { kind: "hmac", secret: hmac.secret });
    this.add(ed25519.apiKey, accountId, {
      kind: "ed25519",
      publicKey: createPublicKey(privateKey),
    });
  }

  /** Adds a key with the rights of a safe one. */
  add(apiKey: string, accountId: string, verifier: Verifier): ApiKey {
    const key = { apiKey, accountId, verifier, rights: { ...SAFE_RIGHTS }, isRevoked: false };
    this.#keys.set(apiKey, key);
    return key;
  }

  /** A key that is known and not revoked. */
  find(apiKey: string): ApiKey | undefined {
    const key = this.#keys.get(apiKey);
    return key?.isRevoked === true ? undefined : key;
  }

  /** Changes the rights of every key, or revokes them all. */
  change(change: KeyChange): void {
    for (const key of this.#keys.values()) {
      key.rights.ipRestrict = change.ipRestrict ?? key.rights.ipRestrict;
      key.rights.enableWithdrawals = change.enableWithdrawals ?? key.rights.enableWithdrawals;
      key.isRevoked = change.isRevoked ?? key.isRevoked;
    }
  }
}

/** Whether `signature` is the key's own over `payload`. HMAC is hex of either case, Ed25519 base64. */
export function isSigned(key: ApiKey, payload: string, signature: string): boolean {
  const { verifier } = key;
  if (verifier.kind === "hmac") {
    const expected = createHmac("sha256", verifier.secret).update(payload, "utf8").digest();
    if (!/^[0-9a-fA-F]{64}$/.test(signature)) return false;
    return timingSafeEqual(expected, Buffer.from(signature, "hex"));
  }
  if (!/^[A-Za-z0-9+/]{86}==$/.test(signature)) return false;
  const bytes = Buffer.from(signature, "base64");
  return verify(null, Buffer.from(payload, "utf8"), verifier.publicKey, bytes);
}
