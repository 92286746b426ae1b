/**
 * What must survive: tables, queues, buckets, the key over all of them, and who may log in.
 *
 * Made from contracts/resources.ts, the same list from which the stand-ins of one machine are made. Logical ids
 * are pinned: a renamed id would make CloudFormation replace what must not be lost.
 */
import { CfnOutput, RemovalPolicy, Stack, Tags } from "aws-cdk-lib";
import { CfnManagedPolicy } from "aws-cdk-lib/aws-iam";
import { CfnKey, type IKey, Key } from "aws-cdk-lib/aws-kms";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import type { Construct } from "constructs";
import { TABLE_NAMES, venueSecretName } from "../contracts/resources.ts";
import { acknowledge } from "./acknowledged-findings.ts";
import { boundaryDocument } from "./boundary.ts";
import { AuditBucket } from "./constructs/audit-bucket.ts";
import { ControlTable } from "./constructs/control-table.ts";
import { accessBucket } from "./constructs/house-bucket.ts";
import { HouseQueue } from "./constructs/house-queue.ts";
import { houseSecret } from "./constructs/house-secret.ts";
import { JournalArchive } from "./constructs/journal-archive.ts";
import { keyPolicy } from "./constructs/key-policy.ts";
import { OperatorPool } from "./constructs/operator-pool.ts";
import type { Deployment } from "./deployment.ts";

export class StateStack extends Stack {
  constructor(scope: Construct, deployment: Deployment) {
    super(scope, `${deployment.prefix}-state`, {
      env: deployment.environment(deployment.region),
      terminationProtection: deployment.stage.isProtected,
      description: "Reckoner: what must survive",
    });
    Tags.of(this).add("reckoner:deployment", deployment.prefix);
    const key = this.makeKey(deployment);
    this.makeBoundary(deployment);
    for (const table of TABLE_NAMES) new ControlTable(this, table, { deployment, key, table });
    const queue = this.makeQueues(deployment, key);
    const bucket = { deployment, key, access: accessBucket(this, deployment) };
    new JournalArchive(this, "Archive", { deployment, bucket, queue });
    new AuditBucket(this, "Audit", bucket);
    for (const site of deployment.sites) {
      for (const venue of site.venues) {
        houseSecret(this, venueSecretName(deployment.prefix, site.engine, venue), deployment, key);
      }
    }
    houseSecret(this, `${deployment.prefix}/alerts`, deployment, key);
    const pool = new OperatorPool(this, "Operators", { deployment });
    this.leave(deployment, "key-arn", key.keyArn);
    this.leave(deployment, "user-pool-id", pool.poolId);
    this.leave(deployment, "user-pool-client-id", pool.clientId);
    new CfnOutput(this, "UserPoolId", { value: pool.poolId });
    new CfnOutput(this, "UserPoolClientId", { value: pool.clientId });
  }

  private makeKey(deployment: Deployment): IKey {
    const { isProtected, keyDeletionDays } = deployment.stage;
    const key = new CfnKey(this, "Key", {
      description: `Everything at rest of ${deployment.prefix}`,
      enableKeyRotation: true,
      pendingWindowInDays: keyDeletionDays,
      keyPolicy: keyPolicy(deployment, deployment.region),
    });
    key.overrideLogicalId("Key");
    key.applyRemovalPolicy(isProtected ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);
    const found = Key.fromKeyArn(this, "MadeKey", key.attrArn);
    found.addAlias(deployment.prefix);
    return found;
  }

  /** The outer bound of every role: what nobody in this deployment may ever do, whatever his policy says. */
  private makeBoundary(deployment: Deployment): void {
    const boundary = new CfnManagedPolicy(this, "Boundary", {
      managedPolicyName: `${deployment.prefix}-boundary`,
      policyDocument: boundaryDocument(deployment),
    });
    acknowledge(boundary, "boundary", "Resource::*");
  }

  /** All queues; gives the one that hears of new segments. */
  private makeQueues(deployment: Deployment, key: IKey): Queue {
    for (const { engine } of deployment.sites) {
      new HouseQueue(this, `Commands-${engine}`, { deployment, key, queue: "commands", engine });
    }
    new HouseQueue(this, "Records", { deployment, key, queue: "records" });
    new HouseQueue(this, "Alerts", { deployment, key, queue: "alerts" });
    return new HouseQueue(this, "Segments", { deployment, key, queue: "archive" }).queue;
  }

  /** A value for other stacks, by name. */
  private leave(
    deployment: Deployment,
    name: Parameters<Deployment["parameterName"]>[0],
    value: string,
  ): void {
    new StringParameter(this, `Parameter-${name}`, {
      parameterName: deployment.parameterName(name),
      stringValue: value,
    });
  }
}
