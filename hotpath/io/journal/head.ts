/**
 * The head file: the last acknowledged sequence of a run and where its commit mark ends.
 *
 * It is what tells a torn tail (never acknowledged, cut) from damage (acknowledged, refused). Two
 * slots are written in turn, a sector apart, each with its checksum and a counter, so that a crash in
 * the middle of one leaves the other. A slot is durable before the acknowledgment is shown.
 */
import { assert } from "../../../contracts/assert.ts";
import { crc32c } from "../../../contracts/crc32c.ts";
import {
  JOURNAL_FORMAT_VERSION,
  RUN_ID_BYTES_MAX,
  RUN_ID_PATTERN,
} from "../../../contracts/journal.ts";

export const HEAD_FILE = "head";
/** The largest sector in common use; a torn sector then spoils one slot only. */
const SLOT_SPACING_BYTES = 4096;
const SLOT_BYTES = 96;
export const HEAD_FILE_BYTES = SLOT_SPACING_BYTES + SLOT_BYTES;

// A slot: u32 crc of the rest | u16 format | u16 bytes of run id | f64 counter | f64 acked sequence
// | f64 segment | f64 offset | run id, zero filled.
const CRC_AT = 0;
const FORMAT_AT = 4;
const RUN_ID_BYTES_AT = 6;
const COUNTER_AT = 8;
const ACKED_SEQ_AT = 16;
const SEGMENT_AT = 24;
const OFFSET_AT = 32;
const RUN_ID_AT = 40;
const TEXT = new TextEncoder();

export type Head = {
  readonly runId: string;
  /** Raised by one with every write; its parity is the slot. */
  readonly counter: number;
  readonly ackedSeq: number;
  /** Segment that holds the last acknowledged mark, 0 while there is none. */
  readonly segment: number;
  /** Where that mark ends in the segment. */
  readonly offset: number;
};

export type HeadRead =
  | { readonly kind: "head"; readonly head: Head }
  | { readonly kind: "newer"; readonly formatVersion: number }
  | { readonly kind: "unreadable" };

/** One slot's bytes. */
export function encodeHeadSlot(head: Head): Uint8Array {
  assert(RUN_ID_PATTERN.test(head.runId), "a run id is a short file name");
  const bytes = new Uint8Array(SLOT_BYTES);
  const view = new DataView(bytes.buffer);
  const runId = TEXT.encode(head.runId);
  view.setUint16(FORMAT_AT, JOURNAL_FORMAT_VERSION, true);
  view.setUint16(RUN_ID_BYTES_AT, runId.length, true);
  view.setFloat64(COUNTER_AT, head.counter, true);
  view.setFloat64(ACKED_SEQ_AT, head.ackedSeq, true);
  view.setFloat64(SEGMENT_AT, head.segment, true);
  view.setFloat64(OFFSET_AT, head.offset, true);
  bytes.set(runId, RUN_ID_AT);
  view.setUint32(CRC_AT, crc32c(bytes, FORMAT_AT, SLOT_BYTES), true);
  return bytes;
}

/** Where the slot of `counter` lies in the head file. */
export function headSlotOffset(counter: number): number {
  return (counter % 2) * SLOT_SPACING_BYTES;
}

/** The newest intact slot of a head file. */
export function decodeHead(file: Uint8Array): HeadRead {
  let newest: HeadRead = { kind: "unreadable" };
  for (const offset of [0, SLOT_SPACING_BYTES]) {
    const read = decodeSlot(file.subarray(offset, offset + SLOT_BYTES));
    if (read.kind === "newer") return read;
    if (read.kind === "unreadable") continue;
    if (newest.kind !== "head" || read.head.counter > newest.head.counter) newest = read;
  }
  return newest;
}

function decodeSlot(slot: Uint8Array): HeadRead {
  if (slot.length < SLOT_BYTES) return { kind: "unreadable" };
  const view = new DataView(slot.buffer, slot.byteOffset, slot.length);
  if (view.getUint32(CRC_AT, true) !== crc32c(slot, FORMAT_AT, SLOT_BYTES)) {
    return { kind: "unreadable" };
  }
  const formatVersion = view.getUint16(FORMAT_AT, true);
  if (formatVersion > JOURNAL_FORMAT_VERSION) return { kind: "newer", formatVersion };
  const runIdBytes = Math.min(view.getUint16(RUN_ID_BYTES_AT, true), RUN_ID_BYTES_MAX);
  const counts = {
    counter: view.getFloat64(COUNTER_AT, true),
    ackedSeq: view.getFloat64(ACKED_SEQ_AT, true),
    segment: view.getFloat64(SEGMENT_AT, true),
    offset: view.getFloat64(OFFSET_AT, true),
  };
  // A slot that counts what cannot be counted would order the two by chance.
  if (!Object.values(counts).every(isCount)) return { kind: "unreadable" };
  const runId = new TextDecoder().decode(slot.subarray(RUN_ID_AT, RUN_ID_AT + runIdBytes));
  return { kind: "head", head: { runId, ...counts } };
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
