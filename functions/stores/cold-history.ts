/**
 * History older than the table of history keeps, read from the archive's Parquet objects.
 *
 * The same questions, the same order and the same cursors as the hot store. A page walks the hours of its
 * range; of each object it reads the columns that decide first, and the facts themselves only for the rows
 * that are wanted. How much one page looks at is bounded, so a page whose filter is rare may be empty and
 * still name where the next one begins. A fact that two segments hold comes once.
 */
import { columnOfField, FACT_FIELDS, VENUE_NONE } from "../../contracts/archive.ts";
import { factVersion } from "../../contracts/fact-place.ts";
import { FACT_KINDS, type Fact, type FactKind } from "../../contracts/history.ts";
import {
  HISTORY_FILTERS,
  type HistoryRecord,
  isHistoryMatch,
} from "../../contracts/history-filter.ts";
import { VENUE_IDS } from "../../contracts/ids.ts";
import { archivePrefix, joinKey, paddedTime } from "../../contracts/keys.ts";
import type { ArchiveStore } from "./archive-store.ts";
import { BAD_CURSOR, type BadCursor } from "./cursor.ts";
import {
  cursorAt,
  daysOf,
  HISTORY_LIMIT_MAX,
  type HistoryPage,
  type HistoryPlace,
  type HistoryQuery,
  isInside,
  mayChange,
  placeOf,
} from "./history-query.ts";
import { openParquet, type ParquetRow } from "./parquet-file.ts";

export interface ColdHistory {
  query(query: HistoryQuery): Promise<HistoryPage | BadCursor>;
}

/** Objects and days that one page may look at: what it costs at most. */
export const OBJECTS_PER_PAGE_MAX = 32;
export const DAYS_PER_PAGE_MAX = 31;
/** Objects read at once. */
const LANES = 4;
const US_PER_HOUR = 3_600_000_000;
const US_PER_DAY = 24 * US_PER_HOUR;

type Store = Pick<ArchiveStore, "list" | "read" | "readRange">;

/** Older history in the objects of `store`. */
export function createColdHistory(store: Store): ColdHistory {
  return { query: (query) => pageOf(store, query) };
}

type ListedObject = { readonly key: string; readonly sizeBytes: number };
type Hour = { readonly day: string; readonly hour: string; readonly objects: ListedObject[] };
type Found = { readonly sk: string; readonly text: string };

/** A question with what it comes to in the archive. */
type Search = {
  readonly query: HistoryQuery;
  readonly kind: FactKind;
  readonly limit: number;
  /** Rows that are wanted of one object; all where a filter needs the report that counts. */
  readonly rowsMax: number;
  /** Columns and the text that each must have. */
  readonly columns: readonly (readonly [column: string, value: string])[];
  readonly venues: readonly string[];
};

async function pageOf(store: Store, query: HistoryQuery): Promise<HistoryPage | BadCursor> {
  const start = placeOf(query);
  if (start === "bad") return BAD_CURSOR;
  const records: HistoryRecord[] = [];
  let examinedCount = 0;
  const pageTo = (place: HistoryPlace | undefined): HistoryPage => ({
    kind: "page",
    records,
    cursor: place === undefined ? undefined : cursorAt(query, place),
    examinedCount,
  });
  const search = searchOf(query);
  if (search === undefined) return pageTo(undefined);
  for await (const { day, found, end } of hoursRead(store, search, start)) {
    examinedCount += found.examinedCount;
    for (const { sk, text } of found.rows) {
      records.push(JSON.parse(text) as HistoryRecord);
      if (records.length === search.limit) return pageTo({ day, sk });
    }
    // A place outside of the range is the end: nothing comes after it.
    if (end !== undefined) return pageTo(isInside(query, end.sk) ? end : undefined);
  }
  return pageTo(undefined);
}

type HourRead = {
  readonly day: string;
  readonly found: { readonly rows: readonly Found[]; readonly examinedCount: number };
  /** Where the page ends because it has looked at enough. */
  readonly end?: HistoryPlace;
};

/** What the hours of the question hold, until whoever listens has enough or enough was looked at. */
async function* hoursRead(
  store: Store,
  search: Search,
  start: HistoryPlace | undefined,
): AsyncGenerator<HourRead> {
  let objectCount = 0;
  let dayCount = 0;
  for (const day of daysOf(search.query, start?.day)) {
    for (const hour of await hoursOf(store, search, day, start)) {
      const found = await readHour(store, search, hour, start);
      objectCount += hour.objects.length;
      const isEnough = objectCount >= OBJECTS_PER_PAGE_MAX;
      const endsUs = hourUs(day, hour.hour);
      yield { day, found, ...(isEnough && { end: endOf(search.query, day, endsUs, US_PER_HOUR) }) };
    }
    dayCount += 1;
    if (dayCount < DAYS_PER_PAGE_MAX) continue;
    const found = { rows: [], examinedCount: 0 };
    yield { day, found, end: endOf(search.query, day, hourUs(day, "00"), US_PER_DAY) };
  }
}

/** Undefined where nothing can match: a kind that is not archived, or a field that the kind has not. */
function searchOf(query: HistoryQuery): Search | undefined {
  const kind = FACT_KINDS.find((one) => one === query.kind);
  if (kind === undefined) return undefined;
  const fields: readonly string[] = Object.keys(FACT_FIELDS[kind]);
  const columns: [string, string][] = [];
  const limit = Math.min(query.limit, HISTORY_LIMIT_MAX);
  let rowsMax = limit;
  for (const filter of HISTORY_FILTERS) {
    const value = query.filters[filter];
    if (value === undefined || filter === "venue") continue;
    if (!fields.includes(filter)) return undefined;
    if (mayChange(kind, filter)) rowsMax = Number.POSITIVE_INFINITY;
    else columns.push([columnOfField(filter), value]);
  }
  const { venue } = query.filters;
  const venues = venue === undefined ? [...VENUE_IDS, VENUE_NONE] : [venue];
  if (!venues.every((one) => /^[a-z][a-z0-9-]*$/.test(one))) return undefined;
  return { query, kind, limit, rowsMax, columns, venues };
}

/** The hours of `day` that hold objects of the engine, in the order of the question. */
async function hoursOf(
  store: Store,
  { query, kind, venues }: Search,
  day: string,
  start: HistoryPlace | undefined,
): Promise<Hour[]> {
  const hours = new Map<string, Hour>();
  const lists = await Promise.all(
    venues.map((venue) => listAll(store, dayPrefix(kind, venue, day))),
  );
  for (const object of lists.flat()) {
    const [, hour = "", engine = ""] =
      /\/hour=(\d\d)\/([^./]+)\.[^/]+\.parquet$/.exec(object.key) ?? [];
    if (engine !== query.engine || !mayHold(query, day, hour, start)) continue;
    const known = hours.get(hour) ?? { day, hour, objects: [] };
    known.objects.push(object);
    hours.set(hour, known);
  }
  const ordered = [...hours.values()].sort((a, b) => (a.hour < b.hour ? -1 : 1));
  return query.order === "newest" ? ordered.reverse() : ordered;
}

function dayPrefix(type: string, venue: string, day: string): string {
  const whole = archivePrefix({ type, venue, day, hour: "00" });
  return whole.slice(0, whole.indexOf("hour="));
}

async function listAll(store: Store, prefix: string): Promise<ListedObject[]> {
  const objects: ListedObject[] = [];
  let after: string | undefined;
  do {
    const page = await store.list(prefix, { after });
    objects.push(...page.objects);
    after = page.next;
  } while (after !== undefined);
  return objects;
}

/** Whether facts of the hour can lie in the range and after the place. */
function mayHold(
  query: HistoryQuery,
  day: string,
  hour: string,
  start: HistoryPlace | undefined,
): boolean {
  const beginUs = hourUs(day, hour);
  if (beginUs >= query.toUs || beginUs + US_PER_HOUR <= query.fromUs) return false;
  if (start === undefined || start.day !== day) return true;
  // A page that ended behind a crowded hour must not look at it again, or every page would end there.
  return compare(query, start.sk, endOf(query, day, beginUs, US_PER_HOUR).sk) < 0;
}

function hourUs(day: string, hour: string): number {
  return Date.parse(`${day}T${hour}:00:00Z`) * 1000;
}

/** What one hour adds to the page: at most `limit` facts, in order, each once. */
async function readHour(
  store: Store,
  search: Search,
  { objects }: Hour,
  start: HistoryPlace | undefined,
): Promise<{ readonly rows: readonly Found[]; readonly examinedCount: number }> {
  const rows = new Map<string, Found>();
  let examinedCount = 0;
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let object = objects[next++]; object !== undefined; object = objects[next++]) {
      const found = await readObject(store, search, object, start);
      examinedCount += found.examinedCount;
      for (const row of found.rows) keepLater(rows, row);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const { query, limit, rowsMax } = search;
  const ordered = [...rows.values()]
    .filter(({ text }) => rowsMax === limit || isHistoryMatch(JSON.parse(text), query.filters))
    .sort((a, b) => compare(query, a.sk, b.sk));
  return { rows: ordered.slice(0, limit), examinedCount };
}

function keepLater(rows: Map<string, Found>, row: Found): void {
  const versionOf = ({ text }: Found): string => factVersion(JSON.parse(text) as Fact);
  const before = rows.get(row.sk);
  if (before !== undefined && versionOf(before) >= versionOf(row)) return;
  rows.set(row.sk, row);
}

async function readObject(
  store: Store,
  { query, rowsMax, columns }: Search,
  object: ListedObject,
  start: HistoryPlace | undefined,
): Promise<{ readonly rows: readonly Found[]; readonly examinedCount: number }> {
  const file = await openParquet(store, object);
  const rows: Found[] = [];
  let examinedCount = 0;
  // Rows are stored by time and id, so that a group after which the page is full ends the object.
  const groups = query.order === "newest" ? [...file.groups].reverse() : file.groups;
  for (const group of groups) {
    if (rows.length >= rowsMax) break;
    if (Number(group.least("at_us")) >= query.toUs) continue;
    if (Number(group.greatest("at_us")) < query.fromUs) continue;
    const names = ["at_us", "fact_id", ...columns.map(([column]) => column)];
    const deciding = await file.read(names, group);
    examinedCount += deciding.length;
    const wanted = deciding
      .map((row, index) => ({ sk: keyOf(row), row, at: group.from + index }))
      .filter(({ sk, row }) => isWanted(query, sk, start) && isMatch(row, columns))
      .sort((a, b) => compare(query, a.sk, b.sk))
      .slice(0, rowsMax - rows.length);
    rows.push(...(await factsOf(file, wanted)));
  }
  return { rows, examinedCount };
}

async function factsOf(
  file: Awaited<ReturnType<typeof openParquet>>,
  wanted: readonly { readonly sk: string; readonly at: number }[],
): Promise<Found[]> {
  if (wanted.length === 0) return [];
  const places = wanted.map(({ at }) => at);
  const from = Math.min(...places);
  const facts = await file.read(["fact"], { from, end: Math.max(...places) + 1 });
  return wanted.map(({ sk, at }) => ({ sk, text: String(facts[at - from]?.fact) }));
}

function keyOf({ at_us, fact_id }: ParquetRow): string {
  return joinKey(paddedTime(Number(at_us)), String(fact_id));
}

function isWanted(query: HistoryQuery, sk: string, start: HistoryPlace | undefined): boolean {
  return isInside(query, sk) && (start === undefined || compare(query, start.sk, sk) < 0);
}

function isMatch(row: ParquetRow, columns: Search["columns"]): boolean {
  return columns.every(([column, value]) => String(row[column]) === value);
}

function compare({ order }: HistoryQuery, a: string, b: string): number {
  if (a === b) return 0;
  return a < b === (order === "oldest") ? -1 : 1;
}

/** After everything of a time: no id sorts before the first of these characters or after the last. */
function endOf(
  { order }: HistoryQuery,
  day: string,
  beginUs: number,
  lengthUs: number,
): HistoryPlace {
  return order === "newest"
    ? { day, sk: joinKey(paddedTime(beginUs), "\u0001") }
    : { day, sk: joinKey(paddedTime(beginUs + lengthUs - 1), "\uffff") };
}
