/**
 * Dead-letter queues: what lies there, and the way back to the queue it came from.
 *
 * A message goes back by being sent again and then deleted; a crash between the two sends it twice at most,
 * which every consumer bears. On a FIFO queue its deduplication id is derived from the dead message's own id:
 * the original one would be swallowed, and a second redrive of the same message is.
 */
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  type MessageSystemAttributeName,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { commandQueueName, QUEUES, type QueueName, queueName } from "../../contracts/resources.ts";
import { createQueueAddresses, type QueueAddresses } from "./queue-address.ts";
import { asked } from "./store-error.ts";

/** A queue of a deployment; that of commands is one engine's. */
export type QueueRef =
  | { readonly queue: Exclude<QueueName, "commands"> }
  | { readonly queue: "commands"; readonly engine: string };

export type DeadLetterCount = {
  readonly ref: QueueRef;
  readonly name: string;
  /** About how many lie there, those just being looked at included. */
  readonly count: number;
};

export type DeadLetter = {
  readonly messageId: string;
  readonly body: string;
  readonly sentUs: number;
  readonly receivedCount: number;
};

export type DeadLetterStore = {
  readonly count: (ref: QueueRef) => Promise<DeadLetterCount>;
  /** Up to ten; they stay where they are and are hidden for a moment. */
  readonly peek: (ref: QueueRef) => Promise<readonly DeadLetter[]>;
  /** Sends up to `countMax` back to their queue; how many went. */
  readonly redrive: (ref: QueueRef, countMax: number) => Promise<number>;
};

const RECEIVE_MAX = 10;
/** How long a message is hidden by a look; 0 is never used, because a stand-in loses messages by it. */
const PEEK_HIDDEN_S = 1;
const REDRIVE_HIDDEN_S = 30;
const POLL_S = 1;
const ATTRIBUTES: MessageSystemAttributeName[] = [
  "MessageGroupId",
  "SentTimestamp",
  "ApproximateReceiveCount",
];

/** The dead-letter queues of the deployment `prefix`. */
export function createDeadLetterStore(client: SQSClient, prefix: string): DeadLetterStore {
  const addressOf = createQueueAddresses(client);
  const receive = (QueueUrl: string, hiddenS: number): Promise<readonly Message[]> =>
    asked("receive dead letters", async () => {
      const answer = await client.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: RECEIVE_MAX,
          VisibilityTimeout: hiddenS,
          // A short poll asks only some of the queue's servers and may miss what lies there.
          WaitTimeSeconds: POLL_S,
          MessageSystemAttributeNames: ATTRIBUTES,
          MessageAttributeNames: ["All"],
        }),
      );
      return answer.Messages ?? [];
    });
  return {
    async count(ref) {
      const name = nameOf(prefix, ref, true);
      const QueueUrl = await addressOf(name);
      const { Attributes = {} } = await asked("count dead letters", () =>
        client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] })),
      );
      const waiting = Number(Attributes.ApproximateNumberOfMessages ?? 0);
      const hidden = Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0);
      return { ref, name, count: waiting + hidden };
    },
    async peek(ref) {
      const messages = await receive(await addressOf(nameOf(prefix, ref, true)), PEEK_HIDDEN_S);
      return messages.map(deadLetterOf);
    },
    async redrive(ref, countMax) {
      const from = await addressOf(nameOf(prefix, ref, true));
      let count = 0;
      while (count < countMax) {
        const messages = await receive(from, REDRIVE_HIDDEN_S);
        if (messages.length === 0) break;
        for (const message of messages.slice(0, countMax - count)) {
          await sendBack(client, addressOf, nameOf(prefix, ref, false), from, message);
          count++;
        }
      }
      return count;
    },
  };
}

function nameOf(prefix: string, ref: QueueRef, isDead: boolean): string {
  if (ref.queue === "commands") return commandQueueName(prefix, ref.engine, isDead);
  return queueName(prefix, ref.queue, isDead);
}

function deadLetterOf({ MessageId = "", Body = "", Attributes = {} }: Message): DeadLetter {
  return {
    messageId: MessageId,
    body: Body,
    sentUs: Number(Attributes.SentTimestamp ?? 0) * 1_000,
    receivedCount: Number(Attributes.ApproximateReceiveCount ?? 0),
  };
}

async function sendBack(
  client: SQSClient,
  addressOf: QueueAddresses,
  name: string,
  from: string,
  { MessageId = "", Body = "", Attributes = {}, MessageAttributes, ReceiptHandle }: Message,
): Promise<void> {
  const isFifo = name.endsWith(".fifo");
  const fifo = {
    MessageGroupId: Attributes.MessageGroupId ?? "dead",
    MessageDeduplicationId: `redrive-${MessageId}`,
  };
  const QueueUrl = await addressOf(name);
  await asked("send a dead letter back", () =>
    client.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: Body,
        MessageAttributes,
        ...(isFifo && fifo),
      }),
    ),
  );
  await asked("delete a dead letter", () =>
    client.send(new DeleteMessageCommand({ QueueUrl: from, ReceiptHandle })),
  );
}

/** Every queue of a deployment with these engines. */
export function queueRefs(engines: readonly string[]): readonly QueueRef[] {
  const names = Object.keys(QUEUES) as readonly QueueName[];
  return names.flatMap((queue): readonly QueueRef[] =>
    queue === "commands" ? engines.map((engine) => ({ queue, engine })) : [{ queue }],
  );
}
