// Goal: the disk stays within its budget, only raw and norm go, and no crash loses what may not go.
import { describe, expect, test } from "vitest";
import { JOURNAL_CLASSES, type SegmentManifest } from "../../../../contracts/journal.ts";
import { Places, UPLOADS_FILE } from "../../../../hotpath/io/journal/places.ts";
import { openJournal } from "../../../../hotpath/io/journal/reader.ts";
import { recoverJournal, sealRecovered } from "../../../../hotpath/io/journal/recovery.ts";
import {
  enforceRetention,
  type RetentionOptions,
} from "../../../../hotpath/io/journal/retention.ts";
import { KeptRecords, retireSegment } from "../../../../hotpath/io/journal/retire.ts";
import { readAll, START_US, sampleLines, writeSegments } from "./fixture.ts";
import { MemoryDisk } from "./memory-disk.ts";

const ROOT = "/journal";
const DIRECTORY = "/journal/run-a";
const UNLIMITED: RetentionOptions = { retainBytes: 1e15, retainUs: 1e15, reserveFreeBytes: 0 };

async function sealedRun(disk: MemoryDisk, segments: number[][], runId = "run-a"): Promise<void> {
  writeSegments(disk, ROOT, segments, runId);
  const directory = `${ROOT}/${runId}`;
  const result = recoverJournal(disk, directory);
  if (!result.ok) throw new Error(result.error.reason);
  const sealed = await sealRecovered(disk, directory, result.recovered);
  if (!sealed.ok) throw new Error(sealed.error.reason);
}

/** What the records of `first..last` are once raw and norm are gone. */
function keptLines(first: number, last: number): string[] {
  return sampleLines(first, last).filter((line) => {
    const seq = Number(line.split(":")[0]);
    return seq % 5 !== 1 && seq % 5 !== 2;
  });
}

async function enforce(disk: MemoryDisk, options: Partial<typeof UNLIMITED>, nowUs = START_US) {
  const result = await enforceRetention(disk, ROOT, { ...UNLIMITED, ...options }, nowUs);
  if (!result.ok) throw new Error(result.error.reason);
  return result.report;
}

function manifestOf(disk: MemoryDisk, segment: number): SegmentManifest {
  const opened = openJournal(DIRECTORY, { disk });
  if (!opened.ok) throw new Error(opened.error.reason);
  const found = opened.journal.segments[segment - 1];
  if (found === undefined || found.kind === "open") throw new Error("the segment is sealed");
  return found.manifest;
}

describe("retention that waits for the bucket", () => {
  const uploaded = (disk: MemoryDisk, segment: number): void =>
    new Places<{ readonly segment: number }>(disk, ROOT, UPLOADS_FILE).note("run-a", { segment });

  test("keeps what is old until it is uploaded", async () => {
    const disk = new MemoryDisk();
    await sealedRun(disk, [[100], [100]]);
    const waiting = { retainUs: 1, awaitsUpload: true } as const;
    expect((await enforce(disk, waiting, START_US * 2)).retired).toEqual([]);
    uploaded(disk, 1);
    expect((await enforce(disk, waiting, START_US * 2)).retired).toEqual([
      { runId: "run-a", segment: 1 },
    ]);
    uploaded(disk, 2);
    expect((await enforce(disk, waiting, START_US * 2)).retired).toEqual([
      { runId: "run-a", segment: 2 },
    ]);
  });

  test("gives up what is not uploaded only when the disk is full, after all that is", async () => {
    const disk = new MemoryDisk();
    await sealedRun(disk, [[100], [100]], "run-a");
    await sealedRun(disk, [[100], [100]], "run-b");
    uploaded(disk, 2);
    const all = await enforce(disk, { retainBytes: 1, awaitsUpload: true });
    expect(all.retired.map(({ runId, segment }) => `${runId} ${segment}`)).toEqual([
      "run-a 1",
      "run-a 2",
      "run-b 1",
      "run-b 2",
    ]);
  });
});

describe("retention", () => {
  test("does nothing below the caps", async () => {
    const disk = new MemoryDisk();
    await sealedRun(disk, [[5], [5]]);
    const before = disk.files();
    const report = await enforce(disk, {});
    expect(report).toMatchObject({ retired: [], skipped: [], withinBudget: true });
    expect(report.bytes).toBe([...before.values()].reduce((sum, file) => sum + file.length, 0));
    expect(disk.files()).toEqual(before);
  });

  test("takes the oldest raw first and stops as soon as the cap holds", async () => {
    const disk = new MemoryDisk();
    await sealedRun(disk, [[100], [100], [100]]);
    const { bytes } = await enforce(disk, {});
    const report = await enforce(disk, { retainBytes: bytes - 1 });
    expect(report.retired).toEqual([{ runId: "run-a", segment: 1 }]);
    expect(report.withinBudget).toBe(true);
    expect(report.bytes).toBeLessThan(bytes);
    expect(readAll(DIRECTORY, disk)).toEqual([...keptLines(1, 100), ...sampleLines(101, 300)]);
    expect(disk.list(DIRECTORY).filter((name) => name.startsWith("00000001"))).toEqual([
      "00000001.kept.manifest.json",
      "00000001.kept.seg.zst",
    ]);
  });

  test("never gives up signal, cmd, exec or ctl, and says when that is not enough", async () => {
    const disk = new MemoryDisk();
    await sealedRun(disk, [[20], [20]]);
    const report = await enforce(disk, { retainBytes: 1 });
    expect(report.retired).toHaveLength(2);
    expect(report.withinBudget).toBe(false);
    expect(readAll(DIRECTORY, disk)).toEqual(keptLines(1, 40));
    const again = await enforce(disk, { retainBytes: 1 });
    expect(again).toMatchObject({ retired: [], skipped: [], withinBudget: false });
    const manifest = manifestOf(disk, 1);
    expect(manifest).toMatchObject({ dropped: ["raw", "norm"], records: 12, lastSeq: 20 });
    expect(manifest.droppedFrom?.records).toBe(20);
    expect(JOURNAL_CLASSES.map((name) => manifest.recordsByClass[name])).toEqual([
      0, 0, 4, 4, 0, 4,
    ]);
  });

  test("takes what is too old whatever the size, and the oldest run first", async () => {
    const disk = new MemoryDisk();
    await sealedRun(disk, [[5]], "run-z");
    await sealedRun(disk, [[6, 4], [5]], "run-a");
    const old = await enforce(disk, { retainUs: 1000 }, START_US + 1007);
    expect(old.retired).toEqual([{ runId: "run-z", segment: 1 }]);
    const older = await enforce(disk, { retainUs: 1000 }, START_US + 1012);
    expect(older.retired).toEqual([{ runId: "run-a", segment: 1 }]);
  });

  test("frees the reserve of the disk", async () => {
    const disk = new MemoryDisk();
    await sealedRun(disk, [[50], [50]]);
    disk.free = 1000;
    const report = await enforce(disk, { reserveFreeBytes: 2000 });
    expect(report).toMatchObject({ withinBudget: false, freeBytes: 1000 });
    expect(report.retired).toHaveLength(2);
  });

  test("leaves open segments, foreign files and empty folders alone", async () => {
    const disk = new MemoryDisk();
    writeSegments(disk, ROOT, [[5]], "run-open");
    disk.put("/journal/notes/readme.txt", new Uint8Array(10));
    const before = disk.files();
    expect(await enforce(disk, { retainBytes: 1 })).toMatchObject({ retired: [] });
    expect(disk.files()).toEqual(before);
    expect(await enforce(new MemoryDisk(), { retainBytes: 1 })).toMatchObject({ bytes: 0 });
  });

  test("skips a segment without raw records", async () => {
    const disk = new MemoryDisk();
    await sealedRun(disk, [[5]]);
    const file = `${DIRECTORY}/00000001.manifest.json`;
    const manifest = JSON.parse(new TextDecoder().decode(disk.readWhole(file)));
    const recordsByClass = { ...manifest.recordsByClass, raw: 0, norm: 0 };
    disk.put(file, new TextEncoder().encode(JSON.stringify({ ...manifest, recordsByClass })));
    expect(await enforce(disk, { retainBytes: 1 })).toMatchObject({ retired: [], skipped: [] });
  });

  test("does not delete what it cannot read, and goes on with the next", async () => {
    const disk = new MemoryDisk();
    await sealedRun(disk, [[5], [5], [5]]);
    const first = disk.readWhole(`${DIRECTORY}/00000001.seg.zst`);
    disk.put(`${DIRECTORY}/00000001.seg.zst`, first.slice(0, 30));
    disk.put(`${DIRECTORY}/00000002.manifest.json`, new Uint8Array(3));
    const report = await enforce(disk, { retainBytes: 1 });
    expect(report.skipped.map((error) => error.code)).toEqual(["damaged", "damaged"]);
    expect(report.retired).toEqual([{ runId: "run-a", segment: 3 }]);
    expect(disk.sizeBytes(`${DIRECTORY}/00000001.seg.zst`)).toBe(30);
  });

  test("does not delete a segment that is another than its manifest says", async () => {
    const disk = new MemoryDisk();
    await sealedRun(disk, [[5], [6]]);
    const manifest = manifestOf(disk, 1);
    disk.put(`${DIRECTORY}/00000001.seg.zst`, disk.readWhole(`${DIRECTORY}/00000002.seg.zst`));
    expect(await retireSegment(disk, DIRECTORY, manifest)).toMatchObject({
      error: { code: "damaged", reason: "bytes are not the manifest's" },
    });
  });

  test("does not delete when the rewritten segment reads otherwise than it was written", async () => {
    const disk = new MemoryDisk();
    await sealedRun(disk, [[5], [6]]);
    const manifest = manifestOf(disk, 1);
    const kept = `${DIRECTORY}/00000001.kept.seg.zst`;
    const other = disk.readWhole(`${DIRECTORY}/00000002.seg.zst`);
    disk.faults.rename = (file) => {
      const handle = disk.open(file, "replace");
      disk.write(handle, other, 0);
      disk.close(handle);
    };
    expect(await retireSegment(disk, DIRECTORY, manifest)).toMatchObject({
      error: { code: "damaged", file: kept },
    });
    expect(disk.sizeBytes(`${DIRECTORY}/00000001.seg.zst`)).toBeGreaterThan(0);
  });

  test("stops at a failing disk", async () => {
    const disk = new MemoryDisk();
    await sealedRun(disk, [[5]]);
    disk.faults.write = () => {
      throw new Error("ENOSPC");
    };
    const result = await enforceRetention(disk, ROOT, { ...UNLIMITED, retainBytes: 1 }, START_US);
    expect(result).toMatchObject({ ok: false, error: { code: "disk", reason: "ENOSPC" } });
    expect(disk.openHandles).toBe(0);
  });

  test.each(["kept", "lost"] as const)(
    "that dies between any two steps loses nothing, unsynced bytes being %s",
    async (unsynced) => {
      const source = new MemoryDisk();
      await sealedRun(source, [[20], [20]]);
      const healthy = source.afterCrash("kept");
      await enforceRetention(healthy, ROOT, { ...UNLIMITED, retainBytes: 1 }, START_US);
      expect(readAll(DIRECTORY, healthy)).toEqual(keptLines(1, 40));
      for (let stopAt = 1; stopAt <= healthy.operations; stopAt += 1) {
        const dying = source.afterCrash("kept");
        dying.stopAt = stopAt;
        await enforceRetention(dying, ROOT, { ...UNLIMITED, retainBytes: 1 }, START_US);
        const found = dying.afterCrash(unsynced);
        const recovered = recoverJournal(found, DIRECTORY);
        expect(recovered.ok && recovered.recovered.lastSeq, `stopped at ${stopAt}`).toBe(40);
        const lines = readAll(DIRECTORY, found);
        const allowed = [
          sampleLines(1, 40),
          [...keptLines(1, 20), ...sampleLines(21, 40)],
          keptLines(1, 40),
        ];
        expect(allowed).toContainEqual(lines);
        const report = await enforce(found, { retainBytes: 1 });
        expect(report.skipped).toEqual([]);
        expect(readAll(DIRECTORY, found)).toEqual(keptLines(1, 40));
        expect(found.list(DIRECTORY)).toEqual(healthy.list(DIRECTORY));
      }
    },
  );
});

describe("the filter of kept records", () => {
  test("gives the same records however the bytes arrive", () => {
    const disk = new MemoryDisk();
    writeSegments(disk, ROOT, [[7, 8]]);
    const bytes = disk.readWhole(`${DIRECTORY}/00000001.seg`);
    const whole = new KeptRecords();
    whole.take(bytes);
    expect(whole.records).toBe(9);
    for (const pieceBytes of [1, 7, 8, 33, 128, 500]) {
      const filter = new KeptRecords();
      for (let at = 0; at < bytes.length; at += pieceBytes) {
        filter.take(bytes.subarray(at, at + pieceBytes));
      }
      expect(Buffer.concat(filter.kept).equals(Buffer.concat(whole.kept))).toBe(true);
    }
  });

  test("does not follow a length that is none", () => {
    const filter = new KeptRecords();
    expect(() => filter.take(new Uint8Array(400))).toThrow("at least its header");
  });
});
