/**
 * Station: the plan of trading and the world -> what of both concerns risk. Named apart, so that risk can be
 * made for a test, or a replay, without either.
 */
import type { RiskLimits } from "../../../contracts/risk-limits.ts";
import type { Instrument } from "../instrument.ts";
import type { RateRule } from "./rate-rule.ts";

/** What of a plan concerns risk. */
export type RiskPlan = {
  readonly venues: readonly {
    readonly venue: number;
    readonly startAmounts: Readonly<Record<string, string>>;
    readonly referenceAsset: string;
    readonly rates: readonly RateRule[];
  }[];
  readonly limits: RiskLimits;
  readonly limitsVersion: number;
  /** Divides the pauses of breakers in a drill; 1 where it is left out. */
  readonly timeDivisor?: number;
};

/** What of a world does. */
export type RiskSetting = {
  readonly instruments: readonly Instrument[];
  readonly slots: readonly { readonly venue: number }[];
  readonly venues: readonly { readonly id: string }[];
};
