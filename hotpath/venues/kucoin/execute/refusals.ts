/**
 * Station: the venue's codes and texts -> what they mean for an order of ours.
 *
 * The catalogue of KuCoin spot (pages of spot and WebSocket errors, and codes 1024xx from a client library
 * of 2026-08). Only what says by itself that the matcher never took the order is a rejection; a code that is
 * not listed proves nothing.
 */
import type { Refusal, RefusalClass } from "../../../core/trade/events.ts";

/** Each listed code and its class; those whose text decides stand in `BY_TEXT` first. */
export const CATALOGUE: ReadonlyMap<string, RefusalClass> = new Map([
  // Placing, or canceling, is suspended for the pair.
  ["200001", "halted"],
  ["200002", "halted"],
  // Too many open orders.
  ["200003", "rejected"],
  ["102427", "rejected"],
  // The balance is too low.
  ["200004", "rejected"],
  ["102421", "rejected"],
  // A header is missing; key, passphrase, signature, address, permission, version.
  ["400001", "credentials"],
  ["400003", "credentials"],
  ["400004", "credentials"],
  ["400005", "credentials"],
  ["400006", "credentials"],
  ["400007", "credentials"],
  ["400008", "credentials"],
  ["400009", "credentials"],
  ["400010", "credentials"],
  // More than five seconds from the venue's time.
  ["400002", "clock"],
  // The order socket's challenge was answered wrong, or too late.
  ["400011", "credentials"],
  ["400012", "clock"],
  // A parameter: increment, minimum funds and many more.
  ["400100", "rejected"],
  // Pair forbidden, region, not open yet, risk of the account.
  ["400200", "rejected"],
  ["400500", "rejected"],
  ["400600", "halted"],
  ["400700", "rejected"],
  // Parameter, time range, price too low, size too big, size too small.
  ["102411", "rejected"],
  ["102425", "rejected"],
  ["102429", "rejected"],
  ["102434", "rejected"],
  ["102435", "rejected"],
  ["102426", "duplicate"],
  // "Order is in progress": it cannot be canceled just now.
  ["102428", "rejected"],
  ["102436", "noSuchOrder"],
  ["100004", "noSuchOrder"],
  ["411100", "credentials"],
  ["415000", "rejected"],
  ["429000", "throttled"],
  ["500000", "unknown"],
  ["230005", "unknown"],
  ["600203", "halted"],
  ["900001", "rejected"],
  // Cloudflare's limit of an address, before the gateway.
  ["1015", "throttled"],
]);

/** 400100 is said of many things; these two are told by their text. */
const BY_TEXT: readonly (readonly [code: string, text: RegExp, meaning: RefusalClass])[] = [
  ["400100", /clientOid\s*Duplicated|duplicate clientO/i, "duplicate"],
  ["400100", /order.{0,20}(?:not exist|does ?n.t exist|not found)/i, "noSuchOrder"],
  // The guard of `allowMaxTimeWindow`, by its word: the page gives it no code of its own.
  ["400100", /clientTimestamp|time ?window/i, "clock"],
];

/** What `code` with `text` means; a code that the catalogue lacks is unknown, and not listed. */
export function classifyRefusal(code: string, text: string): Refusal {
  const told = BY_TEXT.find(([known, pattern]) => known === code && pattern.test(text));
  const meaning = told?.[2] ?? CATALOGUE.get(code);
  return { class: meaning ?? "unknown", code, text, isListed: meaning !== undefined };
}

/** The HTTP statuses that Cloudflare answers with, as pages and not as JSON. */
const BLOCKED_STATUSES: ReadonlySet<number> = new Set([403, 429]);
const SERVER_ERROR = 500;

export type RefusedAnswer = {
  readonly status: number;
  readonly code: string;
  readonly text: string;
  /** Whether the answer says how much of the pool is left; an overload does not. */
  readonly hasBudget: boolean;
};

/**
 * The same with all that an answer says. From 500 on the venue does not know itself what became of the
 * request, and neither does a gateway that is overloaded: 429000 without the pool's headers.
 */
export function refusalOf({ status, code, text, hasBudget }: RefusedAnswer): Refusal {
  if (code === "" && BLOCKED_STATUSES.has(status)) return classifyRefusal("1015", text);
  const refusal = classifyRefusal(code === "" ? `HTTP ${status}` : code, text);
  const isOverload = code === "429000" && !hasBudget;
  if (status >= SERVER_ERROR || isOverload) return { ...refusal, class: "unknown", isListed: true };
  return refusal;
}
