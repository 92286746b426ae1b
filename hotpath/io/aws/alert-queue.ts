/**
 * The queue of alerts, from the engine's side: one message an alert. Its group is the incident, because a
 * message that fails holds back its group and nothing else. The deduplication id names engine, incident and
 * kind, as everybody's does who puts alerts there, so a storm about one incident is one message.
 */
import { createHash } from "node:crypto";
import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Alert } from "../../../contracts/alert.ts";
import { queueName } from "../../../contracts/resources.ts";
import { type AwsOutcome, attempt } from "./outcome.ts";
import { queueAddressOf } from "./queue-address.ts";

export type AlertQueue = { readonly send: (alert: Alert) => Promise<AwsOutcome> };

/** The queue of alerts of the deployment `prefix`. */
export function createAlertQueue(client: SQSClient, prefix: string): AlertQueue {
  const addressOf = queueAddressOf(client, queueName(prefix, "alerts"));
  return {
    send: (alert) =>
      attempt("send an alert", async () =>
        client.send(
          new SendMessageCommand({
            QueueUrl: await addressOf(),
            MessageBody: JSON.stringify(alert),
            MessageGroupId: hashOf([alert.engine, alert.incidentId]),
            MessageDeduplicationId: hashOf([alert.engine, alert.incidentId, alert.kind]),
          }),
        ),
      ),
  };
}

function hashOf(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
