/**
 * The queue of records: bodies in requests, and what the queue did not take comes back to be sent again.
 *
 * A request may be taken in part. A message that was taken although its answer got lost is sent twice; the
 * ids in it make that one fact.
 */
import { SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { queueName } from "../../../contracts/resources.ts";
import { awsReason } from "./outcome.ts";
import { queueAddressOf } from "./queue-address.ts";

export type QueueSend = {
  /** Bodies that are not on the queue for certain, in their order. */
  readonly left: readonly string[];
  /** Why there are any; "" when there are none. */
  readonly reason: string;
};

export type FactQueue = {
  /** One request: the caller keeps to the limits of number and bytes. */
  readonly send: (bodies: readonly string[]) => Promise<QueueSend>;
};

/** The queue of records of the deployment `prefix`. */
export function createFactQueue(client: SQSClient, prefix: string): FactQueue {
  const addressOf = queueAddressOf(client, queueName(prefix, "records"));
  return {
    async send(bodies) {
      try {
        const answer = await client.send(
          new SendMessageBatchCommand({
            QueueUrl: await addressOf(),
            Entries: bodies.map((body, index) => ({ Id: String(index), MessageBody: body })),
          }),
        );
        const taken = new Set((answer.Successful ?? []).map(({ Id }) => Id));
        const left = bodies.filter((_, index) => !taken.has(String(index)));
        const [failed] = answer.Failed ?? [];
        const reason = `${failed?.Code ?? "no answer"}: ${failed?.Message ?? "not taken"}`;
        return { left, reason: left.length === 0 ? "" : reason };
      } catch (thrown) {
        return { left: bodies, reason: awsReason(thrown) };
      }
    },
  };
}
