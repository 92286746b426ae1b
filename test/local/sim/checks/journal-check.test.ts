// Goal: what was acknowledged and is missing, refused or another history is told, with its invariant.
import { describe, expect, test } from "vitest";
import { makeFlipJournal } from "../../../../local/sim/campaign/flip-journal.ts";
import { judgeJournals } from "../../../../local/sim/checks/journal-check.ts";
import { VirtualDisk } from "../../../../local/sim/disk/virtual-disk.ts";

const SEGMENT_BYTES = 16_384;
const ROOT = "/journal";
const RUN = "flips";
/** Of the records that every such journal has acknowledged. */
const EARLY_SEQ = 2;

describe("the journals of a history", () => {
  test("that are not there broke nothing where nothing was acknowledged", () => {
    const lives = [{ runId: RUN, ackedSeq: 0 }];
    expect(judgeJournals(new VirtualDisk(), ROOT, lives)).toBeUndefined();
  });

  test("that are gone with what was acknowledged break invariant 4", () => {
    const miss = judgeJournals(new VirtualDisk(), ROOT, [{ runId: RUN, ackedSeq: 5 }]);
    expect(miss).toEqual({ invariant: 4, sentence: "flips is gone with 5 records" });
  });

  test("that end before what was acknowledged break invariant 4", () => {
    const { disk } = makeFlipJournal(SEGMENT_BYTES);
    const miss = judgeJournals(disk, ROOT, [{ runId: RUN, ackedSeq: 1e6 }]);
    expect(miss?.invariant).toBe(4);
    expect(miss?.sentence).toMatch(/^flips ends at \d+, and 1000000 was acknowledged$/);
  });

  test("that are damaged break invariant 4", () => {
    const { disk, segment } = makeFlipJournal(SEGMENT_BYTES);
    disk.medium.flipBit(segment, 4000, "P07");
    const miss = judgeJournals(disk, ROOT, [{ runId: RUN, ackedSeq: EARLY_SEQ }]);
    expect(miss?.invariant).toBe(4);
    expect(miss?.sentence).toContain("flips is refused");
  });

  test("that are no history of this core break invariant 5", () => {
    const { disk } = makeFlipJournal(SEGMENT_BYTES);
    const miss = judgeJournals(disk, ROOT, [{ runId: RUN, ackedSeq: EARLY_SEQ }]);
    expect(miss?.invariant).toBe(5);
    expect(miss?.sentence).toMatch(/^flips at sequence \d+, tick \d+: ./);
  });

  test("of a share of the lives are replayed, those of the others only opened", () => {
    const { disk } = makeFlipJournal(SEGMENT_BYTES);
    const lives = [
      { runId: "another", ackedSeq: 0 },
      { runId: RUN, ackedSeq: EARLY_SEQ },
    ];
    expect(judgeJournals(disk, ROOT, lives, { every: 4, first: 3 })?.invariant).toBe(5);
    expect(judgeJournals(disk, ROOT, lives, { every: 4, first: 2 })).toBeUndefined();
  });
});
