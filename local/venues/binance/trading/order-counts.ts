/**
 * Station: accepted orders of an account -> whether it may place another one now.
 *
 * "Unfilled order count" in windows aligned to the clock: each accepted order counts one on both, and
 * an order's first fill gives one back (rest-api.md and faqs/order_count_decrement.md, read
 * 2026-11-20). Times are passed in. It refuses nothing itself.
 */
import type { Micros } from "../../../../contracts/time.ts";
import { US_PER_S } from "../../../../contracts/time.ts";
import type { OrderLimit } from "../order-limits.ts";

/** One limit with what is used of it. */
export type OrderLimitState = OrderLimit & { readonly count: number };

function windowUs(limit: OrderLimit): Micros {
  return limit.intervalNum * (limit.interval === "DAY" ? 86_400 : 1) * US_PER_S;
}

export class OrderCounts {
  readonly limits: readonly OrderLimit[];
  readonly #counts = new Map<string, { window: number; count: number }[]>();

  constructor(limits: readonly OrderLimit[]) {
    this.limits = limits;
  }

  /** The limits of an account as they stand. */
  states(accountId: string, nowUs: Micros): OrderLimitState[] {
    const counts = this.#current(accountId, nowUs);
    return this.limits.map((limit, at) => ({ ...limit, count: counts[at]?.count ?? 0 }));
  }

  /** The limit that `orders` more would break and how long it lasts, or null. */
  broken(
    accountId: string,
    orders: number,
    nowUs: Micros,
  ): { limit: OrderLimit; retryAfterMs: number } | null {
    const counts = this.#current(accountId, nowUs);
    for (const [at, limit] of this.limits.entries()) {
      if ((counts[at]?.count ?? 0) + orders <= limit.limit) continue;
      const size = windowUs(limit);
      const untilUs = (Math.floor(nowUs / size) + 1) * size;
      return { limit, retryAfterMs: Math.ceil((untilUs - nowUs) / 1_000) };
    }
    return null;
  }

  /** Counts orders; negative gives back. A count never falls below zero. */
  add(accountId: string, orders: number, nowUs: Micros): void {
    for (const one of this.#current(accountId, nowUs)) one.count = Math.max(0, one.count + orders);
  }

  #current(accountId: string, nowUs: Micros): { window: number; count: number }[] {
    let counts = this.#counts.get(accountId);
    if (counts === undefined) {
      counts = this.limits.map(() => ({ window: -1, count: 0 }));
      this.#counts.set(accountId, counts);
    }
    for (const [at, one] of counts.entries()) {
      const limit = this.limits[at];
      const window = limit === undefined ? 0 : Math.floor(nowUs / windowUs(limit));
      if (one.window === window) continue;
      one.window = window;
      one.count = 0;
    }
    return counts;
  }
}
