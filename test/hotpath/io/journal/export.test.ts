// Goal: import(export(journal)) is the journal, for any records; nothing foreign is half imported.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Envelope } from "../../../../contracts/envelope.ts";
import {
  CLASS_CMD,
  CLASS_CTL,
  CLASS_NORM,
  CLASS_RAW,
  CLASS_SIGNAL,
} from "../../../../contracts/journal.ts";
import { envelopeSchema } from "../../../../contracts/schema/envelope.ts";
import { decodePayload } from "../../../../hotpath/io/journal/envelope.ts";
import {
  type ExportOptions,
  exportJournal,
  exportToFile,
} from "../../../../hotpath/io/journal/export.ts";
import { importJournal } from "../../../../hotpath/io/journal/import.ts";
import { type Journal, openJournal } from "../../../../hotpath/io/journal/reader.ts";
import { recoverJournal, sealRecovered } from "../../../../hotpath/io/journal/recovery.ts";
import { enforceRetention } from "../../../../hotpath/io/journal/retention.ts";
import {
  jsonPayload,
  newWriter,
  normPayload,
  rawPayload,
  readAll,
  recordOf,
  START_US,
  sampleLines,
  signalPayload,
  writeSegments,
} from "./fixture.ts";
import { MemoryDisk } from "./memory-disk.ts";

const ROOT = "/journal";
const DIRECTORY = "/journal/run-a";
const COPY = "/copy/run-a";
const FILE = "/out/journal.jsonl";

type Made = { readonly classCode: number; readonly type: number; readonly payload: Uint8Array };

function writeRecords(records: readonly Made[]): MemoryDisk {
  const disk = new MemoryDisk();
  const writer = newWriter(disk, ROOT);
  for (const [index, made] of records.entries()) {
    const record = recordOf(index + 1, made, made.payload);
    writer.append(record, 0, record.length);
  }
  const failed = writer.commit(START_US);
  if (failed !== null) throw new Error(failed.error.reason);
  writer.close();
  return disk;
}

function open(disk: MemoryDisk, directory = DIRECTORY): Journal {
  const opened = openJournal(directory, { disk });
  if (!opened.ok) throw new Error(opened.error.reason);
  return opened.journal;
}

function linesOf(disk: MemoryDisk, options: ExportOptions = {}): string[] {
  const lines: string[] = [];
  const result = exportJournal(open(disk), options, (line) => lines.push(line));
  if (!result.ok) throw new Error(result.error.reason);
  return lines;
}

function envelopesOf(disk: MemoryDisk, options: ExportOptions = {}): Envelope[] {
  return linesOf(disk, options)
    .slice(1)
    .map((line) => envelopeSchema.parse(JSON.parse(line)));
}

async function importLines(lines: readonly string[], disk = new MemoryDisk()) {
  disk.put(FILE, new TextEncoder().encode(lines.map((line) => `${line}\n`).join("")));
  return { disk, result: await importJournal(FILE, COPY, { disk }) };
}

/** Every record with everything that makes it: header without checksum, then payload. */
function recordsOf(disk: MemoryDisk, directory: string): string[] {
  const cursor = open(disk, directory).cursorAsWritten();
  const records: string[] = [];
  while (cursor.next()) records.push(Buffer.from(cursor.record()).toString("hex"));
  expect(cursor.error).toBeNull();
  return records;
}

describe("an export", () => {
  const disk = writeRecords([
    { classCode: CLASS_RAW, type: 1, payload: rawPayload('{"e":"é"}', 1) },
    { classCode: CLASS_NORM, type: 4, payload: normPayload(9, 1, [1.5, 2]) },
    { classCode: CLASS_SIGNAL, type: 1, payload: signalPayload(9, [3]) },
    { classCode: CLASS_CMD, type: 1, payload: jsonPayload(9, { type: "openSession" }) },
    { classCode: CLASS_CTL, type: 4, payload: jsonPayload(10, [null, 1]) },
    { classCode: CLASS_RAW, type: 3, payload: rawPayload(Uint8Array.from([0xff, 0])) },
  ]);

  test("wears the envelope, each class in its own readable form", () => {
    expect(envelopesOf(disk)).toEqual([
      {
        event_id: "run-a:1",
        event_type: "raw.frame",
        venue: "binance-usdm",
        observed_at: START_US + 1 - 40,
        ingested_at: START_US + 1,
        schema_version: 1,
        payload: { shard: 2, epoch: 3, away_us: 40, kind: 0 },
        raw: { text: '{"e":"é"}' },
      },
      {
        event_id: "run-a:2",
        event_type: "norm.trade",
        venue: "binance-usdm",
        observed_at: START_US + 2,
        ingested_at: START_US + 2,
        schema_version: 1,
        payload: { tick: 9, numbers: [1.5, 2] },
        raw: { seq: 1 },
      },
      expect.objectContaining({
        event_type: "signal.touch",
        venue: null,
        payload: { tick: 9, numbers: [3] },
      }),
      expect.objectContaining({
        event_type: "cmd.command",
        payload: { tick: 9, body: { type: "openSession" } },
      }),
      expect.objectContaining({ event_type: "ctl.resync", payload: { tick: 10, body: [null, 1] } }),
      expect.objectContaining({ event_type: "raw.sent", raw: { base64: "/wA=" } }),
    ]);
  });

  test("names the numbers where there is a decoder", () => {
    const decoders = new Map([
      ["norm.trade", (numbers: readonly number[]) => ({ lots: numbers[1] })],
    ]);
    expect(envelopesOf(disk, { decoders })[1]?.payload).toEqual({
      tick: 9,
      numbers: [1.5, 2],
      decoded: { lots: 2 },
    });
  });

  test("of a window holds that window, and one outside the journal is refused", () => {
    expect(envelopesOf(disk, { fromSeq: 2, toSeq: 3 }).map((each) => each.event_id)).toEqual([
      "run-a:2",
      "run-a:3",
    ]);
    // The raw record lies before the window, so its venue is not at hand.
    expect(envelopesOf(disk, { fromSeq: 2, toSeq: 2 })[0]?.venue).toBeNull();
    expect(exportJournal(open(disk), { fromSeq: 7 }, () => {})).toMatchObject({
      error: { code: "missing", reason: "the journal holds sequences 1 to 6" },
    });
    expect(exportJournal(open(disk), { fromSeq: 5, toSeq: 2 }, () => {})).toMatchObject({
      ok: false,
    });
  });

  test("of a retired window is refused, or admits it in its header", async () => {
    const retired = new MemoryDisk();
    writeSegments(retired, ROOT, [[5], [5]]);
    const recovered = recoverJournal(retired, DIRECTORY);
    if (!recovered.ok) throw new Error(recovered.error.reason);
    await sealRecovered(retired, DIRECTORY, recovered.recovered);
    const caps = { retainBytes: 1e9, retainUs: 3, reserveFreeBytes: 0 };
    await enforceRetention(retired, ROOT, caps, START_US + 9);
    expect(exportJournal(open(retired), {}, () => {})).toMatchObject({
      error: { code: "retired", reason: "raw and norm records of 1 to 5 were retired" },
    });
    expect(exportJournal(open(retired), { fromSeq: 6 }, () => {})).toMatchObject({ records: 5 });
    const lines = linesOf(retired, { acceptRetired: true });
    expect(JSON.parse(lines[0] ?? "").retired).toEqual([{ first_seq: 1, last_seq: 5 }]);
    expect(lines).toHaveLength(1 + 3 + 5);
    expect((await importLines(lines)).result).toMatchObject({
      error: { code: "badLine", reason: expect.stringContaining("line 1, retired") },
    });
  });

  test("into a file appears whole or not at all", () => {
    const target = writeRecords([{ classCode: CLASS_RAW, type: 1, payload: rawPayload("x") }]);
    expect(exportToFile(open(target), FILE, { disk: target })).toMatchObject({
      ok: true,
      records: 1,
    });
    expect(exportToFile(open(target), FILE, { disk: target })).toMatchObject({
      error: { code: "exists" },
    });
    const refused = exportToFile(open(target), "/out/b.jsonl", { disk: target, fromSeq: 9 });
    expect(refused.ok).toBe(false);
    target.faults.write = () => {
      throw new Error("ENOSPC");
    };
    expect(exportToFile(open(target), "/out/c.jsonl", { disk: target })).toMatchObject({
      error: { code: "disk", reason: "ENOSPC" },
    });
    expect(target.list("/out")).toEqual(["c.jsonl.tmp", "journal.jsonl"]);
    expect(target.openHandles).toBe(0);
  });

  test("of a damaged journal ends with its error", async () => {
    const damaged = writeRecords([{ classCode: CLASS_RAW, type: 1, payload: rawPayload("x") }]);
    const journal = open(damaged);
    damaged.put(`${DIRECTORY}/00000001.seg`, new Uint8Array(500));
    expect(exportJournal(journal, {}, () => {})).toMatchObject({ error: { code: "damaged" } });
  });
});

describe("an import", () => {
  test("of an export gives the identical records, sealed", async () => {
    const source = new MemoryDisk();
    writeSegments(source, ROOT, [[7, 3], [5]]);
    const { disk, result } = await importLines(linesOf(source));
    expect(result).toEqual({ ok: true, runId: "run-a", records: 15, firstSeq: 1, lastSeq: 15 });
    expect(recordsOf(disk, COPY)).toEqual(recordsOf(source, DIRECTORY));
    expect(disk.list(COPY)).toEqual(["00000001.manifest.json", "00000001.seg.zst", "head"]);
    expect(disk.list(`${COPY}.importing`)).toEqual([]);
  });

  test("of a window begins at the window's sequence", async () => {
    const source = new MemoryDisk();
    writeSegments(source, ROOT, [[10]]);
    const { disk } = await importLines(linesOf(source, { fromSeq: 4, toSeq: 8 }));
    expect(readAll(COPY, disk)).toEqual(sampleLines(4, 8));
    expect(open(disk, COPY)).toMatchObject({ firstSeq: 4, lastSeq: 8 });
  });

  test("of an empty journal is an empty journal", async () => {
    const source = new MemoryDisk();
    newWriter(source, ROOT);
    const { disk, result } = await importLines(linesOf(source));
    expect(result).toMatchObject({ ok: true, records: 0 });
    expect(readAll(COPY, disk)).toEqual([]);
  });

  test("ignores the names a decoder had added, and needs no last line end", async () => {
    const source = new MemoryDisk();
    writeSegments(source, ROOT, [[5]]);
    const decoders = new Map([["norm.bookDelta", () => ({ named: "thing" })]]);
    const lines = linesOf(source, { decoders });
    expect(lines.join()).toContain('"named"');
    const disk = new MemoryDisk();
    disk.put(FILE, new TextEncoder().encode(lines.join("\n")));
    expect(await importJournal(FILE, COPY, { disk })).toMatchObject({ ok: true });
    expect(recordsOf(disk, COPY)).toEqual(recordsOf(source, DIRECTORY));
  });

  test("of more than one group and file chunk keeps every record", async () => {
    const bodies = [1_500_000, 10, 700_000, 3].map((bytes) => "y".repeat(bytes));
    const source = writeRecords(
      bodies.map((body) => ({ classCode: CLASS_RAW, type: 4, payload: rawPayload(body) })),
    );
    const disk = source.afterCrash("kept");
    expect(exportToFile(open(disk), FILE, { disk })).toMatchObject({ records: 4 });
    expect(await importJournal(FILE, COPY, { disk })).toMatchObject({ ok: true, records: 4 });
    expect(recordsOf(disk, COPY)).toEqual(recordsOf(source, DIRECTORY));
  });

  const kinds = [
    { classCode: CLASS_RAW, type: 1 },
    { classCode: CLASS_NORM, type: 1 },
    { classCode: CLASS_SIGNAL, type: 1 },
    { classCode: CLASS_CMD, type: 1 },
    { classCode: CLASS_CTL, type: 1 },
  ];
  // Doubles include NaN, minus zero and infinities; bodies include broken UTF-8 and odd JSON.
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 120 }),
    fc.string({ unit: "binary" }).map((text) => rawPayload(text)),
    fc.uint8Array({ maxLength: 40 }).map((body) => rawPayload(body, 7)),
    fc.tuple(fc.integer(), fc.array(fc.double())).map(([tick, all]) => normPayload(tick, 3, all)),
    fc.tuple(fc.double(), fc.array(fc.double())).map(([tick, all]) => signalPayload(tick, all)),
    fc.tuple(fc.integer(), fc.json()).map(([tick, json]) => {
      const bytes = new TextEncoder().encode(json);
      return Uint8Array.from([...signalPayload(tick, []), ...bytes]);
    }),
  );
  const record = fc.tuple(fc.constantFrom(...kinds), payload).map(([kind, bytes]) => ({
    ...kind,
    payload: bytes,
  }));

  test("gives back any record, readable or not, byte for byte", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 12 }), async (records) => {
        const source = writeRecords(records);
        const { disk, result } = await importLines(linesOf(source));
        expect(result.ok).toBe(true);
        expect(recordsOf(disk, COPY)).toEqual(recordsOf(source, DIRECTORY));
      }),
      { numRuns: 150 },
    );
  });

  describe("refuses", () => {
    const source = new MemoryDisk();
    writeSegments(source, ROOT, [[5]]);
    const good = linesOf(source);

    function changed(line: number, change: (value: Record<string, unknown>) => unknown): string[] {
      const lines = [...good];
      lines[line - 1] = JSON.stringify(change(JSON.parse(good[line - 1] ?? "")));
      return lines;
    }

    const cases: readonly [string, string[], string][] = [
      ["an empty file", [], "line 1, line: the file is empty"],
      ["a foreign file", ["hello"], "line 1, line: is not JSON"],
      ["JSON that is no header", ["[]"], "line 1, line: "],
      ["an export without its header", good.slice(1), "line 1, format: "],
      [
        "a newer export",
        changed(1, (v) => ({ ...v, format_version: 2 })),
        "format 2 is newer than 1",
      ],
      [
        "a cut line",
        [...good.slice(0, 3), (good[3] ?? "").slice(0, 40)],
        "line 4, line: is not JSON",
      ],
      ["a missing end", good.slice(0, 4), "line 5, last_seq: the file ends before sequence 4"],
      ["a missing line", good.toSpliced(2, 1), "line 3, event_id: must be run-a:2 here"],
      ["a doubled line", good.toSpliced(2, 0, good[2] ?? ""), "line 4, event_id: must be run-a:3"],
      ["a line too many", changed(1, (v) => ({ ...v, last_seq: 4 })), "is after the last one, 4"],
      [
        "another run's line",
        changed(3, (v) => ({ ...v, event_id: "run-b:2" })),
        "line 3, event_id",
      ],
      ["an unknown type", changed(3, (v) => ({ ...v, event_type: "raw.x" })), "line 3, event_type"],
      [
        "a type of another class",
        changed(2, (v) => ({ ...v, event_type: "ctl.event" })),
        "payload.shard",
      ],
      [
        "a newer schema",
        changed(2, (v) => ({ ...v, schema_version: 2 })),
        "line 2, schema_version",
      ],
      ["half a time", changed(2, (v) => ({ ...v, ingested_at: 1.5 })), "line 2, ingested_at"],
      [
        "a changed observation",
        changed(2, (v) => ({ ...v, observed_at: 5 })),
        "observed_at: must be",
      ],
      [
        "a raw frame without bytes",
        changed(2, ({ raw: _, ...v }) => v),
        "line 2, raw: does not fit",
      ],
      ["a raw frame of no venue", changed(2, (v) => ({ ...v, venue: null })), "line 2, venue"],
      ["a norm event without raw", changed(3, ({ raw: _, ...v }) => v), "line 3, raw.seq"],
      [
        "a norm event with a body",
        changed(3, (v) => ({ ...v, payload: { tick: 1, body: 1 } })),
        "payload",
      ],
      ["a signal with raw bytes", changed(4, (v) => ({ ...v, raw: { seq: 1 } })), "line 4, raw"],
      [
        "a command with numbers",
        changed(5, (v) => ({ ...v, payload: { tick: 1, numbers: [] } })),
        "numbers",
      ],
      ["a command with raw bytes", changed(5, (v) => ({ ...v, raw: { text: "" } })), "line 5, raw"],
      [
        "a command without body",
        changed(5, (v) => ({ ...v, payload: { tick: 1 } })),
        "line 5, payload",
      ],
      [
        "a raw frame as numbers",
        changed(2, (v) => ({ ...v, payload: { tick: 1, numbers: [] } })),
        "payload",
      ],
    ];

    test.each(cases)(
      "%s, naming line and field, and leaves nothing behind",
      async (_, lines, expected) => {
        const { disk, result } = await importLines(lines);
        expect(result.ok).toBe(false);
        if (!result.ok) expect(result.error.reason).toContain(expected);
        expect(disk.list(COPY)).toEqual([]);
        expect(disk.list(`${COPY}.importing`)).toEqual([]);
        expect(disk.openHandles).toBe(0);
      },
    );

    test("bytes that are no text", async () => {
      const disk = new MemoryDisk();
      disk.put(FILE, Uint8Array.from([0xff, 0xfe, 10]));
      expect(await importJournal(FILE, COPY, { disk })).toMatchObject({
        error: { code: "badLine" },
      });
    });

    test("a line longer than any record", async () => {
      const disk = new MemoryDisk();
      disk.put(FILE, new Uint8Array(90 * 1024 * 1024).fill(32));
      expect(await importJournal(FILE, COPY, { disk })).toMatchObject({
        error: { reason: expect.stringContaining("is longer than") },
      });
    });

    test("a folder that holds a journal, and a file that is not there", async () => {
      const disk = new MemoryDisk();
      writeSegments(disk, "/copy", [[1]]);
      disk.put(FILE, new TextEncoder().encode(good.join("\n")));
      expect(await importJournal(FILE, COPY, { disk })).toMatchObject({
        error: { code: "exists" },
      });
      expect(await importJournal("/no.jsonl", "/copy/x", { disk })).toMatchObject({
        error: { code: "disk" },
      });
    });

    test("to call an import done that the disk did not take", async () => {
      const healthy = (await importLines(good)).disk.operations;
      for (let stopAt = 1; stopAt <= healthy; stopAt += 1) {
        const disk = new MemoryDisk();
        disk.stopAt = stopAt;
        const { result } = await importLines(good, disk);
        expect(result.ok).toBe(false);
        const found = disk.afterCrash("kept");
        const lines = readAll(COPY, found);
        if (found.list(COPY).length > 0) expect(lines).toEqual(sampleLines(1, 5));
        else {
          expect(await importJournal(FILE, COPY, { disk: found })).toMatchObject({ ok: true });
          expect(readAll(COPY, found)).toEqual(sampleLines(1, 5));
        }
      }
    });
  });

  test("does not fit a class's payload into another", () => {
    const numbers = { tick: 1, numbers: [1] };
    expect(decodePayload(CLASS_CTL, { venue: null, payload: numbers })).toMatchObject({
      field: "payload.numbers",
    });
  });
});
