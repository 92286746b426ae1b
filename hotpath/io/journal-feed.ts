/**
 * Station: hot thread -> ring of the recorder. Numbers every record and lays it out in place.
 *
 * What is recorded is what the loop was given, in the order it was given, so a replay needs nothing
 * else. When the ring has no room for a market record, the caller is told before anything is applied
 * and declares a gap; control records have room of their own, and if even that is gone, the engine's
 * own state cannot be kept any more, which is fatal.
 */
import { assert } from "../../contracts/assert.ts";
import {
  BODY_AT,
  CLASS_CMD,
  CLASS_CTL,
  CLASS_NORM,
  CLASS_RAW,
  CMD_COMMAND,
  CTL_CHECKPOINT,
  CTL_EVENT,
  CTL_MODE_CHANGE,
  CTL_RESYNC,
  CTL_RUN_HEADER,
  classAndType,
  encodeRecordHeader,
  NORM_NUMBERS_AT,
  NORM_RAW_SEQ_AT,
  RAW_AWAY_US_AT,
  RAW_BODY_AT,
  RAW_EPOCH_AT,
  RAW_KIND_AT,
  RAW_SHARD_AT,
  RAW_VENUE_AT,
  TICK_AT,
} from "../../contracts/journal.ts";
import { encodeNorm, normCount } from "../core/journal.ts";
import type { MarketRing } from "../core/market-ring.ts";
import type { ByteRing } from "./byte-ring.ts";

/** Whence raw bytes came. */
export type RawSource = {
  readonly venue: number;
  readonly shard: number;
  epoch: number;
  recvUs: number;
  awayUs: number;
};

export const CTL_KINDS = {
  event: CTL_EVENT,
  checkpoint: CTL_CHECKPOINT,
  header: CTL_RUN_HEADER,
  resync: CTL_RESYNC,
  mode: CTL_MODE_CHANGE,
} as const;

const NUMBER_BYTES = 8;
/** Of one unit of UTF-16; what takes four bytes takes two units. */
const UTF8_BYTES_MAX = 3;
const TEXT_BYTES_INITIAL = 16 * 1024;

export class JournalFeed {
  readonly #ring: ByteRing;
  readonly #encoder = new TextEncoder();
  #text = new Uint8Array(TEXT_BYTES_INITIAL);
  /** Sequence of the last record written. */
  seq = 0;
  /** Between the record of an event and the end of its tick. */
  #isInTick = false;

  constructor(ring: ByteRing) {
    this.#ring = ring;
  }

  /** Records what a venue sent (or was sent); its sequence, or -1 when the ring is full. */
  recordRaw(type: number, source: RawSource, body: Uint8Array): number {
    const ring = this.#ring;
    const recordBytes = RAW_BODY_AT + body.length;
    const at = ring.reserve(recordBytes);
    if (at < 0) return -1;
    this.seq++;
    encodeRecordHeader(ring.view, at, this.seq, classAndType(CLASS_RAW, type), source.recvUs);
    ring.i32[(at + RAW_VENUE_AT) >> 2] = source.venue;
    ring.bytes[at + RAW_KIND_AT] = 0;
    ring.i32[(at + RAW_SHARD_AT) >> 2] = source.shard;
    ring.f64[(at + RAW_EPOCH_AT) >> 3] = source.epoch;
    ring.f64[(at + RAW_AWAY_US_AT) >> 3] = source.awayUs;
    ring.bytes.set(body, at + RAW_BODY_AT);
    this.#publish();
    return this.seq;
  }

  /** Records a market event as it is about to be applied, which begins its tick; false when the ring is full. */
  recordMarket(market: MarketRing, row: number, tick: number): boolean {
    const ring = this.#ring;
    const recordBytes = NORM_NUMBERS_AT + normCount(market, row) * NUMBER_BYTES;
    const at = ring.reserve(recordBytes);
    if (at < 0) return false;
    this.seq++;
    const packed = classAndType(CLASS_NORM, market.kind[row] as number);
    encodeRecordHeader(ring.view, at, this.seq, packed, market.processUs[row] as number);
    ring.f64[(at + TICK_AT) >> 3] = tick;
    ring.f64[(at + NORM_RAW_SEQ_AT) >> 3] = market.rawSeq[row] as number;
    encodeNorm(market, row, ring.f64, (at + NORM_NUMBERS_AT) >> 3);
    this.#isInTick = true;
    return true;
  }

  /** Records a control event as it is about to be applied, which begins its tick. */
  recordEvent(tick: number, atUs: number, text: string): void {
    this.#isInTick = true;
    this.#recordText(classAndType(CLASS_CTL, CTL_EVENT), tick, atUs, text);
  }

  recordCommand(tick: number, atUs: number, text: string): void {
    this.#recordText(classAndType(CLASS_CMD, CMD_COMMAND), tick, atUs, text);
  }

  /**
   * The tick is over: the recorder sees all of its records at once. A process that dies in between leaves
   * none of them, so an event is never in the journal without what the core made of it.
   */
  endTick(): void {
    this.#isInTick = false;
    this.#ring.publish();
  }

  /** Records a checkpoint, a header or a report, as JSON. */
  recordControl(type: number, tick: number, atUs: number, text: string): void {
    this.#recordText(classAndType(CLASS_CTL, type), tick, atUs, text);
  }

  #recordText(packed: number, tick: number, atUs: number, text: string): void {
    const bodyBytes = this.#encode(text);
    const ring = this.#ring;
    const at = ring.reserveControl(BODY_AT + bodyBytes);
    assert(at >= 0, "the recorder's ring keeps room for control records");
    this.seq++;
    encodeRecordHeader(ring.view, at, this.seq, packed, atUs);
    ring.f64[(at + TICK_AT) >> 3] = tick;
    ring.bytes.set(this.#text.subarray(0, bodyBytes), at + BODY_AT);
    this.#publish();
  }

  /** Puts the bytes of a text into memory that is used again and again; how many there are. */
  #encode(text: string): number {
    const mostBytes = text.length * UTF8_BYTES_MAX;
    if (mostBytes > this.#text.length) this.#text = new Uint8Array(2 * mostBytes);
    return this.#encoder.encodeInto(text, this.#text).written;
  }

  #publish(): void {
    if (!this.#isInTick) this.#ring.publish();
  }
}
