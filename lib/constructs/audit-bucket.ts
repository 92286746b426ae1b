/**
 * The bucket of the daily roots of the audit chains: what is written can be neither overwritten nor deleted.
 *
 * A lock keeps each version for as long as the stage says. In compliance mode not even the account's root can
 * shorten that, so a table that was edited can be proved against a root that was not.
 */
import { Duration } from "aws-cdk-lib";
import { Bucket, ObjectLockRetention } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { bucketProps, type HouseBucketProps, resourceOf } from "./house-bucket.ts";

export class AuditBucket extends Construct {
  constructor(scope: Construct, id: string, props: HouseBucketProps) {
    super(scope, id);
    const { mode, days } = props.deployment.stage.auditLock;
    const duration = Duration.days(days);
    const bucket = new Bucket(this, "Bucket", {
      ...bucketProps(props, "audit"),
      objectLockEnabled: true,
      objectLockDefaultRetention:
        mode === "COMPLIANCE"
          ? ObjectLockRetention.compliance(duration)
          : ObjectLockRetention.governance(duration),
    });
    resourceOf(bucket).overrideLogicalId("BucketAudit");
  }
}
