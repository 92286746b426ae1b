// Goal: a group is acknowledged only when durable, and the first failure is the last act.
import { describe, expect, test } from "vitest";
import {
  CLASS_EXEC,
  CLASS_RAW,
  RECORD_BYTES_AT,
  RECORD_CLASS_AT,
  RECORD_RESERVED_AT,
  RECORD_SCHEMA_AT,
  RECORD_SEQ_AT,
  RECORD_US_AT,
} from "../../../../contracts/journal.ts";
import { recoverJournal } from "../../../../hotpath/io/journal/recovery.ts";
import { beginRun } from "../../../../hotpath/io/journal/run.ts";
import { JournalWriter } from "../../../../hotpath/io/journal/writer.ts";
import {
  commitGroup,
  newWriter,
  rawPayload,
  readAll,
  recordOf,
  START_US,
  sampleLines,
  sampleRecord,
  WRITER_OPTIONS,
} from "./fixture.ts";
import { MemoryDisk } from "./memory-disk.ts";

const ROOT = "/journal";
const DIRECTORY = "/journal/run-a";

describe("a writer", () => {
  test("acknowledges a group after it and the head file are synced, not before", () => {
    const disk = new MemoryDisk();
    const writer = newWriter(disk, ROOT);
    const syncs: string[] = [];
    commitGroup(writer, 1);
    disk.faults.sync = (file) => syncs.push(`${file} ${writer.ackedSeq}`);
    commitGroup(writer, 2);
    expect(syncs).toEqual([`${DIRECTORY}/00000001.seg 1`, `${DIRECTORY}/head 1`]);
    expect(writer.ackedSeq).toBe(3);
  });

  test("without sync writes the same bytes", () => {
    const durable = new MemoryDisk();
    const quick = new MemoryDisk();
    commitGroup(newWriter(durable, ROOT), 5);
    commitGroup(newWriter(quick, ROOT, "run-a", { sync: "off" }), 5);
    expect(quick.files()).toEqual(durable.files());
    expect(quick.operations).toBeLessThan(durable.operations);
  });

  test("commits nothing when there is nothing", () => {
    const disk = new MemoryDisk();
    const writer = newWriter(disk, ROOT);
    expect(writer.commit(START_US)).toBeNull();
    expect(writer.endSegment()).toBeNull();
    expect(disk.list(DIRECTORY)).toEqual(["head"]);
  });

  test("ends a segment by size and by age, and the next one continues it", () => {
    const disk = new MemoryDisk();
    const writer = newWriter(disk, ROOT, "run-a", { segmentBytes: 400, segmentUs: 1000 });
    expect(writer.isSegmentFull(START_US)).toBe(false);
    commitGroup(writer, 1);
    expect(writer.isSegmentFull(START_US)).toBe(false);
    expect(writer.isSegmentFull(START_US + 5000)).toBe(true);
    commitGroup(writer, 3);
    expect(writer.isSegmentFull(START_US)).toBe(true);
    expect(writer.endSegment()).toMatchObject({ segment: 1, firstSeq: 1, lastSeq: 4, records: 4 });
    commitGroup(writer, 2);
    writer.close();
    expect(disk.openHandles).toBe(0);
    expect(readAll(DIRECTORY, disk)).toEqual(sampleLines(1, 6));
  });

  test("takes records larger than its buffer", () => {
    const disk = new MemoryDisk();
    const writer = newWriter(disk, ROOT);
    const large = recordOf(1, { classCode: CLASS_RAW, type: 4 }, rawPayload("x".repeat(3_000_000)));
    writer.append(large, 0, large.length);
    expect(writer.commit(START_US)).toBeNull();
    commitGroup(writer, 1);
    expect(readAll(DIRECTORY, disk)).toHaveLength(2);
  });

  test("refuses a directory in which a run has begun", () => {
    const disk = new MemoryDisk();
    newWriter(disk, ROOT);
    expect(beginRun(disk, DIRECTORY, { runId: "run-a", firstSeq: 1 })).toMatchObject({
      error: { code: "exists" },
    });
  });

  test("reports a directory that cannot be made", () => {
    const disk = new MemoryDisk();
    disk.faults.makeDirectory = () => {
      throw new Error("EACCES");
    };
    expect(beginRun(disk, DIRECTORY, { runId: "run-a", firstSeq: 1 })).toMatchObject({
      error: { code: "disk", reason: "EACCES" },
    });
  });
});

describe("a failing disk", () => {
  const faults: readonly [string, (disk: MemoryDisk) => void, string][] = [
    // The texts are Node's own: nobody may tell one failure from another by them.
    ["EIO on write", (disk) => throwing(disk, "write", "EIO: i/o error, write"), "EIO"],
    ["a failed fsync", (disk) => throwing(disk, "sync", "EIO: i/o error, fsync"), "EIO"],
    ["a full disk", (disk) => throwing(disk, "write", "ENOSPC: no space left, write"), "ENOSPC"],
    [
      "a short write",
      (disk) => {
        disk.writeBytesMax = 50;
      },
      "short write",
    ],
  ];

  test.each(faults)("with %s stops the writer for good", (_, breakDisk, reason) => {
    const disk = new MemoryDisk();
    const writer = newWriter(disk, ROOT);
    commitGroup(writer, 3);
    breakDisk(disk);
    const record = sampleRecord(4);
    writer.append(record, 0, record.length);
    expect(writer.commit(START_US)?.error.reason).toContain(reason);
    expect(writer.ackedSeq).toBe(3);
    // The disk recovers; the writer does not believe it.
    disk.faults = {};
    disk.writeBytesMax = 1e9;
    expect(() => writer.commit(START_US)).toThrow("failed writer");
    expect(() => writer.append(record, 0, record.length)).toThrow("failed writer");
    writer.close();
    const recovered = recoverJournal(disk, DIRECTORY);
    expect(recovered.ok && recovered.recovered.lastSeq).toBeGreaterThanOrEqual(3);
  });

  test("while a segment is made stops the writer too", () => {
    const disk = new MemoryDisk();
    const writer = newWriter(disk, ROOT);
    throwing(disk, "open", "EMFILE");
    const record = sampleRecord(1);
    writer.append(record, 0, record.length);
    expect(writer.commit(START_US)).toMatchObject({ error: { code: "disk", reason: "EMFILE" } });
  });
});

describe("a record the journal may not hold", () => {
  const wrong: readonly [string, (view: DataView) => void, string][] = [
    ["of a type that is not of its class", (view) => view.setUint8(17, 99), "class"],
    ["of an empty class", (view) => view.setUint8(RECORD_CLASS_AT, CLASS_EXEC), "class"],
    ["that claims to be a commit mark", (view) => view.setUint8(RECORD_CLASS_AT, 255), "class"],
    ["with a gap before it", (view) => view.setFloat64(RECORD_SEQ_AT, 2, true), "no gap"],
    ["without schema", (view) => view.setUint16(RECORD_SCHEMA_AT, 0, true), "start at one"],
    ["newer than the program", (view) => view.setUint16(RECORD_SCHEMA_AT, 9, true), "newer"],
    ["at half a microsecond", (view) => view.setFloat64(RECORD_US_AT, 1.5, true), "whole"],
    ["before 1970", (view) => view.setFloat64(RECORD_US_AT, -1, true), "1970"],
    ["with reserved bytes in use", (view) => view.setUint32(RECORD_RESERVED_AT, 1, true), "zero"],
    ["shorter than its header", (view) => view.setUint32(RECORD_BYTES_AT, 31, true), "header"],
    [
      "longer than its memory",
      (view) => view.setUint32(RECORD_BYTES_AT, 4000, true),
      "handed over",
    ],
    ["beyond the bound", (view) => view.setUint32(RECORD_BYTES_AT, 2 ** 31, true), "bound"],
  ];

  test.each(wrong)("%s is our own error", (_, spoil, statement) => {
    const disk = new MemoryDisk();
    const writer = newWriter(disk, ROOT);
    const record = sampleRecord(1);
    spoil(new DataView(record.buffer));
    expect(() => writer.append(record, 0, record.length)).toThrow(statement);
  });

  test("leaves dirt in its padding behind", () => {
    const disk = new MemoryDisk();
    const writer = newWriter(disk, ROOT);
    const record = recordOf(1, { classCode: CLASS_RAW, type: 1 }, rawPayload("x"));
    record[record.length - 1] = 9;
    writer.append(record, 0, record.length);
    writer.commit(START_US);
    expect(disk.readWhole(`${DIRECTORY}/00000001.seg`).at(128 + record.length - 1)).toBe(0);
  });
});

test("a segment must be able to hold more than its header", () => {
  const disk = new MemoryDisk();
  const begun = beginRun(disk, DIRECTORY, { runId: "run-a", firstSeq: 1 });
  if (!begun.ok) throw new Error(begun.error.reason);
  const options = { ...WRITER_OPTIONS, segmentBytes: 128 };
  expect(() => new JournalWriter(disk, DIRECTORY, begun.start, options)).toThrow("header");
});

function throwing(disk: MemoryDisk, operation: "write" | "sync" | "open", message: string): void {
  disk.faults[operation] = () => {
    throw new Error(message);
  };
}
