/**
 * The envelope: what every journal record wears once it leaves the process.
 *
 * Field names are snake case because they are read by other programs; everything inside the house is
 * not. The payload is readable where that loses nothing and base64 where it would, so an envelope
 * always leads back to the identical record. Times are integer microseconds since the Unix epoch.
 */
import type { VenueId } from "./ids.ts";
import type { Micros } from "./time.ts";

/** The raw bytes themselves, or where they are. */
export type RawReference =
  /** norm: journal sequence of the raw record this was normalized from. */
  | { readonly seq: number }
  /** raw: the venue's bytes, as text where they are UTF-8. */
  | { readonly text: string }
  | { readonly base64: string };

export type EnvelopePayload =
  /** raw: where the bytes came from. */
  | {
      readonly shard: number;
      readonly epoch: number;
      readonly away_us: number;
      readonly kind: number;
    }
  /** norm and signal: the event's numbers in the order of their schema. */
  | {
      readonly tick: number;
      readonly numbers: readonly number[];
      /** The same numbers with names, for readers only; importing ignores it. */
      readonly decoded?: unknown;
    }
  /** cmd, exec and ctl. */
  | { readonly tick: number; readonly body: unknown }
  /** The same where the JSON text is not the one we would write, so only the text is exact. */
  | { readonly tick: number; readonly text: string }
  /** Anything that has no exact readable form: all bytes after the record header. */
  | { readonly bytes_base64: string };

export type Envelope = {
  /** `<run id>:<journal sequence>`: derived, so the same record always has the same id. */
  readonly event_id: string;
  /** `raw.frame`, `norm.bookDelta` ...: class and record type. */
  readonly event_type: string;
  /** Null where a record concerns no single venue, or where its raw record is not at hand. */
  readonly venue: VenueId | null;
  /** The earliest moment the fact can have reached us; for raw, arrival at an unattended socket. */
  readonly observed_at: Micros;
  /** When this process took it in. */
  readonly ingested_at: Micros;
  readonly schema_version: number;
  readonly payload: EnvelopePayload;
  readonly raw?: RawReference | undefined;
};

/** First line of a JSONL export: what the lines after it are. */
export type ExportHeader = {
  readonly format: typeof EXPORT_FORMAT;
  readonly format_version: number;
  readonly run_id: string;
  readonly first_seq: number;
  readonly last_seq: number;
  /** Windows in which raw and norm records are missing because retention took them. */
  readonly retired: readonly { readonly first_seq: number; readonly last_seq: number }[];
};

export const EXPORT_FORMAT = "reckoner-journal-jsonl";
export const EXPORT_FORMAT_VERSION = 1;

/** The id of the record `seq` of a run. */
export function eventIdOf(runId: string, seq: number): string {
  return `${runId}:${seq}`;
}
