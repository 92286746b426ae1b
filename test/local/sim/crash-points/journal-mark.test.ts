// Goal: a journal that lost what was acknowledged, or holds what nobody wrote, is told from one that is whole.
import { describe, expect, test } from "vitest";
import {
  type JournalMark,
  lossOf,
  markJournal,
} from "../../../../local/sim/crash-points/journal-mark.ts";
import { VirtualDisk } from "../../../../local/sim/disk/virtual-disk.ts";

function markOf(ackedSeq: number, sums: readonly number[]): JournalMark {
  return { runId: "run-001", ackedSeq, sums };
}

describe("a recovered journal", () => {
  test("may have lost what was never acknowledged", () => {
    expect(lossOf(markOf(2, [11, 12, 13]), markOf(2, [11, 12]))).toBe("");
    expect(lossOf(markOf(2, [11, 12, 13]), markOf(3, [11, 12, 13]))).toBe("");
  });

  test("may have more than could be read of it at the crash, in the middle of a group", () => {
    expect(lossOf(markOf(1, [11]), markOf(2, [11, 12]))).toBe("");
  });

  test("must have everything that was acknowledged", () => {
    expect(lossOf(markOf(2, [11, 12]), markOf(1, [11]))).toBe(
      "run-001 lost records: 1 of 2 acknowledged",
    );
  });

  test("must not hold other records than were written", () => {
    expect(lossOf(markOf(2, [11, 12]), markOf(2, [11, 99]))).toContain("other records");
  });

  test("of a run that never began has no record", () => {
    const run = { runId: "run-001", ackedSeq: 0 };
    expect(markJournal(new VirtualDisk(), "/data/journal", run).sums).toEqual([]);
  });
});
