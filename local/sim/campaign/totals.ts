/**
 * Station: results of seeds -> the numbers of a campaign: what was played, what fired, what was broken.
 *
 * Zero violations in N seeds says that, for faults drawn as these are, fewer than 3/N of all seeds violate
 * anything, with a confidence of 95 percent (the rule of three); it says nothing of faults that are not drawn.
 */
import { US_PER_MS, US_PER_S } from "../../../contracts/time.ts";
import { PAIR_COUNT, PROBES } from "../faults/coverage.ts";
import { FAULT_CLASS_IDS } from "../faults/fault-classes.ts";
import type { SimResult } from "../world/simulate.ts";

/** A seed whose history was broken, or was not the same history twice. */
export type FailedSeed = {
  readonly seed: number;
  readonly invariant: number;
  readonly sentence: string;
  readonly step: number;
};

export type SimTotals = {
  readonly seeds: number;
  readonly steps: number;
  readonly simulatedHours: number;
  readonly stepsPerSecondPerCore: number;
  /** Simulated time of all histories played, second ones included, for each second of a processor. */
  readonly timesRealPerCore: number;
  readonly orders: number;
  readonly fills: number;
  readonly unknowns: number;
  readonly resyncs: number;
  readonly crashes: number;
  readonly classesFired: Readonly<Record<string, number>>;
  readonly classesSilent: readonly string[];
  readonly pairsCovered: number;
  readonly pairsOfAll: number;
  readonly probes: Readonly<Record<string, number>>;
  readonly probesUnseen: readonly string[];
  /** Seeds whose two runs were not the same history. */
  readonly unequalTraces: readonly number[];
  readonly violations: number;
  readonly failed: readonly FailedSeed[];
};

/** One seed, played once or twice. */
export type SeedReport = {
  readonly result: SimResult;
  /** Of the second run; undefined where it was played once. */
  readonly secondHash: string | undefined;
  /** Of the processor. */
  readonly cpuMs: number;
  readonly stepsPlayed: number;
};

/** From so many seeds on every class must have struck, and from so many every reaction must have been seen. */
export const SEEDS_FOR_CLASSES = 60;
const SEEDS_FOR_PROBES = 600;

/** What a range that drew all its faults should have shown and did not; "" when it is too short to say. */
export function silenceOf({ seeds, classesSilent, probesUnseen }: SimTotals): string {
  if (seeds >= SEEDS_FOR_CLASSES && classesSilent.length > 0) {
    return `no fault of ${classesSilent.join(", ")} has struck in ${seeds} seeds`;
  }
  if (seeds >= SEEDS_FOR_PROBES && probesUnseen.length > 0) {
    return `no ${probesUnseen.join(", ")} was seen in ${seeds} seeds`;
  }
  return "";
}

export class Tally {
  readonly #fired = new Map<string, number>();
  readonly #probes = new Map<string, number>();
  readonly #pairs = new Set<string>();
  readonly #failed: FailedSeed[] = [];
  readonly #unequal: number[] = [];
  readonly #sums = { seeds: 0, steps: 0, us: 0, orders: 0, fills: 0, unknowns: 0, resyncs: 0 };
  #lives = 0;
  #stepsPlayed = 0;
  #usPlayed = 0;
  #cpuMs = 0;

  add({ result, secondHash, cpuMs, stepsPlayed }: SeedReport): void {
    const sums = this.#sums;
    sums.seeds++;
    sums.steps += result.steps;
    sums.us += result.simulatedUs;
    sums.orders += result.orders;
    sums.fills += result.fills;
    sums.unknowns += result.unknowns;
    sums.resyncs += result.resyncs;
    this.#lives += result.lives - 1;
    this.#stepsPlayed += stepsPlayed;
    this.#usPlayed += result.simulatedUs * (secondHash === undefined ? 1 : 2);
    this.#cpuMs += cpuMs;
    addCounts(this.#fired, result.fired);
    addCounts(this.#probes, result.probes);
    for (const pair of result.pairs) this.#pairs.add(pair);
    const { seed } = result;
    for (const { invariant, sentence, step } of result.violations) {
      this.#failed.push({ seed, invariant, sentence, step });
    }
    if (secondHash !== undefined && secondHash !== result.traceHash) this.#unequal.push(seed);
  }

  get hasFailed(): boolean {
    return this.#failed.length > 0 || this.#unequal.length > 0;
  }

  totals(): SimTotals {
    const { seeds, steps, us, orders, fills, unknowns, resyncs } = this.#sums;
    return {
      seeds,
      steps,
      simulatedHours: Number((us / US_PER_S / 3600).toFixed(3)),
      stepsPerSecondPerCore: Math.round((this.#stepsPlayed * 1000) / Math.max(1, this.#cpuMs)),
      timesRealPerCore: Math.round(this.#usPlayed / US_PER_MS / Math.max(1, this.#cpuMs)),
      orders,
      fills,
      unknowns,
      resyncs,
      crashes: this.#lives,
      classesFired: Object.fromEntries([...this.#fired].sort()),
      classesSilent: FAULT_CLASS_IDS.filter((id) => !this.#fired.has(id)),
      pairsCovered: this.#pairs.size,
      pairsOfAll: PAIR_COUNT,
      probes: Object.fromEntries([...this.#probes].sort()),
      probesUnseen: PROBES.filter((probe) => !this.#probes.has(probe)),
      unequalTraces: this.#unequal,
      violations: this.#failed.length,
      failed: this.#failed,
    };
  }
}

function addCounts(to: Map<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) to.set(name, (to.get(name) ?? 0) + count);
}
