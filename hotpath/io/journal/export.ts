/**
 * Station: journal -> JSONL, one envelope a line after one header line.
 *
 * A window is exported whole or not at all: the file appears under its name only when the last line
 * is in it, and a window that retention has thinned is refused unless the caller accepts that.
 */
import path from "node:path";
import {
  EXPORT_FORMAT,
  EXPORT_FORMAT_VERSION,
  type ExportHeader,
} from "../../../contracts/envelope.ts";
import { VENUE_IDS, type VenueId } from "../../../contracts/ids.ts";
import { CLASS_RAW, RAW_VENUE_AT } from "../../../contracts/journal.ts";
import { type Disk, realDisk, temporaryName, writeAll } from "./disk.ts";
import { encodeEnvelope, type NumbersDecoder, withDecoded } from "./envelope.ts";
import { type Failure, failure, messageOf } from "./failure.ts";
import type { Journal, JournalCursor } from "./reader.ts";

/** Norm records follow their raw record closely; venues of older ones are forgotten. */
const RAW_VENUES_MAX = 65_536;
const CHUNK_BYTES = 1024 * 1024;

export type ExportOptions = {
  /** First and last sequence, both inclusive; the whole journal without them. */
  readonly fromSeq?: number;
  readonly toSeq?: number;
  /** Export a window even if raw and norm records are gone from it; it cannot be imported again. */
  readonly acceptRetired?: boolean;
  readonly decoders?: ReadonlyMap<string, NumbersDecoder>;
};

export type ExportResult =
  | {
      readonly ok: true;
      readonly records: number;
      readonly firstSeq: number;
      readonly lastSeq: number;
    }
  | Failure;

/** Gives the lines of a window, without line ends, to `write`, header first. */
export function exportJournal(
  journal: Journal,
  options: ExportOptions,
  write: (line: string) => void,
): ExportResult {
  const firstSeq = Math.max(options.fromSeq ?? journal.firstSeq, journal.firstSeq);
  const lastSeq = Math.min(options.toSeq ?? journal.lastSeq, journal.lastSeq);
  if (firstSeq > lastSeq && journal.lastSeq >= journal.firstSeq) {
    const reason = `the journal holds sequences ${journal.firstSeq} to ${journal.lastSeq}`;
    return failure("missing", journal.directory, -1, reason);
  }
  const retired = journal.retired.filter(
    (window) => window.firstSeq <= lastSeq && window.lastSeq >= firstSeq,
  );
  const thinned = retired[0];
  if (thinned !== undefined && options.acceptRetired !== true) {
    const reason = `raw and norm records of ${thinned.firstSeq} to ${thinned.lastSeq} were retired`;
    return failure("retired", journal.directory, -1, reason);
  }
  const header: ExportHeader = {
    format: EXPORT_FORMAT,
    format_version: EXPORT_FORMAT_VERSION,
    run_id: journal.runId,
    first_seq: firstSeq,
    last_seq: lastSeq,
    retired: retired.map((window) => ({ first_seq: window.firstSeq, last_seq: window.lastSeq })),
  };
  write(JSON.stringify(header));
  const cursor = journal.cursorAsWritten(firstSeq);
  const lines = new EnvelopeLines(journal.runId, options.decoders ?? new Map());
  let records = 0;
  while (cursor.next()) {
    if (cursor.seq > lastSeq) break;
    write(lines.lineOf(cursor));
    records += 1;
  }
  if (cursor.error !== null) return { ok: false, error: cursor.error };
  return { ok: true, records, firstSeq, lastSeq };
}

/** Exports a window into `file`, which must not exist yet. */
export function exportToFile(
  journal: Journal,
  file: string,
  options: ExportOptions & { readonly disk?: Disk } = {},
): ExportResult {
  const disk = options.disk ?? realDisk;
  if (disk.sizeBytes(file) >= 0) return failure("exists", file, -1, "the file exists");
  const temporary = temporaryName(file);
  try {
    const output = new LineFile(disk, temporary);
    let result: ExportResult;
    try {
      result = exportJournal(journal, options, (line) => output.write(line));
      if (result.ok) output.flush();
    } finally {
      output.close();
    }
    if (!result.ok) {
      disk.remove(temporary);
      return result;
    }
    disk.rename(temporary, file);
    disk.syncDirectory(path.dirname(file));
    return result;
  } catch (thrown) {
    return failure("disk", file, -1, messageOf(thrown));
  }
}

/** Turns records into lines and remembers which venue each raw record came from. */
class EnvelopeLines {
  readonly #runId: string;
  readonly #decoders: ReadonlyMap<string, NumbersDecoder>;
  readonly #venues = new Map<number, VenueId>();

  constructor(runId: string, decoders: ReadonlyMap<string, NumbersDecoder>) {
    this.#runId = runId;
    this.#decoders = decoders;
  }

  lineOf(cursor: JournalCursor): string {
    if (cursor.classCode === CLASS_RAW) this.#remember(cursor);
    const record = {
      seq: cursor.seq,
      classCode: cursor.classCode,
      schemaVersion: cursor.schemaVersion,
      atUs: cursor.atUs,
      eventType: cursor.eventType(),
      payload: cursor.bytes.subarray(cursor.payloadOffset, cursor.end),
    };
    const venueOfRaw = (rawSeq: number): VenueId | null => this.#venues.get(rawSeq) ?? null;
    return JSON.stringify(
      withDecoded(encodeEnvelope(this.#runId, record, venueOfRaw), this.#decoders),
    );
  }

  #remember(cursor: JournalCursor): void {
    const at = cursor.offset + RAW_VENUE_AT;
    const venue = at < cursor.end ? VENUE_IDS[cursor.bytes[at] as number] : undefined;
    if (venue === undefined) return;
    this.#venues.set(cursor.seq, venue);
    // A Map keeps the order of insertion, so its first key is the oldest.
    const oldest = this.#venues.keys().next().value;
    if (this.#venues.size > RAW_VENUES_MAX && oldest !== undefined) this.#venues.delete(oldest);
  }
}

/** A file written line by line in pieces of a megabyte. */
class LineFile {
  readonly #disk: Disk;
  readonly #handle: number;
  #lines: string[] = [];
  #pending = 0;
  #written = 0;

  constructor(disk: Disk, file: string) {
    this.#disk = disk;
    this.#handle = disk.open(file, "replace");
  }

  write(line: string): void {
    this.#lines.push(line, "\n");
    this.#pending += line.length + 1;
    if (this.#pending >= CHUNK_BYTES) this.#writeOut();
  }

  flush(): void {
    this.#writeOut();
    this.#disk.sync(this.#handle);
  }

  close(): void {
    this.#disk.close(this.#handle);
  }

  #writeOut(): void {
    const bytes = Buffer.from(this.#lines.join(""), "utf8");
    writeAll(this.#disk, this.#handle, bytes, this.#written);
    this.#written += bytes.length;
    this.#lines = [];
    this.#pending = 0;
  }
}
