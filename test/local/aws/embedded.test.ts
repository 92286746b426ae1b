// Goal: the stand-in does not hand messages to clients that are gone, and knows who asks for what.
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { GetQueueUrlCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { localAwsFault } from "../../../contracts/aws-environment.ts";
import { commandQueueName, queueName, tableName } from "../../../contracts/resources.ts";
import { type AwsRig, startAwsRig } from "../../fixtures/aws/rig.ts";

describe("the embedded AWS in memory", () => {
  let rig: AwsRig;

  beforeAll(async () => {
    rig = await startAwsRig();
  });
  afterAll(async () => await rig.stop());

  const receive = async (name: string, waitS: number, abortSignal?: AbortSignal) => {
    const queues = rig.clients.queues;
    const { QueueUrl } = await queues.send(new GetQueueUrlCommand({ QueueName: name }));
    const command = new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: waitS });
    const options = abortSignal === undefined ? {} : { abortSignal };
    const { Messages = [] } = await queues.send(command, options);
    return Messages.map(({ Body }) => Body);
  };

  test.each([
    ["records", queueName],
    ["commands", (prefix: string) => commandQueueName(prefix, "paper")],
  ] as const)("a client that left its long poll of %s swallows no message", async (_, nameOf) => {
    const name = nameOf(rig.prefix, "records");
    const gone = new AbortController();
    const left = receive(name, 20, gone.signal);
    // The second poll ends after the first one would have, had that one not been left.
    setTimeout(() => gone.abort(), 50);
    await expect(left).rejects.toThrow();
    expect(await receive(name, 20)).toEqual([]);
    const { QueueUrl } = await rig.clients.queues.send(new GetQueueUrlCommand({ QueueName: name }));
    const fifo = name.endsWith(".fifo") && { MessageGroupId: "g", MessageDeduplicationId: "d" };
    await rig.clients.queues.send(new SendMessageCommand({ QueueUrl, MessageBody: "m", ...fifo }));
    expect(await receive(name, 20)).toEqual(["m"]);
  });

  test("a long poll still ends as soon as there is a message", async () => {
    const name = queueName(rig.prefix, "archive");
    const polled = receive(name, 20);
    const { QueueUrl } = await rig.clients.queues.send(new GetQueueUrlCommand({ QueueName: name }));
    await rig.clients.queues.send(new SendMessageCommand({ QueueUrl, MessageBody: "m" }));
    expect([...(await polled), ...(await receive(name, 1))]).toEqual(["m"]);
  });

  test("a stop in the midst of writes is clean, and what was answered was written", async () => {
    const other = await startAwsRig();
    const TableName = tableName(other.prefix, "control");
    const writes = Array.from({ length: 64 }, (_, n) =>
      other.clients.tables.send(
        new PutItemCommand({ TableName, Item: { pk: { S: "a" }, sk: { S: String(n) } } }),
      ),
    );
    await writes[0];
    const stopped = other.stop();
    const results = await Promise.allSettled(writes);
    await stopped;
    expect(results.filter(({ status }) => status === "fulfilled").length).toBeGreaterThan(0);
  });

  test("its environment passes the guard of local mode", () => {
    expect(localAwsFault(rig.environment)).toBe("");
  });
});
