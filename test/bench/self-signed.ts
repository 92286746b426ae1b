/**
 * A self-signed certificate for 127.0.0.1, made when it is needed and thrown away: the TLS of the black box
 * is the same as a venue's, and no key lies in the repository.
 *
 * Only what a client checks is in it: names, dates, the key, the address (RFC 5280, section 4.1).
 */
import { generateKeyPairSync, sign } from "node:crypto";

export type SelfSigned = { readonly key: string; readonly certificate: string };

const OID_ECDSA_SHA256 = Buffer.from("06082a8648ce3d040302", "hex");
const OID_COMMON_NAME = Buffer.from("0603550403", "hex");
const OID_ALTERNATIVE_NAMES = Buffer.from("0603551d11", "hex");
const OID_BASIC_CONSTRAINTS = Buffer.from("0603551d13", "hex");
const TAG = {
  boolean: 1,
  integer: 2,
  bits: 3,
  octets: 4,
  text: 12,
  time: 23,
  sequence: 48,
  set: 49,
};
const TAG_VERSION = 0xa0;
const TAG_EXTENSIONS = 0xa3;
const TAG_ADDRESS = 0x87;
const DAY_MS = 86_400_000;

export function selfSigned(): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = der(TAG.sequence, OID_ECDSA_SHA256);
  const commonName = der(
    TAG.sequence,
    OID_COMMON_NAME,
    der(TAG.text, Buffer.from("reckoner bench")),
  );
  const name = der(TAG.sequence, der(TAG.set, commonName));
  const nowMs = Date.now();
  const body = der(
    TAG.sequence,
    der(TAG_VERSION, der(TAG.integer, Buffer.from([2]))),
    der(TAG.integer, Buffer.from([1])),
    algorithm,
    name,
    der(TAG.sequence, timeOf(nowMs - DAY_MS), timeOf(nowMs + DAY_MS)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(TAG_EXTENSIONS, der(TAG.sequence, addressExtension(), authorityExtension())),
  );
  const signature = sign("sha256", body, privateKey);
  const bits = der(TAG.bits, Buffer.from([0]), signature);
  const text = der(TAG.sequence, body, algorithm, bits).toString("base64");
  const lines = text.match(/.{1,64}/g) ?? [];
  return {
    key: String(privateKey.export({ type: "pkcs8", format: "pem" })),
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`,
  };
}

function addressExtension(): Buffer {
  const names = der(TAG.sequence, der(TAG_ADDRESS, Buffer.from([127, 0, 0, 1])));
  return der(TAG.sequence, OID_ALTERNATIVE_NAMES, der(TAG.octets, names));
}

/** It is its own authority, so that a client can be told to trust it. */
function authorityExtension(): Buffer {
  const yes = der(TAG.boolean, Buffer.from([255]));
  const constraints = der(TAG.sequence, yes);
  return der(TAG.sequence, OID_BASIC_CONSTRAINTS, yes, der(TAG.octets, constraints));
}

function timeOf(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/[-:T]/g, "").slice(2, 14);
  return der(TAG.time, Buffer.from(`${digits}Z`));
}

/** One value of the encoding: tag, length, content. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 128) return Buffer.concat([Buffer.from([tag, length]), content]);
  if (length < 256) return Buffer.concat([Buffer.from([tag, 0x81, length]), content]);
  return Buffer.concat([Buffer.from([tag, 0x82, length >> 8, length & 255]), content]);
}
