// Goal: a small storm of real processes is weathered: nothing doubled, nothing lost, every order ended once.
// Method: the command itself, with few orders and kills, so that it takes well under a minute.
import { describe, expect, test } from "vitest";
import { EXIT } from "../../bin/command.ts";
import { orderStormCommand } from "../../bin/order-storm.ts";

function run(given: Readonly<Record<string, string>>, said: string[] = []) {
  return orderStormCommand.run({
    json: true,
    operands: [],
    flags: new Map(Object.entries(given)),
    say: (line) => said.push(line),
  });
}

describe("a storm", () => {
  test("of a few orders and two kills leaves both sides with the same books", async () => {
    const said: string[] = [];
    const ending = await run({ orders: "60", kills: "2", seed: "4" }, said);
    expect(ending.error).toBeUndefined();
    expect(ending.json).toMatchObject({
      duplicateVenueOrders: 0,
      lostFills: 0,
      unresolved: 0,
      contradictory: 0,
      unknownOrigin: 0,
      positionDrift: 0,
      seed: 4,
    });
    expect(ending.json.kills).toBeGreaterThanOrEqual(2);
    expect(ending.json.lives).toBeGreaterThanOrEqual(3);
    expect(ending.json.commands).toBeGreaterThanOrEqual(60);
    expect(said.length).toBeGreaterThanOrEqual(2);
  }, 240_000);

  test("of no orders is refused before anything starts", async () => {
    expect(await run({ orders: "0" })).toMatchObject({ exitCode: EXIT.usage });
  });
});
