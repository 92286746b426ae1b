// Goal: the second reader of the journal's format reads what the first one writes, and nothing that is damaged.
// Method: every bit position of a small segment is flipped, every length is tried.
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { crc32c } from "../../../contracts/crc32c.ts";
import { VENUE_IDS } from "../../../contracts/ids.ts";
import { JOURNAL_CLASSES } from "../../../contracts/journal.ts";
import { readSegment } from "../../../functions/compact-archive/segment.ts";
import { decompressWhole } from "../../../hotpath/io/journal/compress.ts";
import { segmentFiles } from "../../../hotpath/io/journal/segment.ts";
import { JOURNAL_DIRECTORY, sealedRun } from "../../fixtures/archive/uploaded.ts";

const MANY_BYTES = 1_000_000;
let bytes: Uint8Array;
let second: Uint8Array;

async function segmentsOf(groups: readonly (readonly number[])[]): Promise<Uint8Array[]> {
  const { disk, manifests } = await sealedRun(groups);
  return manifests.map(({ segment }) => {
    const file = path.join(JOURNAL_DIRECTORY, segmentFiles(segment).sealed);
    return new Uint8Array(decompressWhole(disk.readWhole(file), MANY_BYTES));
  });
}

beforeAll(async () => {
  [bytes = new Uint8Array(), second = new Uint8Array()] = await segmentsOf([[5, 6], [4]]);
});

/** `segment` with the bytes at `at` replaced and the header's checksum made to fit. */
function headerWith(at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  view.setUint16(at, value, true);
  view.setUint32(12, 0, true);
  view.setUint32(12, crc32c(copy, 0, 128), true);
  return copy;
}

/** The first record with `value` as the byte at `at` and a checksum that fits. */
function recordWith(at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  const end = 128 + view.getUint32(128, true);
  view.setUint8(128 + at, value);
  view.setUint32(132, crc32c(copy, 136, end), true);
  return copy;
}

function reasonOf(segment: Uint8Array): string {
  const read = readSegment(segment);
  return read.ok ? "" : read.reason;
}

describe("a segment as the engine writes it", () => {
  test("is read with every record in its group", () => {
    const read = readSegment(bytes);
    if (!read.ok) throw new Error(read.reason);
    const { groups, ...rest } = read.index;
    expect(rest).toEqual({ runId: "run-a", segment: 1, firstSeq: 1, lastSeq: 11, records: 11 });
    const named = groups.map(({ classCode, venue, offsets }) => [
      JOURNAL_CLASSES[classCode],
      VENUE_IDS[venue] ?? "none",
      offsets.length,
    ]);
    expect(named).toEqual([
      ["raw", "binance-spot", 3],
      ["norm", "binance-spot", 2],
      ["signal", "none", 2],
      ["cmd", "none", 2],
      ["ctl", "none", 2],
    ]);
  });

  test("gives a normalized record no venue where its raw one stands in the segment before", () => {
    // Records 12 to 15: 12 was normalized from record 11.
    const read = readSegment(second);
    if (!read.ok) throw new Error(read.reason);
    const norm = read.index.groups.filter(({ classCode }) => classCode === 1);
    expect(norm.map(({ venue }) => venue)).toEqual([-1]);
  });
});

describe("a segment that is damaged", () => {
  test("by any flipped bit of its header or its records is refused", () => {
    let accepted = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      const copy = bytes.slice();
      copy[at] = (copy[at] ?? 0) ^ (1 << (at % 8));
      // Padding between records is under no checksum of the record; the manifest's sha256 covers it.
      if (readSegment(copy).ok) accepted += 1;
    }
    const padding = 7 * 13;
    expect(accepted).toBeLessThan(padding);
  });

  test("by its end is refused at any length that is not the end of a group", () => {
    const counts: number[] = [];
    for (let length = 0; length < bytes.length; length += 1) {
      const read = readSegment(bytes.subarray(0, length));
      if (read.ok) counts.push(read.index.records);
    }
    // Before the first group and after it; that these are too few is for the manifest to say.
    expect(counts).toEqual([0, 5]);
  });

  test("is refused with a reason that can be acted on", () => {
    expect(reasonOf(new Uint8Array(10))).toBe("the segment's header is cut short");
    expect(reasonOf(headerWith(8, 2))).toBe("journal format 2 is newer than 1");
    expect(reasonOf(headerWith(0, 0))).toBe("it is no journal segment");
    expect(reasonOf(recordWith(17, 99))).toContain("unknown type");
    expect(reasonOf(recordWith(18, 2))).toContain("schema 2 of frame is newer");
    expect(reasonOf(recordWith(14, 1))).toContain("where 1 is due");
    expect(reasonOf(recordWith(31, 0xff))).toContain("is no time");
    const long = bytes.slice();
    new DataView(long.buffer).setUint32(128, 8, true);
    expect(reasonOf(long)).toContain("no record is 8 bytes long");
    new DataView(long.buffer).setUint32(128, 60_000_000, true);
    expect(reasonOf(long)).toContain("a record is cut short");
  });
});

test("a segment that retention has rewritten has holes and is read all the same", () => {
  // The second record is made the fourth: a hole, which only the flag of the header allows.
  const hole = (segment: Uint8Array): Uint8Array => {
    const copy = segment.slice();
    const view = new DataView(copy.buffer);
    let at = 128;
    for (let record = 0; record < 4; record += 1) at += (view.getUint32(at, true) + 7) & -8;
    view.setFloat64(at + 8, 9, true);
    view.setUint32(at + 4, crc32c(copy, at + 8, at + view.getUint32(at, true)), true);
    return copy.slice(0, at + ((view.getUint32(at, true) + 7) & -8) + 96);
  };
  expect(reasonOf(hole(bytes))).toContain("sequence 9 stands where 5 is due");
  const read = readSegment(hole(headerWith(10, 1)));
  expect(read).toMatchObject({ ok: true, index: { records: 5, lastSeq: 9 } });
});
