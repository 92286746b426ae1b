/**
 * Station: an error text of Kraken -> what it is evidence of.
 *
 * The venue has texts instead of codes ("EOrder:Insufficient funds"); some go on with details behind the
 * listed words. What is not listed here may have been executed, and alarms. (Texts: `spot-errors`,
 * 2026-08-22; what follows from them is ours.)
 */
import type { Refusal, RefusalClass } from "../../../core/trade/events.ts";

/** Beginnings of texts, the longer ones before those that they begin with. */
const CATALOGUE: readonly (readonly [text: string, meaning: RefusalClass])[] = [
  ["EGeneral:Internal error", "unknown"],
  ["EGeneral:Invalid arguments", "rejected"],
  ["EGeneral:Permission denied", "credentials"],
  ["EGeneral:Temporary lockout", "credentials"],
  ["EGeneral:Unknown method", "rejected"],
  ["EAPI:Invalid key", "credentials"],
  ["EAPI:Invalid signature", "credentials"],
  // Refused before anything was looked at; what is told again carries a greater nonce.
  ["EAPI:Invalid nonce", "clock"],
  ["EAPI:Rate limit exceeded", "throttled"],
  ["EAPI:Bad request", "rejected"],
  ["EAuth:Account temporary disabled", "credentials"],
  ["EAuth:Account unconfirmed", "credentials"],
  ["EAuth:Rate limit exceeded", "throttled"],
  ["EAuth:Too many requests", "throttled"],
  ["EAccount:Invalid permissions", "credentials"],
  ["EQuery:Unknown asset pair", "rejected"],
  ["EQuery:Unknown asset", "rejected"],
  // The engine or the interface is away: an order on its way may have been taken before that.
  ["EService:Unavailable", "unknown"],
  ["EService:Busy", "unknown"],
  ["EService:Timeout", "unknown"],
  ["EService:Deadline elapsed", "clock"],
  ["EService:Throttled", "throttled"],
  ["EService: Throttled", "throttled"],
  ["EService:Market in cancel_only mode", "halted"],
  ["EService:Market in post_only mode", "halted"],
  ["EService:Market in limit_only mode", "halted"],
  ["EService:Market in reduce_only mode", "halted"],
  ["EOrder:Rate limit exceeded", "throttled"],
  ["EOrder:Domain rate limit exceeded", "throttled"],
  ["EOrder:Orders limit exceeded", "rejected"],
  ["EOrder:Positions limit exceeded", "rejected"],
  ["EOrder:Order minimum not met", "rejected"],
  ["EOrder:Cost minimum not met", "rejected"],
  ["EOrder:Tick size check failed", "rejected"],
  ["EOrder:Invalid price", "rejected"],
  ["EOrder:Invalid order", "rejected"],
  ["EOrder:Insufficient funds", "rejected"],
  ["EOrder:Insufficient margin", "rejected"],
  ["EOrder:Cannot open position", "rejected"],
  ["EOrder:Cannot open opposing position", "rejected"],
  ["EOrder:Margin allowance exceeded", "rejected"],
  ["EOrder:Margin level too low", "rejected"],
  ["EOrder:Post only order", "rejected"],
  ["EOrder:Self trade", "rejected"],
  ["EOrder:Trading agreement required", "credentials"],
  ["EOrder:Unknown order", "noSuchOrder"],
  ["EOrder:Unknown position", "rejected"],
  ["EOrder:cl_ord_id is not supported", "rejected"],
  ["Currency pair not supported", "rejected"],
  ["EMarket:Invalid", "rejected"],
];

/** Every beginning that is listed, for the tests. */
export const LISTED_TEXTS: readonly string[] = CATALOGUE.map(([text]) => text);

/** What one error text means for an order. `code` is the text as the venue wrote it. */
export function classifyRefusal(code: string, text: string): Refusal {
  const told = code === "" ? text : code;
  const listed = CATALOGUE.find(([beginning]) => told.startsWith(beginning));
  return {
    class: listed?.[1] ?? "unknown",
    code: told,
    text: code === "" ? "" : text,
    isListed: listed !== undefined,
  };
}

/** `EService: Throttled: 1795271288`: until when to be silent, in microseconds; undefined without a time. */
export function throttledUntilUs(text: string): number | undefined {
  const seconds = /^EService: ?Throttled: ?(\d{10})$/.exec(text)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1_000_000;
}
