/**
 * Station: what a venue says of its time -> the offset of our clock to it, with its bound.
 */
import { assert } from "../../contracts/assert.ts";
import { onAnswer } from "./book/fetch.ts";
import type { ControlEvent } from "./events.ts";
import type { VenueState, World } from "./world.ts";

/** A clock's error below this needs no second look before the next interval. */
const CLOCK_ERROR_TIGHT_US = 5000;

/** Takes up a measurement, or that there was none. */
export function applyClockEvent(
  world: World,
  event: Extract<ControlEvent, { type: "clockMeasured" | "clockFailed" }>,
): void {
  const venue = world.venues[event.venue];
  assert(venue !== undefined, "a clock belongs to a venue");
  const isOfWindow = ({ clockWindow, weightWindow }: VenueState) => clockWindow === weightWindow;
  if (event.type === "clockFailed") {
    onAnswer(world, venue, isOfWindow, -1, event.retryAfterUs);
    venue.clockNextUs = world.nowUs + Math.floor(world.limits.clockIntervalUs / 10);
    return;
  }
  const { clockIntervalUs } = world.limits;
  onAnswer(world, venue, isOfWindow, event.weightUsed, 0);
  // A round trip that was held up (by our own start, most often) bounds the offset badly: it is asked
  // again soon, and does not replace a tighter bound that is not old yet.
  const isTight = event.errorUs <= CLOCK_ERROR_TIGHT_US;
  venue.clockNextUs = world.nowUs + (isTight ? clockIntervalUs : clockIntervalUs / 20);
  const isOld = world.nowUs - venue.clockMeasuredUs > 2 * clockIntervalUs;
  if (event.errorUs > venue.clockErrorUs && !isTight && !isOld) return;
  venue.clockOffsetUs = event.offsetUs;
  venue.clockErrorUs = event.errorUs;
  venue.clockMeasuredUs = world.nowUs;
}
