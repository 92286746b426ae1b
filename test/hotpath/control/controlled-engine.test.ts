// Goal: an engine under a control plane does what comes by queue and table, and hands over to its standby.
// Method: real processes beside a simulated venue and an embedded AWS.
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DRILL_ENGINE, drillConfig } from "../../../bin/lease-drill/drill-config.ts";
import { type AuditItem, auditText } from "../../../contracts/audit.ts";
import type { OperatorAction } from "../../../contracts/operator-command.ts";
import type { TradingStatus } from "../../../contracts/trading-status.ts";
import { createCommandQueue } from "../../../functions/stores/command-queue.ts";
import { type CommandStore, createCommandStore } from "../../../functions/stores/command-store.ts";
import { createControlStore } from "../../../functions/stores/control-store.ts";
import { readModeFile } from "../../../hotpath/control/mode-file.ts";
import { createLeaseStore, firstLease } from "../../../hotpath/io/aws/lease-store.ts";
import { riskLimitsOf } from "../../../hotpath/trading-plan.ts";
import { startVenues, type VenuesHandle } from "../../../local/venues/start.ts";
import { type AwsRig, startAwsRig } from "../../fixtures/aws/rig.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const TEST_MS_MAX = 400_000;

let venues: VenuesHandle;
let aws: AwsRig;
let commands: CommandStore;
let folder = "";
const running = new Set<ChildProcess>();

beforeAll(async () => {
  venues = await startVenues({
    spotInstruments: 3,
    usdmInstruments: 0,
    kucoinInstruments: 0,
    krakenInstruments: 0,
    diffsPerSecond: 30,
    levelsPerSide: 60,
  });
  aws = await startAwsRig(undefined, [DRILL_ENGINE]);
  commands = createCommandStore(aws.clients.documents, aws.prefix);
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "reckoner-controlled-"));
});
afterAll(async () => {
  for (const child of running) child.kill("SIGKILL");
  await venues.stop();
  await aws.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

type Engine = {
  readonly child: ChildProcess;
  readonly ended: Promise<number>;
  readonly admin: string;
  readonly journal: string;
  log: string;
};

async function start(name: string): Promise<Engine> {
  const journal = path.join(folder, name, "journal");
  const config = drillConfig(journal);
  if (typeof config === "string") throw new Error(config);
  const file = path.join(folder, `${name}.yaml`);
  // The lease's times as they are in life: a busy machine must not lose it by itself here.
  const control = { ...config.control, leaseTimeDivisor: 1 };
  fs.writeFileSync(file, JSON.stringify({ ...config, control }));
  const port = await freePort();
  const script = path.join(ROOT, "hotpath/main.ts");
  const addresses = JSON.stringify(venues.endpoints);
  const flags = ["--config", file, "--venues", addresses, "--admin-port", String(port)];
  const env = { ...process.env, ...aws.environment };
  const child = spawn(process.execPath, [script, ...flags], { env });
  running.add(child);
  const engine: Engine = {
    child,
    admin: `http://127.0.0.1:${port}`,
    journal,
    log: "",
    ended: new Promise((resolve) => child.on("close", (code) => resolve(code ?? -1))),
  };
  child.stderr.on("data", (chunk) => {
    engine.log += String(chunk);
  });
  return engine;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

async function until<Value>(look: () => Promise<Value | undefined | false>): Promise<Value> {
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) return value;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

async function trading(engine: Engine): Promise<TradingStatus | undefined> {
  const response = await fetch(`${engine.admin}/trading`).catch(() => undefined);
  return response?.status === 200 ? ((await response.json()) as TradingStatus) : undefined;
}

async function code(engine: Engine, where: string): Promise<number | undefined> {
  return (await fetch(`${engine.admin}${where}`).catch(() => undefined))?.status;
}

let asked = 0;
/** Asks as the control API does: the record first, then the message. */
async function ask(action: OperatorAction): Promise<string> {
  asked++;
  const command = {
    schemaVersion: 1,
    commandId: `c${asked}`,
    engine: DRILL_ENGINE,
    action,
    by: "anna",
    reason: "a drill",
    askedUs: Date.now() * 1000,
    expiresUs: Date.now() * 1000 + 60_000_000,
  };
  await commands.create({ ...command, state: "queued", changedUs: 1, tick: -1, outcome: "" });
  await createCommandQueue(aws.clients.queues, aws.prefix).send(command);
  return command.commandId;
}

async function outcomeOf(commandId: string) {
  return await until(async () => {
    const record = await commands.read(DRILL_ENGINE, commandId);
    const isOver = record?.state !== "queued" && record?.state !== "taken";
    return isOver ? record : undefined;
  });
}

async function putLimits(seq: number): Promise<void> {
  const config = drillConfig(folder);
  if (typeof config === "string") throw new Error(config);
  const limits = { ...riskLimitsOf(config.trading.limits), orderNotionalMax: "12.5" };
  const item: Omit<AuditItem, "hash"> = {
    schemaVersion: 1,
    engine: DRILL_ENGINE,
    chain: "limits",
    seq,
    kind: "limits.put",
    atUs: 1,
    by: "anna",
    approvedBy: "",
    reason: "less",
    requestId: "r",
    before: "null",
    after: JSON.stringify(limits),
    previousHash: "0".repeat(64),
  };
  const hash = createHash("sha256").update(auditText(item)).digest("hex");
  await createControlStore(aws.clients.documents, aws.prefix).append({ ...item, hash });
}

test(
  "an engine and its standby, from the first command to a table that is away",
  async () => {
    const client = aws.clients.tables;
    const lease = createLeaseStore({
      client,
      prefix: aws.prefix,
      account: DRILL_ENGINE,
      timeoutMs: 1000,
    });
    await lease.put(firstLease(DRILL_ENGINE), undefined);

    const first = await start("one");
    await until(async () => (await trading(first))?.accounts[0]?.phase === "ready");
    const second = await start("two");
    await until(async () => second.log.includes("standby"));
    // Alive for whoever would start it again, and not ready for whoever asks.
    expect([await code(second, "/healthz"), await code(second, "/readyz")]).toEqual([200, 503]);

    // A version that nobody told of is found in the table.
    await putLimits(1);
    await until(async () => (await trading(first))?.limitsVersion === 1);
    expect(await outcomeOf(await ask({ kind: "applyLimits", version: 1 }))).toMatchObject({
      state: "done",
    });
    expect(await outcomeOf(await ask({ kind: "applyLimits", version: 2 }))).toMatchObject({
      state: "refused",
      outcome: "there is no version 2",
    });

    const paused = await outcomeOf(await ask({ kind: "pause" }));
    expect(paused.state).toBe("done");
    expect(paused.tick).toBeGreaterThan(0);
    expect(readModeFile(first.journal)).toBe("noNewPositions");
    await outcomeOf(await ask({ kind: "resume" }));
    expect(readModeFile(first.journal)).toBe("active");
    expect((await outcomeOf(await ask({ kind: "resync", instrument: "" }))).state).toBe("done");

    const kill = await ask({ kind: "kill", scope: "venue", target: "binance-spot" });
    expect((await outcomeOf(kill)).state).toBe("done");
    expect((await trading(first))?.kills).toMatchObject([{ scope: "venue", by: "anna" }]);
    const beat = await until(async () => {
      const heartbeat = await commands.readHeartbeat(DRILL_ENGINE);
      return heartbeat?.statusJson.includes("anna") ? heartbeat : undefined;
    });
    expect(beat).toMatchObject({ engine: DRILL_ENGINE, fence: 1, isReady: true, limitsVersion: 1 });

    // An orderly stop gives the lease back; the standby knows limits and kills, and uses a higher fence.
    first.child.kill("SIGTERM");
    expect(await first.ended).toBe(0);
    const heir = await until(async () => await trading(second));
    expect(heir).toMatchObject({ fence: 2, limitsVersion: 1 });
    await until(async () => (await trading(second))?.kills[0]?.by === "anna");
    expect(second.log).toContain("killed under the engine before this one");

    // Without its table an engine winds down by its own clock, and ends.
    await aws.stop();
    expect(await second.ended).toBe(4);
    expect(second.log).toContain("leaseLost");
  },
  TEST_MS_MAX,
);
