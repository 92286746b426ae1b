/**
 * Station: book -> checksum, for Kraken's `book` channel. Pure.
 *
 * There is no sequence: the checksum of the top ten levels is the only proof that nothing was missed
 * ("Book checksum v2", read 2026-08-22). For each level, asks from the lowest and then bids from the
 * highest: the price at the pair's precision without its point and leading zeros, then the quantity
 * likewise. Those texts are the digits of the price and the quantity in units of the last decimal, so the
 * CRC is computed from integers, and what has not changed is not computed again.
 */
import type { Book } from "../../core/book/book.ts";
import type { BookChecksum, InStreamBooks } from "../../core/book/checksum.ts";
import { CONTINUITY, type ContinuityRule } from "../../core/book/continuity.ts";
import {
  appendDigits,
  CRC_START,
  digitCount,
  finishCrc,
  shiftCrc,
  shiftCrcFar,
} from "../../core/book/crc32.ts";
import type { Ladder } from "../../core/book/ladder.ts";
import type { Instrument } from "../../core/instrument.ts";
import { CHECKSUM_LEVELS } from "./wire.ts";

/** Every update follows the one before it: the venue numbers nothing, and the checksum decides. */
export const krakenContinuity: ContinuityRule = () => CONTINUITY.next;

/** Books of Kraken come in the stream and are proven by the checksum behind every message. */
export const krakenBooks: InStreamBooks = {
  makeChecksum: krakenChecksum,
  levelsProven: CHECKSUM_LEVELS,
};

/** Units of the last printed decimal in a step: "0.10" is 10 of them, "0.1" is 1. */
function unitsOf(stepText: string): number {
  return Number(stepText.replace(".", ""));
}

/** The rule for one instrument, whose steps are printed at the pair's precision. */
export function krakenChecksum({ tickSize, lotSize }: Instrument): BookChecksum {
  const asks = new TopDigits(unitsOf(tickSize), unitsOf(lotSize));
  const bids = new TopDigits(unitsOf(tickSize), unitsOf(lotSize));
  return (book: Book): number => {
    asks.refresh(book.asks);
    bids.refresh(book.bids);
    const behindAsks = shiftCrcFar(CRC_START, asks.byteCount) ^ asks.register;
    return finishCrc(shiftCrcFar(behindAsks, bids.byteCount) ^ bids.register);
  };
}

/** Slots for the levels of a side: those that count, and one that has just been pushed out. */
const SLOTS = CHECKSUM_LEVELS + 1;

/** The digits of one side's best levels as one register, beginning from nothing. */
class TopDigits {
  readonly #tickUnits: number;
  readonly #lotUnits: number;
  /** Of each slot: its level, and what its digits make: the price alone, and both numbers. */
  readonly #slotTicks = new Float64Array(SLOTS);
  readonly #slotLots = new Float64Array(SLOTS);
  readonly #prices = new Int32Array(SLOTS);
  readonly #priceBytes = new Int32Array(SLOTS);
  readonly #registers = new Int32Array(SLOTS);
  readonly #bytes = new Int32Array(SLOTS);
  /** The slot of each rank, best first; the register and the bytes of all levels up to it. */
  readonly #slots = Int32Array.from({ length: SLOTS }, (_, rank) => rank);
  readonly #runs = new Int32Array(CHECKSUM_LEVELS);
  readonly #ends = new Int32Array(CHECKSUM_LEVELS);
  readonly #ticks = new Float64Array(CHECKSUM_LEVELS);
  readonly #lots = new Float64Array(CHECKSUM_LEVELS);
  readonly #units = new Float64Array(1);
  #count = 0;
  /** The state of the ladder that all of this is of. */
  #changes = -1;
  register = 0;
  byteCount = 0;

  constructor(tickUnits: number, lotUnits: number) {
    this.#tickUnits = tickUnits;
    this.#lotUnits = lotUnits;
  }

  /**
   * Brings the register up to date with the side; nothing to do while it has not been touched. What stands
   * before the first difference was run through last time.
   */
  refresh(ladder: Ladder): void {
    if (ladder.changes === this.#changes) return;
    this.#changes = ladder.changes;
    const ticks = this.#ticks;
    const lots = this.#lots;
    const slots = this.#slots;
    const slotTicks = this.#slotTicks;
    const slotLots = this.#slotLots;
    const count = ladder.copyLevels(ticks, lots, CHECKSUM_LEVELS);
    const { sign } = ladder;
    let first = count;
    for (let rank = 0; rank < count; rank++) {
      const tick = ticks[rank] as number;
      const slot = slots[rank] as number;
      const isHeld = rank < this.#count && slotTicks[slot] === tick;
      if (isHeld && slotLots[slot] === lots[rank]) continue;
      if (rank < first) first = rank;
      if (!isHeld) this.#place(rank, tick, sign);
      this.#quantity(slots[rank] as number, lots[rank] as number);
    }
    if (count !== this.#count || first < count) this.#run(Math.min(first, this.#count), count);
  }

  /**
   * Makes the slot of a rank that of a level: better ones that are gone leave the list, and a level that
   * was not there takes a free slot and pushes the others down.
   */
  #place(rank: number, tick: number, sign: number): void {
    const slots = this.#slots;
    for (;;) {
      const slot = slots[rank] as number;
      if (rank >= this.#count) break;
      const distance = ((this.#slotTicks[slot] as number) - tick) * sign;
      if (distance === 0) return;
      if (distance < 0) break;
      this.#count--;
      for (let at = rank; at < this.#count; at++) slots[at] = slots[at + 1] as number;
      slots[this.#count] = slot;
    }
    if (this.#count === SLOTS) this.#count--;
    const free = slots[this.#count] as number;
    for (let at = this.#count; at > rank; at--) slots[at] = slots[at - 1] as number;
    slots[rank] = free;
    this.#count++;
    this.#price(free, tick);
  }

  #price(slot: number, tick: number): void {
    const units = this.#units;
    units[0] = tick * this.#tickUnits;
    this.#slotTicks[slot] = tick;
    this.#prices[slot] = appendDigits(0, units, 0);
    this.#priceBytes[slot] = digitCount(units, 0);
  }

  /** A quantity's digits follow those of its price. */
  #quantity(slot: number, lot: number): void {
    const units = this.#units;
    units[0] = lot * this.#lotUnits;
    this.#slotLots[slot] = lot;
    this.#registers[slot] = appendDigits(this.#prices[slot] as number, units, 0);
    this.#bytes[slot] = (this.#priceBytes[slot] as number) + digitCount(units, 0);
  }

  /** Runs through the levels from `first` on. */
  #run(first: number, count: number): void {
    const slots = this.#slots;
    const registers = this.#registers;
    const bytes = this.#bytes;
    const runs = this.#runs;
    const ends = this.#ends;
    let register = first > 0 ? (runs[first - 1] as number) : 0;
    let end = first > 0 ? (ends[first - 1] as number) : 0;
    for (let rank = first; rank < count; rank++) {
      const slot = slots[rank] as number;
      const own = bytes[slot] as number;
      register = shiftCrc(register, own) ^ (registers[slot] as number);
      end = (end + own) | 0;
      runs[rank] = register;
      ends[rank] = end;
    }
    this.#count = count;
    this.register = register;
    this.byteCount = end;
  }
}
