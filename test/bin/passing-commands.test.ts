// Goal: commands that hand their words to another process pass on words, lines, ends and refusals.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { benchCommandOf } from "../../bin/bench.ts";
import type { Command, Ending } from "../../bin/command.ts";
import { EXIT } from "../../bin/command.ts";
import { venuesCommand } from "../../bin/venues.ts";

const folder = mkdtempSync(join(tmpdir(), "reckoner-passing-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

function script(name: string, text: string): string {
  const path = join(folder, `${name}.mjs`);
  writeFileSync(path, text);
  return path;
}

/** Runs `command` and collects what it prints beside its ending. */
async function run(command: Command, words: readonly string[], json: boolean) {
  const printed: string[] = [];
  const said: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => printed.push(String(text)) > 0);
  const ending: Ending = await command.run({
    json,
    operands: words,
    flags: new Map(),
    say: (line) => void said.push(line),
  });
  return { ending, printed, said };
}

describe("bench", () => {
  const good = script(
    "good",
    'console.log("line 1"); console.log(JSON.stringify({ words: process.argv.slice(2) }));',
  );

  test("prints the runner's lines as they come", async () => {
    const { ending, printed } = await run(benchCommandOf(good), ["decode", "--long"], false);
    expect(ending.exitCode).toBe(EXIT.ok);
    expect(printed).toEqual(["line 1\n", '{"words":["decode","--long"]}\n']);
  });

  test("under --json makes the last line the result and says the others", async () => {
    const { ending, printed, said } = await run(benchCommandOf(good), ["--json"], true);
    expect(ending.json).toEqual({ words: ["--json"] });
    expect(printed).toEqual([]);
    expect(said).toEqual(["line 1"]);
  });

  test.each([
    ["text", "no json"],
    ["number", "7"],
  ])("a last line that is no record (%s) is kept as text", async (name, line) => {
    const runner = script(`last-${name}`, `console.log(${JSON.stringify(line)});`);
    const { ending } = await run(benchCommandOf(runner), [], true);
    expect(ending.json).toEqual({ text: line });
  });

  test("a runner that fails is a failed command", async () => {
    const { ending } = await run(benchCommandOf(script("bad", "process.exit(3);")), [], true);
    expect(ending).toMatchObject({ exitCode: EXIT.failed, error: "the benches ended with 3" });
  });
});

describe("venues", () => {
  test.each([true, false])("tell where they listen and end when asked (json %s)", async (json) => {
    const running = run(
      venuesCommand,
      ["--spot-instruments", "1", "--usdm-instruments", "0"],
      json,
    );
    await vi.waitFor(() => expect(process.stdout.write).toHaveBeenCalled(), { timeout: 10_000 });
    process.emit("SIGTERM");
    const { ending, printed } = await running;
    expect(ending.exitCode).toBe(EXIT.ok);
    expect(ending.json.addresses).toHaveProperty("binance-spot.rest");
    expect(printed).toHaveLength(1);
    expect(printed[0]).toContain(
      json ? '"control":"http://127.0.0.1:' : "control  http://127.0.0.1:",
    );
  });

  test("a flag they do not know is a usage error with its name", async () => {
    const { ending, printed } = await run(venuesCommand, ["--sede", "1"], false);
    expect(ending.exitCode).toBe(EXIT.usage);
    expect(ending.error).toContain("--sede");
    expect(printed).toEqual([]);
  });
});
