/**
 * One seed of the control plane -> one history and one verdict.
 *
 * Time and chance are the kernel's while it runs; everything is put back as it was afterwards, also where it
 * fails. Two runs of one seed are one history, which their trace hash shows.
 */
import { Random } from "../../venues/market/random.ts";
import { Kernel } from "../kernel/kernel.ts";
import { VirtualGlobals } from "../kernel/virtual-globals.ts";
import type { ControlSimReport } from "./control-report.ts";
import { judgeScene } from "./judge.ts";
import { ControlScene } from "./scene.ts";

export type ControlSimOptions = {
  readonly seed: number;
  /** How many things people and the engine do before the calm. */
  readonly steps: number;
};

/** Runs one seed. Nothing else may run in this thread meanwhile. */
export async function runControlSim({ seed, steps }: ControlSimOptions): Promise<ControlSimReport> {
  const kernel = new Kernel();
  const globals = new VirtualGlobals(kernel, new Random(seed, "globals"));
  globals.install();
  try {
    const scene = new ControlScene(kernel, seed, steps);
    await scene.play();
    return await judgeScene(scene);
  } finally {
    globals.restore();
  }
}
