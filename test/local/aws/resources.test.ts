// Goal: the resources of the contracts are made once, mended where they can be, and refused where they cannot.
import { CreateTableCommand, DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { HeadBucketCommand } from "@aws-sdk/client-s3";
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SetQueueAttributesCommand,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  BUCKET_NAMES,
  bucketName,
  QUEUES,
  TABLE_NAMES,
  TABLES,
  type TablePlan,
  tableName,
} from "../../../contracts/resources.ts";
import { createResources, visibilityS } from "../../../local/aws/resources.ts";
import { plantFaults } from "../../fixtures/aws/faults.ts";
import { type AwsRig, startAwsRig } from "../../fixtures/aws/rig.ts";

describe("the resources", () => {
  let rig: AwsRig;

  beforeAll(async () => {
    rig = await startAwsRig(undefined, ["one", "two"]);
  });
  afterAll(async () => await rig.stop());

  const attributesOf = async (name: string): Promise<Record<string, string>> => {
    const { QueueUrl } = await rig.clients.queues.send(new GetQueueUrlCommand({ QueueName: name }));
    const answer = await rig.clients.queues.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
    );
    return answer.Attributes ?? {};
  };

  test.each(TABLE_NAMES)("the table %s has its key and its indexes", async (table) => {
    const { Table } = await rig.clients.tables.send(
      new DescribeTableCommand({ TableName: tableName(rig.prefix, table) }),
    );
    const plan: TablePlan = TABLES[table];
    const keys = Table?.KeySchema?.map(({ AttributeName }) => AttributeName);
    expect(keys).toEqual([plan.pk, plan.sk].filter((name) => name !== undefined));
    const indexes = Table?.GlobalSecondaryIndexes?.map(({ IndexName, KeySchema }) => ({
      name: IndexName,
      pk: KeySchema?.[0]?.AttributeName,
      sk: KeySchema?.[1]?.AttributeName,
    }));
    const byName = (a: { name?: string | undefined }, b: { name?: string | undefined }): number =>
      (a.name ?? "").localeCompare(b.name ?? "");
    expect((indexes ?? []).sort(byName)).toEqual([...plan.indexes].sort(byName));
  });

  test.each([
    ["records", "records", "records-dead"],
    ["archive", "archive", "archive-dead"],
    ["alerts", "alerts.fifo", "alerts-dead.fifo"],
    ["commands", "one-commands.fifo", "one-commands-dead.fifo"],
    ["commands", "two-commands.fifo", "two-commands-dead.fifo"],
  ] as const)("the queue of %s lets poison go to its dead letters", async (queue, live, dead) => {
    const attributes = await attributesOf(`${rig.prefix}-${live}`);
    const deadAttributes = await attributesOf(`${rig.prefix}-${dead}`);
    expect(attributes.VisibilityTimeout).toBe(String(visibilityS(queue)));
    expect(visibilityS(queue)).toBe(QUEUES[queue].consumerTimeoutS * 6);
    expect(JSON.parse(attributes.RedrivePolicy ?? "{}")).toEqual({
      deadLetterTargetArn: deadAttributes.QueueArn,
      maxReceiveCount: QUEUES[queue].receivesMax,
    });
  });

  test.each(BUCKET_NAMES)("the bucket %s is there", async (bucket) => {
    const Bucket = bucketName(rig.prefix, bucket, rig.bucketPlace);
    await rig.clients.objects.send(new HeadBucketCommand({ Bucket }));
  });

  test("made again, with an engine more, all stays and the engine has its queue", async () => {
    const QueueName = `${rig.prefix}-records`;
    const { QueueUrl } = await rig.clients.queues.send(new GetQueueUrlCommand({ QueueName }));
    const Attributes = { VisibilityTimeout: "7" };
    await rig.clients.queues.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
    await createResources(rig.clients, { ...rig, engines: ["one", "two", "three"] });
    expect((await attributesOf(QueueName)).VisibilityTimeout).toBe(String(visibilityS("records")));
    expect(await attributesOf(`${rig.prefix}-three-commands.fifo`)).toMatchObject({
      FifoQueue: "true",
    });
  });

  test("a table of an older version is refused with what to do", async () => {
    const prefix = "older";
    await rig.clients.tables.send(
      new CreateTableCommand({
        TableName: tableName(prefix, "history"),
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      }),
    );
    const made = createResources(rig.clients, { ...rig, prefix });
    await expect(made).rejects.toThrow(/older-history is of an older version .* remove its folder/);
  });

  test.each(["CreateTableCommand", "CreateQueueCommand", "CreateBucketCommand"])(
    "a %s that fails is not passed over",
    async (command) => {
      const { tables, queues, objects } = rig.clients;
      for (const client of [tables, queues, objects]) plantFaults(client).add(command, "denied");
      await expect(createResources(rig.clients, rig)).rejects.toThrow("planted");
    },
  );
});
