// Goal: the handler itself: every engine is looked at, alarms are passed on, and what fails is not hidden.
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { heartbeatKey } from "../../../contracts/keys.ts";
import { tableName } from "../../../contracts/resources.ts";
import { type AwsRig, startAwsRig } from "../../fixtures/aws/rig.ts";
import { heartbeat } from "./sights.ts";

let rig: AwsRig;
let handler: (event: unknown) => Promise<{ readonly alerts: number }>;

beforeAll(async () => {
  rig = await startAwsRig();
  Object.assign(process.env, rig.environment, {
    RECKONER_ENGINES: "paper, second",
    RECKONER_LEASE_ACCOUNTS: "second=margin",
  });
  ({ handler } = await import("../../../functions/watch-engine/handler.ts"));
});
afterAll(async () => {
  await rig.stop();
});

test("a scheduled call looks at every engine", async () => {
  const Item = {
    ...heartbeatKey("paper"),
    ...heartbeat(Date.now() * 1000, { halted: "a book was wrong" }),
  };
  const TableName = tableName(rig.prefix, "commands");
  await rig.clients.documents.send(new PutCommand({ TableName, Item }));
  expect(await handler({ source: "aws.scheduler" })).toEqual({ alerts: 1 });
});

test("an alarm is passed on, and a notice that says nothing is not", async () => {
  const alarm = { AlarmName: "x", NewStateValue: "ALARM" };
  const Records = [
    { Sns: { Message: JSON.stringify(alarm) } },
    { Sns: { Message: JSON.stringify({ ...alarm, NewStateValue: "INSUFFICIENT_DATA" }) } },
  ];
  expect(await handler({ Records })).toEqual({ alerts: 1 });
});

test("a look that fails fails the call", async () => {
  await rig.stop();
  await expect(handler({})).rejects.toThrow("unavailable");
}, 60_000);
