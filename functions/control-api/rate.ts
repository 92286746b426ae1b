/**
 * Station: how often somebody has asked -> whether they may ask again now.
 *
 * Token buckets, one for each person and one for all, in the memory of one instance; the gateway in front
 * throttles all instances together. Writes and refusals have smaller buckets of their own, so that reading
 * much never costs somebody a change. A kill asks none of them. The clock is handed in.
 */
import { type Micros, US_PER_S } from "../../contracts/time.ts";

export type RatePlan = { readonly burst: number; readonly perSecond: number };

export const RATE_PLANS = {
  /** Of one person: pages poll a handful of end points every two seconds. */
  read: { burst: 120, perSecond: 30 },
  write: { burst: 20, perSecond: 1 },
  /** Requests without a good token, all callers together: they cost a signature check each. */
  stranger: { burst: 200, perSecond: 50 },
  /** Everybody together. */
  all: { burst: 1000, perSecond: 300 },
  /** Refused changes of one person that are still written into the audit chain. */
  refusal: { burst: 20, perSecond: 0.2 },
} as const satisfies Readonly<Record<string, RatePlan>>;

export type RateKind = keyof typeof RATE_PLANS;

/** More people than this are not kept apart; the one who has rested longest makes room. */
const BUCKETS_MAX = 10_000;

type Bucket = { tokens: number; atUs: Micros };

export class RateKeeper {
  readonly #buckets = new Map<string, Bucket>();

  /** 0 when `who` may go on, else the seconds until it is worth asking again. */
  take(kind: RateKind, who: string, nowUs: Micros): number {
    const { burst, perSecond } = RATE_PLANS[kind];
    const name = `${kind} ${who}`;
    const bucket = this.#buckets.get(name) ?? { tokens: burst, atUs: nowUs };
    const passedS = Math.max(0, nowUs - bucket.atUs) / US_PER_S;
    const tokens = Math.min(burst, bucket.tokens + passedS * perSecond);
    const isAllowed = tokens >= 1;
    // Taken out and put back, so that the map's order is the order of last use.
    this.#buckets.delete(name);
    this.#buckets.set(name, { tokens: isAllowed ? tokens - 1 : tokens, atUs: nowUs });
    if (this.#buckets.size > BUCKETS_MAX) this.#forgetOldest();
    return isAllowed ? 0 : Math.ceil((1 - tokens) / perSecond);
  }

  #forgetOldest(): void {
    const oldest = this.#buckets.keys().next();
    if (oldest.done !== true) this.#buckets.delete(oldest.value);
  }
}
