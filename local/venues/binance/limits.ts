/**
 * Station: a request at a time -> allowed, or for how long not.
 *
 * The venue's own book-keeping: request weight in minutes aligned to the clock, and a ban for who goes on
 * after being told to stop. Times are passed in, so a test can live through an
 * hour in a millisecond. It never sends an answer.
 */
import type { Micros } from "../../../contracts/time.ts";
import { US_PER_S } from "../../../contracts/time.ts";

const MINUTE_US = 60 * US_PER_S;
/** Refused requests within one minute after which an address is banned; the venue names no number. */
const REFUSALS_BEFORE_BAN_COUNT = 10;
/** "IP bans ... scale in duration for repeat offenders, from 2 minutes to 3 days." (rest-api.md) */
const BAN_US_MIN = 2 * MINUTE_US;
const BAN_US_MAX = 3 * 24 * 60 * MINUTE_US;

export type WeightVerdict =
  | { readonly kind: "ok"; readonly usedWeight: number }
  | { readonly kind: "tooMany"; readonly usedWeight: number; readonly retryAfterS: number }
  | { readonly kind: "banned"; readonly untilUs: Micros; readonly retryAfterS: number };

type Account = {
  minute: number;
  usedWeight: number;
  refusalCount: number;
  banCount: number;
  bannedUntilUs: Micros;
};

function secondsUntil(nowUs: Micros, untilUs: Micros): number {
  return Math.max(1, Math.ceil((untilUs - nowUs) / US_PER_S));
}

/** Request weight by address. */
export class WeightLimiter {
  readonly limitPerMinute: number;
  readonly #accounts = new Map<string, Account>();

  constructor(limitPerMinute: number) {
    this.limitPerMinute = limitPerMinute;
  }

  /** What its window allows, for whoever compares venues. */
  get limit(): number {
    return this.limitPerMinute;
  }

  /** Charges one request; a refused one is not charged, only counted against its sender. */
  charge(address: string, weight: number, nowUs: Micros): WeightVerdict {
    const account = this.#account(address, nowUs);
    if (nowUs < account.bannedUntilUs) {
      const untilUs = account.bannedUntilUs;
      return { kind: "banned", untilUs, retryAfterS: secondsUntil(nowUs, untilUs) };
    }
    if (account.usedWeight + weight <= this.limitPerMinute) {
      account.usedWeight += weight;
      return { kind: "ok", usedWeight: account.usedWeight };
    }
    account.refusalCount += 1;
    if (account.refusalCount > REFUSALS_BEFORE_BAN_COUNT) return this.#ban(account, nowUs);
    const retryAfterS = secondsUntil(nowUs, (account.minute + 1) * MINUTE_US);
    return { kind: "tooMany", usedWeight: account.usedWeight, retryAfterS };
  }

  /** Weight used in the minute of `nowUs` by the address that used most. */
  usedWeight(nowUs: Micros): number {
    const minute = Math.floor(nowUs / MINUTE_US);
    let used = 0;
    for (const account of this.#accounts.values()) {
      if (account.minute === minute) used = Math.max(used, account.usedWeight);
    }
    return used;
  }

  #ban(account: Account, nowUs: Micros): WeightVerdict {
    account.banCount += 1;
    account.refusalCount = 0;
    const lengthUs = Math.min(BAN_US_MIN * 2 ** (account.banCount - 1), BAN_US_MAX);
    account.bannedUntilUs = nowUs + lengthUs;
    const untilUs = account.bannedUntilUs;
    return { kind: "banned", untilUs, retryAfterS: secondsUntil(nowUs, untilUs) };
  }

  #account(address: string, nowUs: Micros): Account {
    const minute = Math.floor(nowUs / MINUTE_US);
    const known = this.#accounts.get(address);
    if (known === undefined) {
      const fresh = { minute, usedWeight: 0, refusalCount: 0, banCount: 0, bannedUntilUs: 0 };
      this.#accounts.set(address, fresh);
      return fresh;
    }
    if (known.minute !== minute) {
      known.minute = minute;
      known.usedWeight = 0;
      known.refusalCount = 0;
    }
    return known;
  }
}
