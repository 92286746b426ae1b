/**
 * Station: what a story wants done from outside -> the operator's word, in a turn of the engine's own.
 */
import type { EngineLife } from "../engine/engine-life.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Act } from "./scenarios.ts";

/** Who asks, and why, as the kill list and the journal have it. */
const BY = "story";

/** Does it with the next event; `onKilled` is called when a kill has been acknowledged. */
export function carryOut(
  act: Exclude<Act, "crash">,
  { kernel, life }: { readonly kernel: Kernel; readonly life: EngineLife },
  onKilled: () => void,
): void {
  kernel.at(kernel.nowUs, life.process, () => {
    if (act === "drain") {
      life.operate({ type: "drainRequested", policy: "flatten", by: BY });
      return;
    }
    const request = { scope: "all", target: "", by: BY, reason: BY } as const;
    void life.operations?.kill(request).then((answer) => {
      if (answer.ok && life.process.isAlive) onKilled();
    });
  });
}
