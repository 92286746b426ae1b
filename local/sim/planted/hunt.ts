/**
 * Station: a planted bug in a scratch copy -> found by whom, with which seed, or not found.
 *
 * Every hunt is a child process of the copy. One that did not run (a file that cannot be loaded, a time that
 * is over) has found nothing and says so: only a violation of a check that ran counts.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import type { FinderPart } from "./patch.ts";
import type { Scratch } from "./scratch.ts";
import type { SeedRange, SeedsHunted } from "./seed-hunt.ts";

export type Hunted =
  | SeedsHunted
  /** The hunt itself did not run to its end. */
  | { readonly kind: "broken"; readonly reason: string };

/** A hunt that was to be over long ago does not end. */
const OVERDUE_FACTOR = 2;
const OVERDUE_MS = 120_000;

const OUTPUT_BYTES_MAX = 4 * 1024 * 1024;
const REASON_LENGTH_MAX = 400;
/** The names of tests that failed, as far as they are told. */
const VIOLATION_LENGTH_MAX = 300;

/** Hunts in `scratch` as it stands, by seeds or by the tests of `oracles`. */
export async function hunt(
  scratch: Scratch,
  by: FinderPart,
  oracles: readonly string[],
  range: SeedRange,
): Promise<Hunted> {
  return by === "unit oracle"
    ? await huntByTests(scratch, oracles, range.budgetMs)
    : await huntBySeeds(scratch, by, range);
}

async function huntBySeeds({ root }: Scratch, part: FinderPart, range: SeedRange): Promise<Hunted> {
  const call = `tellHunt(${JSON.stringify(part)}, ${JSON.stringify(range)})`;
  const script = `import { tellHunt } from "./local/sim/planted/seed-hunt.ts"; await ${call};`;
  const timeoutMs = range.budgetMs * OVERDUE_FACTOR + OVERDUE_MS;
  const ended = await run(root, ["--input-type=module", "--eval", script], timeoutMs);
  if (ended.isOverdue) return broken(`no end after ${timeoutMs} ms`);
  const last = ended.output.trimEnd().split("\n").at(-1) ?? "";
  const isTold = ended.code === 0 && last.startsWith("{");
  return isTold ? (JSON.parse(last) as SeedsHunted) : broken(tailOf(ended));
}

type TestReport = {
  readonly numTotalTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
    }[];
  }[];
};

/** A test run is one hunt, whatever seeds it draws: its seed is 1. */
async function huntByTests(
  { root, reports }: Scratch,
  oracles: readonly string[],
  timeoutMs: number,
): Promise<Hunted> {
  const report = path.join(reports, "tests.json");
  rmSync(report, { force: true });
  const runner = path.join("node_modules", "vitest", "vitest.mjs");
  const reporter = ["--reporter=json", `--outputFile=${report}`, "--no-cache", "--maxWorkers=1"];
  const ended = await run(root, [runner, "run", ...reporter, ...oracles], timeoutMs);
  if (ended.isOverdue) return { kind: "found", seed: 1, violation: "the tests do not end" };
  if (!existsSync(report)) return broken(tailOf(ended));
  const { numTotalTests, testResults } = JSON.parse(readFileSync(report, "utf8")) as TestReport;
  if (numTotalTests === 0) return broken("no test was run");
  const failed = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === "failed");
  const [first] = failed;
  if (first !== undefined) {
    const violation = `${failed.length} of ${numTotalTests} tests, first: ${first.fullName}`;
    return { kind: "found", seed: 1, violation: violation.slice(0, VIOLATION_LENGTH_MAX) };
  }
  // A file that could not be loaded fails the run and no test: that proves nothing.
  return ended.code === 0 ? { kind: "notFound", seeds: 1 } : broken(tailOf(ended));
}

function broken(reason: string): Hunted {
  return { kind: "broken", reason };
}

function tailOf({ output }: Ended): string {
  return output.slice(-REASON_LENGTH_MAX);
}

type Ended = { readonly code: number; readonly output: string; readonly isOverdue: boolean };

/** Runs Node in `root`; what takes too long is ended with everything that it has started. */
async function run(root: string, args: readonly string[], timeoutMs: number): Promise<Ended> {
  const child = spawn(process.execPath, ["--no-warnings", ...args], {
    cwd: root,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let isOverdue = false;
  const take = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-OUTPUT_BYTES_MAX);
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  const timer = setTimeout(() => {
    isOverdue = true;
    endGroup(child.pid);
  }, timeoutMs);
  const code = await new Promise<number>((resolve) => {
    child.on("error", () => resolve(-1));
    child.on("close", (status) => resolve(status ?? -1));
  });
  clearTimeout(timer);
  return { code, output, isOverdue };
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended by itself between the time and the kill.
  }
}
