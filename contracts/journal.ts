/**
 * The journal's format: what one record is, byte by byte, and which records exist.
 *
 * The hot thread writes records into a ring in exactly this layout, the recorder adds the checksum
 * and copies, readers and Lambdas decode. All integers are little endian; f64 holds integers up to
 * 2^53 so that no bigint is needed. docs/JOURNAL.md has the drawing. This file never touches a disk.
 */
import { assert } from "./assert.ts";

/** Raised when an older program could no longer read what is written. */
export const JOURNAL_FORMAT_VERSION = 1;

/** The stream classes; the index is the class code on disk, so the order never changes. */
export const JOURNAL_CLASSES = ["raw", "norm", "signal", "cmd", "exec", "ctl"] as const;

export type JournalClass = (typeof JOURNAL_CLASSES)[number];

/** Class codes as they stand in byte 16 of a record. */
export const CLASS_RAW = 0;
export const CLASS_NORM = 1;
export const CLASS_SIGNAL = 2;
export const CLASS_CMD = 3;
export const CLASS_EXEC = 4;
export const CLASS_CTL = 5;

/** The recorder's own record that ends a group; it never comes out of a ring. */
export const CLASS_COMMIT_MARK = 255;

/** Type codes within their class. */
export const RAW_FRAME = 1;
export const RAW_SNAPSHOT = 2;
export const RAW_SENT = 3;
export const RAW_RULES = 4;
export const RAW_REST = 5;
export const NORM_BOOK_DELTA = 1;
export const NORM_BOOK_SNAPSHOT = 2;
export const NORM_QUOTE = 3;
export const NORM_TRADE = 4;
export const SIGNAL_TOUCH = 1;
export const CMD_COMMAND = 1;
export const CTL_EVENT = 1;
export const CTL_CHECKPOINT = 2;
export const CTL_RUN_HEADER = 3;
export const CTL_RESYNC = 4;
export const CTL_MODE_CHANGE = 5;
export const CTL_GAP_DECLARED = 6;

/** One kind of record: its code within the class, its name on a wire, its current schema. */
export type RecordType = {
  readonly type: number;
  readonly name: string;
  readonly schemaVersion: number;
};

export type RecordTypeTable = Readonly<Record<JournalClass, readonly RecordType[]>>;

/**
 * Every record there is. A changed payload raises `schemaVersion` and brings an upcaster
 * (hotpath/io/journal/upcast.ts); a code is never given a second meaning.
 */
export const RECORD_TYPES: RecordTypeTable = {
  raw: [
    { type: RAW_FRAME, name: "frame", schemaVersion: 1 },
    { type: RAW_SNAPSHOT, name: "snapshot", schemaVersion: 1 },
    { type: RAW_SENT, name: "sent", schemaVersion: 1 },
    { type: RAW_RULES, name: "rules", schemaVersion: 1 },
    { type: RAW_REST, name: "rest", schemaVersion: 1 },
  ],
  norm: [
    { type: NORM_BOOK_DELTA, name: "bookDelta", schemaVersion: 1 },
    { type: NORM_BOOK_SNAPSHOT, name: "bookSnapshot", schemaVersion: 1 },
    { type: NORM_QUOTE, name: "quote", schemaVersion: 1 },
    { type: NORM_TRADE, name: "trade", schemaVersion: 1 },
  ],
  signal: [{ type: SIGNAL_TOUCH, name: "touch", schemaVersion: 1 }],
  cmd: [{ type: CMD_COMMAND, name: "command", schemaVersion: 1 }],
  // Nothing is executed yet; the class exists so that its first record needs no new format.
  exec: [],
  ctl: [
    { type: CTL_EVENT, name: "event", schemaVersion: 1 },
    { type: CTL_CHECKPOINT, name: "checkpoint", schemaVersion: 1 },
    { type: CTL_RUN_HEADER, name: "runHeader", schemaVersion: 1 },
    { type: CTL_RESYNC, name: "resync", schemaVersion: 1 },
    { type: CTL_MODE_CHANGE, name: "modeChange", schemaVersion: 1 },
    { type: CTL_GAP_DECLARED, name: "gapDeclared", schemaVersion: 1 },
  ],
};

// The record: offsets from its first byte.

/** u32: bytes of the whole record before padding. */
export const RECORD_BYTES_AT = 0;
/** u32: CRC-32C of bytes 8 to `recordBytes`; filled in by the recorder. */
export const RECORD_CRC_AT = 4;
/** f64: the journal sequence, without gaps within one run. */
export const RECORD_SEQ_AT = 8;
/** u8: class code. */
export const RECORD_CLASS_AT = 16;
/** u8: type code within the class. */
export const RECORD_TYPE_AT = 17;
/** u16: schema version of the payload. */
export const RECORD_SCHEMA_AT = 18;
/** u32: zero. */
export const RECORD_RESERVED_AT = 20;
/** f64: integer microseconds since the Unix epoch. */
export const RECORD_US_AT = 24;
/** Where the payload begins. */
export const RECORD_HEADER_BYTES = 32;
/** Records start on multiples of this; the gap is filled with zeros. */
export const RECORD_ALIGN_BYTES = 8;
/** No record is longer; a longer length field is damage. Binance's full exchangeInfo is ~17 MB. */
export const RECORD_BYTES_MAX = 64 * 1024 * 1024;

// Payload of raw.*: whence the bytes came, then the bytes themselves.

/** u8: index in VENUE_IDS. */
export const RAW_VENUE_AT = 32;
/** u8: free for the writer to tell kinds of transport apart; two zero bytes follow. */
export const RAW_KIND_AT = 33;
/** i32: shard of the session. */
export const RAW_SHARD_AT = 36;
/** f64: epoch of the session. */
export const RAW_EPOCH_AT = 40;
/** f64: how long the thread had been away from the socket, in microseconds. */
export const RAW_AWAY_US_AT = 48;
/** The venue's bytes, untouched, up to `recordBytes`. */
export const RAW_BODY_AT = 56;

// Payload of norm.*, signal.*, cmd.*, exec.* and ctl.*.

/** f64: the loop's tick. */
export const TICK_AT = 32;
/** cmd, exec and ctl: UTF-8 JSON. signal: numbers as f64. */
export const BODY_AT = 40;
/** norm, f64: journal sequence of the raw record this was normalized from. */
export const NORM_RAW_SEQ_AT = 40;
/** norm: the event's numbers as f64. */
export const NORM_NUMBERS_AT = 48;

// The commit mark: a record of class 255 that ends every group written at once. Its sequence and
// time are those of the last record in the group.

export const COMMIT_MARK_TYPE = 1;
/** f64: first sequence of the group. */
export const MARK_FIRST_SEQ_AT = 32;
/** f64: number of the segment, so that a misdirected write is seen. */
export const MARK_SEGMENT_AT = 40;
/** f64: offset of this mark in its segment, for the same reason. */
export const MARK_OFFSET_AT = 48;
/** f64: records in the group. */
export const MARK_RECORDS_AT = 56;
/** 32 bytes: sha256(chain before || bytes of the group). */
export const MARK_CHAIN_AT = 64;
export const MARK_BYTES = 96;

export const CHAIN_BYTES = 32;

/** A run's name doubles as a folder name, hence the narrow alphabet. */
export const RUN_ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,46}$/;
/** Bytes set aside for a run id in headers. */
export const RUN_ID_BYTES_MAX = 47;

/** What a sealed segment says of itself in `NNNNNNNN.manifest.json`. Hashes are hex sha256. */
export type SegmentManifest = {
  readonly formatVersion: number;
  readonly runId: string;
  readonly segment: number;
  readonly createdUs: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly lastUs: number;
  readonly records: number;
  readonly recordsByClass: Readonly<Record<JournalClass, number>>;
  readonly bytes: number;
  readonly sha256: string;
  readonly chainStart: string;
  readonly chainEnd: string;
  readonly compressedBytes: number;
  readonly compressedSha256: string;
  /** Classes that retention took out; empty while the segment is whole. */
  readonly dropped: readonly JournalClass[];
  /** What the segment was before retention, or null while it is whole. */
  readonly droppedFrom: {
    readonly sha256: string;
    readonly bytes: number;
    readonly records: number;
  } | null;
};

/** `bytes` rounded up to where the next record may start. */
export function alignedBytes(bytes: number): number {
  return (bytes + RECORD_ALIGN_BYTES - 1) & -RECORD_ALIGN_BYTES;
}

/** The name of a class code, or undefined for a code that is no class (the commit mark included). */
export function classOfCode(classCode: number): JournalClass | undefined {
  return JOURNAL_CLASSES[classCode];
}

/** The table row for a class and type code, or undefined where the type is not of that class. */
export function recordTypeOf(
  classCode: number,
  type: number,
  table: RecordTypeTable = RECORD_TYPES,
): RecordType | undefined {
  const name = classOfCode(classCode);
  if (name === undefined) return undefined;
  const rows = table[name];
  // Types are numbered from 1 without holes, so the usual case is one look; the search is for
  // tables of tests.
  const row = rows[type - 1];
  return row?.type === type ? row : rows.find((candidate) => candidate.type === type);
}

/** `raw.frame` and so on: the name a record wears outside the process. */
export function eventTypeOf(
  classCode: number,
  type: number,
  table: RecordTypeTable = RECORD_TYPES,
): string | undefined {
  const row = recordTypeOf(classCode, type, table);
  return row === undefined ? undefined : `${classOfCode(classCode)}.${row.name}`;
}

/**
 * Writes everything of the 32-byte record header that the ring has not already written (the
 * length) and the recorder will not write later (the checksum). `classAndType` is
 * `classCode | type << 8`, so that the call stays within registers on the hot path.
 */
export function encodeRecordHeader(
  view: DataView,
  offset: number,
  seq: number,
  classAndType: number,
  atUs: number,
): void {
  assert(seq >= 1, "a journal sequence starts at one");
  view.setFloat64(offset + RECORD_SEQ_AT, seq, true);
  view.setUint16(offset + RECORD_CLASS_AT, classAndType, true);
  view.setUint16(offset + RECORD_SCHEMA_AT, schemaVersionOf(classAndType), true);
  view.setUint32(offset + RECORD_RESERVED_AT, 0, true);
  view.setFloat64(offset + RECORD_US_AT, atUs, true);
}

/** `classCode | type << 8`: a record's class and type as one number. */
export function classAndType(classCode: number, type: number): number {
  return classCode | (type << 8);
}

/**
 * Schema versions by packed class and type, 0 where there is no such record. A table, because this is
 * asked for every record: the search by name cost 24 bytes of garbage each time.
 */
const SCHEMA_VERSIONS = schemaVersions();

function schemaVersions(): Uint16Array {
  const versions = new Uint16Array(65_536);
  for (const [classCode, name] of JOURNAL_CLASSES.entries()) {
    for (const { type, schemaVersion } of RECORD_TYPES[name]) {
      versions[classAndType(classCode, type)] = schemaVersion;
    }
  }
  return versions;
}

function schemaVersionOf(packed: number): number {
  const version = SCHEMA_VERSIONS[packed] ?? 0;
  assert(version > 0, "a record's type belongs to its class");
  return version;
}
