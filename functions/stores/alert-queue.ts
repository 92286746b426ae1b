/**
 * The queue of alerts: whoever notices something puts it here, and send-alerts carries it to people.
 *
 * The group is the incident, not the engine: while a message of a group has failed and waits, the queue gives
 * out no other of that group, and an alert that no channel takes must not hold back the others. The
 * deduplication id names the incident and its kind, so a storm about one incident is one message.
 */
import { createHash } from "node:crypto";
import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Alert } from "../../contracts/alert.ts";
import { queueName } from "../../contracts/resources.ts";
import { createQueueAddresses } from "./queue-address.ts";
import { asked } from "./store-error.ts";

export type AlertQueue = {
  /** Puts `alert` on the queue; the id that the queue gave the message. */
  readonly send: (alert: Alert) => Promise<string>;
};

/** The queue of alerts of the deployment `prefix`. */
export function createAlertQueue(client: SQSClient, prefix: string): AlertQueue {
  const addressOf = createQueueAddresses(client);
  return {
    async send(alert) {
      const QueueUrl = await addressOf(queueName(prefix, "alerts"));
      const answer = await asked("send an alert", () =>
        client.send(
          new SendMessageCommand({
            QueueUrl,
            MessageBody: JSON.stringify(alert),
            MessageGroupId: incidentGroup(alert),
            MessageDeduplicationId: alertId(alert),
          }),
        ),
      );
      return answer.MessageId ?? "";
    },
  };
}

/** The group of an alert's message: what is about one incident stays in order. */
export function incidentGroup({ engine, incidentId }: Alert): string {
  return createHash("sha256")
    .update(JSON.stringify([engine, incidentId]))
    .digest("hex");
}

/** Incident and kind as one id that a queue takes whatever they hold. */
export function alertId({ engine, incidentId, kind }: Alert): string {
  return createHash("sha256")
    .update(JSON.stringify([engine, incidentId, kind]))
    .digest("hex");
}
