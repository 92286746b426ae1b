/**
 * Station: a seed and what a bug needs -> whether its history could bring the bug out at all.
 *
 * A history without the venue whose code is wrong, or without a fault that would show it, is not worth playing:
 * it counts as one that found nothing. So the seed that is told is the campaign's own, and only ever too high.
 */
import type { VenueId } from "../../../contracts/ids.ts";
import { Random } from "../../venues/market/random.ts";
import type { FaultClass } from "../faults/fault-classes.ts";
import { drawSwarm, type Swarm } from "../faults/fault-driver.ts";
import { drawSettings } from "../world/settings.ts";

/** What a hunt of the simulator aims at. */
export type Aim = {
  readonly classes?: readonly string[] | undefined;
  readonly venue?: VenueId | undefined;
  /** The classes alone are on, in every seed; otherwise as each seed has them. */
  readonly isDirected?: boolean;
};

/** Of its greatest rate; a fault that is weaker strikes once or twice in a history. */
const STRENGTH_MIN = 0.3;

/** Whether the seed has the venue, and one of the classes at some strength. */
export function isPromising(seed: number, { classes, venue, isDirected }: Aim): boolean {
  if (venue !== undefined) {
    const { venues } = drawSettings(seed, "nominal", new Random(seed, "settings"));
    if (!venues.includes(venue)) return false;
  }
  if (classes === undefined) return true;
  const only = isDirected === true ? new Set(classes) : undefined;
  return isStrong(drawSwarm(new Random(seed, "swarm"), only), classes);
}

function isStrong(swarm: Swarm, classes: readonly string[]): boolean {
  return swarm.enabled.some(
    (each) => classes.includes(each.id) && strengthOf(swarm, each) >= STRENGTH_MIN,
  );
}

/** Its rate in this history, as a part of the greatest that it may have. */
function strengthOf({ weather, trading, timed }: Swarm, of: FaultClass): number {
  const { source } = of;
  switch (source.by) {
    case "weather":
      return (weather[source.fault] ?? 0) / source.rateMax;
    case "trading":
      return (trading[source.kind] ?? 0) / source.rateMax;
    case "market":
    case "event":
      return (timed.find((each) => each.of === of)?.perMinute ?? 0) / source.perMinuteMax;
  }
}
