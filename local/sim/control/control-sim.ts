/**
 * One seed of the control plane -> one history and one verdict.
 *
 * Time and chance are the kernel's while it runs; everything is put back as it was afterwards, also where it
 * fails. Two runs of one seed are one history, which their trace hash shows.
 */
import { Random } from "../../venues/market/random.ts";
import { Kernel } from "../kernel/kernel.ts";
import { VirtualGlobals } from "../kernel/virtual-globals.ts";
import { ControlScene } from "./scene.ts";

export type ControlSimOptions = {
  readonly seed: number;
  /** How many things people and the engine do before the calm. */
  readonly steps: number;
};

export type ControlSimReport = {
  readonly traceHash: string;
  /** Events of the kernel. */
  readonly steps: number;
  readonly simulatedUs: number;
  /** How often each fault struck, by the classes of RELIABILITY section 2. */
  readonly classesFired: Readonly<Record<string, number>>;
  /** How often each reaction was seen. */
  readonly probes: Readonly<Record<string, number>>;
  /** What did not hold: the number of the invariant, and a sentence. */
  readonly violations: readonly string[];
};

/** Runs one seed. Nothing else may run in this thread meanwhile. */
export async function runControlSim({ seed, steps }: ControlSimOptions): Promise<ControlSimReport> {
  const kernel = new Kernel();
  const globals = new VirtualGlobals(kernel, new Random(seed, "globals"));
  globals.install();
  try {
    return await new ControlScene(kernel, seed, steps).run();
  } finally {
    globals.restore();
  }
}
