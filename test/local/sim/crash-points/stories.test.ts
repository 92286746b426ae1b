// Goal: each of the twelve stories is what its name says, and one that goes wrong says how.
import { afterEach, describe, expect, test, vi } from "vitest";
import { IntentLog } from "../../../../hotpath/io/trade/intent-log.ts";
import { STORIES } from "../../../../local/sim/crash-points/catalog.ts";
import {
  type CrashPoint,
  runCrashPoint,
  tellStory,
} from "../../../../local/sim/crash-points/crash-point.ts";
import { judgeRecovery } from "../../../../local/sim/crash-points/recovery-check.ts";
import { SCENARIOS } from "../../../../local/sim/crash-points/scenarios.ts";
import { VirtualDisk } from "../../../../local/sim/disk/virtual-disk.ts";
import { Exchange } from "../../../../local/venues/exchange/exchange.ts";
import type { TradingVenue } from "../../../../local/venues/trading-sides.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

function pointOf(
  index: number,
  venue: TradingVenue,
  changes: Partial<CrashPoint> = {},
): CrashPoint {
  const scenario = SCENARIOS[index];
  const story = STORIES.find(
    (each) => each.scenario === scenario && each.venue === venue && each.intentSync === "fdatasync",
  );
  if (story === undefined) throw new Error("there are twelve stories");
  return { story, boundary: 0, model: "none", seed: 2, nested: 0, ...changes };
}

/** [number of the story, venue, what was seen of it]. */
const SEEN: readonly (readonly [number, TradingVenue, readonly string[]])[] = [
  [0, "binance-spot", ["order filled", "order expired", "cycle FILLED"]],
  [1, "kraken", ["order canceled", "cycle FAILED"]],
  [2, "kucoin", ["order canceled", "order filled", "cycle FILLED"]],
  [3, "kucoin", ["order filled", "cycle FILLED"]],
  [4, "binance-spot", ["order filled", "cycle FILLED"]],
  [5, "binance-spot", ["order notAccepted"]],
  [6, "kraken", ["order filled", "cycle FILLED"]],
  [7, "kraken", ["order filled", "order expired", "cycle FAILED"]],
  [8, "kucoin", ["kill", "order canceled"]],
  [9, "binance-spot", ["restored", "order canceled"]],
  [10, "kraken", ["cycle FILLED"]],
  [11, "binance-spot", ["restored", "order filled"]],
];

describe("a story", () => {
  test.each(SEEN)("number %i at %s goes as it is called", async (index, venue, seen) => {
    const told = await runCrashPoint(pointOf(index, venue));
    expect(told.violations).toEqual([]);
    expect(told.probes).toEqual(expect.arrayContaining([...seen]));
    expect(told.lives).toBe(index === 9 || index === 11 ? 2 : 1);
  });

  test("in which the journal rotates has more than one segment", async () => {
    const play = await tellStory(pointOf(10, "kraken"));
    const sealed = play.disk.files().filter((file) => file.endsWith(".seg.zst"));
    expect(sealed.length).toBeGreaterThan(1);
  });
});

describe("a kill", () => {
  test("is acknowledged, and outlives the machine", async () => {
    const whole = await tellStory(pointOf(8, "kucoin"));
    expect(whole.isKilled).toBe(true);
    // The last effects of the story are what came after the kill.
    const boundary = whole.effects.count - 5;
    const play = await tellStory(pointOf(8, "kucoin", { boundary, model: "stale" }));
    expect(play.isKilled).toBe(true);
    expect(play.lives).toHaveLength(2);
    expect(play.trade?.risk.kills.list().map(({ scope }) => scope)).toContain("all");
  });
});

describe("a story that goes wrong", () => {
  test("says that the engine ended by itself, and why", async () => {
    vi.spyOn(IntentLog.prototype, "append").mockReturnValue({ kind: "broken", reason: "drill" });
    const { violations } = await runCrashPoint(pointOf(6, "kraken"));
    expect(violations[0]).toContain("ended by itself");
    expect(violations[0]).toContain("drill");
  });

  test("says what is still under way when the time is over", async () => {
    vi.spyOn(Exchange.prototype, "cancel").mockReturnValue({
      kind: "refused",
      reason: "halted",
    });
    const { violations } = await runCrashPoint(pointOf(1, "kucoin"));
    expect(violations[0]).toContain("still under way: 1 orders are live");
    expect(violations.join()).toContain("1 orders are still open");
  }, 60_000);

  test("says that a life could not start", async () => {
    const crash = VirtualDisk.prototype.crash;
    vi.spyOn(VirtualDisk.prototype, "crash").mockImplementation(function (
      this: VirtualDisk,
      model,
      random,
    ) {
      const left = crash.call(this, model, random);
      const fence = left.open("/data/journal/fence", "append");
      left.append(fence, Uint8Array.of(1), 1);
      left.close(fence);
      return left;
    });
    const { violations } = await runCrashPoint(pointOf(9, "kraken"));
    expect(violations.join()).toContain("run-002 did not start: the fence file");
  });

  test("says that a recovery would not come to the same state again", async () => {
    const [recovery] = (await tellStory(pointOf(9, "kraken"))).recoveries;
    const plan = recovery?.plan;
    if (recovery === undefined || plan?.trading === undefined) throw new Error("it was restarted");
    expect(await judgeRecovery(recovery)).toEqual([]);
    const { trading } = plan;
    const other = { ...plan, trading: { ...trading, restored: "{}" } };
    expect(await judgeRecovery({ ...recovery, plan: other })).toEqual([
      "run-002 recovers differently the second time",
    ]);
    const fresh = { ...plan, trading: { ...trading, restored: "" } };
    expect(await judgeRecovery({ ...recovery, plan: fresh })).toEqual([]);
  });
});
