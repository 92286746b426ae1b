// Goal: the command ends with the code that a script can hold a start on.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Ending } from "../../bin/command.ts";
import { EXIT } from "../../bin/command.ts";
import { preflightCommand } from "../../bin/preflight.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "preflight-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(flags: readonly (readonly [string, string])[]): Promise<Ending> {
  const said = { say: () => undefined };
  return preflightCommand.run({ json: false, operands: [], flags: new Map(flags), ...said });
}

test("simulated accounts are in order, and each is a table", async () => {
  const ending = await run([["simulated", "true"]]);
  expect(ending.exitCode).toBe(EXIT.ok);
  expect(ending.lines[0]).toBe("binance-spot");
  expect(ending.lines).toContainEqual(expect.stringMatching(/^ {2}ok {2}orderTest {3}buy /));
  const { accounts, bad } = ending.json as { accounts: readonly { venue: string }[]; bad: number };
  expect(bad).toBe(0);
  expect(accounts.map(({ venue }) => venue)).toEqual(["binance-spot", "kucoin", "kraken"]);
});

test("a configuration that is refused, or has no account, is a matter of usage", async () => {
  const file = join(folder, "reckoner.yaml");
  writeFileSync(file, "venues: { binance-spot: { environment: moon } }\n");
  expect((await run([["config", file]])).exitCode).toBe(EXIT.usage);
  writeFileSync(file, "venues: { binance-spot: { environment: simulated } }\n");
  const ending = await run([["config", file]]);
  expect(ending).toMatchObject({
    exitCode: EXIT.usage,
    error: expect.stringContaining("no account"),
  });
});
