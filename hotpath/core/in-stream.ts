/**
 * Station: snapshot or delta of one stream -> book, for venues that put both into it and sign each.
 *
 * There is no sequence to ask. A subscription begins with a snapshot; whatever comes before it is of no
 * use, whatever comes behind it is applied in order, and the venue's checksum of the result is compared
 * after every message. A mismatch voids the book in this tick; the repair is to subscribe anew.
 */
import { assert } from "../../contracts/assert.ts";
import type { ResyncCause } from "../../contracts/resync.ts";
import type { BookChecksum } from "./book/checksum.ts";
import { acceptLoaded, forgetRequests, onJoined, voidBook } from "./book/resync.ts";
import { observeTouch } from "./decide/touch.ts";
import { afterBreak, noteDelta } from "./delta.ts";
import type { MarketRing } from "./market-ring.ts";
import type { BookSlot, World } from "./world.ts";

/**
 * The sequence of the book after a message: the venue's own time, which need not grow with every message
 * and which some messages lack. Books of these venues are numbered to be named, not to be chained.
 */
function seqAfter(bookSeq: number, told: number): number {
  return told === 0 ? bookSeq + 1 : Math.max(bookSeq, told);
}

/** Applies one delta; its book is proven or void when this returns. */
export function applyStreamDelta(
  world: World,
  slot: BookSlot,
  checksum: BookChecksum,
  ring: MarketRing,
  row: number,
): void {
  const { book } = slot;
  noteDelta(world, slot, ring, row);
  if (!slot.isLoaded) {
    world.counters.voidDeltas++;
    return;
  }
  book.apply(
    ring.ticks,
    ring.lots,
    ring.levelStart[row] as number,
    ring.bidCount[row] as number,
    ring.askCount[row] as number,
    seqAfter(book.seq, ring.seqLast[row] as number),
  );
  book.bids.truncate(slot.depthAsked);
  book.asks.truncate(slot.depthAsked);
  slot.seqHeard = book.seq;
  const fault = faultOf(world, slot, checksum, ring.checksum[row] as number);
  world.audit?.onApplied(slot);
  if (fault !== undefined) {
    voidBook(world, slot, fault, ring.recvUs[row] as number);
    afterBreak(world, slot);
  } else if (world.nowUs - (ring.recvUs[row] as number) > world.limits.queueDelayUs) {
    // As with any delta: the head of a new subscription is nearer to the truth than our own backlog.
    voidBook(world, slot, "queueDelay", ring.recvUs[row] as number);
    afterBreak(world, slot);
  } else if (book.state === "live") observeTouch(world, slot);
  else onJoined(world, slot);
}

/** Why the book is not what the venue signed, or undefined. Both are asked, whichever is found first. */
function faultOf(
  world: World,
  { book }: BookSlot,
  checksum: BookChecksum,
  signed: number,
): ResyncCause | undefined {
  const { counters } = world;
  counters.checksums++;
  if (checksum(book) !== signed) {
    counters.checksumMismatches++;
    return "checksumMismatch";
  }
  if (book.isSound) return undefined;
  counters.crossedBooks++;
  return "crossedBook";
}

/** Replaces the book by the snapshot at the head of a subscription, if the venue's checksum agrees. */
export function applyStreamSnapshot(
  world: World,
  slot: BookSlot,
  checksum: BookChecksum,
  ring: MarketRing,
  row: number,
): void {
  const { book } = slot;
  world.counters.streamSnapshots++;
  forgetRequests(world, slot);
  if (book.state === "void") {
    world.counters.lateSnapshots++;
    return;
  }
  const start = ring.levelStart[row] as number;
  const bidCount = ring.bidCount[row] as number;
  const askCount = ring.askCount[row] as number;
  const end = start + bidCount + askCount;
  const snapshot = {
    seq: seqAfter(book.seq, ring.seqLast[row] as number),
    exchangeUs: ring.exchangeUs[row] as number,
    ticks: ring.ticks.subarray(start, end),
    lots: ring.lots.subarray(start, end),
    bidCount,
    askCount,
  };
  book.load(snapshot, slot.depthAsked);
  book.dropHorizons();
  slot.isLoaded = true;
  slot.seqHeard = book.seq;
  slot.snapshotCount = Math.max(1, slot.snapshotCount);
  const fault = faultOf(world, slot, checksum, ring.checksum[row] as number);
  world.audit?.onApplied(slot);
  if (fault !== undefined) {
    world.counters.staleSnapshots++;
    // A venue that keeps answering nonsense is asked ever more slowly.
    slot.fetchFailures++;
    voidBook(world, slot, fault, ring.recvUs[row] as number);
    afterBreak(world, slot);
    return;
  }
  assert(book.isSound, "a book that was signed and compared has two sides");
  if (slot.phase === "waitingSnapshot") acceptLoaded(world, slot, ring.recvUs[row] as number);
  else if (book.state === "live") observeTouch(world, slot);
}
