/**
 * Station: an order for one seed -> its history, once or twice, and what it cost. Played in the thread that asks.
 */
import { type SimOptions, simulate } from "../world/simulate.ts";
import type { SeedReport } from "./totals.ts";

export type SeedOrder = {
  readonly seed: number;
  readonly profile: SimOptions["profile"];
  readonly steps: number;
  readonly hours?: number | undefined;
  readonly isTwice: boolean;
  /** Fault classes that may be on; all when absent. */
  readonly only?: readonly string[];
  /** Replays a part of the lives only, another one in each of the two histories. */
  readonly isSampled?: boolean;
};

const US_PER_MS = 1000;
/** Of a sample: one life of so many is replayed, whichever comes first by the seed. */
const SAMPLE_EVERY = 4;

/** Plays one seed as ordered. */
export async function playSeed(order: SeedOrder): Promise<SeedReport> {
  const { seed, profile, steps, hours, isTwice, isSampled = false } = order;
  const length = { seed, profile, steps, hours };
  const replaysOf = (first: number) => (isSampled ? { every: SAMPLE_EVERY, first } : undefined);
  const only = order.only === undefined ? undefined : new Set(order.only);
  const began = process.threadCpuUsage();
  const result = await simulate({ ...length, only, replays: replaysOf(seed) });
  let stepsPlayed = result.steps;
  let secondHash: string | undefined;
  if (isTwice) {
    const replays = replaysOf(seed + SAMPLE_EVERY / 2);
    const second = await simulate({ ...length, only, replays });
    stepsPlayed += second.steps;
    secondHash = second.traceHash;
  }
  // Of this thread's processor: other work of the machine makes a seed last longer, and costs it nothing.
  const { user, system } = process.threadCpuUsage(began);
  return { result, secondHash, cpuMs: (user + system) / US_PER_MS, stepsPlayed };
}
