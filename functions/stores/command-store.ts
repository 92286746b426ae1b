/**
 * The table of commands, as the functions see it: what was asked of an engine and what became of it, the
 * life of its orders, and its last heartbeat.
 *
 * A command's record is created once and never deleted; the engine alone moves it on. The records are keyed
 * by ids that are derived, not by time: whoever wants the latest reads their ids from the audit chain.
 */
import {
  BatchGetCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from "@aws-sdk/lib-dynamodb";
import { commandKey, heartbeatKey, type ItemKey, orderKey } from "../../contracts/keys.ts";
import type {
  Heartbeat,
  OperatorCommandRecord,
  OrderRecordState,
} from "../../contracts/operator-command.ts";
import { tableName } from "../../contracts/resources.ts";
import type { Micros } from "../../contracts/time.ts";
import type { Page, PageRequest } from "./control-store.ts";
import { BAD_CURSOR, type BadCursor, decodeCursor, encodeCursor } from "./cursor.ts";
import { asked, isConditionFailed } from "./store-error.ts";

/** Items of one request for many, by the limit of BatchGetItem (DynamoDB API reference, 2026-11). */
export const COMMANDS_PER_READ_MAX = 100;
/** Rounds in which a store may hand back the rest of a batch. */
const ROUNDS_MAX = 5;

export type Created = {
  /** `exists`: this id was asked for before; `record` is what became of it. */
  readonly kind: "created" | "exists";
  readonly record: OperatorCommandRecord;
};

/** What the engine has written of one order; the fields beside these are its own. */
export type OrderRecord = {
  readonly clientId: string;
  readonly state: OrderRecordState;
  readonly changedUs: Micros;
  readonly [field: string]: unknown;
};

export interface CommandStore {
  create(record: OperatorCommandRecord): Promise<Created>;
  /** Strongly consistent. */
  read(engine: string, commandId: string): Promise<OperatorCommandRecord | undefined>;
  /** At most `COMMANDS_PER_READ_MAX`, in the order of `commandIds`; the unknown are left out. */
  readMany(
    engine: string,
    commandIds: readonly string[],
  ): Promise<readonly OperatorCommandRecord[]>;
  readHeartbeat(engine: string): Promise<Heartbeat | undefined>;
  readOrder(engine: string, clientId: string): Promise<OrderRecord | undefined>;
  /** In the order of their client ids. */
  listOrders(engine: string, request: PageRequest): Promise<Page<OrderRecord> | BadCursor>;
}

/** The table of commands of the deployment `prefix`. */
export function createCommandStore(client: DynamoDBDocumentClient, prefix: string): CommandStore {
  const table = { client, TableName: tableName(prefix, "commands") };
  return {
    create: (record) => create(table, record),
    read: (engine, id) => read<OperatorCommandRecord>(table, commandKey(engine, id)),
    readMany: (engine, ids) => readMany(table, engine, ids),
    readHeartbeat: (engine) => read<Heartbeat>(table, heartbeatKey(engine)),
    readOrder: (engine, clientId) => read<OrderRecord>(table, orderKey(engine, clientId)),
    listOrders: (engine, request) => listOrders(table, engine, request),
  };
}

type Table = { readonly client: DynamoDBDocumentClient; readonly TableName: string };

async function read<Item>(
  { client, TableName }: Table,
  { pk, sk }: ItemKey,
): Promise<Item | undefined> {
  const { Item } = await asked("read an item of commands", () =>
    client.send(new GetCommand({ TableName, Key: { pk, sk }, ConsistentRead: true })),
  );
  return Item === undefined ? undefined : bare<Item>(Item);
}

function bare<Item>({ pk: _pk, sk: _sk, ...item }: Record<string, unknown>): Item {
  return item as Item;
}

async function create(table: Table, record: OperatorCommandRecord): Promise<Created> {
  const key = commandKey(record.engine, record.commandId);
  const put = new PutCommand({
    TableName: table.TableName,
    Item: { ...key, ...record },
    ConditionExpression: "attribute_not_exists(pk)",
  });
  try {
    await asked("create a command", () => table.client.send(put));
    return { kind: "created", record };
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
  }
  // An attempt whose answer was lost meets its own record: asked at the same microsecond by the same person.
  const standing = (await read<OperatorCommandRecord>(table, key)) ?? record;
  const isOurs = standing.askedUs === record.askedUs && standing.by === record.by;
  return { kind: isOurs ? "created" : "exists", record: standing };
}

async function readMany(
  { client, TableName }: Table,
  engine: string,
  commandIds: readonly string[],
): Promise<readonly OperatorCommandRecord[]> {
  const found = new Map<string, OperatorCommandRecord>();
  const ids = [...new Set(commandIds)].slice(0, COMMANDS_PER_READ_MAX);
  let keys: Record<string, unknown>[] = ids.map((id) => commandKey(engine, id));
  for (let round = 0; keys.length > 0 && round < ROUNDS_MAX; round++) {
    const request = { [TableName]: { Keys: keys, ConsistentRead: true } };
    const answer = await asked("read many commands", () =>
      client.send(new BatchGetCommand({ RequestItems: request })),
    );
    for (const item of answer.Responses?.[TableName] ?? []) {
      const record = bare<OperatorCommandRecord>(item);
      found.set(record.commandId, record);
    }
    keys = answer.UnprocessedKeys?.[TableName]?.Keys ?? [];
  }
  return ids.map((id) => found.get(id)).filter((record) => record !== undefined);
}

async function listOrders(
  { client, TableName }: Table,
  engine: string,
  { limit, cursor }: PageRequest,
): Promise<Page<OrderRecord> | BadCursor> {
  const { pk } = orderKey(engine, "-");
  const question = [TableName, pk];
  const place = cursor === undefined ? undefined : decodeCursor(question, cursor, 1);
  if (cursor !== undefined && (place?.[0] ?? "") === "") return BAD_CURSOR;
  const { Items = [], LastEvaluatedKey } = await asked("list orders", () =>
    client.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": pk },
        Limit: limit,
        ConsistentRead: true,
        ...(place === undefined ? {} : { ExclusiveStartKey: { pk, sk: place[0] } }),
      }),
    ),
  );
  const last = LastEvaluatedKey?.sk;
  return {
    kind: "page",
    items: Items.map((each) => bare<OrderRecord>(each)),
    cursor: typeof last === "string" ? encodeCursor(question, [last]) : undefined,
  };
}
