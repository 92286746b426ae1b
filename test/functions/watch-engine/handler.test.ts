// Goal: the handler itself: every engine is looked at, alarms are passed on, and what fails is not hidden.
import { PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { actionKey, commandKey, heartbeatKey, leaseKey } from "../../../contracts/keys.ts";
import { LEASE_REVOKED } from "../../../contracts/lease.ts";
import { tableName } from "../../../contracts/resources.ts";
import { createLeaseStore } from "../../../functions/stores/lease-store.ts";
import { type AwsRig, startAwsRig } from "../../fixtures/aws/rig.ts";
import { chainOf, heartbeat, sight } from "./sights.ts";

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

test("a scheduled call takes the lease from a holder that renews it and takes no kill", async () => {
  const { documents } = rig.clients;
  const put = (table: "commands" | "control" | "lease", Item: object) =>
    documents.send(new PutCommand({ TableName: tableName(rig.prefix, table), Item: { ...Item } }));
  const lease = { ...sight(0).lease, account: "margin", engine: "second" };
  await put("lease", { ...leaseKey("margin"), ...lease });
  await handler({});
  const askedUs = (Date.now() - 20_000) * 1000;
  const action = { kind: "kill", scope: "all", target: "" };
  const expiresUs = Number.MAX_SAFE_INTEGER;
  const record = { commandId: "c1", action, by: "ada", askedUs, expiresUs, state: "queued" };
  const [item] = chainOf("second", "action", 1);
  const after = JSON.stringify({ commandId: "c1" });
  await put("control", { ...actionKey("second", 1), ...item, atUs: askedUs, after });
  await put("commands", { ...commandKey("second", "c1"), ...record });
  const renew = new UpdateCommand({
    TableName: tableName(rig.prefix, "lease"),
    Key: leaseKey("margin"),
    UpdateExpression: "SET renewals = renewals + :one",
    ExpressionAttributeValues: { ":one": 1 },
  });
  const renewals = setInterval(() => void documents.send(renew), 100);
  try {
    await handler({});
  } finally {
    clearInterval(renewals);
  }
  const { read } = createLeaseStore(documents, rig.prefix);
  expect(await read("margin")).toMatchObject({ holder: LEASE_REVOKED, fence: 3 });
});

test("a look that fails fails the call", async () => {
  await rig.stop();
  await expect(handler({})).rejects.toThrow("unavailable");
}, 60_000);
