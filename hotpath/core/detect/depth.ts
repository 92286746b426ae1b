/**
 * Station: one side of a book -> the levels that a leg may take, in typed arrays that are used again.
 *
 * Levels are cut where a bound of the leg forbids more: the filters of the instrument, the share of the
 * visible quantity that may be taken, what the snapshot did not show, and what could ever be paid.
 */
import { type Book, HORIZON_NONE } from "../book/book.ts";
import type { Ladder } from "../book/ladder.ts";
import { mulDivFloor } from "../money/mul-div.ts";
import { PPB } from "./fee.ts";
import type { LegTerms } from "./terms.ts";

/** Levels of a side that a leg may walk; what three ladders of them yield is found in half a microsecond. */
export const LEVELS_MAX = 32;

const PPM = 1_000_000;

const FIRST_LEVELS = 6;

/** Doubles bound what can be reached; the bound is wider than their error. */
const REACH_SLACK = 1 + 1e-9;

export class LegDepth {
  count = 0;
  readonly ticks = new Float64Array(LEVELS_MAX);
  readonly lots = new Float64Array(LEVELS_MAX);
  /** Lots of each level as the book has them; `lots` are what of it may be taken. */
  readonly visible = new Float64Array(LEVELS_MAX);
  /** Lots of this level and all better ones. */
  readonly lotsTo = new Float64Array(LEVELS_MAX);
  /** Units of quote of one lot at each level. */
  readonly lotQuote = new Float64Array(LEVELS_MAX);
  /** Units of quote of this level and all better ones; inexact when above 2^53. */
  readonly quoteTo = new Float64Array(LEVELS_MAX);
  /** For the sweep: units that one lot takes and gives at each level, fees included. */
  readonly takes = new Float64Array(LEVELS_MAX);
  readonly gives = new Float64Array(LEVELS_MAX);
  /** What all of it takes and gives, while it is read. */
  #paid = 0;
  #received = 0;

  /**
   * Reads the side that the leg takes from; `paidMax` bounds what can be paid. Returns what is received
   * for all of it at most, both as doubles.
   */
  read(book: Book, terms: LegTerms, sharePpm: number, levelsMax: number, paidMax: number): number {
    const side = terms.isBuy ? book.asks : book.bids;
    const most = Math.min(levelsMax, LEVELS_MAX);
    const reach = paidMax * REACH_SLACK;
    this.count = 0;
    this.#paid = 0;
    this.#received = 0;
    let seen = 0;
    let isCut = false;
    // A few levels are mostly enough; how deep a side is matters only to a share of all that is visible.
    for (let upTo = sharePpm < PPM ? most : Math.min(most, FIRST_LEVELS); !isCut; upTo = most) {
      const near = this.#copy(side, seen, upTo);
      isCut = this.#take(near, book, terms, sharePpm, reach) || near === seen || near === most;
      seen = near;
    }
    // A fee that is rounded down leaves up to a step more.
    return terms.feeSide === "received" ? this.#received + terms.feeStep : this.#received;
  }

  /**
   * Copies levels of the ladder up to `upTo`, far ones where the near ones end; returns how many there
   * are. The first `from` stand already, perhaps with fewer lots than the ladder has.
   */
  #copy(side: Ladder, from: number, upTo: number): number {
    const near = side.copyNear(this.ticks, this.visible, upTo);
    // Far levels are looked at one by one, which only sparse sides come to.
    const all = near < upTo ? side.copyFar(this.ticks, this.visible, near, upTo) : near;
    return Math.max(from, all);
  }

  /** Takes over the levels from `count` on; true when one of them was cut, so that none may follow. */
  #take(end: number, book: Book, terms: LegTerms, sharePpm: number, reach: number): boolean {
    const { isBuy, bounds } = terms;
    const seen = this.#seenOf(end, book, terms);
    const cap = this.#capOf(end, terms, sharePpm);
    for (let level = this.count; level < seen; level++) {
      if (this.#paid > reach) return true;
      const ticks = this.ticks[level] as number;
      const before = level === 0 ? 0 : (this.lotsTo[level - 1] as number);
      const quoteBefore = level === 0 ? 0 : (this.quoteTo[level - 1] as number);
      const most = isBuy ? Math.min(cap, Math.floor(bounds.stepsMax / ticks)) : cap;
      const takes = this.#price(level, ticks, terms);
      // One lot more than can be paid, so that the cut is never what decides.
      const payable = Math.floor((reach - this.#paid) / takes) + 1;
      const visible = this.visible[level] as number;
      const lots = Math.min(visible, most - before, payable);
      if (!(lots > 0)) return true;
      this.#paid += lots * takes;
      this.#received += lots * (this.gives[level] as number);
      this.lots[level] = lots;
      this.lotsTo[level] = before + lots;
      this.quoteTo[level] = quoteBefore + lots * (this.lotQuote[level] as number);
      this.count = level + 1;
      if (lots < visible) return true;
    }
    return seen < end;
  }

  /** Forgets what lies beyond so many lots. */
  trim(lots: number): void {
    for (let level = 0; level < this.count; level++) {
      const before = level === 0 ? 0 : (this.lotsTo[level - 1] as number);
      if (lots <= before) this.count = level;
      else if (lots < (this.lotsTo[level] as number)) {
        const quoteBefore = level === 0 ? 0 : (this.quoteTo[level - 1] as number);
        this.lots[level] = lots - before;
        this.lotsTo[level] = lots;
        this.quoteTo[level] = quoteBefore + (lots - before) * (this.lotQuote[level] as number);
        this.count = level + 1;
      }
    }
  }

  /** Notes what one lot of a level takes and gives; returns the former. */
  #price(level: number, ticks: number, terms: LegTerms): number {
    const { isBuy, quoteUnits, baseUnits, feePpb, feeSide } = terms;
    const lotQuote = ticks * quoteUnits;
    const rate = feePpb / PPB;
    const takes = (isBuy ? lotQuote : baseUnits) * (feeSide === "paid" ? 1 + rate : 1);
    this.lotQuote[level] = lotQuote;
    this.takes[level] = takes;
    this.gives[level] = (isBuy ? baseUnits : lotQuote) * (feeSide === "received" ? 1 - rate : 1);
    return takes;
  }

  /** How many of the levels are inside the price filters and inside what the snapshot has shown. */
  #seenOf(near: number, book: Book, { isBuy, bounds }: LegTerms): number {
    const shown = isBuy ? book.horizonAskTicks : book.horizonBidTicks;
    let least = bounds.ticksMin;
    let most = bounds.ticksMax;
    if (shown !== HORIZON_NONE && isBuy) most = Math.min(most, shown);
    if (shown !== HORIZON_NONE && !isBuy) least = Math.max(least, shown);
    let seen = 0;
    while (seen < near) {
      const ticks = this.ticks[seen] as number;
      if (ticks < least || ticks > most) break;
      seen++;
    }
    return seen;
  }

  /** Lots that the leg may have at most, at whatever price. */
  #capOf(near: number, { isBuy, bounds }: LegTerms, sharePpm: number): number {
    let cap = bounds.lotsMax;
    // A sell is the more valuable the better its price: the best one bounds all of them.
    if (!isBuy && near > 0)
      cap = Math.min(cap, Math.floor(bounds.stepsMax / (this.ticks[0] as number)));
    if (sharePpm >= PPM) return cap;
    let visible = 0;
    for (let level = 0; level < near; level++) visible += this.visible[level] as number;
    return Math.min(cap, mulDivFloor(Math.min(visible, Number.MAX_SAFE_INTEGER), sharePpm, PPM));
  }
}
