/**
 * That a message was dealt with: one record for each consumer and message key, which decides who works.
 *
 * A record in progress can be taken over once its time is over, which the condition itself checks, because
 * nobody deletes it in time. A completed one is never redone. An `owner` is one attempt (the request id of an
 * invocation), so that an attempt whose answer was lost finds itself and does not lock itself out.
 */
import { DynamoDBPersistenceLayer } from "@aws-lambda-powertools/idempotency/dynamodb";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { idempotencyId } from "../../contracts/keys.ts";
import { tableName } from "../../contracts/resources.ts";
import type { Micros } from "../../contracts/time.ts";
import { asked, isConditionFailed } from "./store-error.ts";

export type Attempt = {
  readonly consumer: string;
  /** Derived from the message, so that every delivery of it has the same. */
  readonly messageKey: string;
  readonly owner: string;
};

export type Begun =
  | { readonly kind: "begun" }
  /** Somebody else works on it until `expiresUs`, or died and will be succeeded then. */
  | { readonly kind: "inProgress"; readonly expiresUs: Micros }
  | { readonly kind: "completed"; readonly outcome: string };

type IdempotencyRecord = {
  readonly id: string;
  readonly state: "inProgress" | "completed" | "failed";
  readonly owner: string;
  readonly expiresUs: Micros;
  readonly outcome: string;
};

export interface IdempotencyStore {
  begin(attempt: Attempt, nowUs: Micros, expiresUs: Micros): Promise<Begun>;
  /** Whether the attempt was still its own; false means that another has taken over. */
  complete(attempt: Attempt, outcome: string): Promise<boolean>;
  /** Lets the next delivery begin at once. Whether the attempt was still its own. */
  fail(attempt: Attempt, reason: string): Promise<boolean>;
}

/** The idempotency records of the deployment `prefix`. */
export function createIdempotencyStore(
  client: DynamoDBDocumentClient,
  prefix: string,
): IdempotencyStore {
  const table = { client, TableName: tableName(prefix, "idempotency") };
  return {
    begin: (attempt, nowUs, expiresUs) => begin(table, attempt, nowUs, expiresUs),
    complete: (attempt, outcome) => end(table, attempt, "completed", outcome),
    fail: (attempt, reason) => end(table, attempt, "failed", reason),
  };
}

/** Where Powertools keeps what the HTTP API has answered: the same table, ids of its own. */
export function createRequestPersistence(
  client: DynamoDBClient,
  prefix: string,
): DynamoDBPersistenceLayer {
  return new DynamoDBPersistenceLayer({
    tableName: tableName(prefix, "idempotency"),
    keyAttr: "id",
    awsSdkV3Client: client,
  });
}

type Table = { readonly client: DynamoDBDocumentClient; readonly TableName: string };

async function read(
  { client, TableName }: Table,
  id: string,
): Promise<IdempotencyRecord | undefined> {
  const { Item } = await asked("read an idempotency record", () =>
    client.send(new GetCommand({ TableName, Key: { id }, ConsistentRead: true })),
  );
  return Item as IdempotencyRecord | undefined;
}

async function begin(
  table: Table,
  { consumer, messageKey, owner }: Attempt,
  nowUs: Micros,
  expiresUs: Micros,
): Promise<Begun> {
  const id = idempotencyId(consumer, messageKey);
  const record: IdempotencyRecord = { id, state: "inProgress", owner, expiresUs, outcome: "" };
  const put = new PutCommand({
    TableName: table.TableName,
    Item: record,
    ConditionExpression:
      "attribute_not_exists(id) OR #state = :failed OR (#state = :inProgress AND expiresUs <= :now)",
    ExpressionAttributeNames: { "#state": "state" },
    ExpressionAttributeValues: { ":failed": "failed", ":inProgress": "inProgress", ":now": nowUs },
  });
  try {
    await asked("begin a message", () => table.client.send(put));
    return { kind: "begun" };
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
  }
  const standing = await read(table, id);
  if (standing?.state === "completed") return { kind: "completed", outcome: standing.outcome };
  // Our own record: a first attempt was written and its answer lost.
  if (standing?.state === "inProgress" && standing.owner === owner) return { kind: "begun" };
  return { kind: "inProgress", expiresUs: standing?.expiresUs ?? nowUs };
}

async function end(
  table: Table,
  { consumer, messageKey, owner }: Attempt,
  state: "completed" | "failed",
  outcome: string,
): Promise<boolean> {
  const id = idempotencyId(consumer, messageKey);
  const update = new UpdateCommand({
    TableName: table.TableName,
    Key: { id },
    UpdateExpression: "SET #state = :state, outcome = :outcome",
    ConditionExpression: "#state = :inProgress AND #owner = :owner",
    ExpressionAttributeNames: { "#state": "state", "#owner": "owner" },
    ExpressionAttributeValues: {
      ":state": state,
      ":outcome": outcome,
      ":inProgress": "inProgress",
      ":owner": owner,
    },
  });
  try {
    await asked("end a message", () => table.client.send(update));
    return true;
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
  }
  const standing = await read(table, id);
  return standing?.state === state && standing.owner === owner;
}
