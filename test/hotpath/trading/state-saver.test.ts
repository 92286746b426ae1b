// Goal: no snapshot reaches the disk before the journal covers it, and none that is covered waits for long.
// Method: the saver over a list for a disk, a number for the journal, and vitest's clock.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { SavedState, SaveOutcome } from "../../../hotpath/io/trade/state-store.ts";
import { StateSaver } from "../../../hotpath/trading/state-saver.ts";

const saved: SavedState[] = [];
const outcomes: SaveOutcome[] = [];
let ackedSeq = 0;
let saver: StateSaver;

beforeEach(() => {
  vi.useFakeTimers();
  saved.length = 0;
  outcomes.length = 0;
  ackedSeq = 10;
  saver = new StateSaver({
    store: {
      save: (state) => {
        saved.push(state);
        return { kind: "saved", file: state.text };
      },
    },
    runId: "run-1",
    ackedSeq: () => ackedSeq,
    onSaved: (outcome) => void outcomes.push(outcome),
  });
});
afterEach(() => {
  saver.stop();
  vi.useRealTimers();
});

const seqs = () => saved.map(({ seq }) => seq);

test("a snapshot that the journal covers is saved at once", () => {
  saver.add(10, "covered");
  expect(saved).toEqual([{ runId: "run-1", seq: 10, text: "covered" }]);
  expect(outcomes).toEqual([{ kind: "saved", file: "covered" }]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a snapshot that is ahead of the journal waits for it", () => {
  saver.add(11, "ahead");
  vi.advanceTimersByTime(1000);
  expect(seqs()).toEqual([]);
  ackedSeq = 11;
  vi.advanceTimersByTime(20);
  expect(seqs()).toEqual([11]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a later snapshot does not starve an earlier one that is covered first", () => {
  saver.add(12, "earlier");
  saver.add(30, "later");
  ackedSeq = 20;
  vi.advanceTimersByTime(20);
  expect(seqs()).toEqual([12]);
  ackedSeq = 30;
  vi.advanceTimersByTime(20);
  expect(seqs()).toEqual([12, 30]);
});

test("of several that are covered only the newest is written", () => {
  for (const seq of [11, 12, 13]) saver.add(seq, "x");
  ackedSeq = 12;
  vi.advanceTimersByTime(20);
  expect(seqs()).toEqual([12]);
});

test("the end saves what is covered by then, and never what is not", () => {
  saver.add(11, "covered");
  saver.add(99, "ahead");
  ackedSeq = 11;
  saver.stop();
  ackedSeq = 99;
  vi.advanceTimersByTime(1000);
  expect(seqs()).toEqual([11]);
  expect(vi.getTimerCount()).toBe(0);
});
