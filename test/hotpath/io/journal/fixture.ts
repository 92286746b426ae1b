// Goal: small journals of every class of record, written by the production writer.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import {
  alignedBytes,
  BODY_AT,
  CLASS_CMD,
  CLASS_CTL,
  CLASS_NORM,
  CLASS_RAW,
  CLASS_SIGNAL,
  classAndType,
  encodeRecordHeader,
  NORM_NUMBERS_AT,
  NORM_RAW_SEQ_AT,
  RAW_AWAY_US_AT,
  RAW_BODY_AT,
  RAW_EPOCH_AT,
  RAW_SHARD_AT,
  RECORD_HEADER_BYTES,
  TICK_AT,
} from "../../../../contracts/journal.ts";
import type { Disk } from "../../../../hotpath/io/journal/disk.ts";
import { type JournalCursor, openJournal } from "../../../../hotpath/io/journal/reader.ts";
import { beginRun } from "../../../../hotpath/io/journal/run.ts";
import type { SegmentSummary } from "../../../../hotpath/io/journal/scan.ts";
import { JournalWriter, type WriterOptions } from "../../../../hotpath/io/journal/writer.ts";

export const START_US = 1_763_000_000_000_000;

export const WRITER_OPTIONS: WriterOptions = {
  sync: "group",
  segmentBytes: 1024 * 1024,
  segmentUs: 3_600_000_000,
};

/** A folder that is gone after the test. */
export function temporaryRoot(): { root: string } & Disposable {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "reckoner-journal-"));
  return { root, [Symbol.dispose]: () => fs.rmSync(root, { recursive: true, force: true }) };
}

/** A record as it lies in the ring: everything but the checksum. */
export function recordOf(
  seq: number,
  kind: { readonly classCode: number; readonly type: number },
  payload: Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(alignedBytes(RECORD_HEADER_BYTES + payload.length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, RECORD_HEADER_BYTES + payload.length, true);
  encodeRecordHeader(view, 0, seq, classAndType(kind.classCode, kind.type), START_US + seq);
  bytes.set(payload, RECORD_HEADER_BYTES);
  return bytes;
}

export function rawPayload(body: string | Uint8Array, venueIndex = 0): Uint8Array {
  const tail = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const bytes = new Uint8Array(RAW_BODY_AT - RECORD_HEADER_BYTES + tail.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, venueIndex);
  view.setInt32(RAW_SHARD_AT - RECORD_HEADER_BYTES, 2, true);
  view.setFloat64(RAW_EPOCH_AT - RECORD_HEADER_BYTES, 3, true);
  view.setFloat64(RAW_AWAY_US_AT - RECORD_HEADER_BYTES, 40, true);
  bytes.set(tail, RAW_BODY_AT - RECORD_HEADER_BYTES);
  return bytes;
}

export function jsonPayload(tick: number, value: unknown): Uint8Array {
  const body = new TextEncoder().encode(JSON.stringify(value));
  const bytes = new Uint8Array(BODY_AT - RECORD_HEADER_BYTES + body.length);
  new DataView(bytes.buffer).setFloat64(TICK_AT - RECORD_HEADER_BYTES, tick, true);
  bytes.set(body, BODY_AT - RECORD_HEADER_BYTES);
  return bytes;
}

export function normPayload(tick: number, rawSeq: number, numbers: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(NORM_NUMBERS_AT - RECORD_HEADER_BYTES + numbers.length * 8);
  const view = new DataView(bytes.buffer);
  view.setFloat64(TICK_AT - RECORD_HEADER_BYTES, tick, true);
  view.setFloat64(NORM_RAW_SEQ_AT - RECORD_HEADER_BYTES, rawSeq, true);
  for (const [index, number] of numbers.entries()) {
    view.setFloat64(NORM_NUMBERS_AT - RECORD_HEADER_BYTES + index * 8, number, true);
  }
  return bytes;
}

export function signalPayload(tick: number, numbers: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(BODY_AT - RECORD_HEADER_BYTES + numbers.length * 8);
  const view = new DataView(bytes.buffer);
  view.setFloat64(0, tick, true);
  for (const [index, number] of numbers.entries()) view.setFloat64(8 + index * 8, number, true);
  return bytes;
}

/** The record `seq` of every made-up journal: classes take turns, lengths vary. */
export function sampleRecord(seq: number): Uint8Array {
  switch (seq % 5) {
    case 0:
      return recordOf(seq, { classCode: CLASS_CTL, type: 1 }, jsonPayload(seq, { gap: seq }));
    case 1:
      return recordOf(seq, { classCode: CLASS_RAW, type: 1 }, rawPayload(`{"u":${seq}}`));
    case 2:
      return recordOf(
        seq,
        { classCode: CLASS_NORM, type: 1 },
        normPayload(seq, seq - 1, [seq, 0.5, 7]),
      );
    case 3:
      return recordOf(seq, { classCode: CLASS_SIGNAL, type: 1 }, signalPayload(seq, [1, -2]));
    default:
      return recordOf(seq, { classCode: CLASS_CMD, type: 1 }, jsonPayload(seq, { buy: "é" }));
  }
}

/** Appends `count` sample records and commits them as one group. */
export function commitGroup(writer: JournalWriter, count: number): void {
  for (let index = 0; index < count; index += 1) {
    const record = sampleRecord(writer.nextSeq);
    writer.append(record, 0, record.length);
  }
  const failed = writer.commit(START_US + writer.nextSeq);
  if (failed !== null) throw new Error(failed.error.reason);
}

/** A writer at the beginning of a new run in `root`. */
export function newWriter(
  disk: Disk,
  root: string,
  runId = "run-a",
  options: Partial<WriterOptions> = {},
): JournalWriter {
  const directory = path.join(root, runId);
  const begun = beginRun(disk, directory, { runId, firstSeq: 1 });
  if (!begun.ok) throw new Error(begun.error.reason);
  return new JournalWriter(disk, directory, begun.start, { ...WRITER_OPTIONS, ...options });
}

/** Writes groups of the given sizes, one segment per inner list; returns the ended segments. */
export function writeSegments(
  disk: Disk,
  root: string,
  segments: readonly (readonly number[])[],
  runId = "run-a",
): SegmentSummary[] {
  const writer = newWriter(disk, root, runId);
  const ended: SegmentSummary[] = [];
  for (const groups of segments) {
    for (const count of groups) commitGroup(writer, count);
    const summary = writer.endSegment();
    if (summary !== null) ended.push(summary);
  }
  writer.close();
  return ended;
}

/** Every record of a journal as `sequence:hex`, or the error that stopped it. */
export function readAll(directory: string, disk: Disk): string[] {
  const opened = openJournal(directory, { disk });
  if (!opened.ok) return [`${opened.error.code}: ${opened.error.reason}`];
  return drainCursor(opened.journal.cursorAsWritten());
}

export function drainCursor(cursor: JournalCursor): string[] {
  const lines: string[] = [];
  while (cursor.next())
    lines.push(`${cursor.seq}:${Buffer.from(payloadOf(cursor)).toString("hex")}`);
  if (cursor.error !== null) lines.push(`${cursor.error.code}: ${cursor.error.reason}`);
  return lines;
}

export function payloadOf(cursor: JournalCursor): Uint8Array {
  return cursor.bytes.subarray(cursor.payloadOffset, cursor.end);
}

/** What `readAll` gives for sample records `first` to `last`. */
export function sampleLines(first: number, last: number): string[] {
  const lines: string[] = [];
  for (let seq = first; seq <= last; seq += 1) {
    const record = sampleRecord(seq);
    const end = new DataView(record.buffer).getUint32(0, true);
    lines.push(`${seq}:${Buffer.from(record.subarray(RECORD_HEADER_BYTES, end)).toString("hex")}`);
  }
  return lines;
}
