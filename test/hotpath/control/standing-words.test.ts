// Goal: what outlives an engine: the operator's mode on the disk, kills in a heartbeat; and what a standby says.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { ControlPorts } from "../../../hotpath/control/carry-out.ts";
import {
  BOOKS_TOLD_MAX,
  HeartbeatWriter,
  heartbeatOf,
} from "../../../hotpath/control/heartbeat.ts";
import { killsOf } from "../../../hotpath/control/inherited-kills.ts";
import { LimitsPoll } from "../../../hotpath/control/limits-poll.ts";
import { readModeFile, writeModeFile } from "../../../hotpath/control/mode-file.ts";
import { standbySource } from "../../../hotpath/control/standby-source.ts";
import type { LimitsReading } from "../../../hotpath/io/aws/limits-store.ts";
import { openLog } from "../../../hotpath/io/log.ts";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "reckoner-control-"));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

function logTo(lines: string[]) {
  return openLog({ instance: "t", nowUs: () => 0, write: (line) => void lines.push(line) });
}

describe("the operator's mode", () => {
  test("is active before anybody has spoken, and kept from then on", () => {
    const own = path.join(folder, "kept");
    fs.mkdirSync(own);
    expect(readModeFile(own)).toBe("active");
    expect(writeModeFile(own, "exitsOnly")).toBe("");
    expect(readModeFile(own)).toBe("exitsOnly");
  });

  test("that cannot be read is a pause; one that cannot be kept is told", () => {
    const own = path.join(folder, "damaged");
    fs.mkdirSync(path.join(own, "operator-mode"), { recursive: true });
    expect(readModeFile(own)).toBe("noNewPositions");
    expect(writeModeFile(path.join(folder, "nowhere", "at all"), "active")).not.toBe("");
    const garbled = path.join(folder, "garbled");
    fs.mkdirSync(garbled);
    fs.writeFileSync(path.join(garbled, "operator-mode"), "activ\n");
    expect(readModeFile(garbled)).toBe("noNewPositions");
  });
});

describe("kills in a heartbeat", () => {
  const kill = { scope: "venue", target: "kraken", by: "anna", reason: "odd", atUs: 5 };

  test("are read; what is none is left out", () => {
    const statusJson = JSON.stringify({ trading: { kills: [kill, { scope: "all" }, null, 7] } });
    expect(killsOf({ statusJson })).toEqual([kill]);
  });

  test.each(["", "null", "{}", '{"trading":null}', '{"trading":{"kills":"all"}}'])(
    "are none in %j",
    (statusJson) => {
      expect(killsOf({ statusJson })).toEqual([]);
    },
  );
});

describe("a standby", () => {
  test("is alive, not ready, and knows nothing", async () => {
    const source = standbySource("/journal", () => 42);
    expect(source.status()).toMatchObject({ halted: "", ready: false, nowUs: 42, trading: null });
    expect([source.book("x"), source.resyncs(), source.records("orders")]).toEqual([null, [], []]);
    expect(await source.metricsText()).toBe("");
  });
});

describe("a heartbeat", () => {
  const status = { ...standbyStatus(), ready: true, books: [{ instrument: "x" }] } as never;

  test("tells of the engine without its lists", () => {
    const beat = heartbeatOf(status, { engine: "paper", runId: "r" }, 9, 77);
    expect(beat).toMatchObject({ engine: "paper", runId: "r", fence: 0, atUs: 77, isReady: true });
    expect(beat.publishedSeq).toBe(9);
    const told = JSON.parse(beat.statusJson);
    expect(told).toMatchObject({ books: [{ instrument: "x" }], trading: null });
    expect(told.confidence).toBeUndefined();
  });

  test("tells of the books that are not live first, and not of more than an item may hold", () => {
    const books = Array.from({ length: BOOKS_TOLD_MAX + 9 }, (_, at) => {
      return { instrument: `b${at}`, state: at === BOOKS_TOLD_MAX + 8 ? "void" : "live" };
    });
    const many = { ...standbyStatus(), books } as never;
    const confidence = { endedUs: [1], sessions: { "kraken #0": [0.5] } };
    const beat = heartbeatOf(many, { engine: "paper", runId: "r", confidence }, 9, 77);
    const told = JSON.parse(beat.statusJson);
    expect(told.books).toHaveLength(BOOKS_TOLD_MAX);
    expect(told.books[0].instrument).toBe(`b${BOOKS_TOLD_MAX + 8}`);
    expect(told.confidence).toEqual(confidence);
  });

  test("that cannot be written is told of once, and tried again", async () => {
    const lines: string[] = [];
    let beats = 0;
    const writer = new HeartbeatWriter({
      engine: "paper",
      runId: "r",
      records: {
        beat: async () => {
          beats++;
          return { ok: beats > 2, reason: "away" } as { ok: true };
        },
      },
      status: async () => status,
      publishedSeq: () => 0,
      nowUs: () => 1,
      log: logTo(lines),
    });
    for (let at = 0; at < 3; at++) await writer.write(status);
    expect(lines.filter((line) => line.includes("heartbeat"))).toHaveLength(1);
    writer.start();
    while (beats < 4) await new Promise((resolve) => setTimeout(resolve, 1));
    writer.stop();
  });
});

function standbyStatus() {
  return standbySource("/journal", () => 1).status();
}

describe("the poll of limits", () => {
  function pollOf(answers: LimitsReading[]) {
    const changed: number[] = [];
    const lines: string[] = [];
    let current = 1;
    const ports = {
      operations: {
        changeLimits: async ({ version }: { version: number }) => {
          changed.push(version);
          current = version;
          return { ok: true, tick: 5 } as const;
        },
      },
      limitsVersion: async () => current,
      readLimits: async (version: number) => versionOf(version),
    } as unknown as ControlPorts;
    const store = {
      readNewest: async () => answers.shift() ?? ({ kind: "none" } as const),
      read: async (version: number) => versionOf(version),
    };
    return { poll: new LimitsPoll({ store, ports, log: logTo(lines) }), changed, lines };
  }

  function versionOf(version: number): LimitsReading {
    return { kind: "version", version: { version, limits: {} as never, by: "a", reason: "b" } };
  }

  test("hands a newer version to the loop, once", async () => {
    const { poll, changed, lines } = pollOf([versionOf(1), versionOf(3), versionOf(3)]);
    for (let at = 0; at < 4; at++) await poll.look();
    expect(changed).toEqual([3]);
    expect(lines.filter((line) => line.includes("taken by the poll"))).toHaveLength(1);
  });

  test("tells of a version that cannot be believed once, and of a table that is away", async () => {
    const bad: LimitsReading = { kind: "refused", version: 4, reason: "its hash" };
    const away: LimitsReading = { kind: "failed", reason: "away" };
    const { poll, changed, lines } = pollOf([bad, bad, away, away, versionOf(5)]);
    for (let at = 0; at < 5; at++) await poll.look();
    expect(changed).toEqual([5]);
    expect(lines.filter((line) => line.includes("are refused"))).toHaveLength(1);
    expect(lines.filter((line) => line.includes("cannot be read"))).toHaveLength(1);
  });
});
