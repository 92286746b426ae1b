/**
 * The tables, queues and buckets of the contracts, made at the stand-ins.
 *
 * Making them again changes nothing, so every start makes them all. A table of an older version that lacks
 * an index cannot be mended here and is refused with what to do.
 */
import {
  type AttributeDefinition,
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, type S3Client } from "@aws-sdk/client-s3";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type QueueAttributeName,
  SetQueueAttributesCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import {
  BUCKET_NAMES,
  bucketName,
  commandQueueName,
  QUEUE_NAMES,
  QUEUES,
  type QueueName,
  queueName,
  TABLE_NAMES,
  TABLES,
  type TableName,
  type TablePlan,
  tableName,
} from "../../contracts/resources.ts";
import { sdkName } from "../../functions/stores/store-error.ts";
import { createLeaseStore, firstLease } from "../../hotpath/io/aws/lease-store.ts";

export type ResourceClients = {
  readonly tables: DynamoDBClient;
  readonly queues: SQSClient;
  readonly objects: S3Client;
};

export type ResourceNames = {
  readonly prefix: string;
  readonly bucketPlace: string;
  readonly engines: readonly string[];
};

/** Six times its consumer's time limit: AWS's advice for Lambda (Developer Guide, SQS, 2026-11). */
const VISIBILITY_FACTOR = 6;
const RETENTION_S = 4 * 24 * 3600;
/** The longest that SQS keeps anything. */
const DEAD_RETENTION_S = 14 * 24 * 3600;
const ACTIVE_POLLS_MAX = 200;
const ACTIVE_POLL_MS = 10;
const LEASE_MS_MAX = 10_000;

/** Makes all that `names` needs and that is not there yet. */
export async function createResources(
  clients: ResourceClients,
  names: ResourceNames,
): Promise<void> {
  for (const table of TABLE_NAMES) await createTable(clients.tables, names.prefix, table);
  for (const queue of QUEUE_NAMES) {
    for (const [live, dead] of queueNames(names, queue)) {
      await createQueue(clients.queues, queue, live, dead);
    }
  }
  for (const bucket of BUCKET_NAMES) {
    await createBucket(clients.objects, bucketName(names.prefix, bucket, names.bucketPlace));
  }
  for (const engine of names.engines) await createFirstLease(clients.tables, names.prefix, engine);
}

/** A lease that nobody has held: without it a first engine would wait as if one had been deleted. */
async function createFirstLease(
  client: DynamoDBClient,
  prefix: string,
  engine: string,
): Promise<void> {
  const store = createLeaseStore({ client, prefix, account: engine, timeoutMs: LEASE_MS_MAX });
  const writing = await store.put(firstLease(engine), undefined);
  if (writing.kind === "unknown") throw new Error(`the first lease: ${writing.reason}`);
}

/** Seconds that a message of `queue` is hidden while it is worked on. */
export function visibilityS(queue: QueueName): number {
  return QUEUES[queue].consumerTimeoutS * VISIBILITY_FACTOR;
}

function queueNames(
  { prefix, engines }: ResourceNames,
  queue: QueueName,
): readonly (readonly [live: string, dead: string])[] {
  if (queue !== "commands") return [[queueName(prefix, queue), queueName(prefix, queue, true)]];
  return engines.map((engine) => [
    commandQueueName(prefix, engine),
    commandQueueName(prefix, engine, true),
  ]);
}

async function createTable(
  client: DynamoDBClient,
  prefix: string,
  table: TableName,
): Promise<void> {
  const TableName = tableName(prefix, table);
  const plan: TablePlan = TABLES[table];
  const attributes = new Set([plan.pk, plan.sk, ...plan.indexes.flatMap(({ pk, sk }) => [pk, sk])]);
  const command = new CreateTableCommand({
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [...attributes]
      .filter((name) => name !== undefined)
      .map((AttributeName): AttributeDefinition => ({ AttributeName, AttributeType: "S" })),
    KeySchema: keySchema(plan.pk, plan.sk),
    ...(plan.indexes.length > 0 && {
      GlobalSecondaryIndexes: plan.indexes.map(({ name, pk, sk }) => ({
        IndexName: name,
        KeySchema: keySchema(pk, sk),
        Projection: { ProjectionType: "ALL" as const },
      })),
    }),
  });
  try {
    await client.send(command);
  } catch (error) {
    if (sdkName(error) !== "ResourceInUseException") throw error;
  }
  await untilActive(client, TableName, plan);
}

function keySchema(
  pk: string,
  sk: string | undefined,
): { AttributeName: string; KeyType: "HASH" | "RANGE" }[] {
  const hash = { AttributeName: pk, KeyType: "HASH" as const };
  return sk === undefined ? [hash] : [hash, { AttributeName: sk, KeyType: "RANGE" as const }];
}

async function untilActive(
  client: DynamoDBClient,
  TableName: string,
  plan: TablePlan,
): Promise<void> {
  for (let poll = 0; poll < ACTIVE_POLLS_MAX; poll++) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    if (Table?.TableStatus === "ACTIVE") {
      const has = new Set(Table.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName));
      const missing = plan.indexes.find(({ name }) => !has.has(name));
      if (missing === undefined) return;
      throw new Error(
        `the table ${TableName} is of an older version and lacks the index ${missing.name}; remove its folder`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, ACTIVE_POLL_MS));
  }
  throw new Error(`the table ${TableName} does not become active`);
}

type QueueAttributes = Partial<Record<QueueAttributeName, string>>;

async function createQueue(
  client: SQSClient,
  queue: QueueName,
  live: string,
  dead: string,
): Promise<void> {
  const { isFifo, receivesMax } = QUEUES[queue];
  const kind: QueueAttributes = isFifo ? { FifoQueue: "true" } : {};
  const deadUrl = await putQueue(client, dead, kind, {
    MessageRetentionPeriod: String(DEAD_RETENTION_S),
  });
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: deadUrl, AttributeNames: ["QueueArn"] }),
  );
  await putQueue(client, live, kind, {
    MessageRetentionPeriod: String(RETENTION_S),
    VisibilityTimeout: String(visibilityS(queue)),
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: Attributes.QueueArn,
      maxReceiveCount: receivesMax,
    }),
  });
}

/** Makes the queue, or gives the one that is there the attributes of today. */
async function putQueue(
  client: SQSClient,
  QueueName: string,
  kind: QueueAttributes,
  attributes: QueueAttributes,
): Promise<string> {
  try {
    const made = await client.send(
      new CreateQueueCommand({ QueueName, Attributes: { ...kind, ...attributes } }),
    );
    return made.QueueUrl ?? "";
  } catch (error) {
    if (!/QueueNameExists|QueueAlreadyExists/.test(sdkName(error))) throw error;
  }
  const { QueueUrl = "" } = await client.send(new GetQueueUrlCommand({ QueueName }));
  await client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: attributes }));
  return QueueUrl;
}

async function createBucket(client: S3Client, Bucket: string): Promise<void> {
  try {
    await client.send(new CreateBucketCommand({ Bucket }));
  } catch (error) {
    if (!/BucketAlready(?:OwnedByYou|Exists)/.test(sdkName(error))) throw error;
  }
}
