/**
 * The two things the recorder adds to the hot thread's bytes: a record's checksum, after checking
 * that the journal may hold the record at all, and the commit mark that ends a group.
 *
 * What fails here was made by our own code, so it asserts. Nothing here touches a disk.
 */
import { assert } from "../../../contracts/assert.ts";
import { crc32c } from "../../../contracts/crc32c.ts";
import {
  alignedBytes,
  CHAIN_BYTES,
  CLASS_COMMIT_MARK,
  COMMIT_MARK_TYPE,
  MARK_BYTES,
  MARK_CHAIN_AT,
  MARK_FIRST_SEQ_AT,
  MARK_OFFSET_AT,
  MARK_RECORDS_AT,
  MARK_SEGMENT_AT,
  RECORD_BYTES_AT,
  RECORD_BYTES_MAX,
  RECORD_CLASS_AT,
  RECORD_CRC_AT,
  RECORD_HEADER_BYTES,
  RECORD_RESERVED_AT,
  RECORD_SCHEMA_AT,
  RECORD_SEQ_AT,
  RECORD_TYPE_AT,
  RECORD_US_AT,
  recordTypeOf,
} from "../../../contracts/journal.ts";

/** A place in a group: where a record begins, where the group ends, which sequence is due. */
export type RecordPlace = { readonly at: number; readonly end: number; readonly seq: number };

export type CommitMark = {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly lastUs: number;
  readonly segment: number;
  readonly offset: number;
  readonly records: number;
  readonly chain: Uint8Array;
};

/**
 * Checks the record at `place`, clears its padding and writes its checksum. Returns its bytes with
 * padding. Asserts on a record of a foreign class or type, a wrong sequence or a broken length.
 */
export function completeRecord(bytes: Uint8Array, view: DataView, place: RecordPlace): number {
  const { at, end, seq } = place;
  const recordBytes = view.getUint32(at + RECORD_BYTES_AT, true);
  assert(recordBytes >= RECORD_HEADER_BYTES, "a record holds at least its header");
  assert(recordBytes <= RECORD_BYTES_MAX, "a record stays below its bound");
  const padded = alignedBytes(recordBytes);
  assert(at + padded <= end, "a record lies within what was handed over");
  assert(view.getFloat64(at + RECORD_SEQ_AT, true) === seq, "journal sequences have no gap");
  const row = recordTypeOf(bytes[at + RECORD_CLASS_AT] as number, bytes[at + RECORD_TYPE_AT] ?? 0);
  assert(row !== undefined, "a record's type belongs to its class");
  const schemaVersion = view.getUint16(at + RECORD_SCHEMA_AT, true);
  assert(schemaVersion >= 1, "schema versions start at one");
  assert(schemaVersion <= row.schemaVersion, "no record is newer than the program");
  const atUs = view.getFloat64(at + RECORD_US_AT, true);
  assert(Number.isSafeInteger(atUs), "a record's time is whole microseconds");
  assert(atUs >= 0, "a record's time is after 1970");
  assert(view.getUint32(at + RECORD_RESERVED_AT, true) === 0, "reserved bytes are zero");
  bytes.fill(0, at + recordBytes, at + padded);
  view.setUint32(at + RECORD_CRC_AT, crc32c(bytes, at + 8, at + recordBytes), true);
  return padded;
}

/** Writes `mark` at `at`; the bytes there need not be clean. */
export function encodeMark(bytes: Uint8Array, view: DataView, at: number, mark: CommitMark): void {
  assert(mark.chain.length === CHAIN_BYTES, "a chain is 32 bytes");
  bytes.fill(0, at, at + MARK_BYTES);
  view.setUint32(at + RECORD_BYTES_AT, MARK_BYTES, true);
  view.setFloat64(at + RECORD_SEQ_AT, mark.lastSeq, true);
  view.setUint8(at + RECORD_CLASS_AT, CLASS_COMMIT_MARK);
  view.setUint8(at + RECORD_TYPE_AT, COMMIT_MARK_TYPE);
  view.setUint16(at + RECORD_SCHEMA_AT, 1, true);
  view.setFloat64(at + RECORD_US_AT, mark.lastUs, true);
  view.setFloat64(at + MARK_FIRST_SEQ_AT, mark.firstSeq, true);
  view.setFloat64(at + MARK_SEGMENT_AT, mark.segment, true);
  view.setFloat64(at + MARK_OFFSET_AT, mark.offset, true);
  view.setFloat64(at + MARK_RECORDS_AT, mark.records, true);
  bytes.set(mark.chain, at + MARK_CHAIN_AT);
  view.setUint32(at + RECORD_CRC_AT, crc32c(bytes, at + 8, at + MARK_BYTES), true);
}
