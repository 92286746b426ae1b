/**
 * Station: none; what time knows of a container or a venue. Types only.
 */
import type { Micros } from "../../../contracts/time.ts";

/** A container, or a venue, as time knows it. */
export type Process = {
  readonly name: string;
  /** Its clock minus the true one. */
  skewUs: Micros;
  /** What its calendar has been set forward since its start; its other clocks know nothing of that. */
  wallShiftUs: Micros;
  isAlive: boolean;
  /** Until then nothing happens to it: what is due waits, in its order. */
  pausedUntilUs: Micros;
  /** Called after each of its turns, for what it does beside its events. */
  onTurnEnd: (() => void) | undefined;
};
