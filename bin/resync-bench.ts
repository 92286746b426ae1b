/**
 * Station: `reckoner resync-bench`, the primary metric measured: faults in, times to right books out.
 *
 * Simulated venues and the engine run as processes of their own, over real sockets, and fail one fault
 * at a time at each venue. A fault counts as recovered when it is over and every book of its venue is
 * live and equal to the venue's truth. The command only asks and counts; what is held stands in
 * `resync-bench/kinds.ts`.
 */
import { FAULT_KINDS, type FaultKind } from "../local/venues/fault-plan.ts";
import type { Command, Ending, Invocation } from "./command.ts";
import { EXIT, refusal } from "./command.ts";
import { countOf } from "./flags.ts";
import { type Account, accountOf, missOf } from "./resync-bench/judge.ts";
import type { Recovery } from "./resync-bench/recovery.ts";
import { BENCH_VENUES, openRig, type Rig, RigError } from "./resync-bench/rig.ts";
import { rotate, runSequence, waitFor } from "./resync-bench/sequence.ts";
import { tableLines } from "./resync-bench/table.ts";
import { type Comparison, noComparison } from "./truth.ts";

const FAULTS_STANDARD = 200;
const FAULTS_MAX = 10_000;

export const resyncBenchCommand: Command = {
  notes: [
    "Delays of a distant venue are injected (dial 100-500 ms, subscription 50-200 ms, snapshot\n" +
      "100-500 ms) unless --no-delays is given. The two venues fail at the same time, each one fault\n" +
      "after another. The table by kind and stage is docs/RESYNC.md.",
  ],
  operands: [],
  flags: [
    {
      name: "faults",
      kind: "count",
      summary: "faults over both venues",
      standard: String(FAULTS_STANDARD),
    },
    { name: "seed", kind: "count", summary: "seed of the simulated market", standard: "1" },
    { name: "no-delays", kind: "switch", summary: "inject no delay: the engine's own time" },
    { name: "kinds", kind: "text", summary: "kinds of faults, with commas", standard: "all" },
    { name: "log", kind: "text", summary: "file that takes the log of the engine" },
  ],
  fields: [
    ["faults, unrecovered", "faults injected, and those not recovered from; the latter must be 0"],
    ["kinds", "of each kind: count, recovered, ms, fromInjectionMs, stagesMs, resyncs, snapshots"],
    ["kinds.ms", "p50, p99 and max from the start of the kind's clock to the last book right"],
    ["kinds.stagesMs", "mean of each stage, of the book that came back last"],
    ["groups", "needsSession, needsSnapshot, snapshotFaults: count, p50, p99, max in milliseconds"],
    ["gapSeenMs", "breaks of single frames: from the break seen to the book live"],
    [
      "unreadSeenMs",
      "the same after an unreadable frame: the next frame of its stream is the proof",
    ],
    ["targets", "group, quantile, msMax, ms and whether it isMet"],
    ["wrongBooks, comparisons", "books unlike the venue's truth (must be 0), and books compared"],
    ["decisionsOnInvalidBook", "decisions made on a book that was not live; must be 0"],
    ["slowest", "the faults that took longest: kind, venue, symbol, ms"],
    ["seed, hasDelays", "what was run"],
  ],
  async run(invocation): Promise<Ending> {
    const kinds = kindsOf(invocation.flags.get("kinds"));
    if (typeof kinds === "string") return refusal(EXIT.usage, kinds);
    const faults = countOf(invocation.flags, "faults", FAULTS_STANDARD);
    if (faults < 1 || faults > FAULTS_MAX) {
      return refusal(EXIT.usage, `flag --faults: expected 1 to ${FAULTS_MAX}, got ${faults}`);
    }
    let rig: Rig | null = null;
    const hasDelays = !invocation.flags.has("no-delays");
    const seed = countOf(invocation.flags, "seed", 1);
    try {
      rig = await openRig({ seed, hasDelays, logFile: invocation.flags.get("log") ?? null });
      return await measure(invocation, rig, { kinds, faults, seed, hasDelays });
    } catch (error) {
      if (error instanceof RigError) return refusal(EXIT.environment, error.message);
      throw error;
    } finally {
      await rig?.close();
    }
  },
};

/** The kinds that were asked for, or a sentence about the one that does not exist. */
function kindsOf(text: string | undefined): readonly FaultKind[] | string {
  // Its venues number their messages and sign none.
  if (text === undefined) return FAULT_KINDS.filter((kind) => kind !== "wrongChecksum");
  const kinds: FaultKind[] = [];
  for (const word of text.split(",")) {
    const kind = FAULT_KINDS.find((each) => each === word);
    if (kind === undefined) return `flag --kinds: expected some of ${FAULT_KINDS}, got "${word}"`;
    kinds.push(kind);
  }
  return kinds;
}

type Run = {
  readonly kinds: readonly FaultKind[];
  readonly faults: number;
  readonly seed: number;
  readonly hasDelays: boolean;
};

async function measure(invocation: Invocation, rig: Rig, run: Run): Promise<Ending> {
  const recoveries: Recovery[] = [];
  const comparison = noComparison();
  let isAborted = false;
  const onSignal = () => {
    isAborted = true;
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal).on("SIGHUP", onSignal);
  const onRecovery = (recovery: Recovery) => {
    recoveries.push(recovery);
    invocation.say(progressLine(recovery, recoveries.length, run.faults));
  };
  try {
    if (!(await waitFor(rig, ({ ready }) => ready))) {
      return refusal(EXIT.failed, "the books did not become live before the first fault");
    }
    const sequences = plansOf(run).map((plan) =>
      runSequence(rig, plan, comparison, { onRecovery, isAborted: () => isAborted }),
    );
    await Promise.all(sequences);
    const { counters } = await rig.status();
    const decisionsOnInvalidBook = counters.decisionsOnInvalidBook ?? 0;
    const wrongBooks = comparison.wrong.length;
    const account = accountOf(recoveries, { wrongBooks, decisionsOnInvalidBook }, run.hasDelays);
    return endingOf(account, { recoveries, comparison, run, isAborted, counters });
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal).off("SIGHUP", onSignal);
  }
}

/** Half of the faults for each venue; the second starts in the middle, so that they differ. */
function plansOf(run: Run) {
  return BENCH_VENUES.map((venue, index) => {
    // USD-M streams announce no shutdown, so there is nothing to inject.
    const kinds = run.kinds.filter((kind) => venue === "binance-spot" || kind !== "serverShutdown");
    const count = Math.floor((run.faults + (index === 0 ? 1 : 0)) / BENCH_VENUES.length);
    return { venue, kinds: rotate(kinds, count, Math.floor((index * kinds.length) / 2)) };
  });
}

function progressLine(recovery: Recovery, done: number, all: number): string {
  const { fault, isRecovered, recoveryUs, resyncCount } = recovery;
  const what = `${fault.kind} ${fault.venue} ${fault.symbol ?? ""}`.trimEnd();
  const end = isRecovered ? `${(recoveryUs / 1000).toFixed(0)} ms` : "NOT RECOVERED";
  return `${done}/${all} ${what}: ${end}, ${resyncCount} resyncs`;
}

const SLOWEST_SHOWN = 10;

type Evidence = {
  readonly recoveries: readonly Recovery[];
  readonly comparison: Comparison;
  readonly run: Run;
  readonly isAborted: boolean;
  readonly counters: Readonly<Record<string, number>>;
};

function endingOf(account: Account, evidence: Evidence): Ending {
  const { recoveries, comparison, run, isAborted, counters } = evidence;
  const slowest = recoveries
    .toSorted((a, b) => b.recoveryUs - a.recoveryUs)
    .slice(0, SLOWEST_SHOWN)
    .map(({ fault, recoveryUs, stagesUs }) => ({
      ...fault,
      ms: recoveryUs / 1000,
      stagesUs,
    }));
  const json = {
    ...account,
    comparisons: comparison.compared,
    wrong: comparison.wrong.slice(0, SLOWEST_SHOWN),
    slowest,
    counters,
    seed: run.seed,
    hasDelays: run.hasDelays,
  };
  const error = isAborted ? "ended by a signal" : missOf(account);
  const lines = tableLines(account);
  if (error === "") return { exitCode: EXIT.ok, lines, json };
  return { exitCode: EXIT.failed, lines, json, error };
}
