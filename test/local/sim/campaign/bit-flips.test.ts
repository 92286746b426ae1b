// Goal: no single flipped bit of a journal is ever accepted, and the campaign would see one that is.
// Method: a slice of all bits from every part of the segment, in ranges; then journals that are damaged so
// that the campaign must complain. RECKONER_LONG=1 flips every bit.
import { describe, expect, test } from "vitest";
import { MARK_BYTES } from "../../../../contracts/journal.ts";
import { inspectJournal } from "../../../../hotpath/io/journal/inspect.ts";
import {
  FLIP_SEGMENT_BYTES,
  type FlipReport,
  flipBits,
  flipEveryBit,
  joinFlips,
} from "../../../../local/sim/campaign/bit-flips.ts";
import { type FlipJournal, makeFlipJournal } from "../../../../local/sim/campaign/flip-journal.ts";
import { VirtualDisk } from "../../../../local/sim/disk/virtual-disk.ts";
import { commitGroup, newWriter } from "../../../hotpath/io/journal/fixture.ts";

const BITS = FLIP_SEGMENT_BYTES * 8;
const RANGE_BITS = 256;
const RANGES = 16;

describe("the journal for the flips", () => {
  const journal = makeFlipJournal(FLIP_SEGMENT_BYTES);

  test("has the size it was asked for, many marks, and a whole group that was never acknowledged", () => {
    expect(journal.bytes).toHaveLength(FLIP_SEGMENT_BYTES);
    expect(journal.ackedBytes).toBeLessThan(FLIP_SEGMENT_BYTES - MARK_BYTES);
    expect(journal.ackedBytes).toBeGreaterThan(FLIP_SEGMENT_BYTES - 12_000);
    const inspected = inspectJournal(journal.disk, journal.directory);
    if (!inspected.ok) throw new Error(inspected.error.reason);
    const { head, lastSeq, segments } = inspected.inspection;
    expect(head.offset).toBe(journal.ackedBytes);
    expect(head.ackedSeq).toBeLessThan(lastSeq);
    const [segment] = segments;
    const byClass = segment?.kind === "open" ? segment.summary.recordsByClass : [];
    // Raw, norm, cmd and ctl.
    expect([0, 1, 3, 5].map((code) => (byClass[code] ?? 0) > 20)).toEqual([true, true, true, true]);
  });

  test("is the same each time", () => {
    expect(makeFlipJournal(FLIP_SEGMENT_BYTES).bytes).toEqual(journal.bytes);
  });
});

describe("a flipped bit", () => {
  test("of any part of 64 KiB is refused before the acknowledged end, and cut after it", () => {
    const step = process.env.RECKONER_LONG === "1" ? RANGE_BITS : BITS / RANGES;
    const reports: FlipReport[] = [];
    for (let fromBit = 0; fromBit < BITS; fromBit += step) {
      // Ranges lie at both ends as well: the header, and the last mark.
      const from = fromBit === BITS - step ? BITS - RANGE_BITS : fromBit;
      reports.push(flipEveryBit({ fromBit: from, toBit: from + RANGE_BITS }));
    }
    const sum = (of: (report: FlipReport) => number): number =>
      reports.reduce((total, report) => total + of(report), 0);
    expect(reports.flatMap(({ wrongBits }) => wrongBits)).toEqual([]);
    expect(sum(({ flips }) => flips)).toBe(reports.length * RANGE_BITS);
    expect(sum(({ refused, tail }) => refused + tail)).toBe(reports.length * RANGE_BITS);
    expect(sum(({ tail }) => tail)).toBeGreaterThan(0);
  }, 600_000);

  test("is judged the same in one range and in two that are joined, across the acknowledged end", () => {
    const journal = makeFlipJournal(16_384);
    const end = journal.ackedBytes * 8;
    const options = { segmentBytes: 16_384 };
    const whole = flipEveryBit({ ...options, fromBit: end - 80, toBit: end + 48 });
    expect(whole).toEqual({
      fromBit: end - 80,
      toBit: end + 48,
      flips: 128,
      refused: 80,
      tail: 48,
      acceptedWrong: 0,
      refusedWrong: 0,
      wrongBits: [],
    });
    const one = flipEveryBit({ ...options, fromBit: end - 80, toBit: end - 3 });
    const two = flipEveryBit({ ...options, fromBit: end - 3, toBit: end + 48 });
    expect(joinFlips(one, two)).toEqual(whole);
    expect(() => joinFlips(two, one)).toThrow("follow one another");
  });

  test("in a journal of other classes, all acknowledged, is refused everywhere", () => {
    const disk = new VirtualDisk();
    const writer = newWriter(disk, "/journal");
    commitGroup(writer, 7);
    commitGroup(writer, 5);
    writer.close();
    const segment = "/journal/run-a/00000001.seg";
    const bytes = disk.readWhole(segment);
    const directory = "/journal/run-a";
    const journal = { disk, directory, segment, bytes, ackedBytes: bytes.length };
    const report = flipBits(journal);
    expect(report.wrongBits).toEqual([]);
    expect([report.refused, report.tail]).toEqual([bytes.length * 8, 0]);
    expect(disk.counts.injected("P07")).toBe(bytes.length * 8);
  });
});

describe("the campaign complains", () => {
  const sound = makeFlipJournal(16_384);
  const around = { fromBit: sound.ackedBytes * 8 - 8, toBit: sound.ackedBytes * 8 + 8 };

  test("when damage before the acknowledged end is taken for a tail", () => {
    // As if more had been acknowledged than the head file says.
    const believed: FlipJournal = { ...sound, ackedBytes: sound.ackedBytes + 1 };
    const report = flipBits(believed, around);
    expect(report).toMatchObject({ refused: 8, tail: 0, acceptedWrong: 8 });
    expect(report.wrongBits).toHaveLength(8);
  });

  test("when a tail is refused", () => {
    const believed: FlipJournal = { ...sound, ackedBytes: sound.ackedBytes - 1 };
    expect(flipBits(believed, around)).toMatchObject({ refusedWrong: 8, acceptedWrong: 8 });
  });

  test("when what is left is not what was acknowledged", () => {
    const bytes = sound.bytes.slice();
    bytes[200] = (bytes[200] ?? 0) ^ 1;
    expect(flipBits({ ...sound, bytes }, around)).toMatchObject({ refused: 8, acceptedWrong: 8 });
  });

  test("when it is asked for bits that are not there", () => {
    expect(() => flipBits(sound, { toBit: 16_384 * 8 + 1 })).toThrow("the segment's");
    expect(() => makeFlipJournal(16_381)).toThrow("aligned");
  });
});
