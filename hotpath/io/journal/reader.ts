/**
 * Station: a run's directory -> its records, in order, through a cursor that moves.
 *
 * A segment is verified whole (checksums, sequence, chained hash, manifest) before its first record
 * is shown, so nothing unverified ever leaves. Reading changes nothing on the disk and may happen
 * beside a running recorder; the tail that is being written is simply not seen yet.
 */
import { assert } from "../../../contracts/assert.ts";
import {
  alignedBytes,
  CLASS_COMMIT_MARK,
  eventTypeOf,
  RECORD_BYTES_AT,
  RECORD_CLASS_AT,
  RECORD_HEADER_BYTES,
  RECORD_SCHEMA_AT,
  RECORD_SEQ_AT,
  RECORD_TYPE_AT,
  RECORD_TYPES,
  RECORD_US_AT,
  type RecordTypeTable,
  recordTypeOf,
} from "../../../contracts/journal.ts";
import { type Disk, realDisk } from "./disk.ts";
import { type Failure, failure, type JournalError } from "./failure.ts";
import {
  firstSeqOf,
  type InspectedSegment,
  type Inspection,
  inspectJournal,
  lastSeqOf,
} from "./inspect.ts";
import { type LoadedSegment, loadSegment } from "./load.ts";
import { SEGMENT_HEADER_BYTES } from "./segment.ts";
import { UPCASTERS, type Upcasters, upcast, withPayload } from "./upcast.ts";

const OPEN_ATTEMPTS_MAX = 3;

export type ReaderOptions = {
  readonly disk?: Disk;
  readonly table?: RecordTypeTable;
  readonly upcasters?: Upcasters;
};

/** A stretch of the journal whose raw and norm records retention has taken away. */
export type RetiredWindow = { readonly firstSeq: number; readonly lastSeq: number };

export type OpenResult = { readonly ok: true; readonly journal: Journal } | Failure;

/** Opens the run in `directory` for reading. */
export function openJournal(directory: string, options: ReaderOptions = {}): OpenResult {
  const full = {
    disk: options.disk ?? realDisk,
    table: options.table ?? RECORD_TYPES,
    upcasters: options.upcasters ?? UPCASTERS,
  };
  for (let attempt = 1; ; attempt += 1) {
    const names = full.disk.list(directory).join();
    const inspected = inspectJournal(full.disk, directory, full.table);
    if (inspected.ok) {
      return { ok: true, journal: new Journal(directory, inspected.inspection, full) };
    }
    // A recorder at work may have sealed or retired a segment between two of our looks.
    const hasChanged = full.disk.list(directory).join() !== names;
    if (!hasChanged || attempt === OPEN_ATTEMPTS_MAX) return inspected;
  }
}

/** One run as it stood when it was opened. */
export class Journal {
  readonly directory: string;
  readonly runId: string;
  readonly firstSeq: number;
  /** The last sequence before a commit mark; `firstSeq - 1` when there is none. */
  readonly lastSeq: number;
  /** The last sequence the head file acknowledges. */
  readonly ackedSeq: number;
  readonly segments: readonly InspectedSegment[];
  readonly retired: readonly RetiredWindow[];
  /** Bytes after the last commit mark, which are not part of the journal. */
  readonly tailBytes: number;
  readonly #options: Required<ReaderOptions>;
  #loaded: { readonly index: number; readonly segment: LoadedSegment } | null = null;

  constructor(directory: string, inspection: Inspection, options: Required<ReaderOptions>) {
    this.directory = directory;
    this.runId = inspection.head.runId;
    this.firstSeq = inspection.firstSeq;
    this.lastSeq = inspection.lastSeq;
    this.ackedSeq = inspection.head.ackedSeq;
    this.segments = inspection.segments;
    this.retired = inspection.segments
      .filter((segment) => segment.kind === "kept")
      .map((segment) => ({ firstSeq: firstSeqOf(segment), lastSeq: lastSeqOf(segment) }));
    this.tailBytes = inspection.tail?.bytes ?? 0;
    this.#options = options;
  }

  /** A cursor before the first record at or after `fromSeq`. */
  cursor(fromSeq: number = this.firstSeq): JournalCursor {
    return new JournalCursor(this, this.#options, { fromSeq, current: true });
  }

  /** As `cursor`, with every record in the schema it was written in; for exact copies. */
  cursorAsWritten(fromSeq: number = this.firstSeq): JournalCursor {
    return new JournalCursor(this, this.#options, { fromSeq, current: false });
  }

  /** A cursor that stands on the record `seq`, or null when there is none (or it was retired). */
  find(seq: number): JournalCursor | null {
    const cursor = this.cursor(seq);
    return cursor.next() && cursor.seq === seq ? cursor : null;
  }

  /**
   * The verified segment `index`; the last one loaded is kept, since whoever steps or follows
   * references mostly stays near.
   */
  load(index: number): LoadedSegment | Failure | null {
    const segment = this.segments[index];
    if (segment === undefined) return null;
    if (this.#loaded?.index === index) return this.#loaded.segment;
    const { disk, table } = this.#options;
    const loaded = loadSegment(disk, this.directory, { runId: this.runId, segment, table });
    if (loaded.ok) this.#loaded = { index, segment: loaded };
    return loaded;
  }

  /** Whether the raw and norm records around `seq` were retired. */
  isRetired(seq: number): boolean {
    return this.retired.some((window) => window.firstSeq <= seq && seq <= window.lastSeq);
  }
}

/**
 * Stands on one record at a time. The fields describe the current record; `bytes` and `view` are
 * valid until the next call of `next`. No object is made per record.
 */
export class JournalCursor {
  classCode = 0;
  type = 0;
  schemaVersion = 0;
  seq = 0;
  atUs = 0;
  /** Memory that holds the record, which begins at `offset` and ends before `end`. */
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(new ArrayBuffer(0));
  offset = 0;
  end = 0;
  /** Whether the current record stands in a segment that retention has rewritten. */
  isRetiredWindow = false;
  /** Why `next` returned false, or null at the end of the journal. */
  error: JournalError | null = null;
  readonly #journal: Journal;
  readonly #options: Required<ReaderOptions>;
  readonly #fromSeq: number;
  readonly #current: boolean;
  #segmentIndex = -1;
  #segmentBytes: Uint8Array = this.bytes;
  #segmentView: DataView = this.view;
  #next = 0;
  #segmentEnd = 0;

  constructor(
    journal: Journal,
    options: Required<ReaderOptions>,
    from: { readonly fromSeq: number; readonly current: boolean },
  ) {
    this.#journal = journal;
    this.#options = options;
    this.#fromSeq = from.fromSeq;
    this.#current = from.current;
  }

  /** Moves to the next record; false at the end or after an error. */
  next(): boolean {
    if (this.error !== null) return false;
    for (;;) {
      while (this.#next < this.#segmentEnd) {
        if (this.#step()) return this.#finish();
      }
      if (!this.#openNextSegment()) return false;
    }
  }

  /** Where the payload begins in `bytes`. */
  get payloadOffset(): number {
    return this.offset + RECORD_HEADER_BYTES;
  }

  /** The record's bytes before padding; a view, not a copy. */
  record(): Uint8Array {
    return this.bytes.subarray(this.offset, this.end);
  }

  /** `raw.frame` and so on. */
  eventType(): string {
    const name = eventTypeOf(this.classCode, this.type, this.#options.table);
    assert(name !== undefined, "a verified record has a type");
    return name;
  }

  /** Takes the record at `#next` unless it is a mark or before the start; false to go on. */
  #step(): boolean {
    const view = this.#segmentView;
    const at = this.#next;
    const recordBytes = view.getUint32(at + RECORD_BYTES_AT, true);
    this.#next = at + alignedBytes(recordBytes);
    const classCode = this.#segmentBytes[at + RECORD_CLASS_AT] as number;
    if (classCode === CLASS_COMMIT_MARK) return false;
    const seq = view.getFloat64(at + RECORD_SEQ_AT, true);
    if (seq < this.#fromSeq) return false;
    this.bytes = this.#segmentBytes;
    this.view = view;
    this.offset = at;
    this.end = at + recordBytes;
    this.classCode = classCode;
    this.type = this.#segmentBytes[at + RECORD_TYPE_AT] as number;
    this.schemaVersion = view.getUint16(at + RECORD_SCHEMA_AT, true);
    this.seq = seq;
    this.atUs = view.getFloat64(at + RECORD_US_AT, true);
    return true;
  }

  #finish(): boolean {
    if (!this.#current) return true;
    const row = recordTypeOf(this.classCode, this.type, this.#options.table);
    assert(row !== undefined, "a verified record has a type");
    if (this.schemaVersion === row.schemaVersion) return true;
    return this.#upcastTo(row.schemaVersion);
  }

  #upcastTo(schemaVersion: number): boolean {
    const record = { eventType: this.eventType(), from: this.schemaVersion, to: schemaVersion };
    const payload = this.bytes.subarray(this.payloadOffset, this.end);
    const result = upcast(this.#options.upcasters, record, payload);
    if (!result.ok) {
      const file = `${this.#journal.directory} sequence ${this.seq}`;
      this.error = failure("upcast", file, this.offset, result.reason).error;
      return false;
    }
    this.bytes = withPayload(this.record(), result.payload);
    this.view = new DataView(this.bytes.buffer);
    this.offset = 0;
    this.end = this.bytes.length;
    this.schemaVersion = schemaVersion;
    return true;
  }

  #openNextSegment(): boolean {
    for (;;) {
      this.#segmentIndex += 1;
      const segment = this.#journal.segments[this.#segmentIndex];
      if (segment === undefined) return false;
      if (lastSeqOf(segment) < this.#fromSeq) continue;
      const loaded = this.#journal.load(this.#segmentIndex);
      if (loaded === null) return false;
      if (!loaded.ok) {
        this.error = loaded.error;
        return false;
      }
      this.#segmentBytes = loaded.bytes;
      this.#segmentView = new DataView(
        loaded.bytes.buffer,
        loaded.bytes.byteOffset,
        loaded.bytes.length,
      );
      this.#next = SEGMENT_HEADER_BYTES;
      this.#segmentEnd = loaded.bytes.length;
      this.isRetiredWindow = loaded.kept;
      return true;
    }
  }
}
