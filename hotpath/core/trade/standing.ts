/**
 * Station: core, what stands over all trading of this engine, whatever books and accounts say: its lease, and
 * the loosest mode that its operators allow. Changed by `lease.ts` and `operator.ts`, read by the gate.
 */
import type { Mode } from "../../../contracts/status.ts";
import { worseMode } from "../mode.ts";
import type { TradingPlan } from "./plan.ts";

export type Standing = {
  /** When our right ends: Infinity where a counter file is the fence, 0 before the first word of it. */
  leaseUntilUs: number;
  /** Before this, requests of the holder before us may still come out of a venue's back end. */
  openFromUs: number;
  /** The stall of our own process that is reckoned with; of no account without a lease. */
  readonly leaseStallUs: number;
  /** With less than this left nothing is sent. */
  readonly leaseMarginUs: number;
  /** What is open was taken back, because too little was left. */
  isLeaseEnding: boolean;
  /** It is over, and the engine was told to end. */
  isLeaseOver: boolean;
  /** What an operator allows at most. */
  modeMax: Mode;
};

export function makeStanding({ lease }: TradingPlan): Standing {
  return {
    leaseUntilUs: lease === undefined ? Number.POSITIVE_INFINITY : 0,
    openFromUs: 0,
    leaseStallUs: lease?.stallUs ?? 0,
    leaseMarginUs: lease?.marginUs ?? 0,
    isLeaseEnding: false,
    isLeaseOver: false,
    modeMax: "active",
  };
}

/** Time left to the holder of the lease, as the gate reads it. */
export function leaseRemainingUs({ leaseUntilUs }: Standing, nowUs: number): number {
  return Math.max(0, leaseUntilUs - nowUs);
}

/** The mode that counts at a venue: its own, or the operator's where that is stricter. */
export function modeAt({ modeMax }: Standing, mode: Mode): Mode {
  return worseMode(modeMax, mode);
}
