// Goal: every role may do what it must and nothing else. Method: hundreds of questions to the templates' own policies.
import { describe, expect, test } from "vitest";
import { POLICY_LENGTH_MAX } from "../../lib/boundary.ts";
import { STAGES } from "../../lib/stages.ts";
import {
  ACCOUNT,
  build,
  everyResource,
  resourcesOf,
  templateOf,
} from "../fixtures/infrastructure.ts";
import { isAllowed, type Question, rolesOf } from "../fixtures/policy-evaluator.ts";

const built = build(STAGES.live);
const roles = rolesOf(built);
const PREFIX = "reckoner-live";
const HOME = "ap-northeast-1";
const FAR = "ap-southeast-1";

const table = (name: string): string =>
  `arn:aws:dynamodb:${HOME}:${ACCOUNT}:table/${PREFIX}-${name}`;
const queue = (name: string): string => `arn:aws:sqs:${HOME}:${ACCOUNT}:${PREFIX}-${name}`;
const object = (bucket: string, key: string): string =>
  `arn:aws:s3:::${PREFIX}-${bucket}-${ACCOUNT}-${HOME}/${key}`;
const secret = (name: string, region = HOME): string =>
  `arn:aws:secretsmanager:${region}:${ACCOUNT}:secret:${PREFIX}/${name}-AbCdEf`;
const item = (key: string): NonNullable<Question["context"]> => ({ "dynamodb:LeadingKeys": [key] });

const API = "control-api";
const PROJECT = "project-records";
const COMPACT = "compact-archive";
const ALERTS = "send-alerts";
const REPORT = "build-report";
const WATCH = "watch-engine";
const ENGINE = "tokyo-engine";

type Row = readonly [what: string, question: Question, allowed: readonly string[]];

const LIMITS = item("limits#tokyo-1");
const FILLS = item("fill#tokyo-1#2026-11-21");

/** Who may, and with every other role of the deployment: who may not. */
const MATRIX: readonly Row[] = [
  [
    "write limits",
    { action: "dynamodb:PutItem", resource: table("control"), context: LIMITS },
    [API],
  ],
  [
    "change a proposal",
    {
      action: "dynamodb:UpdateItem",
      resource: table("control"),
      context: item("proposal#tokyo-1"),
    },
    [API],
  ],
  [
    "delete from the chains",
    { action: "dynamodb:DeleteItem", resource: table("control"), context: LIMITS },
    [],
  ],
  [
    "write chains in bulk",
    { action: "dynamodb:BatchWriteItem", resource: table("control"), context: LIMITS },
    [],
  ],
  [
    "read limits",
    { action: "dynamodb:Query", resource: table("control"), context: LIMITS },
    [API, REPORT, WATCH, ENGINE],
  ],
  [
    "read another engine's limits",
    { action: "dynamodb:Query", resource: table("control"), context: item("limits#other") },
    [API, REPORT, WATCH],
  ],
  ["read all of control", { action: "dynamodb:Scan", resource: table("control") }, []],
  [
    "write a command",
    { action: "dynamodb:PutItem", resource: table("commands"), context: item("command#tokyo-1") },
    [API, ENGINE],
  ],
  [
    "write another engine's commands",
    { action: "dynamodb:UpdateItem", resource: table("commands"), context: item("command#other") },
    [API],
  ],
  [
    "delete a command",
    {
      action: "dynamodb:DeleteItem",
      resource: table("commands"),
      context: item("command#tokyo-1"),
    },
    [],
  ],
  [
    "read heartbeats",
    { action: "dynamodb:GetItem", resource: table("commands"), context: item("heartbeat#tokyo-1") },
    [API, REPORT, WATCH, ENGINE],
  ],
  [
    "take the lease",
    { action: "dynamodb:PutItem", resource: table("lease"), context: item("lease#tokyo-1") },
    [ENGINE],
  ],
  [
    "renew the lease, or revoke it",
    { action: "dynamodb:UpdateItem", resource: table("lease"), context: item("lease#tokyo-1") },
    [WATCH, ENGINE],
  ],
  [
    "take another account's lease",
    { action: "dynamodb:PutItem", resource: table("lease"), context: item("lease#other") },
    [],
  ],
  [
    "delete a lease",
    { action: "dynamodb:DeleteItem", resource: table("lease"), context: item("lease#tokyo-1") },
    [],
  ],
  [
    "see the lease",
    { action: "dynamodb:GetItem", resource: table("lease"), context: item("lease#tokyo-1") },
    [WATCH, ENGINE],
  ],
  [
    "write a fill to history",
    { action: "dynamodb:PutItem", resource: table("history"), context: FILLS },
    [PROJECT],
  ],
  [
    "write a report to history",
    {
      action: "dynamodb:PutItem",
      resource: table("history"),
      context: item("report#tokyo-1#2026-11-21"),
    },
    [PROJECT, REPORT],
  ],
  [
    "delete history",
    { action: "dynamodb:DeleteItem", resource: table("history"), context: FILLS },
    [],
  ],
  [
    "read history",
    { action: "dynamodb:Query", resource: table("history"), context: FILLS },
    [API, REPORT],
  ],
  [
    "read history by venue",
    { action: "dynamodb:Query", resource: `${table("history")}/index/byVenue` },
    [API, REPORT],
  ],
  ["delete a table", { action: "dynamodb:DeleteTable", resource: table("history") }, []],
  [
    "remember a message",
    { action: "dynamodb:PutItem", resource: table("idempotency") },
    [API, ALERTS, WATCH],
  ],
  [
    "command an engine",
    { action: "sqs:SendMessage", resource: queue("tokyo-1-commands.fifo") },
    [API],
  ],
  [
    "take an engine's commands",
    { action: "sqs:ReceiveMessage", resource: queue("tokyo-1-commands.fifo") },
    [ENGINE],
  ],
  [
    "take another engine's commands",
    { action: "sqs:ReceiveMessage", resource: queue("other-commands.fifo") },
    [],
  ],
  ["purge commands", { action: "sqs:PurgeQueue", resource: queue("tokyo-1-commands.fifo") }, []],
  ["tell what happened", { action: "sqs:SendMessage", resource: queue("records") }, [ENGINE]],
  ["take what happened", { action: "sqs:ReceiveMessage", resource: queue("records") }, [PROJECT]],
  [
    "raise an alert",
    { action: "sqs:SendMessage", resource: queue("alerts.fifo") },
    [REPORT, WATCH, ENGINE],
  ],
  ["take alerts", { action: "sqs:DeleteMessage", resource: queue("alerts.fifo") }, [ALERTS]],
  [
    "take notices of segments",
    { action: "sqs:ReceiveMessage", resource: queue("archive") },
    [COMPACT],
  ],
  ["look at dead letters", { action: "sqs:ReceiveMessage", resource: queue("records-dead") }, []],
  [
    "put a segment",
    {
      action: "s3:PutObject",
      resource: object("archive", "segments/engine=tokyo-1/run=r/00000001.seg.zst"),
    },
    [ENGINE],
  ],
  [
    "put another engine's segment",
    {
      action: "s3:PutObject",
      resource: object("archive", "segments/engine=other/run=r/1.seg.zst"),
    },
    [],
  ],
  [
    "read a segment",
    {
      action: "s3:GetObject",
      resource: object("archive", "segments/engine=tokyo-1/run=r/00000001.seg.zst"),
    },
    [COMPACT, ENGINE],
  ],
  [
    "delete a segment",
    {
      action: "s3:DeleteObject",
      resource: object("archive", "segments/engine=tokyo-1/run=r/00000001.seg.zst"),
    },
    [],
  ],
  [
    "put Parquet",
    {
      action: "s3:PutObject",
      resource: object(
        "archive",
        "archive/type=fill/venue=kraken/day=2026-11-21/hour=01/a.parquet",
      ),
    },
    [COMPACT],
  ],
  [
    "read Parquet",
    {
      action: "s3:GetObject",
      resource: object(
        "archive",
        "archive/type=fill/venue=kraken/day=2026-11-21/hour=01/a.parquet",
      ),
    },
    [API, COMPACT],
  ],
  [
    "put a report",
    {
      action: "s3:PutObject",
      resource: object("archive", "reports/engine=tokyo-1/2026-11-21.json"),
    },
    [REPORT],
  ],
  [
    "put an audit root",
    {
      action: "s3:PutObject",
      resource: object("audit", "audit-roots/engine=tokyo-1/2026-11-21.json"),
    },
    [REPORT],
  ],
  [
    "delete an audit root",
    {
      action: "s3:DeleteObject",
      resource: object("audit", "audit-roots/engine=tokyo-1/2026-11-21.json"),
    },
    [],
  ],
  [
    "get past the lock",
    {
      action: "s3:BypassGovernanceRetention",
      resource: object("audit", "audit-roots/engine=tokyo-1/2026-11-21.json"),
    },
    [],
  ],
  [
    "shorten the lock",
    {
      action: "s3:PutObjectRetention",
      resource: object("audit", "audit-roots/engine=tokyo-1/2026-11-21.json"),
    },
    [],
  ],
  [
    "change a bucket's policy",
    { action: "s3:PutBucketPolicy", resource: `arn:aws:s3:::${PREFIX}-archive-${ACCOUNT}-${HOME}` },
    [],
  ],
  [
    "read a venue's keys",
    { action: "secretsmanager:GetSecretValue", resource: secret("tokyo-1/kucoin") },
    [ENGINE],
  ],
  [
    "read another site's keys",
    { action: "secretsmanager:GetSecretValue", resource: secret("other/kucoin") },
    [],
  ],
  [
    "read the keys of alerts",
    { action: "secretsmanager:GetSecretValue", resource: secret("alerts") },
    [ALERTS],
  ],
  [
    "read cancel-only keys",
    { action: "secretsmanager:GetSecretValue", resource: secret("cancel/tokyo-1/kucoin") },
    [`cancel-all-${HOME}`],
  ],
  [
    "read the far cancel-only keys",
    { action: "secretsmanager:GetSecretValue", resource: secret("cancel/tokyo-1/kucoin", FAR) },
    [`cancel-all-${FAR}`],
  ],
  [
    "write a secret",
    { action: "secretsmanager:PutSecretValue", resource: secret("tokyo-1/kucoin") },
    [],
  ],
  [
    "send mail",
    { action: "ses:SendEmail", resource: `arn:aws:ses:${HOME}:${ACCOUNT}:identity/example.org` },
    [ALERTS],
  ],
  [
    "ask Athena",
    {
      action: "athena:StartQueryExecution",
      resource: `arn:aws:athena:${HOME}:${ACCOUNT}:workgroup/${PREFIX}`,
    },
    [API],
  ],
  [
    "call the watcher",
    {
      action: "lambda:InvokeFunction",
      resource: `arn:aws:lambda:${HOME}:${ACCOUNT}:function:${PREFIX}-watch-engine`,
    },
    ["watch-engine-schedule"],
  ],
  [
    "call the canceller",
    {
      action: "lambda:InvokeFunction",
      resource: `arn:aws:lambda:${HOME}:${ACCOUNT}:function:${PREFIX}-cancel-all`,
    },
    [],
  ],
  [
    "change code",
    {
      action: "lambda:UpdateFunctionCode",
      resource: `arn:aws:lambda:${HOME}:${ACCOUNT}:function:${PREFIX}-control-api`,
    },
    [],
  ],
  [
    "pass a role",
    { action: "iam:PassRole", resource: `arn:aws:iam::${ACCOUNT}:role/${PREFIX}-tokyo-engine` },
    [],
  ],
  [
    "make a user",
    {
      action: "cognito-idp:AdminCreateUser",
      resource: `arn:aws:cognito-idp:${HOME}:${ACCOUNT}:userpool/x`,
    },
    [],
  ],
  [
    "decrypt by itself",
    { action: "kms:Decrypt", resource: `arn:aws:kms:${HOME}:${ACCOUNT}:key/x` },
    [],
  ],
  [
    "move the address",
    {
      action: "ec2:AssociateAddress",
      resource: `arn:aws:ec2:${HOME}:${ACCOUNT}:elastic-ip/eipalloc-1`,
      context: { "aws:ResourceTag/reckoner:site": [`${PREFIX}/tokyo`] },
    },
    ["tokyo-machine"],
  ],
  [
    "move another's address",
    {
      action: "ec2:AssociateAddress",
      resource: `arn:aws:ec2:${HOME}:${ACCOUNT}:elastic-ip/eipalloc-2`,
      context: { "aws:ResourceTag/reckoner:site": ["other"] },
    },
    [],
  ],
];

describe("the matrix of rights", () => {
  const names = roles.map(({ name }) => name.slice(PREFIX.length + 1));
  const cells = MATRIX.flatMap(([what, question, allowed]) =>
    roles.map((role) => ({
      what,
      question,
      role,
      isMeant: allowed.includes(role.name.slice(PREFIX.length + 1)),
    })),
  );

  test("has several hundred cells, and most of them are refusals", () => {
    expect(cells.length).toBeGreaterThanOrEqual(600);
    expect(cells.filter(({ isMeant }) => !isMeant).length).toBeGreaterThanOrEqual(500);
    expect(new Set(names).size).toBe(roles.length);
    const meant = MATRIX.flatMap(([, , allowed]) => allowed);
    expect(meant.filter((name) => !names.includes(name))).toEqual([]);
  });

  test.each(MATRIX)("who may %s", (_what, question, allowed) => {
    const may = roles
      .filter((role) => isAllowed(role, question))
      .map(({ name }) => name.slice(PREFIX.length + 1));
    expect(may.sort()).toEqual([...allowed].sort());
  });

  test("a right that somebody planted is seen", () => {
    const [first] = roles;
    if (first === undefined) throw new Error("there are roles");
    const planted = {
      ...first,
      statements: [{ Effect: "Allow", Action: "iam:PassRole", Resource: "*" }],
    };
    expect(isAllowed(planted, { action: "iam:PassRole", resource: "arn:x" })).toBe(true);
    expect(isAllowed(first, { action: "iam:PassRole", resource: "arn:x" })).toBe(false);
  });
});

describe("statements", () => {
  const actionsOf = (action: string | readonly string[]): readonly string[] =>
    typeof action === "string" ? [action] : action;
  const all = roles.flatMap(({ name, statements }) =>
    statements.flatMap((statement) =>
      actionsOf(statement.Action).map((action) => [name, action] as const),
    ),
  );

  test("name each action whole", () => {
    expect(all.length).toBeGreaterThan(150);
    expect(all.filter(([, action]) => !/^[a-z0-9-]+:[A-Za-z]+$/.test(action))).toEqual([]);
  });

  test("so do the policies of keys, queues, topics and buckets, but where they deny everything", () => {
    const allowing = everyResource(built).flatMap(([stack, id, { Properties }]) => {
      const document = (Properties.PolicyDocument ??
        Properties.KeyPolicy ??
        Properties.BucketPolicy) as
        | { readonly Statement?: readonly { Effect: string; Action: string | string[] }[] }
        | undefined;
      return (document?.Statement ?? [])
        .filter(({ Effect }) => Effect === "Allow")
        .flatMap(({ Action }) => actionsOf(Action).map((action) => `${stack}/${id} ${action}`));
    });
    expect(allowing.length).toBeGreaterThan(50);
    expect(allowing.filter((text) => text.includes("*"))).toEqual([]);
  });

  test("every role stands under the boundary, which allows exactly what some role needs", () => {
    const boundary = `arn:aws:iam::${ACCOUNT}:policy/${PREFIX}-boundary`;
    expect(roles.filter((role) => role.boundary !== boundary)).toEqual([]);
    const policies = resourcesOf(templateOf(built, "-state"), "AWS::IAM::ManagedPolicy");
    const [policy] = Object.values(policies);
    const document = policy?.Properties.PolicyDocument as {
      readonly Statement: readonly { readonly Action: readonly string[] }[];
    };
    const allowed = document.Statement.flatMap(({ Action }) => Action);
    expect([...new Set(all.map(([, action]) => action))].sort()).toEqual([...allowed].sort());
    expect(JSON.stringify(document).length).toBeLessThan(POLICY_LENGTH_MAX);
  });

  test("no role brings a policy that the template does not show", () => {
    const shown = everyResource(built).filter(
      ([, , { Type, Properties }]) =>
        Type === "AWS::IAM::Policy" ||
        (Type === "AWS::IAM::Role" && Properties.ManagedPolicyArns !== undefined),
    );
    expect(shown).toEqual([]);
  });
});
