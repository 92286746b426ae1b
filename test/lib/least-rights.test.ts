// Goal: a function has the rights that its code asks for, and no others. Method: the SDK's commands in the files that
// each handler reaches, against the actions of its role.
import { describe, expect, test } from "vitest";
import { CANCELLER, CONTROL_FUNCTIONS } from "../../lib/functions.ts";
import { STAGES } from "../../lib/stages.ts";
import { build } from "../fixtures/infrastructure.ts";
import { rolesOf } from "../fixtures/policy-evaluator.ts";
import { graphOf, readTree, sourceOf } from "../house/tree.ts";

/** The action that IAM asks for, by the command of the SDK. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  BatchGetCommand: ["dynamodb:BatchGetItem"],
  DeleteCommand: ["dynamodb:DeleteItem"],
  GetCommand: ["dynamodb:GetItem"],
  PutCommand: ["dynamodb:PutItem"],
  QueryCommand: ["dynamodb:Query"],
  UpdateCommand: ["dynamodb:UpdateItem"],
  DeleteObjectCommand: ["s3:DeleteObject"],
  GetObjectCommand: ["s3:GetObject"],
  HeadObjectCommand: ["s3:GetObject"],
  ListObjectsV2Command: ["s3:ListBucket"],
  PutObjectCommand: ["s3:PutObject"],
  ChangeMessageVisibilityCommand: ["sqs:ChangeMessageVisibility"],
  DeleteMessageCommand: ["sqs:DeleteMessage"],
  GetQueueAttributesCommand: ["sqs:GetQueueAttributes"],
  GetQueueUrlCommand: ["sqs:GetQueueUrl"],
  ReceiveMessageCommand: ["sqs:ReceiveMessage"],
  SendMessageCommand: ["sqs:SendMessage"],
  GetSecretValueCommand: ["secretsmanager:GetSecretValue"],
  SendEmailCommand: ["ses:SendEmail"],
  GetQueryExecutionCommand: ["athena:GetQueryExecution"],
  GetQueryResultsCommand: ["athena:GetQueryResults"],
  StartQueryExecutionCommand: ["athena:StartQueryExecution"],
  StopQueryExecutionCommand: ["athena:StopQueryExecution"],
};

/** What Lambda and Athena ask for with a function's role, and its own code does not. */
const BY_OTHERS: readonly string[] = [
  "logs:CreateLogStream",
  "logs:PutLogEvents",
  "xray:PutTelemetryRecords",
  "xray:PutTraceSegments",
  // The dead letters of calls that nobody waits for.
  "sqs:SendMessage",
];
const BY_QUEUE = [
  "sqs:ChangeMessageVisibility",
  "sqs:DeleteMessage",
  "sqs:GetQueueAttributes",
  "sqs:GetQueueUrl",
  "sqs:ReceiveMessage",
];
/** Powertools takes the record of a request away that has failed. */
const BY_API = [
  "dynamodb:DeleteItem",
  "glue:GetDatabase",
  "glue:GetPartitions",
  "glue:GetTable",
  "s3:AbortMultipartUpload",
  "s3:GetBucketLocation",
  "s3:PutObject",
];

/** Commands in files that a handler reaches and that it does not call: a store has more doors than one function uses. */
const NOT_CALLED: Readonly<Record<string, readonly string[]>> = {
  // It reads reports and Parquet out of the store of objects.
  "control-api": ["DeleteObjectCommand", "PutObjectCommand"],
  // It puts facts and never looks at one.
  "project-records": ["QueryCommand"],
  // It looks at commands and roots, and changes none; a lease it may revoke.
  "watch-engine": ["BatchGetCommand", "DeleteObjectCommand", "PutObjectCommand"],
  // It reads heartbeats one by one, decides no proposal, and takes back no report.
  "build-report": ["BatchGetCommand", "DeleteObjectCommand", "UpdateCommand"],
  // Segments are deleted by the bucket's own rule; the setting that lets the function do it is off in the cloud.
  "compact-archive": ["DeleteObjectCommand"],
};

/** The engine speaks to tables without the document client, and in batches to its queues. */
const OF_ENGINE: Readonly<Record<string, readonly string[]>> = {
  ...ACTIONS,
  GetItemCommand: ["dynamodb:GetItem"],
  PutItemCommand: ["dynamodb:PutItem"],
  UpdateItemCommand: ["dynamodb:UpdateItem"],
  SendMessageBatchCommand: ["sqs:SendMessage"],
};

const tree = readTree();
const graph = graphOf(tree);
const roles = rolesOf(build(STAGES.live));

function reached(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path) || !tree.has(path)) return seen;
  seen.add(path);
  for (const target of graph.get(path) ?? []) reached(target, seen);
  return seen;
}

function commandsOf(name: string): Set<string> {
  const files = [...reached(`functions/${name}/handler.ts`)];
  return new Set(
    files.flatMap((path) =>
      [...sourceOf(tree, path).code.matchAll(/new (\w+Command)\(/g)].map(
        ([, command]) => command ?? "",
      ),
    ),
  );
}

function actionsOf(name: string): Set<string> {
  const role = roles.find(
    (each) =>
      each.name === `reckoner-live-${name}` || each.name === `reckoner-live-${name}-ap-northeast-1`,
  );
  return new Set(role?.statements.flatMap(({ Action }) => Action));
}

describe.each([...CONTROL_FUNCTIONS, CANCELLER].map(({ name, triggers }) => ({ name, triggers })))(
  "$name",
  ({ name, triggers }) => {
    const commands = [...commandsOf(name)].filter(
      (command) => !(NOT_CALLED[name] ?? []).includes(command),
    );
    const asked = new Set(
      commands.flatMap((command) => ACTIONS[command] ?? [`nobody knows ${command}`]),
    );
    const granted = actionsOf(name);

    test("may do what its code asks for", () => {
      expect(commands.length).toBeGreaterThan(0);
      expect([...asked].filter((action) => !granted.has(action))).toEqual([]);
    });

    test("may do nothing that nobody asks for", () => {
      const others = new Set([
        ...BY_OTHERS,
        ...(triggers.some(({ kind }) => kind === "queue") ? BY_QUEUE : []),
        ...(name === "control-api" ? BY_API : []),
      ]);
      expect([...granted].filter((action) => !asked.has(action) && !others.has(action))).toEqual(
        [],
      );
    });
  },
);

describe("the engine", () => {
  const files = [...tree.keys()].filter((path) => path.startsWith("hotpath/io/aws/"));
  const commands = new Set(
    files.flatMap((path) =>
      [...sourceOf(tree, path).code.matchAll(/new (\w+Command)\(/g)].map(
        ([, command]) => command ?? "",
      ),
    ),
  );
  const asked = new Set(
    [...commands].flatMap((command) => OF_ENGINE[command] ?? [`nobody knows ${command}`]),
  );
  const role = roles.find(({ name }) => name === "reckoner-live-tokyo-engine");
  const granted = new Set(role?.statements.flatMap(({ Action }) => Action));

  test("may do what its code asks for", () => {
    expect(commands.size).toBeGreaterThan(8);
    expect([...asked].filter((action) => !granted.has(action))).toEqual([]);
  });

  test("may do nothing that nobody asks for", () => {
    // Listing is what tells "not there" from "forbidden" when it looks for its own segment.
    const others = ["s3:ListBucket"];
    expect([...granted].filter((action) => !asked.has(action) && !others.includes(action))).toEqual(
      [],
    );
  });
});
