/**
 * Station: ring -> groups -> journal; the recorder without its thread.
 *
 * Each turn drains the ring, commits what it found as one group and, where due, ends a segment.
 * Sealing and retention run beside the turns. The first failure of any of them is the last thing
 * the recorder does: it says so, acknowledges nothing more and leaves the halt to the supervisor.
 */
import { AssertionError } from "../../../contracts/assert.ts";
import {
  CLASS_CTL,
  CLASS_NORM,
  CTL_EVENT,
  RECORD_CLASS_AT,
  RECORD_TYPE_AT,
  type SegmentManifest,
} from "../../../contracts/journal.ts";
import type { ByteRing } from "../byte-ring.ts";
import type { Disk } from "./disk.ts";
import { describeError, failure, type JournalError, messageOf } from "./failure.ts";
import { enforceRetention, type RetentionOptions, type RetentionReport } from "./retention.ts";
import type { WriterStart } from "./run.ts";
import type { RunRecovery } from "./runs.ts";
import type { SegmentSummary } from "./scan.ts";
import { sealSegment } from "./seal.ts";
import { JournalWriter, type WriterOptions } from "./writer.ts";

/** A group is committed at this size even while the ring still has records. */
const GROUP_BYTES_MAX = 1024 * 1024;
/** Work of one turn; the rest waits for the next, so that timers and messages get their turn. */
const TURN_BYTES_MAX = 2 * 1024 * 1024;
const DISK_CHECK_US = 1_000_000;
const RETENTION_CHECK_US = 60_000_000;

export type RecorderOptions = WriterOptions & { readonly retention: RetentionOptions };

/** What the recorder tells the supervisor. */
export type RecorderMessage =
  | { readonly type: "recovered"; readonly runs: readonly RunRecovery[] }
  | { readonly type: "ready"; readonly runId: string; readonly nextSeq: number }
  | { readonly type: "sealed"; readonly manifest: SegmentManifest }
  | { readonly type: "retired"; readonly report: RetentionReport }
  | { readonly type: "failed"; readonly reason: string; readonly error: JournalError }
  | { readonly type: "stopped"; readonly lastSeq: number };

// The status block: numbers shared with the other threads, each written by the recorder alone. An
// aligned 8-byte store is one instruction on both platforms we ship for, so no reader sees half.

/** Last acknowledged sequence. */
export const STATUS_ACKED_SEQ = 0;
export const STATUS_BYTES_WRITTEN = 1;
export const STATUS_SEGMENTS = 2;
export const STATUS_COMMITS = 3;
/** From the oldest record's own time to its acknowledgment, for the last group. */
export const STATUS_LAG_US = 4;
/** How long the last commit took, and the longest of all. */
export const STATUS_COMMIT_US = 5;
export const STATUS_COMMIT_MAX_US = 6;
/** When the recorder last took a turn; the watchdog looks at it. */
export const STATUS_TURN_US = 7;
/** 1 once the recorder has failed. */
export const STATUS_FAILED = 8;
/** Bytes of all journals and bytes free on the disk, as last measured. */
export const STATUS_DISK_BYTES = 9;
export const STATUS_FREE_BYTES = 10;
export const STATUS_SEALED_SEGMENTS = 11;
const STATUS_WORDS = 16;

/** Memory for a status block; wrap it in a Float64Array on both sides. */
export function createStatusMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(STATUS_WORDS * 8);
}

/** Everything a recorder works with; clock and disk are given, so that tests own them. */
export type RecorderParts = {
  readonly disk: Disk;
  readonly ring: ByteRing;
  readonly status: Float64Array;
  /** The folder of all runs, and the folder of this one in it. */
  readonly root: string;
  readonly directory: string;
  readonly start: WriterStart;
  readonly options: RecorderOptions;
  readonly nowUs: () => number;
  readonly emit: (message: RecorderMessage) => void;
};

export class Recorder {
  readonly #parts: RecorderParts;
  readonly #writer: JournalWriter;
  #hasFailed = false;
  #background: Promise<void> = Promise.resolve();
  #waiting = 0;
  #isRetentionDue = true;
  #diskCheckedUs = 0;
  #retentionCheckedUs = 0;

  constructor(parts: RecorderParts) {
    const { disk, directory, start, options, status } = parts;
    this.#parts = parts;
    this.#writer = new JournalWriter(disk, directory, start, options);
    status[STATUS_ACKED_SEQ] = this.#writer.ackedSeq;
    parts.emit({ type: "ready", runId: start.runId, nextSeq: start.nextSeq });
  }

  /** Whether sealing or retention is under way, beside the turns. */
  get isCatchingUp(): boolean {
    return this.#waiting > 0;
  }

  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Seals segments that a recovery of this run left unsealed. */
  sealLater(summaries: readonly SegmentSummary[]): void {
    for (const summary of summaries) this.#enqueue(() => this.#seal(summary));
  }

  /** Drains and commits what is there; returns whether the ring may hold more. */
  turn(): boolean {
    if (this.#hasFailed) return false;
    const nowUs = this.#parts.nowUs();
    this.#parts.status[STATUS_TURN_US] = nowUs;
    try {
      const mayHoldMore = this.#drain();
      if (!this.#hasFailed && this.#writer.isSegmentFull(nowUs)) this.#endSegment();
      if (!this.#hasFailed) this.#checkDisk(nowUs);
      return mayHoldMore && !this.#hasFailed;
    } catch (thrown) {
      const code = thrown instanceof AssertionError ? "badRecord" : "disk";
      this.#fail(failure(code, this.#parts.directory, -1, messageOf(thrown)).error);
      return false;
    }
  }

  /** Drains, commits, seals and lets go. The producer must have published its last record. */
  async stop(): Promise<void> {
    while (this.turn()) {
      // Each turn is bounded, and nothing is published any more.
    }
    if (!this.#hasFailed) this.#endSegment();
    await this.settle();
    this.#writer.close();
    if (this.#hasFailed) return;
    this.#parts.emit({ type: "stopped", lastSeq: this.#writer.ackedSeq });
  }

  /** Resolves when sealing and retention have caught up. */
  async settle(): Promise<void> {
    let waitedFor: Promise<void> | null = null;
    while (waitedFor !== this.#background) {
      waitedFor = this.#background;
      await waitedFor;
    }
  }

  #drain(): boolean {
    const { ring } = this.#parts;
    let drainedBytes = 0;
    while (drainedBytes < TURN_BYTES_MAX) {
      const bytes = ring.peek(GROUP_BYTES_MAX);
      if (bytes > 0) {
        this.#writer.append(ring.bytes, ring.peekOffset, bytes);
        ring.consume(bytes);
        drainedBytes += bytes;
      }
      const isLast = bytes === 0;
      const isFull = this.#writer.groupBytes >= GROUP_BYTES_MAX && this.#isBetweenTicks();
      if ((isLast || isFull) && !this.#commit()) return false;
      if (isLast) return false;
    }
    while (!this.#isBetweenTicks()) {
      const bytes = ring.peek(1);
      this.#writer.append(ring.bytes, ring.peekOffset, bytes);
      ring.consume(bytes);
    }
    return this.#commit();
  }

  /**
   * Whether a group may end here: what the core made of an event is acknowledged with it or not at all. The
   * hot thread publishes whole ticks, and each begins with its event.
   */
  #isBetweenTicks(): boolean {
    const { ring } = this.#parts;
    if (ring.peek(1) === 0) return true;
    const classCode = ring.bytes[ring.peekOffset + RECORD_CLASS_AT];
    if (classCode === CLASS_NORM) return true;
    return classCode === CLASS_CTL && ring.bytes[ring.peekOffset + RECORD_TYPE_AT] === CTL_EVENT;
  }

  #commit(): boolean {
    if (this.#writer.groupBytes === 0) return true;
    const { status, nowUs } = this.#parts;
    const oldestUs = this.#writer.groupFirstUs;
    const beganUs = nowUs();
    const failed = this.#writer.commit(beganUs);
    if (failed !== null) {
      this.#fail(failed.error);
      return false;
    }
    const endedUs = nowUs();
    const commitUs = endedUs - beganUs;
    status[STATUS_ACKED_SEQ] = this.#writer.ackedSeq;
    status[STATUS_BYTES_WRITTEN] = this.#writer.bytesWritten;
    status[STATUS_SEGMENTS] = this.#writer.segments;
    status[STATUS_COMMITS] = (status[STATUS_COMMITS] ?? 0) + 1;
    status[STATUS_LAG_US] = Math.max(0, endedUs - oldestUs);
    status[STATUS_COMMIT_US] = commitUs;
    status[STATUS_COMMIT_MAX_US] = Math.max(status[STATUS_COMMIT_MAX_US] ?? 0, commitUs);
    return true;
  }

  #endSegment(): void {
    const summary = this.#writer.endSegment();
    if (summary === null) return;
    this.#enqueue(() => this.#seal(summary));
    this.#isRetentionDue = true;
    this.#enqueueRetention();
  }

  #checkDisk(nowUs: number): void {
    if (nowUs - this.#diskCheckedUs < DISK_CHECK_US) return;
    this.#diskCheckedUs = nowUs;
    const freeBytes = this.#parts.disk.freeBytes(this.#parts.root);
    this.#parts.status[STATUS_FREE_BYTES] = freeBytes;
    if (freeBytes < this.#parts.options.retention.reserveFreeBytes) this.#isRetentionDue = true;
    if (nowUs - this.#retentionCheckedUs >= RETENTION_CHECK_US) this.#isRetentionDue = true;
    if (this.#isRetentionDue) this.#enqueueRetention();
  }

  async #seal(summary: SegmentSummary): Promise<void> {
    const { disk, directory, start, status, emit } = this.#parts;
    const manifest = await sealSegment(disk, directory, start.runId, summary);
    status[STATUS_SEALED_SEGMENTS] = (status[STATUS_SEALED_SEGMENTS] ?? 0) + 1;
    emit({ type: "sealed", manifest });
  }

  #enqueueRetention(): void {
    if (!this.#isRetentionDue) return;
    this.#isRetentionDue = false;
    this.#retentionCheckedUs = this.#parts.nowUs();
    this.#enqueue(() => this.#retain());
  }

  async #retain(): Promise<void> {
    const { disk, root, options, nowUs, status, emit } = this.#parts;
    const result = await enforceRetention(disk, root, options.retention, nowUs());
    if (!result.ok) {
      this.#fail(result.error);
      return;
    }
    const { report } = result;
    status[STATUS_DISK_BYTES] = report.bytes;
    status[STATUS_FREE_BYTES] = report.freeBytes;
    if (report.retired.length > 0 || report.skipped.length > 0 || !report.withinBudget) {
      emit({ type: "retired", report });
    }
    const { reserveFreeBytes } = options.retention;
    if (report.freeBytes >= reserveFreeBytes) return;
    const reason = `${report.freeBytes} bytes are free, the reserve is ${reserveFreeBytes}`;
    this.#fail(failure("noSpace", root, -1, reason).error);
  }

  /** Runs `work` after all work before it; a rejection is a failure of the recorder. */
  #enqueue(work: () => Promise<void>): void {
    this.#waiting++;
    this.#background = this.#background.then(async () => {
      try {
        if (!this.#hasFailed) await work();
      } catch (thrown) {
        this.#fail(failure("disk", this.#parts.directory, -1, messageOf(thrown)).error);
      } finally {
        this.#waiting--;
      }
    });
  }

  #fail(error: JournalError): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#parts.status[STATUS_FAILED] = 1;
    this.#parts.emit({ type: "failed", reason: describeError(error), error });
  }
}
