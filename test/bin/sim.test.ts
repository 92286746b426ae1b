// Goal: one seed is told in full with the command that plays it again, and what cannot be meant is refused.
import { expect, test } from "vitest";
import { EXIT } from "../../bin/command.ts";
import { simCommand } from "../../bin/sim.ts";
import { simulate } from "../../local/sim/world/simulate.ts";

const TIMEOUT_MS = 120_000;

async function run(flags: Readonly<Record<string, string>>) {
  const said: string[] = [];
  const ending = await simCommand.run({
    json: false,
    operands: [],
    flags: new Map(Object.entries(flags)),
    say: (line) => said.push(line),
  });
  return { ...ending, said };
}

test(
  "a seed is played twice, and its totals are what a script reads",
  async () => {
    const { exitCode, json } = await run({ seed: "7", steps: "1200", only: "none" });
    expect(exitCode).toBe(EXIT.ok);
    expect(json).toMatchObject({ seeds: 1, violations: 0, unequalTraces: [], classesFired: {} });
    expect(json.steps).toBeGreaterThan(1200);
    expect(json.history).toMatchObject({ seed: 7, violations: [] });
  },
  TIMEOUT_MS,
);

test(
  "hours end a history as steps do, whichever are over first",
  async () => {
    const only: ReadonlySet<string> = new Set();
    const about = { seed: 8, profile: "nominal", only } as const;
    const long = await simulate({ ...about, steps: Number.MAX_SAFE_INTEGER, hours: 0.01 });
    const short = await simulate({ ...about, steps: 500, hours: 0.01 });
    expect(long.simulatedUs).toBeGreaterThanOrEqual(36_000_000);
    expect(short.simulatedUs).toBeLessThan(long.simulatedUs);
  },
  TIMEOUT_MS,
);

test.each([
  [{ steps: "5", hours: "1" }, "flags --steps and --hours: give one of them"],
  [{ hours: "0" }, "flag --hours: expected at least 1"],
  [{ seeds: "9..3" }, 'flag --seeds: expected A..B, got "9..3"'],
  [{ seeds: "many" }, 'flag --seeds: expected A..B, got "many"'],
])("what cannot be meant is refused before anything is played: %j", async (flags, error) => {
  expect(await run(flags)).toMatchObject({ exitCode: EXIT.usage, error });
});
