/**
 * Station: the engine's status -> its last word on itself, in the table of commands, every two seconds.
 *
 * Who watches from outside sees life by it, and a successor on another machine learns what is killed. The
 * lists that have an end point of their own are left out; of many books the first are told, since an item of
 * the table is paid by its size.
 */
import type { Heartbeat } from "../../contracts/operator-command.ts";
import type { BookStatus, EngineStatus } from "../../contracts/status.ts";
import type { CommandRecords } from "../io/aws/command-records.ts";
import type { Log } from "../io/log.ts";
import { ConfidenceMinutes, type ConfidenceTold } from "./confidence-minutes.ts";

export type HeartbeatOptions = {
  readonly engine: string;
  readonly runId: string;
  readonly records: Pick<CommandRecords, "beat">;
  readonly status: () => Promise<EngineStatus>;
  readonly publishedSeq: () => number;
  readonly nowUs: () => number;
  readonly log: Log;
};

const BEAT_MS = 2000;
const FAILURES_PER_LINE = 30;
/** About 150 bytes each. */
export const BOOKS_TOLD_MAX = 40;

export class HeartbeatWriter {
  readonly #options: HeartbeatOptions;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  #failures = 0;
  readonly #confidence = new ConfidenceMinutes();

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setTimeout(() => void this.#beat(), 0);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  async #beat(): Promise<void> {
    const status = await this.#options.status().catch(() => undefined);
    if (status !== undefined) await this.write(status);
    if (!this.#isStopped) this.#timer = setTimeout(() => void this.#beat(), BEAT_MS);
  }

  /** Writes one; the last of a run tells why it ended. */
  async write(status: EngineStatus): Promise<void> {
    const { engine, runId, records, publishedSeq, nowUs, log } = this.#options;
    this.#confidence.take(status);
    const who = { engine, runId, confidence: this.#confidence.told };
    const told = await records.beat(heartbeatOf(status, who, publishedSeq(), nowUs()));
    if (told.ok) this.#failures = 0;
    else if (this.#failures++ % FAILURES_PER_LINE === 0) {
      log.warn("the heartbeat cannot be written", { cause: told.reason });
    }
  }
}

export type HeartbeatSource = {
  readonly engine: string;
  readonly runId: string;
  /** Least confidence of the last minutes, where somebody has counted it. */
  readonly confidence?: ConfidenceTold;
};

/** The books that are told: those that are not live before the others. */
function firstBooks(books: readonly BookStatus[]): readonly BookStatus[] {
  const wrong = books.filter(({ state }) => state !== "live");
  const live = books.filter(({ state }) => state === "live");
  return [...wrong, ...live].slice(0, BOOKS_TOLD_MAX);
}

/** A status as it is told in the table. */
export function heartbeatOf(
  status: EngineStatus,
  { engine, runId, confidence }: HeartbeatSource,
  publishedSeq: number,
  nowUs: number,
): Heartbeat {
  const { trading, startedUs, halted, ready, journal, resyncs } = status;
  const short = {
    ...status,
    books: firstBooks(status.books),
    ...(confidence === undefined ? {} : { confidence }),
    loopMinutes: status.loopMinutes.slice(-1),
    resyncs: { ...resyncs, recent: [] },
    trading: trading === null ? null : { ...trading, orders: [] },
  };
  return {
    engine,
    runId,
    fence: trading?.fence ?? 0,
    atUs: nowUs,
    startedUs,
    halted,
    isReady: ready,
    limitsVersion: trading?.limitsVersion ?? 0,
    ackedSeq: journal.lastAckedSeq,
    publishedSeq,
    statusJson: JSON.stringify(short),
  };
}
