/**
 * Station: a seed that fails -> fewer classes of faults and fewer steps with which it fails just so.
 *
 * Greedy, after Zeller's delta debugging: every class is left out once, and stays out where the same invariant
 * is still broken; then the history is cut where it broke. What is left is what a person has to read.
 */
import type { SimResult } from "../world/simulate.ts";
import type { SeedOrder } from "./play-seed.ts";

export type Shrunk = {
  readonly only: readonly string[];
  readonly steps: number;
  readonly result: SimResult;
  readonly tries: number;
};

/** `play` plays one order; `first` is the failure to keep. */
export async function shrink(
  order: Omit<SeedOrder, "isTwice">,
  first: SimResult,
  play: (order: SeedOrder) => Promise<SimResult>,
): Promise<Shrunk> {
  const wanted = first.violations[0]?.invariant;
  let best = first;
  let only: readonly string[] = first.enabled;
  // A history that was ordered by the hour is cut by steps all the same.
  let steps = Math.min(order.steps, first.steps);
  let tries = 0;
  const fails = async (classes: readonly string[], stepsMax: number): Promise<boolean> => {
    tries++;
    const tried = await play({ ...order, steps: stepsMax, only: classes, isTwice: false });
    if (tried.violations[0]?.invariant !== wanted) return false;
    best = tried;
    return true;
  };
  for (const id of first.enabled) {
    const fewer = only.filter((each) => each !== id);
    if (await fails(fewer, steps)) only = fewer;
  }
  for (let half = Math.floor(steps / 2); half > 0; half = Math.floor(half / 2)) {
    if (await fails(only, steps - half)) steps -= half;
  }
  return { only, steps, result: best, tries };
}
