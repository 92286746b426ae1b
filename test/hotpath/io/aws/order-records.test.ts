// Goal: an order's record only moves forward, whoever writes it and however late, and what is open is found.
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  ORDER_RECORD_STATES,
  type OrderRecordState,
} from "../../../../contracts/operator-command.ts";
import { createOrderRecords, type OrderRecords } from "../../../../hotpath/io/aws/order-records.ts";
import { Outside } from "../../../fixtures/publish/outside.ts";

let outside: Outside;
let records: OrderRecords;
let client: DynamoDBClient;

beforeAll(async () => {
  outside = await Outside.start();
  client = outside.clients().tables;
  records = createOrderRecords(client, outside.prefix);
});
afterAll(async () => {
  client.destroy();
  await outside.leave();
});

async function write(clientId: string, state: OrderRecordState, over = {}): Promise<void> {
  const known = { changedUs: 7, runId: "run-1", orderId: "", placed: "", ended: "" };
  const outcome = await records.write("paper", { clientId, state, ...known, ...over });
  expect(outcome).toEqual({ ok: true });
}

test("any order of writes ends at the furthest state", async () => {
  const ways: readonly (readonly OrderRecordState[])[] = [
    ORDER_RECORD_STATES,
    [...ORDER_RECORD_STATES].reverse(),
    ["terminal", "acked", "terminal", "sent"],
    ["unknown", "acked", "terminal", "unknown"],
  ];
  for (const [way, states] of ways.entries()) {
    for (const state of states) await write(`rk00001-0000000${way + 1}`, state);
  }
  expect(new Set(Object.values(await outside.orderStates()))).toEqual(new Set(["terminal"]));
});

test("what is known of an order stays when a later write knows less", async () => {
  await write("rk00002-00000001", "sent", { placed: '{"a":1}' });
  await write("rk00002-00000001", "acked", { orderId: "900" });
  await write("rk00002-00000001", "unknown");
  const read = await records.readOpen("paper");
  expect(read).toEqual({
    ok: true,
    orders: [{ clientId: "rk00002-00000001", state: "unknown", orderId: "900", placed: '{"a":1}' }],
  });
});

test("all that is open is found over any number of pages, of this engine only", async () => {
  const placed = "x".repeat(60_000);
  for (let at = 1; at <= 30; at++) {
    const clientId = `rk00003-000000${String(at).padStart(2, "0")}`;
    await write(clientId, at % 3 === 0 ? "terminal" : "sent", { placed });
  }
  const other = { changedUs: 1, runId: "r", orderId: "", placed: "", ended: "" };
  await records.write("other", { clientId: "rk00003-00000099", state: "sent", ...other });
  const read = await records.readOpen("paper");
  if (!read.ok) throw new Error(read.reason);
  const names = read.orders.map(({ clientId }) => clientId).filter((id) => id.includes("rk00003"));
  expect(names).toHaveLength(20);
  expect(names).not.toContain("rk00003-00000099");
});

test("a table that does not answer is a reason, not an exception", async () => {
  const settings = { region: "us-east-1", maxAttempts: 1, endpoint: "http://127.0.0.1:1" };
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const away = new DynamoDBClient({ ...settings, credentials });
  const lost = createOrderRecords(away, outside.prefix);
  const known = { changedUs: 7, runId: "run-1", orderId: "", placed: "", ended: "" };
  const order = { clientId: "rk00001-00000001", state: "sent", ...known } as const;
  expect(await lost.write("paper", order)).toMatchObject({ ok: false });
  expect(await lost.readOpen("paper")).toMatchObject({ ok: false });
  away.destroy();
});
