/**
 * What the engine says of itself on `GET /status` of its admin port; the terminal view, the scripts
 * and the benches read nothing else. All times are microseconds, all counts are since the start.
 */
import type { InstrumentId, VenueId } from "./ids.ts";
import type { ResyncRecord } from "./resync.ts";
import type { Micros } from "./time.ts";
import type { TradingStatus } from "./trading-status.ts";

export const BOOK_STATES = ["void", "buffering", "live"] as const;
export type BookState = (typeof BOOK_STATES)[number];

export const MODES = ["active", "noNewPositions", "exitsOnly", "suspended"] as const;
export type Mode = (typeof MODES)[number];

export const SESSION_STATES = ["idle", "waiting", "dialing", "subscribing", "live"] as const;
export type SessionStateName = (typeof SESSION_STATES)[number];

export type RingStatus = {
  readonly capacity: number;
  readonly depth: number;
  readonly highWater: number;
  readonly overflows: number;
};

export type SessionStatus = {
  readonly venue: VenueId;
  readonly shard: number;
  readonly state: SessionStateName;
  readonly epoch: number;
  /** 0 (not to be believed) to 1 (no trigger near its limit). */
  readonly confidence: number;
  readonly confidenceReason: string;
  readonly transportUs: Micros;
  readonly queueUs: Micros;
  readonly silenceUs: Micros;
  readonly awayUs: Micros;
  readonly frames: number;
  /** "none", "transportCollapse" or "internalSaturation". */
  readonly classification: string;
};

export type VenueStatus = {
  readonly venue: VenueId;
  readonly mode: Mode;
  readonly modeReason: string;
  readonly booksLive: number;
  readonly booksTotal: number;
  readonly clockOffsetUs: Micros;
  readonly clockErrorUs: Micros;
  readonly weightUsed: number;
  readonly weightLimit: number;
  readonly sessions: readonly SessionStatus[];
};

export type BookStatus = {
  readonly instrument: InstrumentId;
  readonly state: BookState;
  readonly epoch: number;
  readonly seq: number;
  readonly bid: string;
  readonly ask: string;
  readonly levels: number;
  readonly resyncs: number;
};

/** Quantiles in milliseconds over the resyncs since the start, `start` excluded. */
export type ResyncSummary = {
  readonly count: number;
  readonly ms: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly stagesMs: Readonly<Record<string, { readonly p50: number; readonly p99: number }>>;
  readonly recent: readonly ResyncRecord[];
};

/**
 * One finished minute of the loop: how long market events waited for it (count to maxUs), and how long
 * it was busy with single events.
 */
export type LoopMinute = {
  readonly endedUs: Micros;
  readonly count: number;
  readonly p50Us: Micros;
  readonly p99Us: Micros;
  readonly p999Us: Micros;
  readonly maxUs: Micros;
  readonly tickP99Us: Micros;
  readonly tickMaxUs: Micros;
};

export type EngineStatus = {
  readonly startedUs: Micros;
  readonly nowUs: Micros;
  readonly tick: number;
  /** Why the engine halted, or "" while it runs. */
  readonly halted: string;
  readonly ready: boolean;
  readonly venues: readonly VenueStatus[];
  readonly books: readonly BookStatus[];
  readonly rings: {
    readonly marketEvents: RingStatus;
    readonly controlEvents: RingStatus;
    readonly outboundCommands: RingStatus;
    readonly recorder: RingStatus;
  };
  /** Every counter of the hot thread by name (frames, staleEpochDiscards, malformedFrames ...). */
  readonly counters: Readonly<Record<string, number>>;
  /** The last hour's minutes, oldest first. */
  readonly loopMinutes: readonly LoopMinute[];
  /** Resident memory of the whole process. */
  readonly residentBytes: number;
  readonly resyncs: ResyncSummary;
  /** Null where no account is configured to trade. */
  readonly trading: TradingStatus | null;
  readonly journal: {
    readonly directory: string;
    readonly lastAckedSeq: number;
    readonly bytes: number;
    readonly segments: number;
  };
};
