// Goal: a process that records as fast as it can and says what was acknowledged, until it is killed.
import { Worker } from "node:worker_threads";
import { ByteRing, createRingMemory } from "../../hotpath/io/byte-ring.ts";
import { createStatusMemory, STATUS_ACKED_SEQ } from "../../hotpath/io/journal/recorder.ts";
import type { RecorderWorkerData } from "../../hotpath/recorder-thread.ts";
import { sampleRecord, WRITER_OPTIONS } from "./io/journal/fixture.ts";

const [root = "", runId = ""] = process.argv.slice(2);
const memory = createRingMemory(1024 * 1024);
const statusMemory = createStatusMemory();
const workerData: RecorderWorkerData = {
  ring: memory,
  status: statusMemory,
  root,
  runId,
  open: "begin",
  options: {
    ...WRITER_OPTIONS,
    segmentBytes: 200_000,
    retention: { retainBytes: 1e12, retainUs: 1e15, reserveFreeBytes: 0 },
  },
};
new Worker(new URL("../../hotpath/recorder-thread.ts", import.meta.url), { workerData });

const ring = new ByteRing(memory);
const status = new Float64Array(statusMemory);
let seq = 1;
let said = 0;

function feed(): void {
  for (let count = 0; count < 200; count += 1) {
    const record = sampleRecord(seq);
    const recordBytes = new DataView(record.buffer).getUint32(0, true);
    const offset = ring.reserve(recordBytes);
    if (offset < 0) break;
    ring.bytes.set(record.subarray(8, recordBytes), offset + 8);
    seq += 1;
  }
  ring.publish();
  const acked = status[STATUS_ACKED_SEQ] ?? 0;
  if (acked > said) {
    said = acked;
    process.stdout.write(`${acked}\n`);
  }
  setImmediate(feed);
}

feed();
