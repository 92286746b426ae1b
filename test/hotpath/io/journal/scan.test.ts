// Goal: bytes whose checksums were made right again after tampering are still refused.
import { describe, expect, test } from "vitest";
import { crc32c } from "../../../../contracts/crc32c.ts";
import {
  MARK_BYTES,
  MARK_CHAIN_AT,
  MARK_FIRST_SEQ_AT,
  MARK_OFFSET_AT,
  MARK_RECORDS_AT,
  MARK_SEGMENT_AT,
  RECORD_CLASS_AT,
  RECORD_RESERVED_AT,
  RECORD_SCHEMA_AT,
  RECORD_SEQ_AT,
  RECORD_TYPE_AT,
  RECORD_TYPES,
  RECORD_US_AT,
} from "../../../../contracts/journal.ts";
import { describeError, failure, messageOf } from "../../../../hotpath/io/journal/failure.ts";
import { decodeHead, encodeHeadSlot } from "../../../../hotpath/io/journal/head.ts";
import { countMarks, scanSegment } from "../../../../hotpath/io/journal/scan.ts";
import {
  decodeSegmentHeader,
  encodeSegmentHeader,
  SEGMENT_HEADER_BYTES,
  segmentFiles,
  segmentOfFile,
} from "../../../../hotpath/io/journal/segment.ts";
import { writeSegments } from "./fixture.ts";
import { MemoryDisk } from "./memory-disk.ts";

const HEADER = {
  runId: "run-a",
  segment: 1,
  firstSeq: 1,
  createdUs: 5,
  chain: new Uint8Array(32),
  kept: false,
};

function segmentBytes(groups: readonly number[]): Uint8Array {
  const disk = new MemoryDisk();
  writeSegments(disk, "/journal", [groups]);
  return disk.readWhole("/journal/run-a/00000001.seg");
}

function sealRecord(bytes: Uint8Array, at: number): void {
  const view = new DataView(bytes.buffer);
  const recordBytes = view.getUint32(at, true);
  view.setUint32(at + 4, crc32c(bytes, at + 8, at + recordBytes), true);
}

function stopOf(bytes: Uint8Array): string {
  const { stop } = scanSegment(bytes, HEADER, RECORD_TYPES);
  return stop === null ? "whole" : `${stop.code}: ${stop.reason}`;
}

describe("a record with a right checksum", () => {
  test.each<[string, (view: DataView, at: number) => void]>([
    [
      "damaged: sequence 2 stands where 1 is due",
      (v, at) => v.setFloat64(at + RECORD_SEQ_AT, 2, true),
    ],
    ["damaged: 0.5 is no time", (v, at) => v.setFloat64(at + RECORD_US_AT, 0.5, true)],
    ["damaged: -1 is no time", (v, at) => v.setFloat64(at + RECORD_US_AT, -1, true)],
    [
      "damaged: reserved bytes are in use",
      (v, at) => v.setUint32(at + RECORD_RESERVED_AT, 1, true),
    ],
    [
      "newer: raw has no record of type 9 in this program",
      (v, at) => v.setUint8(at + RECORD_TYPE_AT, 9),
    ],
    ["newer: class 77 has no record of type 1", (v, at) => v.setUint8(at + RECORD_CLASS_AT, 77)],
    [
      "newer: raw.frame schema 2 is newer than 1",
      (v, at) => v.setUint16(at + RECORD_SCHEMA_AT, 2, true),
    ],
    [
      "damaged: raw.frame has no schema version",
      (v, at) => v.setUint16(at + RECORD_SCHEMA_AT, 0, true),
    ],
    ["damaged: commit mark is malformed", (v, at) => v.setUint8(at + RECORD_CLASS_AT, 255)],
  ])("stops the walk: %s", (expected, tamper) => {
    const bytes = segmentBytes([2]);
    tamper(new DataView(bytes.buffer), SEGMENT_HEADER_BYTES);
    sealRecord(bytes, SEGMENT_HEADER_BYTES);
    expect(stopOf(bytes)).toContain(expected);
  });

  test("and another content breaks the chained hash of its group", () => {
    const bytes = segmentBytes([2]);
    bytes[SEGMENT_HEADER_BYTES + 60] = 1;
    sealRecord(bytes, SEGMENT_HEADER_BYTES);
    expect(stopOf(bytes)).toContain("chained hash");
  });
});

describe("a commit mark with a right checksum", () => {
  test.each<[string, number, number]>([
    ["malformed", MARK_FIRST_SEQ_AT, 2],
    ["malformed", RECORD_SEQ_AT, 3],
    ["malformed", RECORD_US_AT, 3],
    ["another place", MARK_SEGMENT_AT, 2],
    ["another place", MARK_OFFSET_AT, 8],
    ["other records", MARK_RECORDS_AT, 3],
    ["chained hash", MARK_CHAIN_AT, 3],
  ])("that is %s (offset %i) stops the walk", (expected, offset, value) => {
    const bytes = segmentBytes([2]);
    const at = bytes.length - MARK_BYTES;
    new DataView(bytes.buffer).setFloat64(at + offset, value, true);
    sealRecord(bytes, at);
    expect(stopOf(bytes)).toContain(expected);
  });

  test.each<[string, number, number]>([
    ["whole", RECORD_SEQ_AT, 3],
    ["malformed", RECORD_SEQ_AT, 2.5],
    ["malformed", RECORD_SEQ_AT, 1],
    ["malformed", RECORD_SEQ_AT, 2 ** 53],
    ["whole", RECORD_US_AT, 1e15],
    ["malformed", RECORD_US_AT, 1e15 + 0.5],
    ["malformed", RECORD_US_AT, -1],
  ])("of what retention has kept is %s where %d holds %d", (expected, offset, value) => {
    const bytes = segmentBytes([2]);
    const at = bytes.length - MARK_BYTES;
    new DataView(bytes.buffer).setFloat64(at + offset, value, true);
    sealRecord(bytes, at);
    const { stop } = scanSegment(bytes, { ...HEADER, kept: true }, RECORD_TYPES);
    expect(stop === null ? "whole" : stop.reason).toContain(expected);
  });

  test("of another type stops the walk", () => {
    const bytes = segmentBytes([2]);
    bytes[bytes.length - MARK_BYTES + RECORD_TYPE_AT] = 2;
    sealRecord(bytes, bytes.length - MARK_BYTES);
    expect(stopOf(bytes)).toContain("malformed");
  });

  test("is counted only in its own place", () => {
    const bytes = segmentBytes([2, 1, 1]);
    expect(countMarks(bytes, 0, 1)).toBe(3);
    expect(countMarks(bytes, 0, 2)).toBe(0);
    expect(countMarks(bytes.slice(8), 0, 1)).toBe(0);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    expect(countMarks(bytes, 0, 1)).toBe(2);
    expect(stopOf(segmentBytes([2, 1]))).toBe("whole");
  });
});

describe("headers", () => {
  test("of a segment come back as they were", () => {
    const header = { ...HEADER, segment: 12, firstSeq: 345, kept: true };
    expect(decodeSegmentHeader(encodeSegmentHeader(header))).toEqual({ kind: "header", header });
  });

  test("of a newer segment format are named, those of something else refused", () => {
    const bytes = encodeSegmentHeader(HEADER);
    const view = new DataView(bytes.buffer);
    view.setUint16(8, 7, true);
    expect(decodeSegmentHeader(bytes)).toMatchObject({
      kind: "damaged",
      reason: "header checksum does not hold (it claims format 7)",
    });
    view.setUint32(12, 0, true);
    view.setUint32(12, crc32c(bytes, 0, SEGMENT_HEADER_BYTES), true);
    expect(decodeSegmentHeader(bytes)).toEqual({ kind: "newer", formatVersion: 7 });
    bytes[0] = 0;
    expect(decodeSegmentHeader(bytes)).toMatchObject({ reason: "not a journal segment" });
    expect(decodeSegmentHeader(bytes.slice(1))).toMatchObject({ reason: "header is cut short" });
  });

  test("of a head file of a newer format are named", () => {
    const head = { runId: "run-a", counter: 1, ackedSeq: 2, segment: 1, offset: 3 };
    const slot = encodeHeadSlot(head);
    expect(decodeHead(slot)).toEqual({ kind: "head", head });
    const view = new DataView(slot.buffer);
    view.setUint16(4, 3, true);
    expect(decodeHead(slot)).toEqual({ kind: "unreadable" });
    view.setUint32(0, crc32c(slot, 4, slot.length), true);
    expect(decodeHead(slot)).toEqual({ kind: "newer", formatVersion: 3 });
  });

  test("take only runs that can be folders", () => {
    expect(() => encodeSegmentHeader({ ...HEADER, runId: "../up" })).toThrow("file name");
    expect(() =>
      encodeHeadSlot({ runId: "", counter: 0, ackedSeq: 0, segment: 0, offset: 0 }),
    ).toThrow("file name");
    expect(() => encodeSegmentHeader({ ...HEADER, chain: new Uint8Array(3) })).toThrow("32 bytes");
  });
});

describe("names", () => {
  test("of a segment's files lead back to its number, and others to none", () => {
    for (const number of [1, 42, 99_999_999, 100_000_000]) {
      for (const name of Object.values(segmentFiles(number))) {
        expect(segmentOfFile(name)).toBe(number);
      }
    }
    for (const name of ["head", "1.seg", "00000001.seg.tmp", "00000001.seg.gz", "notes.txt"]) {
      expect(segmentOfFile(name)).toBe(0);
    }
    expect(() => segmentFiles(0)).toThrow("from one");
    expect(() => segmentFiles(1.5)).toThrow("integer");
  });

  test("of errors are sentences", () => {
    expect(describeError(failure("damaged", "a.seg", 12, "bad bytes").error)).toBe(
      "damaged: bad bytes (a.seg at 12)",
    );
    expect(describeError(failure("missing", "head", -1, "none").error)).toBe(
      "missing: none (head)",
    );
    expect(messageOf("text")).toBe("text");
  });
});
