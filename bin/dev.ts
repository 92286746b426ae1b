/**
 * Station: `reckoner dev ...`, the commands of those who work on the house.
 *
 * Each runs the pinned tools of node_modules as children and adds up what they report. The count
 * line at the end of `dev test` is a contract with `.ci/run`: `N passed, N failed`, alone.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT, runChild } from "./child.ts";
import type { Command, Ending, Invocation } from "./command.ts";
import { EXIT } from "./command.ts";
import { startCommand } from "./start.ts";
import { addCounts, type Counts, countLine, countsOfReport, NO_COUNTS } from "./test-counts.ts";

const TOOLS = {
  biome: join(ROOT, "node_modules", ".bin", "biome"),
  tsc: join(ROOT, "node_modules", ".bin", "tsc"),
  vitest: join(ROOT, "node_modules", ".bin", "vitest"),
} as const;

const COUNT_FIELDS: Command["fields"] = [
  ["passed", "tests that passed; the format, lint and type checks count as one each"],
  ["failed", "tests that failed, a file that did not load counting as one"],
  ["skipped", "tests that did not run"],
];

/** Runs one tool; under `--json` its words go to stderr. */
async function runTool(invocation: Invocation, args: readonly string[]): Promise<number> {
  return await runChild(
    invocation.json ? { args, onLine: (line) => invocation.say(line) } : { args },
  );
}

async function runStep(
  invocation: Invocation,
  name: string,
  args: readonly string[],
): Promise<Counts> {
  const code = await runTool(invocation, args);
  invocation.say(`${name}: ${code === 0 ? "passed" : `failed (${code})`}`);
  return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

async function runTests(invocation: Invocation, filters: readonly string[]): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), "reckoner-test-"));
  const report = join(folder, "report.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const code = await runTool(invocation, [TOOLS.vitest, "run", ...reporters, ...filters]);
  const text = readReport(report);
  rmSync(folder, { recursive: true, force: true });
  return countsOfReport(text, code);
}

function readReport(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The runner died before it could write; countsOfReport turns that into a failure.
    return "";
  }
}

async function runChecks(invocation: Invocation): Promise<Counts> {
  const format = await runStep(invocation, "format and lint", [TOOLS.biome, "check"]);
  const types = await runStep(invocation, "types", [TOOLS.tsc, "--noEmit"]);
  return addCounts(format, types);
}

function countEnding(counts: Counts): Ending {
  const exitCode = counts.failed === 0 && counts.passed > 0 ? EXIT.ok : EXIT.failed;
  return { exitCode, lines: [countLine(counts)], json: { ...counts } };
}

export const devTestCommand: Command = {
  operands: [
    { name: "FILTER", summary: "part of a test file's path", required: false, many: true },
  ],
  flags: [],
  fields: COUNT_FIELDS,
  async run(invocation) {
    const filtered = invocation.operands.length > 0;
    const checks = filtered ? NO_COUNTS : await runChecks(invocation);
    return countEnding(addCounts(checks, await runTests(invocation, invocation.operands)));
  },
};

export const devCheckCommand: Command = {
  operands: [],
  flags: [],
  fields: COUNT_FIELDS,
  async run(invocation) {
    const checks = await runChecks(invocation);
    return countEnding(addCounts(checks, await runTests(invocation, ["test/house/"])));
  },
};

export const devPictureCommand: Command = {
  notes: ["Runs the main job for 40 seconds and draws its last view into docs/terminal-view.svg."],
  operands: [],
  flags: [],
  fields: [["...", "the fields of start"]],
  async run(invocation) {
    // A journal of its own: the one of this folder may belong to an engine that is running.
    const folder = mkdtempSync(join(tmpdir(), "reckoner-picture-"));
    const config = join(folder, "config.yaml");
    const directory = join(folder, "journal");
    writeFileSync(config, JSON.stringify({ admin: { port: 0 }, journal: { directory } }));
    const flags = new Map([
      ["config", config],
      ["for", "40s"],
      ["picture", join(ROOT, "docs", "terminal-view.svg")],
    ]);
    const ending = await startCommand.run({ ...invocation, flags });
    rmSync(folder, { recursive: true, force: true });
    return ending;
  },
};

export const devFormatCommand: Command = {
  operands: [{ name: "PATH", summary: "a file or folder", required: false, many: true }],
  flags: [],
  fields: [],
  async run(invocation) {
    const paths = invocation.operands.length > 0 ? invocation.operands : ["."];
    const code = await runTool(invocation, [TOOLS.biome, "check", "--write", ...paths]);
    return { exitCode: code === 0 ? EXIT.ok : EXIT.failed, lines: [], json: {} };
  },
};
