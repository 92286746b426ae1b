// Goal: the engine's process does what signals, files and operators ask, over its own death as well.
// Method: the process itself beside simulated venues in this one; only its answers and files are looked at.
import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { TradingStatus } from "../../contracts/trading-status.ts";
import { startVenues, type VenuesHandle } from "../../local/venues/start.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

let venues: VenuesHandle;
let folder = "";
const running = new Set<ChildProcess>();

beforeAll(async () => {
  venues = await startVenues({
    spotInstruments: 3,
    usdmInstruments: 0,
    kucoinInstruments: 0,
    krakenInstruments: 0,
    diffsPerSecond: 50,
    levelsPerSide: 60,
  });
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "reckoner-main-"));
});
afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
});
afterAll(async () => {
  await venues.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

type Engine = {
  readonly child: ChildProcess;
  readonly ended: Promise<number>;
  readonly lines: string[];
  errors: string;
  readonly admin: () => string;
  readonly token: () => string;
};

function start(mode: string, environment = "simulated"): Engine {
  const config = path.join(folder, "config.yaml");
  const venue = `{environment: ${environment}, instruments: all, trading: {mode: ${mode}}}`;
  fs.writeFileSync(
    config,
    `journal: {directory: ${path.join(folder, "journal")}, sync: "off"}\nadmin: {port: 0}\n` +
      `venues: {binance-spot: ${venue}}\n`,
  );
  const addresses = JSON.stringify(venues.endpoints);
  const script = path.join(ROOT, "hotpath/main.ts");
  const child = spawn(process.execPath, [script, "--config", config, "--venues", addresses]);
  running.add(child);
  const lines: string[] = [];
  const engine: Engine = {
    child,
    lines,
    errors: "",
    ended: new Promise((resolve) => child.on("close", (code) => resolve(code ?? -1))),
    admin: () => (JSON.parse(lines[0] ?? "{}") as { admin: string }).admin,
    token: () => {
      const { tokenFile } = JSON.parse(lines[0] ?? "{}") as { tokenFile: string };
      return fs.readFileSync(tokenFile, "utf8").trim();
    },
  };
  child.stdout.on("data", (chunk) => lines.push(...String(chunk).trimEnd().split("\n")));
  child.stderr.on("data", (chunk) => {
    engine.errors += String(chunk);
  });
  return engine;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function trading(engine: Engine): Promise<TradingStatus | null> {
  if (engine.lines.length === 0) return null;
  const response = await fetch(`${engine.admin()}/trading`).catch(() => null);
  return response?.status === 200 ? ((await response.json()) as TradingStatus) : null;
}

async function untilTrading(
  engine: Engine,
  condition: (status: TradingStatus) => boolean,
): Promise<void> {
  await until(async () => {
    const status = await trading(engine);
    return status !== null && condition(status);
  });
}

function release(engine: Engine): Promise<Response> {
  return fetch(`${engine.admin()}/release`, {
    method: "POST",
    headers: { authorization: `Bearer ${engine.token()}`, "content-type": "application/json" },
    body: JSON.stringify({ scope: "all", by: "anna", reason: "looked at it" }),
  });
}

function killsOnDisk(): { by: string; reason: string }[] {
  const file = path.join(folder, "journal", "kills.json");
  return (JSON.parse(fs.readFileSync(file, "utf8")) as { kills: never[] }).kills;
}

describe("an engine that trades", () => {
  test("is killed, released and drained from outside, and remembers a kill over its death", async () => {
    const first = start("simulated");
    await untilTrading(first, ({ accounts }) => accounts[0]?.phase === "ready");

    first.child.kill("SIGUSR1");
    await untilTrading(first, ({ kills }) => kills[0]?.by === "signal SIGUSR1");
    await until(() => killsOnDisk().length === 1);
    const released = await release(first);
    expect([released.status, killsOnDisk()]).toEqual([200, []]);
    expect((await trading(first))?.kills).toEqual([]);

    first.child.kill("SIGUSR2");
    await untilTrading(first, ({ isDraining }) => isDraining);

    fs.writeFileSync(path.join(folder, "KILL"), "from the shell");
    await untilTrading(first, ({ kills }) => kills[0]?.reason === "from the shell");
    await until(() => killsOnDisk().length === 1);
    expect((await release(first)).status).toBe(409);
    fs.rmSync(path.join(folder, "KILL"));
    first.child.kill("SIGKILL");
    await first.ended;

    const second = start("simulated");
    await untilTrading(second, ({ kills }) => kills.length === 1);
    const status = await trading(second);
    expect(status?.kills).toMatchObject([{ by: "file KILL", reason: "from the shell" }]);
    expect(status?.fence).toBe(2);
    expect((await release(second)).status).toBe(200);

    const { tokenFile } = JSON.parse(second.lines[0] ?? "{}") as { tokenFile: string };
    const endedMs = performance.now();
    second.child.kill("SIGTERM");
    expect(await second.ended).toBe(0);
    expect(performance.now() - endedMs).toBeLessThan(30_000);
    expect(fs.existsSync(tokenFile)).toBe(false);
    const account = JSON.parse(second.lines.at(-1) ?? "") as { trading: TradingStatus };
    expect(account.trading.accounts).toMatchObject([{ venue: "binance-spot", mode: "simulated" }]);
    const { runId } = JSON.parse(second.lines[0] ?? "{}") as { runId: string };
    const report = path.join(folder, "journal", `${runId}.session.json`);
    expect(JSON.parse(fs.readFileSync(report, "utf8"))).toMatchObject({
      endedBy: "SIGTERM",
      isSettled: true,
      fence: 2,
    });
  }, 120_000);
});

describe("an engine that must not trade", () => {
  test("with real money refuses to start unless it is armed", async () => {
    const engine = start("live", "testnet");
    expect(await engine.ended).toBe(2);
    expect(engine.lines).toEqual([]);
    expect(engine.errors).toBe(
      "venues.binance-spot.trading.mode: live trades real money; it wants --arm\n",
    );
  }, 60_000);
});
