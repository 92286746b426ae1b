/**
 * The way from the control API to an engine: one FIFO queue for each engine.
 *
 * The message is sent after the command's record stands. Its deduplication id is the command's id, so
 * sending twice is sending once; the engine's own record covers what comes after the queue's memory of five
 * minutes.
 */
import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { OperatorCommand } from "../../contracts/operator-command.ts";
import { commandQueueName } from "../../contracts/resources.ts";
import { createQueueAddresses } from "./queue-address.ts";
import { asked } from "./store-error.ts";

export interface CommandQueue {
  /** Sends `command` to its engine; the id that the queue gave the message. */
  send(command: OperatorCommand): Promise<string>;
}

/** The queues of commands of the deployment `prefix`. */
export function createCommandQueue(client: SQSClient, prefix: string): CommandQueue {
  const addressOf = createQueueAddresses(client);
  return {
    async send(command) {
      const QueueUrl = await addressOf(commandQueueName(prefix, command.engine));
      const answer = await asked("send a command", () =>
        client.send(
          new SendMessageCommand({
            QueueUrl,
            MessageBody: JSON.stringify(command),
            MessageGroupId: command.engine,
            MessageDeduplicationId: command.commandId,
          }),
        ),
      );
      return answer.MessageId ?? "";
    },
  };
}
