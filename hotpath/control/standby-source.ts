/**
 * Station: an engine that waits for its lease -> what its admin port says meanwhile: alive, and not ready.
 */
import type { EngineStatus } from "../../contracts/status.ts";
import type { AdminSource } from "../io/admin-http.ts";

/** The port's answers while another engine holds the lease. */
export function standbySource(journalDirectory: string, nowUs: () => number): AdminSource {
  const startedUs = nowUs();
  const none = { capacity: 0, depth: 0, highWater: 0, overflows: 0 };
  const zero = { p50: 0, p99: 0, max: 0 };
  const status = (): EngineStatus => ({
    startedUs,
    nowUs: nowUs(),
    tick: 0,
    halted: "",
    ready: false,
    venues: [],
    books: [],
    rings: { marketEvents: none, controlEvents: none, outboundCommands: none, recorder: none },
    counters: {},
    loopMinutes: [],
    residentBytes: process.memoryUsage.rss(),
    resyncs: { count: 0, ms: zero, stagesMs: {}, recent: [] },
    trading: null,
    journal: { directory: journalDirectory, lastAckedSeq: 0, bytes: 0, segments: 0 },
  });
  return {
    status,
    metricsText: async () => "",
    book: () => null,
    resyncs: () => [],
    records: () => [],
  };
}
