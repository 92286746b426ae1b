/**
 * The virtual AWS on real time, for suites that wait by the clock: what is due happens, and promises settle, as
 * long as somebody has asked for something.
 */

import { VirtualCloud } from "../../../../local/sim/aws/cloud.ts";
import { CloudFaults } from "../../../../local/sim/aws/cloud-faults.ts";
import { Kernel } from "../../../../local/sim/kernel/kernel.ts";

const TURN_MS = 2;
const US_PER_MS = 1_000;
/** Requests take virtual milliseconds; they need not take real ones. */
const SPEED = 20;
/** The clients of the other rigs try as often. */
const ATTEMPTS_MAX = 4;

export type VirtualRig = {
  readonly cloud: VirtualCloud;
  readonly clients: ReturnType<VirtualCloud["clients"]>;
  readonly stop: () => void;
};

/** Starts a virtual AWS with the resources of one deployment. */
export function startVirtualRig(prefix: string, engines: readonly string[]): VirtualRig {
  const kernel = new Kernel();
  const faults = new CloudFaults(1);
  const place = "local";
  const cloud = new VirtualCloud({ kernel, faults, seed: 1, prefix, place, engines });
  const startedMs = performance.now();
  const beginUs = kernel.nowUs;
  const timer = setInterval(() => {
    const untilUs = beginUs + Math.round((performance.now() - startedMs) * US_PER_MS * SPEED);
    while (kernel.nextUs <= untilUs) kernel.step();
    kernel.nowUs = Math.max(kernel.nowUs, untilUs);
  }, TURN_MS);
  return { cloud, clients: cloud.clients(ATTEMPTS_MAX), stop: () => clearInterval(timer) };
}
