/**
 * The engine's own queue of commands: waits for messages, and takes one away when it has been dealt with.
 *
 * Messages of one engine come in the order in which they were sent, and none comes while an earlier one is
 * out; so whoever takes a message away late holds up all that follow.
 */
import { DeleteMessageCommand, ReceiveMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { commandQueueName } from "../../../contracts/resources.ts";
import { type AwsOutcome, attempt, awsReason } from "./outcome.ts";
import { queueAddressOf } from "./queue-address.ts";

export type CommandMessage = { readonly body: string; readonly receipt: string };

export type Received =
  | { readonly ok: true; readonly messages: readonly CommandMessage[] }
  | { readonly ok: false; readonly reason: string };

export interface CommandQueue {
  /** Waits for messages as long as a queue lets one wait; ends early, with none, by `stop`. */
  receive(stop: AbortSignal): Promise<Received>;
  remove(receipt: string): Promise<AwsOutcome>;
}

/** The longest wait that SQS allows (ReceiveMessage, WaitTimeSeconds; API reference, 2026-11). */
const WAIT_S = 20;
const MESSAGES_MAX = 10;

export function createCommandQueue(
  client: SQSClient,
  prefix: string,
  engine: string,
): CommandQueue {
  const addressOf = queueAddressOf(client, commandQueueName(prefix, engine));
  return {
    async receive(stop) {
      try {
        const receive = new ReceiveMessageCommand({
          QueueUrl: await addressOf(),
          WaitTimeSeconds: WAIT_S,
          MaxNumberOfMessages: MESSAGES_MAX,
        });
        const { Messages = [] } = await client.send(receive, { abortSignal: stop });
        const messages = Messages.map(({ Body = "", ReceiptHandle = "" }) => {
          return { body: Body, receipt: ReceiptHandle };
        });
        return { ok: true, messages };
      } catch (thrown) {
        if (stop.aborted) return { ok: true, messages: [] };
        return { ok: false, reason: awsReason(thrown) };
      }
    },
    remove: (receipt) =>
      attempt("remove a command", async () => {
        const QueueUrl = await addressOf();
        await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: receipt }));
      }),
  };
}
