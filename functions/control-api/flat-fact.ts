/**
 * Station: a fact as it is stored -> a flat object as it is answered, so that JSON and CSV have one shape.
 */
import { factTimeUs } from "../../contracts/fact-place.ts";
import type { Fact } from "../../contracts/history.ts";
import type { HistoryRecord } from "../../contracts/history-filter.ts";
import type { Micros } from "../../contracts/time.ts";

/** A fact, flat: where and when it was seen, then the fields of its kind. */
export function flatFact(record: HistoryRecord): Record<string, unknown> {
  // The time that facts are sorted and asked by; facts were held to their schema before they were put.
  const atUs = factTimeUs(record as unknown as Fact);
  return {
    ...record.payload,
    // A kind whose payload has a `kind` of its own (alerts) keeps it under its other name.
    ...(record.payload.kind === undefined ? {} : { alertKind: record.payload.kind }),
    eventId: record.event_id,
    factId: record.fact_id,
    kind: record.kind,
    engine: record.engine,
    runId: record.run_id,
    venue: record.venue,
    at: isoOf(atUs),
    atUs,
    observedUs: record.observed_at,
  };
}

/** A time with its microseconds, as text. */
export function isoOf(us: Micros): string {
  const text = new Date(Math.floor(us / 1000)).toISOString();
  return `${text.slice(0, -1)}${String(us % 1000).padStart(3, "0")}Z`;
}
