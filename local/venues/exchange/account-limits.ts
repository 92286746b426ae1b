/**
 * Station: an account that was told to wait -> whether it waits.
 *
 * While a limit stands every place is refused with the time that is left, and counted against whoever
 * did not heed it. Cancels pass: venues keep a budget for them.
 */
import type { Micros } from "../../../contracts/time.ts";
import { US_PER_MS } from "../../../contracts/time.ts";
import type { Trouble } from "./answers.ts";

export type AccountLimit = { readonly untilUs: Micros; readonly isBan: boolean };

/** The answer that a limit gives at a moment. */
export function troubleOf(limit: AccountLimit, nowUs: Micros): Trouble {
  const retryAfterMs = Math.ceil((limit.untilUs - nowUs) / US_PER_MS);
  return { kind: "rateLimited", retryAfterMs, isBan: limit.isBan };
}

export class AccountLimits {
  /** Places sent although the venue had told the account to wait. */
  heedlessCount = 0;
  readonly #limits = new Map<string, AccountLimit>();

  set(accountId: string, limit: AccountLimit): void {
    this.#limits.set(accountId, limit);
  }

  /** Until when an account has been told to wait; 0 where it has not. */
  untilUs(accountId: string): Micros {
    return this.#limits.get(accountId)?.untilUs ?? 0;
  }

  /** The refusal of a place by an account that should wait, or null. */
  heed(accountId: string, nowUs: Micros): Trouble | null {
    const limit = this.#limits.get(accountId);
    if (limit === undefined || nowUs >= limit.untilUs) return null;
    this.heedlessCount += 1;
    return troubleOf(limit, nowUs);
  }
}
