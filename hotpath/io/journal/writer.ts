/**
 * Station: group of records -> segment file -> head file -> acknowledgment.
 *
 * One group is one write, one commit mark, one fsync; only then does the head file move and the
 * group count as acknowledged. After the first failure the writer is finished: it never retries,
 * never skips and never acknowledges again. It reads no clock and knows no ring.
 */
import path from "node:path";
import { assert } from "../../../contracts/assert.ts";
import {
  JOURNAL_CLASSES,
  MARK_BYTES,
  RECORD_CLASS_AT,
  RECORD_US_AT,
} from "../../../contracts/journal.ts";
import { type Disk, writeAll } from "./disk.ts";
import { type Failure, failure, messageOf } from "./failure.ts";
import { encodeHeadSlot, HEAD_FILE, type Head, headSlotOffset } from "./head.ts";
import { completeRecord, encodeMark } from "./record.ts";
import type { WriterStart } from "./run.ts";
import { addCounts, chainOf, type GrowingSummary, type SegmentSummary } from "./scan.ts";
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES, segmentFiles } from "./segment.ts";

const GROUP_BYTES_INITIAL = 1024 * 1024;

export type WriterOptions = {
  /** `group`: fsync before each acknowledgment. `off`: survives a killed process, not a dead host. */
  readonly sync: "group" | "off";
  /** A segment of at least this size is ended after the group that filled it. */
  readonly segmentBytes: number;
  /** So is one that is older than this. */
  readonly segmentUs: number;
};

export class JournalWriter {
  /** The last sequence that is durable and shown as such. */
  ackedSeq: number;
  bytesWritten = 0;
  segments = 0;
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #runId: string;
  readonly #options: WriterOptions;
  #group = new Uint8Array(GROUP_BYTES_INITIAL);
  #groupView = new DataView(this.#group.buffer);
  #groupBytes = 0;
  #groupFirstSeq: number;
  readonly #groupByClass: number[] = JOURNAL_CLASSES.map(() => 0);
  #nextSeq: number;
  #lastUs = 0;
  #segmentHandle = -1;
  #segmentNumber: number;
  #summary: GrowingSummary | null = null;
  #chain: Uint8Array;
  #headHandle = -1;
  #headCounter: number;
  #failed: Failure | null = null;

  constructor(disk: Disk, directory: string, start: WriterStart, options: WriterOptions) {
    assert(options.segmentBytes > SEGMENT_HEADER_BYTES, "a segment holds more than its header");
    this.#disk = disk;
    this.#directory = directory;
    this.#runId = start.runId;
    this.#options = options;
    this.#nextSeq = start.nextSeq;
    this.#groupFirstSeq = start.nextSeq;
    this.ackedSeq = start.nextSeq - 1;
    this.#segmentNumber = start.lastSegment;
    this.#chain = start.chain;
    this.#headCounter = start.headCounter;
  }

  /** Bytes waiting for the next commit. */
  get groupBytes(): number {
    return this.#groupBytes;
  }

  /** The time of the first record waiting for the next commit; 0 while there is none. */
  get groupFirstUs(): number {
    return this.#groupBytes === 0 ? 0 : this.#groupView.getFloat64(RECORD_US_AT, true);
  }

  /** The sequence the next appended record must have. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  /**
   * Copies whole records, padding included, from `source` into the group and gives each its
   * checksum. A record the journal may not hold is our own error and throws.
   */
  append(source: Uint8Array, offset: number, bytes: number): void {
    assert(this.#failed === null, "a failed writer writes nothing");
    this.#makeRoom(bytes + MARK_BYTES);
    this.#group.set(source.subarray(offset, offset + bytes), this.#groupBytes);
    const end = this.#groupBytes + bytes;
    while (this.#groupBytes < end) this.#groupBytes += this.#takeRecord(this.#groupBytes, end);
  }

  /** Makes the group durable and acknowledges it. A failure is final: the writer is then finished. */
  commit(nowUs: number): Failure | null {
    assert(this.#failed === null, "a failed writer commits nothing");
    if (this.#groupBytes === 0) return null;
    try {
      if (this.#segmentHandle < 0) this.#openSegment(nowUs);
      this.#writeGroup();
      this.#writeHead();
    } catch (thrown) {
      this.#failed = failure("disk", this.#segmentPath(), this.#offset(), messageOf(thrown));
      return this.#failed;
    }
    return null;
  }

  /** Whether the current segment is large or old enough to be ended. */
  isSegmentFull(nowUs: number): boolean {
    if (this.#summary === null) return false;
    if (this.#summary.bytes >= this.#options.segmentBytes) return true;
    return nowUs - this.#summary.createdUs >= this.#options.segmentUs;
  }

  /** Ends the current segment and returns what sealing needs to know; null when there is none. */
  endSegment(): SegmentSummary | null {
    assert(this.#groupBytes === 0, "a segment ends on a commit mark");
    const summary = this.#summary;
    if (summary === null) return null;
    this.#disk.close(this.#segmentHandle);
    this.#segmentHandle = -1;
    this.#summary = null;
    return summary;
  }

  /** Lets go of the files without writing anything more. */
  close(): void {
    if (this.#segmentHandle >= 0) this.#disk.close(this.#segmentHandle);
    if (this.#headHandle >= 0) this.#disk.close(this.#headHandle);
    this.#segmentHandle = -1;
    this.#headHandle = -1;
  }

  #takeRecord(at: number, end: number): number {
    const padded = completeRecord(this.#group, this.#groupView, { at, end, seq: this.#nextSeq });
    const classCode = this.#group[at + RECORD_CLASS_AT] as number;
    this.#groupByClass[classCode] = (this.#groupByClass[classCode] ?? 0) + 1;
    this.#lastUs = this.#groupView.getFloat64(at + RECORD_US_AT, true);
    this.#nextSeq += 1;
    return padded;
  }

  #openSegment(nowUs: number): void {
    this.#segmentNumber += 1;
    const header = {
      runId: this.#runId,
      segment: this.#segmentNumber,
      firstSeq: this.#groupFirstSeq,
      createdUs: nowUs,
      chain: this.#chain,
      kept: false,
    };
    this.#segmentHandle = this.#disk.open(this.#segmentPath(), "createNew");
    writeAll(this.#disk, this.#segmentHandle, encodeSegmentHeader(header), 0);
    this.#disk.sync(this.#segmentHandle);
    this.#disk.syncDirectory(this.#directory);
    this.#summary = {
      segment: this.#segmentNumber,
      createdUs: nowUs,
      firstSeq: this.#groupFirstSeq,
      lastSeq: this.#groupFirstSeq - 1,
      lastUs: 0,
      records: 0,
      recordsByClass: JOURNAL_CLASSES.map(() => 0),
      bytes: SEGMENT_HEADER_BYTES,
      chainStart: this.#chain,
      chainEnd: this.#chain,
    };
    this.bytesWritten += SEGMENT_HEADER_BYTES;
    this.segments += 1;
  }

  #writeGroup(): void {
    const summary = this.#summary;
    assert(summary !== null, "a group is written into an open segment");
    const offset = summary.bytes;
    const records = this.#nextSeq - this.#groupFirstSeq;
    this.#chain = chainOf(this.#chain, this.#group.subarray(0, this.#groupBytes));
    encodeMark(this.#group, this.#groupView, this.#groupBytes, {
      firstSeq: this.#groupFirstSeq,
      lastSeq: this.#nextSeq - 1,
      lastUs: this.#lastUs,
      segment: this.#segmentNumber,
      offset: offset + this.#groupBytes,
      records,
      chain: this.#chain,
    });
    const bytes = this.#groupBytes + MARK_BYTES;
    writeAll(this.#disk, this.#segmentHandle, this.#group.subarray(0, bytes), offset);
    if (this.#options.sync === "group") this.#disk.sync(this.#segmentHandle);
    summary.lastSeq = this.#nextSeq - 1;
    summary.lastUs = this.#lastUs;
    summary.records += records;
    addCounts(summary.recordsByClass, this.#groupByClass);
    summary.bytes = offset + bytes;
    summary.chainEnd = this.#chain;
    this.bytesWritten += bytes;
    this.#groupBytes = 0;
    this.#groupFirstSeq = this.#nextSeq;
    this.#groupByClass.fill(0);
  }

  /** The acknowledgment: durable in the head file first, visible in `ackedSeq` after. */
  #writeHead(): void {
    const head: Head = {
      runId: this.#runId,
      counter: this.#headCounter + 1,
      ackedSeq: this.#nextSeq - 1,
      segment: this.#segmentNumber,
      offset: this.#offset(),
    };
    if (this.#headHandle < 0) {
      this.#headHandle = this.#disk.open(path.join(this.#directory, HEAD_FILE), "update");
    }
    writeAll(this.#disk, this.#headHandle, encodeHeadSlot(head), headSlotOffset(head.counter));
    if (this.#options.sync === "group") this.#disk.sync(this.#headHandle);
    this.#headCounter = head.counter;
    this.ackedSeq = head.ackedSeq;
  }

  #makeRoom(bytes: number): void {
    const needed = this.#groupBytes + bytes;
    if (needed <= this.#group.length) return;
    const larger = new Uint8Array(2 ** Math.ceil(Math.log2(needed)));
    larger.set(this.#group.subarray(0, this.#groupBytes));
    this.#group = larger;
    this.#groupView = new DataView(larger.buffer);
  }

  #segmentPath(): string {
    return path.join(this.#directory, segmentFiles(Math.max(this.#segmentNumber, 1)).open);
  }

  #offset(): number {
    return this.#summary?.bytes ?? 0;
  }
}
