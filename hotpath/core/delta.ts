/**
 * Station: delta or trade -> book. What one market event of a believed transport does to its book.
 *
 * Continuity is asked first, always; a break voids the book in this tick, and the breaking delta is the
 * first of the new buffer.
 */
import { assert } from "../../contracts/assert.ts";
import { CONTINUITY } from "./book/continuity.ts";
import { pumpSnapshots } from "./book/fetch.ts";
import { keepNewer } from "./book/newer-levels.ts";
import { bufferDelta, onJoined, voidBook } from "./book/resync.ts";
import { observeTouch } from "./decide/touch.ts";
import type { MarketRing } from "./market-ring.ts";
import { updateMode } from "./mode.ts";
import type { BookSlot, World } from "./world.ts";

/** Weight of a new interval in an instrument's running mean. */
const DELTA_WEIGHT = 1 / 16;

/** Counts a delta and notes its instrument's pace; the first thing done with one, whatever its venue. */
export function noteDelta(world: World, slot: BookSlot, ring: MarketRing, row: number): void {
  const { counters } = world;
  counters.deltas++;
  counters.levels += (ring.bidCount[row] as number) + (ring.askCount[row] as number);
  observeInterval(slot, ring.recvUs[row] as number);
}

/** Applies one delta of a venue that numbers them. */
export function applyDelta(world: World, slot: BookSlot, ring: MarketRing, row: number): void {
  const { counters } = world;
  const { book } = slot;
  noteDelta(world, slot, ring, row);
  if ((ring.seqLast[row] as number) > slot.seqHeard) slot.seqHeard = ring.seqLast[row] as number;
  if (book.state === "void") {
    counters.voidDeltas++;
    return;
  }
  if (slot.phase === "waitingSession" || slot.phase === "waitingSnapshot") {
    if (!bufferDelta(world, slot, ring, row)) afterBreak(world, slot);
    return;
  }
  const venue = world.venues[slot.venue];
  assert(venue !== undefined, "a book belongs to a venue");
  const seqLast = ring.seqLast[row] as number;
  const verdict = venue.continuity(
    book.seq,
    book.isBridging,
    ring.seqFirst[row] as number,
    seqLast,
    ring.seqPrevious[row] as number,
  );
  if (verdict === CONTINUITY.stale) {
    counters.staleDeltas++;
    onJoined(world, slot);
    return;
  }
  if (verdict !== CONTINUITY.next) {
    onBreak(world, slot, verdict === CONTINUITY.broken, ring, row);
    return;
  }
  const isOverlap = (ring.seqFirst[row] as number) <= book.seq;
  if (isOverlap && ring.hasLevelSeqs[row] !== 0) dropHeldLevels(ring, row, book.seq);
  book.apply(
    ring.ticks,
    ring.lots,
    ring.levelStart[row] as number,
    ring.bidCount[row] as number,
    ring.askCount[row] as number,
    seqLast,
  );
  world.audit?.onApplied(slot);
  if (!book.isSound) {
    counters.crossedBooks++;
    voidBook(world, slot, "crossedBook", ring.recvUs[row] as number);
    afterBreak(world, slot);
    return;
  }
  if (!book.isTouchKnown) {
    // The market has left what the snapshot has shown: a deeper one, or a newer one, is needed.
    voidBook(world, slot, "horizonPassed", ring.recvUs[row] as number);
    afterBreak(world, slot);
    return;
  }
  if (world.nowUs - (ring.recvUs[row] as number) > world.limits.queueDelayUs) {
    // We are the ones who are late: a fresh snapshot is nearer to the truth than our own backlog.
    voidBook(world, slot, "queueDelay", ring.recvUs[row] as number);
    afterBreak(world, slot);
    return;
  }
  if (book.state === "live") observeTouch(world, slot);
  else onJoined(world, slot);
}

/** Leaves in the row what the book does not hold yet, for venues that number each level. */
function dropHeldLevels(ring: MarketRing, row: number, bookSeq: number): void {
  const start = ring.levelStart[row] as number;
  const bidCount = ring.bidCount[row] as number;
  const asks = { from: start + bidCount, count: ring.askCount[row] as number };
  const bids = keepNewer(ring, { from: start, count: bidCount, to: start }, bookSeq);
  ring.bidCount[row] = bids;
  ring.askCount[row] = keepNewer(ring, { ...asks, to: start + bids }, bookSeq);
}

/**
 * While a rotation hears both transports, the younger may run ahead by what the older has yet to deliver:
 * that is no gap. What it skipped comes from the older one, and from then on the younger's deltas follow.
 */
function isAhead(world: World, slot: BookSlot, ring: MarketRing, row: number): boolean {
  const session = world.sessions[slot.session];
  return session !== undefined && session.predecessorEpoch > 0 && ring.epoch[row] === session.epoch;
}

/** The chain is broken: void in this tick, and the breaking delta is the first of the new buffer. */
function onBreak(
  world: World,
  slot: BookSlot,
  isBroken: boolean,
  ring: MarketRing,
  row: number,
): void {
  if (!isBroken && isAhead(world, slot, ring, row)) {
    world.counters.aheadDeltas++;
    return;
  }
  const { book } = slot;
  if (isBroken) world.counters.brokenContinuity++;
  else world.counters.gaps++;
  // A gap right behind a snapshot says that the snapshot was older than the stream.
  const cause = isBroken ? "brokenContinuity" : book.isBridging ? "staleSnapshot" : "sequenceGap";
  voidBook(world, slot, cause, ring.recvUs[row] as number);
  if (!isBroken) bufferDelta(world, slot, ring, row);
  afterBreak(world, slot);
}

/** A market event has voided a book: the repair begins, and the mode follows, in this same tick. */
export function afterBreak(world: World, slot: BookSlot): void {
  pumpSnapshots(world, slot.venue);
  updateMode(world, slot.venue);
}

function observeInterval(slot: BookSlot, recvUs: number): void {
  if (slot.lastDeltaUs > 0 && recvUs > slot.lastDeltaUs) {
    const interval = recvUs - slot.lastDeltaUs;
    slot.deltaIntervalUs +=
      slot.deltaIntervalUs === 0 ? interval : (interval - slot.deltaIntervalUs) * DELTA_WEIGHT;
  }
  slot.lastDeltaUs = recvUs;
}

/** Trade ids grow per instrument, so one number recognises every repetition after a reconnect. */
export function applyTrade(world: World, slot: BookSlot, ring: MarketRing, row: number): void {
  world.counters.trades++;
  const seq = ring.seqLast[row] as number;
  if (seq <= slot.lastTradeSeq) world.counters.duplicateTrades++;
  else slot.lastTradeSeq = seq;
}
