// Goal: what was written is read back, in every form a segment can have, or refused by name.
import { describe, expect, test } from "vitest";
import {
  CLASS_NORM,
  CLASS_RAW,
  NORM_QUOTE,
  NORM_RAW_SEQ_AT,
  RAW_BODY_AT,
  RECORD_TYPES,
  type RecordTypeTable,
} from "../../../../contracts/journal.ts";
import { openJournal } from "../../../../hotpath/io/journal/reader.ts";
import { recoverJournal, sealRecovered } from "../../../../hotpath/io/journal/recovery.ts";
import { retireSegment } from "../../../../hotpath/io/journal/retire.ts";
import { type Upcaster, upcasterKey } from "../../../../hotpath/io/journal/upcast.ts";
import { verifyJournal } from "../../../../hotpath/io/journal/verify-journal.ts";
import {
  commitGroup,
  drainCursor,
  newWriter,
  payloadOf,
  readAll,
  recordOf,
  START_US,
  sampleLines,
  writeSegments,
} from "./fixture.ts";
import { MemoryDisk } from "./memory-disk.ts";

const ROOT = "/journal";
const DIRECTORY = "/journal/run-a";
const SEALED = `${DIRECTORY}/00000001.seg.zst`;
const MANIFEST = `${DIRECTORY}/00000001.manifest.json`;

async function sealedRun(segments: readonly (readonly number[])[]): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  writeSegments(disk, ROOT, segments);
  const result = recoverJournal(disk, DIRECTORY);
  if (!result.ok) throw new Error(result.error.reason);
  const sealed = await sealRecovered(disk, DIRECTORY, result.recovered);
  if (!sealed.ok) throw new Error(sealed.error.reason);
  return disk;
}

function open(disk: MemoryDisk, table?: RecordTypeTable) {
  const opened = openJournal(DIRECTORY, table === undefined ? { disk } : { disk, table });
  if (!opened.ok) throw new Error(opened.error.reason);
  return opened.journal;
}

function editManifest(disk: MemoryDisk, change: Record<string, unknown>): void {
  const manifest = JSON.parse(new TextDecoder().decode(disk.readWhole(MANIFEST)));
  disk.put(MANIFEST, new TextEncoder().encode(JSON.stringify({ ...manifest, ...change })));
}

describe("a journal", () => {
  test("reads the same open and sealed", async () => {
    const disk = new MemoryDisk();
    writeSegments(disk, ROOT, [[3, 2], [4], [1]]);
    expect(readAll(DIRECTORY, disk)).toEqual(sampleLines(1, 10));
    const sealed = await sealedRun([[3, 2], [4], [1]]);
    expect(sealed.list(DIRECTORY).filter((name) => name.endsWith(".seg"))).toEqual([]);
    expect(readAll(DIRECTORY, sealed)).toEqual(sampleLines(1, 10));
    expect(verifyJournal(open(sealed))).toEqual({
      ok: true,
      error: null,
      records: 10,
      firstSeq: 1,
      lastSeq: 10,
      segments: 3,
      retired: [],
    });
  });

  test("shows each record's header through the cursor", () => {
    const disk = new MemoryDisk();
    writeSegments(disk, ROOT, [[5]]);
    const cursor = open(disk).cursor();
    expect(cursor.next()).toBe(true);
    expect(cursor).toMatchObject({ seq: 1, classCode: CLASS_RAW, type: 1, schemaVersion: 1 });
    expect(cursor.atUs).toBe(START_US + 1);
    expect(cursor.eventType()).toBe("raw.frame");
    const body = cursor.bytes.subarray(cursor.offset + RAW_BODY_AT, cursor.end);
    expect(new TextDecoder().decode(body)).toBe('{"u":1}');
    expect(cursor.record().length).toBe(cursor.end - cursor.offset);
  });

  test("leads from each normalized event to the exact bytes the venue sent", async () => {
    const disk = await sealedRun([[5], [5]]);
    const journal = open(disk);
    const cursor = journal.cursor();
    let linked = 0;
    while (cursor.next()) {
      if (cursor.classCode !== CLASS_NORM) continue;
      const rawSeq = cursor.view.getFloat64(cursor.offset + NORM_RAW_SEQ_AT, true);
      const raw = journal.find(rawSeq);
      const sent = raw?.bytes.subarray(raw.offset + RAW_BODY_AT, raw.end);
      expect(new TextDecoder().decode(sent)).toBe(`{"u":${rawSeq}}`);
      linked += 1;
    }
    expect(linked).toBe(2);
  });

  test("is read from any sequence on, and finds one record by its sequence", async () => {
    const disk = await sealedRun([[3, 2], [4], [1]]);
    const journal = open(disk);
    for (let seq = 1; seq <= 10; seq += 1) {
      expect(drainCursor(journal.cursorAsWritten(seq))).toEqual(sampleLines(seq, 10));
      expect(journal.find(seq)?.seq).toBe(seq);
    }
    expect(journal.find(11)).toBeNull();
    expect(journal.find(0)).toBeNull();
  });

  test("shows the tail of a running recorder only once it is committed", () => {
    const disk = new MemoryDisk();
    const writer = newWriter(disk, ROOT);
    commitGroup(writer, 2);
    const file = `${DIRECTORY}/00000001.seg`;
    const whole = disk.readWhole(file);
    commitGroup(writer, 2);
    const torn = disk.readWhole(file).slice(0, whole.length + 60);
    const head = disk.readWhole(`${DIRECTORY}/head`);
    head.fill(0, 0, 96);
    disk.put(`${DIRECTORY}/head`, head);
    disk.put(file, torn);
    const journal = open(disk);
    expect(journal).toMatchObject({ lastSeq: 2, ackedSeq: 2, tailBytes: 60 });
    expect(drainCursor(journal.cursorAsWritten())).toEqual(sampleLines(1, 2));
    expect(disk.sizeBytes(file)).toBe(torn.length);
  });

  test("opened before its segment was sealed still finds it", async () => {
    const disk = new MemoryDisk();
    writeSegments(disk, ROOT, [[4]]);
    const journal = open(disk);
    const other = open(disk);
    const result = recoverJournal(disk, DIRECTORY);
    if (!result.ok) throw new Error(result.error.reason);
    await sealRecovered(disk, DIRECTORY, result.recovered);
    expect(drainCursor(journal.cursorAsWritten())).toEqual(sampleLines(1, 4));
    editManifest(disk, { records: "4" });
    expect(drainCursor(other.cursorAsWritten())).toEqual(["damaged: manifest is wrong at records"]);
  });

  test("whose recorder seals just while it is opened is looked at again", async () => {
    const disk = await sealedRun([[4]]);
    const sealed = disk.files();
    const open = new MemoryDisk();
    writeSegments(open, ROOT, [[4]]);
    open.faults.readWhole = (file) => {
      if (!file.endsWith(".seg")) return;
      open.take(file);
      for (const [name, bytes] of sealed) open.put(name, bytes);
    };
    const opened = openJournal(DIRECTORY, { disk: open });
    expect(opened.ok).toBe(true);
    expect(readAll(DIRECTORY, open)).toEqual(sampleLines(1, 4));
  });

  test("without a record reads as empty", () => {
    const disk = new MemoryDisk();
    newWriter(disk, ROOT);
    expect(open(disk)).toMatchObject({ firstSeq: 1, lastSeq: 0 });
    expect(readAll(DIRECTORY, disk)).toEqual([]);
  });
});

describe("a sealed segment", () => {
  test("with any flipped bit is refused before a record is shown", async () => {
    const disk = await sealedRun([[2]]);
    const compressed = disk.readWhole(SEALED);
    for (let bit = 0; bit < compressed.length * 8; bit += 1) {
      const copy = compressed.slice();
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      disk.put(SEALED, copy);
      expect(readAll(DIRECTORY, disk)).toEqual([
        "damaged: compressed bytes are not the manifest's",
      ]);
    }
  });

  test.each([
    ["sha256", "0".repeat(64), "damaged: bytes are not the manifest's"],
    ["records", 3, "damaged: records is 2, its manifest says 3"],
    ["createdUs", 3, `damaged: createdUs is ${START_US + 3}, its manifest says 3`],
    ["lastSeq", 5, "damaged: lastSeq is 2, its manifest says 5"],
    ["chainEnd", "0".repeat(64), "damaged: the chained hash at its end is not the manifest's"],
    ["bytes", 10, "disk: "],
    ["chainStart", "1".repeat(64), "foreign: segment does not continue the chained hash before it"],
    ["segment", 2, "foreign: segment 2 under the name of 1"],
    ["compressedBytes", 5, "damaged: "],
    ["runId", "other", "foreign: segment of run other in run run-a"],
    ["runId", 5, "damaged: manifest is wrong at runId"],
    ["bytes", -1, "damaged: manifest is wrong at bytes"],
    ["sha256", "xyz", "damaged: manifest is wrong at sha256"],
    ["recordsByClass", null, "damaged: manifest is wrong at recordsByClass"],
    ["dropped", "raw", "damaged: manifest is wrong at dropped"],
    ["dropped", ["everything"], "damaged: manifest is wrong at dropped"],
    ["dropped", ["raw"], "damaged: manifest is wrong at droppedFrom"],
    ["droppedFrom", { sha256: 1 }, "damaged: manifest is wrong at droppedFrom"],
    ["formatVersion", 2, "newer: journal format 2 is newer than 1"],
    ["formatVersion", "1", "damaged: manifest is wrong at formatVersion"],
  ])("whose manifest is wrong at %s (%j) is refused", async (field, value, expected) => {
    const disk = await sealedRun([[2]]);
    editManifest(disk, { [field]: value });
    const lines = readAll(DIRECTORY, disk);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(expected);
  });

  test.each([
    ["nothing", ""],
    ["half a file", '{"formatVersion": 1,'],
    ["no object", "7"],
    ["bytes that are no text", "\xff"],
  ])("whose manifest is %s is refused", async (_, text) => {
    const disk = await sealedRun([[2]]);
    disk.put(
      MANIFEST,
      Uint8Array.from(text, (char) => char.charCodeAt(0)),
    );
    expect(readAll(DIRECTORY, disk)[0]).toContain("damaged: manifest");
  });

  test("that is gone is missed at opening, or at reading if it went since", async () => {
    const disk = await sealedRun([[2]]);
    const journal = open(disk);
    disk.take(SEALED);
    expect(drainCursor(journal.cursor())).toEqual([
      "missing: taken away since the journal was opened; open it again",
    ]);
    expect(readAll(DIRECTORY, disk)).toEqual(["missing: segment 1 is missing"]);
    disk.take(MANIFEST);
    disk.put(SEALED, new Uint8Array(1));
    expect(readAll(DIRECTORY, disk)).toEqual(["missing: segment 1 is missing"]);
  });

  test("that cannot be read is an error of the cursor, which then stays where it is", async () => {
    const disk = await sealedRun([[2]]);
    const journal = open(disk);
    disk.faults.readWhole = () => {
      throw new Error("EIO");
    };
    const cursor = journal.cursor();
    expect(cursor.next()).toBe(false);
    expect(cursor.error).toMatchObject({ code: "disk", reason: "EIO" });
    disk.faults = {};
    expect(cursor.next()).toBe(false);
    expect(verifyJournal(journal).ok).toBe(true);
  });

  test("once verified is not read again while one stays in it", async () => {
    const disk = await sealedRun([[5], [5]]);
    const journal = open(disk);
    let reads = 0;
    disk.faults.readWhole = () => {
      reads += 1;
    };
    for (const seq of [1, 2, 3, 5, 4]) expect(journal.find(seq)?.seq).toBe(seq);
    expect(reads).toBe(1);
    expect(journal.find(6)?.seq).toBe(6);
    expect(reads).toBe(2);
  });
});

describe("a segment whose raw records were retired", () => {
  test("reads without them and says so", async () => {
    const disk = await sealedRun([[5], [5]]);
    const segment = open(disk).segments[0];
    if (segment?.kind !== "sealed") throw new Error("the segment is sealed");
    expect(await retireSegment(disk, DIRECTORY, segment.manifest)).toMatchObject({ ok: true });
    const journal = open(disk);
    expect(journal.retired).toEqual([{ firstSeq: 1, lastSeq: 5 }]);
    expect([journal.isRetired(5), journal.isRetired(6)]).toEqual([true, false]);
    const expected = sampleLines(3, 10);
    expect(drainCursor(journal.cursorAsWritten())).toEqual(expected);
    expect(journal.find(2)).toBeNull();
    expect(journal.find(4)?.isRetiredWindow).toBe(true);
    expect(journal.find(7)?.isRetiredWindow).toBe(false);
    expect(verifyJournal(journal)).toMatchObject({ ok: true, records: 8, lastSeq: 10 });
  });
});

describe("schemas", () => {
  const quote = { classCode: CLASS_NORM, type: NORM_QUOTE };

  function tableWithQuote(schemaVersion: number): RecordTypeTable {
    const norm = RECORD_TYPES.norm.map((row) =>
      row.type === NORM_QUOTE ? { ...row, schemaVersion } : row,
    );
    return { ...RECORD_TYPES, norm };
  }

  function quoteJournal(payload: string): MemoryDisk {
    const disk = new MemoryDisk();
    const writer = newWriter(disk, ROOT);
    const record = recordOf(1, quote, new TextEncoder().encode(payload));
    writer.append(record, 0, record.length);
    writer.commit(START_US);
    writer.close();
    return disk;
  }

  /** Made-up steps: each appends its own letter. */
  function appending(letter: string): Upcaster {
    return (payload) => Uint8Array.from([...payload, letter.charCodeAt(0)]);
  }

  test("of an older journal are taken to the current one step by step", () => {
    const disk = quoteJournal("v1");
    const upcasters = new Map([
      [upcasterKey("norm.quote", 1), appending("a")],
      [upcasterKey("norm.quote", 2), appending("b")],
    ]);
    const opened = openJournal(DIRECTORY, { disk, table: tableWithQuote(3), upcasters });
    if (!opened.ok) throw new Error(opened.error.reason);
    const cursor = opened.journal.cursor();
    expect(cursor.next()).toBe(true);
    expect(cursor).toMatchObject({ seq: 1, schemaVersion: 3, offset: 0 });
    expect(new TextDecoder().decode(payloadOf(cursor))).toBe("v1ab");
    expect(cursor.view.getFloat64(8, true)).toBe(1);
    const asWritten = opened.journal.cursorAsWritten();
    expect(asWritten.next()).toBe(true);
    expect(asWritten.schemaVersion).toBe(1);
    expect(new TextDecoder().decode(payloadOf(asWritten))).toBe("v1");
  });

  test("without a way to the current one are refused by name", () => {
    const disk = quoteJournal("v1");
    const upcasters = new Map([[upcasterKey("norm.quote", 1), appending("a")]]);
    const opened = openJournal(DIRECTORY, { disk, table: tableWithQuote(3), upcasters });
    if (!opened.ok) throw new Error(opened.error.reason);
    expect(drainCursor(opened.journal.cursor())).toEqual([
      "upcast: no upcaster leads norm.quote from schema 2",
    ]);
  });

  test("whose upcaster throws are refused, not half converted", () => {
    const disk = quoteJournal("v1");
    const failing: Upcaster = () => {
      throw new Error("seven fields expected");
    };
    const upcasters = new Map([[upcasterKey("norm.quote", 1), failing]]);
    const opened = openJournal(DIRECTORY, { disk, table: tableWithQuote(2), upcasters });
    if (!opened.ok) throw new Error(opened.error.reason);
    expect(drainCursor(opened.journal.cursor())).toEqual([
      "upcast: norm.quote schema 1: seven fields expected",
    ]);
  });

  test("newer than the program, and types it does not know, are refused and never cut", () => {
    const disk = quoteJournal("v1");
    const older = { ...RECORD_TYPES, norm: RECORD_TYPES.norm.slice(0, 2) };
    expect(openJournal(DIRECTORY, { disk, table: older })).toMatchObject({
      error: { code: "newer", reason: "norm has no record of type 3 in this program" },
    });
    expect(openJournal(DIRECTORY, { disk, table: tableWithQuote(0) })).toMatchObject({
      error: { code: "newer", reason: "norm.quote schema 1 is newer than 0" },
    });
    expect(recoverJournal(disk, DIRECTORY, older)).toMatchObject({ error: { code: "newer" } });
  });
});
