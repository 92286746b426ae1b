// Goal: quantiles, groups and verdicts of the resync bench say what was measured, and a miss is a miss.
import { describe, expect, test } from "vitest";
import { accountOf, missOf, quantilesMs } from "../../../bin/resync-bench/judge.ts";
import type { Recovery } from "../../../bin/resync-bench/recovery.ts";
import { tableLines } from "../../../bin/resync-bench/table.ts";
import type { FaultKind } from "../../../local/venues/fault-plan.ts";

const STAGES = {
  detect: 1000,
  dial: 2000,
  subscribe: 3000,
  snapshot: 4000,
  rebuild: 5,
  validate: 6,
};
const CLEAN = { wrongBooks: 0, decisionsOnInvalidBook: 0 };

function recovery(kind: FaultKind, ms: number, over: Partial<Recovery> = {}): Recovery {
  const fault = {
    faultId: 1,
    kind,
    venue: "binance-spot" as const,
    symbol: null,
    origin: "demand" as const,
    injectedUs: 0,
    endedUs: 0,
    sessionCount: 1,
  };
  return {
    fault,
    isRecovered: true,
    recoveryUs: ms * 1000,
    fromInjectionUs: ms * 1000,
    stagesUs: STAGES,
    gapSeenUs: [],
    unreadSeenUs: [],
    resyncCount: 1,
    snapshotCount: 2,
    ...over,
  };
}

describe("quantiles", () => {
  test("are values that were measured, by nearest rank", () => {
    const times = Array.from({ length: 100 }, (_, index) => (100 - index) * 1000);
    expect(quantilesMs(times)).toEqual({ count: 100, p50: 50, p99: 99, max: 100 });
  });

  test("of one value are that value, of none are 0", () => {
    expect(quantilesMs([7000])).toEqual({ count: 1, p50: 7, p99: 7, max: 7 });
    expect(quantilesMs([])).toEqual({ count: 0, p50: 0, p99: 0, max: 0 });
  });
});

describe("the account", () => {
  test("puts each kind into its group and its stages into means", () => {
    const slow = { ...STAGES, snapshot: 8000 };
    const account = accountOf(
      [recovery("cut", 800), recovery("cut", 900, { stagesUs: slow }), recovery("dropDiff", 300)],
      CLEAN,
      true,
    );
    expect(account.kinds.cut).toMatchObject({ count: 2, recovered: 2, resyncs: 2, snapshots: 4 });
    expect(account.kinds.cut?.stagesMs).toMatchObject({ detect: 1, snapshot: 6 });
    expect(account.kinds.halfOpen).toBeUndefined();
    expect(account.groups.needsSession).toMatchObject({ count: 2, p50: 800, p99: 900 });
    expect(account.groups.needsSnapshot).toMatchObject({ count: 1, max: 300 });
    expect(missOf(account)).toBe("");
  });

  test("counts what did not recover and keeps it out of the times", () => {
    const lost = recovery("silent", 30_000, { isRecovered: false });
    const account = accountOf([recovery("silent", 900), lost], CLEAN, true);
    expect(account.unrecovered).toBe(1);
    expect(account.kinds.silent).toMatchObject({ count: 2, recovered: 1 });
    expect(account.groups.needsSession.max).toBe(900);
    expect(missOf(account)).toBe("1 faults were not recovered from");
  });

  test("has no stages for faults that broke nothing", () => {
    const account = accountOf([recovery("duplicateDiff", 0, { stagesUs: null })], CLEAN, true);
    expect(account.kinds.duplicateDiff?.stagesMs.snapshot).toBe(0);
  });

  test("claims nothing of a group that saw no fault", () => {
    const account = accountOf([recovery("cut", 800)], CLEAN, true);
    expect(account.targets.map(({ group }) => group)).toEqual(["needsSession", "needsSession"]);
  });
});

describe("the verdict", () => {
  test.each([
    ["cut" as const, 1001, "needsSession p50 was 1001.0 ms, its target is 1000 ms"],
    ["crossedBook" as const, 1001, "needsSnapshot p99 was 1001.0 ms, its target is 1000 ms"],
    ["snapshot503" as const, 2001, "snapshotFaults p99 was 2001.0 ms, its target is 2000 ms"],
  ])("names the target that %s missed", (kind, ms, sentence) => {
    expect(missOf(accountOf([recovery(kind, ms)], CLEAN, true))).toBe(sentence);
    expect(missOf(accountOf([recovery(kind, ms - 1)], CLEAN, true))).toBe("");
  });

  test("holds a run without delays to the gap alone", () => {
    const quick = recovery("dropDiff", 5000, { gapSeenUs: [20_000] });
    expect(missOf(accountOf([quick], CLEAN, false))).toBe("");
    const slow = recovery("dropDiff", 5000, { gapSeenUs: [20_001] });
    expect(missOf(accountOf([slow], CLEAN, false))).toContain("gapSeen p99");
  });

  test("comes after the zeros", () => {
    const slow = [recovery("cut", 5000)];
    expect(missOf(accountOf(slow, { ...CLEAN, wrongBooks: 2 }, true))).toContain("2 live books");
    const decided = { ...CLEAN, decisionsOnInvalidBook: 1 };
    expect(missOf(accountOf(slow, decided, true))).toContain("1 decisions");
  });

  test("of nothing is no success", () => {
    expect(missOf(accountOf([], CLEAN, true))).toBe("no fault was injected");
  });
});

test("the table shows each kind in its group, and says MISSED where a target was", () => {
  const account = accountOf([recovery("cut", 1200), recovery("oldSnapshot", 700)], CLEAN, true);
  const text = tableLines(account).join("\n");
  expect(text).toContain("### needsSession\n");
  expect(text).not.toContain("### needsSnapshot");
  expect(text).toMatch(/\| cut +\| injection \| +1 \| +1 \| 1200\.0 \|/);
  expect(text).toMatch(/\| needsSession p50 +\| +1000 \| +1200\.0 \| MISSED \|/);
  expect(text).toMatch(/\| snapshotFaults p99 \| +2000 \| +700\.0 \| +met \|/);
});
