// Goal: a small storm of real processes is weathered: nothing doubled, nothing lost, every order ended once.
// Method: the command itself, with few orders and kills.
import { describe, expect, test } from "vitest";
import { EXIT } from "../../bin/command.ts";
import { orderStormCommand } from "../../bin/order-storm.ts";

/** RECKONER_LONG makes it a storm that is worth its name; the whole one is the command's own. */
const SIZE =
  process.env.RECKONER_LONG === undefined
    ? { orders: "30", kills: "1" }
    : { orders: "300", kills: "3" };

function run(given: Readonly<Record<string, string>>, said: string[] = []) {
  return orderStormCommand.run({
    json: true,
    operands: [],
    flags: new Map(Object.entries(given)),
    say: (line) => said.push(line),
  });
}

describe("a storm", () => {
  test("of a few orders and kills leaves both sides with the same books", async () => {
    const said: string[] = [];
    const ending = await run({ ...SIZE, seed: "4" }, said);
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
    expect(ending.json.kills).toBeGreaterThanOrEqual(Number(SIZE.kills));
    expect(ending.json.lives).toBeGreaterThan(Number(SIZE.kills));
    expect(ending.json.commands).toBeGreaterThanOrEqual(Number(SIZE.orders));
    expect(said.length).toBeGreaterThanOrEqual(Number(SIZE.kills));
  }, 300_000);

  test("of no orders is refused before anything starts", async () => {
    expect(await run({ orders: "0" })).toMatchObject({ exitCode: EXIT.usage });
  });
});
