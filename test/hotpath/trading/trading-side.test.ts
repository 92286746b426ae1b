// Goal: the supervisor's side of trading acknowledges what the loop has taken, keeps it on the disk, and tells it.
// Method: real files and the real log; the hot thread is a list of what was asked, with answers by the test.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { TradingStatus } from "../../../contracts/trading-status.ts";
import type { OperatorEvent } from "../../../hotpath/hot-thread-messages.ts";
import type { Operations } from "../../../hotpath/io/admin-write.ts";
import { openLog } from "../../../hotpath/io/log.ts";
import { loadState } from "../../../hotpath/io/trade/state-store.ts";
import { TradingSide, type TradingSideOptions } from "../../../hotpath/trading/trading-side.ts";
import { standardLimits } from "../../fixtures/limits/limits-fixture.ts";
import { accountStatus, tradingStatus } from "../../fixtures/status/status-fixture.ts";
import {
  alarmRecord,
  cycleRecord,
  denialRecord,
  opportunityRecord,
  orderRecord,
} from "../../fixtures/trading/record-fixture.ts";

const KILL = { scope: "all", target: "", by: "anna", reason: "odd" } as const;

let folder = "";
let lines: string[] = [];
let asked: OperatorEvent[] = [];
let tick: number | undefined = 42;
let side: TradingSide;
let now: TradingStatus | null = null;
/** One clock for all lives of a test: a later run begins later. */
let us = 0;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "reckoner-side-"));
  lines = [];
  asked = [];
  tick = 42;
  us = 1_000_000;
  now = tradingStatus();
  side = made();
});
afterEach(() => {
  side.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

function made(over: Partial<TradingSideOptions> = {}): TradingSide {
  const nowUs = () => us++;
  return new TradingSide({
    directory: path.join(folder, "journal"),
    runId: "run-1",
    venues: ["binance-spot", "kraken"],
    instruments: [],
    log: openLog({ instance: "test", nowUs, write: (line) => void lines.push(line) }),
    nowUs,
    shutdownPolicy: "cancelOnly",
    restored: "",
    ask: async (event) => {
      asked.push(event);
      return tick;
    },
    ackedSeq: () => 100,
    status: async () => now,
    ...over,
  });
}

function operations(): Operations {
  const { operations: some } = side;
  if (some === undefined) throw new Error("an account trades");
  return some;
}

function file(name: string): string {
  return path.join(folder, "journal", name);
}

function killsOnDisk(): unknown[] {
  return (JSON.parse(fs.readFileSync(file("kills.json"), "utf8")) as { kills: unknown[] }).kills;
}

/** Makes the list of kills impossible to write. */
function breakDisk(): void {
  fs.mkdirSync(file("kills.json.tmp"), { recursive: true });
}

describe("a kill", () => {
  test("is in the loop and on the disk when it is acknowledged", async () => {
    expect(await operations().kill(KILL)).toEqual({ ok: true, tick: 42 });
    expect(asked).toEqual([{ type: "killRequested", ...KILL }]);
    expect(killsOnDisk()).toMatchObject([KILL]);
  });

  test("that the loop does not answer is on the disk all the same", async () => {
    tick = undefined;
    expect(await operations().kill(KILL)).toMatchObject({ ok: false, code: 503 });
    expect(killsOnDisk()).toMatchObject([KILL]);
  });

  test("that the disk refuses holds now, and the answer says that it will not hold later", async () => {
    breakDisk();
    const answer = await operations().kill(KILL);
    expect(answer).toMatchObject({ ok: false, code: 503 });
    expect(answer.ok ? "" : answer.reason).toContain("killed, but not over a restart");
    expect(asked).toHaveLength(1);
  });

  test.each([
    ["venue", "kucoin"],
    ["instrument", "kraken:BTC/USD"],
  ] as const)(
    "of a %s that is not here is refused, because it would kill nothing",
    async (scope, target) => {
      const answer = await operations().kill({ ...KILL, scope, target });
      expect(answer).toMatchObject({ ok: false, code: 422 });
      expect(asked).toEqual([]);
    },
  );

  test("of the core's own is on the disk as soon as it is told", () => {
    const kill = { scope: "venue", target: "kraken", by: "core", reason: "PT29" } as const;
    side.onRecord({ type: "recordKill", ...kill, isKilled: true }, 7, 70);
    expect(killsOnDisk()).toMatchObject([kill]);
    expect(lines.join()).toContain('"sentence":"killed"');
    side.onRecord({ type: "recordKill", ...kill, isKilled: false }, 8, 80);
    expect(killsOnDisk()).toEqual([]);
    expect(lines.join()).toContain('"sentence":"released"');
  });

  test("of an earlier run is handed in at the start", async () => {
    await operations().kill(KILL);
    asked = [];
    side = made();
    side.start();
    expect(asked).toEqual([{ type: "killRequested", ...KILL }]);
  });

  test("by file is handed in with what the file says", async () => {
    fs.writeFileSync(path.join(folder, "KILL"), "by hand");
    side.start();
    expect(asked).toEqual([
      { type: "killRequested", scope: "all", target: "", by: "file KILL", reason: "by hand" },
    ]);
    await operations().drain({ by: "anna" });
    expect(killsOnDisk()).toMatchObject([{ by: "file KILL", reason: "by hand" }]);
  });

  test("by file that the loop does not answer is told in the log", async () => {
    tick = undefined;
    fs.writeFileSync(path.join(folder, "KILL"), "");
    side.start();
    while (!lines.some((line) => line.includes("kill by file"))) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
});

describe("a release", () => {
  test("takes the kill off the disk once the loop has taken it", async () => {
    await operations().kill(KILL);
    expect(await operations().release(KILL)).toEqual({ ok: true, tick: 42 });
    expect(asked[1]).toEqual({ type: "killReleased", ...KILL });
    expect(killsOnDisk()).toEqual([]);
  });

  test("that the loop does not answer leaves the kill where it is", async () => {
    await operations().kill(KILL);
    tick = undefined;
    expect(await operations().release(KILL)).toMatchObject({ ok: false, code: 503 });
    expect(killsOnDisk()).toMatchObject([KILL]);
  });

  test.each([
    [{ ...KILL }, "all is not killed"],
    [{ ...KILL, scope: "venue", target: "kraken" } as const, "venue kraken is not killed"],
  ])("of what is not killed is refused", async (request, reason) => {
    expect(await operations().release(request)).toEqual({ ok: false, code: 409, reason });
    expect(asked).toEqual([]);
  });

  test("of a kill that only the loop knows, from a state older than the list, is handed in", async () => {
    const request = { ...KILL, scope: "venue", target: "kraken" } as const;
    const kill = {
      scope: "venue",
      target: "kraken",
      by: "control:PT39",
      reason: "r",
      atUs: 1,
    } as const;
    now = tradingStatus({ kills: [kill] });
    expect(await operations().release(request)).toEqual({ ok: true, tick: 42 });
    expect(asked).toEqual([{ type: "killReleased", ...request }]);
  });

  test("that was asked for before a kill of the same undoes nothing", async () => {
    await operations().kill(KILL, 100);
    // Of what is killed already a second kill is no news to the list, and still somebody's word.
    await operations().kill(KILL, 300);
    const late = await operations().release(KILL, 200);
    expect(late).toMatchObject({ ok: false, code: 409 });
    expect(late.ok ? "" : late.reason).toContain("killed again after this release was asked for");
    expect(killsOnDisk()).toMatchObject([KILL]);
    expect(await operations().release(KILL, 400)).toEqual({ ok: true, tick: 42 });
  });

  test("lifts no kill that came while the loop was asked: not now, and not after a restart", async () => {
    await operations().kill(KILL);
    const releasing = operations().release(KILL);
    const killing = operations().kill(KILL);
    expect([await releasing, await killing]).toEqual([
      { ok: true, tick: 42 },
      { ok: true, tick: 42 },
    ]);
    expect(asked.map(({ type }) => type)).toEqual([
      "killRequested",
      "killReleased",
      "killRequested",
    ]);
    side.onRecord({ type: "recordKill", ...KILL, isKilled: false }, 7, 70);
    expect(killsOnDisk()).toMatchObject([KILL]);
    side.onRecord({ type: "recordKill", ...KILL, isKilled: true }, 8, 80);
    expect(await operations().release(KILL)).toEqual({ ok: true, tick: 42 });
    expect(killsOnDisk()).toEqual([]);
  });

  test("that a kill overtakes while it looks whether anything is killed is refused", async () => {
    const kill = { ...KILL, atUs: 1 };
    now = tradingStatus({ kills: [kill] });
    const releasing = operations().release(KILL);
    await operations().kill(KILL);
    const answer = await releasing;
    expect(answer).toMatchObject({ ok: false, code: 409 });
    expect(killsOnDisk()).toMatchObject([KILL]);
  });

  test("of everything is refused while the file KILL stands", async () => {
    await operations().kill(KILL);
    fs.writeFileSync(path.join(folder, "KILL"), "");
    const answer = await operations().release(KILL);
    expect(answer).toMatchObject({ ok: false, code: 409 });
    expect(asked).toHaveLength(1);
  });

  test("that the disk refuses says so", async () => {
    await operations().kill(KILL);
    breakDisk();
    const answer = await operations().release(KILL);
    expect(answer.ok ? "" : answer.reason).toContain("released, but not over a restart");
  });
});

describe("limits", () => {
  const request = { version: 2, limits: standardLimits(), by: "risk", reason: "smaller" };

  test("of a newer version are handed in", async () => {
    expect(await operations().changeLimits(request)).toEqual({ ok: true, tick: 42 });
    expect(asked).toEqual([{ type: "limitsChanged", ...request }]);
  });

  test("that come twice at once are handed in once", async () => {
    const change = operations().changeLimits;
    const first = change(request);
    const second = change(request);
    expect(await first).toEqual({ ok: true, tick: 42 });
    // The loop has taken the first by now, and says so.
    if (now !== null) now = { ...now, limitsVersion: request.version };
    expect(await second).toMatchObject({ ok: false, code: 409 });
    expect(asked).toHaveLength(1);
  });

  test("of a version that is not newer are refused", async () => {
    const answer = await operations().changeLimits({ ...request, version: 1 });
    expect(answer).toMatchObject({ ok: false, code: 409 });
    expect(asked).toEqual([]);
  });

  test("that the loop does not answer are not acknowledged", async () => {
    tick = undefined;
    now = null;
    expect(await operations().changeLimits(request)).toMatchObject({ ok: false, code: 503 });
  });
});

describe("the end", () => {
  test("drains by the configured policy and waits for its end", async () => {
    const settling = side.settle("SIGTERM", 10_000);
    side.onDrained();
    expect(await settling).toBe(true);
    expect(asked).toEqual([{ type: "drainRequested", policy: "cancelOnly", by: "SIGTERM" }]);
  });

  test("does not wait for ever", async () => {
    expect(await side.settle("SIGTERM", 10)).toBe(false);
    expect(lines.join()).toContain("could not be settled in time");
  });

  test("does not wait at all for a loop that does not answer", async () => {
    tick = undefined;
    expect(await side.settle("SIGTERM", 60_000)).toBe(false);
  });

  test("has nothing to settle where no account trades", async () => {
    side = made({ shutdownPolicy: undefined });
    side.start();
    expect(side.operations).toBeUndefined();
    expect(await side.settle("SIGTERM", 60_000)).toBe(true);
    expect(await side.drain({ by: "anna" })).toMatchObject({ ok: false, code: 409 });
    side.report(null, "SIGTERM", true);
    expect(asked).toEqual([]);
    expect(fs.existsSync(file("run-1.session.json"))).toBe(false);
  });

  test("is told in the session's report, balances from first to last", () => {
    side.observe(null);
    side.observe(tradingStatus({ accounts: [accountStatus({ phase: "opening" })] }));
    side.observe(tradingStatus());
    const last = tradingStatus({
      accounts: [accountStatus({ balances: { USDT: ["1003.75", "0"] } })],
    });
    side.observe(last);
    side.onRecord({ type: "recordCycle", cycle: cycleRecord({ profit: "3.25" }) }, 1, 1);
    side.onRecord({ type: "recordOrder", order: orderRecord() }, 1, 1);
    side.onRecord({ type: "recordDenial", denial: denialRecord() }, 1, 1);
    side.report(last, "SIGTERM", true);
    expect(JSON.parse(fs.readFileSync(file("run-1.session.json"), "utf8"))).toMatchObject({
      runId: "run-1",
      endedBy: "SIGTERM",
      isSettled: true,
      modes: { "binance-spot": "simulated" },
      profit: { "binance-spot:USDT": "3.25" },
      balancesStart: { "binance-spot": { USDT: "1000.5", BTC: "0.25" } },
      balancesEnd: { "binance-spot": { USDT: "1003.75" } },
      counts: { orders: { filled: 1 }, denials: { PT17: 1 } },
    });
  });

  test("goes on where the report cannot be written", () => {
    fs.mkdirSync(file("run-1.session.json"), { recursive: true });
    side.report(tradingStatus(), "SIGTERM", true);
    expect(lines.join()).toContain("the session report could not be written");
  });
});

describe("the state", () => {
  test("with which a run begins is on the disk before anything happens", () => {
    side = made({ restored: "what was found" });
    side.start();
    expect(loadState(file("states")).state).toEqual({
      runId: "run-1",
      seq: 0,
      text: "what was found",
    });
  });

  test("that the hot thread tells is saved with its place in the journal", () => {
    side.start();
    side.onState(77, "later");
    expect(loadState(file("states")).state).toEqual({ runId: "run-1", seq: 77, text: "later" });
  });

  test("that the journal does not cover yet waits, and is let go when it never does", () => {
    side.start();
    side.onState(101, "ahead");
    side.stop();
    expect(loadState(file("states")).state).toMatchObject({ seq: 0 });
  });

  test("that cannot be saved is told in the log", () => {
    fs.mkdirSync(path.join(folder, "journal"));
    fs.writeFileSync(file("states"), "");
    side.onState(1, "x");
    expect(lines.join()).toContain("the state of trading was not saved");
  });
});

describe("records", () => {
  test("are one line of the log each", () => {
    const records = [
      { type: "recordOpportunity", opportunity: opportunityRecord() },
      { type: "recordDenial", denial: denialRecord() },
      { type: "recordOrder", order: orderRecord() },
      { type: "recordCycle", cycle: cycleRecord() },
      { type: "recordAlarm", alarm: alarmRecord() },
      { type: "recordAlarm", alarm: alarmRecord({ severity: 2, kind: "drift" }) },
    ] as const;
    for (const record of records) side.onRecord(record, 9, 90);
    const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(told.map(({ level, sentence }) => `${level} ${String(sentence).slice(0, 24)}`)).toEqual([
      "info opportunity fired",
      "warn order denied",
      "info order filled",
      "info 1970-01-01T00:00:00.000Z",
      "error alarm fillWithoutOrder: ",
      "warn alarm drift: a trade of ",
    ]);
    expect(told.every((each) => each.venue === "binance-spot" && each.tick === 9)).toBe(true);
  });

  test("that only repeat themselves are kept and not logged", () => {
    const opportunity = opportunityRecord({ decision: "suppressed" });
    side.onRecord({ type: "recordOpportunity", opportunity }, 9, 90);
    expect(lines).toEqual([]);
    expect(side.records("opportunities")).toHaveLength(1);
  });

  test("of cycles are in both files", () => {
    side.onRecord({ type: "recordCycle", cycle: cycleRecord() }, 9, 90);
    side.onRecord({ type: "recordCycle", cycle: cycleRecord({ ending: "FAILED" }) }, 10, 100);
    const log = fs.readFileSync(file("run-1.cycles.log"), "utf8").trimEnd().split("\n");
    expect(log.map((line) => line.split(" ")[1])).toEqual(["FILLED", "FAILED"]);
    const twins = fs.readFileSync(file("run-1.cycles.jsonl"), "utf8").trimEnd().split("\n");
    expect(JSON.parse(twins[1] ?? "")).toMatchObject({
      tick: 10,
      ending: "FAILED",
      venue: "binance-spot",
      legs: [{ clientId: "rk00003-0000000h" }, {}, {}],
    });
  });

  test("of cycles are told in the log where their files cannot be written", () => {
    fs.mkdirSync(file("run-1.cycles.log"), { recursive: true });
    side.onRecord({ type: "recordCycle", cycle: cycleRecord() }, 9, 90);
    expect(lines.join()).toContain("the cycle's line could not be written");
    expect(lines.join()).toContain("FILLED | corr=3-17");
  });
});
