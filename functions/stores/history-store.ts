/**
 * The table of history: facts put once under derived keys, and pages of them by time, kind and filters.
 *
 * A page walks the UTC days of its range. Where a filter has an index, the walk goes through that index; the
 * other filters are matched on what comes back. The facts looked at for one page are bounded, so a page
 * whose filter is rare may hold few facts or none and still name where the next one begins.
 */
import {
  type DynamoDBDocumentClient,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
} from "@aws-sdk/lib-dynamodb";
import { dayOf } from "../../contracts/calendar.ts";
import {
  HISTORY_INDEXED,
  type HistoryRecord,
  historyField,
  isHistoryMatch,
} from "../../contracts/history-filter.ts";
import type { HistoryItem } from "../../contracts/history-item.ts";
import { historyIndexPartition, historyPartition, paddedTime } from "../../contracts/keys.ts";
import { tableName } from "../../contracts/resources.ts";
import { BAD_CURSOR, type BadCursor } from "./cursor.ts";
import {
  cursorAt,
  daysOf,
  HISTORY_LIMIT_MAX,
  type HistoryPage,
  type HistoryPlace,
  type HistoryQuery,
  placeOf,
} from "./history-query.ts";
import { asked, isConditionFailed } from "./store-error.ts";

/** Facts that one page may look at: what it costs at most, whatever the filter. */
export const EXAMINED_MAX = 2_000;
/** Facts of one request where a filter without an index thins them out; about half a megabyte. */
const CHUNK_LENGTH_MAX = 1_000;
/** The first such request asks for so many pages' worth, each further one for so many times as much. */
const CHUNK_PAGES = 4;
const CHUNK_GROWTH = 4;
/** Puts under way at once. */
const LANES = 16;

/** What can be put: the item of a fact, or of anything else that has the shape of one. */
export type HistoryPut = Omit<HistoryItem, "fact"> & { readonly fact: HistoryRecord };

export interface HistoryStore {
  /** Puts each item unless a later version of it stands already; how many were put or replaced. */
  put(items: readonly HistoryPut[]): Promise<number>;
  query(query: HistoryQuery): Promise<HistoryPage | BadCursor>;
}

/** The table of history of the deployment `prefix`; a page looks at about `examinedMax` facts at most. */
export function createHistoryStore(
  client: DynamoDBDocumentClient,
  prefix: string,
  examinedMax = EXAMINED_MAX,
): HistoryStore {
  const table = { client, TableName: tableName(prefix, "history"), examinedMax };
  return { put: (items) => put(table, items), query: (query) => pageOf(table, query) };
}

type Table = {
  readonly client: DynamoDBDocumentClient;
  readonly TableName: string;
  readonly examinedMax: number;
};

async function put(table: Table, items: readonly HistoryPut[]): Promise<number> {
  let next = 0;
  let count = 0;
  const lane = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) {
      if (await putOne(table, item)) count++;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return count;
}

async function putOne({ client, TableName }: Table, item: HistoryPut): Promise<boolean> {
  const command = new PutCommand({
    TableName,
    Item: storedOf(item),
    ConditionExpression: "attribute_not_exists(pk) OR #version < :version",
    ExpressionAttributeNames: { "#version": "version" },
    ExpressionAttributeValues: { ":version": item.version },
  });
  try {
    await asked("put a fact", () => client.send(command));
    return true;
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
    return false;
  }
}

/** Keys, version, and the fact as text: fields of a payload may be empty, nested and of any name. */
export function storedOf({ pk, sk, version, fact, atUs }: HistoryPut): Record<string, unknown> {
  const stored: Record<string, unknown> = { pk, sk, version, fact: JSON.stringify(fact) };
  const day = dayOf(atUs);
  for (const { filter, attribute } of HISTORY_INDEXED) {
    const value = historyField(fact, filter);
    if (value === "") continue;
    stored[attribute] = historyIndexPartition(fact.kind, fact.engine, day, value);
  }
  return stored;
}

async function pageOf(table: Table, query: HistoryQuery): Promise<HistoryPage | BadCursor> {
  const start = placeOf(query);
  if (start === "bad") return BAD_CURSOR;
  const limit = Math.min(query.limit, HISTORY_LIMIT_MAX);
  const records: HistoryRecord[] = [];
  let examinedCount = 0;
  const pageTo = (place: HistoryPlace | undefined): HistoryPage => ({
    kind: "page",
    records,
    cursor: place === undefined ? undefined : cursorAt(query, place),
    examinedCount,
  });
  for await (const { day, found, next } of chunksOf(table, query, start, limit)) {
    for (const { record, sk } of found) {
      examinedCount++;
      if (isHistoryMatch(record, query.filters)) records.push(record);
      if (records.length === limit) return pageTo({ day, sk });
    }
    if (next !== undefined && examinedCount >= table.examinedMax) return pageTo(next);
  }
  return pageTo(undefined);
}

/** What the days of `query` hold, a request at a time, until whoever listens has enough. */
async function* chunksOf(
  table: Table,
  query: HistoryQuery,
  start: HistoryPlace | undefined,
  limit: number,
): AsyncGenerator<Chunk> {
  // Most filters are met by every second or third fact, and what is read beyond the page is thrown away.
  let length = Math.min(CHUNK_PAGES * limit, CHUNK_LENGTH_MAX);
  for (const day of daysOf(query, start?.day)) {
    let place = start?.day === day ? start : undefined;
    do {
      const chunk = await readChunk(table, query, { day, place, limit, length });
      length = Math.min(CHUNK_GROWTH * length, CHUNK_LENGTH_MAX);
      yield chunk;
      place = chunk.next;
    } while (place !== undefined);
  }
}

type Chunk = {
  readonly day: string;
  readonly found: readonly { readonly record: HistoryRecord; readonly sk: string }[];
  readonly next: HistoryPlace | undefined;
};

async function readChunk(
  { client, TableName, examinedMax }: Table,
  query: HistoryQuery,
  {
    day,
    place,
    limit,
    length,
  }: {
    readonly day: string;
    readonly place: HistoryPlace | undefined;
    readonly limit: number;
    /** Facts to ask for where they are matched here. */
    readonly length: number;
  },
): Promise<Chunk> {
  const { engine, kind } = query;
  const index = HISTORY_INDEXED.find(({ filter }) => query.filters[filter] !== undefined);
  const value = index === undefined ? undefined : query.filters[index.filter];
  const main = historyPartition(kind, engine, day);
  const partition = value === undefined ? main : historyIndexPartition(kind, engine, day, value);
  const pkName = index?.attribute ?? "pk";
  const filterCount = Object.values(query.filters).filter((each) => each !== undefined).length;
  const hasOther = filterCount > (index === undefined ? 0 : 1);
  const startKey = { pk: main, sk: place?.sk, ...(index && { [pkName]: partition }) };
  const input: QueryCommandInput = {
    TableName,
    ...(index && { IndexName: index.index }),
    KeyConditionExpression: "#pk = :pk AND sk BETWEEN :from AND :to",
    // Keys of the indexes are half of what an item weighs, and nobody looks at them here.
    ProjectionExpression: "sk, fact",
    ExpressionAttributeNames: { "#pk": pkName },
    ExpressionAttributeValues: {
      ":pk": partition,
      ":from": paddedTime(query.fromUs),
      // The end is open, and an id follows each time: what begins with the end's own time sorts after it.
      ":to": paddedTime(query.toUs),
    },
    ScanIndexForward: query.order === "oldest",
    Limit: hasOther ? Math.min(length, examinedMax) : limit,
    ...(place && { ExclusiveStartKey: startKey }),
  };
  const { Items = [], LastEvaluatedKey } = await asked("query history", () =>
    client.send(new QueryCommand(input)),
  );
  const last = LastEvaluatedKey?.sk;
  return {
    day,
    found: Items.map(({ fact, sk }) => ({
      record: JSON.parse(String(fact)) as HistoryRecord,
      sk: String(sk),
    })),
    next: typeof last === "string" ? { day, sk: last } : undefined,
  };
}
