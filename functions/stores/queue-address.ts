/**
 * From a queue's name to its address, asked once for each name and process.
 *
 * The address is part of each request but not where the request goes: see `clients.ts`.
 */
import { GetQueueUrlCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { asked } from "./store-error.ts";

export type QueueAddresses = (name: string) => Promise<string>;

/** Addresses of queues by their full names. A question that failed is asked again the next time. */
export function createQueueAddresses(client: SQSClient): QueueAddresses {
  const known = new Map<string, string>();
  return async (name) => {
    const address = known.get(name);
    if (address !== undefined) return address;
    const answer = await asked(`find the queue ${name}`, () =>
      client.send(new GetQueueUrlCommand({ QueueName: name })),
    );
    const found = answer.QueueUrl ?? "";
    known.set(name, found);
    return found;
  };
}
