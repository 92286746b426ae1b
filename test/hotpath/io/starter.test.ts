// Goal: no engine outlives whoever started it, not even one that only waits for the lease.
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { expect, test, vi } from "vitest";
import { leaseKey } from "../../../contracts/keys.ts";
import { LEASE_SCHEMA_VERSION, type LeaseItem } from "../../../contracts/lease.ts";
import { tableName } from "../../../contracts/resources.ts";
import { watchStarter } from "../../../hotpath/io/starter.ts";
import { startVenues } from "../../../local/venues/start.ts";
import { startAwsRig } from "../../fixtures/aws/rig.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** Somebody else's, and just renewed. */
const HELD: LeaseItem = {
  schemaVersion: LEASE_SCHEMA_VERSION,
  account: "reckoner",
  holder: "another-run",
  engine: "reckoner",
  fence: 7,
  renewals: 1,
  imageDigest: "",
  schemaHash: "",
};

test("it is told once, and only when the starter has changed", () => {
  vi.useFakeTimers();
  let starter = process.ppid;
  const onGone = vi.fn();
  watchStarter(onGone, () => starter);
  vi.advanceTimersByTime(5000);
  expect(onGone).not.toHaveBeenCalled();
  starter = 1;
  vi.advanceTimersByTime(5000);
  expect(onGone).toHaveBeenCalledOnce();
  vi.useRealTimers();
});

test("a watch that was ended tells nothing", () => {
  vi.useFakeTimers();
  const onGone = vi.fn();
  watchStarter(onGone, () => -1)();
  vi.advanceTimersByTime(5000);
  expect(onGone).not.toHaveBeenCalled();
  vi.useRealTimers();
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("an engine that waits for a lease ends when its starter is killed", {
  timeout: 90_000,
}, async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "reckoner-starter-"));
  const aws = await startAwsRig(undefined, ["reckoner"]);
  const key = leaseKey(HELD.account);
  const table = tableName(aws.prefix, "lease");
  await aws.clients.documents.send(new PutCommand({ TableName: table, Item: { ...key, ...HELD } }));
  const venues = await startVenues({
    spotInstruments: 3,
    usdmInstruments: 0,
    kucoinInstruments: 0,
    krakenInstruments: 0,
    diffsPerSecond: 50,
    levelsPerSide: 60,
  });
  const config = path.join(folder, "config.yaml");
  const venue = "{environment: simulated, instruments: all, trading: {mode: simulated}}";
  fs.writeFileSync(
    config,
    `journal: {directory: ${path.join(folder, "journal")}, sync: "off"}\nadmin: {port: 0}\n` +
      `control: {prefix: ${aws.prefix}}\nvenues: {binance-spot: ${venue}}\n`,
  );
  const args = [
    "hotpath/main.ts",
    "--config",
    config,
    "--venues",
    JSON.stringify(venues.endpoints),
  ];
  const starter = spawn(
    process.execPath,
    [
      "-e",
      `const child = require("node:child_process").spawn(process.execPath, ${JSON.stringify(args)},
        { detached: true, stdio: ["ignore", "ignore", "pipe"] });
      child.stderr.on("data", (chunk) => process.stdout.write(chunk));
      console.log("pid " + child.pid);`,
    ],
    {
      cwd: ROOT,
      env: { ...process.env, ...aws.environment },
    },
  );
  let told = "";
  starter.stdout.on("data", (chunk) => {
    told += String(chunk);
  });
  const wait = { timeout: 40_000, interval: 100 };
  await vi.waitFor(() => expect(told).toContain("standby"), wait);
  const pid = Number(/pid (\d+)/.exec(told)?.[1]);
  expect(isAlive(pid)).toBe(true);
  starter.kill("SIGKILL");
  try {
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), wait);
  } finally {
    if (isAlive(pid)) process.kill(pid, "SIGKILL");
    await venues.stop();
    await aws.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
});
