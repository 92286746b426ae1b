// Goal: one command, one ending, one JSON line; wrong words start nothing.
import { describe, expect, test } from "vitest";
import type { Command, CommandRow, Ending } from "../../bin/command.ts";
import { EXIT } from "../../bin/command.ts";
import { runCommandLine } from "../../bin/command-line.ts";
import { COMMANDS } from "../../bin/commands.ts";

function rowOf(name: string, run: Command["run"], started: string[]): CommandRow {
  return {
    name,
    summary: `does ${name}`,
    load: async () => ({
      operands: [],
      flags: [{ name: "seed", kind: "count", summary: "the seed", standard: "1" }],
      fields: [["count", "how many"]],
      run: async (invocation) => {
        started.push(name);
        return run(invocation);
      },
    }),
  };
}

const good: Ending = { exitCode: EXIT.ok, lines: ["a", "b"], json: { count: 2 } };
const bad: Ending = { exitCode: EXIT.halted, lines: ["c"], json: { count: 0 }, error: "it halted" };

/** Runs `words` over a small table and returns everything that came out. */
async function run(words: readonly string[]) {
  const started: string[] = [];
  const results: string[] = [];
  const said: string[] = [];
  const rows = [
    rowOf("start", async () => good, started),
    rowOf("verify", async () => bad, started),
    rowOf("config check", async () => good, started),
    rowOf("config reference", async () => good, started),
    rowOf("explode", async () => Promise.reject(new Error("own defect")), started),
    rowOf("shatter", async () => Promise.reject("no error at all"), started),
  ];
  const code = await runCommandLine(rows, words, {
    result: (line) => void results.push(line),
    say: (line) => void said.push(line),
  });
  return { code, results, said, started };
}

describe("a known command", () => {
  test("prints its lines for people", async () => {
    const { code, results, said } = await run(["start"]);
    expect([code, results, said]).toEqual([0, ["a", "b"], []]);
  });

  test("prints exactly one JSON line for scripts", async () => {
    const { code, results } = await run(["start", "--json"]);
    expect(code).toBe(0);
    expect(results.map((line) => JSON.parse(line) as unknown)).toEqual([
      { ok: true, exitCode: 0, count: 2 },
    ]);
  });

  test("that fails says why on both streams and keeps its code", async () => {
    const plain = await run(["verify"]);
    expect([plain.code, plain.results, plain.said]).toEqual([4, ["c"], ["reckoner: it halted"]]);
    const scripted = await run(["verify", "--json"]);
    expect(JSON.parse(scripted.results.join("\n"))).toEqual({
      ok: false,
      exitCode: 4,
      count: 0,
      error: "it halted",
    });
  });

  test("may have a name of two words", async () => {
    expect((await run(["config", "check"])).started).toEqual(["config check"]);
  });

  test.each(["explode", "shatter"])(
    "that breaks (%s) is a failed run, not a crash",
    async (name) => {
      const { code, said, results } = await run([name, "--json"]);
      expect(code).toBe(1);
      expect(said[0]).toMatch(
        new RegExp(`^reckoner: ${name} broke: .*(own defect|no error at all)`),
      );
      expect(results).toHaveLength(1);
    },
  );
});

describe("wrong words start nothing and end with 2", () => {
  test.each([
    [["strat"], 'unknown command "strat", did you mean "start"?'],
    [["frobnicate"], 'unknown command "frobnicate"'],
    [["config"], "config needs one of check, reference"],
    [["config", "--json"], "config needs one of check, reference"],
    [["config", "chek"], 'unknown command "config chek", did you mean "check"?'],
    [["start", "--sede", "1"], 'unknown flag --sede, did you mean "seed"?'],
    [["--hepl"], 'unknown flag --hepl, did you mean "--help"?'],
    [["help", "strat"], 'unknown command "strat", did you mean "start"?'],
  ])("%j: %s", async (words, error) => {
    const { code, started, said, results } = await run(words);
    expect(code).toBe(2);
    expect(started).toEqual([]);
    expect(said).toEqual([`reckoner: ${error}`]);
    expect(results).toHaveLength(words.includes("--json") ? 1 : 0);
  });
});

describe("help", () => {
  test.each([[[]], [["help"]], [["--help"]], [["-h"]]])("%j shows every command", async (words) => {
    const { code, results } = await run(words);
    expect(code).toBe(0);
    for (const name of ["start", "verify", "config check"]) {
      expect(results.join("\n")).toContain(`does ${name}`);
    }
  });

  test.each([[["start", "--help"]], [["help", "start"]]])("%j shows one command", async (words) => {
    const { results, started } = await run(words);
    const page = results.join("\n");
    expect(page).toContain("usage: reckoner start [flags]");
    expect(page).toContain("--seed N  the seed (default 1)");
    expect(page).toContain("count  how many");
    expect(started).toEqual([]);
  });

  test("under --json is one line too", async () => {
    const { results } = await run(["help", "--json"]);
    expect(results).toHaveLength(1);
    expect(JSON.parse(results[0] ?? "")).toMatchObject({ ok: true, command: "help" });
  });
});

describe("the real table", () => {
  test("every row loads a command, and no name is taken twice", async () => {
    expect(COMMANDS.length).toBeGreaterThan(4);
    expect(new Set(COMMANDS.map((row) => row.name)).size).toBe(COMMANDS.length);
    for (const row of COMMANDS) {
      const command = await row.load();
      expect(typeof command.run).toBe("function");
      const names = command.flags.map((flag) => flag.name);
      expect(new Set(names).size).toBe(names.length);
      for (const flag of command.flags) {
        expect(flag.kind === "choice" ? flag.choices?.length : 1).toBeGreaterThan(0);
      }
    }
  });

  test("--version and version say the same", async () => {
    const say = () => undefined;
    const lines: string[] = [];
    const result = (line: string) => void lines.push(line);
    await runCommandLine(COMMANDS, ["--version"], { result, say });
    await runCommandLine(COMMANDS, ["version"], { result, say });
    expect(lines[0]).toMatch(/^reckoner \d+\.\d+\.\d+ on Node 2\d\./);
    expect(lines[1]).toBe(lines[0]);
  });
});
