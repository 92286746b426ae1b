/**
 * Station: a kernel -> its history until a moment. The one loop of the simulator.
 *
 * Almost everything is synchronous and runs without a pause. Promises get their turn where somebody said
 * that he waits for one, at places that the history alone decides, so that one seed stays one history.
 */
import type { Micros } from "../../../contracts/time.ts";
import type { Kernel } from "./kernel.ts";

const realSetImmediate = setImmediate;

/**
 * Lets every promise that can settle do so, as code of the process that ran last. Real work that this begins is
 * waited for: how long it takes must decide nothing.
 */
export async function settlePromises(kernel: Kernel): Promise<void> {
  const before = kernel.current;
  kernel.current = kernel.last;
  await new Promise<void>((resolve) => realSetImmediate(resolve));
  while (kernel.frozen !== undefined) {
    await kernel.frozen.catch(() => undefined);
    await new Promise<void>((resolve) => realSetImmediate(resolve));
  }
  kernel.current = before;
}

/** Runs until nothing more happens before `untilUs`; `onStep` is called after each step. */
export async function runUntil(kernel: Kernel, untilUs: Micros, onStep: () => void): Promise<void> {
  while (kernel.nextUs <= untilUs) {
    kernel.step();
    onStep();
    if (kernel.awaiting > 0 || kernel.frozen !== undefined) await settlePromises(kernel);
  }
  kernel.nowUs = Math.max(kernel.nowUs, untilUs);
}
