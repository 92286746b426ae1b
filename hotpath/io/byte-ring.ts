/**
 * Station: hot thread -> recorder, over shared memory.
 *
 * One producer, one consumer, records of any size in one contiguous piece each, no allocation and
 * no system call per record. When the ring is full the producer is told so at once and decides; it
 * never waits. The last part of the capacity is kept for control records, so that a flood of market
 * records cannot keep the record of its own gap out.
 *
 *   0                head (consumer)            tail (producer)              capacity
 *   |   free           |  record | record | record |   free     | skip mark |
 *
 * A record that does not fit before the end starts again at 0, and a skip mark fills the rest.
 */
import { assert } from "../../contracts/assert.ts";

const CONTROL_WORDS = 16;
const CONTROL_BYTES = CONTROL_WORDS * 4;
/** Positions count 8-byte slots and wrap at 2^32, so a difference is right even across the wrap. */
const SLOT_BYTES = 8;
const HEAD = 0;
const TAIL = 1;
const HIGH_WATER_BYTES = 2;
const OVERFLOWS = 3;
const CONTROL_OVERFLOWS = 4;
/** No record has this length, so it marks the unused end of the ring. */
const SKIP_MARK = 0xffffffff;

/** Default share of the capacity kept for control records. */
const RESERVE_SHARE = 1 / 16;

/** What the shared words say at one moment; for metrics. */
export type ByteRingStatus = {
  readonly capacityBytes: number;
  readonly depthBytes: number;
  readonly highWaterBytes: number;
  readonly overflows: number;
  readonly controlOverflows: number;
};

/** Memory for a ring of `capacityBytes` (a power of two), to be handed to both threads. */
export function createRingMemory(capacityBytes: number): SharedArrayBuffer {
  assert(Number.isInteger(Math.log2(capacityBytes)), "a ring's capacity is a power of two");
  assert(capacityBytes >= 1024, "a ring holds at least 1024 bytes");
  return new SharedArrayBuffer(CONTROL_BYTES + capacityBytes);
}

/** Either end of the ring. One thread calls reserve/publish, one other calls peek/consume. */
export class ByteRing {
  readonly capacityBytes: number;
  /** The record area, as the four views a writer needs; offsets of `reserve` are into these. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly f64: Float64Array;
  readonly i32: Int32Array;
  /** Where `peek` found records, as an offset into `bytes`. */
  peekOffset = 0;
  readonly #control: Int32Array;
  readonly #slots: number;
  readonly #marketSlots: number;
  #tail: number;
  /** The consumer's head as last seen; re-read only when the ring looks full. */
  #seenHead: number;
  #highWaterSlots = 0;

  constructor(memory: SharedArrayBuffer, reserveShare: number = RESERVE_SHARE) {
    assert(reserveShare >= 0 && reserveShare < 1, "the reserve is a share of the capacity");
    this.capacityBytes = memory.byteLength - CONTROL_BYTES;
    assert(Number.isInteger(Math.log2(this.capacityBytes)), "a ring's capacity is a power of two");
    this.bytes = new Uint8Array(memory, CONTROL_BYTES);
    this.view = new DataView(memory, CONTROL_BYTES);
    this.f64 = new Float64Array(memory, CONTROL_BYTES);
    this.i32 = new Int32Array(memory, CONTROL_BYTES);
    this.#control = new Int32Array(memory, 0, CONTROL_WORDS);
    this.#slots = this.capacityBytes / SLOT_BYTES;
    this.#marketSlots = this.#slots - Math.floor(this.#slots * reserveShare);
    this.#tail = Atomics.load(this.#control, TAIL);
    this.#seenHead = Atomics.load(this.#control, HEAD);
  }

  /**
   * Sets room for a record of `recordBytes` aside and returns its offset into `bytes`, or -1 (and
   * counts) when the ring is full for market records. The length and the padding are written here.
   * A record of up to half the market part always fits an empty ring; a longer one may never fit.
   */
  reserve(recordBytes: number): number {
    const offset = this.#reserve(recordBytes, this.#marketSlots);
    if (offset < 0) Atomics.add(this.#control, OVERFLOWS, 1);
    return offset;
  }

  /** As `reserve`, and may also use the part of the ring kept for control records. */
  reserveControl(recordBytes: number): number {
    const offset = this.#reserve(recordBytes, this.#slots);
    if (offset < 0) Atomics.add(this.#control, CONTROL_OVERFLOWS, 1);
    return offset;
  }

  /** Lets the consumer see everything reserved so far. The records must be complete by now. */
  publish(): void {
    const depth = (this.#tail - Atomics.load(this.#control, HEAD)) | 0;
    if (depth > this.#highWaterSlots) {
      this.#highWaterSlots = depth;
      Atomics.store(this.#control, HIGH_WATER_BYTES, depth * SLOT_BYTES);
    }
    Atomics.store(this.#control, TAIL, this.#tail);
  }

  /**
   * Finds whole published records that lie in one piece, up to `bytesMax` but at least one if there
   * is one. Returns their bytes, padding included, and sets `peekOffset`; 0 when the ring is empty.
   */
  peek(bytesMax: number): number {
    let head = Atomics.load(this.#control, HEAD);
    const tail = Atomics.load(this.#control, TAIL);
    if (head === tail) return 0;
    if (this.#lengthAt(head) === SKIP_MARK) {
      head = (head + this.#slotsToEnd(head)) | 0;
      Atomics.store(this.#control, HEAD, head);
      if (head === tail) return 0;
    }
    this.peekOffset = this.#offsetOf(head);
    const inOnePiece = this.#slotsToEnd(head);
    const published = (tail - head) | 0;
    const limit = published < inOnePiece ? published : inOnePiece;
    let slots = 0;
    while (slots < limit) {
      const recordBytes = this.#lengthAt((head + slots) | 0);
      if (recordBytes === SKIP_MARK) break;
      const next = slots + slotsFor(recordBytes);
      if (slots > 0 && next * SLOT_BYTES > bytesMax) break;
      assert(next <= limit, "a published record lies within the published part of the ring");
      slots = next;
    }
    return slots * SLOT_BYTES;
  }

  /** Gives `bytes` (as returned by `peek`) back to the producer. */
  consume(bytes: number): void {
    const head = Atomics.load(this.#control, HEAD);
    assert(bytes % SLOT_BYTES === 0, "whole records are consumed");
    Atomics.store(this.#control, HEAD, (head + bytes / SLOT_BYTES) | 0);
  }

  /** Depth, high-water mark and overflows; may be asked by any thread. */
  status(): ByteRingStatus {
    const control = this.#control;
    const depthSlots = (Atomics.load(control, TAIL) - Atomics.load(control, HEAD)) | 0;
    return {
      capacityBytes: this.capacityBytes,
      depthBytes: depthSlots * SLOT_BYTES,
      highWaterBytes: Atomics.load(control, HIGH_WATER_BYTES),
      overflows: Atomics.load(control, OVERFLOWS),
      controlOverflows: Atomics.load(control, CONTROL_OVERFLOWS),
    };
  }

  #reserve(recordBytes: number, limitSlots: number): number {
    assert(recordBytes >= SLOT_BYTES, "a record holds at least its own length");
    const slots = slotsFor(recordBytes);
    const toEnd = this.#slotsToEnd(this.#tail);
    const needed = slots <= toEnd ? slots : toEnd + slots;
    if (!this.#fits(needed, limitSlots)) return -1;
    if (slots > toEnd) {
      this.i32[this.#offsetOf(this.#tail) >> 2] = SKIP_MARK | 0;
      this.#tail = (this.#tail + toEnd) | 0;
    }
    const offset = this.#offsetOf(this.#tail);
    // The last slot first: it holds the padding, and for the shortest record also the length.
    this.f64[(offset >> 3) + slots - 1] = 0;
    this.i32[offset >> 2] = recordBytes;
    this.#tail = (this.#tail + slots) | 0;
    return offset;
  }

  #fits(slots: number, limitSlots: number): boolean {
    if (((this.#tail - this.#seenHead) | 0) + slots <= limitSlots) return true;
    this.#seenHead = Atomics.load(this.#control, HEAD);
    return ((this.#tail - this.#seenHead) | 0) + slots <= limitSlots;
  }

  #lengthAt(position: number): number {
    return this.view.getUint32(this.#offsetOf(position), true);
  }

  #offsetOf(position: number): number {
    return (position & (this.#slots - 1)) * SLOT_BYTES;
  }

  #slotsToEnd(position: number): number {
    return this.#slots - (position & (this.#slots - 1));
  }
}

function slotsFor(recordBytes: number): number {
  return Math.ceil(recordBytes / SLOT_BYTES);
}
