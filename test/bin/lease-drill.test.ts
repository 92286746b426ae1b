// Goal: the lease changes hands by a kill and by a pause, and the venue sees fences that never decrease.
// Method: the command itself, with few takeovers.
import { describe, expect, test } from "vitest";
import { EXIT } from "../../bin/command.ts";
import { leaseDrillCommand } from "../../bin/lease-drill.ts";

/** RECKONER_LONG makes it a drill that is worth its name; fifty takeovers are the command's own. */
const TAKEOVERS = process.env.RECKONER_LONG === undefined ? 2 : 12;

function run(given: Readonly<Record<string, string>>) {
  return leaseDrillCommand.run({
    json: true,
    operands: [],
    flags: new Map(Object.entries(given)),
    say: () => undefined,
  });
}

describe("a lease drill", () => {
  test("of a few takeovers never has two holders", async () => {
    const ending = await run({ takeovers: String(TAKEOVERS), seed: "3" });
    expect(ending.error).toBeUndefined();
    expect(ending.json).toMatchObject({
      takeovers: TAKEOVERS,
      fencesDecreased: 0,
      fencesShared: 0,
      fencesUnheld: 0,
      duplicates: 0,
    });
    expect(ending.json.zombies).toBe(ending.json.pauses);
    expect(ending.json.fences).toBeGreaterThan(0);
  }, 900_000);

  test("of no takeovers is refused before anything starts", async () => {
    expect(await run({ takeovers: "0" })).toMatchObject({ exitCode: EXIT.usage });
  });
});
