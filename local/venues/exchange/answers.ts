/**
 * Station: none; what the back end answers to a wire, in no venue's dialect.
 *
 * An answer is about the order, or it is trouble that says nothing about it. Types only.
 */
import type { Micros } from "../../../contracts/time.ts";
import type { CancelResult, Order, PlaceResult } from "./orders.ts";

/** An answer that is not about the order itself. `variant` chooses among the wire's server errors. */
export type Trouble =
  | { readonly kind: "serverError"; readonly variant: number }
  | { readonly kind: "rateLimited"; readonly retryAfterMs: number; readonly isBan: boolean }
  | { readonly kind: "timestampRefused" }
  | { readonly kind: "venueCode"; readonly code: string };

export type PlaceAnswer = PlaceResult | Trouble;
export type CancelAnswer = CancelResult | Trouble;
export type CancelAllAnswer =
  | { readonly kind: "canceledAll"; readonly orders: readonly Order[] }
  | Trouble;
/** As of when the log must be asked, or trouble. */
export type QueryAnswer = { readonly kind: "asOf"; readonly asOfUs: Micros } | Trouble;
