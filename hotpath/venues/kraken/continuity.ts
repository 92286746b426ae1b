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

/** Levels whose digits are remembered, by the low bits of their tick; a power of two. */
const KEPT_LEVELS = 64;

/** Every update follows the one before it: the venue numbers nothing, and the checksum decides. */
export const krakenContinuity: ContinuityRule = () => CONTINUITY.next;

/** Books of Kraken come in the stream and are proven by the checksum behind every message. */
export const krakenBooks: InStreamBooks = { makeChecksum: krakenChecksum };

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

/** The digits of one side's best levels as one register, beginning from nothing. */
class TopDigits {
  readonly #tickUnits: number;
  readonly #lotUnits: number;
  /** Levels seen lately, by the low bits of their tick, with what their digits make. */
  readonly #keptTicks = new Float64Array(KEPT_LEVELS);
  readonly #keptLots = new Float64Array(KEPT_LEVELS);
  readonly #keptPrices = new Int32Array(KEPT_LEVELS);
  readonly #keptPriceBytes = new Int32Array(KEPT_LEVELS);
  readonly #keptRegisters = new Int32Array(KEPT_LEVELS);
  readonly #keptBytes = new Int32Array(KEPT_LEVELS);
  readonly #ticks = new Float64Array(CHECKSUM_LEVELS);
  readonly #lots = new Float64Array(CHECKSUM_LEVELS);
  /** Of the last refresh: the cell of each level, its register, and the whole run up to it. */
  readonly #registers = new Int32Array(CHECKSUM_LEVELS);
  readonly #ends = new Int32Array(CHECKSUM_LEVELS);
  readonly #runs = new Int32Array(CHECKSUM_LEVELS);
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

  /** Brings the register up to date with the side; nothing to do while it has not been touched. */
  refresh(ladder: Ladder): void {
    if (ladder.changes === this.#changes) return;
    this.#changes = ladder.changes;
    const ticks = this.#ticks;
    const lots = this.#lots;
    const count = ladder.copyLevels(ticks, lots, CHECKSUM_LEVELS);
    let register = 0;
    let end = 0;
    // What stands before the first difference was run through last time.
    let isSame = true;
    for (let i = 0; i < count; i++) {
      const tick = ticks[i] as number;
      const cell = tick & (KEPT_LEVELS - 1);
      if (this.#keptTicks[cell] !== tick || this.#keptLots[cell] !== lots[i]) this.#keep(cell, i);
      const own = this.#keptRegisters[cell] as number;
      const bytes = this.#keptBytes[cell] as number;
      isSame =
        isSame && i < this.#count && this.#registers[i] === own && this.#ends[i] === end + bytes;
      end += bytes;
      register = isSame ? (this.#runs[i] as number) : shiftCrc(register, bytes) ^ own;
      this.#registers[i] = own;
      this.#ends[i] = end;
      this.#runs[i] = register;
    }
    this.#count = count;
    this.register = register;
    this.byteCount = end;
  }

  /** Computes one level's digits anew; those of its price only when the cell was another level's. */
  #keep(cell: number, i: number): void {
    const units = this.#units;
    const tick = this.#ticks[i] as number;
    if (this.#keptTicks[cell] !== tick) {
      units[0] = tick * this.#tickUnits;
      this.#keptTicks[cell] = tick;
      this.#keptPrices[cell] = appendDigits(0, units, 0);
      this.#keptPriceBytes[cell] = digitCount(units, 0);
    }
    const lot = this.#lots[i] as number;
    units[0] = lot * this.#lotUnits;
    this.#keptLots[cell] = lot;
    this.#keptRegisters[cell] = appendDigits(this.#keptPrices[cell] as number, units, 0);
    this.#keptBytes[cell] = (this.#keptPriceBytes[cell] as number) + digitCount(units, 0);
  }
}
