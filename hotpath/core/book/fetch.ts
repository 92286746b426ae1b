/**
 * Station: resync -> snapshot requests, inside what the venue allows.
 *
 * Who is asked for first, how many at once, and how much request weight is left: decided here, so that
 * fifty books that break together are repaired in the order of their worth and without one HTTP 429.
 */
import type { BookSlot, VenueState, World } from "../world.ts";

/** Share of the weight that may be spent in advance or beside another request, where one would do. */
const SPARE_SHARE = 0.5;

/** Asks for as many snapshots as this venue's limits allow now. */
export function pumpSnapshots(world: World, venueIndex: number): void {
  const venue = world.venues[venueIndex];
  if (venue === undefined || world.stopping) return;
  rollWeightWindow(world, venue);
  while (canFetch(world, venue)) {
    const slot = mostUrgent(world, venueIndex) ?? wantedEarly(world, venueIndex);
    if (slot === undefined) return;
    fetch(world, venue, slot);
  }
}

function canFetch(world: World, venue: VenueState): boolean {
  const { rules } = venue;
  return (
    world.nowUs >= venue.silentUntilUs &&
    venue.snapshotsInFlight < world.limits.snapshotsInFlightMax &&
    venue.weightUsed + rules.depthWeight <= rules.weightLimit
  );
}

/** Whether there is weight to spare for a request that may turn out to be one too many. */
export function hasSpareWeight({ rules, weightUsed }: VenueState): boolean {
  return weightUsed + rules.depthWeight <= rules.weightLimit * SPARE_SHARE;
}

/** The book that would like a snapshot before it can use one. */
function wantedEarly(world: World, venueIndex: number): BookSlot | undefined {
  const venue = world.venues[venueIndex];
  if (venue === undefined || !hasSpareWeight(venue)) return undefined;
  let best: BookSlot | undefined;
  for (const slot of world.slots) {
    if (slot.venue !== venueIndex || slot.earlyWanted === 0) continue;
    if (best === undefined || isMoreUrgent(slot, best)) best = slot;
  }
  return best;
}

/** The waiting book without a request first, then the one traded most, then the first listed. */
function mostUrgent(world: World, venueIndex: number): BookSlot | undefined {
  let best: BookSlot | undefined;
  for (const slot of world.slots) {
    if (slot.venue !== venueIndex || slot.phase !== "waitingSnapshot") continue;
    if (slot.nextFetchUs > world.nowUs) continue;
    if (best === undefined || isMoreUrgent(slot, best)) best = slot;
  }
  return best;
}

function isMoreUrgent(slot: BookSlot, best: BookSlot): boolean {
  if (slot.inFlight !== best.inFlight) return slot.inFlight < best.inFlight;
  return slot.activity > best.activity;
}

function fetch(world: World, venue: VenueState, slot: BookSlot): void {
  const { limits } = world;
  world.requestCount++;
  if (slot.earlyWanted > 0) slot.earlyWanted--;
  slot.snapshotCount++;
  slot.inFlight++;
  venue.snapshotsInFlight++;
  venue.weightUsed += venue.rules.depthWeight;
  // Without an answer by then, a second request is sent beside this one.
  slot.nextFetchUs = world.nowUs + limits.snapshotHedgeUs * slot.inFlight;
  world.outbox.push({
    type: "fetchSnapshot",
    instrument: slot.instrument.index,
    requestId: world.requestCount,
    depthLimit: venue.rules.depthLimit,
    timeoutUs: limits.snapshotTimeoutUs,
  });
}

/** Binance counts weight in windows aligned to its own clock, not in sliding ones. */
export function rollWeightWindow(world: World, venue: VenueState): void {
  const window = Math.floor((world.nowUs + venue.clockOffsetUs) / venue.rules.weightWindowUs);
  // A correction of the clock may lead back into a window: what was used in it stays used.
  if (window > venue.weightWindow) venue.weightUsed = 0;
  venue.weightWindow = window;
}

/** An answer came: the venue's own count of our weight corrects ours upwards. */
export function onAnswer(
  world: World,
  venue: VenueState,
  weightUsed: number,
  retryAfterUs: number,
): void {
  rollWeightWindow(world, venue);
  if (weightUsed > venue.weightUsed) venue.weightUsed = weightUsed;
  if (retryAfterUs > 0) {
    venue.silentUntilUs = Math.max(venue.silentUntilUs, world.nowUs + retryAfterUs);
  }
}

/** When this venue should be looked at again: the earliest fetch, or the end of a silence or window. */
export function fetchDueUs(world: World, venueIndex: number): number {
  const venue = world.venues[venueIndex];
  if (venue === undefined) return Number.POSITIVE_INFINITY;
  let due = Number.POSITIVE_INFINITY;
  for (const slot of world.slots) {
    if (slot.venue !== venueIndex || slot.phase !== "waitingSnapshot") continue;
    if (slot.nextFetchUs < due) due = slot.nextFetchUs;
  }
  if (due === Number.POSITIVE_INFINITY) return due;
  due = Math.max(due, venue.silentUntilUs);
  if (venue.weightUsed + venue.rules.depthWeight > venue.rules.weightLimit) {
    const windowEnd = (venue.weightWindow + 1) * venue.rules.weightWindowUs - venue.clockOffsetUs;
    due = Math.max(due, windowEnd);
  }
  if (venue.snapshotsInFlight >= world.limits.snapshotsInFlightMax) return Number.POSITIVE_INFINITY;
  return due;
}
