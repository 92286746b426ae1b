/**
 * Station: what a record says -> a fact in its envelope. Every id is worked out from the record, so that
 * whoever derives the fact again, here or from a copy of the journal, gets the same one.
 */
import { eventIdOf } from "../../contracts/envelope.ts";
import {
  FACT_CLASSES,
  FACT_SCHEMA_VERSION,
  type Fact,
  type FactKind,
  type FactPayloads,
} from "../../contracts/history.ts";
import type { VenueId } from "../../contracts/ids.ts";
import type { Micros } from "../../contracts/time.ts";

/** Whose facts they are. */
export type FactSource = { readonly engine: string; readonly runId: string };

/** The record that a fact is derived from. */
export type FactOrigin = { readonly seq: number; readonly atUs: Micros };

export type FactStamp = {
  readonly venue: VenueId | null;
  /** "" for the record's own id: facts that are told by no more than one record. */
  readonly factId?: string;
  /** The record's time where it is left out. */
  readonly observedUs?: Micros;
  /** Counts the facts of one record from 1, beyond its first. */
  readonly part?: number;
};

/** `<run id>.<sequence>`: names a fact that only one record can tell. */
export function recordFactId(runId: string, seq: number, part = 0): string {
  return part === 0 ? `${runId}.${seq}` : `${runId}.${seq}.${part}`;
}

/** A fact of `kind`. */
export function factOf<Kind extends FactKind>(
  source: FactSource,
  origin: FactOrigin,
  kind: Kind,
  stamp: FactStamp,
  payload: FactPayloads[Kind],
): Fact {
  const { seq, atUs } = origin;
  const { venue, factId = "", observedUs = atUs, part = 0 } = stamp;
  const id = eventIdOf(source.runId, seq);
  const fact = {
    event_id: part === 0 ? id : `${id}.${part}`,
    event_type: `${FACT_CLASSES[kind]}.${kind}`,
    kind,
    fact_id: factId === "" ? recordFactId(source.runId, seq, part) : factId,
    engine: source.engine,
    run_id: source.runId,
    venue,
    observed_at: observedUs,
    ingested_at: atUs,
    schema_version: FACT_SCHEMA_VERSION,
    payload,
  };
  // Kind and payload belong together by this function's own signature, which the union cannot see.
  return fact as Fact;
}
