/**
 * How questions about history are put, and which facts answer them.
 *
 * The hot store and the archive share these words, so that one question has one answer wherever the answer
 * lies. Filters are matched against the fact itself, never against copies of its fields.
 */
import type { HistoryKind } from "./keys.ts";
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
