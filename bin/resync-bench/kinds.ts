/**
 * Station: fault kind -> what its recovery needs, when its clock starts, and what it is held to.
 *
 * The words and the bounds of `reckoner resync-bench`, as data. It measures nothing.
 */
import type { FaultKind } from "../../local/venues/fault-plan.ts";

/** What a recovery needs, which is what decides how long it may take. */
export const GROUPS = ["needsSession", "needsSnapshot", "snapshotFaults"] as const;
export type Group = (typeof GROUPS)[number];

export type KindRule = {
  readonly group: Group;
  /**
   * `injection`: a sound session or snapshot can be had at once, so every moment counts.
   * `end`: until the fault is over nobody could recover, so the clock starts there.
   */
  readonly clock: "injection" | "end";
  /** The session of every book must be another one afterwards. */
  readonly replacesSession: boolean;
};

const LASTING: KindRule = { group: "needsSession", clock: "end", replacesSession: true };
const OF_SESSION: KindRule = { group: "needsSession", clock: "injection", replacesSession: true };
const OF_FRAME: KindRule = { group: "needsSnapshot", clock: "injection", replacesSession: false };
const OF_SNAPSHOT: KindRule = {
  group: "snapshotFaults",
  clock: "injection",
  replacesSession: false,
};

export const KIND_RULES: Readonly<Record<FaultKind, KindRule>> = {
  cut: OF_SESSION,
  halfOpen: OF_SESSION,
  silent: OF_SESSION,
  frozenTimestamps: OF_SESSION,
  delay: OF_SESSION,
  burst: OF_SESSION,
  refuse: LASTING,
  venueRestart: LASTING,
  serverShutdown: LASTING,
  dropDiff: OF_FRAME,
  duplicateDiff: OF_FRAME,
  malformedFrame: OF_FRAME,
  wrongSymbol: OF_FRAME,
  crossedBook: OF_FRAME,
  wrongChecksum: OF_FRAME,
  oldSnapshot: OF_SNAPSHOT,
  slowSnapshot: OF_SNAPSHOT,
  snapshot503: OF_SNAPSHOT,
};

export type Target = {
  readonly group: Group | "gapSeen";
  readonly quantile: "p50" | "p99";
  readonly msMax: number;
};

/** What is held with the delays of a distant venue. */
export const TARGETS_WITH_DELAYS: readonly Target[] = [
  { group: "needsSession", quantile: "p50", msMax: 1000 },
  { group: "needsSession", quantile: "p99", msMax: 2500 },
  { group: "needsSnapshot", quantile: "p99", msMax: 1000 },
  { group: "snapshotFaults", quantile: "p99", msMax: 2000 },
];

/** What is held when nothing is delayed: the work itself, from the gap seen to the right book. */
export const TARGETS_WITHOUT_DELAYS: readonly Target[] = [
  { group: "gapSeen", quantile: "p99", msMax: 20 },
];
