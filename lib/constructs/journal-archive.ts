/**
 * The bucket of segments, Parquet, manifests and reports, and the notice of each new segment's manifest.
 *
 * The notice is written into the bucket itself: CDK's own way would bring a function that may change every
 * bucket's notices. What ages moves to cheaper storage; sealed segments go when their days are over,
 * because their content stands in Parquet as well.
 */
import { Duration } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Bucket, type LifecycleRule, StorageClass } from "aws-cdk-lib/aws-s3";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { Deployment } from "../deployment.ts";
import { ATHENA_PREFIX } from "../permissions.ts";
import { bucketProps, type HouseBucketProps, resourceOf } from "./house-bucket.ts";

export type JournalArchiveProps = {
  readonly deployment: Deployment;
  readonly bucket: HouseBucketProps;
  /** Told of each new manifest. */
  readonly queue: Queue;
};

const ATHENA_RESULT_DAYS = 3;
const NONCURRENT_DAYS = 30;
const TIERING_DAYS = 30;

export class JournalArchive extends Construct {
  constructor(scope: Construct, id: string, props: JournalArchiveProps) {
    super(scope, id);
    const { deployment, queue } = props;
    const bucket = new Bucket(this, "Bucket", {
      ...bucketProps(props.bucket, "archive"),
      lifecycleRules: lifecycle(deployment),
    });
    resourceOf(bucket).overrideLogicalId("BucketArchive");
    noticeManifests(deployment, bucket, queue);
  }
}

function lifecycle(deployment: Deployment): LifecycleRule[] {
  const noncurrentVersionExpiration = Duration.days(NONCURRENT_DAYS);
  return [
    {
      id: "UnfinishedUploads",
      abortIncompleteMultipartUploadAfter: Duration.days(1),
      noncurrentVersionExpiration,
    },
    {
      id: "Segments",
      prefix: "segments/",
      expiration: Duration.days(deployment.stage.segmentDays),
    },
    {
      id: "Parquet",
      prefix: "archive/",
      transitions: [
        {
          storageClass: StorageClass.INTELLIGENT_TIERING,
          transitionAfter: Duration.days(TIERING_DAYS),
        },
      ],
    },
    {
      id: "QueryResults",
      prefix: ATHENA_PREFIX,
      expiration: Duration.days(ATHENA_RESULT_DAYS),
    },
  ];
}

/** Tells the queue of the archive of each manifest: it is put last, so its segment is whole. */
function noticeManifests(deployment: Deployment, bucket: Bucket, queue: Queue): void {
  queue.addToResourcePolicy(
    new PolicyStatement({
      sid: "NoticesOfOwnBucket",
      principals: [new ServicePrincipal("s3.amazonaws.com")],
      actions: ["sqs:SendMessage"],
      resources: [queue.queueArn],
      conditions: {
        ArnEquals: { "aws:SourceArn": deployment.bucketArn("archive") },
        StringEquals: { "aws:SourceAccount": deployment.accountText },
      },
    }),
  );
  // S3 tries the queue when the notice is written down, so its policy must be there before.
  bucket.node.addDependency(queue);
  const rules = [
    { name: "prefix", value: "segments/" },
    { name: "suffix", value: ".manifest.json" },
  ];
  resourceOf(bucket).notificationConfiguration = {
    queueConfigurations: [
      {
        event: "s3:ObjectCreated:*",
        queue: deployment.queueArn("archive"),
        filter: { s3Key: { rules } },
      },
    ],
  };
}
