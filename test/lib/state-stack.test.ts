// Goal: what must survive is encrypted, restorable, hard to delete, and keeps its ids. Method: the templates.
import { describe, expect, test } from "vitest";
import { QUEUES, TABLE_NAMES, TABLES } from "../../contracts/resources.ts";
import { VISIBILITY_FACTOR } from "../../lib/constructs/house-queue.ts";
import { STAGE_NAMES, STAGES } from "../../lib/stages.ts";
import {
  type Built,
  build,
  type Resource,
  resourcesOf,
  templateOf,
} from "../fixtures/infrastructure.ts";

const live = build(STAGES.live);
const state = templateOf(live, "-state");

/** Deeply loose: a property by its path, or undefined. */
function at(resource: Resource | undefined, ...path: readonly (string | number)[]): unknown {
  let value: unknown = resource?.Properties;
  for (const key of path)
    value = (value as Readonly<Record<string | number, unknown>> | undefined)?.[key];
  return value;
}

function of(type: string, built: Built = live): (readonly [string, Resource])[] {
  return Object.entries(resourcesOf(templateOf(built, "-state"), type));
}

describe("ids of what must survive", () => {
  const STATEFUL = [
    "AWS::DynamoDB::Table",
    "AWS::SQS::Queue",
    "AWS::S3::Bucket",
    "AWS::KMS::Key",
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolClient",
    "AWS::SecretsManager::Secret",
  ];

  test("are these and no others; a change here is a loss of data there", () => {
    const ids = STATEFUL.flatMap((type) => of(type).map(([id]) => id)).sort();
    expect(ids).toEqual([
      "BucketAccess",
      "BucketArchive",
      "BucketAudit",
      "Key",
      "QueueCommandstokyo1",
      "QueueCommandstokyo1Dead",
      "Queuealerts",
      "QueuealertsDead",
      "Queuearchive",
      "QueuearchiveDead",
      "Queuerecords",
      "QueuerecordsDead",
      "Secretalerts",
      "Secrettokyo1binancespot",
      "Secrettokyo1kucoin",
      "TableCommands",
      "TableControl",
      "TableHistory",
      "TableIdempotency",
      "TableLease",
      "UserPool",
      "UserPoolClient",
    ]);
  });

  test.each(STAGE_NAMES)(
    "in %s, what is removed from a template is kept exactly where the stage protects it",
    (name) => {
      const built = build(STAGES[name]);
      const policy = STAGES[name].isProtected ? "Retain" : "Delete";
      const kept = STATEFUL.filter((type) => type !== "AWS::Cognito::UserPoolClient").flatMap(
        (type) => of(type, built),
      );
      expect(kept.length).toBeGreaterThan(15);
      expect(
        kept.filter(
          ([, { DeletionPolicy, UpdateReplacePolicy }]) =>
            DeletionPolicy !== policy || UpdateReplacePolicy !== policy,
        ),
      ).toEqual([]);
      expect(built.isProtected.get(`reckoner-${name}-state`)).toBe(STAGES[name].isProtected);
    },
  );
});

describe("tables", () => {
  const tables = of("AWS::DynamoDB::Table");

  test("are the ones of contracts/, key by key", () => {
    expect(tables.map(([, table]) => at(table, "TableName")).sort()).toEqual(
      TABLE_NAMES.map((name) => `reckoner-live-${name}`).sort(),
    );
    const history = tables.find(([id]) => id === "TableHistory")?.[1];
    expect((at(history, "GlobalSecondaryIndexes") as readonly unknown[]).length).toBe(
      TABLES.history.indexes.length,
    );
  });

  test.each(tables)(
    "%s: customer's key, 35 days of recovery, deletion refused, no time to live",
    (_id, table) => {
      expect(at(table, "SSESpecification", "SSEType")).toBe("KMS");
      expect(at(table, "SSESpecification", "KMSMasterKeyId")).toEqual({
        "Fn::GetAtt": ["Key", "Arn"],
      });
      expect(at(table, "PointInTimeRecoverySpecification")).toEqual({
        PointInTimeRecoveryEnabled: true,
        RecoveryPeriodInDays: 35,
      });
      expect(at(table, "DeletionProtectionEnabled")).toBe(true);
      expect(at(table, "BillingMode")).toBe("PAY_PER_REQUEST");
      expect(at(table, "TimeToLiveSpecification")).toBeUndefined();
    },
  );

  test("the chains of control refuse changes and deletions to everybody", () => {
    const control = tables.find(([id]) => id === "TableControl")?.[1];
    const [statement] = at(
      control,
      "ResourcePolicy",
      "PolicyDocument",
      "Statement",
    ) as readonly Record<string, unknown>[];
    expect(statement?.Effect).toBe("Deny");
    expect(statement?.Principal).toEqual({ AWS: "*" });
    expect(statement?.Action).toEqual(
      expect.arrayContaining([
        "dynamodb:DeleteItem",
        "dynamodb:UpdateItem",
        "dynamodb:BatchWriteItem",
      ]),
    );
    expect(statement?.Condition).toEqual({
      "ForAnyValue:StringLike": { "dynamodb:LeadingKeys": ["limits#*", "action#*"] },
    });
  });
});

describe("queues", () => {
  const queues = of("AWS::SQS::Queue");
  const alive = queues.filter(([id]) => !id.endsWith("Dead"));

  test.each(queues)("%s: customer's key and the longest retention", (_id, queue) => {
    expect(at(queue, "KmsMasterKeyId")).toEqual({ "Fn::GetAtt": ["Key", "Arn"] });
    expect(at(queue, "MessageRetentionPeriod")).toBe(14 * 86_400);
  });

  test.each(alive)(
    "%s: visible again after six times its consumer's limit, dead after some deliveries",
    (id, queue) => {
      const name = id.startsWith("QueueCommands") ? "commands" : id.slice("Queue".length);
      const plan = QUEUES[name as keyof typeof QUEUES];
      expect(VISIBILITY_FACTOR).toBe(6);
      expect(at(queue, "VisibilityTimeout")).toBe(plan.consumerTimeoutS * VISIBILITY_FACTOR);
      expect(at(queue, "RedrivePolicy")).toEqual({
        deadLetterTargetArn: { "Fn::GetAtt": [`${id}Dead`, "Arn"] },
        maxReceiveCount: plan.receivesMax,
      });
      expect(plan.receivesMax).toBeGreaterThanOrEqual(5);
      expect(at(queue, "FifoQueue")).toBe(plan.isFifo ? true : undefined);
      const dead = queues.find(([other]) => other === `${id}Dead`)?.[1];
      expect(at(dead, "RedriveAllowPolicy", "redrivePermission")).toBe("byQueue");
    },
  );

  test("serve encrypted connections only", () => {
    const policies = of("AWS::SQS::QueuePolicy");
    expect(policies.length).toBe(queues.length);
    for (const [, policy] of policies) {
      const statements = at(policy, "PolicyDocument", "Statement") as readonly Record<
        string,
        unknown
      >[];
      expect(statements).toContainEqual(
        expect.objectContaining({
          Effect: "Deny",
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        }),
      );
    }
  });
});

describe("buckets", () => {
  const buckets = of("AWS::S3::Bucket");

  test.each(buckets)("%s is encrypted and closed to the public", (id, bucket) => {
    const encryption = at(
      bucket,
      "BucketEncryption",
      "ServerSideEncryptionConfiguration",
      0,
      "ServerSideEncryptionByDefault",
      "SSEAlgorithm",
    );
    expect(encryption).toBe(id === "BucketAccess" ? "AES256" : "aws:kms");
    expect(at(bucket, "PublicAccessBlockConfiguration")).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
  });

  test.each(["BucketArchive", "BucketAudit"])(
    "%s keeps versions and says who asked for what",
    (id) => {
      const bucket = buckets.find(([other]) => other === id)?.[1];
      expect(at(bucket, "VersioningConfiguration", "Status")).toBe("Enabled");
      expect(at(bucket, "LoggingConfiguration", "DestinationBucketName")).toEqual({
        Ref: "BucketAccess",
      });
    },
  );

  test.each(STAGE_NAMES)("the audit of %s is locked as the stage says", (name) => {
    const { mode, days } = STAGES[name].auditLock;
    const audit = of("AWS::S3::Bucket", build(STAGES[name])).find(
      ([id]) => id === "BucketAudit",
    )?.[1];
    expect(at(audit, "ObjectLockEnabled")).toBe(true);
    expect(at(audit, "ObjectLockConfiguration", "Rule", "DefaultRetention")).toEqual({
      Mode: mode,
      Days: days,
    });
  });

  test("plain connections are refused", () => {
    const policies = of("AWS::S3::BucketPolicy").map(([, policy]) =>
      JSON.stringify(policy.Properties),
    );
    expect(policies.length).toBe(buckets.length);
    expect(policies.every((text) => text.includes('"aws:SecureTransport":"false"'))).toBe(true);
    expect(policies.every((text) => text.includes('"s3:TlsVersion":1.2'))).toBe(true);
  });

  test("each manifest of a segment is told to the queue of the archive, and nothing else is", () => {
    const archive = buckets.find(([id]) => id === "BucketArchive")?.[1];
    const told = at(archive, "NotificationConfiguration", "QueueConfigurations") as readonly Record<
      string,
      unknown
    >[];
    expect(told.length).toBe(1);
    expect(JSON.stringify(told[0]?.Filter)).toContain(".manifest.json");
    expect(archive?.DependsOn?.length).toBeGreaterThan(0);
  });

  test("segments go after their days, Parquet never", () => {
    const archive = buckets.find(([id]) => id === "BucketArchive")?.[1];
    const rules = at(archive, "LifecycleConfiguration", "Rules") as readonly Record<
      string,
      unknown
    >[];
    const expiring = rules
      .filter(({ ExpirationInDays }) => ExpirationInDays !== undefined)
      .map(({ Prefix, ExpirationInDays }) => [Prefix, ExpirationInDays]);
    expect(expiring).toEqual([
      ["segments/", 400],
      ["athena-results/", 3],
    ]);
  });
});

describe("the key", () => {
  const key = of("AWS::KMS::Key")[0]?.[1];
  const statements = at(key, "KeyPolicy", "Statement") as readonly Readonly<
    Record<string, unknown>
  >[];

  test("turns every year", () => {
    expect(at(key, "EnableKeyRotation")).toBe(true);
    expect(at(key, "PendingWindowInDays")).toBe(30);
  });

  test("is used through services of this account only", () => {
    const open = statements.filter(({ Principal }) => JSON.stringify(Principal) === '{"AWS":"*"}');
    expect(open.length).toBe(2);
    for (const { Condition } of open) {
      expect(JSON.stringify(Condition)).toContain('"kms:CallerAccount":"111122223333"');
      expect(JSON.stringify(Condition)).toContain("kms:ViaService");
    }
  });

  test("whoever administers it cannot use it", () => {
    const administration = statements.find(({ Sid }) => Sid === "Administration");
    expect(administration?.Action).not.toContain("kms:Decrypt");
    expect(administration?.Action).toContain("kms:PutKeyPolicy");
  });
});

describe("users", () => {
  const pool = of("AWS::Cognito::UserPool")[0]?.[1];

  test("do not register themselves, and have a second factor that is no text message", () => {
    expect(at(pool, "AdminCreateUserConfig", "AllowAdminCreateUserOnly")).toBe(true);
    expect(at(pool, "MfaConfiguration")).toBe("ON");
    expect(at(pool, "EnabledMfas")).toEqual(["SOFTWARE_TOKEN_MFA"]);
    expect(at(pool, "DeletionProtection")).toBe("ACTIVE");
    expect(at(pool, "UserPoolAddOns", "AdvancedSecurityMode")).toBe("ENFORCED");
  });

  test("stand in four groups, and their tokens are short", () => {
    expect(
      of("AWS::Cognito::UserPoolGroup")
        .map(([, group]) => at(group, "GroupName"))
        .sort(),
    ).toEqual(["admin", "operator", "risk", "viewer"]);
    const client = of("AWS::Cognito::UserPoolClient")[0]?.[1];
    expect(at(client, "AccessTokenValidity")).toBe(15);
    expect(at(client, "TokenValidityUnits", "AccessToken")).toBe("minutes");
    expect(at(client, "GenerateSecret")).toBe(false);
    expect(at(client, "EnableTokenRevocation")).toBe(true);
  });
});

test("secrets are made empty, under the customer's key", () => {
  const secrets = of("AWS::SecretsManager::Secret");
  expect(secrets.length).toBe(3);
  for (const [, secret] of secrets) {
    expect(at(secret, "SecretString")).toBe("{}");
    expect(at(secret, "KmsKeyId")).toEqual({ "Fn::GetAtt": ["Key", "Arn"] });
  }
  expect(JSON.stringify(state.toJSON())).not.toMatch(/BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}/);
});
