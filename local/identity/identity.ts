/**
 * The issuer of tokens of one machine: an ES256 key pair in a folder, made at the first start and kept.
 *
 * Whoever can read the private key can be anybody, so its file is the owner's alone. Tokens have the claims
 * of an access token of Cognito, and the groups are the roles.
 */
import { randomUUID } from "node:crypto";
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  SignJWT,
} from "jose";

export const LOCAL_ISSUER = "reckoner-local";
export const LOCAL_AUDIENCE = "reckoner-control";
/** As long as the control API takes a token for, whatever its own end says. */
export const TOKEN_LIFE_S_MAX = 24 * 3600;

const ALGORITHM = "ES256";
const PRIVATE_NAME = "private.jwk.json";
const PUBLIC_NAME = "jwks.json";
const OWNER_ONLY = 0o600;

export type TokenRequest = {
  readonly subject: string;
  /** viewer, operator, risk, admin. */
  readonly roles: readonly string[];
  /** At most `TOKEN_LIFE_S_MAX`. */
  readonly lifeS: number;
};

export type LocalIdentity = {
  /** The public key set as JSON text. */
  readonly jwks: string;
  /** What the control API needs to know: RECKONER_JWKS, RECKONER_ISSUER, RECKONER_AUDIENCE. */
  readonly environment: Readonly<Record<string, string>>;
  readonly mint: (request: TokenRequest) => Promise<string>;
};

/** The identity that lives in `folder`, made there when there is none. */
export async function openIdentity(folder: string): Promise<LocalIdentity> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const key = (await readKey(folder)) ?? (await makeKey(folder));
  const { d: _secret, ...shown } = key;
  const jwks = JSON.stringify({ keys: [shown] });
  await writeFile(join(folder, PUBLIC_NAME), `${jwks}\n`);
  const signer = await importJWK(key, ALGORITHM);
  return {
    jwks,
    environment: {
      RECKONER_JWKS: jwks,
      RECKONER_ISSUER: LOCAL_ISSUER,
      RECKONER_AUDIENCE: LOCAL_AUDIENCE,
    },
    mint: ({ subject, roles, lifeS }) => {
      const nowS = Math.floor(Date.now() / 1_000);
      return new SignJWT({
        "cognito:groups": [...roles],
        client_id: LOCAL_AUDIENCE,
        token_use: "access",
      })
        .setProtectedHeader({ alg: ALGORITHM, kid: key.kid ?? "", typ: "JWT" })
        .setSubject(subject)
        .setIssuer(LOCAL_ISSUER)
        .setAudience(LOCAL_AUDIENCE)
        .setJti(randomUUID())
        .setIssuedAt(nowS)
        .setExpirationTime(nowS + Math.min(lifeS, TOKEN_LIFE_S_MAX))
        .sign(signer);
    },
  };
}

async function readKey(folder: string): Promise<JWK | undefined> {
  const path = join(folder, PRIVATE_NAME);
  try {
    const key = JSON.parse(await readFile(path, "utf8")) as JWK;
    // A copy or a careless umask may have opened it since.
    await chmod(path, OWNER_ONLY);
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw new Error(`${path} cannot be read as a key; remove it to make a new one`, {
      cause: error,
    });
  }
}

async function makeKey(folder: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const bare = await exportJWK(privateKey);
  const key = { ...bare, alg: ALGORITHM, use: "sig", kid: await calculateJwkThumbprint(bare) };
  const path = join(folder, PRIVATE_NAME);
  // Written aside first: a process that dies meanwhile leaves no half a key.
  const aside = `${path}.${process.pid}`;
  await writeFile(aside, JSON.stringify(key), { mode: OWNER_ONLY });
  await rename(aside, path);
  return key;
}
