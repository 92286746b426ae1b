// Goal: nothing acknowledged is lost, nothing damaged is accepted, and only the tail is ever cut.
import path from "node:path";
import { describe, expect, test } from "vitest";
import { MARK_BYTES } from "../../../../contracts/journal.ts";
import { inspectJournal } from "../../../../hotpath/io/journal/inspect.ts";
import { recoverJournal, sealRecovered } from "../../../../hotpath/io/journal/recovery.ts";
import { SEGMENT_HEADER_BYTES } from "../../../../hotpath/io/journal/segment.ts";
import { JournalWriter } from "../../../../hotpath/io/journal/writer.ts";
import {
  commitGroup,
  newWriter,
  readAll,
  sampleLines,
  sampleRecord,
  WRITER_OPTIONS,
  writeSegments,
} from "./fixture.ts";
import { MemoryDisk } from "./memory-disk.ts";

const ROOT = "/journal";
const DIRECTORY = "/journal/run-a";
const SEGMENT = "/journal/run-a/00000001.seg";
const HEAD = "/journal/run-a/head";

/** Two acknowledged groups of three, then a third whose acknowledgment never reached the disk. */
function journalWithTail(): { disk: MemoryDisk; ackedBytes: number; segment: Uint8Array } {
  const disk = new MemoryDisk();
  const writer = newWriter(disk, ROOT);
  commitGroup(writer, 3);
  commitGroup(writer, 3);
  const ackedBytes = disk.sizeBytes(SEGMENT);
  const head = disk.readWhole(HEAD);
  commitGroup(writer, 3);
  writer.close();
  disk.put(HEAD, head);
  return { disk, ackedBytes, segment: disk.readWhole(SEGMENT) };
}

function withSegment(source: MemoryDisk, segment: Uint8Array): MemoryDisk {
  const disk = source.afterCrash("kept");
  disk.put(SEGMENT, segment);
  return disk;
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice();
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

function recoveredSeq(disk: MemoryDisk): number {
  const result = recoverJournal(disk, DIRECTORY);
  return result.ok ? result.recovered.lastSeq : -1;
}

describe("a torn tail", () => {
  test("cut at any byte of the last three records recovers to the last commit mark", () => {
    const { disk, ackedBytes, segment } = journalWithTail();
    const wholeBytes = segment.length;
    for (let bytes = ackedBytes; bytes < wholeBytes; bytes += 1) {
      const cut = withSegment(disk, segment.slice(0, bytes));
      expect(recoveredSeq(cut), `cut at ${bytes}`).toBe(6);
      expect(cut.sizeBytes(SEGMENT)).toBe(ackedBytes);
      expect(readAll(DIRECTORY, cut)).toEqual(sampleLines(1, 6));
    }
    const whole = withSegment(disk, segment);
    expect(recoveredSeq(whole)).toBe(9);
    expect(readAll(DIRECTORY, whole)).toEqual(sampleLines(1, 9));
  });

  test("with any flipped bit is cut as a whole, whatever the bit", () => {
    const { disk, ackedBytes, segment } = journalWithTail();
    for (let bit = ackedBytes * 8; bit < segment.length * 8; bit += 1) {
      expect(recoveredSeq(withSegment(disk, flipped(segment, bit))), `bit ${bit}`).toBe(6);
    }
  });

  test("whose sectors reached the disk in any order and number is cut, or is whole", () => {
    const { disk, ackedBytes, segment } = journalWithTail();
    const sectorBytes = Math.ceil((segment.length - ackedBytes) / 8);
    for (let subset = 0; subset < 256; subset += 1) {
      const torn = segment.slice();
      for (let sector = 0; sector < 8; sector += 1) {
        const from = ackedBytes + sector * sectorBytes;
        if ((subset & (1 << sector)) === 0) torn.fill(0, from, from + sectorBytes);
      }
      expect(recoveredSeq(withSegment(disk, torn)), `subset ${subset}`).toBe(
        subset === 255 ? 9 : 6,
      );
    }
  });

  test("leaves a journal on which a writer goes on, and a second recovery finds nothing to do", () => {
    const { disk, segment } = journalWithTail();
    const cut = withSegment(disk, segment.slice(0, -MARK_BYTES - 5));
    const first = recoverJournal(cut, DIRECTORY);
    expect(first.ok && first.recovered.tail?.segment).toBe(1);
    const before = cut.files();
    const second = recoverJournal(cut, DIRECTORY);
    expect(second.ok && second.recovered.tail).toBeNull();
    expect(cut.files()).toEqual(before);
    if (!second.ok) throw new Error(second.error.reason);
    const writer = new JournalWriter(cut, DIRECTORY, second.recovered.start, WRITER_OPTIONS);
    commitGroup(writer, 4);
    writer.close();
    expect(readAll(DIRECTORY, cut)).toEqual(sampleLines(1, 10));
    expect(cut.sizeBytes("/journal/run-a/00000002.seg")).toBeGreaterThan(0);
  });

  test("that is a whole new segment without an acknowledged group goes, header and all", () => {
    const disk = new MemoryDisk();
    const summaries = writeSegments(disk, ROOT, [[3]]);
    expect(summaries).toHaveLength(1);
    const head = disk.readWhole(HEAD);
    const start = recoverJournal(disk, DIRECTORY);
    if (!start.ok) throw new Error(start.error.reason);
    const writer = new JournalWriter(disk, DIRECTORY, start.recovered.start, WRITER_OPTIONS);
    commitGroup(writer, 2);
    writer.close();
    const second = "/journal/run-a/00000002.seg";
    const whole = disk.readWhole(second);
    for (let bytes = 0; bytes < whole.length; bytes += 1) {
      const cut = disk.afterCrash("kept");
      cut.put(HEAD, head);
      cut.put(second, whole.slice(0, bytes));
      expect(recoveredSeq(cut), `cut at ${bytes}`).toBe(3);
      expect(cut.sizeBytes(second)).toBe(-1);
      expect(recoveredSeq(cut)).toBe(3);
    }
  });
});

describe("damage before the last acknowledged mark", () => {
  test("of any single bit of the segment is refused, and nothing is changed", () => {
    const disk = new MemoryDisk();
    const writer = newWriter(disk, ROOT);
    commitGroup(writer, 3);
    commitGroup(writer, 3);
    writer.close();
    const segment = disk.readWhole(SEGMENT);
    for (let bit = 0; bit < segment.length * 8; bit += 1) {
      disk.put(SEGMENT, flipped(segment, bit));
      const operations = disk.operations;
      const result = recoverJournal(disk, DIRECTORY);
      expect(result.ok, `bit ${bit}`).toBe(false);
      expect(disk.operations).toBe(operations);
    }
    disk.put(SEGMENT, segment);
    expect(recoveredSeq(disk)).toBe(6);
  });

  test("of any bit of 64 KiB is refused (every 997th of them; RECKONER_LONG=1 tries all)", () => {
    const disk = new MemoryDisk();
    const writer = newWriter(disk, ROOT);
    while (disk.sizeBytes(SEGMENT) < 65_536) commitGroup(writer, 40);
    writer.close();
    const segment = disk.readWhole(SEGMENT);
    const step = process.env.RECKONER_LONG === "1" ? 1 : 997;
    for (let bit = 0; bit < segment.length * 8; bit += step) {
      disk.put(SEGMENT, flipped(segment, bit));
      expect(inspectJournal(disk, DIRECTORY).ok, `bit ${bit}`).toBe(false);
    }
  }, 600_000);

  test("by truncation at any byte is refused", () => {
    const disk = new MemoryDisk();
    writeSegments(disk, ROOT, [[3, 3]]);
    const segment = disk.readWhole(SEGMENT);
    for (let bytes = 0; bytes < segment.length; bytes += 1) {
      disk.put(SEGMENT, segment.slice(0, bytes));
      expect(recoveredSeq(disk), `cut at ${bytes}`).toBe(-1);
    }
  });

  test("is refused with its file, offset and reason", () => {
    const disk = new MemoryDisk();
    writeSegments(disk, ROOT, [[3, 3]]);
    const segment = disk.readWhole(SEGMENT);
    segment[SEGMENT_HEADER_BYTES + 40] = 255;
    disk.put(SEGMENT, segment);
    expect(recoverJournal(disk, DIRECTORY)).toMatchObject({
      ok: false,
      error: { code: "damaged", file: SEGMENT, offset: SEGMENT_HEADER_BYTES },
    });
  });

  test("is seen by two good marks behind it even when the head file is old", () => {
    const disk = new MemoryDisk();
    const writer = newWriter(disk, ROOT);
    commitGroup(writer, 3);
    const head = disk.readWhole(HEAD);
    const secondAt = disk.sizeBytes(SEGMENT);
    commitGroup(writer, 3);
    commitGroup(writer, 3);
    writer.close();
    disk.put(HEAD, head);
    const segment = disk.readWhole(SEGMENT);
    disk.put(SEGMENT, flipped(segment, (secondAt + 33) * 8));
    expect(recoverJournal(disk, DIRECTORY)).toMatchObject({
      error: { code: "damaged", offset: secondAt },
    });
  });

  test("in a segment that is not the last is refused", () => {
    const disk = new MemoryDisk();
    writeSegments(disk, ROOT, [[3], [3]]);
    disk.put(SEGMENT, disk.readWhole(SEGMENT).slice(0, -8));
    expect(recoverJournal(disk, DIRECTORY)).toMatchObject({ error: { code: "damaged" } });
  });

  test("in a header with a good mark behind it is refused even when unacknowledged", () => {
    const { disk, segment } = journalWithTail();
    const head = new MemoryDisk();
    newWriter(head, ROOT);
    disk.put(HEAD, head.readWhole(HEAD));
    disk.put(SEGMENT, flipped(segment, 20));
    expect(recoverJournal(disk, DIRECTORY)).toMatchObject({
      error: { code: "damaged", offset: 0 },
    });
  });
});

describe("the head file", () => {
  test("with one damaged slot is read from the other", () => {
    const disk = new MemoryDisk();
    writeSegments(disk, ROOT, [[3, 3, 3]]);
    const head = disk.readWhole(HEAD);
    for (const at of [10, 4096 + 10]) {
      const copy = head.slice();
      copy[at] = (copy[at] ?? 0) ^ 1;
      disk.put(HEAD, copy);
      expect(recoveredSeq(disk.afterCrash("kept"))).toBe(9);
    }
  });

  test("with both slots damaged, or gone, is refused", () => {
    const disk = new MemoryDisk();
    writeSegments(disk, ROOT, [[3]]);
    disk.put(HEAD, new Uint8Array(8192));
    expect(recoverJournal(disk, DIRECTORY)).toMatchObject({
      error: { code: "damaged", file: HEAD },
    });
    disk.put(HEAD, new Uint8Array(3));
    expect(recoverJournal(disk, DIRECTORY)).toMatchObject({ error: { code: "damaged" } });
    disk.take(HEAD);
    expect(recoverJournal(disk, DIRECTORY)).toMatchObject({ error: { code: "missing" } });
  });

  test("that acknowledges more than there is refuses the journal", () => {
    const disk = new MemoryDisk();
    writeSegments(disk, ROOT, [[3], [3]]);
    disk.take("/journal/run-a/00000002.seg");
    expect(recoverJournal(disk, DIRECTORY)).toMatchObject({ error: { code: "missing" } });
  });

  test("of an empty run recovers to nothing", () => {
    const disk = new MemoryDisk();
    newWriter(disk, ROOT);
    expect(recoverJournal(disk, DIRECTORY)).toMatchObject({
      recovered: { lastSeq: 0, unsealed: [], start: { nextSeq: 1, lastSegment: 0 } },
    });
  });
});

describe("a segment in the wrong place", () => {
  const second = "/journal/run-a/00000002.seg";
  const third = "/journal/run-a/00000003.seg";

  function threeSegments(): MemoryDisk {
    const disk = new MemoryDisk();
    writeSegments(disk, ROOT, [[3], [4], [2]]);
    return disk;
  }

  test("that is missing is refused", () => {
    const disk = threeSegments();
    disk.take(second);
    expect(recoverJournal(disk, DIRECTORY)).toMatchObject({
      error: { code: "missing", reason: "segment 2 is missing" },
    });
  });

  test("that is another's copy is refused", () => {
    const disk = threeSegments();
    disk.put(second, disk.readWhole(third));
    expect(recoverJournal(disk, DIRECTORY)).toMatchObject({
      error: { code: "foreign", file: second, reason: "segment 3 under the name of 2" },
    });
  });

  test("that follows the last as a duplicate is refused", () => {
    const disk = threeSegments();
    disk.put("/journal/run-a/00000004.seg", disk.readWhole(third));
    expect(recoverJournal(disk, DIRECTORY)).toMatchObject({ error: { code: "foreign" } });
  });

  test("of another run is refused", () => {
    const disk = threeSegments();
    writeSegments(disk, ROOT, [[3], [4], [2]], "run-b");
    disk.put(second, disk.readWhole("/journal/run-b/00000002.seg"));
    expect(recoverJournal(disk, DIRECTORY)).toMatchObject({
      error: { code: "foreign", reason: "segment of run run-b in run run-a" },
    });
  });

  test("of an earlier life of the same run, with other records, is refused", () => {
    const other = new MemoryDisk();
    writeSegments(other, ROOT, [[3], [5], [2]]);
    const disk = threeSegments();
    disk.put(third, other.readWhole(third));
    expect(recoverJournal(disk, DIRECTORY)).toMatchObject({
      error: { code: "foreign", reason: "segment begins at 9 where 8 is due" },
    });
    const regrouped = new MemoryDisk();
    writeSegments(regrouped, ROOT, [[3], [2, 2], [2]]);
    const again = threeSegments();
    again.put(third, regrouped.readWhole(third));
    expect(recoverJournal(again, DIRECTORY)).toMatchObject({
      error: { code: "foreign", reason: "segment does not continue the chained hash before it" },
    });
  });
});

describe("recovery on a failing disk", () => {
  test("is refused when a file cannot be read or cut", () => {
    const { disk, segment } = journalWithTail();
    const cut = withSegment(disk, segment.slice(0, -10));
    cut.faults.readWhole = () => {
      throw new Error("EIO");
    };
    expect(recoverJournal(cut, DIRECTORY)).toMatchObject({
      error: { code: "disk", reason: "EIO" },
    });
    cut.faults = {
      truncate: () => {
        throw new Error("EROFS");
      },
    };
    expect(recoverJournal(cut, DIRECTORY)).toMatchObject({ error: { reason: "EROFS" } });
    expect(cut.openHandles).toBe(0);
  });

  test("is refused when sealing cannot write", async () => {
    const disk = new MemoryDisk();
    writeSegments(disk, ROOT, [[3]]);
    const result = recoverJournal(disk, DIRECTORY);
    if (!result.ok) throw new Error(result.error.reason);
    disk.faults.write = () => {
      throw new Error("ENOSPC");
    };
    expect(await sealRecovered(disk, DIRECTORY, result.recovered)).toMatchObject({
      error: { code: "disk", reason: "ENOSPC" },
    });
    disk.faults = {};
    expect(await sealRecovered(disk, DIRECTORY, result.recovered)).toMatchObject({ ok: true });
    expect(disk.list(DIRECTORY)).toEqual(["00000001.manifest.json", "00000001.seg.zst", "head"]);
    expect(readAll(DIRECTORY, disk)).toEqual(sampleLines(1, 3));
  });
});

describe("a crash at any operation", () => {
  const groups = [2, 1, 3, 2, 2, 1];

  /** Writes, rotates and seals until the disk dies; returns what had been acknowledged. */
  async function live(disk: MemoryDisk): Promise<number> {
    let acked = 0;
    try {
      const writer = newWriter(disk, ROOT, "run-a", { segmentBytes: 900 });
      for (const count of groups) {
        commitGroup(writer, count);
        acked = writer.ackedSeq;
        if (!writer.isSegmentFull(0)) continue;
        const summary = writer.endSegment();
        if (summary === null) continue;
        await sealRecovered(disk, DIRECTORY, {
          start: {
            runId: "run-a",
            nextSeq: 0,
            lastSegment: 0,
            chain: sampleRecord(1),
            headCounter: 0,
          },
          lastSeq: 0,
          tail: null,
          unsealed: [summary],
        });
      }
    } catch {
      // The machine is dead from here on.
    }
    return acked;
  }

  /** Recovers and seals, dying at `stopAt` (0: never). */
  async function revive(disk: MemoryDisk, stopAt: number): Promise<number> {
    disk.stopAt = stopAt;
    const result = recoverJournal(disk, DIRECTORY);
    if (!result.ok) return -1;
    const sealed = await sealRecovered(disk, DIRECTORY, result.recovered);
    return sealed.ok ? result.recovered.lastSeq : -1;
  }

  test.each(["kept", "lost"] as const)(
    "keeps every acknowledged record, unsynced bytes being %s",
    async (unsynced) => {
      const healthy = new MemoryDisk();
      expect(await live(healthy)).toBe(11);
      for (let stopAt = 1; stopAt <= healthy.operations; stopAt += 1) {
        const dying = new MemoryDisk();
        dying.stopAt = stopAt;
        const acked = await live(dying);
        const found = dying.afterCrash(unsynced);
        if (!found.list(DIRECTORY).includes(path.basename(HEAD))) {
          // The run had not begun: there is nothing to lose and nothing to find.
          expect(acked).toBe(0);
          continue;
        }
        const lastSeq = await revive(found, 0);
        expect(lastSeq, `stopped at ${stopAt}`).toBeGreaterThanOrEqual(acked);
        expect(readAll(DIRECTORY, found)).toEqual(sampleLines(1, lastSeq));
      }
    },
  );

  test("of recovery itself, three times in a row, changes nothing about the outcome", async () => {
    const dying = new MemoryDisk();
    dying.stopAt = 37;
    const acked = await live(dying);
    expect(acked).toBeGreaterThan(0);
    for (const unsynced of ["kept", "lost"] as const) {
      const healthy = dying.afterCrash(unsynced);
      const expected = await revive(healthy, 0);
      for (let stopAt = 1; stopAt <= healthy.operations; stopAt += 1) {
        let disk = dying.afterCrash(unsynced);
        for (let death = 0; death < 3; death += 1) {
          await revive(disk, stopAt);
          disk = disk.afterCrash(unsynced);
        }
        expect(await revive(disk, 0), `stopped at ${stopAt}`).toBe(expected);
        expect(readAll(DIRECTORY, disk)).toEqual(sampleLines(1, expected));
      }
    }
  });
});

describe("inspection", () => {
  test("of a directory that is not there says what is missing", () => {
    expect(inspectJournal(new MemoryDisk(), "/nowhere")).toMatchObject({
      error: { code: "missing", reason: "there is no head file" },
    });
  });
});
