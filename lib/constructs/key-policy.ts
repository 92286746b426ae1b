/**
 * The key's own policy: who may use it, and only through which services.
 *
 * Roles of the deployment need no right of their own to the key: whoever may read a table, a queue or an
 * object may have it decrypted by that service, and nobody may call the key directly to decrypt anything.
 */
import type { Deployment } from "../deployment.ts";

/** Through these services the deployment's data is read and written. */
const SERVICES = ["dynamodb", "s3", "secretsmanager", "sqs", "athena"] as const;
const USES = [
  "kms:Decrypt",
  "kms:DescribeKey",
  "kms:Encrypt",
  "kms:GenerateDataKey",
  "kms:GenerateDataKeyWithoutPlaintext",
  "kms:ReEncryptFrom",
  "kms:ReEncryptTo",
] as const;
/** Administration: everything but using the key. */
const ADMINISTRATION = [
  "kms:CancelKeyDeletion",
  "kms:CreateAlias",
  "kms:DeleteAlias",
  "kms:DescribeKey",
  "kms:DisableKey",
  "kms:DisableKeyRotation",
  "kms:EnableKey",
  "kms:EnableKeyRotation",
  "kms:GetKeyPolicy",
  "kms:GetKeyRotationStatus",
  "kms:ListAliases",
  "kms:ListGrants",
  "kms:ListKeyPolicies",
  "kms:ListResourceTags",
  "kms:PutKeyPolicy",
  "kms:RevokeGrant",
  "kms:ScheduleKeyDeletion",
  "kms:TagResource",
  "kms:UntagResource",
  "kms:UpdateAlias",
  "kms:UpdateKeyDescription",
] as const;

/** The policy of a key in `region`. */
export function keyPolicy(deployment: Deployment, region: string): object {
  const account = deployment.accountText;
  const ofAccount = { "aws:SourceAccount": account };
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "Administration",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: ADMINISTRATION,
        Resource: "*",
      },
      {
        Sid: "ThroughServices",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: USES,
        Resource: "*",
        Condition: {
          StringEquals: {
            "kms:CallerAccount": account,
            "kms:ViaService": SERVICES.map((service) => `${service}.${region}.amazonaws.com`),
          },
        },
      },
      {
        // DynamoDB keeps a grant for each table, made by whoever makes the table.
        Sid: "GrantsForTables",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: "kms:CreateGrant",
        Resource: "*",
        Condition: {
          Bool: { "kms:GrantIsForAWSResource": "true" },
          StringEquals: {
            "kms:CallerAccount": account,
            "kms:ViaService": `dynamodb.${region}.amazonaws.com`,
          },
        },
      },
      service("Notices", ["s3.amazonaws.com", "sns.amazonaws.com"], ofAccount),
      service("Alarms", ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"], ofAccount),
      service("DeadSchedules", ["scheduler.amazonaws.com"], ofAccount),
      {
        Sid: "Logs",
        Effect: "Allow",
        Principal: { Service: `logs.${region}.amazonaws.com` },
        Action: USES,
        Resource: "*",
        Condition: {
          ArnLike: {
            "kms:EncryptionContext:aws:logs:arn": `arn:aws:logs:${region}:${account}:log-group:*${deployment.prefix}*`,
          },
        },
      },
    ],
  };
}

function service(
  sid: string,
  services: readonly string[],
  condition: Readonly<Record<string, string>>,
): object {
  return {
    Sid: sid,
    Effect: "Allow",
    Principal: { Service: services },
    Action: ["kms:Decrypt", "kms:GenerateDataKey"],
    Resource: "*",
    Condition: { StringEquals: condition },
  };
}
