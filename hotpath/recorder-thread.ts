/**
 * Station: the recorder's worker. It gives the recorder a clock, a disk and turns, and carries its
 * messages; everything that could be wrong about journals is in io/journal and tested there.
 *
 * It polls the ring by timer. To be woken per record would cost the hot thread a system call each
 * time; to wait on shared memory would block this thread's own sealing work.
 */
import path from "node:path";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { assert } from "../contracts/assert.ts";
import { ByteRing } from "./io/byte-ring.ts";
import { nowUs } from "./io/clock.ts";
import { realDisk } from "./io/journal/disk.ts";
import { describeError, type JournalError } from "./io/journal/failure.ts";
import { Recorder, type RecorderMessage, type RecorderOptions } from "./io/journal/recorder.ts";
import { recoverJournal } from "./io/journal/recovery.ts";
import { beginRun, type WriterStart } from "./io/journal/run.ts";
import { recoverRuns } from "./io/journal/runs.ts";
import type { SegmentSummary } from "./io/journal/scan.ts";

/** How long records may wait for their group. */
const TURN_MS = 10;

/** What the supervisor starts the worker with. */
export type RecorderWorkerData = {
  /** From `createRingMemory` and `createStatusMemory`. */
  readonly ring: SharedArrayBuffer;
  readonly status: SharedArrayBuffer;
  /** The folder of all runs; this run's folder is made in it. */
  readonly root: string;
  readonly runId: string;
  /** `begin` refuses a run that exists; `resume` recovers it and goes on. */
  readonly open: "begin" | "resume";
  /**
   * Whether to bring earlier runs in `root` in order first, told by the message `recovered`. Only
   * for the process that alone writes there.
   */
  readonly recoversEarlier?: boolean;
  readonly options: RecorderOptions;
};

/** What the supervisor may say. Stop comes after the hot thread has published its last record. */
export type RecorderOrder = { readonly type: "stop" };

if (parentPort !== null) await run(parentPort, workerData as RecorderWorkerData);

async function run(port: MessagePort, data: RecorderWorkerData): Promise<void> {
  const emit = (message: RecorderMessage): void => port.postMessage(message);
  const directory = path.join(data.root, data.runId);
  if (data.recoversEarlier === true) {
    const runs = await recoverRuns(realDisk, data.root, data.runId);
    if (runs.length > 0) emit({ type: "recovered", runs });
  }
  const opened = openRun(directory, data);
  if (!opened.ok) {
    emit({ type: "failed", reason: describeError(opened.error), error: opened.error });
    port.close();
    return;
  }
  const recorder = new Recorder({
    disk: realDisk,
    ring: new ByteRing(data.ring),
    status: new Float64Array(data.status),
    root: data.root,
    directory,
    start: opened.start,
    options: data.options,
    nowUs,
    emit,
  });
  recorder.sealLater(opened.unsealed);
  takeTurns(port, recorder);
}

function takeTurns(port: MessagePort, recorder: Recorder): void {
  let isStopping = false;
  const turn = (): void => {
    if (isStopping) return;
    const mayHoldMore = recorder.turn();
    // A failed recorder stays until it is stopped, so that its last message is surely read.
    if (recorder.hasFailed) return;
    if (mayHoldMore) setImmediate(turn);
    else setTimeout(turn, TURN_MS);
  };
  port.on("message", (order: RecorderOrder) => {
    assert(order.type === "stop", "the recorder knows one order");
    if (isStopping) return;
    isStopping = true;
    void recorder.stop().finally(() => port.close());
  });
  turn();
}

type Opened =
  | { readonly ok: true; readonly start: WriterStart; readonly unsealed: readonly SegmentSummary[] }
  | { readonly ok: false; readonly error: JournalError };

function openRun(directory: string, data: RecorderWorkerData): Opened {
  if (data.open === "begin") {
    const begun = beginRun(realDisk, directory, { runId: data.runId, firstSeq: 1 });
    return begun.ok ? { ok: true, start: begun.start, unsealed: [] } : begun;
  }
  const result = recoverJournal(realDisk, directory);
  if (!result.ok) return result;
  return { ok: true, start: result.recovered.start, unsealed: result.recovered.unsealed };
}
