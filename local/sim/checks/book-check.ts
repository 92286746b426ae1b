/**
 * Station: the engine's live books -> the venues' own, level by level, at the same sequence. Invariants 1 and 17.
 *
 * A book that is not live claims nothing. One that is does not cross, and does not stand still for long while the
 * venue's moves. At every decision the books of the order must be live and their
 * touch must be the venue's; once a second, and whenever a book has come back, all live books are compared.
 */

import type { VenueId } from "../../../contracts/ids.ts";
import type { Micros } from "../../../contracts/time.ts";
import type { PlaceOrder } from "../../../hotpath/core/trade/commands.ts";
import type { World } from "../../../hotpath/core/world.ts";
import { type BookCopy, copyBook } from "../../../hotpath/world-status.ts";
import { SIDES, type Side } from "../../venues/market/book.ts";
import {
  compareWithTruth,
  type ForeignBook,
  type ForeignSide,
  isSideTrue,
} from "../../venues/market/truth.ts";
import type { MemoryVenues } from "../venues/memory-venues.ts";

/** Kraken's guide to book checksums (v2), read 2026-08-22: the top ten of each side. */
const LEVELS_SIGNED = 10;

/** Longer than every silence that is allowed, and while processes are stopped, than every such pause. */
const STANDSTILL_US: Micros = 120_000_000;
const STANDSTILL_CALM_US: Micros = 60_000_000;

/** A venue has a session before the engine hears that it is open, and may freeze it meanwhile. */
const OPENING_US: Micros = 31_000_000;

/** A live book that did not move while the venue's did: at which sequence, and since when. */
type Standstill = { readonly seq: number; readonly sinceUs: Micros };

export class BookCheck {
  readonly #venues: MemoryVenues;
  readonly #onViolation: (invariant: number, sentence: string) => void;
  readonly #still = new Map<string, Standstill>();
  readonly #frozenUs = new Map<VenueId, Micros>();
  #ticks = new Float64Array(256);
  #lots = new Float64Array(256);
  compared = 0;

  constructor(venues: MemoryVenues, onViolation: (invariant: number, sentence: string) => void) {
    this.#venues = venues;
    this.#onViolation = onViolation;
  }

  checkAll(world: World | undefined): void {
    if (world === undefined) return;
    for (const slot of world.slots) {
      if (slot.book.state === "live") this.#check(world, slot, 17);
    }
  }

  /** Once a second: whether every live book goes with its venue. */
  checkPace(world: World, nowUs: Micros, isCalm: boolean): void {
    const mostUs = isCalm ? STANDSTILL_CALM_US : STANDSTILL_US;
    for (const slot of world.slots) {
      const { id } = slot.instrument;
      const still = this.#isBehind(slot) ? this.#still.get(id) : undefined;
      const { seq } = slot.book;
      if (still?.seq !== seq) this.#still.delete(id);
      if (!this.#isBehind(slot)) continue;
      if (still?.seq !== seq) this.#still.set(id, { seq, sinceUs: nowUs });
      else if (nowUs - still.sinceUs > mostUs) {
        this.#onViolation(17, `${id} is live and stands at ${seq}, which the venue has left`);
      }
    }
  }

  #isBehind({ book, instrument }: World["slots"][number]): boolean {
    if (book.state !== "live") return false;
    const model = this.#venues.built.models.find(({ id }) => id === instrument.venue);
    const index = model?.market.indexOf(instrument.symbol);
    if (model === undefined || index === undefined) return false;
    const seq = model.truthSeq === undefined ? book.seq : model.truthSeq(index, book.seq);
    return seq !== undefined && seq < model.market.instrumentAt(index).lastSeq;
  }

  /** The books that an order was decided on, in the turn of the decision. */
  checkOrder(world: World, order: PlaceOrder): void {
    const slot = world.slots[order.instrument];
    if (slot === undefined) {
      this.#onViolation(1, `${order.clientId} is of an instrument that nobody follows`);
      return;
    }
    if (slot.book.state !== "live") {
      this.#onViolation(1, `${order.clientId} was decided on a book that is ${slot.book.state}`);
      return;
    }
    this.#check(world, slot, 1);
  }

  /** A venue's clock has stood still since `atUs` by the engine's clock, for the sessions of that moment. */
  onFrozen(venue: VenueId, atUs: Micros): void {
    this.#frozenUs.set(venue, atUs);
  }

  #check(world: World, slot: World["slots"][number], invariant: number): void {
    this.compared++;
    if (this.#isTrue(slot)) return;
    const book = provenPart(slot);
    const { venue, symbol } = slot.instrument;
    const foreign = {
      seq: book.seq,
      bids: book.bids as [number, number][],
      asks: book.asks as [number, number][],
      bidHorizonTicks: book.bidHorizonTicks,
      askHorizonTicks: book.askHorizonTicks,
    };
    const verdict = this.#venues.built.compare({ venue, symbol, ...foreign });
    if (verdict?.verdict !== "different") return;
    if (this.#isNameless(world, slot) && this.#isSomeLater(slot, foreign)) return;
    const differences = JSON.stringify(verdict.differences.slice(0, 3));
    this.#onViolation(invariant, `${book.instrument} at ${book.seq} differs: ${differences}`);
  }

  /** Whether both sides are the truth, in columns that are used again; anything else is looked at in full. */
  #isTrue(slot: World["slots"][number]): boolean {
    const { book, instrument } = slot;
    const model = this.#venues.built.models.find(({ id }) => id === instrument.venue);
    const index = model?.market.indexOf(instrument.symbol);
    if (model === undefined || index === undefined) return false;
    const seq = model.truthSeq === undefined ? book.seq : model.truthSeq(index, book.seq);
    if (seq === undefined) return false;
    const truth = model.market.instrumentAt(index);
    return SIDES.every((side) => isSideTrue(truth, side, seq, this.#columnsOf(slot, side)));
  }

  /** What is claimed of a side, as `provenPart` has it. */
  #columnsOf({ book, checksum }: World["slots"][number], side: Side): ForeignSide {
    const ladder = side === "bid" ? book.bids : book.asks;
    const max = checksum === undefined ? ladder.levelCount : LEVELS_SIGNED;
    this.#makeRoom(max);
    const ticks = this.#ticks;
    const count = ladder.copyLevels(ticks, this.#lots, max);
    const known = side === "bid" ? book.horizonBidTicks : book.horizonAskTicks;
    const last = count === 0 ? 0 : (ticks[count - 1] as number);
    const horizon = checksum === undefined ? known : last;
    return { ticks, lots: this.#lots, count, horizonTicks: horizon === 0 ? null : horizon };
  }

  #makeRoom(levels: number): void {
    if (this.#ticks.length >= levels) return;
    this.#ticks = new Float64Array(levels * 2);
    this.#lots = new Float64Array(levels * 2);
  }

  /** Whether the book is named by a time that stands still while the book goes on. */
  #isNameless({ sessions }: World, { session, instrument }: World["slots"][number]): boolean {
    const frozenUs = this.#frozenUs.get(instrument.venue) ?? 0;
    return (sessions[session]?.openedUs ?? 0) < frozenUs + OPENING_US;
  }

  /** Whether it is the whole truth of a moment that the venue has told of since the one that names it. */
  #isSomeLater({ instrument }: World["slots"][number], foreign: ForeignBook): boolean {
    const model = this.#venues.built.models.find(({ id }) => id === instrument.venue);
    const index = model?.market.indexOf(instrument.symbol);
    if (model === undefined || index === undefined) return false;
    const seqs = model.truthSeqsFrom?.(index, foreign.seq) ?? [];
    const truth = model.market.instrumentAt(index);
    return seqs.some((seq) => compareWithTruth(truth, { ...foreign, seq }).verdict === "equal");
  }
}

/** Of a book that a checksum signs, only what the checksum covers is claimed. */
function provenPart(slot: World["slots"][number]): BookCopy {
  const book = copyBook(slot);
  if (slot.checksum === undefined) return book;
  const bids = book.bids.slice(0, LEVELS_SIGNED);
  const asks = book.asks.slice(0, LEVELS_SIGNED);
  const bidHorizonTicks = bids.at(-1)?.[0] ?? book.bidHorizonTicks;
  const askHorizonTicks = asks.at(-1)?.[0] ?? book.askHorizonTicks;
  return { ...book, bids, asks, bidHorizonTicks, askHorizonTicks };
}
