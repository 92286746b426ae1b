/**
 * Station: JSONL -> journal; the inverse of export.
 *
 * Every line is untrusted. The first that is not the record due at its place ends the import with
 * its number and field, and nothing remains: records go into a folder under another name, which takes
 * its own name only when the last line is in it, sealed.
 */
import path from "node:path";
import {
  type Envelope,
  EXPORT_FORMAT_VERSION,
  type ExportHeader,
  eventIdOf,
} from "../../../contracts/envelope.ts";
import {
  alignedBytes,
  classAndType,
  encodeRecordHeader,
  JOURNAL_CLASSES,
  RECORD_BYTES_AT,
  RECORD_BYTES_MAX,
  RECORD_HEADER_BYTES,
  RECORD_SCHEMA_AT,
  RECORD_TYPES,
} from "../../../contracts/journal.ts";
import { envelopeSchema, exportHeaderSchema } from "../../../contracts/schema/envelope.ts";
import { fileChunks } from "./compress.ts";
import { type Disk, realDisk } from "./disk.ts";
import { decodePayload, observedUs } from "./envelope.ts";
import { type Failure, failure, messageOf } from "./failure.ts";
import { beginRun, IMPORTING_SUFFIX } from "./run.ts";
import type { SegmentSummary } from "./scan.ts";
import { sealSegment } from "./seal.ts";
import { JournalWriter } from "./writer.ts";

const GROUP_BYTES = 1024 * 1024;
const SEGMENT_BYTES = 64 * 1024 * 1024;
/** The longest record in base64, and room for its envelope. */
const LINE_BYTES_MAX = Math.ceil((RECORD_BYTES_MAX * 4) / 3) + 65_536;

export type ImportResult =
  | {
      readonly ok: true;
      readonly runId: string;
      readonly records: number;
      readonly firstSeq: number;
      readonly lastSeq: number;
    }
  | Failure;

/** Imports `file` as a new run in `directory`, which must not exist. */
export async function importJournal(
  file: string,
  directory: string,
  options: { readonly disk?: Disk } = {},
): Promise<ImportResult> {
  const disk = options.disk ?? realDisk;
  const importing = `${directory}${IMPORTING_SUFFIX}`;
  try {
    if (disk.list(directory).length > 0) {
      return failure("exists", directory, -1, "a journal is imported into a new folder");
    }
    disk.removeTree(importing);
    const result = await new JournalImport(disk, file, importing).run();
    if (!result.ok) {
      disk.removeTree(importing);
      return result;
    }
    disk.rename(importing, directory);
    disk.syncDirectory(path.dirname(directory));
    return result;
  } catch (thrown) {
    return failure("disk", file, -1, messageOf(thrown));
  }
}

class JournalImport {
  readonly #disk: Disk;
  readonly #file: string;
  readonly #directory: string;
  readonly #ended: SegmentSummary[] = [];
  #header: ExportHeader | null = null;
  #writer: JournalWriter | null = null;
  #lineNumber = 0;
  #records = 0;

  constructor(disk: Disk, file: string, directory: string) {
    this.#disk = disk;
    this.#file = file;
    this.#directory = directory;
  }

  async run(): Promise<ImportResult> {
    try {
      return (this.#takeLines() ?? this.#finish()) || (await this.#seal());
    } finally {
      this.#writer?.close();
    }
  }

  #takeLines(): Failure | null {
    for (const line of linesOf(this.#disk, this.#file)) {
      this.#lineNumber += 1;
      if (line === null) return this.#badLine("line", `is longer than ${LINE_BYTES_MAX} bytes`);
      const value = parseLine(line);
      if (value === undefined) return this.#badLine("line", "is not JSON");
      const failed =
        this.#header === null ? this.#begin(value) : this.#takeRecord(this.#header, value);
      if (failed !== null) return failed;
    }
    return null;
  }

  #begin(value: unknown): Failure | null {
    const parsed = exportHeaderSchema.safeParse(value);
    if (!parsed.success) return this.#badField(parsed.error.issues[0]);
    const header = parsed.data;
    if (header.format_version > EXPORT_FORMAT_VERSION) {
      const reason = `export format ${header.format_version} is newer than ${EXPORT_FORMAT_VERSION}`;
      return failure("newer", this.#file, this.#lineNumber, reason);
    }
    if (header.retired.length > 0) {
      return this.#badLine("retired", "an export without its raw records cannot be imported");
    }
    const run = { runId: header.run_id, firstSeq: header.first_seq };
    const begun = beginRun(this.#disk, this.#directory, run);
    if (!begun.ok) return begun;
    this.#header = header;
    this.#writer = new JournalWriter(this.#disk, this.#directory, begun.start, {
      sync: "group",
      segmentBytes: SEGMENT_BYTES,
      segmentUs: Number.MAX_SAFE_INTEGER,
    });
    return null;
  }

  #takeRecord(header: ExportHeader, value: unknown): Failure | null {
    const writer = this.#writer;
    if (writer === null) return this.#badLine("line", "comes before the header");
    const parsed = envelopeSchema.safeParse(value);
    if (!parsed.success) return this.#badField(parsed.error.issues[0]);
    const envelope = parsed.data;
    const eventId = eventIdOf(header.run_id, writer.nextSeq);
    if (envelope.event_id !== eventId) return this.#badLine("event_id", `must be ${eventId} here`);
    if (writer.nextSeq > header.last_seq) {
      return this.#badLine("event_id", `is after the last one, ${header.last_seq}`);
    }
    const record = recordOf(envelope, writer.nextSeq);
    if (!record.ok) return this.#badLine(record.field, record.reason);
    writer.append(record.bytes, 0, record.bytes.length);
    this.#records += 1;
    return writer.groupBytes < GROUP_BYTES ? null : this.#commit(writer, envelope.ingested_at);
  }

  #commit(writer: JournalWriter, nowUs: number): Failure | null {
    const failed = writer.commit(nowUs);
    if (failed === null && writer.isSegmentFull(nowUs)) this.#endSegment(writer);
    return failed;
  }

  #endSegment(writer: JournalWriter): void {
    const summary = writer.endSegment();
    if (summary !== null) this.#ended.push(summary);
  }

  #finish(): Failure | null {
    const header = this.#header;
    const writer = this.#writer;
    if (header === null || writer === null) {
      this.#lineNumber = 1;
      return this.#badLine("line", "the file is empty");
    }
    if (writer.nextSeq !== header.last_seq + 1) {
      this.#lineNumber += 1;
      const reason = `the file ends before sequence ${writer.nextSeq}, its header says ${header.last_seq}`;
      return this.#badLine("last_seq", reason);
    }
    const failed = writer.commit(writer.groupFirstUs);
    if (failed === null) this.#endSegment(writer);
    return failed;
  }

  async #seal(): Promise<ImportResult> {
    const runId = this.#header?.run_id ?? "";
    for (const summary of this.#ended) {
      await sealSegment(this.#disk, this.#directory, runId, summary);
    }
    const { first_seq: firstSeq = 0, last_seq: lastSeq = 0 } = this.#header ?? {};
    return { ok: true, runId, records: this.#records, firstSeq, lastSeq };
  }

  #badField(issue: { path: PropertyKey[]; message: string } | undefined): Failure {
    const field = issue?.path.map(String).join(".") ?? "";
    return this.#badLine(field === "" ? "line" : field, issue?.message ?? "is not valid");
  }

  #badLine(field: string, reason: string): Failure {
    const sentence = `line ${this.#lineNumber}, ${field}: ${reason}`;
    return failure("badLine", this.#file, this.#lineNumber, sentence);
  }
}

type BuiltRecord =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly field: string; readonly reason: string };

/** The record an envelope stands for, or the field that contradicts it. */
function recordOf(envelope: Envelope, seq: number): BuiltRecord {
  const kind = kindOf(envelope.event_type);
  if (envelope.schema_version > kind.schemaVersion) {
    const reason = `${envelope.event_type} schema is newer than ${kind.schemaVersion}`;
    return { ok: false, field: "schema_version", reason };
  }
  const decoded = decodePayload(kind.classCode, envelope);
  if (!decoded.ok) {
    return { ok: false, field: decoded.field, reason: `does not fit ${envelope.event_type}` };
  }
  const recordBytes = RECORD_HEADER_BYTES + decoded.payload.length;
  if (recordBytes > RECORD_BYTES_MAX) return { ok: false, field: "payload", reason: "is too long" };
  const observed = observedUs({
    seq,
    classCode: kind.classCode,
    schemaVersion: envelope.schema_version,
    atUs: envelope.ingested_at,
    eventType: envelope.event_type,
    payload: decoded.payload,
  });
  if (observed !== envelope.observed_at) {
    return { ok: false, field: "observed_at", reason: `must be ${observed}` };
  }
  const bytes = new Uint8Array(alignedBytes(recordBytes));
  const view = new DataView(bytes.buffer);
  view.setUint32(RECORD_BYTES_AT, recordBytes, true);
  encodeRecordHeader(view, 0, seq, classAndType(kind.classCode, kind.type), envelope.ingested_at);
  // Older schemas are imported as they are; upcasting belongs to reading.
  view.setUint16(RECORD_SCHEMA_AT, envelope.schema_version, true);
  bytes.set(decoded.payload, RECORD_HEADER_BYTES);
  return { ok: true, bytes };
}

type Kind = { readonly classCode: number; readonly type: number; readonly schemaVersion: number };

const KINDS: ReadonlyMap<string, Kind> = new Map(
  JOURNAL_CLASSES.flatMap((name, classCode) =>
    RECORD_TYPES[name].map((row): [string, Kind] => [
      `${name}.${row.name}`,
      { classCode, type: row.type, schemaVersion: row.schemaVersion },
    ]),
  ),
);

function kindOf(eventType: string): Kind {
  const kind = KINDS.get(eventType);
  if (kind === undefined) throw new Error(`the schema let ${eventType} through`);
  return kind;
}

/** The lines of a file; null for one that is longer than any of ours. The last needs no line end. */
function* linesOf(disk: Disk, file: string): Generator<Uint8Array | null> {
  let pieces: Uint8Array[] = [];
  let pieceBytes = 0;
  for (const chunk of fileChunks(disk, file)) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      pieces.push(chunk.subarray(from, end));
      yield Buffer.concat(pieces);
      pieces = [];
      pieceBytes = 0;
      from = end + 1;
    }
    pieces.push(chunk.subarray(from));
    pieceBytes += chunk.length - from;
    if (pieceBytes > LINE_BYTES_MAX) {
      yield null;
      return;
    }
  }
  if (pieceBytes > 0) yield Buffer.concat(pieces);
}

function parseLine(line: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(line)) as unknown;
  } catch {
    return undefined;
  }
}
