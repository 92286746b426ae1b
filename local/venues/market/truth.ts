/**
 * Station: update id -> the book as it was at exactly that id; a foreign book -> how it differs.
 *
 * The oracle of every test of the engine. The present book is taken back through the log, so no copies
 * are kept while nobody asks. It never guesses: an id that left the log, or is yet to come, is unknown.
 */
import { type Book, type Level, SIDES, type Side } from "./book.ts";
import type { MarketInstrument } from "./instrument.ts";

/** Differences listed in one verdict; more would tell nothing new. */
const DIFFERENCES_COUNT_MAX = 10;

export type BookAt = {
  readonly seq: number;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
};

export type Difference = {
  readonly side: Side;
  readonly ticks: number;
  readonly lots: number;
  readonly truthLots: number;
};

export type Comparison = {
  readonly verdict: "equal" | "different" | "unknownSequence";
  readonly differences: readonly Difference[];
};

/** A book somebody else holds, and how far from the touch it claims to know everything. */
export type ForeignBook = {
  readonly seq: number;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  /** Bids below this price need not be listed; null when all are claimed. */
  readonly bidHorizonTicks: number | null;
  /** Asks above this price need not be listed; null when all are claimed. */
  readonly askHorizonTicks: number | null;
};

/** The oldest update id whose book can still be told. */
export function oldestKnownSeq(instrument: MarketInstrument): number {
  const { log } = instrument;
  if (log.tailCount === 0) return instrument.startSeq;
  // Before the oldest held change the book is known too, but only at the id just below it.
  return log.seqAt(log.tailCount) - 1;
}

/** Lots per price of one side at `seq`; the caller has checked that the id is known. */
function sideAt(instrument: MarketInstrument, side: Side, seq: number): Map<number, number> {
  const { book, log } = instrument;
  const lots = new Map<number, number>();
  book.eachLevel(side, (ticks, resting) => lots.set(ticks, resting));
  for (let at = log.headCount - 1; at >= log.tailCount && log.seqAt(at) > seq; at -= 1) {
    if (log.sideAt(at) !== side) continue;
    const before = log.lotsBeforeAt(at);
    if (before === 0) lots.delete(log.ticksAt(at));
    else lots.set(log.ticksAt(at), before);
  }
  return lots;
}

function isKnown(instrument: MarketInstrument, seq: number): boolean {
  return seq <= instrument.lastSeq && seq >= oldestKnownSeq(instrument);
}

/** The whole book after the last change at or below `seq`, or undefined when that is not known. */
export function bookAt(instrument: MarketInstrument, seq: number): BookAt | undefined {
  if (!isKnown(instrument, seq)) return undefined;
  const bids = [...sideAt(instrument, "bid", seq)].sort((a, b) => b[0] - a[0]);
  const asks = [...sideAt(instrument, "ask", seq)].sort((a, b) => a[0] - b[0]);
  return { seq, bids, asks };
}

/** Whether a price lies where the foreign book does not claim to know everything. */
function isBeyond(foreign: ForeignBook, side: Side, ticks: number): boolean {
  const horizonTicks = side === "bid" ? foreign.bidHorizonTicks : foreign.askHorizonTicks;
  if (horizonTicks === null) return false;
  return side === "bid" ? ticks < horizonTicks : ticks > horizonTicks;
}

/**
 * Whether the levels are those of the truth, each once, best first and none left out: the usual case, in
 * which nothing has to be kept of what was seen. Anything else is for the comparison to say.
 */
function isSameInOrder(
  side: Side,
  truth: ReadonlyMap<number, number>,
  levels: readonly Level[],
): boolean {
  if (levels.length !== truth.size) return false;
  const direction = side === "bid" ? -1 : 1;
  let before = direction * Number.NEGATIVE_INFINITY;
  for (const [ticks, lots] of levels) {
    if ((ticks - before) * direction <= 0 || truth.get(ticks) !== lots) return false;
    before = ticks;
  }
  return true;
}

function compareSide(
  side: Side,
  truth: ReadonlyMap<number, number>,
  foreign: ForeignBook,
): Difference[] {
  const differences: Difference[] = [];
  const levels = side === "bid" ? foreign.bids : foreign.asks;
  if (isSameInOrder(side, truth, levels)) return differences;
  const listed = new Set<number>();
  for (const [ticks, lots] of levels) {
    const truthLots = truth.get(ticks) ?? 0;
    // A price listed twice is a difference by itself: a book has one quantity for a price.
    if (truthLots !== lots || listed.has(ticks)) differences.push({ side, ticks, lots, truthLots });
    listed.add(ticks);
  }
  for (const [ticks, truthLots] of truth) {
    if (listed.has(ticks) || isBeyond(foreign, side, ticks)) continue;
    differences.push({ side, ticks, lots: 0, truthLots });
  }
  return differences;
}

/** One side of a foreign book in columns, best first. */
export type ForeignSide = {
  readonly ticks: Float64Array;
  readonly lots: Float64Array;
  readonly count: number;
  /** As in `ForeignBook`. */
  readonly horizonTicks: number | null;
};

/**
 * Whether a side is the truth at its sequence: what `compareWithTruth` calls equal, without a copy of the
 * book. False too where the sequence is not known, or the way back is not clear; then that one is asked.
 */
export function isSideTrue(
  instrument: MarketInstrument,
  side: Side,
  seq: number,
  foreign: ForeignSide,
): boolean {
  if (!isKnown(instrument, seq)) return false;
  const before = changedSince(instrument, side, seq);
  const { book } = instrument;
  const edge = edgeOf(book, side, before);
  if (edge === undefined) return false;
  const step = side === "bid" ? -1 : 1;
  let at = 0;
  for (let { ticks, left } = edge; left > 0; ticks += step) {
    const lots = before.get(ticks) ?? book.lotsAt(side, ticks);
    if (lots === 0) continue;
    left -= 1;
    if (foreign.ticks[at] === ticks && foreign.lots[at] === lots && at < foreign.count) at += 1;
    // What is not listed may only lie beyond the horizon.
    else if (!isBehind(foreign, side, ticks)) return false;
    // And behind it nothing more has to be there.
    else if (at === foreign.count) return true;
  }
  return at === foreign.count;
}

function isBehind({ horizonTicks }: ForeignSide, side: Side, ticks: number): boolean {
  if (horizonTicks === null) return false;
  return side === "bid" ? ticks < horizonTicks : ticks > horizonTicks;
}

/** Where a side began before those changes, and how many levels it had; undefined where that is not clear. */
function edgeOf(
  book: Book,
  side: Side,
  before: ReadonlyMap<number, number>,
): { readonly ticks: number; readonly left: number } | undefined {
  let left = book.levelCount(side);
  let ticks = side === "bid" ? book.bestBidTicks : book.bestAskTicks;
  if (left === 0) return undefined;
  for (const [changed, lots] of before) {
    if (!book.covers(side, changed)) return undefined;
    if (book.lotsAt(side, changed) > 0) left -= 1;
    if (lots === 0) continue;
    left += 1;
    ticks = side === "bid" ? Math.max(ticks, changed) : Math.min(ticks, changed);
  }
  return { ticks, left };
}

/** Lots at `seq` of every price of a side that has changed since. */
function changedSince({ log }: MarketInstrument, side: Side, seq: number): Map<number, number> {
  const before = new Map<number, number>();
  for (let at = log.headCount - 1; at >= log.tailCount && log.seqAt(at) > seq; at -= 1) {
    if (log.sideAt(at) === side) before.set(log.ticksAt(at), log.lotsBeforeAt(at));
  }
  return before;
}

/** Compares a foreign book with the truth at exactly its sequence. */
export function compareWithTruth(instrument: MarketInstrument, foreign: ForeignBook): Comparison {
  if (!isKnown(instrument, foreign.seq)) return { verdict: "unknownSequence", differences: [] };
  const differences = SIDES.flatMap((side) =>
    compareSide(side, sideAt(instrument, side, foreign.seq), foreign),
  );
  if (differences.length === 0) return { verdict: "equal", differences };
  return { verdict: "different", differences: differences.slice(0, DIFFERENCES_COUNT_MAX) };
}
