// Goal: a whole engine against simulated venues: it starts, tells, stalls, breaks and stops as it should.
// Method: real workers, real sockets on loopback, a journal in a folder of its own.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Config } from "../../contracts/schema/config.ts";
import { standardConfig } from "../../hotpath/config.ts";
import { nowUs } from "../../hotpath/io/clock.ts";
import { type Log, openLog } from "../../hotpath/io/log.ts";
import type { HotPlan } from "../../hotpath/plan.ts";
import { preparePlan } from "../../hotpath/prepare.ts";
import { Supervisor } from "../../hotpath/supervisor.ts";
import { startVenues, type VenuesHandle } from "../../local/venues/start.ts";

let venues: VenuesHandle;
let folder: string;
let lines: string[];
let running: Supervisor | undefined;

beforeAll(async () => {
  venues = await startVenues({
    spotInstruments: 3,
    usdmInstruments: 2,
    diffsPerSecond: 100,
    levelsPerSide: 100,
  });
});

afterAll(async () => {
  await venues.stop();
});

afterEach(async () => {
  await running?.stop();
  running = undefined;
  fs.rmSync(folder, { recursive: true, force: true });
});

function log(): Log {
  lines = [];
  const write = (line: string): void => void lines.push(line);
  return openLog({ instance: "test", nowUs, write });
}

/** An engine that is not started yet; `change` spoils what it is made of. */
async function engine(
  change: (config: Config, plan: HotPlan) => { config?: Config; plan?: HotPlan } = () => ({}),
): Promise<{ supervisor: Supervisor; incident: () => Record<string, unknown> }> {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "reckoner-supervisor-"));
  const standard = standardConfig();
  const journal = { ...standard.journal, directory: path.join(folder, "journal") };
  const binance = Object.entries(standard.venues).filter(([id]) => id.startsWith("binance"));
  const config: Config = { ...standard, journal, venues: Object.fromEntries(binance) };
  const prepared = await preparePlan(config, venues.endpoints);
  if (!prepared.ok) throw new Error(prepared.reason);
  const changed = change(config, prepared.plan);
  const used = changed.config ?? config;
  const supervisor = new Supervisor({
    config: used,
    plan: changed.plan ?? prepared.plan,
    keys: {},
    runId: "run-1",
    log: log(),
  });
  running = supervisor;
  const file = path.join(used.journal.directory, "run-1.incident.json");
  return { supervisor, incident: () => JSON.parse(fs.readFileSync(file, "utf8")) };
}

async function started(change?: Parameters<typeof engine>[0]): ReturnType<typeof engine> {
  const made = await engine(change);
  await made.supervisor.start();
  return made;
}

async function untilReady(supervisor: Supervisor): Promise<void> {
  for (;;) {
    const status = await supervisor.status().catch(() => undefined);
    if (status?.ready) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function untilLine(text: string): Promise<void> {
  while (!lines.some((line) => line.includes(text))) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("a run", () => {
  test("brings every book up, shows it, and stops with everything on the disk", async () => {
    const { supervisor } = await started();
    await untilReady(supervisor);
    const status = await supervisor.status();
    expect(status.books).toHaveLength(5);
    expect(status.books.every(({ state }) => state === "live")).toBe(true);
    expect(status.venues.map(({ venue }) => venue)).toEqual(["binance-spot", "binance-usdm"]);
    const name = status.books[0]?.instrument ?? "";
    const book = await supervisor.source.book(name);
    expect(book).toMatchObject({ instrument: name, state: "live" });
    expect(book?.bids.length).toBeGreaterThan(10);
    expect(await supervisor.source.book("binance-spot:NOBODY")).toBeNull();
    expect(await supervisor.source.metricsText()).toContain("resync");
    expect((await supervisor.source.resyncs()).length).toBeGreaterThanOrEqual(5);

    await supervisor.stop();
    await supervisor.stop();
    const end = await supervisor.ended;
    expect(end).toMatchObject({ reason: "", status: { halted: "", ready: true } });
    expect(end.stateHash).toMatch(/^[0-9a-f]{16}$/);
    expect(end.commandHash).toMatch(/^[0-9a-f]{16}$/);
    const { counters, journal } = end.status;
    expect(journal.lastAckedSeq).toBe(counters.journalSeq);
    expect(counters).toMatchObject({ decisionsOnInvalidBook: 0, sessionsReplaced: 0 });
    expect(fs.existsSync(path.join(journal.directory, "head"))).toBe(true);
  });

  test("that is asked for a resync makes one, and says so", async () => {
    const { supervisor } = await started();
    await untilReady(supervisor);
    supervisor.control({ type: "resyncRequested", instrument: 0, cause: "operator" });
    await untilLine("book void");
    for (;;) {
      const { resyncs } = await supervisor.status();
      if (resyncs.count > 0) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const record = (await supervisor.source.resyncs()).find(({ cause }) => cause === "operator");
    expect(record?.totalUs).toBeGreaterThan(0);
  });
});

describe("a stall", () => {
  test("of 1.5 s is seen by the watchdog and charged to ourselves; no session is replaced", async () => {
    const { supervisor } = await started();
    await untilReady(supervisor);
    const before = (await supervisor.status()).counters;
    supervisor.stall(1500);
    await untilLine("does not answer: internal saturation");
    await untilLine("answers again");
    await untilReady(supervisor);
    const { counters, books } = await supervisor.status();
    expect(counters.loopStalls).toBeGreaterThan(before.loopStalls ?? 0);
    expect(counters.sessionsReplaced).toBe(before.sessionsReplaced);
    let compared = 0;
    for (const { instrument } of books) {
      const view = await supervisor.source.book(instrument);
      const [venue, symbol] = instrument.split(":") as ["binance-spot", string];
      if (view === null || view.state !== "live") continue;
      const bids = view.bids.map(([ticks, lots]): [number, number] => [ticks, lots]);
      const asks = view.asks.map(([ticks, lots]): [number, number] => [ticks, lots]);
      const comparison = venues.compare({ ...view, bids, asks, venue, symbol });
      expect(comparison?.verdict).not.toBe("different");
      compared++;
    }
    expect(compared).toBeGreaterThan(0);
  });

  test("longer than a status waits is answered with the last one known, not ready", async () => {
    const { supervisor } = await started();
    await untilReady(supervisor);
    supervisor.stall(1900);
    const status = await supervisor.status();
    expect(status).toMatchObject({ ready: false });
    expect(status.books).toHaveLength(5);
  });
});

describe("a broken engine", () => {
  test("whose loop throws halts, writes why, and ends", async () => {
    const { supervisor, incident } = await started();
    await untilReady(supervisor);
    supervisor.control({ type: "resyncStepped", instrument: 999, resyncId: 1 });
    const end = await supervisor.ended;
    expect(end.reason).toBe("halted: instrument 999 is one of this world");
    expect(end.status.halted).toBe(end.reason);
    expect(incident()).toMatchObject({ reason: end.reason, runId: "run-1" });
    expect(incident().stack).toContain("engine.ts");
    await expect(supervisor.source.book("x")).resolves.toBeNull();
  });

  test("whose hot thread cannot even begin ends with its reason", async () => {
    const { supervisor, incident } = await started((_, plan) => ({
      plan: { ...plan, marketRingSlots: 3 },
    }));
    const end = await supervisor.ended;
    expect(end.reason).toContain("the hot thread threw: capacity is a power of two");
    expect(end.status).toMatchObject({ tick: 0, ready: false });
    expect(incident().lastStatus).toBeNull();
  });

  test("whose journal cannot be opened does not start", async () => {
    const { supervisor } = await engine((config) => {
      const directory = path.join(folder, "taken");
      fs.writeFileSync(directory, "a file stands here");
      return { config: { ...config, journal: { ...config.journal, directory } } };
    });
    await expect(supervisor.start()).rejects.toThrow();
    const end = await supervisor.ended;
    expect(end.reason).toMatch(/^the recorder (?:failed|threw)/);
    expect(lines.some((line) => line.includes("incident could not be written"))).toBe(true);
  });

  test("whose recorder dies while it runs stops deciding and ends without delay", async () => {
    const { supervisor } = await started((config) => ({
      config: { ...config, journal: { ...config.journal, segmentBytes: 64 * 1024 } },
    }));
    await untilReady(supervisor);
    fs.rmSync(path.join(folder, "journal"), { recursive: true, force: true });
    fs.writeFileSync(path.join(folder, "journal"), "a file stands here");
    const end = await supervisor.ended;
    expect(end.reason).toMatch(/^the recorder (?:failed|threw|ended)/);
    expect(end.status.halted).toBe(end.reason);
  });
});
