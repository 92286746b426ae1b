/**
 * Station: seeds that are handed in -> their reports. One thread of a campaign; entered by `run-seeds.ts`.
 *
 * Time and chance of this thread are virtual while a seed is played, which is why a campaign has threads of its
 * own and never plays in the thread that talks to a person.
 */
import { parentPort } from "node:worker_threads";
import { assert } from "../../../contracts/assert.ts";
import { type SimOptions, simulate } from "../world/simulate.ts";
import type { SeedReport } from "./totals.ts";

export type SeedOrder = {
  readonly seed: number;
  readonly profile: SimOptions["profile"];
  readonly steps: number;
  readonly isTwice: boolean;
  /** Fault classes that may be on; all when absent. */
  readonly only?: readonly string[];
};

const US_PER_MS = 1000;

/** Plays one seed as ordered. */
export async function playSeed(order: SeedOrder): Promise<SeedReport> {
  const { seed, profile, steps, isTwice } = order;
  const only = order.only === undefined ? undefined : new Set(order.only);
  const began = process.threadCpuUsage();
  const result = await simulate({ seed, profile, steps, only });
  let stepsPlayed = result.steps;
  let secondHash: string | undefined;
  if (isTwice) {
    const second = await simulate({ seed, profile, steps, only });
    stepsPlayed += second.steps;
    secondHash = second.traceHash;
  }
  // Of this thread's processor: other work of the machine makes a seed last longer, and costs it nothing.
  const { user, system } = process.threadCpuUsage(began);
  return { result, secondHash, cpuMs: (user + system) / US_PER_MS, stepsPlayed };
}

const port = parentPort;
if (port !== null) {
  port.on("message", (order: SeedOrder | "end") => {
    assert(port !== null, "a thread has a port");
    if (order === "end") port.close();
    else void playSeed(order).then((report) => port.postMessage(report));
  });
}
