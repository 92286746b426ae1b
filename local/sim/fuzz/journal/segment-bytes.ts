/**
 * Station: none; segments as bytes: whole ones for a corpus, and their checksums made right again after edits.
 *
 * What is written is written by the engine's own encoders; what is made right again is reckoned by the slow
 * checksum and the chain's definition.
 */
import { createHash } from "node:crypto";
import {
  alignedBytes,
  BODY_AT,
  CLASS_CMD,
  CLASS_COMMIT_MARK,
  CLASS_CTL,
  CLASS_NORM,
  CLASS_RAW,
  classAndType,
  encodeRecordHeader,
  MARK_BYTES,
  MARK_CHAIN_AT,
  NORM_NUMBERS_AT,
  NORM_RAW_SEQ_AT,
  RAW_BODY_AT,
  RAW_VENUE_AT,
  RECORD_BYTES_AT,
  RECORD_CLASS_AT,
  RECORD_CRC_AT,
  RECORD_HEADER_BYTES,
  TICK_AT,
} from "../../../../contracts/journal.ts";
import { completeRecord, encodeMark } from "../../../../hotpath/io/journal/record.ts";
import {
  encodeSegmentHeader,
  SEGMENT_HEADER_BYTES,
} from "../../../../hotpath/io/journal/segment.ts";
import { slowCrc32c } from "../oracle/crc.ts";

export const RUN_ID = "run-1";
export const FIRST_SEQ = 41;
const START_US = 1_763_000_000_000_000;
const HEADER_CRC_AT = 12;
const CHAIN_BYTES = 32;

type Kind = readonly [classCode: number, payloadBytes: number];

/** A segment of a few groups of records of every sort. */
export function segmentOf(groups: readonly (readonly Kind[])[], kept = false): Uint8Array {
  const chain = new Uint8Array(CHAIN_BYTES).fill(7);
  const header = {
    runId: RUN_ID,
    segment: 3,
    firstSeq: FIRST_SEQ,
    createdUs: START_US,
    chain,
    kept,
  };
  const pieces: Uint8Array[] = [encodeSegmentHeader(header)];
  let offset = SEGMENT_HEADER_BYTES;
  let seq = FIRST_SEQ;
  let link = chain;
  for (const kinds of groups) {
    const firstSeq = seq;
    const group = kinds.map((kind) => recordBytes(seq++, kind));
    const bytes = Buffer.concat(group);
    link = createHash("sha256").update(link).update(bytes).digest();
    const mark = new Uint8Array(MARK_BYTES);
    encodeMark(mark, new DataView(mark.buffer), 0, {
      firstSeq,
      lastSeq: seq - 1,
      lastUs: START_US + seq - 1,
      segment: 3,
      offset: offset + bytes.length,
      records: group.length,
      chain: link,
    });
    pieces.push(bytes, mark);
    offset += bytes.length + MARK_BYTES;
  }
  return new Uint8Array(Buffer.concat(pieces));
}

function recordBytes(seq: number, [classCode, payloadBytes]: Kind): Uint8Array {
  const length = RECORD_HEADER_BYTES + payloadBytes;
  const bytes = new Uint8Array(alignedBytes(length));
  const view = new DataView(bytes.buffer);
  view.setUint32(RECORD_BYTES_AT, length, true);
  encodeRecordHeader(view, 0, seq, classAndType(classCode, 1), START_US + seq);
  if (classCode === CLASS_RAW) view.setUint8(RAW_VENUE_AT, seq % 4);
  else view.setFloat64(TICK_AT, seq, true);
  if (classCode === CLASS_NORM) view.setFloat64(NORM_RAW_SEQ_AT, seq - 1, true);
  completeRecord(bytes, view, { at: 0, end: bytes.length, seq });
  return bytes;
}

const RAW: Kind = [CLASS_RAW, RAW_BODY_AT - RECORD_HEADER_BYTES + 37];
const NORM: Kind = [CLASS_NORM, NORM_NUMBERS_AT - RECORD_HEADER_BYTES + 24];
const CTL: Kind = [CLASS_CTL, BODY_AT - RECORD_HEADER_BYTES + 11];
const CMD: Kind = [CLASS_CMD, BODY_AT - RECORD_HEADER_BYTES + 8];

export const SEGMENTS: readonly Uint8Array[] = [
  segmentOf([[RAW, NORM, CTL], [CMD]]),
  segmentOf([[RAW]]),
  segmentOf([
    [RAW, NORM],
    [RAW, NORM, RAW],
    [CTL, CTL, CMD],
  ]),
  segmentOf(
    [
      [CTL, CMD],
      [CTL, RAW, NORM],
    ],
    true,
  ),
];

/** The header, each record that can still be told from the next, and the chain of each mark. */
export function resealSegment(bytes: Uint8Array, length: number): void {
  if (length < SEGMENT_HEADER_BYTES) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint32(HEADER_CRC_AT, 0, true);
  view.setUint32(HEADER_CRC_AT, slowCrc32c(bytes, 0, SEGMENT_HEADER_BYTES), true);
  let link: Uint8Array = bytes.slice(40, 40 + CHAIN_BYTES);
  let groupFrom = SEGMENT_HEADER_BYTES;
  for (let at = SEGMENT_HEADER_BYTES; at + RECORD_HEADER_BYTES <= length; ) {
    const record = view.getUint32(at + RECORD_BYTES_AT, true);
    const padded = alignedBytes(record);
    if (record < RECORD_HEADER_BYTES || padded <= 0 || at + padded > length) return;
    const isMark = bytes[at + RECORD_CLASS_AT] === CLASS_COMMIT_MARK && record === MARK_BYTES;
    if (isMark) {
      link = createHash("sha256").update(link).update(bytes.subarray(groupFrom, at)).digest();
      bytes.set(link, at + MARK_CHAIN_AT);
      groupFrom = at + padded;
    }
    view.setUint32(at + RECORD_CRC_AT, slowCrc32c(bytes, at + 8, at + record), true);
    at += padded;
  }
}
