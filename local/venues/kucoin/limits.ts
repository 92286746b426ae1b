/**
 * Station: a request or a message at a time -> allowed, or not.
 *
 * The gateway's book-keeping: a pool of weight in windows that open with the first request, and messages
 * within a sliding window. Times are passed in. It never sends an answer.
 */
import type { Micros } from "../../../contracts/time.ts";
import { US_PER_MS, US_PER_S } from "../../../contracts/time.ts";

/** "Pools per 30 s, the window opens with the first request" (page "rate-limit", 2025-11). */
const WINDOW_US = 30 * US_PER_S;

export type PoolVerdict = {
  readonly isAllowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  readonly resetMs: number;
};

type Window = { openedUs: Micros; used: number };

/** One pool: of an address (public) or of an account (spot). */
export class Pool {
  readonly limit: number;
  readonly #windows = new Map<string, Window>();

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Charges one request; a refused one costs nothing. */
  charge(who: string, weight: number, nowUs: Micros): PoolVerdict {
    const window = this.#window(who, nowUs);
    const isAllowed = window.used + weight <= this.limit;
    if (isAllowed) window.used += weight;
    const resetMs = Math.ceil((window.openedUs + WINDOW_US - nowUs) / US_PER_MS);
    return { isAllowed, limit: this.limit, remaining: this.limit - window.used, resetMs };
  }

  /** What the busiest has used of its window. */
  usedWeight(nowUs: Micros): number {
    const open = [...this.#windows.values()].filter((one) => nowUs - one.openedUs < WINDOW_US);
    return Math.max(0, ...open.map((one) => one.used));
  }

  #window(who: string, nowUs: Micros): Window {
    const known = this.#windows.get(who);
    if (known !== undefined && nowUs - known.openedUs < WINDOW_US) return known;
    const fresh = { openedUs: nowUs, used: 0 };
    this.#windows.set(who, fresh);
    return fresh;
  }
}

/** "100 messages in 10 seconds". */
const MESSAGES_MAX = 100;
const MESSAGE_WINDOW_US = 10 * US_PER_S;

/** Counts what one client says. */
export class MessageLimiter {
  readonly #saidUs: Micros[] = [];

  /** Whether one more message is within the limit. */
  mayReceive(nowUs: Micros): boolean {
    const said = this.#saidUs;
    while (said.length > 0 && nowUs - (said[0] ?? 0) >= MESSAGE_WINDOW_US) said.shift();
    said.push(nowUs);
    return said.length <= MESSAGES_MAX;
  }
}
