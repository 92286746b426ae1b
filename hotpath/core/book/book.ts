/**
 * Station: book. Our copy of one instrument's price levels, and how far it may be believed.
 *
 * A book is void, buffering or live. It becomes live only through a resync; it becomes void in the same
 * tick in which anything contradicts it. Nothing here knows a venue, a socket or a clock.
 */
import { assert } from "../../../contracts/assert.ts";
import type { BookState } from "../../../contracts/status.ts";
import type { SnapshotLevels } from "../decode/decoder.ts";
import { Ladder } from "./ladder.ts";

/** No horizon: every level of the side is known. */
export const HORIZON_NONE = 0;

export class Book {
  state: BookState = "void";
  /** Epoch of the session whose deltas made it; 0 before the first. */
  epoch = 0;
  /** Last sequence applied. */
  seq = 0;
  /** Whether the next delta is the first after the snapshot. */
  isBridging = false;
  /** Counts every change of content or state: what a decision saw can be named by it. */
  version = 0;
  /**
   * Beyond these ticks the snapshot said nothing: a level there is known only once it changed.
   * `HORIZON_NONE` when the snapshot was not cut off (FEATURES C12).
   */
  horizonBidTicks = HORIZON_NONE;
  horizonAskTicks = HORIZON_NONE;
  readonly bids = new Ladder(1);
  readonly asks = new Ladder(-1);

  /** Stops trusting the book. What it holds stays readable for a post-mortem, never for a decision. */
  void(): void {
    this.state = "void";
    this.version++;
  }

  /** Deltas are being kept for a snapshot to come. */
  startBuffering(): void {
    assert(this.state !== "live", "a live book is voided before it is repaired");
    this.state = "buffering";
    this.version++;
  }

  /**
   * Replaces the content by a snapshot; `depthLimit` is how many levels a side were asked for.
   *
   * The state does not change: what follows must still prove that the stream joins it.
   */
  load(snapshot: SnapshotLevels, depthLimit: number): void {
    const { ticks, lots, bidCount, askCount } = snapshot;
    const bestBid = ticks[0] as number;
    const lastBid = ticks[bidCount - 1] as number;
    const bestAsk = ticks[bidCount] as number;
    const lastAsk = ticks[bidCount + askCount - 1] as number;
    this.bids.reset(bidCount > 0 ? bestBid - lastBid + 1 : 0);
    this.asks.reset(askCount > 0 ? lastAsk - bestAsk + 1 : 0);
    this.bids.apply(ticks, lots, 0, bidCount);
    this.asks.apply(ticks, lots, bidCount, askCount);
    this.horizonBidTicks = bidCount >= depthLimit ? lastBid : HORIZON_NONE;
    this.horizonAskTicks = askCount >= depthLimit ? lastAsk : HORIZON_NONE;
    this.seq = snapshot.seq;
    this.isBridging = true;
    this.version++;
  }

  /** Applies one delta that continuity has let through. */
  apply(
    ticks: Float64Array,
    lots: Float64Array,
    start: number,
    bidCount: number,
    askCount: number,
    seqLast: number,
  ): void {
    this.bids.apply(ticks, lots, start, bidCount);
    this.asks.apply(ticks, lots, start + bidCount, askCount);
    this.seq = seqLast;
    this.isBridging = false;
    this.version++;
  }

  /** Both sides have a best level and they do not cross. Locked (equal) counts as crossed. */
  get isSound(): boolean {
    return !this.bids.isEmpty && !this.asks.isEmpty && this.bids.bestTicks < this.asks.bestTicks;
  }

  /**
   * Whether both best levels lie within what the snapshot has shown. Beyond it a level is known only once it
   * changed: there may be better ones than the best that is known.
   */
  get isTouchKnown(): boolean {
    const { horizonBidTicks, horizonAskTicks } = this;
    if (horizonBidTicks !== HORIZON_NONE && this.bids.bestTicks < horizonBidTicks) return false;
    return horizonAskTicks === HORIZON_NONE || this.asks.bestTicks <= horizonAskTicks;
  }

  /** For a stream that tells of every level that comes into its depth: nothing is unknown up to there. */
  dropHorizons(): void {
    this.horizonBidTicks = HORIZON_NONE;
    this.horizonAskTicks = HORIZON_NONE;
  }

  /** Declares the book true; asserts what that means. */
  goLive(epoch: number): void {
    assert(this.state === "buffering", "only a buffering book goes live");
    assert(this.isSound, "a live book has two sides that do not cross");
    assert(this.isTouchKnown, "a live book knows its touch");
    this.state = "live";
    this.epoch = epoch;
    this.version++;
  }
}
