/**
 * The lease: the one item that says which engine may trade on an account, and its fence, which only grows.
 *
 * A renewal changes `renewals` and nothing else, so that whoever watches sees life without comparing
 * clocks; only a new holder raises the fence. Times are never compared between machines: holder and
 * successor each count on their own monotonic clock from what they saw. Constants: DESIGN of the protocol in
 * docs/decisions (lease arithmetic); drills divide all of them by one number.
 */
import { US_PER_MS, US_PER_S } from "./time.ts";

export const LEASE_SCHEMA_VERSION = 1;

/**
 * The holder of a lease that was taken away by others. It is nobody's name, but not free either: whoever
 * held it may believe in it until its time is over, so a successor waits as after any silent holder.
 */
export const LEASE_REVOKED = "revoked";

export type LeaseItem = {
  readonly schemaVersion: number;
  readonly account: string;
  /** Run id of the holder; "" once it has given the lease back. */
  readonly holder: string;
  readonly engine: string;
  readonly fence: number;
  readonly renewals: number;
  /** What the holder runs, so that only listed software may hold it. */
  readonly imageDigest: string;
  readonly schemaHash: string;
};

export type LeaseTimes = {
  /** How long a renewal is good for, counted by the holder from before it asked. */
  readonly ttlUs: number;
  readonly renewEveryUs: number;
  /** Request window W and clock error e of the venues, at most. */
  readonly windowUs: number;
  readonly clockErrorUs: number;
  /** The longest stall that is allowed for between the last look and the write. */
  readonly stallUs: number;
  /** How long a venue's back end may sit on a request. */
  readonly backEndUs: number;
};

export const LEASE_TIMES: LeaseTimes = {
  ttlUs: 10 * US_PER_S,
  renewEveryUs: 2 * US_PER_S,
  windowUs: US_PER_S,
  clockErrorUs: 500 * US_PER_MS,
  stallUs: 500 * US_PER_MS,
  backEndUs: 10 * US_PER_S,
};

/** All times divided by `divisor`, for drills. */
export function dividedTimes(times: LeaseTimes, divisor: number): LeaseTimes {
  const part = (us: number): number => Math.round(us / divisor);
  return {
    ttlUs: part(times.ttlUs),
    renewEveryUs: part(times.renewEveryUs),
    windowUs: part(times.windowUs),
    clockErrorUs: part(times.clockErrorUs),
    stallUs: part(times.stallUs),
    backEndUs: part(times.backEndUs),
  };
}

/** What must be left of the lease when an order is written: M = W + 2e + stall. */
export function leaseMarginUs({ windowUs, clockErrorUs, stallUs }: LeaseTimes): number {
  return windowUs + 2 * clockErrorUs + stallUs;
}

/** How long a successor waits since the last renewal it saw: L + W + 2e. */
export function takeoverWaitUs({ ttlUs, windowUs, clockErrorUs }: LeaseTimes): number {
  return ttlUs + windowUs + 2 * clockErrorUs;
}
