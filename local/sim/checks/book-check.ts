/**
 * Station: the engine's live books -> the venues' own, level by level, at the same sequence. Invariants 1 and 17.
 *
 * A book that is not live claims nothing. At every decision the books of the order must be live and their
 * touch must be the venue's; once a second, and whenever a book has come back, all live books are compared.
 */

import type { VenueId } from "../../../contracts/ids.ts";
import type { PlaceOrder } from "../../../hotpath/core/trade/commands.ts";
import type { World } from "../../../hotpath/core/world.ts";
import { type BookCopy, copyBook } from "../../../hotpath/world-status.ts";
import type { MemoryVenues } from "../venues/memory-venues.ts";

/** Kraken's guide to book checksums (v2), read 2026-08-22: the top ten of each side. */
const LEVELS_SIGNED = 10;

export class BookCheck {
  readonly #venues: MemoryVenues;
  readonly #onViolation: (invariant: number, sentence: string) => void;
  compared = 0;

  constructor(venues: MemoryVenues, onViolation: (invariant: number, sentence: string) => void) {
    this.#venues = venues;
    this.#onViolation = onViolation;
  }

  checkAll(world: World | undefined): void {
    for (const slot of world?.slots ?? []) if (slot.book.state === "live") this.#check(slot, 17);
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
    this.#check(slot, 1);
  }

  #check(slot: World["slots"][number], invariant: number): void {
    const book = provenPart(slot);
    const at = book.instrument.indexOf(":");
    const venue = book.instrument.slice(0, at) as VenueId;
    const verdict = this.#venues.built.compare({
      venue,
      symbol: book.instrument.slice(at + 1),
      seq: book.seq,
      bids: book.bids as [number, number][],
      asks: book.asks as [number, number][],
      bidHorizonTicks: book.bidHorizonTicks,
      askHorizonTicks: book.askHorizonTicks,
    });
    this.compared++;
    if (verdict?.verdict !== "different") return;
    const differences = JSON.stringify(verdict.differences.slice(0, 3));
    this.#onViolation(invariant, `${book.instrument} at ${book.seq} differs: ${differences}`);
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
