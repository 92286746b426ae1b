/**
 * What the state of orders is made from: the run it belongs to, its world, and the constants of its rules.
 */
import type { VenueId } from "../../../contracts/ids.ts";
import type { Instrument } from "../instrument.ts";
import type { FeeRounding } from "./fees.ts";
import type { MarkLimits } from "./trade-marks.ts";
import type { InquiryRules } from "./unknown.ts";

export type OrderOptions = {
  /** Of this run; orders of a smaller one belong to a predecessor. */
  readonly fence: number;
  /** By their index in the world. */
  readonly instruments: readonly Instrument[];
  /** By their index in the world. */
  readonly venues: readonly VenueId[];
  /** By venue; to our disadvantage where it is not known. */
  readonly feeRoundings?: readonly (FeeRounding | undefined)[];
  readonly rules?: InquiryRules;
  readonly marks?: MarkLimits;
  /** Ended orders that are remembered. */
  readonly endedMax?: number;
};
