/**
 * Station: the seed -> how long a dial, a subscription, a snapshot is held back.
 *
 * Injected delays stand for the distance and the moods of a real venue. They are drawn, one by one,
 * from a generator of their own, so that changing them changes nothing else of a run.
 */
import type { Random } from "./market/random.ts";

/** Bounds of an injected delay in milliseconds, both inclusive; null is no delay. */
export type DelayRange = readonly [minMs: number, maxMs: number] | null;

export const DELAY_NAMES = ["dialMs", "subscribeMs", "snapshotMs"] as const;
export type DelayName = (typeof DELAY_NAMES)[number];
export type DelayRanges = { readonly [name in DelayName]: DelayRange };

export const NO_DELAYS: DelayRanges = { dialMs: null, subscribeMs: null, snapshotMs: null };

/** Lets something happen after a delay; at once when there is none. */
export function after(delayMs: number, action: () => void): void {
  if (delayMs > 0) setTimeout(action, delayMs);
  else action();
}

/** Draws delays within ranges that may change while the venue runs. */
export class Delays {
  ranges: DelayRanges;
  readonly #random: Random;

  constructor(ranges: DelayRanges, random: Random) {
    this.ranges = ranges;
    this.#random = random;
  }

  /** The next delay of a kind in milliseconds, 0 when there is none. */
  draw(name: DelayName): number {
    const range = this.ranges[name];
    return range === null ? 0 : this.#random.between(range[0], range[1]);
  }
}
