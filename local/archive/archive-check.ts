/**
 * Whether the archive equals the journal: every record of a run up to its acknowledged end stands in the archive
 * once, byte by byte, and the archive holds nothing of the run that the journal does not.
 *
 * Journal and archive are read by two programs that share only the format, so that agreement means something.
 * Memory holds one segment at a time.
 */
import path from "node:path";
import type { ArchiveManifest } from "../../contracts/archive.ts";
import {
  JOURNAL_CLASSES,
  RECORD_BYTES_AT,
  RECORD_CLASS_AT,
  RECORD_CRC_AT,
  RECORD_HEADER_BYTES,
  RECORD_SCHEMA_AT,
  RECORD_SEQ_AT,
  RECORD_TYPE_AT,
  RECORD_US_AT,
} from "../../contracts/journal.ts";
import { archiveManifestKey } from "../../contracts/keys.ts";
import { type ArchiveStore, sha256Of } from "../../functions/stores/archive-store.ts";
import { openParquet, type ParquetRow } from "../../functions/stores/parquet-file.ts";
import { type Disk, realDisk } from "../../hotpath/io/journal/disk.ts";
import { describeError } from "../../hotpath/io/journal/failure.ts";
import { type Journal, type JournalCursor, openJournal } from "../../hotpath/io/journal/reader.ts";

export type ArchiveCheckOptions = {
  readonly store: Pick<ArchiveStore, "read" | "readRange">;
  readonly engine: string;
  /** The directory of the run. */
  readonly directory: string;
  readonly disk?: Disk;
  /**
   * Segments that the engine has not sealed or uploaded yet may be missing at the end; with `true` every
   * acknowledged record must be there.
   */
  readonly mustBeWhole: boolean;
};

export type ArchiveCheck = {
  readonly runId: string;
  /** Records that stand in both, equal byte by byte. */
  readonly equal: number;
  /** Records that only the archive still has, because retention took them from the journal. */
  readonly archivedOnly: number;
  readonly segments: number;
  /** The last record that was archived; 0 where there is none. */
  readonly archivedSeq: number;
  readonly ackedSeq: number;
  /** The first differences, as sentences; empty when archive and journal agree. */
  readonly differences: readonly string[];
};

const DIFFERENCES_MAX = 20;
const COLUMNS = [
  "engine",
  "run_id",
  "segment",
  "seq",
  "class_code",
  "type_code",
  "schema_version",
  "at_us",
  "payload",
];

/** Compares the run in `directory` with the archive; store errors are thrown. */
export async function archiveEqualsJournal(options: ArchiveCheckOptions): Promise<ArchiveCheck> {
  const { store, engine, directory, disk = realDisk, mustBeWhole } = options;
  const runId = path.basename(directory);
  const opened = openJournal(directory, { disk });
  if (!opened.ok) return failed(runId, describeError(opened.error));
  const { journal } = opened;
  const check = new Check(runId, engine);
  for (let segment = 1; segment <= journal.segments.length; segment += 1) {
    const key = archiveManifestKey(engine, runId, segment);
    const bytes = await store.read(key);
    // Segments are archived in any order, so one that is missing says nothing of those behind it.
    if (bytes === undefined) continue;
    const manifest = JSON.parse(new TextDecoder().decode(bytes)) as ArchiveManifest;
    const rows = await rowsOf(store, manifest, check);
    check.compare(manifest, rows, journal);
  }
  check.finish(journal.firstSeq, journal.ackedSeq, mustBeWhole);
  return check.result(journal.ackedSeq);
}

function failed(runId: string, reason: string): ArchiveCheck {
  const nothing = { equal: 0, archivedOnly: 0, segments: 0, archivedSeq: 0, ackedSeq: 0 };
  return { runId, ...nothing, differences: [`the journal cannot be read: ${reason}`] };
}

/** Rows of one segment by sequence; a sequence that stands twice is a difference. */
async function rowsOf(
  store: ArchiveCheckOptions["store"],
  manifest: ArchiveManifest,
  check: Check,
): Promise<Map<number, ParquetRow>> {
  const rows = new Map<number, ParquetRow>();
  for (const object of manifest.objects.filter(({ type }) => CLASSES.has(type))) {
    const bytes = await store.read(object.key);
    if (bytes === undefined || sha256Of(bytes) !== object.sha256) {
      check.differs(`${object.key} is not what its manifest says`);
      continue;
    }
    const file = await openParquet(store, { key: object.key, sizeBytes: bytes.length });
    for (const group of file.groups) {
      for (const row of await file.read(COLUMNS, group)) {
        const seq = Number(row.seq);
        if (rows.has(seq)) check.differs(`record ${seq} is archived twice`);
        rows.set(seq, row);
      }
    }
  }
  if (rows.size !== manifest.records) {
    check.differs(`segment ${manifest.segment} has ${rows.size} of ${manifest.records} records`);
  }
  return rows;
}

const CLASSES: ReadonlySet<string> = new Set(JOURNAL_CLASSES);

class Check {
  readonly #runId: string;
  readonly #engine: string;
  readonly #differences: string[] = [];
  /** First and last sequence of each archived segment. */
  readonly #ranges: [first: number, last: number][] = [];
  #equal = 0;
  #archivedOnly = 0;

  constructor(runId: string, engine: string) {
    this.#runId = runId;
    this.#engine = engine;
  }

  differs(sentence: string): void {
    if (this.#differences.length < DIFFERENCES_MAX) this.#differences.push(sentence);
  }

  /** Holds the rows of one segment, which are used up, to the journal. */
  compare(
    { firstSeq, lastSeq, segment }: ArchiveManifest,
    rows: Map<number, ParquetRow>,
    journal: Journal,
  ): void {
    const cursor = journal.cursorAsWritten(firstSeq);
    const isRetired = (seq: number): boolean => journal.isRetired(seq);
    this.#ranges.push([firstSeq, lastSeq]);
    while (cursor.next() && cursor.seq <= lastSeq) {
      const row = rows.get(cursor.seq);
      rows.delete(cursor.seq);
      if (row === undefined) this.differs(`record ${cursor.seq} is not archived`);
      else if (this.#isEqual(row, segment, cursor)) this.#equal += 1;
      else this.differs(`record ${cursor.seq} is archived otherwise than it was journaled`);
    }
    if (cursor.error !== null) this.differs(describeError(cursor.error));
    for (const seq of rows.keys()) {
      if (seq >= firstSeq && seq <= lastSeq && isRetired(seq)) this.#archivedOnly += 1;
      else this.differs(`record ${seq} is archived and was never journaled`);
    }
  }

  /** Whether every acknowledged record lies in an archived segment, and each in one only. */
  finish(firstSeq: number, ackedSeq: number, mustBeWhole: boolean): void {
    let next = firstSeq;
    for (const [first, last] of this.#ranges.sort((a, b) => a[0] - b[0])) {
      if (first < next) this.differs(`records from ${first} are archived with two segments`);
      if (first > next && mustBeWhole) this.differs(`records ${next} to ${first - 1} are missing`);
      next = Math.max(next, last + 1);
    }
    if (mustBeWhole && next <= ackedSeq) this.differs(`records ${next} to ${ackedSeq} are missing`);
  }

  result(ackedSeq: number): ArchiveCheck {
    return {
      runId: this.#runId,
      equal: this.#equal,
      archivedOnly: this.#archivedOnly,
      segments: this.#ranges.length,
      archivedSeq: Math.max(0, ...this.#ranges.map(([, last]) => last)),
      ackedSeq,
      differences: this.#differences,
    };
  }

  #isEqual(row: ParquetRow, segment: number, cursor: JournalCursor): boolean {
    if (row.engine !== this.#engine || row.run_id !== this.#runId) return false;
    if (row.segment !== segment) return false;
    const journaled = withoutChecksum(cursor.record());
    return Buffer.compare(journaled, recordOf(row)) === 0;
  }
}

/** The record as it stood in the journal, its checksum aside: that follows from the rest. */
function recordOf(row: ParquetRow): Uint8Array {
  const payload = row.payload instanceof Uint8Array ? row.payload : new Uint8Array();
  const bytes = new Uint8Array(RECORD_HEADER_BYTES + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(RECORD_BYTES_AT, bytes.length, true);
  view.setFloat64(RECORD_SEQ_AT, Number(row.seq), true);
  view.setUint8(RECORD_CLASS_AT, Number(row.class_code));
  view.setUint8(RECORD_TYPE_AT, Number(row.type_code));
  view.setUint16(RECORD_SCHEMA_AT, Number(row.schema_version), true);
  view.setFloat64(RECORD_US_AT, Number(row.at_us), true);
  bytes.set(payload, RECORD_HEADER_BYTES);
  return bytes;
}

function withoutChecksum(record: Uint8Array): Uint8Array {
  const copy = new Uint8Array(record);
  copy.fill(0, RECORD_CRC_AT, RECORD_CRC_AT + 4);
  return copy;
}
