// Goal: the virtual AWS fails as it is told to, by class and counted, and what it has done stays done.
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { GetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { beforeEach, describe, expect, test } from "vitest";
import { VirtualCloud } from "../../../../local/sim/aws/cloud.ts";
import { CloudFaults } from "../../../../local/sim/aws/cloud-faults.ts";
import { Kernel } from "../../../../local/sim/kernel/kernel.ts";
import { settlePromises } from "../../../../local/sim/kernel/run-kernel.ts";

const US_PER_S = 1_000_000;
const TableName = "t-control";
const QueueUrl = "t-records";
const fifoUrl = "t-alerts.fifo";

let kernel = new Kernel();
let faults = new CloudFaults(1);
let cloud = made();

function made(): VirtualCloud {
  const names = { prefix: "t", place: "local", engines: ["paper"] };
  return new VirtualCloud({ kernel, faults, seed: 1, ...names });
}

beforeEach(() => {
  kernel = new Kernel();
  faults = new CloudFaults(1);
  cloud = made();
});

/** The outcome of `work`; virtual time passes until there is one. */
async function ended<Value>(work: Promise<Value>): Promise<Value> {
  let isOver = false;
  const over = (): void => {
    isOver = true;
  };
  work.then(over, over);
  while (!isOver) {
    await settlePromises(kernel);
    if (!isOver && !kernel.step()) throw new Error("nothing more happens");
  }
  return await work;
}

const put = (n: number) => new PutCommand({ TableName, Item: { pk: "a", sk: String(n), n } });

describe("a table", () => {
  test("that throttles does nothing, and is asked again by clients that try again", async () => {
    faults.setRates({ C01: 1 });
    await expect(ended(cloud.clients(1).documents.send(put(1)))).rejects.toMatchObject({
      name: "ThrottlingException",
    });
    expect(cloud.tables.table(TableName).all()).toEqual([]);
    const trying = cloud.clients(3).documents.send(put(2));
    await expect(ended(trying)).rejects.toMatchObject({ name: "ThrottlingException" });
    expect(faults.counts().C01).toBe(4);
  });

  test("whose answer is lost has written", async () => {
    faults.setRates({ C03: 1 });
    const startUs = kernel.nowUs;
    await expect(ended(cloud.clients(1).documents.send(put(1)))).rejects.toMatchObject({
      name: "TimeoutError",
    });
    expect(kernel.nowUs - startUs).toBeGreaterThan(3 * US_PER_S);
    expect(cloud.tables.table(TableName).all()).toHaveLength(1);
  });

  test("that is away answers again when it is back", async () => {
    faults.takeAway("tables", kernel.nowUs + US_PER_S);
    const { documents } = cloud.clients(1);
    await expect(ended(documents.send(put(1)))).rejects.toMatchObject({ $fault: "server" });
    kernel.nowUs += 2 * US_PER_S;
    await ended(documents.send(put(1)));
    expect(faults.counts().C06).toBe(1);
  });

  test("shows the past only to reads that allow it, and never for long", async () => {
    const { documents } = cloud.clients(1);
    await ended(documents.send(put(1)));
    faults.setRates({ C05: 1 });
    const Key = { pk: "a", sk: "1" };
    const firm = await ended(
      documents.send(new GetCommand({ TableName, Key, ConsistentRead: true })),
    );
    expect(firm.Item).toMatchObject({ n: 1 });
    const loose = await ended(documents.send(new GetCommand({ TableName, Key })));
    expect(loose.Item).toBeUndefined();
    kernel.nowUs += 3 * US_PER_S;
    const later = await ended(documents.send(new GetCommand({ TableName, Key })));
    expect(later.Item).toMatchObject({ n: 1 });
  });

  test("speaks both dialects, and refuses what it does not know", async () => {
    const { tables, documents } = cloud.clients(1);
    const Item = { pk: { S: "a" }, sk: { S: "1" }, list: { L: [{ N: "1" }, { BOOL: true }] } };
    await ended(tables.send(new PutItemCommand({ TableName, Item })));
    const { Items } = await ended(
      documents.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: "pk = :pk",
          ExpressionAttributeValues: { ":pk": "a" },
        }),
      ),
    );
    expect(Items).toEqual([{ pk: "a", sk: "1", list: [1, true] }]);
    const filtered = new QueryCommand({
      TableName,
      KeyConditionExpression: "pk = :pk",
      FilterExpression: "n = :pk",
      ExpressionAttributeValues: { ":pk": "a" },
    });
    await expect(ended(documents.send(filtered))).rejects.toThrow("FilterExpression");
  });

  test("answers nobody who has died, and has done what they asked", async () => {
    const process = kernel.makeProcess("caller");
    let isAnswered = false;
    kernel.at(kernel.nowUs, process, () => {
      void cloud
        .clients(1)
        .documents.send(put(1))
        .then(() => {
          isAnswered = true;
        });
    });
    kernel.step();
    kernel.kill(process);
    while (kernel.step()) await settlePromises(kernel);
    expect(isAnswered).toBe(false);
    expect(cloud.tables.table(TableName).all()).toHaveLength(1);
  });
});

describe("a queue", () => {
  const send = (MessageBody: string) => new SendMessageCommand({ QueueUrl, MessageBody });
  const receive = (url = QueueUrl, WaitTimeSeconds = 0) =>
    new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds });

  test("shows a message again when nobody took it away, and buries it after its last try", async () => {
    const { queues } = cloud.clients(1);
    await ended(queues.send(send("a")));
    for (let n = 0; n < 5; n += 1) {
      const { Messages = [] } = await ended(queues.send(receive()));
      expect(Messages.map(({ Body }) => Body)).toEqual(["a"]);
      expect((await ended(queues.send(receive()))).Messages).toBeUndefined();
      kernel.nowUs += 180 * US_PER_S;
    }
    expect((await ended(queues.send(receive()))).Messages).toBeUndefined();
    expect(cloud.queues.queue("t-records-dead").messages.map(({ body }) => body)).toEqual(["a"]);
  });

  test("lets a poll wait for what is sent meanwhile", async () => {
    const { queues } = cloud.clients(1);
    const waiting = queues.send(receive(QueueUrl, 20));
    await ended(queues.send(send("late")));
    expect((await ended(waiting)).Messages?.map(({ Body }) => Body)).toEqual(["late"]);
  });

  test("ends a poll that is given up, and keeps the message for the next", async () => {
    const { queues } = cloud.clients(1);
    const stop = new AbortController();
    const waiting = queues.send(receive(QueueUrl, 20), { abortSignal: stop.signal });
    stop.abort();
    await expect(ended(waiting)).rejects.toMatchObject({ name: "AbortError" });
    await ended(queues.send(send("a")));
    expect((await ended(queues.send(receive()))).Messages).toHaveLength(1);
  });

  test("may give out a message twice, late, and in any order", async () => {
    faults.setRates({ C13: 1, C14: 1, C15: 1 });
    const { queues } = cloud.clients(1);
    for (const body of ["a", "b", "c"]) await ended(queues.send(send(body)));
    expect((await ended(queues.send(receive()))).Messages).toBeUndefined();
    kernel.nowUs += 180 * US_PER_S;
    const { Messages = [] } = await ended(queues.send(receive()));
    const bodies = Messages.map(({ Body = "" }) => Body);
    expect(bodies.toSorted()).toEqual(["a", "a", "b", "b", "c", "c"]);
    expect(bodies).not.toEqual(["a", "a", "b", "b", "c", "c"]);
    expect(faults.counts()).toMatchObject({ C13: 3, C15: 3 });
  });

  test("takes a batch in part", async () => {
    faults.setRates({ C19: 0.5 });
    const Entries = Array.from({ length: 10 }, (_, n) => ({ Id: String(n), MessageBody: "x" }));
    const batch = new SendMessageBatchCommand({ QueueUrl, Entries });
    const { Successful = [], Failed = [] } = await ended(cloud.clients(1).queues.send(batch));
    expect(Successful.length + Failed.length).toBe(10);
    expect(Failed.length).toBe(faults.counts().C19);
    expect(cloud.queues.queue(QueueUrl).messages).toHaveLength(Successful.length);
  });

  test("of groups gives out nothing of a group that is out, and each id once in five minutes", async () => {
    const { queues } = cloud.clients(1);
    const grouped = (body: string, group: string) =>
      new SendMessageCommand({
        QueueUrl: fifoUrl,
        MessageBody: body,
        MessageGroupId: group,
        MessageDeduplicationId: body,
      });
    for (const body of ["a1", "a1"]) await ended(queues.send(grouped(body, "a")));
    const first = await ended(queues.send(receive(fifoUrl)));
    await ended(queues.send(grouped("a2", "a")));
    await ended(queues.send(grouped("b1", "b")));
    const second = await ended(queues.send(receive(fifoUrl)));
    expect(first.Messages?.map(({ Body }) => Body)).toEqual(["a1"]);
    expect(second.Messages?.map(({ Body }) => Body)).toEqual(["b1"]);
    const ReceiptHandle = first.Messages?.[0]?.ReceiptHandle;
    await ended(queues.send(new DeleteMessageCommand({ QueueUrl: fifoUrl, ReceiptHandle })));
    const third = await ended(queues.send(receive(fifoUrl)));
    expect(third.Messages?.map(({ Body }) => Body)).toEqual(["a2"]);
    kernel.nowUs += 301 * US_PER_S;
    await ended(queues.send(grouped("a1", "c")));
    expect(cloud.queues.queue(fifoUrl).messages.map(({ body }) => body)).toContain("a1");
  });
});

describe("a bucket and a secret", () => {
  const Bucket = "t-archive-local";
  const object = (Body: Uint8Array) =>
    new PutObjectCommand({ Bucket, Key: "k", Body, IfNoneMatch: "*" });

  test("write an object once, tell of it, and give parts of it", async () => {
    const { objects } = cloud.clients(1);
    const told: string[] = [];
    cloud.objects.onPut = (_bucket, key) => void told.push(key);
    await ended(objects.send(object(Uint8Array.of(1, 2, 3))));
    await expect(ended(objects.send(object(Uint8Array.of(4))))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 412 },
    });
    const part = new GetObjectCommand({ Bucket, Key: "k", Range: "bytes=1-1" });
    const { Body } = await ended(objects.send(part));
    expect(await Body?.transformToByteArray()).toEqual(Uint8Array.of(2));
    expect(told).toEqual(["k"]);
  });

  test("are busy now and then", async () => {
    faults.setRates({ C21: 1 });
    const putting = cloud.clients(1).objects.send(object(Uint8Array.of(1)));
    await expect(ended(putting)).rejects.toMatchObject({ name: "SlowDown" });
  });

  test("give what was filled in, and say what is missing", async () => {
    cloud.secrets.put("one", "word");
    const { secrets } = cloud.clients(1);
    const read = (SecretId: string) => secrets.send(new GetSecretValueCommand({ SecretId }));
    expect((await ended(read("one"))).SecretString).toBe("word");
    await expect(ended(read("two"))).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });
});
