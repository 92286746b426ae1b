/**
 * Station: the true book -> what one depth of it was told, and the difference.
 *
 * Whoever subscribes to ten levels hears of ten: levels that leave the window by being deleted are told
 * with a zero, those that fall out of it are not told of at all, and those that come into it are told
 * anew. It remembers what it has told, and never what anybody has heard.
 */

import type { Book, Level } from "../market/book.ts";
import type { VenueSession } from "../session.ts";
import type { BookSides } from "./wire-text.ts";

/** Whether a price is worse than the last one told of a full side. */
function isBeyond(ticks: number, side: readonly Level[], depth: number, isBid: boolean): boolean {
  const last = side.at(-1);
  if (last === undefined || side.length < depth) return false;
  return isBid ? ticks < last[0] : ticks > last[0];
}

/** Both sides are in the order of the book, so that one walk over them finds every difference. */
function difference(
  before: readonly Level[],
  after: readonly Level[],
  depth: number,
  isBid: boolean,
): Level[] {
  const gone: Level[] = [];
  const changes: Level[] = [];
  let at = 0;
  // Only what is still inside the window is told to be gone; the rest the reader drops by itself.
  const leave = (ticks: number) => {
    if (!isBeyond(ticks, after, depth, isBid)) gone.push([ticks, 0]);
  };
  for (const level of after) {
    const [ticks, lots] = level;
    let old = before[at];
    while (old !== undefined && (isBid ? old[0] > ticks : old[0] < ticks)) {
      leave(old[0]);
      at += 1;
      old = before[at];
    }
    const isOld = old?.[0] === ticks;
    if (!isOld || old?.[1] !== lots) changes.push(level);
    if (isOld) at += 1;
  }
  for (; at < before.length; at += 1) leave(before[at]?.[0] ?? 0);
  return [...gone, ...changes];
}

/** One book at one depth, with whoever listens. */
export class BookChannel {
  readonly index: number;
  readonly depth: number;
  readonly sessions = new Set<VenueSession>();
  told: BookSides = { bids: [], asks: [] };

  constructor(index: number, depth: number) {
    this.index = index;
    this.depth = depth;
  }

  /** Looks at the book; what has changed since it was last told, which is then told. */
  advance(book: Book): BookSides {
    const { depth, told } = this;
    const now = { bids: book.levels("bid", depth), asks: book.levels("ask", depth) };
    this.told = now;
    return {
      bids: difference(told.bids, now.bids, depth, true),
      asks: difference(told.asks, now.asks, depth, false),
    };
  }

  /** Whether a message sent now would reach anybody. */
  hasListeners(): boolean {
    return [...this.sessions].some((one) => !(one.isSilent || one.isHalfOpen));
  }
}
