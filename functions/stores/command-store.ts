/**
 * The table of commands, as the functions see it: what was asked of an engine and what became of it, and its
 * last heartbeat.
 *
 * A command's record is created once and never deleted; the engine alone moves it on. The records are keyed
 * by ids that are derived, not by time: whoever wants the latest reads their ids from the audit chain.
 */
import { BatchGetCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { commandKey, heartbeatKey } from "../../contracts/keys.ts";
import type { Heartbeat, OperatorCommandRecord } from "../../contracts/operator-command.ts";
import { tableName } from "../../contracts/resources.ts";
import { bareItem, type KeyedTable, putOnce, readItem } from "./keyed-items.ts";
import { asked, StoreError } from "./store-error.ts";

/** Items of one request for many, by the limit of BatchGetItem (DynamoDB API reference, 2026-11). */
export const COMMANDS_PER_READ_MAX = 100;
/** Rounds in which a store may hand back the rest of a batch. */
const ROUNDS_MAX = 5;

export type Created = {
  /** `exists`: this id was asked for before; `record` is what became of it. */
  readonly kind: "created" | "exists";
  readonly record: OperatorCommandRecord;
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
}

/** The table of commands of the deployment `prefix`. */
export function createCommandStore(client: DynamoDBDocumentClient, prefix: string): CommandStore {
  const table = { client, TableName: tableName(prefix, "commands") };
  return {
    create: (record) => create(table, record),
    read: (engine, id) => readItem<OperatorCommandRecord>(table, commandKey(engine, id)),
    readMany: (engine, ids) => readMany(table, engine, ids),
    readHeartbeat: (engine) => readItem<Heartbeat>(table, heartbeatKey(engine)),
  };
}

async function create(table: KeyedTable, record: OperatorCommandRecord): Promise<Created> {
  const key = commandKey(record.engine, record.commandId);
  if ((await putOnce(table, key, record)) === "put") return { kind: "created", record };
  // An attempt whose answer was lost meets its own record: asked at the same microsecond by the same person.
  const standing = (await readItem<OperatorCommandRecord>(table, key)) ?? record;
  const isOurs = standing.askedUs === record.askedUs && standing.by === record.by;
  return { kind: isOurs ? "created" : "exists", record: standing };
}

async function readMany(
  { client, TableName }: KeyedTable,
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
      const record = bareItem<OperatorCommandRecord>(item);
      found.set(record.commandId, record);
    }
    keys = answer.UnprocessedKeys?.[TableName]?.Keys ?? [];
  }
  // A command that could not be read is not one that was never asked.
  if (keys.length > 0) throw new StoreError("read many commands", "throttled", "keys were left");
  return ids.map((id) => found.get(id)).filter((record) => record !== undefined);
}
