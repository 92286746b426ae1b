/**
 * The queue of calls that nobody waits for and that failed: of schedules, of alarms, of the canceller.
 *
 * What lies here was tried several times; an alarm looks at it, and the runbook says what is done then.
 */
import { Duration } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { acknowledge } from "../acknowledged-findings.ts";

/** The longest that SQS keeps a message. */
const RETENTION_DAYS = 14;

/** Makes the queue `queueName`. */
export function asyncDeadLetters(scope: Construct, queueName: string, key: IKey): Queue {
  const queue = new Queue(scope, "AsyncDead", {
    queueName,
    encryption: QueueEncryption.KMS,
    encryptionMasterKey: key,
    enforceSSL: true,
    retentionPeriod: Duration.days(RETENTION_DAYS),
  });
  acknowledge(queue, "deadLetterQueue");
  return queue;
}
