/**
 * The clock of the functions: wall time in microseconds, given to logic and stores as a value.
 */
import { type Micros, US_PER_MS } from "../../contracts/time.ts";

export type Clock = () => Micros;

/** Microseconds since 1970, by the machine's clock and to its millisecond. */
export function wallClock(): Micros {
  return Date.now() * US_PER_MS;
}
