// Goal: the handler that is deployed does its work with nothing but its environment, and names what must come back.
import {
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import type { Context, SQSEvent, SQSRecord } from "aws-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FACT_SCHEMA_VERSION } from "../../../contracts/history.ts";
import { QUEUES, queueName } from "../../../contracts/resources.ts";
import { createHistoryStore } from "../../../functions/stores/history-store.ts";
import { type AwsRig, startAwsRig } from "../../fixtures/aws/rig.ts";
import { FACTS_START_US, sampleFact } from "../../fixtures/facts.ts";

let rig: AwsRig;

beforeAll(async () => {
  rig = await startAwsRig();
  Object.assign(process.env, rig.environment, { POWERTOOLS_LOG_LEVEL: "SILENT" });
});

afterAll(async () => {
  await rig.stop();
});

test("messages of the queue become history, and the one that cannot be read comes back", async () => {
  const { handler } = await import("../../../functions/project-records/handler.ts");
  const facts = [sampleFact("resync", 1), sampleFact("resync", 2)];
  const bodies = [JSON.stringify({ schemaVersion: FACT_SCHEMA_VERSION, facts }), "poison"];
  const Records = bodies.map((body, index) => ({ messageId: `m${index}`, body }) as SQSRecord);
  const response = await handler({ Records } satisfies SQSEvent, {} as Context);
  expect(response.batchItemFailures).toEqual([{ itemIdentifier: "m1" }]);
  const page = await createHistoryStore(rig.clients.documents, rig.prefix).query({
    engine: "paper",
    kind: "resync",
    fromUs: FACTS_START_US,
    toUs: FACTS_START_US + 60_000_000,
    order: "newest",
    filters: { cause: "sequenceGap" },
    limit: 10,
  });
  expect(page).toMatchObject({ kind: "page", records: [...facts].reverse() });
});

test("a message that cannot be read ends in the dead-letter queue, and what came after it is done", async () => {
  const { handler } = await import("../../../functions/project-records/handler.ts");
  const { queues } = rig.clients;
  const urlOf = async (isDead: boolean): Promise<string> => {
    const QueueName = queueName(rig.prefix, "records", isDead);
    const { QueueUrl = "" } = await queues.send(new GetQueueUrlCommand({ QueueName }));
    return QueueUrl;
  };
  const [QueueUrl, DeadUrl] = [await urlOf(false), await urlOf(true)];
  const good = [7, 8, 9].map((n) =>
    JSON.stringify({
      schemaVersion: FACT_SCHEMA_VERSION,
      facts: [sampleFact("denial", n)],
    }),
  );
  for (const MessageBody of ["poison", ...good]) {
    await queues.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  }
  // What the event source does: ten at a time, what was done is deleted, what failed comes back. The wait
  // between two deliveries is the shortest that there is.
  const receives = QUEUES.records.receivesMax + 2;
  for (let turn = 0; turn < receives * 4; turn += 1) {
    const { Messages = [] } = await queues.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: 1,
        WaitTimeSeconds: 1,
      }),
    );
    const Records = Messages.map(({ MessageId = "", Body = "" }) => {
      return { messageId: MessageId, body: Body } as SQSRecord;
    });
    const { batchItemFailures } = await handler({ Records } satisfies SQSEvent, {} as Context);
    const failed = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    for (const { MessageId = "", ReceiptHandle } of Messages) {
      if (failed.includes(MessageId)) continue;
      await queues.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
    const dead = await queues.send(new ReceiveMessageCommand({ QueueUrl: DeadUrl }));
    if (dead.Messages === undefined || dead.Messages.length === 0) continue;
    expect(dead.Messages.map(({ Body }) => Body)).toEqual(["poison"]);
    const page = await createHistoryStore(rig.clients.documents, rig.prefix).query({
      engine: "paper",
      kind: "denial",
      fromUs: FACTS_START_US,
      toUs: FACTS_START_US + 60_000_000,
      order: "oldest",
      filters: {},
      limit: 10,
    });
    if (page.kind !== "page") throw new Error("there is no cursor");
    expect(page.records.map(({ fact_id }) => fact_id)).toEqual([
      "denial-7",
      "denial-8",
      "denial-9",
    ]);
    return;
  }
  throw new Error("the poison never came to the dead-letter queue");
});
