/**
 * Station: the changes since a position -> the prices a depth frame must name, each once.
 *
 * A stream tells only where the book ended up, so of many changes to one level the last one counts,
 * and that is what the book holds now. Marks in a reused array find repeats without building a set.
 */
import type { Side } from "./book.ts";
import type { MarketInstrument } from "./instrument.ts";

/** Prices changed since some position, ascending. The arrays are reused by the next fold. */
export type FoldedChanges = { readonly bidTicks: number[]; readonly askTicks: number[] };

/** Folds changes of any instrument whose window is at most `windowTicksMax`. */
export class ChangeFold {
  readonly #mask: number;
  readonly #bidMarks: Uint32Array;
  readonly #askMarks: Uint32Array;
  readonly #folded: FoldedChanges = { bidTicks: [], askTicks: [] };
  #mark = 0;

  constructor(windowTicksMax: number) {
    this.#mask = windowTicksMax - 1;
    this.#bidMarks = new Uint32Array(windowTicksMax);
    this.#askMarks = new Uint32Array(windowTicksMax);
  }

  /** Every price changed at or after `fromPosition` of the instrument's log. */
  fold(instrument: MarketInstrument, fromPosition: number): FoldedChanges {
    const { log } = instrument;
    const { bidTicks, askTicks } = this.#folded;
    bidTicks.length = 0;
    askTicks.length = 0;
    this.#nextMark();
    for (let at = fromPosition; at < log.headCount; at += 1) {
      const ticks = log.ticksAt(at);
      const side = log.sideAt(at);
      if (this.#isMarked(side, ticks)) continue;
      insertAscending(side === "bid" ? bidTicks : askTicks, ticks);
    }
    return this.#folded;
  }

  #nextMark(): void {
    this.#mark = (this.#mark + 1) >>> 0;
    if (this.#mark !== 0) return;
    // After four billion folds old marks would look new.
    this.#bidMarks.fill(0);
    this.#askMarks.fill(0);
    this.#mark = 1;
  }

  #isMarked(side: Side, ticks: number): boolean {
    const marks = side === "bid" ? this.#bidMarks : this.#askMarks;
    const cell = ticks & this.#mask;
    if (marks[cell] === this.#mark) return true;
    marks[cell] = this.#mark;
    return false;
  }
}

/** Frames change few levels, so insertion beats a sort with a comparison function. */
function insertAscending(sorted: number[], value: number): void {
  let at = sorted.length;
  sorted.push(value);
  while (at > 0 && (sorted[at - 1] ?? 0) > value) {
    sorted[at] = sorted[at - 1] ?? 0;
    at -= 1;
  }
  sorted[at] = value;
}
