// Goal: the main job, whole: launcher, venues, engine, comparison, one final line, nothing left behind.
// Method: the real processes over real sockets for a few seconds, with faults.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test, vi } from "vitest";
import { RESYNC_STAGES } from "../../contracts/resync.ts";

const folder = mkdtempSync(join(tmpdir(), "reckoner-run-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A configuration with a journal of its own, since an engine may be running in this checkout. */
function configFile(): string {
  const path = join(folder, "config.yaml");
  const directory = join(mkdtempSync(join(folder, "run-")), "journal");
  writeFileSync(path, JSON.stringify({ admin: { port: 0 }, journal: { directory } }));
  return path;
}

const LAUNCHER = fileURLToPath(new URL("../../bin/reckoner.mjs", import.meta.url));

type Run = { readonly code: number; readonly lines: readonly string[]; readonly errors: string };

/** Four processes come up for each run, on whatever machine this is. */
vi.setConfig({ testTimeout: 120_000 });

/** Books of the short runs that are ended by a signal. */
const BOOKS = 6;

/** Runs the launcher; `signal` is sent, again and again, from when every book is live. */
function run(words: readonly string[], signal?: NodeJS.Signals): Promise<Run> {
  const child = spawn(process.execPath, [LAUNCHER, ...words, "--config", configFile()]);
  let out = "";
  let errors = "";
  child.stdout.on("data", (chunk) => (out += String(chunk)));
  child.stderr.on("data", (chunk) => {
    errors += String(chunk);
    if (signal !== undefined && errors.split("book live again").length > BOOKS) child.kill(signal);
  });
  return new Promise((resolve) => {
    child.on("close", (code) => {
      resolve({ code: code ?? -1, lines: out.trimEnd().split("\n"), errors });
    });
  });
}

function recordOf(run: Run): Record<string, unknown> {
  return JSON.parse(run.lines.at(-1) ?? "") as Record<string, unknown>;
}

/** Whether the engine has logged `sentence`. */
function logged(run: Run, sentence: string): boolean {
  return run.errors.includes(`"sentence":"${sentence}"`);
}

test("a run of a few seconds ends by itself with every promised field and no wrong book", async () => {
  const ended = await run(["start", "--for", "4s", "--json", "--faults-per-minute", "40"]);
  expect(ended.lines).toHaveLength(1);
  const account = recordOf(ended);
  expect(account).toMatchObject({
    ok: true,
    exitCode: 0,
    wrongBooks: 0,
    decisionsOnInvalidBook: 0,
    endedBy: "time",
  });
  expect(ended.code).toBe(0);
  expect(account.booksTotal).toBe(60);
  expect(Number(account.frames)).toBeGreaterThan(0);
  expect(Number(account.comparisons)).toBeGreaterThan(0);
  expect(Object.keys(account.resyncMs as object).sort()).toEqual(["max", "p50", "p99"]);
  expect(Object.keys(account.stagesMs as object).sort()).toEqual([...RESYNC_STAGES].sort());
  for (const field of ["booksLive", "resyncs", "staleEpochDiscards"]) {
    expect(typeof account[field]).toBe("number");
  }
  expect(Array.isArray(account.faults)).toBe(true);
});

test.each(["SIGINT", "SIGTERM"] as const)("%s ends a run in order", async (signal) => {
  const ended = await run(["start", "--json", "--instruments", String(BOOKS)], signal);
  expect(recordOf(ended)).toMatchObject({ endedBy: "signal", booksTotal: BOOKS });
  expect(logged(ended, "segment sealed")).toBe(true);
});

test("a bad flag starts nothing and is named", async () => {
  const ended = await run(["start", "--fro", "30s", "--json"]);
  expect(ended.code).toBe(2);
  expect(ended.errors).toBe('reckoner: unknown flag --fro, did you mean "for"?\n');
  expect(recordOf(ended)).toMatchObject({ ok: false, exitCode: 2 });
});

test("venues that refuse their flags end a run before the engine", async () => {
  const ended = await run(["start", "--instruments", "900", "--json"]);
  expect(ended.code).toBe(2);
  expect(String(recordOf(ended).error)).toContain("the simulated venues: --spot-instruments");
});
