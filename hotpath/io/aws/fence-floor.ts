/**
 * The highest fence under which an order of an engine was ever recorded. It stands beside the table of
 * leases and not in it, so that a lease that was deleted or restored cannot lower what is used next.
 */
import { type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { orderKey } from "../../../contracts/keys.ts";
import { tableName } from "../../../contracts/resources.ts";
import { CLIENT_ID_PREFIX } from "../../../contracts/trade.ts";
import { parseClientId } from "../../core/order/client-id.ts";
import { toAttribute } from "./attributes.ts";
import { awsReason } from "./outcome.ts";

export type FenceRead =
  | { readonly ok: true; readonly fence: number }
  | { readonly ok: false; readonly reason: string };

/** 0 where no order was recorded. Client ids sort by their fence, so the last one tells it. */
export async function readFenceMax(
  client: DynamoDBClient,
  prefix: string,
  engine: string,
): Promise<FenceRead> {
  try {
    const { Items } = await client.send(
      new QueryCommand({
        TableName: tableName(prefix, "commands"),
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": toAttribute(orderKey(engine, CLIENT_ID_PREFIX).pk) },
        ConsistentRead: true,
        ScanIndexForward: false,
        Limit: 1,
      }),
    );
    const clientId = Items?.[0]?.sk?.S ?? "";
    return { ok: true, fence: parseClientId(clientId)?.fence ?? 0 };
  } catch (thrown) {
    return { ok: false, reason: `the orders of ${engine} cannot be read: ${awsReason(thrown)}` };
  }
}
