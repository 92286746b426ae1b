/** Goal: the process says where it listens, ends when told to or orphaned, and names a bad flag. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { parseFaultPlan } from "../../../local/venues/fault-plan.ts";

const MAIN = new URL("../../../local/venues/main.ts", import.meta.url).pathname;
const SMALL = ["--spot-instruments", "2", "--usdm-instruments", "1", "--levels", "60"];

type Run = {
  child: ChildProcess;
  stdout: () => string;
  stderr: () => string;
  exit: Promise<number>;
};

const children: ChildProcess[] = [];

// A test that fails half way must not leave its processes behind.
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

function start(...args: string[]): Run {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: "pipe" });
  children.push(child);
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (chunk) => {
    stdout += String(chunk);
  });
  child.stderr?.on("data", (chunk) => {
    stderr += String(chunk);
  });
  const exit = once(child, "close").then(([code]) => Number(code));
  return { child, stdout: () => stdout, stderr: () => stderr, exit };
}

async function listening(run: Run): Promise<Record<string, unknown>> {
  while (!run.stdout().includes("\n")) await once(run.child.stdout ?? run.child, "data");
  return JSON.parse(run.stdout()) as Record<string, unknown>;
}

describe("the venues' process", () => {
  it("prints one line of addresses and ends cleanly on SIGTERM", async () => {
    const run = start(...SMALL);
    const endpoints = await listening(run);
    const reached = { rest: expect.stringMatching(/^http/), ws: expect.stringMatching(/^ws/) };
    expect(endpoints).toMatchObject({
      "binance-spot": {
        rest: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
        ws: expect.stringMatching(/^ws:\/\/127/),
        trading: {
          orders: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+\/ws-api\/v3$/),
          keys: { hmac: { apiKey: expect.any(String), secret: expect.any(String) } },
        },
      },
      "binance-usdm": reached,
      kraken: reached,
      kucoin: reached,
      control: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    });
    run.child.kill("SIGTERM");
    expect(await run.exit).toBe(0);
    expect(run.stderr()).toBe("");
  });

  it("ends when it is asked to over the control port", async () => {
    const run = start(...SMALL);
    const { control } = await listening(run);
    const response = await fetch(`${String(control)}/stop`, { method: "POST" });
    expect(await response.json()).toEqual({ stopping: true });
    expect(await run.exit).toBe(0);
  });

  it("ends with its parent when told to", async () => {
    const run = start(...SMALL, "--with-parent");
    await listening(run);
    run.child.stdin?.end();
    expect(await run.exit).toBe(0);
  });

  it("names a bad flag and a bad plan in one line, with exit code 2, and starts nothing", async () => {
    const folder = await mkdtemp(join(tmpdir(), "fault-plan-"));
    const plan = join(folder, "plan.json");
    await writeFile(plan, '{"faults":[{"atMs":1,"kind":"cut","venue":"moon"}]}');
    for (const [args, words] of [
      [["--levels", "5"], "--levels"],
      [["--fault-plan", plan], "faults.0.venue"],
      [["--fault-plan", join(folder, "none.json")], "cannot read"],
    ] as const) {
      const run = start(...args);
      expect(await run.exit).toBe(2);
      expect(run.stdout()).toBe("");
      expect(run.stderr().trim().split("\n")).toHaveLength(1);
      expect(run.stderr()).toContain(words);
    }
  });

  it("fails in one line with exit code 1 when a port is taken", async () => {
    const first = start(...SMALL, "--port-base", "0");
    const endpoints = await listening(first);
    const port = Number(String(endpoints.control).split(":").at(-1));
    const second = start(...SMALL, "--port-base", String(port));
    expect(await second.exit).toBe(1);
    expect(second.stderr()).toContain("EADDRINUSE");
    first.child.kill("SIGINT");
    expect(await first.exit).toBe(0);
  });

  it("follows the example plan of its card", async () => {
    const example = new URL("../../../local/venues/example-faults.json", import.meta.url).pathname;
    const run = start(...SMALL, "--fault-plan", example);
    await listening(run);
    run.child.kill("SIGTERM");
    expect(await run.exit).toBe(0);
    expect(parseFaultPlan("{}")).toMatchObject({ kind: "ok", value: { faults: [] } });
  });
});
