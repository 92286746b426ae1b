/**
 * The remote copy of each order's life, in the table of commands: what a successor on another host needs to
 * find an order at its venue.
 *
 * A record only moves forward: a step that is behind what is there changes nothing, whoever writes it and
 * however late. It is never deleted. Reading is strongly consistent: it decides what is asked about.
 */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandOutput,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { orderKey } from "../../../contracts/keys.ts";
import { ORDER_RECORD_STATES, type OrderRecordState } from "../../../contracts/operator-command.ts";
import { tableName } from "../../../contracts/resources.ts";
import { type AwsOutcome, awsReason, DONE } from "./outcome.ts";

/** One write: what is known of an order by now. Texts are JSON; "" where nothing is known. */
export type OrderWrite = {
  readonly clientId: string;
  readonly state: OrderRecordState;
  readonly changedUs: number;
  readonly runId: string;
  readonly orderId: string;
  readonly placed: string;
  readonly ended: string;
};

/** An order that had not come to its end, as far as the table knows. */
export type RemoteOrder = {
  readonly clientId: string;
  readonly state: OrderRecordState;
  readonly orderId: string;
  readonly placed: string;
};

export type OpenOrdersRead =
  | {
      readonly ok: true;
      readonly orders: readonly RemoteOrder[];
    }
  | { readonly ok: false; readonly reason: string };

export type OrderRecords = {
  readonly write: (engine: string, write: OrderWrite) => Promise<AwsOutcome>;
  readonly readOpen: (engine: string) => Promise<OpenOrdersRead>;
};

/** The order records of the deployment `prefix`. */
export function createOrderRecords(client: DynamoDBClient, prefix: string): OrderRecords {
  const TableName = tableName(prefix, "commands");
  return {
    async write(engine, write) {
      try {
        await client.send(updateOf(TableName, engine, write));
        return DONE;
      } catch (thrown) {
        // It is further on already.
        if (thrown instanceof ConditionalCheckFailedException) return DONE;
        return { ok: false, reason: `record order ${write.clientId}: ${awsReason(thrown)}` };
      }
    },
    readOpen: (engine) => readOpen(client, TableName, engine),
  };
}

function updateOf(TableName: string, engine: string, write: OrderWrite): UpdateItemCommand {
  const { pk, sk } = orderKey(engine, write.clientId);
  const rank = String(ORDER_RECORD_STATES.indexOf(write.state));
  const sets = ["#state = :state", "#rank = :rank", "changedUs = :at", "runId = :run"];
  const optional = (["orderId", "placed", "ended"] as const).filter((name) => write[name] !== "");
  for (const name of optional) sets.push(`${name} = :${name}`);
  return new UpdateItemCommand({
    TableName,
    Key: { pk: { S: pk }, sk: { S: sk } },
    UpdateExpression: `SET ${sets.join(", ")}`,
    ConditionExpression: "attribute_not_exists(#rank) OR #rank < :rank",
    ExpressionAttributeNames: { "#state": "state", "#rank": "rank" },
    ExpressionAttributeValues: {
      ":state": { S: write.state },
      ":rank": { N: rank },
      ":at": { N: String(write.changedUs) },
      ":run": { S: write.runId },
      ...Object.fromEntries(optional.map((name) => [`:${name}`, { S: write[name] }])),
    },
  });
}

async function readOpen(
  client: DynamoDBClient,
  TableName: string,
  engine: string,
): Promise<OpenOrdersRead> {
  const { pk } = orderKey(engine, "rk");
  const orders: RemoteOrder[] = [];
  let from: QueryCommandOutput["LastEvaluatedKey"];
  try {
    do {
      const page: QueryCommandOutput = await client.send(
        new QueryCommand({
          TableName,
          ConsistentRead: true,
          KeyConditionExpression: "pk = :pk",
          ExpressionAttributeValues: { ":pk": { S: pk } },
          ExclusiveStartKey: from,
        }),
      );
      for (const item of page.Items ?? []) {
        const clientId = item.sk?.S ?? "";
        const state = item.state?.S as OrderRecordState;
        if (state === "terminal") continue;
        const { orderId, placed } = item;
        orders.push({ clientId, state, orderId: orderId?.S ?? "", placed: placed?.S ?? "" });
      }
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
  } catch (thrown) {
    return { ok: false, reason: `read the orders of ${engine}: ${awsReason(thrown)}` };
  }
  return { ok: true, orders };
}
