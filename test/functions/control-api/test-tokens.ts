/**
 * Tokens for tests: keys of three kinds, and every way in which a token can be wrong.
 */
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { type TokenReader, tokenReader } from "../../../functions/control-api/token.ts";
import { START_US } from "./memory-ports.ts";

export const ISSUER = "https://issuer.test/pool";
export const AUDIENCE = "reckoner-test";
const NOW_S = START_US / 1_000_000;

/** Claims that override the usual ones; undefined removes one. */
type Claims = Readonly<Record<string, unknown>>;
type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;
export type Mint = {
  readonly jwks: string;
  readonly readToken: TokenReader;
  /** A good token of `groups`; `claims` override and `undefined` removes. */
  readonly token: (
    subject: string,
    groups: readonly string[],
    options?: { readonly claims?: Claims; readonly key?: "es" | "ed" | "rs" | "stranger" },
  ) => Promise<string>;
  readonly es: KeyPair;
};

/** One mint a test file: making keys takes a while. */
export async function createMint(): Promise<Mint> {
  const es = await generateKeyPair("ES256", { extractable: true });
  const ed = await generateKeyPair("EdDSA", { extractable: true });
  const rs = await generateKeyPair("RS256", { extractable: true });
  const stranger = await generateKeyPair("ES256", { extractable: true });
  const keys = { es, ed, rs, stranger };
  const algorithms = { es: "ES256", ed: "EdDSA", rs: "RS256", stranger: "ES256" } as const;
  const jwks = JSON.stringify({
    keys: await Promise.all(
      (["es", "ed", "rs"] as const).map(async (kid) => {
        return { ...(await exportJWK(keys[kid].publicKey)), kid, alg: algorithms[kid], use: "sig" };
      }),
    ),
  });
  return {
    jwks,
    es,
    readToken: tokenReader({ jwks, issuer: ISSUER, audience: AUDIENCE }),
    token: (subject, groups, { claims = {}, key = "es" } = {}) => {
      const all = {
        sub: subject,
        iss: ISSUER,
        aud: AUDIENCE,
        iat: NOW_S - 60,
        exp: NOW_S + 3600,
        "cognito:groups": groups,
        ...claims,
      };
      const payload = Object.fromEntries(Object.entries(all).filter(([, v]) => v !== undefined));
      const kid = key === "stranger" ? "es" : key;
      return new SignJWT(payload)
        .setProtectedHeader({ alg: algorithms[key], kid })
        .sign(keys[key].privateKey);
    },
  };
}

export type BadToken = { readonly name: string; readonly header: string | undefined };

/** Every token that is not good, as the header `Authorization` has it. */
export async function badTokens(mint: Mint): Promise<readonly BadToken[]> {
  const groups = ["admin"];
  const good = await mint.token("mallory", groups);
  const [head = "", body = "", signature = ""] = good.split(".");
  const encode = (value: unknown): string =>
    Buffer.from(JSON.stringify(value)).toString("base64url");
  const withClaims = async (name: string, claims: Claims): Promise<BadToken> => {
    return { name, header: `Bearer ${await mint.token("mallory", groups, { claims })}` };
  };
  const publicKey = JSON.stringify(await exportJWK(mint.es.publicKey));
  const confused = await new SignJWT({ sub: "mallory", "cognito:groups": groups })
    .setProtectedHeader({ alg: "HS256", kid: "es" })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt(NOW_S)
    .setExpirationTime(NOW_S + 60)
    .sign(new TextEncoder().encode(publicKey));
  const forged = encode({ sub: "mallory", "cognito:groups": ["admin"] });
  return [
    { name: "no token", header: undefined },
    { name: "an empty header", header: "" },
    { name: "another scheme", header: "Basic bWFsbG9yeTpwdw==" },
    { name: "no token behind the scheme", header: "Bearer " },
    { name: "words", header: "Bearer not-a-token" },
    { name: "alg none", header: `Bearer ${encode({ alg: "none" })}.${body}.` },
    {
      name: "alg none with a signature",
      header: `Bearer ${encode({ alg: "none" })}.${body}.${signature}`,
    },
    { name: "a key taken for a secret", header: `Bearer ${confused}` },
    { name: "another's signature", header: `Bearer ${head}.${forged}.${signature}` },
    { name: "a cut signature", header: `Bearer ${head}.${body}.${signature.slice(0, -8)}` },
    {
      name: "a key that nobody knows",
      header: `Bearer ${await mint.token("mallory", groups, { key: "stranger" })}`,
    },
    await withClaims("expired", { exp: NOW_S - 60 }),
    await withClaims("not yet valid", { nbf: NOW_S + 600 }),
    await withClaims("issued in the future", { iat: NOW_S + 600 }),
    await withClaims("issued too long ago", { iat: NOW_S - 200_000 }),
    await withClaims("another issuer", { iss: "https://evil.test/pool" }),
    await withClaims("another audience", { aud: "somebody-else" }),
    await withClaims("no audience", { aud: undefined }),
    await withClaims("no end", { exp: undefined }),
    await withClaims("no subject", { sub: undefined }),
    await withClaims("a subject with a line break", { sub: "mal\nlory" }),
    await withClaims("groups that are no list", { "cognito:groups": "admin" }),
  ];
}
