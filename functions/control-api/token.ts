/**
 * Station: text of a token -> who asks, or why it is nobody.
 *
 * The same path serves tokens of Cognito and tokens that a laptop has minted for itself: a signature by a
 * known key with one of three listed algorithms, the issuer, the audience, and a time window. What is
 * wrong with a token is for the log; the caller is only told that it was not good. No key or token is kept.
 */
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from "jose";
import { type Micros, US_PER_MS } from "../../contracts/time.ts";
import { type Principal, principalOf } from "./roles.ts";

/** Never `none`, never a shared secret. Cognito signs with RS256, the local identity with its own kind. */
export const TOKEN_ALGORITHMS = ["ES256", "EdDSA", "RS256"] as const;

/** Older than this since it was issued no token is taken, whatever its own end says. */
const TOKEN_AGE_S_MAX = 86_400;
const CLOCK_TOLERANCE_S = 5;
const TOKEN_LENGTH_MAX = 8_192;
const FETCH_TIMEOUT_MS = 2_000;
/** Printable and short, because it is written into audits and logs. */
const SUBJECT = /^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,63}$/u;
const GROUPS_MAX = 64;

export type TokenSettings = {
  /** A JWK set as JSON text, or where it is fetched from. */
  readonly jwks: string;
  readonly issuer: string;
  readonly audience: string;
};

export type TokenReading =
  | { readonly kind: "known"; readonly principal: Principal; readonly expiresUs: Micros }
  | { readonly kind: "refused"; readonly reason: string }
  /** The keys could not be had: nobody can be told from anybody. */
  | { readonly kind: "unavailable"; readonly reason: string };

export type TokenReader = (token: string, nowUs: Micros) => Promise<TokenReading>;

/** A reader of tokens for `settings`; throws where they hold no key set. */
export function tokenReader({ jwks, issuer, audience }: TokenSettings): TokenReader {
  const keys = keySetOf(jwks);
  return async (token, nowUs) => {
    if (token.length > TOKEN_LENGTH_MAX) return { kind: "refused", reason: "tooLong" };
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        algorithms: [...TOKEN_ALGORITHMS],
        clockTolerance: CLOCK_TOLERANCE_S,
        maxTokenAge: TOKEN_AGE_S_MAX,
        currentDate: new Date(nowUs / US_PER_MS),
        requiredClaims: ["sub", "exp", "iat"],
      });
      return readingOf(payload, audience);
    } catch (error) {
      return failureOf(error);
    }
  };
}

function keySetOf(jwks: string): JWTVerifyGetKey {
  if (jwks.trimStart().startsWith("{")) {
    return createLocalJWKSet(JSON.parse(jwks) as Parameters<typeof createLocalJWKSet>[0]);
  }
  return createRemoteJWKSet(new URL(jwks), { timeoutDuration: FETCH_TIMEOUT_MS });
}

function readingOf(payload: JWTPayload, audience: string): TokenReading {
  if (!isFor(payload, audience)) return { kind: "refused", reason: "wrongAudience" };
  const subject = payload.sub ?? "";
  if (!SUBJECT.test(subject)) return { kind: "refused", reason: "badSubject" };
  const groups = groupsOf(payload["cognito:groups"]);
  if (groups === undefined) return { kind: "refused", reason: "badGroups" };
  return {
    kind: "known",
    principal: principalOf(subject, groups),
    expiresUs: (payload.exp ?? 0) * 1_000_000,
  };
}

/** Access tokens of Cognito carry `client_id` where others carry `aud`. */
function isFor(payload: JWTPayload, audience: string): boolean {
  const { aud } = payload;
  if (aud === undefined) return payload.client_id === audience;
  return Array.isArray(aud) ? aud.includes(audience) : aud === audience;
}

function groupsOf(claim: unknown): readonly string[] | undefined {
  if (claim === undefined) return [];
  if (!Array.isArray(claim) || claim.length > GROUPS_MAX) return undefined;
  return claim.every((group): group is string => typeof group === "string") ? claim : undefined;
}

function failureOf(error: unknown): TokenReading {
  if (error instanceof errors.JWKSTimeout) return { kind: "unavailable", reason: error.code };
  if (error instanceof errors.JOSEError) {
    // The set was fetched and is no set, or was answered with an error.
    const isOurs = error.code === "ERR_JOSE_GENERIC" || error.code === "ERR_JWKS_INVALID";
    return { kind: isOurs ? "unavailable" : "refused", reason: error.code };
  }
  // Not jose's own error: the fetch failed, or the token was so odd that its reading broke.
  const isFetch = error instanceof TypeError && /fetch/i.test(error.message);
  return { kind: isFetch ? "unavailable" : "refused", reason: "unreadable" };
}
