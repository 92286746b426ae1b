// Goal: the other side of the ring in a thread of its own; fills it as fast as it can.
import { workerData } from "node:worker_threads";
import { ByteRing } from "../../../hotpath/io/byte-ring.ts";

const { memory, records } = workerData as { memory: SharedArrayBuffer; records: number };
const ring = new ByteRing(memory);
const pause = new Int32Array(new SharedArrayBuffer(4));

for (let sent = 0; sent < records; ) {
  // Sizes walk through all alignments and force a wrap at every possible place.
  const size = 24 + ((sent * 7) % 200);
  const offset = ring.reserve(size);
  if (offset < 0) {
    Atomics.wait(pause, 0, 0, 0.05);
    continue;
  }
  ring.f64[(offset + 8) >> 3] = sent;
  ring.bytes[offset + size - 1] = sent & 255;
  ring.publish();
  sent += 1;
}
