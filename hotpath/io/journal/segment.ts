/**
 * A segment's name and its first 128 bytes: which run, which place in it, which hash comes before.
 *
 * The header is what refuses a resurrected, duplicated or misdirected file: a segment is accepted
 * only where its number, first sequence and chain are the ones expected. It never looks at records.
 */
import { assert } from "../../../contracts/assert.ts";
import { crc32c } from "../../../contracts/crc32c.ts";
import {
  CHAIN_BYTES,
  JOURNAL_FORMAT_VERSION,
  RUN_ID_BYTES_MAX,
  RUN_ID_PATTERN,
} from "../../../contracts/journal.ts";

export const SEGMENT_HEADER_BYTES = 128;
const MAGIC = "RKNRSEG1";

// magic | u16 format | u16 flags | u32 crc of what follows | f64 number | f64 first sequence |
// f64 created, us | 32 bytes chain | u8 bytes of run id | run id, zero filled.
const FORMAT_AT = 8;
const FLAGS_AT = 10;
const CRC_AT = 12;
const NUMBER_AT = 16;
const FIRST_SEQ_AT = 24;
const CREATED_US_AT = 32;
const CHAIN_AT = 40;
const RUN_ID_BYTES_AT = 72;
const RUN_ID_AT = 73;

/** Set in the header of a segment that retention has rewritten without raw and norm. */
const FLAG_KEPT = 1;

export type SegmentHeader = {
  readonly runId: string;
  readonly segment: number;
  readonly firstSeq: number;
  readonly createdUs: number;
  /** The chained hash at the end of the segment before; zeros before the first. */
  readonly chain: Uint8Array;
  readonly kept: boolean;
};

export type SegmentHeaderRead =
  | { readonly kind: "header"; readonly header: SegmentHeader }
  | { readonly kind: "newer"; readonly formatVersion: number }
  | { readonly kind: "damaged"; readonly reason: string };

/** The header's bytes. */
export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  assert(RUN_ID_PATTERN.test(header.runId), "a run id is a short file name");
  assert(header.chain.length === CHAIN_BYTES, "a chain is 32 bytes");
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  const runId = new TextEncoder().encode(header.runId);
  bytes.set(new TextEncoder().encode(MAGIC), 0);
  view.setUint16(FORMAT_AT, JOURNAL_FORMAT_VERSION, true);
  view.setUint16(FLAGS_AT, header.kept ? FLAG_KEPT : 0, true);
  view.setFloat64(NUMBER_AT, header.segment, true);
  view.setFloat64(FIRST_SEQ_AT, header.firstSeq, true);
  view.setFloat64(CREATED_US_AT, header.createdUs, true);
  bytes.set(header.chain, CHAIN_AT);
  view.setUint8(RUN_ID_BYTES_AT, runId.length);
  bytes.set(runId, RUN_ID_AT);
  view.setUint32(CRC_AT, headerCrc(bytes), true);
  return bytes;
}

/** Reads a header; every bit of it is under the checksum. */
export function decodeSegmentHeader(bytes: Uint8Array): SegmentHeaderRead {
  if (bytes.length < SEGMENT_HEADER_BYTES)
    return { kind: "damaged", reason: "header is cut short" };
  const head = bytes.subarray(0, SEGMENT_HEADER_BYTES);
  if (new TextDecoder().decode(head.subarray(0, FORMAT_AT)) !== MAGIC) {
    return { kind: "damaged", reason: "not a journal segment" };
  }
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  if (view.getUint32(CRC_AT, true) !== headerCrc(head)) {
    const claimed = view.getUint16(FORMAT_AT, true);
    return {
      kind: "damaged",
      reason: `header checksum does not hold (it claims format ${claimed})`,
    };
  }
  const formatVersion = view.getUint16(FORMAT_AT, true);
  if (formatVersion > JOURNAL_FORMAT_VERSION) return { kind: "newer", formatVersion };
  const counts = [view.getFloat64(NUMBER_AT, true), view.getFloat64(FIRST_SEQ_AT, true)];
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 1)) {
    return { kind: "damaged", reason: "header counts what cannot be counted" };
  }
  const runIdBytes = Math.min(view.getUint8(RUN_ID_BYTES_AT), RUN_ID_BYTES_MAX);
  return {
    kind: "header",
    header: {
      runId: new TextDecoder().decode(head.subarray(RUN_ID_AT, RUN_ID_AT + runIdBytes)),
      segment: view.getFloat64(NUMBER_AT, true),
      firstSeq: view.getFloat64(FIRST_SEQ_AT, true),
      createdUs: view.getFloat64(CREATED_US_AT, true),
      chain: head.slice(CHAIN_AT, CHAIN_AT + CHAIN_BYTES),
      kept: (view.getUint16(FLAGS_AT, true) & FLAG_KEPT) !== 0,
    },
  };
}

/** What a future format is refused with. */
export function newerFormatReason(formatVersion: number): string {
  return `journal format ${formatVersion} is newer than ${JOURNAL_FORMAT_VERSION}`;
}

/** The files that may stand for segment `number`, by what they hold. */
export type SegmentFiles = {
  readonly open: string;
  readonly sealed: string;
  readonly manifest: string;
  readonly kept: string;
  readonly keptManifest: string;
};

/** File names of segment `number`. */
export function segmentFiles(number: number): SegmentFiles {
  assert(Number.isSafeInteger(number), "a segment's number is an integer");
  assert(number >= 1, "segments are numbered from one");
  const stem = String(number).padStart(8, "0");
  return {
    open: `${stem}.seg`,
    sealed: `${stem}.seg.zst`,
    manifest: `${stem}.manifest.json`,
    kept: `${stem}.kept.seg.zst`,
    keptManifest: `${stem}.kept.manifest.json`,
  };
}

const SEGMENT_FILE =
  /^(\d{8,12})\.(?:seg|seg\.zst|manifest\.json|kept\.seg\.zst|kept\.manifest\.json)$/;

/** The segment a file belongs to, or 0 for a file that is none of a segment's. */
export function segmentOfFile(name: string): number {
  const match = SEGMENT_FILE.exec(name);
  return match?.[1] === undefined ? 0 : Number(match[1]);
}

/** Magic, format and flags are covered too, so that no single flipped bit changes what is read. */
function headerCrc(bytes: Uint8Array): number {
  const covered = bytes.slice(0, SEGMENT_HEADER_BYTES);
  covered.fill(0, CRC_AT, CRC_AT + 4);
  return crc32c(covered, 0, SEGMENT_HEADER_BYTES);
}
