/**
 * The SDK's clients of the engine, made once for each thread that speaks to AWS.
 *
 * Region, endpoints and credentials come from the environment, as in the functions; local mode refuses
 * whatever leads off this machine. One attempt a request: whoever asks here has a backoff of its own and
 * must know at once that nothing was answered.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { type Environment, isLocalMode, localAwsFault } from "../../../contracts/aws-environment.ts";

const CONNECT_TIMEOUT_MS = 1_000;
const TABLE_TIMEOUT_MS = 2_000;
/** Sending only; a long poll needs a client of its own. */
const QUEUE_TIMEOUT_MS = 5_000;
/** 8 MB over a slow link. */
const OBJECT_TIMEOUT_MS = 15_000;

export type EngineClients = {
  readonly tables: DynamoDBClient;
  readonly queues: SQSClient;
  readonly objects: S3Client;
};

export type ClientsResult =
  | { readonly ok: true; readonly clients: EngineClients }
  | { readonly ok: false; readonly reason: string };

/** Clients for `environment`, which must be the process's own: the SDK reads it too. */
export function createEngineClients(environment: Environment): ClientsResult {
  const reason = localAwsFault(environment);
  if (reason !== "") return { ok: false, reason };
  const once = { maxAttempts: 1 };
  return {
    ok: true,
    clients: {
      tables: new DynamoDBClient({ ...once, requestHandler: limits(TABLE_TIMEOUT_MS) }),
      queues: new SQSClient({
        ...once,
        requestHandler: limits(QUEUE_TIMEOUT_MS),
        // Otherwise the client would send to whatever host stands in the queue's address.
        useQueueUrlAsEndpoint: false,
      }),
      objects: new S3Client({
        ...once,
        requestHandler: limits(OBJECT_TIMEOUT_MS),
        forcePathStyle: isLocalMode(environment),
      }),
    },
  };
}

/** Closes the connections of `clients`. */
export function destroyEngineClients({ tables, queues, objects }: EngineClients): void {
  tables.destroy();
  queues.destroy();
  objects.destroy();
}

function limits(requestTimeout: number): {
  connectionTimeout: number;
  requestTimeout: number;
  throwOnRequestTimeout: boolean;
} {
  return { connectionTimeout: CONNECT_TIMEOUT_MS, requestTimeout, throwOnRequestTimeout: true };
}
