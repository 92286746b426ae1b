/**
 * Station: bytes of a segment -> a fuzzer of its two readers, the engine's and the archive's.
 *
 * The judge walks the bytes a third time by the format's own page and believes nothing it has not reckoned:
 * checksums bit by bit, the chain from the header's on. What either reader accepts must be what it finds.
 */
import { createHash } from "node:crypto";
import { RECORD_TYPES } from "../../../../contracts/journal.ts";
import { readSegment, type SegmentRead } from "../../../../functions/compact-archive/segment.ts";
import { type SegmentScan, scanSegment } from "../../../../hotpath/io/journal/scan.ts";
import { decodeSegmentHeader, type SegmentHeader } from "../../../../hotpath/io/journal/segment.ts";
import type { Bench, Fuzzer } from "../fuzzer.ts";
import { firstBroken } from "../oracle/claims.ts";
import { slowCrc32c } from "../oracle/crc.ts";
import { binaryDraw } from "./binary-draw.ts";
import { resealSegment, SEGMENTS } from "./segment-bytes.ts";

export const segments: Fuzzer = {
  name: "journal segments",
  guards: "hotpath/io/journal/scan.ts",
  prepare,
};

type Sight = {
  readonly header: SegmentHeader;
  readonly scan: SegmentScan;
  readonly archive: SegmentRead;
};

function prepare(): Bench {
  return {
    corpus: SEGMENTS,
    draw: binaryDraw({ corpus: SEGMENTS, fieldBytes: 8, reseal: resealSegment }),
    begin: () => {
      let sight: Sight | undefined;
      return {
        run: (input) => {
          sight = undefined;
          const archive = readSegment(input);
          const read = decodeSegmentHeader(input);
          if (read.kind !== "header") return false;
          const scan = scanSegment(input, read.header, RECORD_TYPES);
          sight = { header: read.header, scan, archive };
          return scan.stop === null;
        },
        judge: (input) => (sight === undefined ? undefined : judge(sight, input)),
      };
    },
  };
}

/** What a plain walk finds: how far marks reach that hold, and what stood before them. */
type Walk = {
  bytes: number;
  records: number;
  lastSeq: number;
  /** Whether the walk came to the end of the file. */
  isWhole: boolean;
};

/** The group under way: where it began, and what has been seen of it. */
type Group = {
  from: number;
  records: number;
  firstSeq: number;
  lastSeq: number;
  lastUs: number;
  chain: Uint8Array;
};

const HEADER_BYTES = 128;
const MARK_CLASS = 255;
const MARK_BYTES = 96;
const CLASSES = ["raw", "norm", "signal", "cmd", "exec", "ctl"] as const;

function judge({ header, scan, archive }: Sight, input: Uint8Array): string | undefined {
  const view = new DataView(input.buffer, input.byteOffset, input.length);
  const covered = Uint8Array.from(input.subarray(0, HEADER_BYTES)).fill(0, 12, 16);
  const walk = walkOf(input, view, header);
  const { summary, stop } = scan;
  const isArchived = archive.ok;
  return firstBroken([
    [
      view.getUint32(12, true) === slowCrc32c(covered, 0, HEADER_BYTES),
      "a header's checksum is wrong",
    ],
    [Object.is(header.firstSeq, view.getFloat64(24, true)), "a header's first sequence is another"],
    [summary.bytes === walk.bytes, "marks are believed that do not hold, or the reverse"],
    [summary.records === walk.records, "another number of records"],
    [summary.records === 0 || summary.lastSeq === walk.lastSeq, "another last sequence"],
    [(stop === null) === walk.isWhole, "a segment is whole that is not, or the reverse"],
    [stop !== null || isArchived, "the archive refuses what the engine takes"],
    [!isArchived || stop !== null || isSame(archive, walk, header), "the archive read another one"],
  ]);
}

function isSame(
  { index }: Extract<SegmentRead, { ok: true }>,
  walk: Walk,
  { kept }: SegmentHeader,
): boolean {
  const offsets = index.groups.reduce((sum, group) => sum + group.offsets.length, 0);
  // Where retention left holes, the last record may stand before the last sequence.
  const isBefore = kept && index.lastSeq <= walk.lastSeq;
  const isLast = walk.records === 0 || index.lastSeq === walk.lastSeq || isBefore;
  return index.records === walk.records && offsets === walk.records && isLast;
}

function walkOf(bytes: Uint8Array, view: DataView, header: SegmentHeader): Walk {
  const { firstSeq, chain } = header;
  const walk: Walk = { bytes: HEADER_BYTES, records: 0, lastSeq: firstSeq - 1, isWhole: false };
  let group: Group = {
    from: HEADER_BYTES,
    records: 0,
    firstSeq,
    lastSeq: firstSeq - 1,
    lastUs: 0,
    chain,
  };
  let at = HEADER_BYTES;
  for (let length = 0; length >= 0; ) {
    length = recordLength(bytes, view, at);
    if (at === bytes.length) walk.isWhole = group.from === at;
    const next = length < 0 ? undefined : step(bytes, view, { at, length }, header, group);
    if (next === undefined) return walk;
    at += length + ((8 - (length % 8)) % 8);
    if (next.from === at) {
      const records = walk.records + group.records;
      Object.assign(walk, { bytes: at, records, lastSeq: next.lastSeq });
    }
    group = next;
  }
  return walk;
}

type At = { readonly at: number; readonly length: number };

/** The group behind one record or mark; undefined where neither holds. */
function step(
  bytes: Uint8Array,
  view: DataView,
  { at, length }: At,
  header: SegmentHeader,
  group: Group,
): Group | undefined {
  const seq = view.getFloat64(at + 8, true);
  if (bytes[at + 16] === MARK_CLASS) {
    const link = createHash("sha256")
      .update(group.chain)
      .update(bytes.subarray(group.from, at))
      .digest();
    if (length !== MARK_BYTES || !isMark(bytes, view, at, header, group, link)) return undefined;
    const begun = { from: at + MARK_BYTES, records: 0, firstSeq: seq + 1, lastSeq: seq };
    return { ...begun, lastUs: group.lastUs, chain: link };
  }
  const follows = header.kept ? seq > group.lastSeq : seq === group.lastSeq + 1;
  if (!follows || !isRecord(bytes, view, at)) return undefined;
  const lastUs = view.getFloat64(at + 24, true);
  return { ...group, records: group.records + 1, lastSeq: seq, lastUs };
}

function isMark(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  { kept, segment }: SegmentHeader,
  group: Group,
  link: Uint8Array,
): boolean {
  const seq = view.getFloat64(at + 8, true);
  const us = view.getFloat64(at + 24, true);
  const isLast = seq === group.lastSeq && us === group.lastUs;
  const isBehind = seq >= group.lastSeq && us >= 0;
  return (
    (kept ? isBehind : isLast) &&
    Number.isSafeInteger(seq) &&
    Number.isSafeInteger(us) &&
    bytes[at + 17] === 1 &&
    view.getFloat64(at + 32, true) === group.firstSeq &&
    view.getFloat64(at + 40, true) === segment &&
    view.getFloat64(at + 48, true) === at &&
    view.getFloat64(at + 56, true) === group.records &&
    Buffer.compare(link, bytes.subarray(at + 64, at + MARK_BYTES)) === 0
  );
}

/** Bytes of the record at `at` whose checksum holds; -1 for none. */
function recordLength(bytes: Uint8Array, view: DataView, at: number): number {
  if (at + 32 > bytes.length) return -1;
  const length = view.getUint32(at, true);
  const padded = length + ((8 - (length % 8)) % 8);
  if (length < 32 || length > 64 * 1024 * 1024 || at + padded > bytes.length) return -1;
  return view.getUint32(at + 4, true) === slowCrc32c(bytes, at + 8, at + length) ? length : -1;
}

/** Whether class, type, version, time and sequence are those of a record of this program. */
function isRecord(bytes: Uint8Array, view: DataView, at: number): boolean {
  const name = CLASSES[bytes[at + 16] ?? -1];
  if (name === undefined) return false;
  const row = RECORD_TYPES[name].find(({ type }) => type === bytes[at + 17]);
  const version = view.getUint16(at + 18, true);
  const us = view.getFloat64(at + 24, true);
  return (
    row !== undefined &&
    version >= 1 &&
    version <= row.schemaVersion &&
    view.getUint32(at + 20, true) === 0 &&
    Number.isSafeInteger(view.getFloat64(at + 8, true)) &&
    Number.isSafeInteger(us) &&
    us >= 0
  );
}
