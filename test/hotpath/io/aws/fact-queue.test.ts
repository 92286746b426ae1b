// Goal: what the queue did not take for certain comes back, and nothing else does.
import { SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ALERT_SCHEMA_VERSION, type Alert } from "../../../../contracts/alert.ts";
import { createAlertQueue } from "../../../../hotpath/io/aws/alert-queue.ts";
import { createFactQueue } from "../../../../hotpath/io/aws/fact-queue.ts";
import { Outside } from "../../../fixtures/publish/outside.ts";

let outside: Outside;
let client: SQSClient;

beforeAll(async () => {
  outside = await Outside.start();
  client = outside.clients().queues;
});
afterAll(async () => {
  client.destroy();
  await outside.leave();
});

const body = (text: string): string => `{"schemaVersion":1,"facts":[{"event_id":"${text}"}]}`;

test("all bodies of a request are taken", async () => {
  const queue = createFactQueue(client, outside.prefix);
  expect(await queue.send([body("a"), body("b")])).toEqual({ left: [], reason: "" });
  const ids = (await outside.facts()).map(({ event_id }) => event_id);
  expect([...ids].sort()).toEqual(["a", "b"]);
});

test("of a request that was taken in part the rest comes back with its reason", async () => {
  const queue = createFactQueue(client, outside.prefix);
  const refused = body("\ufffe");
  const sent = await queue.send([body("c"), refused, body("d")]);
  expect(sent.left).toEqual([refused]);
  expect(sent.reason).toContain("InvalidMessageContents");
});

test("a queue that is away or does not exist keeps nothing", async () => {
  const away = new SQSClient({
    region: "us-east-1",
    maxAttempts: 1,
    endpoint: "http://127.0.0.1:1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  const bodies = [body("e"), body("f")];
  const sent = await createFactQueue(away, outside.prefix).send(bodies);
  expect(sent.left).toEqual(bodies);
  expect(sent.reason).toContain("ECONNREFUSED");
  away.destroy();
  const none = await createFactQueue(client, "nobody").send(bodies);
  expect(none.left).toEqual(bodies);
});

test("alerts of one incident are one message, those of another are another", async () => {
  const queue = createAlertQueue(client, outside.prefix);
  const alert = (incidentId: string, text: string): Alert => ({
    schemaVersion: ALERT_SCHEMA_VERSION,
    incidentId,
    engine: "paper",
    severity: 1,
    kind: "overfill",
    text,
    atUs: 1,
  });
  for (const each of [alert("i-1", "first"), alert("i-1", "again"), alert("i-2", "other")]) {
    expect(await queue.send(each)).toEqual({ ok: true });
  }
  expect((await outside.alerts()).map(({ text }) => text)).toEqual(["first", "other"]);
  expect(await createAlertQueue(client, "nobody").send(alert("i", ""))).toMatchObject({
    ok: false,
  });
});
