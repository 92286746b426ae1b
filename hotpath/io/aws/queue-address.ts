/**
 * From a queue's name to its address, asked once for each name; a question that failed is asked again.
 */
import { GetQueueUrlCommand, type SQSClient } from "@aws-sdk/client-sqs";

export type QueueAddress = () => Promise<string>;

/** The address of the queue `name`; rejects as the SDK does. */
export function queueAddressOf(client: SQSClient, name: string): QueueAddress {
  let known: string | undefined;
  return async () => {
    if (known !== undefined) return known;
    const answer = await client.send(new GetQueueUrlCommand({ QueueName: name }));
    if (answer.QueueUrl === undefined) throw new Error(`the queue ${name} has no address`);
    known = answer.QueueUrl;
    return known;
  };
}
