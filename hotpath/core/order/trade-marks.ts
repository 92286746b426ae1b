/**
 * Station: trade ids -> whether a trade was counted before. What makes every fill count once.
 *
 * The memory is bounded without forgetting anything that matters: it has a horizon, and a trade older than
 * the horizon is refused instead of counted. The horizon follows the readings of the account, which have
 * shown every trade before it; only a memory that is full moves it by force, and says so.
 */
import { assert } from "../../../contracts/assert.ts";

export type MarkLimits = {
  /** Marks of one venue. */
  readonly countMax: number;
  /** Marks younger than this stay when the horizon follows a reading. */
  readonly keepUs: number;
};

/** Readings begin a minute before the last one that agreed; five of them leave room for clocks. */
export const MARK_LIMITS: MarkLimits = { countMax: 20_000, keepUs: 300_000_000 };

export class TradeMarks {
  readonly #limits: MarkLimits;
  /** Key -> when the trade happened. In the order of arrival. */
  readonly #marks = new Map<string, number>();
  #horizonUs = 0;
  /** Every trade before this was shown by a reading: the next one has to begin here. 0 before the first. */
  confirmedUs = 0;
  /** How often a full memory had to move the horizon: each time is an alarm. */
  forcedCount = 0;

  constructor(limits: MarkLimits) {
    assert(limits.countMax >= 2, "a memory holds something");
    this.#limits = limits;
  }

  /** Trades before this are refused: they were counted in their time, or happened before our start. */
  get horizonUs(): number {
    return this.#horizonUs;
  }

  get count(): number {
    return this.#marks.size;
  }

  has(key: string): boolean {
    return this.#marks.has(key);
  }

  /** Whether a trade of this time could have been forgotten. */
  isBeforeHorizon(tradeUs: number): boolean {
    return tradeUs < this.#horizonUs;
  }

  /** Marks a trade that is counted in this same turn. */
  mark(key: string, tradeUs: number): void {
    assert(!this.#marks.has(key), "a trade is marked once");
    assert(!this.isBeforeHorizon(tradeUs), "a trade before the horizon is not counted");
    this.#marks.set(key, tradeUs);
    if (this.#marks.size > this.#limits.countMax) this.#forceHorizon();
  }

  /** All trades before `readUs` have been seen: what is older than that by `keepUs` may be forgotten. */
  raiseHorizon(readUs: number): void {
    this.confirmedUs = Math.max(this.confirmedUs, readUs);
    this.#raiseTo(readUs - this.#limits.keepUs);
  }

  /** Everything before `startUs` happened before we began to count. */
  startAt(startUs: number): void {
    this.#raiseTo(startUs);
  }

  /** Half of the memory goes, oldest first, so that a full one does not sort for every trade. */
  #forceHorizon(): void {
    const times = [...this.#marks.values()].sort((a, b) => a - b);
    const median = times[times.length >> 1] ?? 0;
    this.forcedCount++;
    this.#raiseTo(median + 1);
  }

  #raiseTo(horizonUs: number): void {
    if (horizonUs <= this.#horizonUs) return;
    this.#horizonUs = horizonUs;
    for (const [key, tradeUs] of this.#marks) if (tradeUs < horizonUs) this.#marks.delete(key);
  }

  entries(): [string, number][] {
    return [...this.#marks];
  }

  /** Puts back what `entries` and `horizonUs` gave. */
  restore(entries: readonly (readonly [string, number])[], horizonUs: number): void {
    assert(this.#marks.size === 0, "marks are restored into an empty memory");
    this.#horizonUs = horizonUs;
    for (const [key, tradeUs] of entries) this.#marks.set(key, tradeUs);
  }
}
