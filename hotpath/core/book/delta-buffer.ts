/**
 * Station: resync, the deltas that arrive while a snapshot is on its way.
 *
 * Bounded: a buffer that is full ends the attempt (the resync starts over), because a book rebuilt from
 * part of its deltas would be wrong. Its arrays grow while it is needed and are given back when large.
 */

/** What a buffer keeps when it is emptied; larger arrays are dropped. */
const ROWS_KEPT = 256;
const LEVELS_KEPT = 4096;

export class DeltaBuffer {
  readonly #rowsMax: number;
  readonly #levelsMax: number;
  count = 0;
  seqFirst = new Float64Array(16);
  seqLast = new Float64Array(16);
  seqPrevious = new Float64Array(16);
  start = new Int32Array(16);
  bidCount = new Int32Array(16);
  askCount = new Int32Array(16);
  ticks = new Float64Array(256);
  lots = new Float64Array(256);
  /** Each level's own sequence; empty where the venue sends none. */
  levelSeqs = new Float64Array(0);
  #levels = 0;

  constructor(rowsMax: number, levelsMax: number) {
    this.#rowsMax = rowsMax;
    this.#levelsMax = levelsMax;
  }

  /** Copies one delta; false when it does not fit any more. */
  push(
    seqFirst: number,
    seqLast: number,
    seqPrevious: number,
    ticks: Float64Array,
    lots: Float64Array,
    start: number,
    bidCount: number,
    askCount: number,
    levelSeqs?: Float64Array,
  ): boolean {
    const levels = bidCount + askCount;
    if (this.count >= this.#rowsMax || this.#levels + levels > this.#levelsMax) return false;
    this.#grow(levels);
    const row = this.count;
    this.seqFirst[row] = seqFirst;
    this.seqLast[row] = seqLast;
    this.seqPrevious[row] = seqPrevious;
    this.start[row] = this.#levels;
    this.bidCount[row] = bidCount;
    this.askCount[row] = askCount;
    this.ticks.set(ticks.subarray(start, start + levels), this.#levels);
    this.lots.set(lots.subarray(start, start + levels), this.#levels);
    if (levelSeqs !== undefined) {
      if (this.levelSeqs.length < this.ticks.length) {
        this.levelSeqs = resized(this.levelSeqs, new Float64Array(this.ticks.length));
      }
      this.levelSeqs.set(levelSeqs.subarray(start, start + levels), this.#levels);
    }
    this.#levels += levels;
    this.count++;
    return true;
  }

  clear(): void {
    this.count = 0;
    this.#levels = 0;
    if (this.seqFirst.length > ROWS_KEPT) this.#resizeRows(ROWS_KEPT);
    if (this.ticks.length > LEVELS_KEPT) this.#resizeLevels(LEVELS_KEPT);
  }

  #grow(levels: number): void {
    if (this.count === this.seqFirst.length) this.#resizeRows(this.count * 2);
    let capacity = this.ticks.length;
    while (capacity < this.#levels + levels) capacity *= 2;
    if (capacity !== this.ticks.length) this.#resizeLevels(capacity);
  }

  #resizeRows(rows: number): void {
    this.seqFirst = resized(this.seqFirst, new Float64Array(rows));
    this.seqLast = resized(this.seqLast, new Float64Array(rows));
    this.seqPrevious = resized(this.seqPrevious, new Float64Array(rows));
    this.start = resized(this.start, new Int32Array(rows));
    this.bidCount = resized(this.bidCount, new Int32Array(rows));
    this.askCount = resized(this.askCount, new Int32Array(rows));
  }

  #resizeLevels(levels: number): void {
    this.ticks = resized(this.ticks, new Float64Array(levels));
    this.lots = resized(this.lots, new Float64Array(levels));
    if (this.levelSeqs.length > 0) {
      this.levelSeqs = resized(this.levelSeqs, new Float64Array(levels));
    }
  }
}

function resized<T extends Float64Array | Int32Array>(from: T, to: T): T {
  to.set(from.subarray(0, Math.min(from.length, to.length)));
  return to;
}
