/**
 * Station: gap -> void -> buffer -> snapshot -> rebuild -> validate -> live.
 *
 * The repair of one instrument's book, whatever broke it. It never gives up: a snapshot that fails or
 * comes too late is asked for again, inside the venue's weight and behind its backoff. Six time stamps
 * are kept on the way, so that every resync can say where its time went.
 *
 * ```text
 *            session confirmed          snapshot joins            checks pass
 *  waitingSession ──────▶ waitingSnapshot ──────▶ rebuilt ──▶ validating ──────▶ live (idle)
 *        ▲                      ▲  │ too old,          │ no delta seen yet         │
 *        │ session lost         └──┘ failed, hedge     └────▶ waitingDelta ────────┤
 *        └──────────────────────────────── any break voids the book again ◀────────┘
 * ```
 */
import { assert } from "../../../contracts/assert.ts";
import type { ResyncCause, ResyncRecord } from "../../../contracts/resync.ts";
import type { SnapshotLevels } from "../decode/decoder.ts";
import type { MarketRing } from "../market-ring.ts";
import type { BookSlot, World } from "../world.ts";
import { CONTINUITY, type Continuity } from "./continuity.ts";
import type { DeltaBuffer } from "./delta-buffer.ts";
import { dropEarly, keepEarly } from "./early-snapshot.ts";
import { hasSpareWeight } from "./fetch.ts";
import { keepNewer } from "./newer-levels.ts";

/** Exponent cap of the fetch backoff: 100 ms x 2^6 = 6.4 s. */
const FETCH_BACKOFF_STEPS_MAX = 6;
const FETCH_BACKOFF_US = 100_000;
/** Something was or may have been told that we have not read: how far the stream came, nobody knows. */
const UNREAD_CAUSES: ReadonlySet<ResyncCause> = new Set([
  "noMarketFlow",
  "malformedFrames",
  "instrumentRules",
  "ringOverflow",
  "brokenContinuity",
]);

/**
 * Voids a book and begins (or goes on with) its resync.
 *
 * A resync that is under way keeps its first cause and its first moment: the picture has been wrong
 * since then, and that is what is measured.
 */
export function voidBook(
  world: World,
  slot: BookSlot,
  cause: ResyncCause,
  degradedUs: number,
): void {
  const wasLive = slot.book.state === "live";
  if (UNREAD_CAUSES.has(cause)) slot.seqHeard = Number.POSITIVE_INFINITY;
  slot.book.void();
  if (wasLive) world.trader?.onVoid(slot);
  slot.buffer.clear();
  slot.isLoaded = false;
  if (slot.phase === "idle") {
    world.resyncCount++;
    slot.resyncId = world.resyncCount;
    slot.cause = cause;
    slot.degradedUs = Math.min(degradedUs, world.nowUs);
    slot.detectedUs = world.nowUs;
    slot.dialedUs = world.nowUs;
    slot.openedUs = world.nowUs;
    slot.confirmedUs = world.nowUs;
    slot.snapshotCount = slot.inFlight + (slot.early === undefined ? 0 : 1);
    slot.fetchFailures = 0;
  }
  if (wasLive) {
    world.outbox.push({
      type: "recordVoid",
      instrument: slot.instrument.index,
      cause,
      epoch: slot.book.epoch,
      seq: slot.book.seq,
    });
  }
  const session = world.sessions[slot.session];
  // Answers to requests made before this break may still serve: the sequences decide, not the age.
  slot.phase = session?.state === "live" ? "waitingSnapshot" : "waitingSession";
  // A subscription asked for on a transport that is gone is answered by nobody.
  if (slot.checksum !== undefined && session?.state !== "live") forgetRequests(world, slot);
  slot.requestsBefore = world.requestCount;
  slot.nextFetchUs = world.nowUs + backoffUs(slot);
  if (session?.state === "live" || session?.state === "subscribing") slot.book.startBuffering();
}

/** A new transport is open: what it says from its first delta on is kept for the snapshot. */
export function onSessionOpen(slot: BookSlot): void {
  slot.buffer.clear();
  slot.isLoaded = false;
  slot.seqHeard = 0;
  slot.book.startBuffering();
}

/** No answer is waited for any more: the one that came serves for all, or none will come. */
export function forgetRequests(world: World, slot: BookSlot): void {
  const venue = world.venues[slot.venue];
  assert(venue !== undefined, "a book belongs to a venue");
  venue.snapshotsInFlight = Math.max(0, venue.snapshotsInFlight - slot.inFlight);
  slot.inFlight = 0;
}

/** A snapshot of the stream stands in the book, compared with its checksum: the last stages follow. */
export function acceptLoaded(world: World, slot: BookSlot, atUs: number): void {
  assert(slot.isLoaded, "the book holds the snapshot of this transport");
  slot.snapshotUs = Math.max(atUs, slot.confirmedUs);
  slot.phase = "rebuilt";
  step(world, slot);
}

/** The session of this book is confirmed: its deltas are being buffered, so a snapshot can be joined. */
export function onSessionReady(
  world: World,
  slot: BookSlot,
  dialedUs: number,
  openedUs: number,
): void {
  slot.dialedUs = dialedUs;
  slot.openedUs = openedUs;
  slot.confirmedUs = world.nowUs;
  if (slot.phase !== "waitingSession") return;
  slot.phase = "waitingSnapshot";
  slot.requestsBefore = world.requestCount;
  if (slot.checksum !== undefined) {
    onSubscribed(world, slot);
    return;
  }
  const venue = world.venues[slot.venue];
  assert(venue !== undefined, "a book belongs to a venue");
  // One asked for in advance may be too old, so a second is sent beside it where weight is plenty.
  const isAlone = slot.inFlight === 0 && slot.early === undefined;
  const isSent = isAlone || hasSpareWeight(venue);
  slot.nextFetchUs = world.nowUs + (isSent ? 0 : world.limits.snapshotHedgeUs);
  joinEarly(world, slot);
}

/**
 * The subscription that was just confirmed brings the snapshot by itself, before its last acknowledgement
 * or soon after it. One confirmed while its transport was not believed yet has brought it to nobody.
 */
function onSubscribed(world: World, slot: BookSlot): void {
  const isJustNow = world.sessions[slot.session]?.confirmedUs === world.nowUs;
  slot.nextFetchUs = world.nowUs + (isJustNow ? world.limits.snapshotHedgeUs : 0);
  if (slot.isLoaded) acceptLoaded(world, slot, world.nowUs);
}

/** Tries the snapshot that came early, once there is a delta that it must join. */
function joinEarly(world: World, slot: BookSlot): void {
  const { early } = slot;
  if (early === undefined || slot.phase !== "waitingSnapshot" || slot.buffer.count === 0) return;
  slot.early = undefined;
  if (!join(world, slot, early, world.nowUs)) keepAfterBreak(world, slot, early.seq);
}

/** Keeps a delta for later; a full buffer starts the resync over, and the answer is false. */
export function bufferDelta(world: World, slot: BookSlot, ring: MarketRing, row: number): boolean {
  const isKept = slot.buffer.push(
    ring.seqFirst[row] as number,
    ring.seqLast[row] as number,
    ring.seqPrevious[row] as number,
    ring.ticks,
    ring.lots,
    ring.levelStart[row] as number,
    ring.bidCount[row] as number,
    ring.askCount[row] as number,
    ring.hasLevelSeqs[row] === 1 ? ring.levelSeqs : undefined,
  );
  if (isKept) {
    world.counters.bufferedDeltas++;
    joinEarly(world, slot);
    return true;
  }
  // The next request is neither put off nor hurried by it: a fast stream overflows again and again.
  const { nextFetchUs } = slot;
  voidBook(world, slot, "bufferOverflow", world.nowUs);
  slot.nextFetchUs = nextFetchUs;
  return false;
}

/** A snapshot has come: rebuilds the book from it and the buffered deltas, if the two join. */
export function onSnapshot(
  world: World,
  slot: BookSlot,
  requestId: number,
  levels: SnapshotLevels,
  recvUs: number,
): void {
  slot.inFlight = Math.max(0, slot.inFlight - 1);
  if (slot.phase !== "waitingSnapshot") {
    const session = world.sessions[slot.session];
    assert(session !== undefined, "a book hangs on a session");
    if (keepEarly(slot, session, levels)) return;
    // The hedge came second, or the session broke meanwhile: nothing to do with it.
    world.counters.lateSnapshots++;
    return;
  }
  if (slot.buffer.count === 0 && requestId <= slot.requestsBefore) {
    // Asked for before the break: only the next delta can prove that it is not older still.
    if (slot.early === undefined || levels.seq > slot.early.seq) slot.early = levels;
    return;
  }
  if (join(world, slot, levels, recvUs)) return;
  slot.fetchFailures++;
  keepAfterBreak(world, slot, levels.seq);
}

/** Rebuilds the book from a snapshot and what was buffered; false when the two do not join. */
function join(world: World, slot: BookSlot, levels: SnapshotLevels, atUs: number): boolean {
  const { buffer, book } = slot;
  const venue = world.venues[slot.venue];
  assert(venue !== undefined, "a book belongs to a venue");
  book.load(levels, slot.depthAsked);
  // A snapshot with an empty side, or one that crosses, is not mended by the deltas that follow it.
  // Step 2 of the procedure: one that is older than the stream's first event cannot be joined.
  const isWhole = book.isSound;
  if (!isWhole || (buffer.count > 0 && replayBuffer(world, slot) !== CONTINUITY.next)) {
    world.counters.staleSnapshots++;
    return false;
  }
  slot.snapshotUs = Math.max(atUs, slot.confirmedUs);
  slot.phase = "rebuilt";
  step(world, slot);
  return true;
}

/** Applies what was buffered; `next` when everything joined. */
function replayBuffer(world: World, slot: BookSlot): Continuity {
  const { buffer, book } = slot;
  const venue = world.venues[slot.venue];
  assert(venue !== undefined, "a book belongs to a venue");
  for (let row = 0; row < buffer.count; row++) {
    const verdict = venue.continuity(
      book.seq,
      book.isBridging,
      buffer.seqFirst[row] as number,
      buffer.seqLast[row] as number,
      buffer.seqPrevious[row] as number,
    );
    if (verdict === CONTINUITY.stale) continue;
    if (verdict !== CONTINUITY.next) return verdict;
    if ((buffer.seqFirst[row] as number) <= book.seq) dropHeld(buffer, row, book.seq);
    book.apply(
      buffer.ticks,
      buffer.lots,
      buffer.start[row] as number,
      buffer.bidCount[row] as number,
      buffer.askCount[row] as number,
      buffer.seqLast[row] as number,
    );
    world.audit?.onApplied(slot);
  }
  return CONTINUITY.next;
}

/** As in `delta.ts`; the buffer is used up by a snapshot that joins, and by one that does not. */
function dropHeld(buffer: DeltaBuffer, row: number, bookSeq: number): void {
  if (buffer.levelSeqs.length === 0) return;
  const start = buffer.start[row] as number;
  const bidCount = buffer.bidCount[row] as number;
  const asks = { from: start + bidCount, count: buffer.askCount[row] as number };
  const bids = keepNewer(buffer, { from: start, count: bidCount, to: start }, bookSeq);
  buffer.bidCount[row] = bids;
  buffer.askCount[row] = keepNewer(buffer, { ...asks, to: start + bids }, bookSeq);
}

/**
 * The snapshot did not join. One that is older than the stream is asked for again at once and the
 * deltas are kept; a break inside the buffer means that the deltas themselves are no chain.
 */
function keepAfterBreak(world: World, slot: BookSlot, snapshotSeq: number): void {
  const isOlder = snapshotSeq < (slot.buffer.seqFirst[0] as number);
  if (!isOlder) slot.buffer.clear();
  // Another answer is on its way and newer than this one: its hedge is already timed.
  if (isOlder && slot.inFlight > 0) return;
  slot.nextFetchUs = world.nowUs + (slot.fetchFailures > 1 ? backoffUs(slot) : 0);
}

/** The venue did not give a snapshot: it will be asked again. */
export function onSnapshotFailed(world: World, slot: BookSlot): void {
  slot.inFlight = Math.max(0, slot.inFlight - 1);
  world.counters.failedSnapshots++;
  if (slot.phase !== "waitingSnapshot") return;
  slot.fetchFailures++;
  slot.nextFetchUs = world.nowUs + backoffUs(slot);
}

/** Asks the loop for a time stamp of its own, so that the stage just done is not measured as zero. */
function step(world: World, slot: BookSlot): void {
  world.outbox.push({
    type: "stepResync",
    instrument: slot.instrument.index,
    resyncId: slot.resyncId,
  });
}

/** The loop's answer to `step`: closes the stage before and begins the next. */
export function onStepped(world: World, slot: BookSlot, resyncId: number): void {
  if (resyncId !== slot.resyncId) return;
  if (slot.phase === "rebuilt") {
    slot.rebuiltUs = world.nowUs;
    if (!slot.book.isSound || !slot.book.isTouchKnown) {
      // A venue that keeps answering nonsense is asked ever more slowly.
      slot.fetchFailures++;
      voidBook(world, slot, "staleSnapshot", world.nowUs);
      return;
    }
    // A snapshot that holds all that was ever heard is as good as one that a delta has joined.
    const holdsAll = slot.seqHeard > 0 && slot.book.seq >= slot.seqHeard;
    slot.phase = slot.buffer.count > 0 || holdsAll ? "validating" : "waitingDelta";
    if (slot.phase === "validating") step(world, slot);
  } else if (slot.phase === "validating") {
    goLive(world, slot);
  }
}

/** A rebuilt book that waits for proof is joined by its first delta, or the stream is simply quiet. */
export function onJoined(world: World, slot: BookSlot): void {
  if (slot.phase !== "waitingDelta") return;
  slot.phase = "validating";
  step(world, slot);
}

function goLive(world: World, slot: BookSlot): void {
  const session = world.sessions[slot.session];
  assert(session !== undefined, "a book hangs on a session");
  if (!slot.book.isSound) {
    slot.fetchFailures++;
    voidBook(world, slot, "crossedBook", world.nowUs);
    return;
  }
  slot.book.goLive(session.epoch);
  slot.buffer.clear();
  slot.phase = "idle";
  slot.seqHeard = slot.book.seq;
  dropEarly(slot);
  slot.resyncs++;
  slot.fetchFailures = 0;
  slot.lastDeltaUs = world.nowUs;
  world.counters.resyncs++;
  world.outbox.push({ type: "recordResync", record: recordOf(world, slot, session.epoch) });
}

/** The record; its boundaries are made monotonic, so that the stages sum to the total exactly. */
function recordOf(world: World, slot: BookSlot, epoch: number): ResyncRecord {
  const degraded = slot.degradedUs;
  const detected = Math.max(degraded, Math.min(slot.detectedUs, slot.dialedUs));
  const opened = Math.max(detected, slot.openedUs);
  const confirmed = Math.max(opened, slot.confirmedUs);
  const snapshot = Math.max(confirmed, slot.snapshotUs);
  const rebuilt = Math.max(snapshot, slot.rebuiltUs);
  const live = Math.max(rebuilt, world.nowUs);
  const venue = world.venues[slot.venue];
  assert(venue !== undefined, "a book belongs to a venue");
  return {
    resyncId: slot.resyncId,
    venue: venue.id,
    instrument: slot.instrument.id,
    shard: world.sessions[slot.session]?.shard ?? 0,
    cause: slot.cause,
    epoch,
    degradedUs: degraded,
    liveUs: live,
    totalUs: live - degraded,
    stagesUs: {
      detect: detected - degraded,
      dial: opened - detected,
      subscribe: confirmed - opened,
      snapshot: snapshot - confirmed,
      rebuild: rebuilt - snapshot,
      validate: live - rebuilt,
    },
    snapshotCount: slot.snapshotCount,
    tick: world.tick,
  };
}

/** Capped exponential backoff between snapshots of one book; the first one waits for nothing. */
function backoffUs(slot: BookSlot): number {
  if (slot.fetchFailures === 0) return 0;
  const steps = Math.min(slot.fetchFailures - 1, FETCH_BACKOFF_STEPS_MAX);
  return FETCH_BACKOFF_US * 2 ** steps;
}
