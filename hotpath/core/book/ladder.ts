/**
 * Station: book, one side of it. Price levels by tick, best first.
 *
 * Near the touch a level is one cell of a flat window of ticks, found by subtraction, with a bitmap
 * over it so that the next best is found by counting leading zeros; far levels wait in a hash table.
 * Asks are kept under negated ticks, so that "best" is the highest key on both sides and one piece of
 * code serves both. Memory is fixed by the window; nothing is allocated by an update, unless the far
 * table has to grow. (Flat windows were the fastest of eleven structures measured: 14 ns a level in
 * old books, against 59-74 for sorted typed arrays and 1009 for spliced arrays.)
 */
import { assert } from "../../../contracts/assert.ts";
import { FarLevels } from "./far-levels.ts";

/** Smallest and largest window, in ticks. Powers of two, multiples of 1024 (32 x 32 bits). */
export const WINDOW_TICKS_MIN = 1024;
export const WINDOW_TICKS_MAX = 8192;

/**
 * Cells are int32, half the memory of doubles. Venues that print eight decimals of everything have larger
 * quantities: the first of them brings a window of doubles beside the cells.
 */
const SMALL_LOTS_MAX = 2 ** 31 - 1;
const LARGE = -1;

export class Ladder {
  /** 1 for bids, -1 for asks: key = tick * sign, and the best key is the highest. */
  readonly sign: 1 | -1;
  /** Levels with a quantity, near and far. */
  levelCount = 0;
  /** Grows with every message that touches this side: what was computed of it holds while it stays. */
  changes = 0;
  /** Key of window cell 0. */
  #base = 0;
  #size: number;
  /** Quantity of each cell; `LARGE` where it does not fit, and then it stands in `#large`. */
  #lots: Int32Array;
  #bits: Int32Array;
  #summary: Int32Array;
  /** Window cell of the best level, or -1 when the window is empty. */
  #best = -1;
  #far = new FarLevels();
  /**
   * Quantities above 2^31 - 1 by cell, empty before the first. What a later small quantity has replaced
   * stays, and is never read: its cell does not say `LARGE` any more.
   */
  #large = new Float64Array(0);

  constructor(sign: 1 | -1, windowTicks: number = WINDOW_TICKS_MIN) {
    this.sign = sign;
    this.#size = windowTicks;
    this.#lots = new Int32Array(windowTicks);
    this.#bits = new Int32Array(windowTicks >>> 5);
    this.#summary = new Int32Array(windowTicks >>> 10);
  }

  /** Whether there is no level at all. */
  get isEmpty(): boolean {
    return this.#best < 0;
  }

  /** Tick of the best level; asserts that there is one. */
  get bestTicks(): number {
    assert(this.#best >= 0, "an empty side has no best level");
    return (this.#base + this.#best) * this.sign;
  }

  get bestLots(): number {
    assert(this.#best >= 0, "an empty side has no best level");
    return this.#nearLots(this.#best);
  }

  /** Quantity at `ticks`, 0 where there is no level. */
  lotsAt(ticks: number): number {
    const cell = ticks * this.sign - this.#base;
    if (cell >= 0 && cell < this.#size) return this.#nearLots(cell);
    return this.#far.get(ticks * this.sign);
  }

  /** Removes every level and sizes the window for a snapshot that spans `spanTicks`. */
  reset(spanTicks: number): void {
    this.changes++;
    let size = WINDOW_TICKS_MIN;
    while (size < WINDOW_TICKS_MAX && size < spanTicks + (spanTicks >> 1)) size <<= 1;
    if (size !== this.#size) {
      this.#size = size;
      this.#lots = new Int32Array(size);
      this.#bits = new Int32Array(size >>> 5);
      this.#summary = new Int32Array(size >>> 10);
    } else {
      this.#lots.fill(0);
      this.#bits.fill(0);
      this.#summary.fill(0);
    }
    this.#far.clear();
    this.#best = -1;
    this.levelCount = 0;
  }

  #nearLots(cell: number): number {
    const lots = this.#lots[cell] as number;
    return lots === LARGE ? (this.#large[cell] as number) : lots;
  }

  /**
   * Sets levels `start .. start + count` of a message to their absolute quantities; 0 removes.
   *
   * Bits are computed and not branched upon: whether a level appears, changes or goes cannot be
   * predicted, and a wrong guess has to wait for a cold line. (20 ns a level on quiet diffs and 11 on
   * wide ones, against 33 and 16 with branches and doubles; Node 24.21, 2026-11.)
   */
  apply(ticks: Float64Array, lots: Float64Array, start: number, count: number): void {
    const end = start + count;
    const sign = this.sign;
    if (count > 0) this.changes++;
    for (let i = this.#applyNear(ticks, lots, start, end); i < end; ) {
      this.#setAway((ticks[i] as number) * sign, lots[i] as number);
      i = this.#applyNear(ticks, lots, i + 1, end);
    }
  }

  /** Applies levels from `from` on while their cells can take them; where it stopped. */
  // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one loop, by the measurement above.
  #applyNear(ticks: Float64Array, lots: Float64Array, from: number, end: number): number {
    const { sign } = this;
    const base = this.#base;
    const size = this.#size;
    const cells = this.#lots;
    const bits = this.#bits;
    const summary = this.#summary;
    const large = this.#large;
    let best = this.#best;
    let change = 0;
    let i = from;
    // An empty window has no place yet, so the first level chooses it.
    for (; i < end && best >= 0; i++) {
      const offset = (ticks[i] as number) * sign - base;
      const cell = offset | 0;
      const quantity = lots[i] as number;
      const small = quantity | 0;
      const isSmall = small === quantity;
      if (cell !== offset || cell >>> 0 >= size) break;
      if (!isSmall) {
        if (large.length !== size) break;
        large[cell] = quantity;
      }
      cells[cell] = isSmall ? small : LARGE;
      const word = cell >>> 5;
      const before = bits[word] as number;
      // 1 for a quantity, 0 for none: the sign of its negation.
      const isSet = isSmall ? -small >>> 31 : 1;
      const after = (before & ~(1 << cell)) | (isSet << cell);
      bits[word] = after;
      change += isSet - ((before >>> cell) & 1);
      const group = word >>> 5;
      summary[group] =
        ((summary[group] as number) & ~(1 << word)) | (((after | -after) >>> 31) << word);
      if (cell < best) continue;
      if (isSet !== 0) best = cell;
      else if (cell === best) {
        this.#findBest(cell);
        // The window was moved, and with it every level was counted anew.
        if (this.#base !== base) return i + 1;
        best = this.#best;
      }
    }
    this.#best = best;
    this.levelCount += change;
    return i;
  }

  #setNear(cell: number, lots: number): void {
    const before = this.#lots[cell] as number;
    const isSmall = lots <= SMALL_LOTS_MAX;
    this.#lots[cell] = isSmall ? lots : LARGE;
    if (!isSmall) {
      if (this.#large.length !== this.#size) this.#large = new Float64Array(this.#size);
      this.#large[cell] = lots;
    }
    if (lots > 0) {
      if (before !== 0) return;
      this.#mark(cell);
      if (cell > this.#best) this.#best = cell;
    } else if (before !== 0) {
      this.#unmark(cell);
      if (cell === this.#best) this.#findBest(cell);
    }
  }

  #mark(cell: number): void {
    const word = cell >>> 5;
    this.#bits[word] = (this.#bits[word] as number) | (1 << (cell & 31));
    this.#summary[word >>> 5] = (this.#summary[word >>> 5] as number) | (1 << (word & 31));
    this.levelCount++;
  }

  #unmark(cell: number): void {
    const word = cell >>> 5;
    const bits = (this.#bits[word] as number) & ~(1 << (cell & 31));
    this.#bits[word] = bits;
    if (bits === 0) {
      this.#summary[word >>> 5] = (this.#summary[word >>> 5] as number) & ~(1 << (word & 31));
    }
    this.levelCount--;
  }

  /** Highest marked cell at or below `from`, or -1. */
  #highestAtOrBelow(from: number): number {
    let word = from >>> 5;
    const here = (this.#bits[word] as number) & (-1 >>> (31 - (from & 31)));
    if (here !== 0) return (word << 5) + 31 - Math.clz32(here);
    let group = word >>> 5;
    // `& 31` of a shift by 32 would keep the whole word: a word index of 0 has nothing below it.
    let groupBits =
      (word & 31) === 0 ? 0 : (this.#summary[group] as number) & ((1 << (word & 31)) - 1);
    while (groupBits === 0) {
      if (--group < 0) return -1;
      groupBits = this.#summary[group] as number;
    }
    word = (group << 5) + 31 - Math.clz32(groupBits);
    return (word << 5) + 31 - Math.clz32(this.#bits[word] as number);
  }

  /** The best was removed: finds the next, and moves the window when the touch has drifted low in it. */
  #findBest(from: number): void {
    this.#best = this.#highestAtOrBelow(from);
    if (this.#far.size > 0 && this.#best < this.#size >>> 2) this.#recenter();
  }

  /**
   * A level that `#applyNear` left: the first quantity too large for a cell, the first of an empty window, or
   * one outside the window. There deep ones wait in the far table, and better ones move the window.
   */
  #setAway(key: number, lots: number): void {
    if (this.#best < 0) {
      if (lots <= 0) return;
      this.#place(key);
      this.#setNear(key - this.#base, lots);
      return;
    }
    if (key >= this.#base && key < this.#base + this.#size) {
      this.#setNear(key - this.#base, lots);
      return;
    }
    if (key < this.#base) {
      this.levelCount += this.#far.set(key, lots);
      return;
    }
    if (lots <= 0) return;
    this.#far.set(key, lots);
    this.levelCount++;
    this.#recenter();
  }

  /** Chooses a window in which `key` stands at three quarters. The window must be empty. */
  #place(key: number): void {
    this.#base = key - (this.#size >>> 2) * 3;
  }

  /** Moves the window so that the best of all levels stands at three quarters of it. */
  #recenter(): void {
    for (
      let cell = this.#best;
      cell >= 0;
      cell = cell === 0 ? -1 : this.#highestAtOrBelow(cell - 1)
    ) {
      this.#far.set(this.#base + cell, this.#nearLots(cell));
      this.#lots[cell] = 0;
    }
    this.#bits.fill(0);
    this.#summary.fill(0);
    this.#best = -1;
    const total = this.#far.size;
    if (total === 0) {
      this.levelCount = 0;
      return;
    }
    this.#place(this.#far.highest());
    this.#best = 0;
    this.#far.drainInto(this.#base, this.#base + this.#size, (key, lots) => {
      this.#setNear(key - this.#base, lots);
    });
    this.levelCount = total;
  }

  /**
   * Removes what is worse than the best `max` levels: the venue does not tell of it any more, so it would
   * stay for ever. Far levels are searched one by one, near ones by their bits.
   */
  truncate(max: number): void {
    while (this.levelCount > max) {
      if (this.#far.size > 0) this.levelCount += this.#far.set(this.#far.lowest(), 0);
      else this.#setNear(this.#lowest(), 0);
    }
  }

  /** Lowest marked cell; the window must not be empty. */
  #lowest(): number {
    let group = 0;
    while (this.#summary[group] === 0) group++;
    const words = this.#summary[group] as number;
    const word = (group << 5) + 31 - Math.clz32(words & -words);
    const bits = this.#bits[word] as number;
    return (word << 5) + 31 - Math.clz32(bits & -bits);
  }

  /** As `copyLevels`, without the far levels, which are all further away. For sizing on the hot path. */
  copyNear(ticks: Float64Array, lots: Float64Array, max: number): number {
    const { sign } = this;
    const base = this.#base;
    const cells = this.#lots;
    const bits = this.#bits;
    let count = 0;
    let cell = this.#best;
    while (cell >= 0 && count < max) {
      // All levels of one word, from the highest bit down; then the next word that has any.
      const word = cell >>> 5;
      let left = (bits[word] as number) & (-1 >>> (31 - (cell & 31)));
      while (left !== 0 && count < max) {
        const bit = 31 - Math.clz32(left);
        left &= ~(1 << bit);
        cell = (word << 5) + bit;
        const held = cells[cell] as number;
        ticks[count] = (base + cell) * sign;
        lots[count] = held === LARGE ? (this.#large[cell] as number) : held;
        count++;
      }
      cell = word === 0 ? -1 : this.#highestAtOrBelow((word << 5) - 1);
    }
    return count;
  }

  /** Adds far levels to the `from` that `copyNear` has copied, up to `max`; returns how many there are. */
  copyFar(ticks: Float64Array, lots: Float64Array, from: number, max: number): number {
    if (from >= max || this.#far.size === 0) return from;
    const count = this.#far.copyHighest(ticks, lots, from, max);
    for (let i = from; i < count; i++) ticks[i] = (ticks[i] as number) * this.sign;
    return count;
  }

  /**
   * Copies up to `max` levels, best first, into the arrays from index 0; returns how many.
   *
   * Far levels are sorted on the way, so this is for pages, checks and sizing, not for every frame.
   */
  copyLevels(ticks: Float64Array, lots: Float64Array, max: number): number {
    let count = this.copyNear(ticks, lots, max);
    if (count < max && this.#far.size > 0) {
      for (const key of this.#far.keysDescending()) {
        if (count >= max) break;
        ticks[count] = key * this.sign;
        lots[count] = this.#far.get(key);
        count++;
      }
    }
    return count;
  }
}
