/**
 * Station: the host's clocks -> one time for everything the simulated venues do.
 *
 * Anchored: wall time once, monotonic time after, so it compares with the engine's own clock and never
 * runs backward. The only clock of this room; the market below it is handed its times.
 */
import { performance } from "node:perf_hooks";
import type { Micros } from "../../contracts/time.ts";
import { US_PER_MS } from "../../contracts/time.ts";

/** Wall-clock microseconds since the Unix epoch, never running backward. */
export type Clock = () => Micros;

/** Anchors a clock to this moment's wall time. */
export function anchoredClock(): Clock {
  const anchorUs = Math.round((performance.timeOrigin + performance.now()) * US_PER_MS);
  const driftUs = Date.now() * US_PER_MS - anchorUs;
  const startMs = performance.now();
  // timeOrigin is fixed at process start; the wall clock may have been set since, so it is corrected.
  const baseUs = Math.abs(driftUs) > US_PER_MS ? anchorUs + driftUs : anchorUs;
  return () => baseUs + Math.round((performance.now() - startMs) * US_PER_MS);
}
