/**
 * Station: supervisor -> the recorder's worker, and what it tells -> log and supervisor. Owns that worker's
 * life from the first record to the last.
 *
 * The engine without a journal does not go on: whatever ends the recorder before it was asked to stop is
 * a failure, told once, with its reason.
 */
import { Worker } from "node:worker_threads";
import type { JournalConfig } from "../../contracts/schema/config.ts";
import {
  createStatusMemory,
  type RecorderMessage,
  type RecorderOptions,
  STATUS_ACKED_SEQ,
  STATUS_BYTES_WRITTEN,
  STATUS_SEGMENTS,
} from "../io/journal/recorder.ts";
import type { Log } from "../io/log.ts";
import { segmentBytesOf } from "../publish/segment-size.ts";
import type { RecorderWorkerData } from "../recorder-thread.ts";

const US_PER_HOUR = 3_600_000_000;
const SEGMENT_AGE_US = US_PER_HOUR;
const STOP_MS_MAX = 10_000;

export type RecorderWorkerOptions = {
  readonly journal: JournalConfig;
  readonly runId: string;
  readonly log: Log;
  readonly ringMemory: SharedArrayBuffer;
  /** Whether sealed segments are uploaded: they stay small then, and retention waits for that. */
  readonly isUploaded?: boolean;
  /** Everything that the worker tells after it is ready. */
  readonly onMessage: (message: RecorderMessage) => void;
  /** Told when the worker is gone that should not be. */
  readonly onFailure: (reason: string) => void;
};

export class RecorderWorker {
  readonly #options: RecorderWorkerOptions;
  readonly #status = new Float64Array(createStatusMemory());
  #worker: Worker | undefined;
  #isStopping = false;

  constructor(options: RecorderWorkerOptions) {
    this.#options = options;
  }

  /** The last record that is safe on the disk. */
  get ackedSeq(): number {
    return this.#status[STATUS_ACKED_SEQ] as number;
  }

  get bytesWritten(): number {
    return this.#status[STATUS_BYTES_WRITTEN] as number;
  }

  get segmentCount(): number {
    return this.#status[STATUS_SEGMENTS] as number;
  }

  /** What another worker needs to follow the journal's safe end by itself. */
  get statusMemory(): SharedArrayBuffer {
    return this.#status.buffer as SharedArrayBuffer;
  }

  /** Resolves when there is a journal; rejects when there will be none. */
  start(): Promise<void> {
    const { onFailure, onMessage } = this.#options;
    const data = this.#dataOf();
    const url = new URL("../recorder-thread.ts", import.meta.url);
    const worker = new Worker(url, { workerData: data });
    this.#worker = worker;
    return new Promise((resolve, reject) => {
      worker.on("message", (message: RecorderMessage) => {
        if (message.type === "ready") resolve();
        else if (message.type === "failed") {
          reject(new Error(message.reason));
          onFailure(`the recorder failed: ${message.reason}`);
        } else {
          this.#tell(message);
          onMessage(message);
        }
      });
      worker.on("error", (error) => {
        reject(error);
        onFailure(`the recorder threw: ${error.message}`);
      });
      worker.on("exit", (code) => {
        this.#worker = undefined;
        if (!this.#isStopping) onFailure(`the recorder ended with ${code}`);
      });
    });
  }

  #dataOf(): RecorderWorkerData {
    const { journal, runId, ringMemory, isUploaded = false } = this.#options;
    return {
      ring: ringMemory,
      status: this.statusMemory,
      root: journal.directory,
      runId,
      open: "begin",
      // This engine alone holds the folder (journal-lock.ts), so what a crash left is put in order.
      recoversEarlier: true,
      options: recorderOptionsOf(journal, isUploaded),
    };
  }

  #tell(message: RecorderMessage): void {
    const { log } = this.#options;
    if (message.type === "sealed") {
      const { segment, firstSeq, lastSeq, bytes, compressedBytes } = message.manifest;
      log.info("segment sealed", { segment, firstSeq, lastSeq, bytes, compressedBytes });
    } else if (message.type === "retired" && message.report.retired.length > 0) {
      log.warn("raw records retired to keep the journal in its budget", {
        retired: message.report.retired.length,
        bytes: message.report.bytes,
      });
    }
  }

  /** Has everything written and sealed; waits for a while, not for ever. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const worker = this.#worker;
    if (worker === undefined) return;
    const exited = new Promise<void>((resolve) => {
      worker.once("exit", () => resolve());
    });
    worker.postMessage({ type: "stop" });
    const deadline = new Promise<void>((resolve) => setTimeout(resolve, STOP_MS_MAX).unref());
    await Promise.race([exited, deadline]);
  }
}

/** How a journal of this configuration is written; sealed segments stay small where they are uploaded. */
export function recorderOptionsOf(journal: JournalConfig, isUploaded: boolean): RecorderOptions {
  return {
    sync: journal.sync,
    segmentBytes: segmentBytesOf(journal.segmentBytes, isUploaded),
    segmentUs: SEGMENT_AGE_US,
    retention: {
      retainBytes: journal.retainBytes,
      retainUs: journal.retainHours * US_PER_HOUR,
      reserveFreeBytes: journal.reserveFreeBytes,
      awaitsUpload: isUploaded,
    },
  };
}
