/**
 * Batches of messages: each one alone, and only what failed comes back.
 *
 * On a standard queue every message is tried. On a FIFO queue the first failure of a group ends that group,
 * because what comes after it may not be done before it; other groups go on.
 */
import {
  BatchProcessor,
  EventType,
  processPartialResponse,
  SqsFifoPartialProcessorAsync,
} from "@aws-lambda-powertools/batch";
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";

export type MessageHandler = (record: SQSRecord) => Promise<void>;

/** Tries every message of `event`; the answer names those whose handling threw. */
export async function eachMessage(
  event: SQSEvent,
  context: Context,
  handle: MessageHandler,
): Promise<SQSBatchResponse> {
  const processor = new BatchProcessor(EventType.SQS);
  return await processPartialResponse(event, handle, processor, {
    context,
    throwOnFullBatchFailure: false,
  });
}

/** The same in order, group by group. */
export async function eachMessageInOrder(
  event: SQSEvent,
  context: Context,
  handle: MessageHandler,
): Promise<SQSBatchResponse> {
  const processor = new SqsFifoPartialProcessorAsync();
  return await processPartialResponse(event, handle, processor, {
    context,
    throwOnFullBatchFailure: false,
    skipGroupOnError: true,
  });
}
