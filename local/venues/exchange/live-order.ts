/**
 * Station: the exchange's own record of one order, and where it stands in its queue.
 *
 * Mutable inside this room only: whatever leaves is a frozen copy, and every copy is kept with its
 * time, so that a query may be answered as of a moment ago. It settles nothing.
 */
import { assert } from "../../../contracts/assert.ts";
import type { Micros } from "../../../contracts/time.ts";
import type { Side } from "../market/book.ts";
import type { MarketInstrument } from "../market/instrument.ts";
import type { EndCause, Order, OrderRequest, OrderSide, OwnTrade } from "./orders.ts";
import type { SizedRequest } from "./rules.ts";

type Changing<T> = { -readonly [key in keyof T]: T[key] };

/** The side of the book that an order rests on. */
export function bookSide(side: OrderSide): Side {
  return side === "buy" ? "bid" : "ask";
}

/** One order while the exchange works on it, and its history afterwards. */
export class LiveOrder {
  readonly state: Changing<Order>;
  /** Position of the instrument in its market. */
  readonly index: number;
  readonly trades: OwnTrade[] = [];
  /** Copies in order of time; the last one is the present. */
  readonly revisions: Order[] = [];
  /** Base and quote of the instrument. */
  readonly assets: readonly [base: string, quote: string];
  heldAsset = "";
  heldAtto = 0n;
  /** Whether it stands in the book. */
  isResting = false;
  /** Lots of the crowd that came to the same price before. */
  aheadLots = 0;
  /** A vanished order is not told of by any query. */
  isVanished = false;

  constructor(request: OrderRequest, sized: SizedRequest, at: LiveOrderStart) {
    const { accountId, clientOrderId, symbol, side, type } = request;
    const { timeInForce, isPostOnly, selfTradeRule } = request;
    this.index = at.index;
    this.assets = at.assets;
    this.state = {
      orderId: at.orderId,
      accountId,
      clientOrderId: clientOrderId === "" ? `auto${at.orderId}` : clientOrderId,
      symbol,
      side,
      type,
      timeInForce,
      isPostOnly,
      selfTradeRule,
      limitTicks: sized.limitTicks,
      lots: sized.lots,
      fundsAtto: sized.fundsAtto,
      filledLots: 0,
      filledQuoteAtto: 0n,
      status: "open",
      endCause: null,
      placedUs: at.nowUs,
      changedUs: at.nowUs,
      tradeCount: 0,
    };
  }

  get leftLots(): number {
    return this.state.lots - this.state.filledLots;
  }

  get isOpen(): boolean {
    return this.state.status === "open";
  }

  /** A frozen copy of the present, kept as a revision. */
  copy(nowUs: Micros): Order {
    this.state.changedUs = nowUs;
    const copy = Object.freeze({ ...this.state });
    this.revisions.push(copy);
    return copy;
  }

  /** The order as of a moment, or undefined when it did not exist yet. */
  asOf(momentUs: Micros): Order | undefined {
    if (momentUs === Number.POSITIVE_INFINITY) return this.revisions.at(-1);
    return this.revisions.findLast((one) => one.changedUs <= momentUs);
  }

  /** Ends the order; an order ends once. */
  end(cause: EndCause): void {
    assert(this.isOpen, `order ${this.state.orderId} ends once`);
    this.state.endCause = cause;
    this.state.status = STATUS_OF_END[cause];
  }
}

type LiveOrderStart = {
  readonly orderId: number;
  readonly index: number;
  readonly assets: readonly [base: string, quote: string];
  readonly nowUs: Micros;
};

const STATUS_OF_END = {
  filled: "filled",
  canceledByOwner: "canceled",
  canceledByDeadMan: "canceled",
  iocRemainder: "expired",
  fokUnfilled: "expired",
  noLiquidity: "expired",
  selfTrade: "expired",
  venue: "expired",
  vanished: "canceled",
} as const satisfies Record<EndCause, Order["status"]>;

/** Lots that a taker gets from one maker at a level; null is the crowd. */
export type Piece = { readonly maker: LiveOrder | null; readonly lots: number };

/** Orders of accounts resting in one instrument, by price and in order of arrival. */
export class RestingOrders {
  readonly #instrument: MarketInstrument;
  /** How many orders rest here. */
  count = 0;
  readonly #levels = { bid: new Map<number, LiveOrder[]>(), ask: new Map<number, LiveOrder[]>() };

  constructor(instrument: MarketInstrument) {
    this.#instrument = instrument;
  }

  /** Puts the rest of an order into the book, behind what is there. */
  join(order: LiveOrder): void {
    const side = bookSide(order.state.side);
    const { limitTicks } = order.state;
    order.aheadLots = this.#instrument.crowdLotsAt(side, limitTicks);
    const queue = this.#levels[side].get(limitTicks);
    if (queue === undefined) this.#levels[side].set(limitTicks, [order]);
    else queue.push(order);
    order.isResting = true;
    this.count += 1;
    this.#show(side, limitTicks, order.leftLots);
  }

  /** Takes filled lots of a resting order out of the book; the fill has been counted before. */
  reduce(order: LiveOrder, lots: number): void {
    this.#show(bookSide(order.state.side), order.state.limitTicks, -lots);
    if (order.leftLots === 0) this.#forget(order);
  }

  /** Takes the rest of an order out of the book. */
  leave(order: LiveOrder): void {
    this.#show(bookSide(order.state.side), order.state.limitTicks, -order.leftLots);
    this.#forget(order);
  }

  /** Who gives the first `lots` of a level, in the order of the queue. */
  pieces(side: Side, ticks: number, lots: number): Piece[] {
    const crowdLots = this.#instrument.crowdLotsAt(side, ticks);
    const queue = this.#levels[side].get(ticks) ?? [];
    const found: Piece[] = [];
    let left = lots;
    let crowdTaken = 0;
    const give = (maker: LiveOrder | null, available: number): number => {
      const given = Math.min(left, available);
      left -= given;
      if (given > 0) found.push({ maker, lots: given });
      return given;
    };
    for (const order of queue) {
      order.aheadLots = Math.min(order.aheadLots, crowdLots);
      crowdTaken += give(null, Math.max(0, order.aheadLots - crowdTaken));
      give(order, order.leftLots);
    }
    give(null, crowdLots - crowdTaken);
    return found;
  }

  /** Moves everybody at a level forward after the crowd gave `lots` there. */
  advance(side: Side, ticks: number, lots: number): void {
    for (const order of this.#levels[side].get(ticks) ?? []) {
      order.aheadLots = Math.max(0, order.aheadLots - lots);
    }
  }

  /** Lots of one account at a level. */
  lotsOf(accountId: string, side: Side, ticks: number): number {
    let lots = 0;
    for (const order of this.#levels[side].get(ticks) ?? []) {
      if (order.state.accountId === accountId) lots += order.leftLots;
    }
    return lots;
  }

  /** Every resting order, bids first. */
  all(): LiveOrder[] {
    return [...this.#levels.bid.values(), ...this.#levels.ask.values()].flat();
  }

  #forget(order: LiveOrder): void {
    const side = bookSide(order.state.side);
    const { limitTicks } = order.state;
    const queue = this.#levels[side].get(limitTicks) ?? [];
    const at = queue.indexOf(order);
    assert(at >= 0, `order ${order.state.orderId} rests in the book`);
    queue.splice(at, 1);
    order.isResting = false;
    this.count -= 1;
    if (queue.length === 0) this.#levels[side].delete(limitTicks);
  }

  #show(side: Side, ticks: number, delta: number): void {
    this.#instrument.changeOwn(side, ticks, this.#instrument.ownLotsAt(side, ticks) + delta);
  }
}
