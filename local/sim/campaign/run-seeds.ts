/**
 * Station: a range of seeds -> threads that play them, as many as asked for -> one tally.
 *
 * Which thread plays a seed makes no difference to its history. A thread that dies is a failure of the
 * campaign and ends it.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { SeedOrder } from "./play-seed.ts";
import { type SeedReport, type SimTotals, Tally } from "./totals.ts";

export type SeedsOptions = Omit<SeedOrder, "seed"> & {
  readonly from: number;
  readonly to: number;
  readonly threads?: number;
  /** Ends early once it says so. */
  readonly isAborted?: () => boolean;
  readonly onSeed?: (report: SeedReport) => void;
};

/** Plays every seed from `from` to `to`, both included. */
export async function runSeeds(options: SeedsOptions): Promise<SimTotals> {
  const { from, to, threads = availableParallelism(), isAborted, onSeed, ...order } = options;
  const tally = new Tally();
  let next = from;
  const takeSeed = (): number | undefined => {
    if (next > to || isAborted?.() === true) return undefined;
    return next++;
  };
  const onReport = (report: SeedReport): void => {
    tally.add(report);
    onSeed?.(report);
  };
  const count = Math.max(1, Math.min(threads, to - from + 1));
  await Promise.all(Array.from({ length: count }, () => runThread(order, takeSeed, onReport)));
  return tally.totals();
}

async function runThread(
  order: Omit<SeedOrder, "seed">,
  takeSeed: () => number | undefined,
  onReport: (report: SeedReport) => void,
): Promise<void> {
  const worker = new Worker(new URL("./seed-thread.ts", import.meta.url));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const give = (): void => {
    const seed = takeSeed();
    if (seed === undefined) worker.postMessage("end");
    else worker.postMessage({ ...order, seed } satisfies SeedOrder);
  };
  worker.on("message", (report: SeedReport) => {
    onReport(report);
    give();
  });
  worker.on("error", reject);
  worker.on("exit", (code) => {
    if (code === 0) resolve();
    else reject(new Error(`a thread of the simulator ended with ${code}`));
  });
  give();
  await promise;
}
