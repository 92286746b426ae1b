/**
 * Station: a decided change -> book, update id and log, all three or none.
 *
 * What a venue lists: its rules, its true book and the record of its changes. Everything that alters
 * a book goes through `change`; the flow of the market does so today, a matching engine may tomorrow.
 * It never decides, and never looks at a clock.
 */
import { assert } from "../../../contracts/assert.ts";
import { Book, type Side } from "./book.ts";
import { UpdateLog } from "./update-log.ts";

/** The rules of one instrument. A price is `ticks / 10^priceDigits`, a quantity alike. */
export type InstrumentRules = {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly priceDigits: number;
  readonly lotDigits: number;
  /** Fair price at the start. */
  readonly startTicks: number;
  /** The quantity of a usual level. */
  readonly medianLots: number;
  readonly levelsPerSide: number;
  /** How far from the touch levels rest. */
  readonly rangeTicks: number;
};

/** Gives the update id that follows `previousSeq`; some venues count per instrument, some globally. */
export type NextSeq = (previousSeq: number) => number;

/** Cells of a book's window: room for both sides' range twice, as a power of two. */
export function windowTicksFor(rangeTicks: number): number {
  let windowTicks = 1024;
  while (windowTicks < rangeTicks * 4) windowTicks *= 2;
  return windowTicks;
}

/** One listed instrument: rules, truth, and the log that can undo the truth. */
export class MarketInstrument {
  readonly rules: InstrumentRules;
  readonly book: Book;
  readonly log: UpdateLog;
  /** The update id of the book before its first change. */
  readonly startSeq: number;
  readonly #nextSeq: NextSeq;
  #lastSeq: number;

  constructor(
    rules: InstrumentRules,
    options: { startSeq: number; nextSeq: NextSeq; logCapacityCount: number },
  ) {
    this.rules = rules;
    this.book = new Book(windowTicksFor(rules.rangeTicks));
    this.log = new UpdateLog(options.logCapacityCount);
    this.#nextSeq = options.nextSeq;
    this.startSeq = options.startSeq;
    this.#lastSeq = options.startSeq;
  }

  /** The update id of the book as it stands. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Rests a level before the first update; the log does not know of it. */
  rest(side: Side, ticks: number, lots: number): void {
    assert(this.log.headCount === 0, "levels rest without an update only before the first one");
    this.book.set(side, ticks, lots);
  }

  /** Sets a level to an absolute quantity under the next update id. */
  change(side: Side, ticks: number, lots: number): void {
    assert(Number.isSafeInteger(lots) && lots >= 0, `lots are a whole quantity, were ${lots}`);
    const lotsBefore = this.book.set(side, ticks, lots);
    const seq = this.#nextSeq(this.#lastSeq);
    assert(seq > this.#lastSeq, `update ids grow: ${seq} after ${this.#lastSeq}`);
    this.#lastSeq = seq;
    this.log.append(seq, side, ticks, lotsBefore);
  }

  /** Lets the update ids leap, as they do when a venue comes back from a restart. */
  leapTo(seq: number): void {
    assert(seq >= this.#lastSeq, `update ids grow: ${seq} after ${this.#lastSeq}`);
    this.#lastSeq = seq;
  }
}
