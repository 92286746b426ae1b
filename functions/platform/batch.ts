/**
 * Batches of messages: each one alone, and only what failed comes back.
 *
 * All messages of a batch are tried, also those of a FIFO queue: no consumer here needs the order within a group.
 */
import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
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
