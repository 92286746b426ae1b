/**
 * The watchdog: sees the hot thread's heartbeat stop, from a thread of its own.
 *
 * It does nothing else, so that nothing it does can stop it. (Cancelling our own orders over a connection
 * of its own comes with the orders.)
 */
import { parentPort, workerData } from "node:worker_threads";
import { assert } from "../contracts/assert.ts";
import { nowUs } from "./io/clock.ts";

export type WatchdogData = {
  readonly heartbeat: SharedArrayBuffer;
  /** A heartbeat older than this is a stall. */
  readonly stallUs: number;
};

export type FromWatchdog =
  | { readonly type: "stalled"; readonly sinceUs: number }
  | { readonly type: "recovered"; readonly stalledUs: number };

const LOOK_MS = 50;

const port = parentPort;
assert(port !== null, "the watchdog is a worker");
const { heartbeat, stallUs } = workerData as WatchdogData;
const lastBeat = new Float64Array(heartbeat);
let stalledSinceUs = 0;

const timer = setInterval(() => {
  const beatUs = lastBeat[0] as number;
  if (beatUs === 0) return;
  const isStalled = nowUs() - beatUs > stallUs;
  if (isStalled && stalledSinceUs === 0) {
    stalledSinceUs = beatUs;
    port.postMessage({ type: "stalled", sinceUs: beatUs } satisfies FromWatchdog);
  } else if (!isStalled && stalledSinceUs > 0) {
    const stalledUs = beatUs - stalledSinceUs;
    stalledSinceUs = 0;
    port.postMessage({ type: "recovered", stalledUs } satisfies FromWatchdog);
  }
}, LOOK_MS);

port.on("message", () => {
  clearInterval(timer);
  port.close();
});
