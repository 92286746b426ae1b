/**
 * The resync record: one for every time a book (or a session's books) stopped being true and became
 * true again. Time-to-correct-resync is the primary metric of this system; this is its unit.
 */
import type { InstrumentId, VenueId } from "./ids.ts";
import type { Micros } from "./time.ts";

/**
 * Why a book stopped being trusted. The first nine are the triggers of confidence loss of the seed
 * specification; the others are facts that void a book without any estimate being involved.
 */
export const RESYNC_CAUSES = [
  "noMarketFlow",
  "sequenceGap",
  "ancientTimestamp",
  "transportLatency",
  "writeFailure",
  "subscriptionFailure",
  "brokenContinuity",
  "queueDelay",
  "staleSnapshot",
  "start",
  "sessionClosed",
  "crossedBook",
  "malformedFrames",
  "ringOverflow",
  "bufferOverflow",
  "instrumentRules",
  "operator",
  "checksumMismatch",
  "horizonPassed",
] as const;

export type ResyncCause = (typeof RESYNC_CAUSES)[number];

/** The six stages, in order. Each ends where the next begins, so they sum to the total exactly. */
export const RESYNC_STAGES = [
  "detect",
  "dial",
  "subscribe",
  "snapshot",
  "rebuild",
  "validate",
] as const;

export type ResyncStage = (typeof RESYNC_STAGES)[number];

/** Microseconds spent in each stage; 0 where a stage was not needed (a gap needs no dial). */
export type StageDurations = Readonly<Record<ResyncStage, Micros>>;

export type ResyncRecord = {
  /** Numbered from 1 within one run. */
  readonly resyncId: number;
  readonly venue: VenueId;
  readonly instrument: InstrumentId;
  readonly shard: number;
  readonly cause: ResyncCause;
  /** The epoch that was current when the book became live again. */
  readonly epoch: number;
  /** When the picture began to be wrong, as far as it can be known (last good frame, or the gap). */
  readonly degradedUs: Micros;
  /** When the book was declared live again. */
  readonly liveUs: Micros;
  readonly totalUs: Micros;
  readonly stagesUs: StageDurations;
  /** Snapshots asked for, the useful one included. */
  readonly snapshotCount: number;
  /** The tick of the loop that declared the book live. */
  readonly tick: number;
};
