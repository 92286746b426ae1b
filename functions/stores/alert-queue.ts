/**
 * The queue of alerts: whoever notices something puts it here, and send-alerts carries it to people.
 *
 * Alerts of one engine keep their order. The deduplication id names the incident and its kind, so a storm
 * about one incident is one message.
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
            MessageGroupId: alert.engine,
            MessageDeduplicationId: alertId(alert),
          }),
        ),
      );
      return answer.MessageId ?? "";
    },
  };
}

/** Incident and kind as one id that a queue takes whatever they hold. */
export function alertId({ engine, incidentId, kind }: Alert): string {
  return createHash("sha256")
    .update(JSON.stringify([engine, incidentId, kind]))
    .digest("hex");
}
