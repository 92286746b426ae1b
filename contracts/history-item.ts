/**
 * How a fact lies in the table of history, and how questions about it are put.
 *
 * The writer (project-records), the hot store and the archive share these words, so that one question has
 * one answer wherever the answer lies. The item keeps the fact as JSON text, exactly as it came; beside it
 * stand only the keys. Filters are matched against the fact itself, never against copies of its fields.
 */
import { dayOf } from "./calendar.ts";
import { type HistoryKind, historyIndexPartition, historyKey, type ItemKey } from "./keys.ts";
import type { Micros } from "./time.ts";

/** A fact as the table of history and the archive give it back; every `Fact` is one. */
export type HistoryRecord = {
  readonly event_id: string;
  readonly event_type: string;
  readonly kind: HistoryKind;
  readonly fact_id: string;
  readonly engine: string;
  readonly run_id: string;
  readonly venue: string | null;
  readonly observed_at: Micros;
  readonly ingested_at: Micros;
  readonly schema_version: number;
  readonly payload: Readonly<Record<string, unknown>>;
};

/** What history can be filtered by: `venue`, and these fields of the payload where it has them. */
export const HISTORY_FILTERS = [
  "venue",
  "instrument",
  "triangle",
  "corr",
  "clientId",
  "orderId",
  "cycle",
  "leg",
  "side",
  "state",
  "cause",
  "ending",
  "mode",
  "control",
  "decision",
  "reason",
  "severity",
  "kind",
  "scope",
  "version",
] as const;
export type HistoryFilter = (typeof HISTORY_FILTERS)[number];
export type HistoryFilters = { readonly [Name in HistoryFilter]?: string | undefined };

/** Filters that have an index, the most telling first; attribute and index as in resources.ts. */
export const HISTORY_INDEXED = [
  { filter: "clientId", attribute: "clientPk", index: "byClient" },
  { filter: "corr", attribute: "correlationPk", index: "byCorrelation" },
  { filter: "triangle", attribute: "trianglePk", index: "byTriangle" },
  { filter: "instrument", attribute: "instrumentPk", index: "byInstrument" },
  { filter: "venue", attribute: "venuePk", index: "byVenue" },
] as const satisfies readonly {
  readonly filter: HistoryFilter;
  readonly attribute: string;
  readonly index: string;
}[];
export type HistoryIndexAttribute = (typeof HISTORY_INDEXED)[number]["attribute"];

/** An item of the table of history. */
export type HistoryItem = ItemKey & {
  readonly [Attribute in HistoryIndexAttribute]?: string;
} & {
  /** The record as JSON text. */
  readonly fact: string;
};

/** The value of one filter's field as text; "" where the record has none. */
export function historyField(record: HistoryRecord, filter: HistoryFilter): string {
  const value = filter === "venue" ? record.venue : record.payload[filter];
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(value) : "";
}

/** Whether `record` passes every filter that is given. */
export function isHistoryMatch(record: HistoryRecord, filters: HistoryFilters): boolean {
  return HISTORY_FILTERS.every((filter) => {
    const wanted = filters[filter];
    return wanted === undefined || historyField(record, filter) === wanted;
  });
}

/**
 * The item of `record`: the same record is the same item, whoever writes it and however often. The
 * record's `fact_id` is not empty; its `#` become `_`, because keys are joined by them.
 */
export function historyItemOf(record: HistoryRecord): HistoryItem {
  const { kind, engine, observed_at: atUs } = record;
  const day = dayOf(atUs);
  const indexes: { [Attribute in HistoryIndexAttribute]?: string } = {};
  for (const { filter, attribute } of HISTORY_INDEXED) {
    const value = historyField(record, filter);
    if (value !== "") indexes[attribute] = historyIndexPartition(kind, engine, day, value);
  }
  const key = historyKey(kind, engine, atUs, record.fact_id.replaceAll("#", "_"));
  return { ...key, ...indexes, fact: JSON.stringify(record) };
}
