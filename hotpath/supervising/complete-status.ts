/**
 * Station: the hot thread's word + what only the supervisor knows (journal, resyncs, memory) -> the whole
 * status of the engine.
 */
import path from "node:path";
import type { EngineStatus, ResyncSummary } from "../../contracts/status.ts";
import type { ByteRing } from "../io/byte-ring.ts";
import type { WorldStatus } from "../world-status.ts";
import type { RecorderWorker } from "./recorder-worker.ts";

export type HotThreadWord = {
  readonly status: WorldStatus;
  readonly rings: Omit<EngineStatus["rings"], "recorder">;
  readonly loopMinutes: EngineStatus["loopMinutes"];
};

export type SupervisorWord = {
  readonly startedUs: number;
  readonly ring: ByteRing;
  readonly recorder: RecorderWorker;
  readonly resyncs: ResyncSummary;
  readonly journalDirectory: string;
  readonly runId: string;
};

/** The status as it is told to the outside. */
export function completeStatus(
  { status, rings, loopMinutes }: HotThreadWord,
  { startedUs, ring, recorder, resyncs, journalDirectory, runId }: SupervisorWord,
): EngineStatus {
  const { capacityBytes, depthBytes, highWaterBytes, overflows, controlOverflows } = ring.status();
  return {
    ...status,
    startedUs,
    rings: {
      ...rings,
      recorder: {
        capacity: capacityBytes,
        depth: depthBytes,
        highWater: highWaterBytes,
        overflows: overflows + controlOverflows,
      },
    },
    loopMinutes,
    residentBytes: process.memoryUsage.rss(),
    resyncs,
    journal: {
      directory: path.join(journalDirectory, runId),
      lastAckedSeq: recorder.ackedSeq,
      bytes: recorder.bytesWritten,
      segments: recorder.segmentCount,
    },
  };
}

/** For a run that ended before the hot thread had said anything. */
export function silentWord(nowUs: number): HotThreadWord {
  const none = { capacity: 0, depth: 0, highWater: 0, overflows: 0 };
  return {
    status: {
      nowUs,
      tick: 0,
      halted: "",
      ready: false,
      venues: [],
      books: [],
      trading: null,
      counters: {},
    },
    rings: { marketEvents: none, controlEvents: none, outboundCommands: none },
    loopMinutes: [],
  };
}
