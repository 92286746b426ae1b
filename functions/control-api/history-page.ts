/**
 * Station: a question about history -> one page, from the table, from the archive, or across their border.
 *
 * The place where a page ends knows the range and the border it was asked with, so that walking the pages
 * goes on where it was while the clock and the border move. It carries no right: engine and filters come
 * from the question, and the store behind it refuses a place that is not of its question.
 */
import type { HistoryFilters, HistoryRecord } from "../../contracts/history-filter.ts";
import type { HistoryKind } from "../../contracts/keys.ts";
import type { Micros } from "../../contracts/time.ts";
import type { HistoryQuery } from "../stores/history-query.ts";
import type { ApiPorts } from "./ports.ts";
import { isUsableRange, type TimeRange } from "./time-range.ts";

const US_PER_DAY = 86_400_000_000;

type Source = "hot" | "cold";

export type HistoryPlace = TimeRange & {
  readonly source: Source;
  /** Of that source's own; undefined at its beginning. */
  readonly cursor: string | undefined;
  /** From here on the table is asked, before it the archive. */
  readonly borderUs: Micros;
};

export type HistoryAsk = {
  readonly engine: string;
  readonly kind: HistoryKind;
  readonly order: "newest" | "oldest";
  readonly filters: HistoryFilters;
  readonly limit: number;
};

export type FoundPage = {
  readonly records: readonly HistoryRecord[];
  readonly next: HistoryPlace | undefined;
  readonly sources: readonly Source[];
};

/** Questions that one page may be put together of, so that its time is bounded. */
const PARTS_MAX = 4;

/** The first instant that the table is asked for: whole days, so that no day is asked of both. */
export function borderOf(nowUs: Micros, hotDays: number): Micros {
  return Math.max(0, Math.floor(nowUs / US_PER_DAY) - hotDays) * US_PER_DAY;
}

/** Where the first page of `range` begins. */
export function firstPlace(
  range: TimeRange,
  isOldestFirst: boolean,
  borderUs: Micros,
): HistoryPlace {
  const [source = "hot"] = sourcesOf({ ...range, borderUs }, isOldestFirst);
  return { ...range, source, cursor: undefined, borderUs };
}

/** Which sources a range needs, in the order in which they are asked. */
function sourcesOf(
  { fromUs, toUs, borderUs }: TimeRange & { readonly borderUs: Micros },
  isOldestFirst: boolean,
): readonly Source[] {
  const needed: Source[] = [];
  if (fromUs < borderUs) needed.push("cold");
  if (toUs > borderUs) needed.push("hot");
  return isOldestFirst ? needed : needed.reverse();
}

/** One page from `start` on; "bad" where its source says that the place is none of this question. */
export async function findHistory(
  ports: ApiPorts,
  start: HistoryPlace,
  ask: HistoryAsk,
): Promise<FoundPage | "bad"> {
  const plan = sourcesOf(start, ask.order === "oldest");
  const records: HistoryRecord[] = [];
  const sources: Source[] = [];
  let place: HistoryPlace | undefined = start;
  for (let part = 0; place !== undefined && part < PARTS_MAX; part += 1) {
    const limit = ask.limit - records.length;
    if (limit === 0) break;
    const page = await partOf(ports, place, { ...ask, limit });
    if (page.kind === "badCursor") return "bad";
    records.push(...page.records);
    if (!sources.includes(place.source)) sources.push(place.source);
    place = placeAfter(place, page.cursor, plan);
  }
  return { records, sources, next: place };
}

function partOf(ports: ApiPorts, place: HistoryPlace, ask: HistoryAsk) {
  const { fromUs, toUs, borderUs, cursor } = place;
  if (place.source === "hot") {
    const query: HistoryQuery = { ...ask, fromUs: Math.max(fromUs, borderUs), toUs, cursor };
    return ports.history.query(query);
  }
  return ports.archive.query({ ...ask, fromUs, toUs: Math.min(toUs, borderUs), cursor });
}

/** Further on in the same source, at the beginning of the next one, or nowhere. */
function placeAfter(
  place: HistoryPlace,
  cursor: string | undefined,
  plan: readonly Source[],
): HistoryPlace | undefined {
  if (cursor !== undefined) return { ...place, cursor };
  const source = plan[plan.indexOf(place.source) + 1];
  return source === undefined ? undefined : { ...place, source, cursor };
}

/** A place as a word that callers hand back unread. */
export function encodePlace({ source, cursor = "", fromUs, toUs, borderUs }: HistoryPlace): string {
  const parts = [source, fromUs, toUs, borderUs, cursor];
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/** The place that `word` stands for; undefined where it is none of ours. */
export function decodePlace(word: string): HistoryPlace | undefined {
  const parts = jsonOf(Buffer.from(word, "base64url").toString("utf8"));
  if (!Array.isArray(parts) || parts.length !== 5) return undefined;
  const [source, fromUs, toUs, borderUs, cursor] = parts as readonly unknown[];
  if (source !== "hot" && source !== "cold") return undefined;
  if (typeof fromUs !== "number" || typeof toUs !== "number" || typeof borderUs !== "number") {
    return undefined;
  }
  if (typeof cursor !== "string" || !isUsableRange({ fromUs, toUs })) return undefined;
  const isDay = Number.isSafeInteger(borderUs) && borderUs >= 0 && borderUs % US_PER_DAY === 0;
  // A source that the range does not need would be asked for nothing.
  if (!isDay || !sourcesOf({ fromUs, toUs, borderUs }, false).includes(source)) return undefined;
  return { source, fromUs, toUs, borderUs, cursor: cursor === "" ? undefined : cursor };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
