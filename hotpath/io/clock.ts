/**
 * Station: the only clock of the container. Anchored: wall time once at start, monotonic after, so it
 * never runs backwards and still compares with the venue's clock once the offset is known.
 */
import { performance } from "node:perf_hooks";
import type { Micros } from "../../contracts/time.ts";

const US_PER_MS = 1000;
const NS_PER_US = 1000n;
const ANCHOR_US = Math.round(performance.timeOrigin * US_PER_MS);

/** Now, in integer microseconds since the Unix epoch. Costs about 40 ns. */
export function nowUs(): Micros {
  return ANCHOR_US + Math.floor(performance.now() * US_PER_MS);
}

/**
 * Microseconds of the machine's monotonic clock, from a zero that all threads of the process share: the one
 * time that may be handed from thread to thread. It means nothing on another machine.
 */
export function monotonicUs(): Micros {
  return Number(process.hrtime.bigint() / NS_PER_US);
}

/**
 * Tells how long this thread has been away from its sockets.
 *
 * The event loop's idle time grows only while nothing was ready to be read. So what passed since the
 * last look, less the idle time in it, was spent in our own code; and while no idle time passes at all,
 * the absence goes on. Data read now arrived at most that long ago.
 */
export class Absence {
  #lastUs = nowUs();
  #lastIdleMs = performance.nodeTiming.idleTime;
  #awayUs = 0;

  /** Called when bytes have just been read, at `readUs`. */
  observe(readUs: Micros): Micros {
    const idleMs = performance.nodeTiming.idleTime;
    const passedUs = readUs - this.#lastUs;
    const idleUs = (idleMs - this.#lastIdleMs) * US_PER_MS;
    this.#awayUs =
      idleUs > 0 ? Math.max(0, Math.round(passedUs - idleUs)) : this.#awayUs + passedUs;
    this.#lastUs = readUs;
    this.#lastIdleMs = idleMs;
    return this.#awayUs;
  }
}
