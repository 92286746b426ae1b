/**
 * One sealed segment, rewritten without its raw and norm records.
 *
 * The original is streamed through a filter and compared with its manifest on the way; only if it
 * was exactly what had been sealed is the rewritten segment allowed to take its place. The chained
 * hash of the original's end stays in the new manifest, so the segment after it still fits.
 */
import path from "node:path";
import { assert } from "../../../contracts/assert.ts";
import {
  alignedBytes,
  CLASS_COMMIT_MARK,
  CLASS_NORM,
  CLASS_RAW,
  JOURNAL_CLASSES,
  MARK_BYTES,
  RECORD_BYTES_AT,
  RECORD_CLASS_AT,
  RECORD_HEADER_BYTES,
  type SegmentManifest,
} from "../../../contracts/journal.ts";
import { compressInto, decompressFrom } from "./compress.ts";
import { type Disk, writeFileWhole } from "./disk.ts";
import { type Failure, failure, messageOf } from "./failure.ts";
import { countsByClass, encodeManifest, fromHex } from "./manifest.ts";
import { encodeMark } from "./record.ts";
import { chainOf } from "./scan.ts";
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES, segmentFiles } from "./segment.ts";

export type RetireResult = { readonly ok: true; readonly manifest: SegmentManifest } | Failure;

/** Replaces the sealed segment `original` by its records of the classes that are never given up. */
export async function retireSegment(
  disk: Disk,
  directory: string,
  original: SegmentManifest,
): Promise<RetireResult> {
  const files = segmentFiles(original.segment);
  const sealed = path.join(directory, files.sealed);
  const filter = new KeptRecords();
  let sha256: string;
  try {
    sha256 = await decompressFrom(disk, sealed, (piece) => filter.take(piece));
  } catch (thrown) {
    return failure("damaged", sealed, -1, messageOf(thrown));
  }
  if (sha256 !== original.sha256) {
    return failure("damaged", sealed, 0, "bytes are not the manifest's");
  }
  return await replace(disk, directory, original, filter);
}

/** Disk errors are left to reject: the caller stops at them. */
async function replace(
  disk: Disk,
  directory: string,
  original: SegmentManifest,
  filter: KeptRecords,
): Promise<RetireResult> {
  const files = segmentFiles(original.segment);
  const kept = path.join(directory, files.kept);
  const segmentBytes = keptSegment(original, filter);
  const written = await compressInto(disk, [segmentBytes], kept);
  const readBack = await decompressFrom(disk, kept, () => {});
  if (readBack !== written.sha256) {
    return failure("damaged", kept, 0, "reads otherwise than it was written");
  }
  const manifest: SegmentManifest = {
    ...original,
    records: filter.records,
    recordsByClass: countsByClass(filter.recordsByClass),
    bytes: segmentBytes.length,
    ...written,
    dropped: ["raw", "norm"],
    droppedFrom: { sha256: original.sha256, bytes: original.bytes, records: original.records },
  };
  writeFileWhole(disk, path.join(directory, files.keptManifest), encodeManifest(manifest));
  disk.remove(path.join(directory, files.sealed));
  disk.remove(path.join(directory, files.manifest));
  disk.syncDirectory(directory);
  return { ok: true, manifest };
}

/** The rewritten segment: a header with the mark of a rewritten one, the records, one commit mark. */
function keptSegment(original: SegmentManifest, filter: KeptRecords): Uint8Array {
  const chain = fromHex(original.chainStart);
  const records = Buffer.concat(filter.kept);
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES + records.length + MARK_BYTES);
  const { runId, segment, firstSeq, createdUs } = original;
  bytes.set(encodeSegmentHeader({ runId, segment, firstSeq, createdUs, chain, kept: true }));
  bytes.set(records, SEGMENT_HEADER_BYTES);
  const at = SEGMENT_HEADER_BYTES + records.length;
  encodeMark(bytes, new DataView(bytes.buffer), at, {
    firstSeq,
    lastSeq: original.lastSeq,
    lastUs: original.lastUs,
    segment,
    offset: at,
    records: filter.records,
    chain: chainOf(chain, records),
  });
  return bytes;
}

/** Picks the records to keep out of a segment that arrives in pieces of any size. */
export class KeptRecords {
  readonly kept: Uint8Array[] = [];
  records = 0;
  readonly recordsByClass: number[] = JOURNAL_CLASSES.map(() => 0);
  /** Bytes to pass over: the segment's header, then whatever is not kept. */
  #skipBytes = SEGMENT_HEADER_BYTES;
  #record = new Uint8Array(RECORD_HEADER_BYTES);
  #filledBytes = 0;

  take(piece: Uint8Array): void {
    let at = 0;
    while (at < piece.length) {
      const left = piece.length - at;
      if (this.#skipBytes > 0) {
        const skipped = Math.min(this.#skipBytes, left);
        this.#skipBytes -= skipped;
        at += skipped;
        continue;
      }
      const taken = Math.min(this.#record.length - this.#filledBytes, left);
      this.#record.set(piece.subarray(at, at + taken), this.#filledBytes);
      this.#filledBytes += taken;
      at += taken;
      if (this.#filledBytes === this.#record.length) this.#onFilled();
    }
  }

  #onFilled(): void {
    const view = new DataView(this.#record.buffer);
    const padded = alignedBytes(view.getUint32(RECORD_BYTES_AT, true));
    assert(padded >= RECORD_HEADER_BYTES, "a record holds at least its header");
    const classCode = this.#record[RECORD_CLASS_AT] as number;
    if (classCode === CLASS_RAW || classCode === CLASS_NORM || classCode === CLASS_COMMIT_MARK) {
      this.#skipBytes = padded - RECORD_HEADER_BYTES;
      this.#filledBytes = 0;
      return;
    }
    if (this.#filledBytes < padded) {
      const whole = new Uint8Array(padded);
      whole.set(this.#record);
      this.#record = whole;
      return;
    }
    this.kept.push(this.#record);
    this.records += 1;
    this.recordsByClass[classCode] = (this.recordsByClass[classCode] ?? 0) + 1;
    this.#record = new Uint8Array(RECORD_HEADER_BYTES);
    this.#filledBytes = 0;
  }
}
