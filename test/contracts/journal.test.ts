// Goal: the record table has no holes or doubles, and a header is written where it is read.
import { describe, expect, test } from "vitest";
import {
  alignedBytes,
  CLASS_COMMIT_MARK,
  CLASS_CTL,
  CLASS_EXEC,
  CLASS_NORM,
  CLASS_RAW,
  CTL_CHECKPOINT,
  classAndType,
  classOfCode,
  encodeRecordHeader,
  eventTypeOf,
  JOURNAL_CLASSES,
  NORM_TRADE,
  RECORD_CLASS_AT,
  RECORD_HEADER_BYTES,
  RECORD_SCHEMA_AT,
  RECORD_SEQ_AT,
  RECORD_TYPE_AT,
  RECORD_TYPES,
  RECORD_US_AT,
  RUN_ID_PATTERN,
  recordTypeOf,
} from "../../contracts/journal.ts";

describe("the journal's records", () => {
  test("types are numbered from one without holes, and names are unique within a class", () => {
    for (const name of JOURNAL_CLASSES) {
      const rows = RECORD_TYPES[name];
      expect(rows.map((row) => row.type)).toEqual(rows.map((_, index) => index + 1));
      expect(new Set(rows.map((row) => row.name)).size).toBe(rows.length);
      for (const row of rows) expect(row.schemaVersion).toBeGreaterThanOrEqual(1);
    }
  });

  test("a type that is not of its class is no record", () => {
    expect(eventTypeOf(CLASS_RAW, 1)).toBe("raw.frame");
    expect(eventTypeOf(CLASS_NORM, NORM_TRADE)).toBe("norm.trade");
    expect(eventTypeOf(CLASS_CTL, CTL_CHECKPOINT)).toBe("ctl.checkpoint");
    expect(recordTypeOf(CLASS_EXEC, 1)).toBeUndefined();
    expect(recordTypeOf(CLASS_RAW, 0)).toBeUndefined();
    expect(eventTypeOf(CLASS_RAW, 6)).toBeUndefined();
    expect(classOfCode(CLASS_COMMIT_MARK)).toBeUndefined();
  });

  test("a table with other numbering is searched", () => {
    const table = { ...RECORD_TYPES, exec: [{ type: 9, name: "made", schemaVersion: 2 }] };
    expect(recordTypeOf(CLASS_EXEC, 9, table)?.schemaVersion).toBe(2);
  });

  test("the header is written where readers look", () => {
    const view = new DataView(new ArrayBuffer(RECORD_HEADER_BYTES + 8));
    encodeRecordHeader(view, 8, 2 ** 40 + 1, classAndType(CLASS_CTL, CTL_CHECKPOINT), 1.7e15);
    expect(view.getFloat64(8 + RECORD_SEQ_AT, true)).toBe(2 ** 40 + 1);
    expect(view.getUint8(8 + RECORD_CLASS_AT)).toBe(CLASS_CTL);
    expect(view.getUint8(8 + RECORD_TYPE_AT)).toBe(CTL_CHECKPOINT);
    expect(view.getUint16(8 + RECORD_SCHEMA_AT, true)).toBe(1);
    expect(view.getFloat64(8 + RECORD_US_AT, true)).toBe(1.7e15);
  });

  test("a header for a type of another class, or before the first sequence, is our own error", () => {
    const view = new DataView(new ArrayBuffer(64));
    expect(() => encodeRecordHeader(view, 0, 1, classAndType(CLASS_EXEC, 1), 1)).toThrow("class");
    expect(() => encodeRecordHeader(view, 0, 0, classAndType(CLASS_RAW, 1), 1)).toThrow("one");
  });

  test.each([
    [0, 0],
    [1, 8],
    [8, 8],
    [33, 40],
  ])("%i bytes take %i with padding", (bytes, padded) => {
    expect(alignedBytes(bytes)).toBe(padded);
  });

  test.each([
    ["2026-11-21T10.00.00-1f", true],
    ["r", true],
    ["../up", false],
    ["", false],
    ["a b", false],
    ["x".repeat(48), false],
  ])("whether %j names a run: %j", (name, expected) => {
    expect(RUN_ID_PATTERN.test(name)).toBe(expected);
  });
});
