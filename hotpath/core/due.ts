/**
 * Station: world -> the one timer. Every deadline is a field of the state it belongs to; this reads them.
 *
 * It changes nothing: what is to be done at a deadline stands where the state is changed, in `engine.ts`
 * and the modules it calls.
 */
import { fetchDueUs } from "./book/fetch.ts";
import { heardUs, instrumentSilenceUs, lostAfterUs, suspectAfterUs } from "./confidence.ts";
import type { BookSlot, Session, World } from "./world.ts";

/** What is due and cannot be done yet is tried again after this. */
const LOOK_AGAIN_US = 10_000;

/**
 * The earliest moment at which the world wants a `timerFired`.
 *
 * Frames move the limits of silence without a timer being set anew, so a world with a live session is
 * looked at now and then. What is due already was tried in this tick and waits for something else (a
 * dial under way, a bucket that is empty), so it is looked at again a little later, not at once.
 */
export function nextDueUs(world: World): number {
  let due = Number.POSITIVE_INFINITY;
  if (world.stopping) return due;
  if (world.trader !== undefined) due = world.trader.dueUs();
  if (world.sessions.some(({ state }) => state === "live")) {
    due = Math.min(due, world.nowUs + world.limits.silenceFloorUs);
  }
  for (const session of world.sessions) due = Math.min(due, sessionDueUs(world, session));
  for (const slot of world.slots) due = Math.min(due, bookDueUs(world, slot));
  for (let venue = 0; venue < world.venues.length; venue++) {
    const state = world.venues[venue];
    const clockDueUs = Math.max(state?.clockNextUs ?? due, state?.silentUntilUs ?? 0);
    due = Math.min(due, clockDueUs, fetchDueUs(world, venue));
    if (state !== undefined && state.betterSinceUs > 0) {
      due = Math.min(due, state.betterSinceUs + world.limits.modeHysteresisUs);
    }
  }
  return due <= world.nowUs ? world.nowUs + LOOK_AGAIN_US : due;
}

function bookDueUs(world: World, slot: BookSlot): number {
  if (slot.phase === "waitingDelta") {
    const quietSinceUs = heardUs(world, slot.venue, slot.rebuiltUs);
    return quietSinceUs + world.limits.quietAcceptUs;
  }
  if (slot.book.state !== "live") return Number.POSITIVE_INFINITY;
  const lastUs = heardUs(world, slot.venue, slot.lastDeltaUs);
  return lastUs + instrumentSilenceUs(slot.deltaIntervalUs, world.limits);
}

function sessionDueUs(world: World, session: Session): number {
  let due = session.candidate?.deadlineUs ?? Number.POSITIVE_INFINITY;
  if (session.candidate?.purpose === "rotation" && session.candidate.phase === "ready") {
    due = session.candidate.confirmedUs + world.limits.overlapUs;
  }
  if (session.predecessorEpoch > 0) due = Math.min(due, session.predecessorEndUs);
  switch (session.state) {
    case "waiting":
      return Math.min(due, session.nextDialUs);
    case "subscribing":
      return Math.min(due, session.subscribeDeadlineUs);
    case "live": {
      const limit =
        session.suspectedUs > 0
          ? lostAfterUs(session, world.limits)
          : suspectAfterUs(session, world.limits);
      due = Math.min(due, heardUs(world, session.venue, session.lastRecvUs) + limit);
      if (session.candidate !== undefined) return due;
      const isWanted = session.suspectedUs > 0 || session.shutdownAnnounced;
      const successorUs = isWanted ? 0 : session.openedUs + world.limits.rotateAfterUs;
      return Math.min(due, Math.max(successorUs, session.nextDialUs));
    }
    case "idle":
    case "dialing":
      return due;
  }
}
