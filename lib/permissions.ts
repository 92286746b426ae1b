/**
 * Who may do what, as data: one list of statements for each role, written out action by action.
 *
 * No action holds a wildcard. A resource holds one only where names are drawn later (streams of a log group,
 * objects under a prefix) or where the service knows no resource. What is not written here is refused; the
 * negative matrix of test/lib asks some hundreds of questions of the templates and expects a refusal.
 */
import type { Deployment } from "./deployment.ts";
import type { ControlFunction } from "./functions.ts";

export type Condition = Readonly<Record<string, Readonly<Record<string, string | string[]>>>>;

export type Statement = {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Condition;
};

export const READ_ITEMS = ["dynamodb:GetItem", "dynamodb:Query"] as const;
const CONSUME = [
  "sqs:ChangeMessageVisibility",
  "sqs:DeleteMessage",
  "sqs:GetQueueAttributes",
  "sqs:GetQueueUrl",
  "sqs:ReceiveMessage",
] as const;
export const SEND = ["sqs:GetQueueUrl", "sqs:SendMessage"] as const;

/** What every role of a function has: its own log, and the traces that Lambda takes of it. */
export function ownLog(logGroupArn: string): Statement[] {
  return [
    {
      actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [`${logGroupArn}:log-stream:*`],
    },
    {
      actions: ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
      resources: ["*"],
    },
  ];
}

/** What each function of the control plane may do beside that. */
export function functionStatements(
  name: ControlFunction,
  deployment: Deployment,
): readonly Statement[] {
  switch (name) {
    case "control-api":
      return controlApi(deployment);
    case "project-records":
      return [
        { actions: CONSUME, resources: [deployment.queueArn("records")] },
        // A fact's key is derived, so a second put is the same item and nothing else need be remembered.
        { actions: ["dynamodb:PutItem"], resources: [deployment.tableArn("history")] },
      ];
    case "compact-archive":
      return compactArchive(deployment);
    case "send-alerts":
      return [
        { actions: CONSUME, resources: [deployment.queueArn("alerts")] },
        idempotency(deployment),
        readSecret(deployment.secretArn(`${deployment.prefix}/alerts`)),
        { actions: ["ses:SendEmail"], resources: [deployment.arn("ses", "identity/*")] },
      ];
    case "build-report":
      return buildReport(deployment);
    case "watch-engine":
      return [
        readTables(deployment, "commands", "control", "lease"),
        // The lease of a deaf engine is revoked under its fence; none is made, taken or deleted.
        { actions: ["dynamodb:UpdateItem"], resources: [deployment.tableArn("lease")] },
        listObjects(deployment, "audit", "audit-roots/"),
        {
          actions: ["s3:GetObject"],
          resources: [`${deployment.bucketArn("audit")}/audit-roots/*`],
        },
        { actions: SEND, resources: [deployment.queueArn("alerts")] },
        // What it saw at its last look lies among the records of what was dealt with.
        {
          actions: ["dynamodb:GetItem", "dynamodb:PutItem"],
          resources: [deployment.tableArn("idempotency")],
        },
      ];
  }
}

function controlApi(deployment: Deployment): Statement[] {
  const archive = deployment.bucketArn("archive");
  const engines = deployment.sites.map(({ engine }) => engine);
  return [
    readTables(deployment, "control", "commands"),
    // Commands of many ids at once.
    { actions: ["dynamodb:BatchGetItem"], resources: [deployment.tableArn("commands")] },
    {
      actions: READ_ITEMS,
      resources: [deployment.tableArn("history"), ...deployment.indexArns("history")],
    },
    // The chains are written by conditional puts; only what waits for a second person changes its state.
    {
      actions: ["dynamodb:PutItem", "dynamodb:UpdateItem"],
      resources: [deployment.tableArn("control"), deployment.tableArn("commands")],
    },
    requestMemory(deployment),
    {
      actions: SEND,
      resources: engines.map((engine) => deployment.commandQueueArn(engine)),
    },
    listObjects(deployment, "archive", "archive/", "manifests/", "reports/", ATHENA_PREFIX),
    listObjects(deployment, "audit", "audit-roots/"),
    {
      actions: ["s3:GetObject"],
      resources: [
        ...["archive/", "manifests/", "reports/", ATHENA_PREFIX].map(
          (each) => `${archive}/${each}*`,
        ),
        `${deployment.bucketArn("audit")}/audit-roots/*`,
      ],
    },
    ...athena(deployment),
  ];
}

/** Folder of the archive bucket in which Athena leaves what it found; emptied after a few days. */
export const ATHENA_PREFIX = "athena-results/";

function athena(deployment: Deployment): Statement[] {
  const database = databaseName(deployment);
  return [
    {
      actions: [
        "athena:GetQueryExecution",
        "athena:GetQueryResults",
        "athena:StartQueryExecution",
        "athena:StopQueryExecution",
      ],
      resources: [deployment.arn("athena", `workgroup/${deployment.prefix}`)],
    },
    {
      actions: ["glue:GetDatabase", "glue:GetPartitions", "glue:GetTable"],
      resources: [
        deployment.arn("glue", "catalog"),
        deployment.arn("glue", `database/${database}`),
        deployment.arn("glue", `table/${database}/*`),
      ],
    },
    {
      actions: ["s3:AbortMultipartUpload", "s3:PutObject"],
      resources: [`${deployment.bucketArn("archive")}/${ATHENA_PREFIX}*`],
    },
    { actions: ["s3:GetBucketLocation"], resources: [deployment.bucketArn("archive")] },
  ];
}

/** Glue knows no hyphens in the names that SQL will spell. */
export function databaseName(deployment: Deployment): string {
  return deployment.prefix.replaceAll("-", "_");
}

function compactArchive(deployment: Deployment): Statement[] {
  const archive = deployment.bucketArn("archive");
  return [
    { actions: CONSUME, resources: [deployment.queueArn("archive")] },
    {
      actions: ["s3:GetObject"],
      resources: ["segments/", "archive/", "manifests/"].map((each) => `${archive}/${each}*`),
    },
    {
      actions: ["s3:PutObject"],
      resources: ["archive/", "manifests/"].map((each) => `${archive}/${each}*`),
    },
    listObjects(deployment, "archive", "segments/", "archive/", "manifests/"),
  ];
}

function buildReport(deployment: Deployment): Statement[] {
  const archive = deployment.bucketArn("archive");
  const roots = `${deployment.bucketArn("audit")}/audit-roots/*`;
  return [
    readTables(deployment, "commands", "control"),
    {
      actions: READ_ITEMS,
      resources: [deployment.tableArn("history"), ...deployment.indexArns("history")],
    },
    // Of the read models it writes its own kind and no other.
    {
      actions: ["dynamodb:PutItem"],
      resources: [deployment.tableArn("history")],
      conditions: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["report#*"] } },
    },
    { actions: ["s3:GetObject", "s3:PutObject"], resources: [`${archive}/reports/*`, roots] },
    listObjects(deployment, "archive", "reports/"),
    listObjects(deployment, "audit", "audit-roots/"),
    { actions: SEND, resources: [deployment.queueArn("alerts")] },
  ];
}

function readTables(
  deployment: Deployment,
  ...tables: readonly ("control" | "commands" | "lease")[]
): Statement {
  return { actions: READ_ITEMS, resources: tables.map((table) => deployment.tableArn(table)) };
}

/** Records of messages that were dealt with; none is ever taken back. */
function idempotency(deployment: Deployment): Statement {
  return {
    actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
    resources: [deployment.tableArn("idempotency")],
  };
}

/** The same of requests. Powertools takes a record away when its request has failed. */
function requestMemory(deployment: Deployment): Statement {
  const { actions, resources } = idempotency(deployment);
  return { actions: [...actions, "dynamodb:DeleteItem"], resources };
}

/** Reading one secret. */
export function readSecret(arn: string): Statement {
  return { actions: ["secretsmanager:GetSecretValue"], resources: [arn] };
}

/** Listing the objects under some prefixes, so that what is missing is told from what is forbidden. */
export function listObjects(
  deployment: Deployment,
  bucket: "archive" | "audit",
  ...prefixes: readonly string[]
): Statement {
  return {
    actions: ["s3:ListBucket"],
    resources: [deployment.bucketArn(bucket)],
    conditions: { StringLike: { "s3:prefix": prefixes.map((prefix) => `${prefix}*`) } },
  };
}
