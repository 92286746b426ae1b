/**
 * Station: normalize -> loop. The bounded ring of decoded market events.
 *
 * An event is a row of numbers in parallel typed arrays, not an object; its levels lie in a second ring
 * beside it, bids first. The decoder writes straight into the next free row and commits it, so a frame
 * that turns out to be malformed costs nothing and leaves nothing behind. A full ring never blocks and
 * never overwrites: the row is refused, and the reader declares a gap for the instrument (so its book
 * goes void); trades and quotes that are refused are counted.
 */
import { assert } from "../../contracts/assert.ts";
import type { LevelSink } from "./decode/scan.ts";

/**
 * What a row is. Codes are journaled (contracts/journal.ts, class norm): never reuse one. Snapshots are
 * rows only where they come in the stream itself; those of REST are control events.
 */
export const MARKET = { bookDelta: 1, bookSnapshot: 2, quote: 3, trade: 4 } as const;

export type MarketKind = (typeof MARKET)[keyof typeof MARKET];

/** `tradeFlags`: the buyer was the maker, so the aggressor sold. */
export const TRADE_BUYER_IS_MAKER = 1;

/** One frame may carry this many levels; the deepest snapshot of any venue is 5000 a side. */
export const FRAME_LEVELS_MAX = 16_384;

export class MarketRing {
  readonly capacity: number;
  readonly #mask: number;
  readonly #levelCapacity: number;

  readonly kind: Uint8Array;
  readonly instrument: Int32Array;
  readonly session: Int32Array;
  readonly bidCount: Int32Array;
  readonly askCount: Int32Array;
  /** Index of the row's first level in `ticks` and `lots`. */
  readonly levelStart: Int32Array;
  readonly tradeFlags: Uint8Array;
  readonly epoch: Float64Array;
  /** 0 where the venue sends no time with this kind of message. */
  readonly exchangeUs: Float64Array;
  readonly recvUs: Float64Array;
  readonly awayUs: Float64Array;
  /**
   * When the loop took the row; written by the loop. A column and not an argument, because a double passed
   * to a call that is not inlined is boxed: 16 bytes of garbage for every message.
   */
  readonly processUs: Float64Array;
  readonly seqFirst: Float64Array;
  readonly seqLast: Float64Array;
  /** Last sequence of the message before this one, where the venue says it (0 where not). */
  readonly seqPrevious: Float64Array;
  /** The venue's checksum of the book after this message, as int32, where its books are signed. */
  readonly checksum: Int32Array;
  /** Journal sequence of the raw frame; 0 when nothing records. */
  readonly rawSeq: Float64Array;

  readonly ticks: Float64Array;
  readonly lots: Float64Array;
  /** Each level's own sequence, where `hasLevelSeqs` says that the venue sends one. */
  readonly levelSeqs: Float64Array;
  readonly hasLevelSeqs: Uint8Array;

  /** Where the decoder may write the levels of the row it is decoding. */
  readonly sink: LevelSink;

  /** Rows ever committed and ever consumed: the ring is empty when they are equal. */
  #head = 0;
  #tail = 0;
  #levelHead = 0;
  #levelTail = 0;
  highWater = 0;
  overflows = 0;

  constructor(capacity: number, levelCapacity: number = capacity * 32) {
    assert((capacity & (capacity - 1)) === 0, "capacity is a power of two");
    assert(levelCapacity >= FRAME_LEVELS_MAX * 2, "the level ring holds two of the largest frames");
    this.capacity = capacity;
    this.#mask = capacity - 1;
    this.#levelCapacity = levelCapacity;
    this.kind = new Uint8Array(capacity);
    this.instrument = new Int32Array(capacity);
    this.session = new Int32Array(capacity);
    this.bidCount = new Int32Array(capacity);
    this.askCount = new Int32Array(capacity);
    this.levelStart = new Int32Array(capacity);
    this.tradeFlags = new Uint8Array(capacity);
    this.epoch = new Float64Array(capacity);
    this.exchangeUs = new Float64Array(capacity);
    this.recvUs = new Float64Array(capacity);
    this.awayUs = new Float64Array(capacity);
    this.processUs = new Float64Array(capacity);
    this.seqFirst = new Float64Array(capacity);
    this.seqLast = new Float64Array(capacity);
    this.seqPrevious = new Float64Array(capacity);
    this.checksum = new Int32Array(capacity);
    this.rawSeq = new Float64Array(capacity);
    this.ticks = new Float64Array(levelCapacity);
    this.lots = new Float64Array(levelCapacity);
    this.levelSeqs = new Float64Array(levelCapacity);
    this.hasLevelSeqs = new Uint8Array(capacity);
    this.sink = { ticks: this.ticks, lots: this.lots, start: 0, limit: 0, count: 0 };
  }

  get depth(): number {
    return this.#head - this.#tail;
  }

  /** Row of the oldest event; the ring must not be empty. */
  get oldest(): number {
    return this.#tail & this.#mask;
  }

  /**
   * The next free row, with `sink` opened for its levels; -1 when the ring is full (counted).
   *
   * Nothing is taken until `commit`: reserving twice gives the same row.
   */
  reserve(): number {
    if (this.#head - this.#tail >= this.capacity || !this.#openSink()) {
      this.overflows++;
      return -1;
    }
    const row = this.#head & this.#mask;
    this.seqPrevious[row] = 0;
    this.exchangeUs[row] = 0;
    this.tradeFlags[row] = 0;
    this.hasLevelSeqs[row] = 0;
    this.bidCount[row] = 0;
    this.askCount[row] = 0;
    this.levelStart[row] = this.sink.start;
    return row;
  }

  /**
   * Levels of one row are contiguous: when the end of the arrays is too near, the row starts over at 0.
   *
   * ```text
   *   0 ....... tail ======= head ....... capacity      free: after head, then before tail
   *   0 === head ........... tail ======= capacity      free: between
   * ```
   */
  #openSink(): boolean {
    if (this.#head === this.#tail) {
      this.#levelHead = 0;
      this.#levelTail = 0;
    }
    let start = this.#levelHead;
    const tail = this.#levelTail;
    if (start >= tail && this.#levelCapacity - start < FRAME_LEVELS_MAX) start = 0;
    // Strictly more than a frame before the tail, so that head === tail never means "full".
    const room = start < tail ? tail - start - 1 : this.#levelCapacity - start;
    if (room < FRAME_LEVELS_MAX || (start === 0 && tail === 0 && this.#levelHead > 0)) return false;
    this.sink.start = start;
    this.sink.limit = start + FRAME_LEVELS_MAX;
    this.sink.count = 0;
    return true;
  }

  /** Makes the reserved row visible; its counts must be set. */
  commit(row: number): void {
    this.#levelHead =
      (this.levelStart[row] as number) +
      (this.bidCount[row] as number) +
      (this.askCount[row] as number);
    this.#head++;
    const depth = this.#head - this.#tail;
    if (depth > this.highWater) this.highWater = depth;
  }

  /** Row of the event committed last; the ring must not be empty. */
  get newest(): number {
    return (this.#head - 1) & this.#mask;
  }

  /** Takes the event committed last back, before the loop has seen it. */
  retract(): void {
    assert(this.#head > this.#tail, "only a row that was committed is retracted");
    this.#levelHead = this.levelStart[this.newest] as number;
    this.#head--;
  }

  /** Gives the oldest row back. */
  release(): void {
    assert(this.#head > this.#tail, "only a row that was committed is released");
    this.#tail++;
    // Where the next row's levels start is where the used part starts; it may have wrapped to 0.
    if (this.#head > this.#tail) this.#levelTail = this.levelStart[this.oldest] as number;
  }
}
