/**
 * Station: a fault's record, the engine's resync records and its status -> recovered or not yet.
 *
 * Pure. A fault counts as recovered only on evidence: every book of its venue is live, and either a
 * resync record shows the repair or the state shows that none was needed. Whether the books are right
 * is asked of the venue elsewhere.
 */
import type { InstrumentId, VenueId } from "../../contracts/ids.ts";
import { RESYNC_STAGES, type ResyncRecord, type ResyncStage } from "../../contracts/resync.ts";
import type { BookStatus, EngineStatus } from "../../contracts/status.ts";
import type { Micros } from "../../contracts/time.ts";
import type { FaultRecord } from "../../local/venues/fault-desk.ts";
import { KIND_RULES } from "./kinds.ts";

/** What is known of a venue's sessions and books before a fault. */
export type Before = {
  readonly epochs: readonly number[];
  readonly seqs: ReadonlyMap<string, number>;
};

/** One fault and what became of it. Times in microseconds. */
export type Recovery = {
  readonly fault: FaultRecord;
  readonly isRecovered: boolean;
  /** From the start of its clock to the last book's return; 0 when no book was lost. */
  readonly recoveryUs: Micros;
  /** The same from the injection, whatever the kind. */
  readonly fromInjectionUs: Micros;
  /** Stages of the book that came back last; null when none was lost. */
  readonly stagesUs: Readonly<Record<ResyncStage, Micros>> | null;
  /** Of a broken frame: from the break seen to the book live. */
  readonly gapSeenUs: readonly Micros[];
  /** The same after a frame that could not be read: only the next frame of its stream is proof. */
  readonly unreadSeenUs: readonly Micros[];
  readonly resyncCount: number;
  readonly snapshotCount: number;
};

/** The books of one venue. */
export function booksOf(status: EngineStatus, venue: VenueId): BookStatus[] {
  return status.books.filter((book) => book.instrument.startsWith(`${venue}:`));
}

/** Whether every book of a venue is live. */
export function isVenueLive(status: EngineStatus, venue: VenueId): boolean {
  const books = booksOf(status, venue);
  return books.length > 0 && books.every((book) => book.state === "live");
}

/** Notes what a recovery will be told from. */
export function noteBefore(status: EngineStatus, venue: VenueId): Before {
  const sessions = status.venues.find((each) => each.venue === venue)?.sessions ?? [];
  return {
    epochs: sessions.map(({ epoch }) => epoch),
    seqs: new Map(booksOf(status, venue).map(({ instrument, seq }) => [instrument, seq])),
  };
}

/** The repairs of a venue that ended after `fault` was injected. */
export function repairsAfter(
  fault: FaultRecord,
  records: readonly ResyncRecord[],
): readonly ResyncRecord[] {
  return records.filter(({ venue, liveUs }) => venue === fault.venue && liveUs >= fault.injectedUs);
}

/** Whether the engine shows that it has met the fault and is done with it. */
export function showsRecovery(
  fault: FaultRecord,
  before: Before,
  status: EngineStatus,
  records: readonly ResyncRecord[],
): boolean {
  if (fault.endedUs === null || !isVenueLive(status, fault.venue)) return false;
  const repaired = new Set(repairsAfter(fault, records).map(({ instrument }) => instrument));
  if (KIND_RULES[fault.kind].replacesSession) {
    // Either every book was repaired, or the next session took over while the books stayed right.
    const books = booksOf(status, fault.venue);
    return (
      books.every((book) => repaired.has(book.instrument)) || areReplaced(fault, before, status)
    );
  }
  const instrument: InstrumentId = `${fault.venue}:${fault.symbol ?? ""}`;
  if (repaired.has(instrument)) return true;
  // A change that comes twice breaks nothing: the book has only to go on.
  if (fault.kind !== "duplicateDiff") return false;
  const book = status.books.find((each) => each.instrument === instrument);
  return book !== undefined && book.seq > (before.seqs.get(instrument) ?? 0);
}

function areReplaced(fault: FaultRecord, before: Before, status: EngineStatus): boolean {
  const sessions = status.venues.find((each) => each.venue === fault.venue)?.sessions ?? [];
  return sessions.every(
    ({ epoch, state }, index) => state === "live" && epoch > (before.epochs[index] ?? 0),
  );
}

/** From the break seen to the book live, of repairs with or without a sequence to be measured by. */
function seenToLiveUs(repairs: readonly ResyncRecord[], isReadable: boolean): Micros[] {
  return repairs
    .filter(({ stagesUs }) => stagesUs.dial === 0 && stagesUs.subscribe === 0)
    .filter(({ cause }) => (cause !== "malformedFrames") === isReadable)
    .map(({ totalUs, stagesUs }) => totalUs - stagesUs.detect);
}

/** The numbers of one fault, from the records of its repairs. */
export function recoveryOf(
  fault: FaultRecord,
  records: readonly ResyncRecord[],
  isRecovered: boolean,
): Recovery {
  const repairs = repairsAfter(fault, records);
  let last: ResyncRecord | undefined;
  for (const repair of repairs)
    if (last === undefined || repair.liveUs > last.liveUs) last = repair;
  const isFromEnd = KIND_RULES[fault.kind].clock === "end" && fault.endedUs !== null;
  const startUs = isFromEnd ? (fault.endedUs ?? fault.injectedUs) : fault.injectedUs;
  const liveUs = last?.liveUs ?? fault.injectedUs;
  return {
    fault,
    isRecovered,
    recoveryUs: Math.max(0, liveUs - startUs),
    fromInjectionUs: Math.max(0, liveUs - fault.injectedUs),
    stagesUs: last?.stagesUs ?? null,
    gapSeenUs: KIND_RULES[fault.kind].group === "needsSnapshot" ? seenToLiveUs(repairs, true) : [],
    unreadSeenUs: seenToLiveUs(repairs, false),
    resyncCount: repairs.length,
    snapshotCount: repairs.reduce((sum, repair) => sum + repair.snapshotCount, 0),
  };
}

/** The mean of each stage over the recoveries that had any, in milliseconds. */
export function meanStagesMs(recoveries: readonly Recovery[]): Record<ResyncStage, number> {
  const staged = recoveries.flatMap(({ stagesUs }) => (stagesUs === null ? [] : [stagesUs]));
  const mean = (stage: ResyncStage) =>
    staged.reduce((sum, stages) => sum + stages[stage], 0) / Math.max(1, staged.length) / 1000;
  return Object.fromEntries(RESYNC_STAGES.map((stage) => [stage, mean(stage)])) as Record<
    ResyncStage,
    number
  >;
}
