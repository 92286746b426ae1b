/**
 * Station: an order that takes -> pieces of the levels it reaches, one after the other.
 *
 * Price first, then the queue of each level, in which the crowd and the orders of accounts stand in
 * the order in which they came. Self-trade prevention is decided here, before a piece is settled. What
 * is taken leaves the public book under the market's own update ids.
 */
import type { Side } from "../market/book.ts";
import type { Market } from "../market/market.ts";
import { notionalAtto } from "./atto.ts";
import { type LiveOrder, type Piece, RestingOrders } from "./live-order.ts";
import type { OrderSide } from "./orders.ts";

/** A book can be written within half of its window from the best price; orders rest nearer than that. */
const NEAR_SHARE = 0.45;

/** The side of the book that an order takes from. */
export function takenSide(side: OrderSide): Side {
  return side === "buy" ? "ask" : "bid";
}

/** What a walk through the book would get. */
export type Reach = { readonly lots: number; readonly costAtto: bigint };

export type WalkLimit = {
  /** 0 for no limit. */
  readonly limitTicks: number;
  readonly lotsMax: number;
  /** Quote that may be spent or received; null for no limit. */
  readonly fundsAtto: bigint | null;
  /** Whose own orders give nothing; null when they do. */
  readonly withoutAccountId: string | null;
};

/** The book of one instrument as takers see it. */
export class Matching {
  readonly resting: RestingOrders;
  readonly #market: Market;
  readonly #index: number;

  constructor(market: Market, index: number) {
    this.#market = market;
    this.#index = index;
    this.resting = new RestingOrders(market.instrumentAt(index));
  }

  /** Whether an order may rest at a price; the book's window leaves room beyond for the touch to move. */
  isNear(side: OrderSide, ticks: number): boolean {
    const { book } = this.#market.instrumentAt(this.#index);
    const best = side === "buy" ? book.bestBidTicks : book.bestAskTicks;
    return best === 0 || Math.abs(best - ticks) < book.windowTicks * NEAR_SHARE;
  }

  /** Resting orders that the touch has left too far behind. */
  farOrders(): LiveOrder[] {
    if (this.resting.count === 0) return [];
    return this.resting.all().filter(({ state }) => !this.isNear(state.side, state.limitTicks));
  }

  /** The best price a taker of `side` would get, 0 when there is none within the limit. */
  bestTicks(side: OrderSide, limitTicks: number): number {
    const { book } = this.#market.instrumentAt(this.#index);
    const best = side === "buy" ? book.bestAskTicks : book.bestBidTicks;
    if (limitTicks === 0 || best === 0) return best;
    const isWithin = side === "buy" ? best <= limitTicks : best >= limitTicks;
    return isWithin ? best : 0;
  }

  /** How far an order would reach; nothing changes. */
  walk(side: OrderSide, limit: WalkLimit): Reach {
    const { book, rules } = this.#market.instrumentAt(this.#index);
    const taken = takenSide(side);
    let lots = 0;
    let costAtto = 0n;
    for (const [ticks, resting] of book.levels(taken, book.levelCount(taken))) {
      const isBeyond = side === "buy" ? ticks > limit.limitTicks : ticks < limit.limitTicks;
      if (lots >= limit.lotsMax || (limit.limitTicks > 0 && isBeyond)) break;
      const { withoutAccountId } = limit;
      const own =
        withoutAccountId === null ? 0 : this.resting.lotsOf(withoutAccountId, taken, ticks);
      const one = notionalAtto({ ticks, lots: 1 }, rules);
      const wanted = Math.min(resting - own, limit.lotsMax - lots);
      const affordable =
        limit.fundsAtto === null
          ? wanted
          : Math.min(wanted, Number((limit.fundsAtto - costAtto) / one));
      lots += affordable;
      costAtto += one * BigInt(affordable);
      if (affordable < wanted) break;
    }
    return { lots, costAtto };
  }

  /** The next piece of a level for a taker of at most `lots`. */
  nextPiece(side: OrderSide, ticks: number, lots: number): Piece | undefined {
    return this.resting.pieces(takenSide(side), ticks, lots)[0];
  }

  /** Takes a piece out of the book; the maker's fill is counted by the settlement before. */
  remove(side: OrderSide, ticks: number, piece: Piece): void {
    const taken = takenSide(side);
    const instrument = this.#market.instrumentAt(this.#index);
    if (piece.maker !== null) {
      this.resting.reduce(piece.maker, piece.lots);
      return;
    }
    instrument.change(taken, ticks, instrument.crowdLotsAt(taken, ticks) - piece.lots);
    this.resting.advance(taken, ticks, piece.lots);
  }
}

/** What self-trade prevention does when a taker meets an order of its own account. */
export function onSelfTrade(taker: LiveOrder): { expireMaker: boolean; expireTaker: boolean } {
  const rule = taker.state.selfTradeRule;
  return {
    expireMaker: rule === "expireMaker" || rule === "expireBoth",
    expireTaker: rule === "expireTaker" || rule === "expireBoth",
  };
}
