/**
 * Station: every change of a book -> what is needed to take it back.
 *
 * A ring of the last changes of one instrument, each with its update id and the lots before and
 * after. Streams read it forward (what happened since my last frame), the truth reads it backward
 * (what was the book at that id). It never grows; a change that left the ring is not known any more.
 */
import { assert } from "../../../contracts/assert.ts";
import type { Side } from "./book.ts";

/** The last changes of one instrument, addressed by their position since the start. */
export class UpdateLog {
  readonly capacityCount: number;
  readonly #mask: number;
  readonly #seq: Float64Array;
  readonly #ticks: Int32Array;
  readonly #isAsk: Uint8Array;
  readonly #lotsBefore: Float64Array;
  #headCount = 0;

  constructor(capacityCount: number) {
    assert((capacityCount & (capacityCount - 1)) === 0, `a power of two: ${capacityCount}`);
    this.capacityCount = capacityCount;
    this.#mask = capacityCount - 1;
    this.#seq = new Float64Array(capacityCount);
    this.#ticks = new Int32Array(capacityCount);
    this.#isAsk = new Uint8Array(capacityCount);
    this.#lotsBefore = new Float64Array(capacityCount);
  }

  /** How many changes there have been; also the position the next one will get. */
  get headCount(): number {
    return this.#headCount;
  }

  /** The oldest position still held. */
  get tailCount(): number {
    return Math.max(0, this.#headCount - this.capacityCount);
  }

  /** Appends one change. `seq` never falls. */
  append(seq: number, side: Side, ticks: number, lotsBefore: number): void {
    const cell = this.#headCount & this.#mask;
    this.#seq[cell] = seq;
    this.#ticks[cell] = ticks;
    this.#isAsk[cell] = side === "ask" ? 1 : 0;
    this.#lotsBefore[cell] = lotsBefore;
    this.#headCount += 1;
  }

  /** Update id of the change at a position that is still held. */
  seqAt(position: number): number {
    assert(position >= this.tailCount, "the change is still held");
    assert(position < this.#headCount, "the change has happened");
    return this.#seq[position & this.#mask] ?? 0;
  }

  /** Price of the change at a position that is still held, in ticks. */
  ticksAt(position: number): number {
    return this.#ticks[position & this.#mask] ?? 0;
  }

  /** Side of the change at a position that is still held. */
  sideAt(position: number): Side {
    return this.#isAsk[position & this.#mask] === 1 ? "ask" : "bid";
  }

  /** Lots at the level before the change at a position that is still held. */
  lotsBeforeAt(position: number): number {
    return this.#lotsBefore[position & this.#mask] ?? 0;
  }
}
