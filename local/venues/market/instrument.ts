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

/**
 * Told when the crowd takes `lots` at a level where orders of accounts rest beside `crowdLots`; returns
 * how many of them hit those orders. It must take those lots off with `changeOwn` before it returns.
 */
export type OnTaken = (side: Side, ticks: number, lots: number, crowdLots: number) => number;

/** Cells of a book's window: room for both sides' range twice, as a power of two. */
export function windowTicksFor(rangeTicks: number): number {
  let windowTicks = 1024;
  while (windowTicks < rangeTicks * 4) windowTicks *= 2;
  return windowTicks;
}

/**
 * One listed instrument: rules, truth, and the log that can undo the truth.
 *
 * A level of the book is what the crowd rests there plus what orders of accounts do (`own`). The flow
 * speaks of the crowd's part only; the exchange speaks of the accounts'.
 */
export class MarketInstrument {
  readonly rules: InstrumentRules;
  readonly book: Book;
  readonly log: UpdateLog;
  /** The update id of the book before its first change. */
  readonly startSeq: number;
  /** Set by the exchange that runs on this instrument, if there is one. */
  onTaken: OnTaken | null = null;
  readonly #nextSeq: NextSeq;
  readonly #ownBids = new Map<number, number>();
  readonly #ownAsks = new Map<number, number>();
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

  /** Lots of accounts' orders at a price. */
  ownLotsAt(side: Side, ticks: number): number {
    const own = side === "bid" ? this.#ownBids : this.#ownAsks;
    return own.size === 0 ? 0 : (own.get(ticks) ?? 0);
  }

  /** Lots of the crowd at a price. */
  crowdLotsAt(side: Side, ticks: number): number {
    return this.book.lotsAt(side, ticks) - this.ownLotsAt(side, ticks);
  }

  /** Sets what the crowd rests at a price; what accounts rest there stays. */
  change(side: Side, ticks: number, lots: number): void {
    this.#write(side, ticks, lots + this.ownLotsAt(side, ticks));
  }

  /** Sets what accounts rest at a price; what the crowd rests there stays. */
  changeOwn(side: Side, ticks: number, lots: number): void {
    const crowdLots = this.crowdLotsAt(side, ticks);
    const own = side === "bid" ? this.#ownBids : this.#ownAsks;
    if (lots === 0) own.delete(ticks);
    else own.set(ticks, lots);
    this.#write(side, ticks, lots + crowdLots);
  }

  /** The crowd takes lots from a level; returns how many of them were the crowd's own. */
  take(side: Side, ticks: number, lots: number): number {
    const crowdLots = this.crowdLotsAt(side, ticks);
    const isShared = this.onTaken !== null && this.ownLotsAt(side, ticks) > 0;
    const hitLots = isShared ? (this.onTaken?.(side, ticks, lots, crowdLots) ?? 0) : 0;
    const takenLots = lots - hitLots;
    assert(takenLots <= crowdLots, "the crowd gives what it has");
    if (takenLots > 0) this.change(side, ticks, crowdLots - takenLots);
    return takenLots;
  }

  /** Empties a level that the price has passed; orders of accounts there are filled. */
  sweep(side: Side, ticks: number): void {
    if (this.ownLotsAt(side, ticks) > 0) this.take(side, ticks, this.book.lotsAt(side, ticks));
    else this.change(side, ticks, 0);
  }

  #write(side: Side, ticks: number, lots: number): void {
    // Statements without numbers: a text made for every change was 7 % of a venue (2026-11-21, Node 24).
    assert(Number.isSafeInteger(lots) && lots >= 0, "lots are a whole quantity");
    const lotsBefore = this.book.set(side, ticks, lots);
    const seq = this.#nextSeq(this.#lastSeq);
    assert(seq > this.#lastSeq, "update ids grow");
    this.#lastSeq = seq;
    this.log.append(seq, side, ticks, lotsBefore);
  }

  /** Lets the update ids leap, as they do when a venue comes back from a restart. */
  leapTo(seq: number): void {
    assert(seq >= this.#lastSeq, `update ids grow: ${seq} after ${this.#lastSeq}`);
    this.#lastSeq = seq;
  }
}
