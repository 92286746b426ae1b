/**
 * Station: recoveries -> the account by kind and group, and the verdict over the targets.
 *
 * Pure. Quantiles are by nearest rank, so that each printed number is one that was measured.
 */
import type { ResyncStage } from "../../contracts/resync.ts";
import { FAULT_KINDS, type FaultKind } from "../../local/venues/fault-plan.ts";
import {
  GROUPS,
  type Group,
  KIND_RULES,
  TARGETS_WITH_DELAYS,
  TARGETS_WITHOUT_DELAYS,
  type Target,
} from "./kinds.ts";
import { meanStagesMs, type Recovery } from "./recovery.ts";

export type Quantiles = {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
};

export type KindAccount = {
  readonly count: number;
  readonly recovered: number;
  /** Over the recovered ones, in milliseconds, by the kind's own clock. */
  readonly ms: Quantiles;
  readonly fromInjectionMs: Quantiles;
  readonly stagesMs: Readonly<Record<ResyncStage, number>>;
  readonly resyncs: number;
  readonly snapshots: number;
};

export type JudgedTarget = Target & { readonly ms: number; readonly isMet: boolean };

/** What was found beside the times; each must be 0. */
export type Zeros = {
  readonly unrecovered: number;
  readonly wrongBooks: number;
  readonly decisionsOnInvalidBook: number;
};

export type Account = Zeros & {
  readonly faults: number;
  readonly kinds: Readonly<Partial<Record<FaultKind, KindAccount>>>;
  readonly groups: Readonly<Record<Group, Quantiles>>;
  /** Breaks of single frames: from the break seen to the book live, in milliseconds. */
  readonly gapSeenMs: Quantiles;
  /** The same after a frame that could not be read; held to nothing, see docs/RESYNC.md. */
  readonly unreadSeenMs: Quantiles;
  readonly targets: readonly JudgedTarget[];
};

const US_PER_MS = 1000;

/** Quantiles in milliseconds of times in microseconds; all 0 when there are none. */
export function quantilesMs(timesUs: readonly number[]): Quantiles {
  const ascending = [...timesUs].sort((a, b) => a - b);
  return {
    count: ascending.length,
    p50: nearestRank(ascending, 0.5) / US_PER_MS,
    p99: nearestRank(ascending, 0.99) / US_PER_MS,
    max: nearestRank(ascending, 1) / US_PER_MS,
  };
}

/** The smallest value that at least the share `quantile` of all does not exceed. */
function nearestRank(ascending: readonly number[], quantile: number): number {
  const rank = Math.max(1, Math.ceil(ascending.length * quantile));
  return ascending[rank - 1] ?? 0;
}

/** The whole account of a run. `hasDelays` decides which targets it is held to. */
export function accountOf(
  recoveries: readonly Recovery[],
  found: Omit<Zeros, "unrecovered">,
  hasDelays: boolean,
): Account {
  const kinds: Partial<Record<FaultKind, KindAccount>> = {};
  for (const kind of FAULT_KINDS) {
    const own = recoveries.filter(({ fault }) => fault.kind === kind);
    if (own.length > 0) kinds[kind] = kindAccount(own);
  }
  const timesOf = (group: Group) =>
    recoveries
      .filter(({ fault, isRecovered }) => isRecovered && KIND_RULES[fault.kind].group === group)
      .map(({ recoveryUs }) => recoveryUs);
  const groups = Object.fromEntries(
    GROUPS.map((group) => [group, quantilesMs(timesOf(group))]),
  ) as Record<Group, Quantiles>;
  const gapSeenMs = quantilesMs(recoveries.flatMap(({ gapSeenUs }) => gapSeenUs));
  const targets = hasDelays ? TARGETS_WITH_DELAYS : TARGETS_WITHOUT_DELAYS;
  return {
    faults: recoveries.length,
    unrecovered: recoveries.filter(({ isRecovered }) => !isRecovered).length,
    ...found,
    kinds,
    groups,
    gapSeenMs,
    unreadSeenMs: quantilesMs(recoveries.flatMap(({ unreadSeenUs }) => unreadSeenUs)),
    targets: judgeTargets(targets, { ...groups, gapSeen: gapSeenMs }),
  };
}

function kindAccount(own: readonly Recovery[]): KindAccount {
  const recovered = own.filter(({ isRecovered }) => isRecovered);
  return {
    count: own.length,
    recovered: recovered.length,
    ms: quantilesMs(recovered.map(({ recoveryUs }) => recoveryUs)),
    fromInjectionMs: quantilesMs(recovered.map(({ fromInjectionUs }) => fromInjectionUs)),
    stagesMs: meanStagesMs(recovered),
    resyncs: own.reduce((sum, { resyncCount }) => sum + resyncCount, 0),
    snapshots: own.reduce((sum, { snapshotCount }) => sum + snapshotCount, 0),
  };
}

/** A target of a group that saw no fault is left out: nothing was measured, so nothing is claimed. */
function judgeTargets(
  targets: readonly Target[],
  measured: Readonly<Record<Target["group"], Quantiles>>,
): JudgedTarget[] {
  return targets
    .filter(({ group }) => measured[group].count > 0)
    .map((target) => {
      const ms = measured[target.group][target.quantile];
      return { ...target, ms, isMet: ms <= target.msMax };
    });
}

/** The first thing that was missed, as a sentence; empty when all held. */
export function missOf(account: Account): string {
  if (account.unrecovered > 0) return `${account.unrecovered} faults were not recovered from`;
  if (account.wrongBooks > 0) return `${account.wrongBooks} live books differed from the truth`;
  if (account.decisionsOnInvalidBook > 0) {
    return `${account.decisionsOnInvalidBook} decisions were made on an invalid book`;
  }
  const missed = account.targets.find(({ isMet }) => !isMet);
  if (missed !== undefined) {
    const { group, quantile, ms, msMax } = missed;
    return `${group} ${quantile} was ${ms.toFixed(1)} ms, its target is ${msMax} ms`;
  }
  return account.faults === 0 ? "no fault was injected" : "";
}
