/**
 * How the benches measure: medians of ratios within a round, best of three for tails, a sink that keeps
 * results alive, and what is said about the machine. The machine is shared with others, so absolute
 * times only explain; verdicts are about ratios wherever a budget allows it.
 */
import os from "node:os";
import { performance } from "node:perf_hooks";

export type Verdict = "met" | "MISSED" | "not measured";

/** One line of the table. */
export type Row = {
  readonly budget: number;
  readonly what: string;
  readonly goal: string;
  readonly measured: string;
  readonly verdict: Verdict;
};

export type BenchOptions = {
  readonly isQuick: boolean;
  readonly hasPeers: boolean;
};

const NS_PER_MS = 1e6;

/** Nanoseconds of one call of `act`. */
export function timeNs(act: () => void): number {
  const start = performance.now();
  act();
  return (performance.now() - start) * NS_PER_MS;
}

/** The value below which `share` of the values lie. */
export function quantile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

/**
 * Rounds of a measurement beside its yardstick; the first ones warm up and are dropped. Each runs once
 * unmeasured before it is timed: what the other left in the caches is no part of either.
 */
export function ratioOfRounds(
  rounds: number,
  act: () => void,
  yardstick: () => void,
  before: () => void = () => undefined,
): { readonly ratio: number; readonly actNs: number; readonly yardstickNs: number } {
  const ratios: number[] = [];
  const actNs: number[] = [];
  const yardstickNs: number[] = [];
  const warmUp = Math.ceil(rounds / 3);
  for (let round = 0; round < rounds + warmUp; round++) {
    before();
    yardstick();
    const yard = timeNs(yardstick);
    act();
    const took = timeNs(act);
    if (round < warmUp) continue;
    ratios.push(took / yard);
    actNs.push(took);
    yardstickNs.push(yard);
  }
  return { ratio: median(ratios), actNs: median(actNs), yardstickNs: median(yardstickNs) };
}

/** A row for a value that must not exceed a limit. */
export function atMost(
  budget: number,
  what: string,
  limit: number,
  value: number,
  unit: string,
  note = "",
): Row {
  return {
    budget,
    what,
    goal: `<= ${limit} ${unit}`,
    measured: `${shown(value)} ${unit}${note === "" ? "" : ` (${note})`}`,
    verdict: value <= limit ? "met" : "MISSED",
  };
}

/** A row for a value that must reach a limit. */
export function atLeast(
  budget: number,
  what: string,
  limit: number,
  value: number,
  unit: string,
  note = "",
): Row {
  return {
    budget,
    what,
    goal: `>= ${limit} ${unit}`,
    measured: `${shown(value)} ${unit}${note === "" ? "" : ` (${note})`}`,
    verdict: value >= limit ? "met" : "MISSED",
  };
}

export function notMeasured(budget: number, what: string, goal: string, reason: string): Row {
  return { budget, what, goal, measured: reason, verdict: "not measured" };
}

/** Three significant digits, and no exponent. */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  return value.toFixed(Math.min(3, Math.max(0, 2 - digits)));
}

/** What the numbers were measured on. */
export function machineFacts(): string {
  const cpus = os.cpus();
  const load = os.loadavg()[0] ?? 0;
  return (
    `${cpus.length} x ${cpus[0]?.model.trim() ?? "unknown"}, ` +
    `${Math.round(os.totalmem() / 1024 ** 3)} GB, ${os.platform()} ${os.arch()}, ` +
    `Node ${process.versions.node}, load ${load.toFixed(1)} at the start`
  );
}

/** Collects garbage, twice: what survives two collections is old. */
export function collectGarbage(): void {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) throw new Error("the bench runs with --expose-gc");
  gc();
  gc();
}
