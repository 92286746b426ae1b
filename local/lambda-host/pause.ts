/**
 * A wait that a stop cuts short.
 */
import { setTimeout as wait } from "node:timers/promises";

/** Waits for `ms`, or until `signal` is aborted; it never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
