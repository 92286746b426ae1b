/**
 * Station: every order of this run, findable by each of its names, with what each means for the ledger.
 *
 * `sync` is the one place where a change of an order reaches ledger and reserves: it moves the difference
 * between what the order amounts to now and what was booked for it, so calling it twice books nothing.
 * Ended orders are kept for a while, for late words and for reports; the oldest go first. That a forgotten
 * order's trade does not count again is the business of `trade-marks.ts`, which outlives the orders.
 */
import { assert } from "../../../contracts/assert.ts";
import type { VenueId } from "../../../contracts/ids.ts";
import type { Instrument } from "../instrument.ts";
import { lotsToAmount } from "../money/notional.ts";
import type { FeeView, OrderView } from "../trade/events.ts";
import { FEE_ROUNDING, type FeeRounding, workOutFee } from "./fees.ts";
import { Ledger } from "./ledger.ts";
import { movesOf, reserveOf } from "./moves.ts";
import { type Fill, isTerminal, missingLots, type Order } from "./order.ts";
import type { OrderOptions } from "./order-options.ts";
import { MARK_LIMITS, TradeMarks } from "./trade-marks.ts";
import { INQUIRY_RULES, type InquiryRules } from "./unknown.ts";

const ENDED_MAX = 1_024;
/** Late words about an order come within seconds; what comes later than this is a stranger's. */
const ENDED_KEEP_US = 120_000_000;
const ORPHANS_MAX = 1_024;
const FOREIGN_MAX = 1_024;

/** A fill whose order we do not know, booked already. */
export type Orphan = {
  readonly venue: number;
  readonly instrument: number;
  readonly clientId: string;
  readonly orderId: string;
  readonly fill: Fill;
};

/** A fill that its order has counted. */
export type ToldFill = { readonly order: Order; readonly fill: Fill };

/** A balance that differs, and when the reading was asked for that first showed this difference. */
export type Doubt = { readonly difference: bigint; readonly askedUs: number };

export class OrderTable {
  readonly fence: number;
  readonly venues: readonly VenueId[];
  readonly instruments: readonly Instrument[];
  readonly rules: InquiryRules;
  readonly ledger = new Ledger();
  /** By venue. */
  readonly marks: readonly TradeMarks[];
  /** Rates of the account, by instrument. */
  readonly rates: (FeeView | undefined)[];
  /** Orders that may still be executed. */
  readonly live = new Set<Order>();
  /** Cycles under way: a restart in the middle of one needs every order of it. */
  readonly heldCycles = new Set<number>();
  /** Orders at an end that are still asked about: trades are missing, or words contradict. */
  readonly unsettled = new Set<Order>();
  /** Whether counted fills are noted in `told`, for the trader to take out within the same event. */
  tellsFills = false;
  readonly told: ToldFill[] = [];
  /** Fills without an order of ours, by their mark. */
  readonly orphans = new Map<string, Orphan>();
  /** Open orders at the venue that are not ours, by venue, instrument and order id. */
  readonly foreign = new Map<string, OrderView>();
  /** Reasons why a venue is closed until a person or a reading explains them, by venue. */
  readonly blocks: readonly Map<string, string>[];
  /** Balances that differed at the last reading, by venue and asset. */
  readonly doubts: readonly Map<string, Doubt>[];
  /** By venue: since when readings differ by what orders in flight might explain, which proves nothing; else 0. */
  readonly unprovenSinceUs: number[];
  /** Questions asked so far; numbers them. */
  requestCount = 0;
  /** The highest command number of this fence that was given out. */
  commandMax = 0;
  readonly #feeRoundings: readonly FeeRounding[];
  readonly #endedMax: number;
  readonly #byClientId = new Map<string, Order>();
  readonly #byOrderId = new Map<string, Order>();
  readonly #ended = new Set<Order>();

  constructor(options: OrderOptions) {
    this.fence = options.fence;
    this.instruments = options.instruments;
    this.rules = options.rules ?? INQUIRY_RULES;
    this.#endedMax = options.endedMax ?? ENDED_MAX;
    this.venues = options.venues;
    const venues = options.venues.map((_, venue) => venue);
    this.marks = venues.map(() => new TradeMarks(options.marks ?? MARK_LIMITS));
    this.blocks = venues.map(() => new Map());
    this.doubts = venues.map(() => new Map());
    this.unprovenSinceUs = venues.map(() => 0);
    this.#feeRoundings = venues.map((venue) => options.feeRoundings?.[venue] ?? FEE_ROUNDING);
    this.rates = options.instruments.map(() => undefined);
  }

  /** An instrument that can be traded: its assets are known. Undefined for any other. */
  market(instrument: number): Instrument | undefined {
    const found = this.instruments[instrument];
    return found === undefined || found.baseAsset === "" || found.quoteAsset === ""
      ? undefined
      : found;
  }

  marksOf(venue: number): TradeMarks {
    const marks = this.marks[venue];
    assert(marks !== undefined, "a venue is one of the world's");
    return marks;
  }

  feeRounding(venue: number): FeeRounding {
    return this.#feeRoundings[venue] ?? FEE_ROUNDING;
  }

  get(clientId: string): Order | undefined {
    return this.#byClientId.get(clientId);
  }

  byOrderId(venue: number, instrument: number, orderId: string): Order | undefined {
    return orderId === "" ? undefined : this.#byOrderId.get(orderKey(venue, instrument, orderId));
  }

  /** All that are remembered, in the order in which they came. */
  all(): IterableIterator<Order> {
    return this.#byClientId.values();
  }

  get count(): number {
    return this.#byClientId.size;
  }

  /** Takes a new order in. Asserts that its name is new: an order is placed once. */
  add(order: Order): void {
    assert(!this.#byClientId.has(order.clientId), "a client id is given once");
    assert(this.market(order.instrument) !== undefined, "an order has an instrument with assets");
    this.#byClientId.set(order.clientId, order);
    if (order.orderId !== "") this.nameOrder(order, order.orderId);
    if (order.fence === this.fence) this.commandMax = Math.max(this.commandMax, order.command);
    this.sync(order);
  }

  /** Gives an order the name it has at the venue. */
  nameOrder(order: Order, orderId: string): void {
    order.orderId = orderId;
    this.#byOrderId.set(orderKey(order.venue, order.instrument, orderId), order);
  }

  /** Whether a command that we do not have was given out, and has ended and been forgotten since. */
  isForgotten(fence: number, command: number): boolean {
    return fence < this.fence || (fence === this.fence && command <= this.commandMax);
  }

  /** Brings ledger, reserves and the sets up to what the order is now. */
  sync(order: Order): void {
    const instrument = this.instruments[order.instrument];
    assert(instrument !== undefined, "an order's instrument is known");
    this.#book(order, instrument);
    setMember(this.live, order, !isTerminal(order));
    const isAsked = missingLots(order) > 0 || order.inquiry.dueUs > 0;
    setMember(this.unsettled, order, isTerminal(order) && isAsked);
    if (!isTerminal(order) || isAsked) this.#ended.delete(order);
    else if (!this.#ended.has(order)) this.#retire(order);
  }

  #book(order: Order, instrument: Instrument): void {
    const { ledger } = this;
    const { venue } = order;
    const isBuy = order.side === "buy";
    const { base, quote } = movesOf(order, instrument);
    ledger.add(venue, instrument.baseAsset, "traded", base - order.baseMoved);
    ledger.add(venue, instrument.quoteAsset, "traded", quote - order.quoteMoved);
    order.baseMoved = base;
    order.quoteMoved = quote;
    const reserve = reserveOf(order, instrument, this.rates[order.instrument]);
    const asset = isBuy ? instrument.quoteAsset : instrument.baseAsset;
    ledger.add(venue, asset, "reserved", reserve - order.reserved);
    order.reserved = reserve;
  }

  /** Sets how many lots are counted without their trades; their fee is worked out. */
  setSynthetic(order: Order, lots: number): void {
    assert(lots >= 0, "what is missing is not negative");
    if (lots === order.syntheticLots) return;
    const instrument = this.instruments[order.instrument];
    assert(instrument !== undefined, "an order's instrument is known");
    const { side, priceTicks } = order;
    const basis = { side, priceTicks, lots, isMaker: false };
    const rate = this.rates[order.instrument];
    const fee =
      lots === 0 ? undefined : workOutFee(instrument, basis, rate, this.feeRounding(order.venue));
    this.ledger.add(order.venue, order.syntheticFeeAsset, "fees", -order.syntheticFee);
    order.syntheticFee = fee?.amount ?? 0n;
    order.syntheticFeeAsset = fee?.asset ?? "";
    this.ledger.add(order.venue, order.syntheticFeeAsset, "fees", order.syntheticFee);
    order.filledLots += lots - order.syntheticLots;
    order.syntheticLots = lots;
  }

  /** Books, or (sign -1) takes back, a fill that belongs to no order. */
  bookOrphan(orphan: Orphan, sign: 1n | -1n): void {
    const instrument = this.instruments[orphan.instrument];
    assert(instrument !== undefined, "an orphan's instrument is known");
    const { fill, venue } = orphan;
    const cost = fill.quote;
    const direction = fill.side === "buy" ? sign : -sign;
    const lots = lotsToAmount(instrument, fill.lots);
    this.ledger.add(venue, instrument.baseAsset, "traded", direction * lots);
    this.ledger.add(venue, instrument.quoteAsset, "traded", -direction * cost);
    this.ledger.add(venue, fill.feeAsset, "fees", sign * fill.fee);
  }

  addOrphan(key: string, orphan: Orphan): void {
    // What is forgotten stays booked and marked; only its late adoption by an order is lost.
    dropOldest(this.orphans, ORPHANS_MAX);
    this.orphans.set(key, orphan);
    this.bookOrphan(orphan, 1n);
  }

  /** Keeps a foreign open order in view, or lets go of one that ended; whether it is new to us. */
  watchForeign(venue: number, view: OrderView, isOpen: boolean): boolean {
    const key = orderKey(venue, view.instrument, view.orderId);
    const isNew = !this.foreign.has(key);
    if (!isOpen) {
      this.foreign.delete(key);
      return false;
    }
    if (isNew) dropOldest(this.foreign, FOREIGN_MAX);
    this.foreign.set(key, view);
    return isNew;
  }

  /** Orders at an end of which nothing more is asked; those that go first come first. */
  ended(): IterableIterator<Order> {
    return this.#ended.values();
  }

  /** Takes in an order as it was exported: it is booked already, but for what is kept back. */
  restore(order: Order, instrument: Instrument): void {
    const { base, quote } = movesOf(order, instrument);
    order.baseMoved = base;
    order.quoteMoved = quote;
    this.add(order);
  }

  /** Puts the sets of a restored table into the order that they had. */
  restoreOrder(live: readonly Order[], unsettled: readonly Order[], ended: readonly Order[]): void {
    reorder(this.live, live);
    reorder(this.unsettled, unsettled);
    reorder(this.#ended, ended);
  }

  #retire(order: Order): void {
    this.#ended.add(order);
    if (this.#ended.size <= this.#endedMax) return;
    for (const oldest of this.#ended) {
      if (this.heldCycles.has(oldest.cycle)) continue;
      this.#drop(oldest);
      return;
    }
  }

  /** Lets go of orders that ended a good while ago. Those of cycles under way stay, whatever their age. */
  forgetEnded(nowUs: number): void {
    for (const order of this.#ended) {
      // One that was never heard of has ended all the same, and its late word may come yet.
      if (Math.max(order.heardUs, order.endUs) + ENDED_KEEP_US > nowUs) return;
      if (!this.heldCycles.has(order.cycle)) this.#drop(order);
    }
  }

  #drop(order: Order): void {
    this.#ended.delete(order);
    this.#byClientId.delete(order.clientId);
    if (order.orderId === "") return;
    this.#byOrderId.delete(orderKey(order.venue, order.instrument, order.orderId));
  }
}

export function orderKey(venue: number, instrument: number, orderId: string): string {
  return `${venue}:${instrument}:${orderId}`;
}

function setMember<T>(set: Set<T>, member: T, isMember: boolean): void {
  if (isMember) set.add(member);
  else set.delete(member);
}

function reorder<T>(set: Set<T>, members: readonly T[]): void {
  assert(members.length === set.size, "a set keeps its members");
  for (const member of members) {
    assert(set.delete(member), "a set keeps its members");
    set.add(member);
  }
}

function dropOldest<T>(map: Map<string, T>, countMax: number): void {
  if (map.size < countMax) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
