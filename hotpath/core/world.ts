/**
 * Station: core. All the state there is, as one tree; changed in place by `engine.ts` and the modules it
 * calls, and by no one else. Nothing in it is a socket, a timer or a promise, so a session may end at any
 * moment and nothing of it survives but what the journal has.
 */
import type { VenueId } from "../../contracts/ids.ts";
import type { ResyncCause } from "../../contracts/resync.ts";
import type { Mode, SessionStateName } from "../../contracts/status.ts";
import { Book } from "./book/book.ts";
import type { BookChecksum, InStreamBooks } from "./book/checksum.ts";
import type { ContinuityRule } from "./book/continuity.ts";
import { DeltaBuffer } from "./book/delta-buffer.ts";
import type { CoreCommand } from "./commands.ts";
import { Counters } from "./counters.ts";
import type { SnapshotLevels } from "./decode/decoder.ts";
import { dialsAtStart } from "./dials.ts";
import type { Instrument } from "./instrument.ts";
import type { CoreLimits, VenueRules } from "./limits.ts";
import type { TradeEvent } from "./trade/events.ts";

/** Where a resync stands; `idle` when the book needs none. */
export type ResyncPhase =
  | "idle"
  | "waitingSession"
  | "waitingSnapshot"
  | "rebuilt"
  | "validating"
  | "waitingDelta";

/** One instrument's book and what is being done about it. */
export type BookSlot = {
  readonly instrument: Instrument;
  readonly session: number;
  readonly venue: number;
  readonly book: Book;
  readonly buffer: DeltaBuffer;
  /** Of a venue whose snapshots come in the stream, each message signed; undefined for all others. */
  readonly checksum: BookChecksum | undefined;
  /** Of such a venue: the book holds this transport's snapshot and every delta behind it. */
  isLoaded: boolean;
  phase: ResyncPhase;
  resyncId: number;
  cause: ResyncCause;
  degradedUs: number;
  detectedUs: number;
  dialedUs: number;
  openedUs: number;
  confirmedUs: number;
  snapshotUs: number;
  rebuiltUs: number;
  /** Snapshots asked for in this resync, and those without an answer yet. */
  snapshotCount: number;
  inFlight: number;
  /** Levels a side that were asked for, the fewest of the requests under way. */
  depthAsked: number;
  /** When the next snapshot may be asked for: backoff after a failure, hedge after a silence. */
  nextFetchUs: number;
  /** Requests up to this one were made before the book broke: their answers may be older than that. */
  requestsBefore: number;
  fetchFailures: number;
  /** Of the transport that is being opened: snapshots to ask for in advance, and the newest answer. */
  earlyWanted: number;
  /** The last sequence that the stream has shown, infinite when it has shown one we could not read. */
  seqHeard: number;
  early: SnapshotLevels | undefined;
  resyncs: number;
  /** Messages seen of this instrument: what is most traded is repaired first. */
  activity: number;
  lastDeltaUs: number;
  /** Running mean of the interval between deltas; 0 before the second. */
  deltaIntervalUs: number;
  lastTradeSeq: number;
  /** The touch of the last decision, and the sequence it was taken at. */
  decidedSeq: number;
  decidedBidTicks: number;
  decidedAskTicks: number;
};

/** The next transport of a session, while it is being made ready beside (or instead of) the current. */
export type Candidate = {
  epoch: number;
  attempt: number;
  phase: "dialing" | "subscribing" | "ready";
  purpose: "replace" | "suspicion" | "rotation";
  dialedUs: number;
  openedUs: number;
  confirmedUs: number;
  deadlineUs: number;
};

/** One stream of sessions to one shard of a venue: transports come and go, this stays. */
export type Session = {
  readonly index: number;
  readonly venue: number;
  readonly shard: number;
  /** Instruments whose books hang on this session. */
  readonly books: readonly number[];
  state: SessionStateName;
  /** The epoch that is believed; 0 before the first. */
  epoch: number;
  /** Still heard while its successor takes over; 0 otherwise. */
  predecessorEpoch: number;
  predecessorEndUs: number;
  lastEpoch: number;
  attempt: number;
  candidate: Candidate | undefined;
  openedUs: number;
  confirmedUs: number;
  subscribeDeadlineUs: number;
  nextDialUs: number;
  failures: number;
  shutdownAnnounced: boolean;
  frames: number;
  lastRecvUs: number;
  intervalUs: number;
  queueUs: number;
  transportUs: number;
  awayUs: number;
  suspectedUs: number;
  lateFrames: number;
  lateSinceUs: number;
  exchangeMaxUs: number;
  exchangeMaxRecvUs: number;
  stillFrames: number;
  refusals: number;
  refusalsSinceUs: number;
  latencyReplacedUs: number;
};

export type VenueState = {
  readonly id: VenueId;
  readonly rules: VenueRules;
  readonly continuity: ContinuityRule;
  readonly inStream: InStreamBooks | undefined;
  clockOffsetUs: number;
  clockErrorUs: number;
  /** 0 until the first measurement. */
  clockMeasuredUs: number;
  clockNextUs: number;
  weightUsed: number;
  weightWindow: number;
  /** Requests up to this one, and a clock asked in an earlier window, were not charged to this one. */
  windowRequestId: number;
  clockWindow: number;
  /** No request before this: the venue said 429 or 418. */
  silentUntilUs: number;
  snapshotsInFlight: number;
  dialTokens: number;
  dialTokensUs: number;
  mode: Mode;
  modeReason: string;
  /** Since when the inputs have asked for a better mode than the one in force; 0 when they do not. */
  betterSinceUs: number;
  stalledUntilUs: number;
};

/** Whoever proves something about the core from outside: verify now, the simulator later. */
export interface Audit {
  /** A delta was applied to this book, live or while it is rebuilt. It must not change anything. */
  onApplied(slot: BookSlot): void;
}

/** Whoever acts upon the books. Strategies are plug-ins of the core; a world without one only watches. */
export interface Trader {
  /** A live book that may be decided upon has changed. */
  onTouch(slot: BookSlot): void;
  /** The commands of a market event are out: whatever could wait for that, still in the same tick. */
  conclude(): void;
  /** A book is not to be believed any more. */
  onVoid(slot: BookSlot): void;
  onEvent(event: TradeEvent): void;
  /** After every control event: whatever has become due. */
  onTimer(): void;
  /** When it wants a `timerFired`. */
  dueUs(): number;
  /** The engine ends: accounts are closed. */
  onShutdown(): void;
  /** Everything that a later tick may depend on, as text: part of the world's fingerprint. */
  fingerprint(): string;
}

export type World = {
  /** Undefined in production. */
  audit: Audit | undefined;
  /** Undefined where nothing is traded. */
  trader: Trader | undefined;
  readonly limits: CoreLimits;
  readonly instruments: readonly Instrument[];
  readonly venues: readonly VenueState[];
  readonly sessions: readonly Session[];
  readonly slots: readonly BookSlot[];
  readonly counters: Counters;
  /** Numbered from 1, without a gap: one for every event that was processed. */
  tick: number;
  /** `processUs` of the tick under way: the only "now" there is. */
  nowUs: number;
  resyncCount: number;
  requestCount: number;
  halted: string;
  stopping: boolean;
  /** Commands of the tick under way, in order; the loop takes them after each tick. */
  readonly outbox: CoreCommand[];
};

export type SessionPlan = {
  readonly venue: number;
  readonly shard: number;
  readonly books: readonly number[];
};

export type VenuePlan = {
  readonly id: VenueId;
  readonly rules: VenueRules;
  readonly continuity: ContinuityRule;
  readonly inStream?: InStreamBooks | undefined;
};

/** Everything a world is made of before its first event. */
export type WorldPlan = {
  readonly limits: CoreLimits;
  readonly instruments: readonly Instrument[];
  readonly venues: readonly VenuePlan[];
  readonly sessions: readonly SessionPlan[];
};

export function makeWorld(plan: WorldPlan): World {
  const { limits, instruments } = plan;
  const sessionOf = new Map(
    plan.sessions.flatMap(({ books }, session) => books.map((book) => [book, session] as const)),
  );
  return {
    audit: undefined,
    trader: undefined,
    limits,
    instruments,
    venues: plan.venues.map((venue, index) => {
      const sessions = plan.sessions.filter((session) => session.venue === index);
      return makeVenue(venue, sessions.length);
    }),
    sessions: plan.sessions.map(makeSession),
    slots: instruments.map((instrument) => {
      const session = sessionOf.get(instrument.index) ?? -1;
      const venue = plan.sessions[session]?.venue ?? -1;
      return makeSlot(instrument, session, { venue, of: plan.venues[venue] }, limits);
    }),
    counters: new Counters(),
    tick: 0,
    nowUs: 0,
    resyncCount: 0,
    requestCount: 0,
    halted: "",
    stopping: false,
    outbox: [],
  };
}

function makeVenue(
  { id, rules, continuity, inStream }: VenuePlan,
  sessionCount: number,
): VenueState {
  return {
    id,
    rules,
    continuity,
    inStream,
    clockOffsetUs: 0,
    clockErrorUs: 0,
    clockMeasuredUs: 0,
    clockNextUs: 0,
    weightUsed: 0,
    weightWindow: 0,
    windowRequestId: 0,
    clockWindow: 0,
    silentUntilUs: 0,
    snapshotsInFlight: 0,
    dialTokens: dialsAtStart(rules.dialsMax, sessionCount),
    dialTokensUs: 0,
    mode: "suspended",
    modeReason: "start",
    betterSinceUs: 0,
    stalledUntilUs: 0,
  };
}

function makeSession({ venue, shard, books }: SessionPlan, index: number): Session {
  return {
    index,
    venue,
    shard,
    books,
    state: "idle",
    epoch: 0,
    predecessorEpoch: 0,
    predecessorEndUs: 0,
    lastEpoch: 0,
    attempt: 0,
    candidate: undefined,
    openedUs: 0,
    confirmedUs: 0,
    subscribeDeadlineUs: 0,
    nextDialUs: 0,
    failures: 0,
    shutdownAnnounced: false,
    frames: 0,
    lastRecvUs: 0,
    intervalUs: 0,
    queueUs: 0,
    transportUs: 0,
    awayUs: 0,
    suspectedUs: 0,
    lateFrames: 0,
    lateSinceUs: 0,
    exchangeMaxUs: 0,
    exchangeMaxRecvUs: 0,
    stillFrames: 0,
    refusals: 0,
    refusalsSinceUs: 0,
    latencyReplacedUs: 0,
  };
}

function makeSlot(
  instrument: Instrument,
  session: number,
  { venue, of }: { readonly venue: number; readonly of: VenuePlan | undefined },
  limits: CoreLimits,
): BookSlot {
  return {
    instrument,
    session,
    venue,
    book: new Book(),
    buffer: new DeltaBuffer(limits.bufferedDeltasMax, limits.bufferedLevelsMax),
    checksum: of?.inStream?.makeChecksum(instrument),
    isLoaded: false,
    phase: "idle",
    resyncId: 0,
    cause: "start",
    degradedUs: 0,
    detectedUs: 0,
    dialedUs: 0,
    openedUs: 0,
    confirmedUs: 0,
    snapshotUs: 0,
    rebuiltUs: 0,
    snapshotCount: 0,
    inFlight: 0,
    // What comes in the stream comes as deep as it was subscribed to.
    depthAsked: of?.inStream === undefined ? 0 : of.rules.depthLimit,
    nextFetchUs: 0,
    requestsBefore: 0,
    fetchFailures: 0,
    earlyWanted: 0,
    seqHeard: 0,
    early: undefined,
    resyncs: 0,
    activity: 0,
    lastDeltaUs: 0,
    deltaIntervalUs: 0,
    lastTradeSeq: 0,
    decidedSeq: 0,
    decidedBidTicks: 0,
    decidedAskTicks: 0,
  };
}
