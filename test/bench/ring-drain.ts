/**
 * The other end of the recorder's ring, for benches: takes what is there every few milliseconds, as the
 * recorder does between its group commits, and keeps nothing.
 */
import { parentPort, workerData } from "node:worker_threads";
import { ByteRing } from "../../hotpath/io/byte-ring.ts";

const TURN_MS = 5;
const PIECE_BYTES = 1024 * 1024;

const ring = new ByteRing(workerData as SharedArrayBuffer);

setInterval(() => {
  for (let bytes = ring.peek(PIECE_BYTES); bytes > 0; bytes = ring.peek(PIECE_BYTES)) {
    ring.consume(bytes);
  }
}, TURN_MS);

parentPort?.postMessage("draining");
