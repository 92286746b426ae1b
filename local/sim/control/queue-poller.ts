/**
 * The virtual event source of a queue: messages -> a call of their function, and only what was done is deleted.
 *
 * The rules are Lambda's (developer guide, "Handling errors for an SQS event source", 2026-11-21): a call that
 * threw or was late has failed the whole batch; otherwise the messages that its answer names come back when
 * they are visible again by themselves. It is part of AWS, so it does not die; its calls do.
 */
import {
  DeleteMessageBatchCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import type { Kernel } from "../kernel/kernel.ts";
import type { HostedFunction, Invocation, VirtualLambda } from "./lambda.ts";
import type { SceneFaults } from "./scene-faults.ts";

export type PollerOptions = {
  readonly kernel: Kernel;
  readonly lambda: VirtualLambda;
  readonly faults: SceneFaults;
  readonly client: SQSClient;
  readonly queueName: string;
  readonly hosted: HostedFunction;
};

const BATCH_MAX = 10;
const POLL_S = 20;
const PAUSE_MS = 1_000;

/** Polls until the end of the simulation. */
export function startPoller(options: PollerOptions): void {
  const { kernel, queueName } = options;
  const process = kernel.makeProcess(`poller ${queueName}`);
  kernel.at(kernel.nowUs, process, () => void poll(options));
}

async function poll(options: PollerOptions): Promise<void> {
  for (;;) {
    try {
      const { QueueUrl = "" } = await options.client.send(
        new GetQueueUrlCommand({ QueueName: options.queueName }),
      );
      for (;;) await pollOnce(options, QueueUrl);
    } catch {
      // The queue is away; whatever was received and not deleted shows itself again.
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

async function pollOnce(options: PollerOptions, QueueUrl: string): Promise<void> {
  const { client, lambda, hosted, faults } = options;
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: BATCH_MAX,
      WaitTimeSeconds: POLL_S,
      MessageSystemAttributeNames: ["All"],
    }),
  );
  if (Messages.length === 0) return;
  const event = eventOf(Messages);
  const calls = [lambda.invoke(hosted, event)];
  if (faults.strikes("C20")) calls.push(lambda.invoke(hosted, event));
  const [invocation = { kind: "timedOut" } as const] = await Promise.all(calls);
  const failed = failedIds(invocation, Messages);
  const done = Messages.filter(({ MessageId = "" }) => !failed.has(MessageId));
  if (done.length === 0) return;
  const Entries = done.map(({ ReceiptHandle }, n) => ({ Id: String(n), ReceiptHandle }));
  await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
}

function eventOf(messages: readonly Message[]): SQSEvent {
  return {
    Records: messages.map(({ MessageId = "", ReceiptHandle = "", Body = "", Attributes }) => ({
      messageId: MessageId,
      receiptHandle: ReceiptHandle,
      body: Body,
      attributes: { ...Attributes } as unknown as SQSRecord["attributes"],
      messageAttributes: {},
      md5OfBody: "",
      eventSource: "aws:sqs",
      eventSourceARN: "arn:aws:sqs:sim:000000000000:queue",
      awsRegion: "sim",
    })),
  };
}

function failedIds(invocation: Invocation, messages: readonly Message[]): ReadonlySet<string> {
  const all = new Set(messages.map(({ MessageId = "" }) => MessageId));
  if (invocation.kind !== "returned") return all;
  const answer = invocation.value as Partial<SQSBatchResponse> | null | undefined;
  const named = (answer?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier);
  return named.every((id) => all.has(id)) ? new Set(named) : all;
}
