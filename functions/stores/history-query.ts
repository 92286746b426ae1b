/**
 * What can be asked of history, what comes back, and where the next page begins: the same words for the hot
 * store and for the archive, so that a cursor and a page mean the same whichever of them answers.
 */
import { dayOf } from "../../contracts/calendar.ts";
import type {
  HistoryFilter,
  HistoryFilters,
  HistoryRecord,
} from "../../contracts/history-filter.ts";
import { type HistoryKind, paddedTime } from "../../contracts/keys.ts";
import type { Micros } from "../../contracts/time.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";

export const HISTORY_LIMIT_MAX = 500;
/** Days that one question may span; a longer one is cut by whoever asks. */
export const HISTORY_DAYS_MAX = 400;
const US_PER_DAY = 86_400_000_000;

export type HistoryQuery = {
  readonly engine: string;
  readonly kind: HistoryKind;
  /** From `fromUs` to before `toUs`. */
  readonly fromUs: Micros;
  readonly toUs: Micros;
  readonly order: "newest" | "oldest";
  readonly filters: HistoryFilters;
  /** 1 to `HISTORY_LIMIT_MAX`; more is taken as that. */
  readonly limit: number;
  readonly cursor?: string | undefined;
};

export type HistoryPage = {
  readonly kind: "page";
  readonly records: readonly HistoryRecord[];
  /** Where the next page begins; undefined at the end. A page may be empty and not the last. */
  readonly cursor: string | undefined;
  /** Facts that were looked at for this page. */
  readonly examinedCount: number;
};

/** The last fact of a page: its day and its sort key. */
export type HistoryPlace = { readonly day: string; readonly sk: string };

/**
 * Whether a later report of the same fact may answer `filter` otherwise: an order that was canceled may turn out
 * to be filled. Such a filter is held against the report that counts, never against an earlier one.
 */
export function mayChange(kind: HistoryKind, filter: HistoryFilter): boolean {
  return kind === "order" && (filter === "state" || filter === "orderId");
}

/** The days of `query` in its order, from `first` on where a page continues there. */
export function daysOf({ fromUs, toUs, order }: HistoryQuery, first: string | undefined): string[] {
  if (toUs <= fromUs) return [];
  const days: string[] = [];
  const last = dayOf(toUs - 1);
  for (let us = fromUs; days.length < HISTORY_DAYS_MAX; us += US_PER_DAY) {
    const day = dayOf(us);
    if (day > last) break;
    days.push(day);
  }
  if (order === "newest") days.reverse();
  const start = first === undefined ? 0 : days.indexOf(first);
  return start === -1 ? [] : days.slice(start);
}

/** A cursor that stands after `place`. */
export function cursorAt(query: HistoryQuery, { day, sk }: HistoryPlace): string {
  return encodeCursor(questionOf(query), [day, sk]);
}

/** Where `query.cursor` stands; undefined without one, "bad" where it is not a place of this query. */
export function placeOf(query: HistoryQuery): HistoryPlace | undefined | "bad" {
  if (query.cursor === undefined) return;
  const [day, sk] = decodeCursor(questionOf(query), query.cursor, 2) ?? [];
  if (day === undefined || sk === undefined || !/^\d{16}#[^#]+$/.test(sk)) return "bad";
  return isInside(query, sk) && dayOf(Number(sk.slice(0, 16))) === day ? { day, sk } : "bad";
}

/** Whether the sort key `sk` lies in the range of the question. */
export function isInside({ fromUs, toUs }: HistoryQuery, sk: string): boolean {
  return sk >= paddedTime(fromUs) && sk < paddedTime(toUs);
}

function questionOf({ engine, kind, fromUs, toUs, order, filters }: HistoryQuery): unknown[] {
  const named = Object.entries(filters).filter(([, value]) => value !== undefined);
  return [engine, kind, fromUs, toUs, order, named.sort()];
}
