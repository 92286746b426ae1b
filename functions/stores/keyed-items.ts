/**
 * What every table with the keys `pk` and `sk` is asked in the same way: one item, one page of a partition, one
 * item that is put once.
 *
 * Callers see what they wrote, never the keys. All reads are strongly consistent: what is judged by them are
 * chains, proposals, commands and orders.
 */
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from "@aws-sdk/lib-dynamodb";
import type { ItemKey } from "../../contracts/keys.ts";
import { BAD_CURSOR, type BadCursor, decodeCursor, encodeCursor } from "./cursor.ts";
import { asked, isConditionFailed } from "./store-error.ts";

export type KeyedTable = { readonly client: DynamoDBDocumentClient; readonly TableName: string };

/** `cursor` is that of the page before; left out for the first page. */
export type PageRequest = { readonly limit: number; readonly cursor?: string | undefined };

export type Page<Item> = {
  readonly kind: "page";
  readonly items: readonly Item[];
  /** Where the next page begins; undefined at the end. */
  readonly cursor: string | undefined;
};

/** The item without its keys. */
export function bareItem<Item>({ pk: _pk, sk: _sk, ...item }: Record<string, unknown>): Item {
  return item as Item;
}

/** One item; undefined where there is none. */
export async function readItem<Item>(
  { client, TableName }: KeyedTable,
  { pk, sk }: ItemKey,
): Promise<Item | undefined> {
  const { Item } = await asked(`read an item of ${TableName}`, () =>
    client.send(new GetCommand({ TableName, Key: { pk, sk }, ConsistentRead: true })),
  );
  return Item === undefined ? undefined : bareItem<Item>(Item);
}

/** Puts an item under a key that is free; "taken" where it is not, which may be by an attempt of our own. */
export async function putOnce(
  { client, TableName }: KeyedTable,
  key: ItemKey,
  item: object,
): Promise<"put" | "taken"> {
  const put = new PutCommand({
    TableName,
    Item: { ...key, ...item },
    ConditionExpression: "attribute_not_exists(pk)",
  });
  try {
    await asked(`put an item of ${TableName}`, () => client.send(put));
    return "put";
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
    return "taken";
  }
}

/** One page of a partition, in the order of its sort keys or against it. */
export async function readPage<Item>(
  { client, TableName }: KeyedTable,
  pk: string,
  { limit, cursor, isForward }: PageRequest & { readonly isForward: boolean },
): Promise<Page<Item> | BadCursor> {
  const question = [TableName, pk];
  const place = cursor === undefined ? undefined : decodeCursor(question, cursor, 1);
  if (cursor !== undefined && (place?.[0] ?? "") === "") return BAD_CURSOR;
  const { Items = [], LastEvaluatedKey } = await asked(`list items of ${TableName}`, () =>
    client.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": pk },
        ScanIndexForward: isForward,
        Limit: limit,
        ConsistentRead: true,
        ...(place === undefined ? {} : { ExclusiveStartKey: { pk, sk: place[0] } }),
      }),
    ),
  );
  const last = LastEvaluatedKey?.sk;
  return {
    kind: "page",
    items: Items.map((each) => bareItem<Item>(each)),
    cursor: typeof last === "string" ? encodeCursor(question, [last]) : undefined,
  };
}
