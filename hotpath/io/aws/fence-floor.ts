/**
 * The highest fence under which an engine was ever allowed to trade. It stands beside the table of leases
 * and not in it, so that a lease that was deleted or restored cannot lower what is used next.
 *
 * It is written before the first order of a fence, because the records of orders come after them: who has
 * sent two and died has recorded none, and its disk may be gone with it.
 */
import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { fenceKey, orderKey } from "../../../contracts/keys.ts";
import { tableName } from "../../../contracts/resources.ts";
import { CLIENT_ID_PREFIX } from "../../../contracts/trade.ts";
import { parseClientId } from "../../core/order/client-id.ts";
import { toAttribute, toAttributes } from "./attributes.ts";
import { isConditionFailed } from "./clients.ts";
import { awsReason } from "./outcome.ts";

export type FenceRead =
  | { readonly ok: true; readonly fence: number }
  | { readonly ok: false; readonly reason: string };

export type FenceRecorded =
  /** `isOurs` unless one as high was recorded for another holder. */
  { readonly ok: true; readonly isOurs: boolean } | { readonly ok: false; readonly reason: string };

const REQUEST_MS_MAX = 1500;

/** 0 where nothing was recorded. Client ids sort by their fence, so the last one tells that of orders. */
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
    const { Item } = await client.send(
      new GetItemCommand({
        TableName: tableName(prefix, "commands"),
        Key: toAttributes(fenceKey(engine)),
        ConsistentRead: true,
      }),
    );
    const ofOrders = parseClientId(Items?.[0]?.sk?.S ?? "")?.fence ?? 0;
    const recorded = Number(Item?.fence?.N ?? 0);
    return { ok: true, fence: Math.max(ofOrders, Number.isSafeInteger(recorded) ? recorded : 0) };
  } catch (thrown) {
    return { ok: false, reason: `the orders of ${engine} cannot be read: ${awsReason(thrown)}` };
  }
}

/** Records the fence of a lease that was won, unless one as high is there. May be repeated. */
export async function recordFence(
  client: DynamoDBClient,
  { prefix, engine }: { readonly prefix: string; readonly engine: string },
  { fence, holder }: { readonly fence: number; readonly holder: string },
): Promise<FenceRecorded> {
  const put = new PutItemCommand({
    TableName: tableName(prefix, "commands"),
    Item: toAttributes({ ...fenceKey(engine), engine, fence, holder }),
    ConditionExpression:
      "attribute_not_exists(pk) OR fence < :fence OR (fence = :fence AND holder = :holder)",
    ExpressionAttributeValues: { ":fence": toAttribute(fence), ":holder": toAttribute(holder) },
  });
  try {
    await client.send(put, { abortSignal: AbortSignal.timeout(REQUEST_MS_MAX) });
    return { ok: true, isOurs: true };
  } catch (thrown) {
    if (isConditionFailed(thrown)) return { ok: true, isOurs: false };
    return { ok: false, reason: `the fence ${fence} is not recorded: ${awsReason(thrown)}` };
  }
}
