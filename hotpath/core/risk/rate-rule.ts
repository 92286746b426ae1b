/**
 * Station: a venue's published limits -> what we count of them. Data only; `rate-ledger.ts` counts.
 *
 * It stands in the core because the counting does: the same ledger runs live, on paper and in a replay.
 */

/** What costs something at a venue. `testOrder` is a placeOrder that must never reach the matcher. */
export const RATED_COMMANDS = [
  "placeOrder",
  "testOrder",
  "cancelOrder",
  "cancelAll",
  "queryOrder",
  "readAccount",
  "readFees",
] as const;
export type RatedCommand = (typeof RATED_COMMANDS)[number];

/** A limit of the venue that we count ourselves, with what each command costs in it. */
export type RateRule = {
  readonly name: string;
  /** `window`: so many in each aligned window. `decay`: a counter that falls by so much each second. */
  readonly kind: "window" | "decay";
  readonly scope: "account" | "instrument";
  readonly limit: number;
  /** For `window`; 0 for `decay`. */
  readonly windowUs: number;
  /** For `decay`; 0 for `window`. */
  readonly decayPerS: number;
  readonly costs: Readonly<Record<RatedCommand, number>>;
};
