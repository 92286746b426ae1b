// Goal: one item, one winner: the lease over a real table protocol, with answers that are lost.
// Method: the stand-in of DynamoDB in memory, reached through the SDK; faults stand between the two.
import { DynamoDBClient, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LEASE_REVOKED, type LeaseItem } from "../../../../contracts/lease.ts";
import { createLeaseStore as createFunctionStore } from "../../../../functions/stores/lease-store.ts";
import {
  createLeaseStore,
  firstLease,
  type LeaseStore,
} from "../../../../hotpath/io/aws/lease-store.ts";
import { plantFaults } from "../../../fixtures/aws/faults.ts";
import { type AwsRig, startAwsRig } from "../../../fixtures/aws/rig.ts";

let rig: AwsRig;
let accounts = 0;

/** As the engine's own: what is tried again is decided by the protocol, not by the SDK. */
function oneTryClient(): DynamoDBClient {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const endpoint = rig.endpoints.dynamodb;
  return new DynamoDBClient({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
}

beforeAll(async () => {
  rig = await startAwsRig();
});
afterAll(async () => {
  await rig.stop();
});

function storeOf(account: string, client = rig.clients.tables): LeaseStore {
  return createLeaseStore({ client, prefix: rig.prefix, account, timeoutMs: 2000 });
}

function fresh(): { readonly account: string; readonly store: LeaseStore } {
  accounts++;
  const account = `account-${accounts}`;
  return { account, store: storeOf(account) };
}

function itemOf(account: string, fields: Partial<LeaseItem> = {}): LeaseItem {
  return { ...firstLease(account), holder: "run-1", engine: "paper", fence: 1, ...fields };
}

describe("the lease's item", () => {
  test("is read as it was written, and not at all before", async () => {
    const { account, store } = fresh();
    expect(await store.read()).toEqual({ kind: "read", item: undefined });
    expect(await store.put(itemOf(account), undefined)).toEqual({ kind: "written" });
    expect(await store.read()).toEqual({ kind: "read", item: itemOf(account) });
  });

  test("is made by one of two", async () => {
    const { account, store } = fresh();
    const made = await Promise.all([
      store.put(itemOf(account), undefined),
      store.put(itemOf(account, { holder: "run-2" }), undefined),
    ]);
    expect(made.map(({ kind }) => kind).sort()).toEqual(["refused", "written"]);
  });

  test.each([
    ["another fence", { fence: 2 }],
    ["another renewal", { renewals: 9 }],
    ["another holder", { holder: "run-9" }],
  ])("is not replaced where %s stands there", async (_, there) => {
    const { account, store } = fresh();
    await store.put(itemOf(account, there), undefined);
    const next = itemOf(account, { renewals: 1 });
    expect(await store.put(next, itemOf(account))).toEqual({ kind: "refused" });
  });

  test("changes hands to one of many that all saw the same", async () => {
    const { account, store } = fresh();
    const before = itemOf(account, { holder: "" });
    await store.put(before, undefined);
    const takers = Array.from({ length: 12 }, (_, at) =>
      store.put(itemOf(account, { holder: `run-${at}`, fence: 2 }), before),
    );
    const won = (await Promise.all(takers)).filter(({ kind }) => kind === "written");
    expect(won).toHaveLength(1);
  });

  test("whose write was answered by nobody may be there all the same", async () => {
    const { account } = fresh();
    const tables = oneTryClient();
    plantFaults(tables).add("PutItemCommand", "lostAnswer");
    const store = storeOf(account, tables);
    expect(await store.put(itemOf(account), undefined)).toMatchObject({ kind: "unknown" });
    expect(await store.read()).toEqual({ kind: "read", item: itemOf(account) });
    tables.destroy();
  });

  test("is neither read nor written where the service says no, and that is no answer", async () => {
    const { account } = fresh();
    const tables = oneTryClient();
    const faults = plantFaults(tables);
    faults.add("GetItemCommand", "throttled");
    faults.add("PutItemCommand", "denied");
    const store = storeOf(account, tables);
    expect(await store.read()).toEqual({ kind: "failed", reason: "ThrottlingException" });
    expect(await store.put(itemOf(account), undefined)).toEqual({
      kind: "unknown",
      reason: "AccessDeniedException",
    });
    tables.destroy();
  });

  test("that somebody else has written is not believed", async () => {
    const { account, store } = fresh();
    await rig.clients.tables.send(
      new PutItemCommand({
        TableName: `${rig.prefix}-lease`,
        Item: { pk: { S: `lease#${account}` }, sk: { S: "holder" }, fence: { S: "7" } },
      }),
    );
    expect(await store.read()).toEqual({
      kind: "failed",
      reason: "the item of the lease cannot be understood",
    });
  });

  test("that was edited to a fence below nothing is not believed either", async () => {
    const { account, store } = fresh();
    await store.put(itemOf(account), undefined);
    await rig.clients.tables.send(
      new UpdateItemCommand({
        TableName: `${rig.prefix}-lease`,
        Key: { pk: { S: `lease#${account}` }, sk: { S: "holder" } },
        UpdateExpression: "SET fence = :f",
        ExpressionAttributeValues: { ":f": { N: "-1" } },
      }),
    );
    expect((await store.read()).kind).toBe("failed");
  });

  test("that a function revoked is no longer its holder's, and not free", async () => {
    const { account, store } = fresh();
    const held = itemOf(account);
    await store.put(held, undefined);
    await createFunctionStore(rig.clients.documents, rig.prefix).revoke(account, 1);
    expect(await store.put({ ...held, renewals: 1 }, held)).toEqual({ kind: "refused" });
    expect(await store.read()).toMatchObject({ item: { holder: LEASE_REVOKED, fence: 1 } });
  });
});
