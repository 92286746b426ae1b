// Goal: what a handler did is deleted, what it did not comes back, and poison dies without holding up the others.
import { GetQueueUrlCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import type { SQSEvent } from "aws-lambda";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { queueName } from "../../../contracts/resources.ts";
import { createDeadLetterStore } from "../../../functions/stores/dead-letter-store.ts";
import { createHostLog } from "../../../local/lambda-host/host-log.ts";
import type { LambdaHandler } from "../../../local/lambda-host/invocation.ts";
import {
  eventOf,
  failedIds,
  pollQueue,
  type QueueSource,
} from "../../../local/lambda-host/queue-source.ts";
import { type FaultPlan, plantFaults } from "../../fixtures/aws/faults.ts";
import { type AwsRig, startAwsRig } from "../../fixtures/aws/rig.ts";

const messages = [{ MessageId: "a" }, { MessageId: "b" }, { MessageId: "c" }];

describe("which messages come back", () => {
  const returned = (value: unknown) => ({ kind: "returned", value }) as const;
  test.each([
    [returned({ batchItemFailures: [] }), []],
    [returned(undefined), []],
    [returned(null), []],
    [returned({ batchItemFailures: [{ itemIdentifier: "b" }] }), ["b"]],
    [returned({ batchItemFailures: [{ itemIdentifier: "x" }] }), ["a", "b", "c"]],
    [returned({ batchItemFailures: [{ itemIdentifier: "" }] }), ["a", "b", "c"]],
    [{ kind: "threw", error: new Error("x") } as const, ["a", "b", "c"]],
    [{ kind: "timedOut" } as const, ["a", "b", "c"]],
  ])("%j", (invocation, expected) => {
    expect([...failedIds(invocation, messages)]).toEqual(expected);
  });
});

test("the event carries body, attributes and origin", () => {
  const attributes = {
    trace: { DataType: "String", StringValue: "t" },
    bytes: { DataType: "Binary" },
  };
  const event = eventOf(
    [
      {
        MessageId: "a",
        Body: "b",
        Attributes: { MessageGroupId: "g" },
        MessageAttributes: attributes,
      },
    ],
    "reckoner-records",
  );
  expect(event.Records[0]).toMatchObject({
    messageId: "a",
    body: "b",
    attributes: { MessageGroupId: "g" },
    messageAttributes: {
      trace: { dataType: "String", stringValue: "t" },
      bytes: { dataType: "Binary" },
    },
    eventSource: "aws:sqs",
    eventSourceARN: expect.stringMatching(/:reckoner-records$/),
  });
});

describe("a polled queue", () => {
  let rig: AwsRig;
  let faults: FaultPlan;
  let sources: QueueSource[] = [];
  let lines: string[] = [];

  beforeAll(async () => {
    rig = await startAwsRig();
    faults = plantFaults(rig.clients.queues);
  });
  afterEach(async () => {
    for (const source of sources.splice(0)) await source.stop();
    sources = [];
    lines = [];
  });
  afterAll(async () => await rig.stop());

  const urlOf = async (name: string): Promise<string> => {
    const answer = await rig.clients.queues.send(new GetQueueUrlCommand({ QueueName: name }));
    return answer.QueueUrl ?? "";
  };

  const send = async (name: string, ...bodies: readonly string[]): Promise<void> => {
    const QueueUrl = await urlOf(name);
    for (const MessageBody of bodies) {
      const fifo = name.endsWith(".fifo") && {
        MessageGroupId: MessageBody.slice(0, 1),
        MessageDeduplicationId: MessageBody,
      };
      await rig.clients.queues.send(new SendMessageCommand({ QueueUrl, MessageBody, ...fifo }));
    }
  };

  const poll = (
    name: string,
    handler: LambdaHandler,
    { retryAfterS, hiddenS }: { readonly retryAfterS?: number; readonly hiddenS?: number } = {},
  ): void => {
    sources.push(
      pollQueue({
        client: rig.clients.queues,
        queueName: name,
        hosted: { name: "consumer", handler, timeoutMs: 5_000 },
        retryAfterS,
        hiddenS,
        log: createHostLog((line) => lines.push(line)),
      }),
    );
  };

  test("six messages, one of them poison: five are done, the poison ends in the dead letters", async () => {
    const name = queueName(rig.prefix, "records");
    const deliveries = new Map<string, number>();
    await send(name, "m1", "m2", "poison", "m3", "m4", "m5");
    poll(
      name,
      (event) => {
        const { Records } = event as SQSEvent;
        for (const { body } of Records) deliveries.set(body, (deliveries.get(body) ?? 0) + 1);
        const failed = Records.filter(({ body }) => body === "poison");
        return {
          batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })),
        };
      },
      { retryAfterS: 0 },
    );
    const dead = createDeadLetterStore(rig.clients.queues, rig.prefix);
    const count = async (): Promise<number> => (await dead.count({ queue: "records" })).count;
    await vi.waitFor(async () => expect(await count()).toBe(1), { timeout: 25_000 });
    expect(Object.fromEntries(deliveries)).toEqual({
      m1: 1,
      m2: 1,
      m3: 1,
      m4: 1,
      m5: 1,
      poison: 5,
    });
    expect(await dead.peek({ queue: "records" })).toMatchObject([{ body: "poison" }]);
  });

  test("a batch whose handler throws comes back whole, when it is visible again", async () => {
    const name = queueName(rig.prefix, "archive");
    const bodies: string[] = [];
    await send(name, "a");
    poll(
      name,
      (event) => {
        for (const { body } of (event as SQSEvent).Records) bodies.push(body);
        if (bodies.length === 1) throw new Error("broken");
      },
      { hiddenS: 1 },
    );
    await vi.waitFor(() => expect(bodies).toEqual(["a", "a"]), { timeout: 15_000 });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("broken");
  });

  test("a queue that fails is polled again, and says so", async () => {
    const name = queueName(rig.prefix, "alerts");
    const bodies: string[] = [];
    await send(name, "a1", "a2");
    faults.add("GetQueueUrlCommand", "denied");
    faults.add("ReceiveMessageCommand", "denied");
    poll(name, (event) => {
      for (const { body } of (event as SQSEvent).Records) bodies.push(body);
    });
    await vi.waitFor(() => expect(bodies).toEqual(["a1", "a2"]), { timeout: 15_000 });
    expect(lines.map((line) => JSON.parse(line).failed)).toEqual([`poll ${name}`, `poll ${name}`]);
  });

  test("a stop waits for the batch under way and deletes what it did", async () => {
    const name = queueName(rig.prefix, "alerts");
    const started = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    await send(name, "b1");
    poll(name, async () => {
      started.resolve();
      await finish.promise;
    });
    await started.promise;
    let isStopped = false;
    const stopping = sources.splice(0).map(async (source) => {
      await source.stop();
      isStopped = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isStopped).toBe(false);
    finish.resolve();
    await Promise.all(stopping);
    const later: string[] = [];
    await send(name, "b2");
    poll(name, (event) => {
      for (const { body } of (event as SQSEvent).Records) later.push(body);
    });
    await vi.waitFor(() => expect(later).toEqual(["b2"]), { timeout: 15_000 });
  });
});
