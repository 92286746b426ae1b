/**
 * Station: none; what a checker says of a history. Types only.
 */
import type { Micros } from "../../../contracts/time.ts";

/** An invariant, by its number in RELIABILITY section 3, and what broke it. */
export type Violation = {
  readonly invariant: number;
  readonly sentence: string;
  readonly atUs: Micros;
  readonly step: number;
};
