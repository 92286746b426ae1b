/**
 * Station: a run that is being written -> its records of the wanted kinds, as they are acknowledged.
 *
 * The reader verifies whole segments and is for runs that stand still; this one goes along with the recorder
 * and never reads a byte twice. It keeps the open file, so that sealing may remove the name beneath it, and
 * takes nothing beyond the sequence that it is told is safe. What is not wanted is stepped over by its length.
 */
import path from "node:path";
import { crc32c } from "../../../contracts/crc32c.ts";
import {
  alignedBytes,
  BODY_AT,
  CLASS_COMMIT_MARK,
  eventTypeOf,
  RECORD_BYTES_AT,
  RECORD_BYTES_MAX,
  RECORD_CLASS_AT,
  RECORD_CRC_AT,
  RECORD_HEADER_BYTES,
  RECORD_SCHEMA_AT,
  RECORD_SEQ_AT,
  RECORD_TYPE_AT,
  RECORD_TYPES,
  RECORD_US_AT,
  recordTypeOf,
} from "../../../contracts/journal.ts";
import type { Disk } from "./disk.ts";
import { type Failure, failure, messageOf } from "./failure.ts";
import { loadSegment } from "./load.ts";
import { decodeManifest } from "./manifest.ts";
import { SEGMENT_HEADER_BYTES, segmentFiles, segmentOfFile } from "./segment.ts";
import { UPCASTERS, upcast, withPayload } from "./upcast.ts";

const WINDOW_BYTES = 1024 * 1024;

/** One record of a wanted kind; `body` is its JSON text. */
export type FollowedRecord = {
  readonly classCode: number;
  readonly type: number;
  readonly seq: number;
  readonly atUs: number;
  readonly body: string;
};

export type FollowOptions = {
  readonly disk: Disk;
  readonly directory: string;
  readonly runId: string;
  /** The first sequence that is not known yet. */
  readonly fromSeq: number;
  /** The segment that holds it, where that is known. */
  readonly fromSegment?: number;
  readonly wants: (classCode: number, type: number) => boolean;
};

/** How much one call may do, so that whoever calls keeps breathing. */
export type FollowLimits = { readonly recordsMax: number; readonly bytesMax: number };

export type Followed =
  | {
      readonly ok: true;
      readonly records: readonly FollowedRecord[];
      /** Everything up to here has been seen, wanted or not; and its time. */
      readonly seq: number;
      readonly atUs: number;
    }
  | Failure;

/** Where the bytes of one segment are. */
type Source = {
  readonly segment: number;
  readonly file: string;
  /** Last record of a segment that is whole, by its manifest; retention may have taken that very record. */
  readonly last: { readonly seq: number; readonly atUs: number } | undefined;
  read(into: Uint8Array, position: number): number;
  close(): void;
};

const text = new TextDecoder();

/** Goes through one run from `fromSeq` on, for as long as it is written. */
export class JournalFollower {
  readonly #options: FollowOptions;
  #source: Source | undefined;
  #at = SEGMENT_HEADER_BYTES;
  #seq: number;
  #atUs = 0;
  #passedBytes = 0;
  #window = new Uint8Array(WINDOW_BYTES);
  #view = new DataView(this.#window.buffer);
  /** Which bytes of the segment the window holds. */
  #windowAt = 0;
  #windowBytes = 0;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#seq = options.fromSeq - 1;
  }

  /** Records after the last call, up to `ackedSeq` and within `limits`. A failure is final for the run. */
  take(ackedSeq: number, limits: FollowLimits): Followed {
    const records: FollowedRecord[] = [];
    const endBytes = this.#passedBytes + limits.bytesMax;
    try {
      while (this.#seq < ackedSeq && records.length < limits.recordsMax) {
        if (this.#passedBytes >= endBytes) break;
        const failed = this.#step(ackedSeq, records);
        if (failed !== undefined) return failed;
      }
    } catch (thrown) {
      const { directory } = this.#options;
      return failure("disk", this.#source?.file ?? directory, this.#at, messageOf(thrown));
    }
    return { ok: true, records, seq: this.#seq, atUs: this.#atUs };
  }

  /** Lets go of the open file. */
  close(): void {
    this.#source?.close();
    this.#source = undefined;
  }

  /** Takes or passes one record, or goes on to the next segment. */
  #step(ackedSeq: number, records: FollowedRecord[]): Failure | undefined {
    if (this.#source === undefined || !this.#fill(RECORD_HEADER_BYTES)) {
      this.#passEnd();
      return this.#seq < ackedSeq ? this.#openNext() : undefined;
    }
    const at = this.#at - this.#windowAt;
    const recordBytes = this.#view.getUint32(at + RECORD_BYTES_AT, true);
    if (recordBytes < RECORD_HEADER_BYTES || recordBytes > RECORD_BYTES_MAX) {
      return this.#damaged(`no record is ${recordBytes} bytes long`);
    }
    const classCode = this.#window[at + RECORD_CLASS_AT] as number;
    const seq = this.#view.getFloat64(at + RECORD_SEQ_AT, true);
    if (classCode !== CLASS_COMMIT_MARK && seq > this.#seq) {
      if (seq > ackedSeq) return this.#damaged(`sequence ${seq} stands before ${ackedSeq}`);
      const refused = this.#take(recordBytes, records);
      if (refused !== undefined) return refused;
    }
    const bytes = alignedBytes(recordBytes);
    this.#at += bytes;
    this.#passedBytes += bytes;
    return undefined;
  }

  #passEnd(): void {
    const last = this.#source?.last;
    if (last === undefined || last.seq <= this.#seq) return;
    this.#seq = last.seq;
    this.#atUs = last.atUs;
  }

  #take(recordBytes: number, records: FollowedRecord[]): Failure | undefined {
    let at = this.#at - this.#windowAt;
    const classCode = this.#window[at + RECORD_CLASS_AT] as number;
    const type = this.#window[at + RECORD_TYPE_AT] as number;
    const seq = this.#view.getFloat64(at + RECORD_SEQ_AT, true);
    const atUs = this.#view.getFloat64(at + RECORD_US_AT, true);
    if (this.#options.wants(classCode, type)) {
      if (!this.#fill(recordBytes)) return this.#damaged("record is cut short");
      at = this.#at - this.#windowAt;
      const crc = crc32c(this.#window, at + RECORD_SEQ_AT, at + recordBytes);
      if (this.#view.getUint32(at + RECORD_CRC_AT, true) !== crc) {
        return this.#damaged("record checksum does not hold");
      }
      const body = this.#bodyOf(this.#window.subarray(at, at + recordBytes));
      if (typeof body !== "string") return body;
      records.push({ classCode, type, seq, atUs, body });
    }
    this.#seq = seq;
    this.#atUs = atUs;
    return undefined;
  }

  /** The JSON text of a record, in today's schema. */
  #bodyOf(record: Uint8Array): string | Failure {
    const view = new DataView(record.buffer, record.byteOffset, record.length);
    const classCode = record[RECORD_CLASS_AT] as number;
    const type = record[RECORD_TYPE_AT] as number;
    const row = recordTypeOf(classCode, type);
    const from = view.getUint16(RECORD_SCHEMA_AT, true);
    const eventType = eventTypeOf(classCode, type);
    if (row === undefined || eventType === undefined || from > row.schemaVersion) {
      return this.#damaged(`class ${classCode} type ${type} schema ${from} is unknown`);
    }
    if (from === row.schemaVersion) return text.decode(record.subarray(BODY_AT));
    const payload = record.subarray(RECORD_HEADER_BYTES);
    const result = upcast(UPCASTERS, { eventType, from, to: row.schemaVersion }, payload);
    if (!result.ok) return this.#damaged(result.reason);
    return text.decode(withPayload(record, result.payload).subarray(BODY_AT));
  }

  /** Makes the window hold `bytes` from the current place; false where the segment ends before. */
  #fill(bytes: number): boolean {
    const source = this.#source;
    if (source === undefined) return false;
    const isInside = this.#at >= this.#windowAt;
    if (isInside && this.#at + bytes <= this.#windowAt + this.#windowBytes) return true;
    if (bytes > this.#window.length) {
      this.#window = new Uint8Array(2 ** Math.ceil(Math.log2(bytes)));
      this.#view = new DataView(this.#window.buffer);
    }
    this.#windowAt = this.#at;
    this.#windowBytes = source.read(this.#window, this.#at);
    return this.#windowBytes >= bytes;
  }

  /** Goes on in the segment after this one; a failure where there is none though more is acknowledged. */
  #openNext(): Failure | undefined {
    const { disk, directory } = this.#options;
    const after = this.#source?.segment ?? (this.#options.fromSegment ?? 1) - 1;
    const numbers = [...new Set(disk.list(directory).map(segmentOfFile))].filter((n) => n > after);
    this.close();
    // What lies wholly before the place from which we follow need not be opened.
    for (const number of numbers.sort((a, b) => a - b)) {
      const opened = this.#open(number);
      if (opened === "passed") continue;
      return opened;
    }
    return failure("missing", directory, -1, `nothing is found after sequence ${this.#seq}`);
  }

  #open(number: number): "passed" | Failure | undefined {
    const { disk, directory } = this.#options;
    const files = segmentFiles(number);
    const open = path.join(directory, files.open);
    const handle = disk.sizeBytes(open) < 0 ? undefined : openFile(disk, open);
    if (handle !== undefined) {
      this.#begin({
        segment: number,
        file: open,
        last: undefined,
        read: (into, position) => disk.read(handle, into, position),
        close: () => disk.close(handle),
      });
      return undefined;
    }
    return this.#openSealed(number);
  }

  #openSealed(number: number): "passed" | Failure | undefined {
    const { disk, directory, runId } = this.#options;
    const files = segmentFiles(number);
    const isKept = disk.sizeBytes(path.join(directory, files.keptManifest)) >= 0;
    const file = path.join(directory, isKept ? files.keptManifest : files.manifest);
    const read = decodeManifest(disk.readWhole(file));
    if (read.kind !== "manifest") return failure(read.kind, file, 0, read.reason);
    const { manifest } = read;
    if (manifest.lastSeq <= this.#seq) return "passed";
    const kind = isKept ? "kept" : "sealed";
    const segment = { kind, manifest } as const;
    const loaded = loadSegment(disk, directory, { runId, segment, table: RECORD_TYPES });
    if (!loaded.ok) return loaded;
    const { bytes } = loaded;
    this.#begin({
      segment: number,
      file,
      last: { seq: manifest.lastSeq, atUs: manifest.lastUs },
      read: (into, position) => {
        const piece = bytes.subarray(position, position + into.length);
        into.set(piece);
        return piece.length;
      },
      close: () => undefined,
    });
    return undefined;
  }

  #begin(source: Source): void {
    this.#source = source;
    this.#at = SEGMENT_HEADER_BYTES;
    this.#windowAt = 0;
    this.#windowBytes = 0;
  }

  #damaged(reason: string): Failure {
    return failure("damaged", this.#source?.file ?? this.#options.directory, this.#at, reason);
  }
}

/** Undefined where the recorder has just sealed the segment and removed the name. */
function openFile(disk: Disk, file: string): number | undefined {
  try {
    return disk.open(file, "read");
  } catch {
    return undefined;
  }
}
