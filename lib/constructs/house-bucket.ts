/**
 * What every bucket of the house has: the customer's key, no public access, encrypted connections only,
 * versions, and a log of who asked for what.
 */
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  CfnBucket,
  type IBucket,
} from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { BucketName } from "../../contracts/resources.ts";
import type { Deployment } from "../deployment.ts";

export type HouseBucketProps = {
  readonly deployment: Deployment;
  readonly key: IKey;
  /** Where S3 writes down who asked for what. */
  readonly access: IBucket;
};

const TLS_VERSION_MIN = 1.2;

/** The properties of one of the buckets that contracts/resources.ts names. */
export function bucketProps(
  { deployment, key, access }: HouseBucketProps,
  name: BucketName,
): BucketProps {
  return {
    ...always(deployment),
    bucketName: deployment.bucket(name),
    encryption: BucketEncryption.KMS,
    encryptionKey: key,
    bucketKeyEnabled: true,
    versioned: true,
    serverAccessLogsBucket: access,
    serverAccessLogsPrefix: `${name}/`,
  };
}

/** The bucket of access logs. S3 writes them only where its own encryption is the bucket's. */
export function accessBucket(scope: Construct, deployment: Deployment): IBucket {
  const bucket = new Bucket(scope, "Access", {
    ...always(deployment),
    bucketName: `${deployment.prefix}-access-${deployment.place}`,
    encryption: BucketEncryption.S3_MANAGED,
    lifecycleRules: [{ id: "Old", expiration: Duration.days(deployment.stage.logDays) }],
  });
  resourceOf(bucket).overrideLogicalId("BucketAccess");
  // The library's own class misses its own interface by an optional field; nothing is converted.
  return bucket as IBucket;
}

function always(deployment: Deployment): BucketProps {
  return {
    enforceSSL: true,
    minimumTLSVersion: TLS_VERSION_MIN,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    removalPolicy: deployment.stage.isProtected ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  };
}

/** The resource of the template behind a bucket. */
export function resourceOf(bucket: Bucket): CfnBucket {
  const resource = bucket.node.defaultChild;
  if (!(resource instanceof CfnBucket)) throw new Error("a bucket is made of a bucket");
  return resource;
}
