/**
 * Station: a failed first request to a venue -> one sentence for a person, or none.
 *
 * Only for refusals that no retry will mend from here: a forbidden place, a ban, a machine without a
 * network. Whatever may pass by itself is left to the backoff and answered with null.
 */

export type RequestFailure =
  /** The venue answered with this HTTP status. */
  | { readonly kind: "status"; readonly status: number }
  /** No answer came; `code` is the system's word for why, such as ENOTFOUND. */
  | { readonly kind: "network"; readonly code: string };

/** The venue speaks of this status as "unavailable for legal reasons" (RFC 7725). */
const STATUS_LEGAL = 451;
const STATUS_FORBIDDEN = 403;
/** Binance bans an address with 418 after it went on asking through 429. */
const STATUS_BANNED = 418;

const NO_NETWORK_CODES: ReadonlySet<string> = new Set([
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "ENETDOWN",
]);

const NO_ANSWER_CODES: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
]);

const UNTRUSTED_CODE = /^(?:ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

/** Why `host` of `venue` cannot be used from here, or null when it is worth another try. */
export function venueRefusal(venue: string, host: string, failure: RequestFailure): string | null {
  if (failure.kind === "status") return statusRefusal(venue, host, failure.status);
  if (NO_NETWORK_CODES.has(failure.code)) {
    return `${venue} cannot be reached: there is no network, or ${host} has no address here (${failure.code})`;
  }
  if (NO_ANSWER_CODES.has(failure.code)) {
    return `${venue} cannot be reached: ${host} does not answer (${failure.code}); a firewall may be in the way`;
  }
  if (UNTRUSTED_CODE.test(failure.code)) {
    return `${venue} cannot be trusted: the certificate of ${host} is not good (${failure.code})`;
  }
  return null;
}

function statusRefusal(venue: string, host: string, status: number): string | null {
  switch (status) {
    case STATUS_LEGAL:
      return `${venue} does not serve this place: ${host} answered HTTP 451; run from a location that the venue allows, or use the simulated venues`;
    case STATUS_FORBIDDEN:
      return `${venue} refuses this machine: ${host} answered HTTP 403; its address is blocked by the venue's firewall`;
    case STATUS_BANNED:
      return `${venue} has banned this address for asking too much: ${host} answered HTTP 418; wait until the ban ends`;
    default:
      return null;
  }
}
