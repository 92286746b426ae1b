/**
 * Station: core, what a person has to know. An alarm is a command like any other: journaled, told once.
 */
import type { World } from "../world.ts";

/** Tells of something at a venue (and an instrument, or -1). Severity 1 wakes somebody. */
export function alarm(
  world: World,
  severity: 1 | 2 | 3,
  kind: string,
  where: { readonly venue: number; readonly instrument: number },
  text: string,
): void {
  const { venue, instrument } = where;
  world.outbox.push({
    type: "recordAlarm",
    alarm: { severity, kind, venue, instrument, text },
  });
}
