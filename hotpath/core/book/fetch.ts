/**
 * Station: resync -> snapshot requests, inside what the venue allows.
 *
 * Who is asked for first, how many at once, and how much request weight is left: decided here, so that
 * fifty books that break together are repaired in the order of their worth and without one HTTP 429.
 */
import type { DepthTier } from "../limits.ts";
import type { BookSlot, VenueState, World } from "../world.ts";

/** Share of the weight that may be spent in advance or beside another request, where one would do. */
const SPARE_SHARE = 0.25;

/** Asks for as many snapshots as this venue's limits allow now. */
export function pumpSnapshots(world: World, venueIndex: number): void {
  const venue = world.venues[venueIndex];
  if (venue === undefined || world.stopping) return;
  rollWeightWindow(world, venue);
  while (canFetch(world, venue)) {
    const slot = mostUrgent(world, venueIndex) ?? wantedEarly(world, venueIndex);
    if (slot === undefined) return;
    fetch(world, venue, slot, tierFor(world, venueIndex, venue));
  }
}

function canFetch(world: World, venue: VenueState): boolean {
  const { rules } = venue;
  return (
    world.nowUs >= venue.silentUntilUs &&
    venue.snapshotsInFlight < world.limits.snapshotsInFlightMax &&
    venue.weightUsed + cheapest(venue).weight <= rules.weightLimit
  );
}

/** The size we would like, when there is no smaller one. */
function preferred({ rules }: VenueState): DepthTier {
  return { levels: rules.depthLimit, weight: rules.depthWeight };
}

function cheapest(venue: VenueState): DepthTier {
  return venue.rules.shallower.at(-1) ?? preferred(venue);
}

/**
 * The deepest snapshot of which as many as books are waiting could still be had, with the weight for one
 * more shallow round of every book kept back: so a storm thins out its own requests. A shallow book is true as far as it goes; a book that waits for the end of the
 * minute is not there at all.
 */
function tierFor(world: World, venueIndex: number, venue: VenueState): DepthTier {
  const { rules, weightUsed } = venue;
  if (rules.shallower.length === 0) return preferred(venue);
  let waiting = 0;
  let books = 0;
  for (const slot of world.slots) {
    if (slot.venue !== venueIndex) continue;
    books++;
    if (slot.phase === "waitingSnapshot") waiting++;
  }
  const spare = rules.weightLimit - weightUsed - cheapest(venue).weight * books;
  for (const tier of [preferred(venue), ...rules.shallower]) {
    if (tier.weight * Math.max(1, waiting) <= spare) return tier;
  }
  return cheapest(venue);
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

function fetch(world: World, venue: VenueState, slot: BookSlot, tier: DepthTier): void {
  const { limits } = world;
  world.requestCount++;
  if (slot.earlyWanted > 0) slot.earlyWanted--;
  slot.snapshotCount++;
  // A subscription that is asked for again takes the place of the one before it, and its depth stays.
  if (slot.checksum === undefined || slot.inFlight === 0) {
    slot.inFlight++;
    venue.snapshotsInFlight++;
  }
  if (slot.checksum === undefined) {
    // Whichever answer comes is taken as cut off where the shallowest of them would be.
    slot.depthAsked = slot.inFlight > 1 ? Math.min(slot.depthAsked, tier.levels) : tier.levels;
  }
  venue.weightUsed += tier.weight;
  // Without an answer by then, a second request is sent beside this one.
  slot.nextFetchUs = world.nowUs + limits.snapshotHedgeUs * slot.inFlight;
  world.outbox.push({
    type: "fetchSnapshot",
    instrument: slot.instrument.index,
    requestId: world.requestCount,
    depthLimit: tier.levels,
    timeoutUs: limits.snapshotTimeoutUs,
  });
}

/** Binance counts weight in windows aligned to its own clock, not in sliding ones. */
export function rollWeightWindow(world: World, venue: VenueState): void {
  const window = Math.floor((world.nowUs + venue.clockOffsetUs) / venue.rules.weightWindowUs);
  // A correction of the clock may lead back into a window: what was used in it stays used.
  if (window > venue.weightWindow) {
    venue.weightUsed = 0;
    venue.windowRequestId = world.requestCount;
  }
  venue.weightWindow = window;
}

/**
 * An answer came: the venue's own count of our weight corrects ours upwards.
 *
 * Only for a request of this window (`isOfWindow`): one that was on its way when the window ended says
 * what was used in the window before, which would leave a whole minute without weight to spare.
 */
export function onAnswer(
  world: World,
  venue: VenueState,
  isOfWindow: (venue: VenueState) => boolean,
  weightUsed: number,
  retryAfterUs: number,
): void {
  rollWeightWindow(world, venue);
  if (weightUsed > venue.weightUsed && isOfWindow(venue)) venue.weightUsed = weightUsed;
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
  if (venue.weightUsed + cheapest(venue).weight > venue.rules.weightLimit) {
    const windowEnd = (venue.weightWindow + 1) * venue.rules.weightWindowUs - venue.clockOffsetUs;
    due = Math.max(due, windowEnd);
  }
  if (venue.snapshotsInFlight >= world.limits.snapshotsInFlightMax) return Number.POSITIVE_INFINITY;
  return due;
}
