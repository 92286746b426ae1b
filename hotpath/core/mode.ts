/**
 * Station: confidence -> mode -> what is permitted.
 *
 * Degrading is immediate; a better mode must have been deserved for the whole hysteresis, so that an
 * oscillating input flips it at most once in that time. Every change is a command, and so is journaled.
 */
import type { Mode } from "../../contracts/status.ts";
import type { OrderPurpose } from "../../contracts/trade.ts";
import { confidenceOf } from "./confidence.ts";
import type { VenueState, World } from "./world.ts";

/** What the mode is decided from; one value for each question, the worst of the venue's sessions. */
export type ModeInputs = {
  readonly sessionsLive: number;
  readonly sessionsTotal: number;
  readonly booksLive: number;
  readonly booksTotal: number;
  readonly lowestConfidence: number;
  readonly isClockKnown: boolean;
  readonly isClockNear: boolean;
  readonly isStalled: boolean;
};

export type ModeVerdict = { readonly mode: Mode; readonly reason: string };

/** Below this confidence a session's books are not opened upon; below the lower one they only close. */
const CONFIDENCE_OPEN_MIN = 0.25;

/** The table, from worst to best; the first row that applies decides. */
export function modeOf(inputs: ModeInputs): ModeVerdict {
  if (inputs.sessionsLive === 0) return { mode: "suspended", reason: "noSession" };
  if (inputs.booksLive === 0) return { mode: "suspended", reason: "noBook" };
  if (inputs.isStalled) return { mode: "exitsOnly", reason: "loopStalled" };
  if (inputs.lowestConfidence <= 0) return { mode: "exitsOnly", reason: "confidenceLost" };
  if (inputs.sessionsLive < inputs.sessionsTotal) {
    return { mode: "noNewPositions", reason: "sessionLost" };
  }
  if (!inputs.isClockKnown) return { mode: "noNewPositions", reason: "clockUnknown" };
  if (!inputs.isClockNear) return { mode: "noNewPositions", reason: "clockOffset" };
  if (inputs.lowestConfidence < CONFIDENCE_OPEN_MIN) {
    return { mode: "noNewPositions", reason: "confidenceLow" };
  }
  return { mode: "active", reason: "" };
}

/** The truth table of what each mode permits. */
const PERMITTED: Readonly<Record<Mode, readonly OrderPurpose[]>> = {
  active: ["open", "finish", "exit", "cancel"],
  noNewPositions: ["finish", "exit", "cancel"],
  exitsOnly: ["exit", "cancel"],
  suspended: ["cancel"],
};

/** Whether `mode` permits an order of this purpose. */
export function mayOrder(mode: Mode, purpose: OrderPurpose): boolean {
  return PERMITTED[mode].includes(purpose);
}

const RANK: Readonly<Record<Mode, number>> = {
  suspended: 0,
  exitsOnly: 1,
  noNewPositions: 2,
  active: 3,
};

/** The stricter of two modes. */
export function worseMode(a: Mode, b: Mode): Mode {
  return RANK[a] < RANK[b] ? a : b;
}

/** Re-evaluates one venue's mode. */
export function updateMode(world: World, venueIndex: number): void {
  const venue = world.venues[venueIndex];
  if (venue === undefined) return;
  const wanted = modeOf(inputsOf(world, venueIndex, venue));
  if (wanted.mode === venue.mode) {
    venue.betterSinceUs = 0;
    return;
  }
  if (RANK[wanted.mode] < RANK[venue.mode]) {
    change(world, venueIndex, venue, wanted);
    return;
  }
  // The first way up, after the start, has nothing to be held against it.
  const isFirst = venue.modeReason === "start";
  if (venue.betterSinceUs === 0) venue.betterSinceUs = world.nowUs;
  if (isFirst || world.nowUs - venue.betterSinceUs >= world.limits.modeHysteresisUs) {
    change(world, venueIndex, venue, wanted);
  }
}

function change(world: World, index: number, venue: VenueState, to: ModeVerdict): void {
  world.counters.modeChanges++;
  world.outbox.push({
    type: "recordMode",
    venue: index,
    from: venue.mode,
    to: to.mode,
    reason: to.reason,
  });
  venue.mode = to.mode;
  venue.modeReason = to.reason;
  venue.betterSinceUs = 0;
}

function inputsOf(world: World, venueIndex: number, venue: VenueState): ModeInputs {
  // A session without books (trades only) is missed by nobody who decides.
  const sessions = world.sessions.filter(
    ({ venue: owner, books }) => owner === venueIndex && books.length > 0,
  );
  const slots = world.slots.filter((slot) => slot.venue === venueIndex);
  let lowest = 1;
  // A session that is lost has a row of its own in the table; here only the others are judged.
  for (const session of sessions) {
    if (session.state === "live") lowest = Math.min(lowest, confidenceOf(world, session).value);
  }
  return {
    sessionsLive: sessions.filter(({ state }) => state === "live").length,
    sessionsTotal: sessions.length,
    booksLive: slots.filter(({ book }) => book.state === "live").length,
    booksTotal: slots.length,
    lowestConfidence: lowest,
    isClockKnown: venue.clockMeasuredUs > 0,
    isClockNear: Math.abs(venue.clockOffsetUs) <= world.limits.clockOffsetUs + venue.clockErrorUs,
    isStalled:
      world.nowUs < venue.stalledUntilUs + world.limits.overlapUs && venue.stalledUntilUs > 0,
  };
}
