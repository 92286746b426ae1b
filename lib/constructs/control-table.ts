/**
 * One table of contracts/resources.ts: on demand, encrypted, restorable to any second of the last 35 days.
 *
 * The table of control also refuses, whoever asks, to have an item of its chains changed or deleted. A
 * put over an item cannot be refused by a policy; the hashes and the locked daily roots catch that one.
 */
import { RemovalPolicy } from "aws-cdk-lib";
import { CfnTable } from "aws-cdk-lib/aws-dynamodb";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import { type IndexPlan, TABLES, type TableName, tableName } from "../../contracts/resources.ts";
import type { Deployment } from "../deployment.ts";

export type ControlTableProps = {
  readonly deployment: Deployment;
  readonly key: IKey;
  readonly table: TableName;
};

/** The longest that point-in-time recovery reaches back. */
const RECOVERY_DAYS = 35;

export class ControlTable extends Construct {
  constructor(scope: Construct, id: string, { deployment, key, table }: ControlTableProps) {
    super(scope, id);
    const { pk, sk, indexes } = TABLES[table];
    const { isProtected } = deployment.stage;
    const resource = new CfnTable(this, "Resource", {
      tableName: tableName(deployment.prefix, table),
      billingMode: "PAY_PER_REQUEST",
      attributeDefinitions: attributes([pk, ...(sk === undefined ? [] : [sk])], indexes),
      keySchema: keySchema(pk, sk),
      globalSecondaryIndexes: indexes.map((index) => ({
        indexName: index.name,
        keySchema: keySchema(index.pk, index.sk),
        projection: { projectionType: "ALL" },
      })),
      deletionProtectionEnabled: isProtected,
      pointInTimeRecoverySpecification: {
        pointInTimeRecoveryEnabled: true,
        recoveryPeriodInDays: RECOVERY_DAYS,
      },
      sseSpecification: { sseEnabled: true, sseType: "KMS", kmsMasterKeyId: key.keyArn },
      ...(table === "control" ? { resourcePolicy: { policyDocument: immutableChains() } } : {}),
    });
    resource.applyRemovalPolicy(isProtected ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);
    resource.overrideLogicalId(`Table${capitalized(table)}`);
  }
}

/** Nobody changes or deletes what stands in a chain; a new number is a put. */
function immutableChains(): object {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "ChainsAreImmutable",
        Effect: "Deny",
        Principal: { AWS: "*" },
        Action: [
          "dynamodb:BatchWriteItem",
          "dynamodb:DeleteItem",
          "dynamodb:PartiQLDelete",
          "dynamodb:PartiQLUpdate",
          "dynamodb:UpdateItem",
        ],
        Resource: "*",
        Condition: {
          "ForAnyValue:StringLike": { "dynamodb:LeadingKeys": ["limits#*", "action#*"] },
        },
      },
    ],
  };
}

function keySchema(pk: string, sk: string | undefined): CfnTable.KeySchemaProperty[] {
  const hash = { attributeName: pk, keyType: "HASH" };
  return sk === undefined ? [hash] : [hash, { attributeName: sk, keyType: "RANGE" }];
}

function attributes(
  keys: readonly string[],
  indexes: readonly IndexPlan[],
): CfnTable.AttributeDefinitionProperty[] {
  const names = new Set([...keys, ...indexes.flatMap(({ pk, sk }) => [pk, sk])]);
  return [...names].map((attributeName) => ({ attributeName, attributeType: "S" }));
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
