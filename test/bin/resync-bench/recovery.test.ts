// Goal: a fault counts as recovered only on evidence, and its time runs from the right moment.
import { describe, expect, test } from "vitest";
import {
  isVenueLive,
  noteBefore,
  recoveryOf,
  showsRecovery,
} from "../../../bin/resync-bench/recovery.ts";
import type { InstrumentId } from "../../../contracts/ids.ts";
import type { ResyncRecord } from "../../../contracts/resync.ts";
import type { BookState, EngineStatus } from "../../../contracts/status.ts";
import type { FaultRecord } from "../../../local/venues/fault-desk.ts";
import {
  bookStatus,
  engineStatus,
  sessionStatus,
  venueStatus,
} from "../../fixtures/status/status-fixture.ts";

const A = "binance-spot:AAAUSDT" as const;
const B = "binance-spot:BBBUSDT" as const;
const AWAY = "binance-usdm:AAAUSDT" as const;
const INJECTED_US = 1_000_000;

function fault(over: Partial<FaultRecord> = {}): FaultRecord {
  return {
    faultId: 1,
    kind: "cut",
    venue: "binance-spot",
    symbol: null,
    origin: "demand",
    injectedUs: INJECTED_US,
    endedUs: INJECTED_US,
    sessionCount: 1,
    ...over,
  };
}

function record(
  instrument: InstrumentId,
  liveUs: number,
  over: Partial<ResyncRecord> = {},
): ResyncRecord {
  const stagesUs = { detect: 10, dial: 20, subscribe: 30, snapshot: 40, rebuild: 5, validate: 5 };
  return {
    resyncId: 1,
    venue: instrument === AWAY ? "binance-usdm" : "binance-spot",
    instrument,
    shard: 0,
    cause: "sessionClosed",
    epoch: 2,
    degradedUs: liveUs - 110,
    liveUs,
    totalUs: 110,
    stagesUs,
    snapshotCount: 2,
    tick: 1,
    ...over,
  };
}

function status(
  epoch: number,
  states: readonly BookState[] = ["live", "live"],
  seq = 5,
): EngineStatus {
  return engineStatus({
    venues: [venueStatus({ sessions: [sessionStatus({ epoch })] })],
    books: [
      bookStatus(A, { state: states[0] ?? "live", seq }),
      bookStatus(B, { state: states[1] ?? "live", seq }),
      bookStatus(AWAY, { state: "void" }),
    ],
  });
}

describe("evidence", () => {
  const before = noteBefore(status(1), "binance-spot");

  test("of a lost session is a repair of every book", () => {
    const one = [record(A, INJECTED_US + 5)];
    expect(showsRecovery(fault(), before, status(1), one)).toBe(false);
    const both = [...one, record(B, INJECTED_US + 9)];
    expect(showsRecovery(fault(), before, status(1), both)).toBe(true);
  });

  test("or a next session, when the books stayed right all the while", () => {
    expect(showsRecovery(fault(), before, status(1), [])).toBe(false);
    expect(showsRecovery(fault(), before, status(2), [])).toBe(true);
  });

  test("is none while a book is not live, or the fault goes on", () => {
    const both = [record(A, INJECTED_US + 5), record(B, INJECTED_US + 9)];
    expect(showsRecovery(fault(), before, status(2, ["live", "void"]), both)).toBe(false);
    expect(showsRecovery(fault({ endedUs: null }), before, status(2), both)).toBe(false);
  });

  test("of a broken frame is a repair of its own book, after the injection", () => {
    const dropped = fault({ kind: "dropDiff", symbol: "AAAUSDT" });
    expect(showsRecovery(dropped, before, status(1), [record(B, INJECTED_US + 5)])).toBe(false);
    expect(showsRecovery(dropped, before, status(1), [record(A, INJECTED_US - 5)])).toBe(false);
    expect(showsRecovery(dropped, before, status(1), [record(A, INJECTED_US + 5)])).toBe(true);
  });

  test("of a change that came twice is that its book went on", () => {
    const twice = fault({ kind: "duplicateDiff", symbol: "AAAUSDT" });
    expect(showsRecovery(twice, before, status(1), [])).toBe(false);
    expect(showsRecovery(twice, before, status(1, ["live", "live"], 6), [])).toBe(true);
  });
});

describe("the time of a recovery", () => {
  const records = [record(A, INJECTED_US + 700), record(B, INJECTED_US + 900), record(AWAY, 9e9)];

  test("ends with the last book of the fault's own venue", () => {
    const recovery = recoveryOf(fault(), records, true);
    expect(recovery).toMatchObject({ recoveryUs: 900, fromInjectionUs: 900, resyncCount: 2 });
    expect(recovery.snapshotCount).toBe(4);
  });

  test("of a venue that was away starts when it is back", () => {
    const away = fault({ kind: "venueRestart", endedUs: INJECTED_US + 600 });
    expect(recoveryOf(away, records, true)).toMatchObject({
      recoveryUs: 300,
      fromInjectionUs: 900,
    });
  });

  test("of a fault that one can recover from while it lasts starts with it", () => {
    const delayed = fault({ kind: "delay", endedUs: INJECTED_US + 600 });
    expect(recoveryOf(delayed, records, true).recoveryUs).toBe(900);
  });

  test("is never negative, and 0 when nothing was lost", () => {
    const announced = fault({ kind: "serverShutdown", endedUs: INJECTED_US + 5000 });
    expect(recoveryOf(announced, records, true).recoveryUs).toBe(0);
    expect(recoveryOf(announced, [], true)).toMatchObject({ recoveryUs: 0, stagesUs: null });
  });

  test("of a gap counts from the moment it was seen", () => {
    const stagesUs = { detect: 50, dial: 0, subscribe: 0, snapshot: 40, rebuild: 10, validate: 10 };
    const gap = record(A, INJECTED_US + 700, { stagesUs, cause: "sequenceGap" });
    const dropped = fault({ kind: "dropDiff", symbol: "AAAUSDT" });
    expect(recoveryOf(dropped, [gap], true).gapSeenUs).toEqual([60]);
    expect(recoveryOf(fault(), records, true).gapSeenUs).toEqual([]);
    const late = fault({ kind: "slowSnapshot", symbol: "AAAUSDT" });
    expect(recoveryOf(late, [gap], true).gapSeenUs).toEqual([]);
  });

  test("of a frame that could not be read is kept apart", () => {
    const stagesUs = { detect: 0, dial: 0, subscribe: 0, snapshot: 40, rebuild: 10, validate: 60 };
    const unread = record(A, INJECTED_US + 700, { stagesUs, cause: "malformedFrames" });
    const malformed = fault({ kind: "malformedFrame", symbol: "AAAUSDT" });
    const recovery = recoveryOf(malformed, [unread], true);
    expect(recovery).toMatchObject({ gapSeenUs: [], unreadSeenUs: [110] });
  });
});

test("a venue without books is not live", () => {
  expect(isVenueLive({ ...engineStatus(), books: [] }, "binance-spot")).toBe(false);
});
