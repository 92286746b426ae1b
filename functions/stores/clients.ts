/**
 * The SDK's clients, made once for each process and given to the stores.
 *
 * They take region, endpoints and credentials from the environment, so that the same code speaks to the
 * stand-ins of one machine and to AWS; in local mode an environment that leads elsewhere is refused before
 * anything is made. Every request has a deadline and a bounded number of attempts.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { type Environment, isLocalMode, localAwsFault } from "../../contracts/aws-environment.ts";

/** Attempts at one request, with the SDK's own backoff and jitter between them. */
export const ATTEMPTS_MAX = 5;
const CONNECT_TIMEOUT_MS = 1_000;
const TABLE_TIMEOUT_MS = 3_000;
/** A long poll of a queue lasts 20 s by itself. */
const QUEUE_TIMEOUT_MS = 25_000;
/** 8 MB over a slow link. */
const OBJECT_TIMEOUT_MS = 15_000;

export type StoreClients = {
  readonly documents: DynamoDBDocumentClient;
  readonly tables: DynamoDBClient;
  readonly queues: SQSClient;
  readonly objects: S3Client;
};

/** An environment that local mode forbids; the message names the variable. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
}

/** The document view of `tables`: what is undefined is left out. */
export function documentsOf(tables: DynamoDBClient): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(tables, { marshallOptions: { removeUndefinedValues: true } });
}

/** Clients for `environment`, which must be the process's own: the SDK reads it too. */
export function createClients(environment: Environment): StoreClients {
  const fault = localAwsFault(environment);
  if (fault !== "") throw new EnvironmentError(fault);
  const retries = { maxAttempts: ATTEMPTS_MAX, retryMode: "standard" };
  const tables = new DynamoDBClient({ ...retries, requestHandler: limits(TABLE_TIMEOUT_MS) });
  return {
    tables,
    documents: documentsOf(tables),
    queues: new SQSClient({
      ...retries,
      requestHandler: limits(QUEUE_TIMEOUT_MS),
      // Otherwise the client would send to whatever host stands in the queue's address.
      useQueueUrlAsEndpoint: false,
    }),
    objects: new S3Client({
      ...retries,
      requestHandler: limits(OBJECT_TIMEOUT_MS),
      forcePathStyle: isLocalMode(environment),
    }),
  };
}

/** Closes the connections of `clients`. */
export function destroyClients(clients: StoreClients): void {
  clients.documents.destroy();
  clients.tables.destroy();
  clients.queues.destroy();
  clients.objects.destroy();
}

function limits(requestTimeout: number): {
  connectionTimeout: number;
  requestTimeout: number;
  throwOnRequestTimeout: boolean;
} {
  return { connectionTimeout: CONNECT_TIMEOUT_MS, requestTimeout, throwOnRequestTimeout: true };
}
