/**
 * Station: the bytes of a sealed segment -> where each of its records stands, or why they are not believed.
 *
 * The engine's own reader may not be imported here, and a second reading of one format is worth having: what
 * the archive holds was understood by two programs. Every checksum, sequence and type is checked; the
 * whole is held to the sha256 of its manifest by the caller. Never guesses at a damaged record.
 */
import { crc32c } from "../../contracts/crc32c.ts";
import { VENUE_IDS } from "../../contracts/ids.ts";
import {
  alignedBytes,
  CLASS_COMMIT_MARK,
  CLASS_NORM,
  CLASS_RAW,
  JOURNAL_FORMAT_VERSION,
  NORM_NUMBERS_AT,
  NORM_RAW_SEQ_AT,
  RAW_BODY_AT,
  RAW_VENUE_AT,
  RECORD_BYTES_AT,
  RECORD_BYTES_MAX,
  RECORD_CLASS_AT,
  RECORD_CRC_AT,
  RECORD_HEADER_BYTES,
  RECORD_SCHEMA_AT,
  RECORD_SEQ_AT,
  RECORD_TYPE_AT,
  RECORD_US_AT,
  recordTypeOf,
} from "../../contracts/journal.ts";

// The segment's header, as docs/JOURNAL.md draws it.
const HEADER_BYTES = 128;
const MAGIC = "RKNRSEG1";
const FORMAT_AT = 8;
const FLAGS_AT = 10;
const CRC_AT = 12;
const NUMBER_AT = 16;
const FIRST_SEQ_AT = 24;
const RUN_ID_BYTES_AT = 72;
const RUN_ID_AT = 73;
/** Retention has rewritten the segment without some classes, so sequences have holes. */
const FLAG_KEPT = 1;

const US_PER_HOUR = 3_600_000_000;

/** Records of one class, venue and hour, in the order of the journal. */
export type RecordGroup = {
  readonly classCode: number;
  /** Index in VENUE_IDS, or -1 where the record concerns no single venue. */
  readonly venue: number;
  /** Any time within the hour. */
  readonly atUs: number;
  /** Where each record begins in the segment. */
  readonly offsets: readonly number[];
};

export type SegmentIndex = {
  readonly runId: string;
  readonly segment: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly records: number;
  readonly groups: readonly RecordGroup[];
};

export type SegmentRead =
  | { readonly ok: true; readonly index: SegmentIndex }
  | { readonly ok: false; readonly reason: string };

/** Finds every record of `bytes`, a whole segment. */
export function readSegment(bytes: Uint8Array): SegmentRead {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const fault = headerFault(bytes, view);
  if (fault !== undefined) return { ok: false, reason: fault };
  const runIdBytes = view.getUint8(RUN_ID_BYTES_AT);
  const walk = new Walk(bytes, view);
  const reason = walk.run();
  if (reason !== undefined) return { ok: false, reason };
  return {
    ok: true,
    index: {
      runId: new TextDecoder().decode(bytes.subarray(RUN_ID_AT, RUN_ID_AT + runIdBytes)),
      segment: view.getFloat64(NUMBER_AT, true),
      firstSeq: view.getFloat64(FIRST_SEQ_AT, true),
      lastSeq: walk.lastSeq,
      records: walk.records,
      groups: walk.groups(),
    },
  };
}

function headerFault(bytes: Uint8Array, view: DataView): string | undefined {
  if (bytes.length < HEADER_BYTES) return "the segment's header is cut short";
  if (new TextDecoder().decode(bytes.subarray(0, FORMAT_AT)) !== MAGIC) {
    return "it is no journal segment";
  }
  // A copy, also where the bytes are a Buffer, whose own slice is a view.
  const covered = new Uint8Array(bytes.subarray(0, HEADER_BYTES));
  covered.fill(0, CRC_AT, CRC_AT + 4);
  if (crc32c(covered, 0, HEADER_BYTES) !== view.getUint32(CRC_AT, true)) {
    return "the checksum of the segment's header does not hold";
  }
  const version = view.getUint16(FORMAT_AT, true);
  if (version > JOURNAL_FORMAT_VERSION) {
    return `journal format ${version} is newer than ${JOURNAL_FORMAT_VERSION}`;
  }
  const counts = [view.getFloat64(NUMBER_AT, true), view.getFloat64(FIRST_SEQ_AT, true)];
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 1)) {
    return "the segment's header counts what cannot be counted";
  }
  return undefined;
}

type OpenGroup = { classCode: number; venue: number; atUs: number; offsets: number[] };

class Walk {
  lastSeq: number;
  records = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #isKept: boolean;
  readonly #firstSeq: number;
  /** Venue of each raw record by its distance from the first; 0 for none, else index + 1. */
  #rawVenues = new Uint8Array(1024);
  /** No more fit in. Where sequences have holes, a distance beyond it is not kept: memory has no holes. */
  readonly #recordsMax: number;
  readonly #groups = new Map<number, OpenGroup>();
  #at = HEADER_BYTES;
  #hasMark = true;

  constructor(bytes: Uint8Array, view: DataView) {
    this.#bytes = bytes;
    this.#view = view;
    this.#isKept = (view.getUint16(FLAGS_AT, true) & FLAG_KEPT) !== 0;
    this.#firstSeq = view.getFloat64(FIRST_SEQ_AT, true);
    this.#recordsMax = Math.ceil(bytes.length / RECORD_HEADER_BYTES);
    this.lastSeq = this.#firstSeq - 1;
  }

  groups(): RecordGroup[] {
    return [...this.#groups.values()];
  }

  /** Why the walk could not go on, or undefined when it came to the end. */
  run(): string | undefined {
    while (this.#at < this.#bytes.length) {
      const fault = this.#frameFault() ?? this.#take();
      if (fault !== undefined) return `${fault}, at byte ${this.#at}`;
    }
    return this.#hasMark ? undefined : "no commit mark ends the segment";
  }

  #frameFault(): string | undefined {
    const left = this.#bytes.length - this.#at;
    if (left < RECORD_HEADER_BYTES) return "a record's header is cut short";
    const recordBytes = this.#view.getUint32(this.#at + RECORD_BYTES_AT, true);
    if (recordBytes < RECORD_HEADER_BYTES || recordBytes > RECORD_BYTES_MAX) {
      return `no record is ${recordBytes} bytes long`;
    }
    if (alignedBytes(recordBytes) > left) return "a record is cut short";
    const crc = this.#view.getUint32(this.#at + RECORD_CRC_AT, true);
    if (crc !== crc32c(this.#bytes, this.#at + 8, this.#at + recordBytes)) {
      return "a record's checksum does not hold";
    }
    return undefined;
  }

  #take(): string | undefined {
    const at = this.#at;
    this.#at += alignedBytes(this.#view.getUint32(at + RECORD_BYTES_AT, true));
    const classCode = this.#bytes[at + RECORD_CLASS_AT] as number;
    this.#hasMark = classCode === CLASS_COMMIT_MARK;
    if (this.#hasMark) return undefined;
    const fault = this.#recordFault(at, classCode);
    if (fault !== undefined) return fault;
    this.lastSeq = this.#view.getFloat64(at + RECORD_SEQ_AT, true);
    this.records += 1;
    const atUs = this.#view.getFloat64(at + RECORD_US_AT, true);
    this.#group(classCode, this.#venueOf(at, classCode), atUs).offsets.push(at);
    return undefined;
  }

  #recordFault(at: number, classCode: number): string | undefined {
    const row = recordTypeOf(classCode, this.#bytes[at + RECORD_TYPE_AT] as number);
    if (row === undefined) return "a record of an unknown type";
    const schemaVersion = this.#view.getUint16(at + RECORD_SCHEMA_AT, true);
    if (schemaVersion > row.schemaVersion) return `schema ${schemaVersion} of ${row.name} is newer`;
    const seq = this.#view.getFloat64(at + RECORD_SEQ_AT, true);
    const follows = this.#isKept ? seq > this.lastSeq : seq === this.lastSeq + 1;
    if (!(follows && Number.isSafeInteger(seq))) {
      return `sequence ${seq} stands where ${this.lastSeq + 1} is due`;
    }
    const atUs = this.#view.getFloat64(at + RECORD_US_AT, true);
    return Number.isSafeInteger(atUs) && atUs >= 0 ? undefined : `${atUs} is no time`;
  }

  /** A normalized record has the venue of its raw one, if that stands in the same segment. */
  #venueOf(at: number, classCode: number): number {
    const recordBytes = this.#view.getUint32(at + RECORD_BYTES_AT, true);
    if (classCode === CLASS_RAW && recordBytes >= RAW_BODY_AT) {
      const venue = this.#bytes[at + RAW_VENUE_AT] as number;
      if (venue >= VENUE_IDS.length) return -1;
      this.#noteVenue(this.lastSeq - this.#firstSeq, venue);
      return venue;
    }
    if (classCode !== CLASS_NORM || recordBytes < NORM_NUMBERS_AT) return -1;
    const distance = this.#view.getFloat64(at + NORM_RAW_SEQ_AT, true) - this.#firstSeq;
    return (this.#rawVenues[distance] ?? 0) - 1;
  }

  #noteVenue(distance: number, venue: number): void {
    if (distance >= this.#recordsMax) return;
    if (distance >= this.#rawVenues.length) {
      const grown = new Uint8Array(2 * distance);
      grown.set(this.#rawVenues);
      this.#rawVenues = grown;
    }
    this.#rawVenues[distance] = venue + 1;
  }

  #group(classCode: number, venue: number, atUs: number): OpenGroup {
    const hour = Math.floor(atUs / US_PER_HOUR);
    const key = (hour * 16 + classCode) * 256 + venue + 1;
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    const opened: OpenGroup = { classCode, venue, atUs, offsets: [] };
    this.#groups.set(key, opened);
    return opened;
  }
}
