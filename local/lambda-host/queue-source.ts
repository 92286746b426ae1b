/**
 * The queue side of the host: messages -> events, and only what was done is deleted.
 *
 * The rules are Lambda's (developer guide, "Handling errors for an SQS event source", 2026-11): a handler
 * that throws or is late has failed the whole batch, as has one whose answer names a message that it was not
 * given; otherwise the messages it names come back and the others are deleted.
 */
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import type { HostLog } from "./host-log.ts";
import { type HostedFunction, type Invocation, invoke } from "./invocation.ts";

const BATCH_MAX = 10;
/**
 * Short, because fauxqs 2.4.1 goes on waiting for a client that is gone and hands it the next message, which
 * is then hidden until its time is over (`dist/sqs/actions/receiveMessage.js`, 2026-03).
 */
const POLL_S = 1;
/** After an error of the queue itself. */
const PAUSE_MS = 500;

export type QueueSource = { readonly stop: () => Promise<void> };

export type QueueSourceOptions = {
  readonly client: SQSClient;
  readonly queueName: string;
  readonly hosted: HostedFunction;
  /** When a message that failed comes back; undefined leaves it until it is visible again by itself. */
  readonly retryAfterS: number | undefined;
  /**
   * How long a message is hidden while it is worked on; undefined leaves it to the queue. The queue's own
   * time is for a service that takes its time to begin; a host that was killed has nothing else to wait for.
   */
  readonly hiddenS: number | undefined;
  readonly log: HostLog;
};

/** Polls the queue for the function until it is stopped; a batch under way is finished first. */
export function pollQueue(options: QueueSourceOptions): QueueSource {
  const life = { isStopping: false };
  const ended = poll(options, life);
  return {
    // The poll under way is waited for: a message that it brings is worked on, not lost for a while.
    stop: async () => {
      life.isStopping = true;
      await ended;
    },
  };
}

async function poll(
  options: QueueSourceOptions,
  life: { readonly isStopping: boolean },
): Promise<void> {
  let address = "";
  while (!life.isStopping) {
    try {
      if (address === "") address = await addressOf(options);
      await pollOnce(options, address);
    } catch (error) {
      options.log.failed(`poll ${options.queueName}`, error);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

async function addressOf({ client, queueName }: QueueSourceOptions): Promise<string> {
  const { QueueUrl = "" } = await client.send(new GetQueueUrlCommand({ QueueName: queueName }));
  return QueueUrl;
}

async function pollOnce(options: QueueSourceOptions, QueueUrl: string): Promise<void> {
  const { client, hosted, retryAfterS, hiddenS, log } = options;
  const receive = new ReceiveMessageCommand({
    QueueUrl,
    MaxNumberOfMessages: BATCH_MAX,
    WaitTimeSeconds: POLL_S,
    ...(hiddenS !== undefined && { VisibilityTimeout: hiddenS }),
    MessageSystemAttributeNames: ["All"],
    MessageAttributeNames: ["All"],
  });
  const { Messages = [] } = await client.send(receive);
  if (Messages.length === 0) return;
  const invocation = await invoke(hosted, eventOf(Messages, options.queueName));
  log.invoked(hosted.name, invocation);
  const failed = failedIds(invocation, Messages);
  const done = Messages.filter(({ MessageId = "" }) => !failed.has(MessageId));
  if (done.length > 0) {
    const Entries = done.map(({ ReceiptHandle }, n) => ({ Id: String(n), ReceiptHandle }));
    await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
  if (failed.size > 0 && retryAfterS !== undefined) {
    const Entries = Messages.filter(({ MessageId = "" }) => failed.has(MessageId)).map(
      // 1 s at least: at 0 the stand-in loses the message.
      ({ ReceiptHandle }, n) => ({
        Id: String(n),
        ReceiptHandle,
        VisibilityTimeout: Math.max(1, retryAfterS),
      }),
    );
    await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
  }
}

/** The event that `messages` of `queueName` are for a function. */
export function eventOf(messages: readonly Message[], queueName: string): SQSEvent {
  return {
    Records: messages.map((message): SQSRecord => {
      const { MessageId = "", ReceiptHandle = "", Body = "", MD5OfBody = "" } = message;
      return {
        messageId: MessageId,
        receiptHandle: ReceiptHandle,
        body: Body,
        attributes: { ...message.Attributes } as unknown as SQSRecord["attributes"],
        messageAttributes: attributesOf(message),
        md5OfBody: MD5OfBody,
        eventSource: "aws:sqs",
        eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${queueName}`,
        awsRegion: "us-east-1",
      };
    }),
  };
}

function attributesOf({ MessageAttributes = {} }: Message): SQSRecord["messageAttributes"] {
  const entries = Object.entries(MessageAttributes).map(([name, { DataType, StringValue }]) => [
    name,
    {
      dataType: DataType ?? "String",
      ...(StringValue !== undefined && { stringValue: StringValue }),
    },
  ]);
  return Object.fromEntries(entries);
}

/** Ids of the messages that must come back. */
export function failedIds(invocation: Invocation, messages: readonly Message[]): Set<string> {
  const all = new Set(messages.map(({ MessageId = "" }) => MessageId));
  if (invocation.kind !== "returned") return all;
  const answer = invocation.value as Partial<SQSBatchResponse> | null | undefined;
  const failures = answer?.batchItemFailures ?? [];
  const named = failures.map(({ itemIdentifier }) => itemIdentifier);
  return named.every((id) => all.has(id)) ? new Set(named) : all;
}
