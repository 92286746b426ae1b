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

function difference(
  before: readonly Level[],
  after: readonly Level[],
  depth: number,
  isBid: boolean,
): Level[] {
  const old = new Map(before);
  const changes: Level[] = [];
  for (const [ticks, lots] of after) {
    if (old.get(ticks) !== lots) changes.push([ticks, lots]);
    old.delete(ticks);
  }
  // Only what is still inside the window is told to be gone; the rest the reader drops by itself.
  const gone = [...old.keys()].filter((ticks) => !isBeyond(ticks, after, depth, isBid));
  return [...gone.map((ticks): Level => [ticks, 0]), ...changes];
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
