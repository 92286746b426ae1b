/**
 * The engine's own clients of AWS, each made where it is used and with deadlines of its own.
 *
 * Region, endpoints and credentials come from the environment, so that the stand-ins of one machine and the
 * cloud are reached alike; in local mode an environment that leads elsewhere is refused. Retries are short
 * here: whoever asks has a protocol of its own for answers that do not come.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SQSClient } from "@aws-sdk/client-sqs";
import {
  type Environment,
  isLocalMode,
  localAwsFault,
} from "../../../contracts/aws-environment.ts";

const CONNECT_MS_MAX = 1_000;
const SECRET_ATTEMPTS_MAX = 4;
/** A long poll of a queue lasts twenty seconds by itself. */
const QUEUE_MS_MAX = 25_000;
const REQUEST_MS_MAX = 3_000;
/** 8 MB over a slow link. */
const OBJECT_MS_MAX = 15_000;

/** Why the engine may not speak to AWS in this environment; "" when it may. */
export function awsFault(environment: Environment): string {
  const fault = localAwsFault(environment);
  if (fault !== "") return fault;
  const region = environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION ?? "";
  return region === "" ? "AWS_REGION is not set, and a control plane is configured" : "";
}

/** One attempt at a time, because an attempt that the client repeats by itself counts as one write twice. */
export function tablesClient(): DynamoDBClient {
  return new DynamoDBClient({ maxAttempts: 1, requestHandler: deadlines(REQUEST_MS_MAX) });
}

export function queuesClient(): SQSClient {
  return new SQSClient({
    maxAttempts: 1,
    requestHandler: deadlines(QUEUE_MS_MAX),
    // Otherwise requests go to whatever host stands in the queue's address.
    useQueueUrlAsEndpoint: false,
  });
}

/** For sending only, which has an answer at once or none. */
export function sendingClient(): SQSClient {
  return new SQSClient({
    maxAttempts: 1,
    requestHandler: deadlines(REQUEST_MS_MAX),
    useQueueUrlAsEndpoint: false,
  });
}

export function objectsClient(environment: Environment): S3Client {
  return new S3Client({
    maxAttempts: 1,
    requestHandler: deadlines(OBJECT_MS_MAX),
    forcePathStyle: isLocalMode(environment),
  });
}

export function secretsClient(): SecretsManagerClient {
  return new SecretsManagerClient({
    maxAttempts: SECRET_ATTEMPTS_MAX,
    requestHandler: deadlines(REQUEST_MS_MAX),
  });
}

function deadlines(requestTimeout: number): {
  connectionTimeout: number;
  requestTimeout: number;
  throwOnRequestTimeout: boolean;
} {
  return { connectionTimeout: CONNECT_MS_MAX, requestTimeout, throwOnRequestTimeout: true };
}

/** The name of what went wrong, fit for a log: never the text of a request. */
export function awsErrorName(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? ` ${error.code}` : "";
  return `${error.name}${code}`;
}

/** Whether a conditional write was turned down by its condition. */
export function isConditionFailed(error: unknown): boolean {
  return error instanceof Error && error.name === "ConditionalCheckFailedException";
}
