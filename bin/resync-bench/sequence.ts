/**
 * Station: one venue, a list of fault kinds -> one fault after another, each until it is recovered.
 *
 * Faults of one venue never overlap: the next is injected only when every book of the venue is live,
 * equal to the truth, and has been let alone for a moment. Times are taken from the records of both
 * processes, so how often this file looks does not matter to them.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { VenueId } from "../../contracts/ids.ts";
import type { EngineStatus } from "../../contracts/status.ts";
import type { FaultRecord } from "../../local/venues/fault-desk.ts";
import type { FaultKind } from "../../local/venues/fault-plan.ts";
import { type Comparison, compareBook, noComparison } from "../truth.ts";
import {
  type Before,
  booksOf,
  isVenueLive,
  noteBefore,
  type Recovery,
  recoveryOf,
  showsRecovery,
} from "./recovery.ts";
import { type Rig, RigError } from "./rig.ts";

/** How often the engine is asked while a recovery is awaited. */
const LOOK_MS = 100;
/** A fault without recovery after this long counts as unrecovered. */
const RECOVERY_MS_MAX = 30_000;
/** What follows a repair (candidates that are sent away, modes that relax) is over after this. */
const SETTLE_MS = 700;
/** The venue may not know yet, or not any more, the sequence of a book that was just taken. */
const COMPARE_TRIES_MAX = 20;

export type SequencePlan = { readonly venue: VenueId; readonly kinds: readonly FaultKind[] };

export type Watcher = {
  /** Called after each fault. */
  onRecovery(recovery: Recovery): void;
  /** Whether to end before the next fault. */
  isAborted(): boolean;
};

/** The kinds of `count` faults in rotation, from position `first` on. */
export function rotate(kinds: readonly FaultKind[], count: number, first: number): FaultKind[] {
  return Array.from({ length: kinds.length === 0 ? 0 : count }).flatMap((_, index) => {
    const kind = kinds[(first + index) % kinds.length];
    return kind === undefined ? [] : [kind];
  });
}

/** Runs the faults of one venue; `total` takes what the comparisons found. */
export async function runSequence(
  rig: Rig,
  plan: SequencePlan,
  total: Comparison,
  watcher: Watcher,
): Promise<void> {
  for (const kind of plan.kinds) {
    if (watcher.isAborted()) return;
    await waitFor(rig, (status) => isVenueLive(status, plan.venue));
    await sleep(SETTLE_MS);
    watcher.onRecovery(await runFault(rig, plan.venue, kind, total));
  }
}

async function runFault(
  rig: Rig,
  venue: VenueId,
  kind: FaultKind,
  total: Comparison,
): Promise<Recovery> {
  const before = noteBefore(await rig.status(), venue);
  const injected = await rig.inject(venue, kind);
  if (injected === null) throw new RigError(`the venues refuse ${kind} at ${venue}`);
  const deadlineMs = performance.now() + RECOVERY_MS_MAX;
  let isRecovered = false;
  while (!isRecovered && performance.now() < deadlineMs) {
    isRecovered = await isRepaired(rig, injected.faultId, before);
    if (isRecovered) isRecovered = await areBooksRight(rig, venue, total);
    else await sleep(LOOK_MS);
  }
  const fault = await rig.fault(injected.faultId);
  return recoveryOf(fault, await rig.resyncs(), isRecovered);
}

async function isRepaired(rig: Rig, faultId: number, before: Before): Promise<boolean> {
  const fault: FaultRecord = await rig.fault(faultId);
  if (fault.endedUs === null) return false;
  const status = await rig.status();
  if (!isVenueLive(status, fault.venue)) return false;
  return showsRecovery(fault, before, status, await rig.resyncs());
}

/** Whether every book of a venue is live and equal to the truth; what differs is added to `total`. */
async function areBooksRight(rig: Rig, venue: VenueId, total: Comparison): Promise<boolean> {
  for (const { instrument } of booksOf(await rig.status(), venue)) {
    const verdict = noComparison();
    for (let tries = 0; verdict.compared === 0 && tries < COMPARE_TRIES_MAX; tries++) {
      if (tries > 0) await sleep(LOOK_MS / 5);
      await compareBook(rig, instrument, verdict);
    }
    total.compared += verdict.compared;
    total.unknownSequence += verdict.unknownSequence;
    total.unanswered += verdict.unanswered;
    total.wrong.push(...verdict.wrong);
    if (verdict.compared === 0 || verdict.wrong.length > 0) return false;
  }
  return true;
}

/** Waits until the engine's status is as wanted, or until patience ends; the next fault tells then. */
export async function waitFor(
  rig: Rig,
  isWanted: (status: EngineStatus) => boolean,
): Promise<boolean> {
  const deadlineMs = performance.now() + RECOVERY_MS_MAX;
  while (performance.now() < deadlineMs) {
    if (isWanted(await rig.status())) return true;
    await sleep(LOOK_MS);
  }
  return false;
}
