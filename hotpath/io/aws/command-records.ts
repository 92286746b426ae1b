/**
 * The records of commands in their table, as the engine moves them on, and its heartbeat beside them.
 *
 * A record goes from queued to taken to one end, by conditional writes; what has ended stands. Of an answer
 * that does not come it is said that nothing is known, never that it failed.
 */
import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { commandKey, heartbeatKey } from "../../../contracts/keys.ts";
import {
  COMMAND_STATES,
  type CommandState,
  type Heartbeat,
  isCommandOver,
  type OperatorCommand,
} from "../../../contracts/operator-command.ts";
import { tableName } from "../../../contracts/resources.ts";
import { fromAttributes, toAttribute, toAttributes } from "./attributes.ts";
import { isConditionFailed } from "./clients.ts";
import { type AwsOutcome, attempt, awsReason, DONE } from "./outcome.ts";

/** How a command ended. */
export type CommandEnd = {
  readonly state: Extract<CommandState, "done" | "refused" | "expired">;
  /** Tick of the loop that took it; -1 for none. */
  readonly tick: number;
  /** Why it was refused, or "". */
  readonly outcome: string;
};

export type CommandTaking =
  /** It is ours; `isAgain` when an earlier delivery or life had taken it and left no end. */
  | { readonly kind: "taken"; readonly isAgain: boolean }
  | { readonly kind: "over"; readonly state: CommandState }
  /** Nobody has asked for it: there is a message, and no record. */
  | { readonly kind: "absent" }
  | { readonly kind: "unknown"; readonly reason: string };

export type HeartbeatReading =
  | { readonly ok: true; readonly heartbeat: Heartbeat | undefined }
  | { readonly ok: false; readonly reason: string };

export interface CommandRecords {
  take(command: OperatorCommand, nowUs: number): Promise<CommandTaking>;
  /** Writes the end, of a command that has none; where there is no record it makes one. */
  end(command: OperatorCommand, end: CommandEnd, nowUs: number): Promise<AwsOutcome>;
  beat(heartbeat: Heartbeat): Promise<AwsOutcome>;
  readHeartbeat(engine: string): Promise<HeartbeatReading>;
}

const REQUEST_MS_MAX = 1500;

export function createCommandRecords(client: DynamoDBClient, prefix: string): CommandRecords {
  const TableName = tableName(prefix, "commands");
  const deadline = () => ({ abortSignal: AbortSignal.timeout(REQUEST_MS_MAX) });
  const keyOf = ({ engine, commandId }: OperatorCommand) =>
    toAttributes(commandKey(engine, commandId));
  const stateOf = async (command: OperatorCommand): Promise<CommandState | undefined> => {
    const get = new GetItemCommand({ TableName, Key: keyOf(command), ConsistentRead: true });
    const { Item } = await client.send(get, deadline());
    const { state } = fromAttributes(Item ?? {});
    return COMMAND_STATES.find((each) => each === state);
  };
  return {
    async take(command, nowUs) {
      try {
        return await take(client, { TableName, Key: keyOf(command), nowUs }, deadline, () =>
          stateOf(command),
        );
      } catch (thrown) {
        return { kind: "unknown", reason: awsReason(thrown) };
      }
    },
    async end(command, { state, tick, outcome }, nowUs) {
      const record = { ...command, state, changedUs: nowUs, tick, outcome };
      const put = new PutItemCommand({
        TableName,
        Item: { ...keyOf(command), ...toAttributes(record) },
        ConditionExpression: "attribute_not_exists(pk) OR #state IN (:queued, :taken)",
        ExpressionAttributeNames: { "#state": "state" },
        ExpressionAttributeValues: {
          ":queued": toAttribute("queued"),
          ":taken": toAttribute("taken"),
        },
      });
      try {
        await client.send(put, deadline());
        return DONE;
      } catch (thrown) {
        // It has an end already, and the first one stands.
        if (isConditionFailed(thrown)) return DONE;
        return { ok: false, reason: awsReason(thrown) };
      }
    },
    async beat(heartbeat) {
      const put = new PutItemCommand({
        TableName,
        Item: { ...toAttributes(heartbeatKey(heartbeat.engine)), ...toAttributes(heartbeat) },
        ...olderThan(heartbeat.fence),
      });
      const told = await attempt("heartbeat", () => client.send(put, deadline()));
      return told;
    },
    async readHeartbeat(engine) {
      const Key = toAttributes(heartbeatKey(engine));
      try {
        const get = new GetItemCommand({ TableName, Key, ConsistentRead: true });
        const { Item } = await client.send(get, deadline());
        return { ok: true, heartbeat: Item === undefined ? undefined : heartbeatOf(Item) };
      } catch (thrown) {
        return { ok: false, reason: awsReason(thrown) };
      }
    },
  };
}

type Place = {
  readonly TableName: string;
  readonly Key: ReturnType<typeof toAttributes>;
  readonly nowUs: number;
};

async function take(
  client: DynamoDBClient,
  { TableName, Key, nowUs }: Place,
  deadline: () => { readonly abortSignal: AbortSignal },
  stateOf: () => Promise<CommandState | undefined>,
): Promise<CommandTaking> {
  const update = new UpdateItemCommand({
    TableName,
    Key,
    UpdateExpression: "SET #state = :taken, changedUs = :at",
    ConditionExpression: "#state = :queued",
    ExpressionAttributeNames: { "#state": "state" },
    ExpressionAttributeValues: {
      ":taken": toAttribute("taken"),
      ":queued": toAttribute("queued"),
      ":at": toAttribute(nowUs),
    },
  });
  try {
    await client.send(update, deadline());
    return { kind: "taken", isAgain: false };
  } catch (thrown) {
    if (!isConditionFailed(thrown)) throw thrown;
  }
  const state = await stateOf();
  if (state === undefined) return { kind: "absent" };
  return isCommandOver(state) ? { kind: "over", state } : { kind: "taken", isAgain: true };
}

/** An engine that lost its lease must not speak over its successor. */
function olderThan(fence: number) {
  if (fence === 0) return {};
  return {
    ConditionExpression: "attribute_not_exists(pk) OR fence <= :fence",
    ExpressionAttributeValues: { ":fence": toAttribute(fence) },
  };
}

/** As we wrote it; a heartbeat in another form tells nothing. */
function heartbeatOf(item: Parameters<typeof fromAttributes>[0]): Heartbeat | undefined {
  const { pk: _pk, sk: _sk, ...record } = fromAttributes(item);
  const { runId, statusJson } = record;
  if (typeof runId !== "string" || typeof statusJson !== "string") return undefined;
  return record as Heartbeat;
}
