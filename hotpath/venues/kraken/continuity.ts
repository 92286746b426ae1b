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
  type CrcPiece,
  finishCrc,
  shiftCrc,
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
    return finishCrc(bids.append(asks.append(CRC_START)));
  };
}

/** The digits of one side's best levels, as registers that can be moved behind one another. */
class TopDigits {
  readonly #tickUnits: number;
  readonly #lotUnits: number;
  readonly #keptTicks = new Float64Array(KEPT_LEVELS);
  readonly #keptLots = new Float64Array(KEPT_LEVELS);
  readonly #keptRegister = new Int32Array(KEPT_LEVELS);
  readonly #keptBytes = new Int32Array(KEPT_LEVELS);
  readonly #ticks = new Float64Array(CHECKSUM_LEVELS);
  readonly #lots = new Float64Array(CHECKSUM_LEVELS);
  readonly #registers = new Int32Array(CHECKSUM_LEVELS);
  readonly #bytes = new Int32Array(CHECKSUM_LEVELS);
  readonly #units = new Float64Array(2);
  readonly #piece: CrcPiece = { register: 0, byteCount: 0 };
  #count = 0;
  /** The state of the ladder that the registers are of. */
  #changes = -1;

  constructor(tickUnits: number, lotUnits: number) {
    this.#tickUnits = tickUnits;
    this.#lotUnits = lotUnits;
  }

  /** Brings the registers up to date with the side; nothing to do while it has not been touched. */
  refresh(ladder: Ladder): void {
    if (ladder.changes === this.#changes) return;
    this.#changes = ladder.changes;
    const ticks = this.#ticks;
    const lots = this.#lots;
    const count = ladder.copyLevels(ticks, lots, CHECKSUM_LEVELS);
    this.#count = count;
    for (let i = 0; i < count; i++) {
      const tick = ticks[i] as number;
      const cell = tick & (KEPT_LEVELS - 1);
      if (this.#keptTicks[cell] !== tick || this.#keptLots[cell] !== lots[i]) this.#keep(cell, i);
      this.#registers[i] = this.#keptRegister[cell] as number;
      this.#bytes[i] = this.#keptBytes[cell] as number;
    }
  }

  /** Computes one level's digits anew. */
  #keep(cell: number, i: number): void {
    const piece = this.#piece;
    const units = this.#units;
    const tick = this.#ticks[i] as number;
    const lot = this.#lots[i] as number;
    units[0] = tick * this.#tickUnits;
    units[1] = lot * this.#lotUnits;
    piece.register = 0;
    piece.byteCount = 0;
    appendDigits(piece, units, 0);
    appendDigits(piece, units, 1);
    this.#keptTicks[cell] = tick;
    this.#keptLots[cell] = lot;
    this.#keptRegister[cell] = piece.register;
    this.#keptBytes[cell] = piece.byteCount;
  }

  /** What the register becomes behind this side's levels. */
  append(register: number): number {
    let crc = register;
    for (let i = 0; i < this.#count; i++) {
      crc = shiftCrc(crc, this.#bytes[i] as number) ^ (this.#registers[i] as number);
    }
    return crc;
  }
}
