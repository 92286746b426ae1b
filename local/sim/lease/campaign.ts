/**
 * Station: a range of seeds -> what a campaign over split brains has seen, and every seed that failed.
 */
import { addCounts, type LeaseCounts, noCounts } from "./lease-faults.ts";
import { senderStock } from "./sender-world.ts";
import { runSplitBrain, type SplitBrainVerdict } from "./split-brain.ts";

export type SplitBrainTotals = {
  seeds: number;
  steps: number;
  simulatedHours: number;
  takeovers: number;
  pauses: number;
  signed: number;
  accepted: number;
  readonly counts: LeaseCounts;
  /** Seeds whose second run had another fingerprint. */
  readonly unequal: number[];
  readonly failed: { readonly seed: number; readonly violations: readonly string[] }[];
};

export type SplitBrainRange = {
  readonly from: number;
  readonly to: number;
  /** Runs each seed twice and compares. */
  readonly isTwice?: boolean;
  /** Ends after the first seed that fails. */
  readonly stopsAtFirst?: boolean;
  readonly onVerdict?: (verdict: SplitBrainVerdict) => void;
};

const US_PER_HOUR = 3_600_000_000;

/** Runs the seeds from `from` to `to`, both included. */
export async function splitBrainCampaign(range: SplitBrainRange): Promise<SplitBrainTotals> {
  const { from, to, isTwice = false, stopsAtFirst = false, onVerdict } = range;
  const stock = senderStock();
  const totals: SplitBrainTotals = {
    seeds: 0,
    steps: 0,
    simulatedHours: 0,
    takeovers: 0,
    pauses: 0,
    signed: 0,
    accepted: 0,
    counts: noCounts(),
    unequal: [],
    failed: [],
  };
  for (let seed = from; seed <= to; seed++) {
    const verdict = await runSplitBrain({ seed, stock });
    add(totals, verdict);
    onVerdict?.(verdict);
    if (isTwice) {
      const again = await runSplitBrain({ seed, stock });
      if (again.traceHash !== verdict.traceHash) totals.unequal.push(seed);
    }
    if (stopsAtFirst && totals.failed.length > 0) break;
  }
  return totals;
}

function add(totals: SplitBrainTotals, verdict: SplitBrainVerdict): void {
  totals.seeds++;
  totals.steps += verdict.steps;
  totals.simulatedHours += verdict.simulatedUs / US_PER_HOUR;
  totals.takeovers += verdict.takeovers;
  totals.pauses += verdict.pauses;
  totals.signed += verdict.signed;
  totals.accepted += verdict.accepted;
  addCounts(totals.counts, verdict.counts);
  const { seed, violations } = verdict;
  if (violations.length > 0) totals.failed.push({ seed, violations });
}
