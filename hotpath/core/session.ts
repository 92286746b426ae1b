/**
 * Station: control events -> sessions.
 *
 * A session's transport is never repaired, only replaced: to reconnect is to open the next epoch, and
 * whatever the old transport still has to say is stale by definition. A candidate may be made ready
 * beside the current transport (before the venue's 24 hours are over, or when the current one falls
 * silent), so that the dial is over when the replacement is needed. Who may replace a session stands in
 * `confidence.ts`, and nowhere else.
 */
import { assert } from "../../contracts/assert.ts";
import type { ResyncCause } from "../../contracts/resync.ts";
import { dropEarly, wantEarly } from "./book/early-snapshot.ts";
import { onSessionOpen, onSessionReady, voidBook } from "./book/resync.ts";
import type { SessionEnd } from "./commands.ts";
import { takeDials } from "./dials.ts";
import type { BookSlot, Candidate, Session, World } from "./world.ts";

/** Exponent cap of the dial backoff: beyond it the configured cap holds anyway. */
const BACKOFF_STEPS_MAX = 32;
/**
 * Backoff grows by a quarter, not double: the pause that an outage happens to end in is then at most a
 * quarter of the outage. The 25 dials of its first minute are a fifth of what the bucket holds.
 */
const BACKOFF_GROWTH = 1.25;

/**
 * Whether an event stamped `epoch` comes from a transport that is not believed (any more, or yet).
 *
 * Between a loss and the next transport nobody is believed: frames of the lost one may still be queued.
 */
export function isStale(session: Session, epoch: number): boolean {
  if (epoch === session.epoch) return !hasTransport(session);
  return epoch !== session.predecessorEpoch || epoch === 0;
}

/** Begins to make the next transport ready, unless one is on its way or the venue's limit forbids. */
export function dial(world: World, session: Session, purpose: Candidate["purpose"]): void {
  if (session.candidate !== undefined || world.stopping) return;
  // A successor in advance waits like any other after a failure, or a refusal would be a dial storm.
  if (world.nowUs < session.nextDialUs) return;
  if (!mayDial(world, session)) {
    if (!hasTransport(session)) session.state = "waiting";
    return;
  }
  session.attempt++;
  session.candidate = {
    epoch: session.lastEpoch + 1,
    attempt: session.attempt,
    phase: "dialing",
    purpose,
    dialedUs: world.nowUs,
    openedUs: 0,
    confirmedUs: 0,
    deadlineUs: world.nowUs + world.limits.dialTimeoutUs,
  };
  if (session.state === "waiting" || session.state === "idle") session.state = "dialing";
  world.counters.dials++;
  world.outbox.push({
    type: "openSession",
    session: session.index,
    epoch: session.candidate.epoch,
    attempt: session.attempt,
    timeoutUs: world.limits.dialTimeoutUs,
  });
}

/** Takes one dial of the venue's, or puts the session off until there is one. */
function mayDial(world: World, session: Session): boolean {
  const venue = world.venues[session.venue];
  assert(venue !== undefined, "a session belongs to a venue");
  const againUs = takeDials(venue, 1, world.nowUs);
  if (againUs > 0) session.nextDialUs = againUs;
  return againUs === 0;
}

/**
 * Whether the transport that ends now did what it was dialed for: it lived long, or it brought every
 * book back. The redial after such a one is immediate; how often is bounded by the bucket of dials.
 */
function wasOfUse(world: World, session: Session): boolean {
  if (session.openedUs > 0 && world.nowUs - session.openedUs >= world.limits.stableUs) return true;
  if (session.state !== "live" || session.lastRecvUs <= session.confirmedUs) return false;
  return slotsOf(world, session).every(({ book }) => book.state === "live");
}

/** A dial succeeded. */
export function onOpened(world: World, session: Session, epoch: number, attempt: number): void {
  const candidate = session.candidate;
  if (candidate === undefined || candidate.attempt !== attempt || candidate.phase !== "dialing") {
    // The dial was given up while it succeeded: its transport is nobody's. It is named by its attempt,
    // because the dial that followed it goes for the same epoch.
    world.outbox.push({ type: "abandonDial", session: session.index, attempt });
    return;
  }
  assert(epoch === candidate.epoch, "a transport opens under the epoch it was dialed for");
  session.lastEpoch = epoch;
  candidate.phase = "subscribing";
  candidate.openedUs = world.nowUs;
  candidate.deadlineUs = world.nowUs + world.limits.subscribeTimeoutUs;
  world.outbox.push({ type: "subscribe", session: session.index, epoch });
  // A rotation leaves the books as they are; every other transport will need a snapshot of each.
  if (candidate.purpose !== "rotation") slotsOf(world, session).forEach(wantEarly);
  if (!hasTransport(session)) adopt(world, session);
}

export function hasTransport(session: Session): boolean {
  return session.state === "live" || session.state === "subscribing";
}

/** Makes the candidate the transport that is believed. */
function adopt(world: World, session: Session): void {
  const candidate = session.candidate;
  assert(candidate !== undefined, "there is a candidate to adopt");
  assert(candidate.epoch > session.epoch, "epochs only grow");
  session.candidate = undefined;
  session.epoch = candidate.epoch;
  session.openedUs = candidate.openedUs;
  // A rotation is no frame: how long the market has been quiet goes on being counted.
  if (candidate.purpose !== "rotation") session.lastRecvUs = world.nowUs;
  session.subscribeDeadlineUs = candidate.openedUs + world.limits.subscribeTimeoutUs;
  session.suspectedUs = 0;
  session.lateFrames = 0;
  session.stillFrames = 0;
  session.exchangeMaxUs = 0;
  session.exchangeMaxRecvUs = world.nowUs;
  session.refusals = 0;
  session.shutdownAnnounced = false;
  session.state = candidate.phase === "ready" ? "live" : "subscribing";
  session.confirmedUs = candidate.confirmedUs;
  record(world, session, session.state, candidate.purpose);
  for (const slot of slotsOf(world, session)) {
    if (slot.book.state !== "live") onSessionOpen(slot);
    if (session.state === "live")
      onSessionReady(world, slot, candidate.dialedUs, candidate.openedUs);
    else if (slot.phase === "waitingSession") {
      slot.dialedUs = candidate.dialedUs;
      if (candidate.purpose === "rotation") wantEarly(slot);
    }
  }
}

/** Every stream of a transport was acknowledged. */
export function onConfirmed(world: World, session: Session, epoch: number): void {
  const candidate = session.candidate;
  if (candidate !== undefined && candidate.epoch === epoch && candidate.phase === "subscribing") {
    candidate.phase = "ready";
    candidate.confirmedUs = world.nowUs;
    candidate.deadlineUs = Number.POSITIVE_INFINITY;
    return;
  }
  if (epoch !== session.epoch || session.state !== "subscribing") {
    world.counters.staleEpochDiscards++;
    return;
  }
  session.state = "live";
  session.confirmedUs = world.nowUs;
  record(world, session, "live", "confirmed");
  for (const slot of slotsOf(world, session)) {
    onSessionReady(world, slot, slot.dialedUs, session.openedUs);
  }
}

/**
 * Changes over to a candidate that is ready while the books stay as they are: both transports are heard
 * for a while, and continuity drops what comes twice. This is the make-before-break of a rotation.
 */
export function rotate(world: World, session: Session): void {
  assert(session.candidate?.phase === "ready", "only a confirmed candidate takes over");
  if (session.predecessorEpoch > 0) close(world, session, session.predecessorEpoch, "rotation");
  session.predecessorEpoch = session.epoch;
  session.predecessorEndUs = world.nowUs + world.limits.overlapUs;
  world.counters.sessionsRotated++;
  adopt(world, session);
}

/** The overlap is over. */
export function endPredecessor(world: World, session: Session, cause: SessionEnd): void {
  if (session.predecessorEpoch === 0) return;
  close(world, session, session.predecessorEpoch, cause);
  session.predecessorEpoch = 0;
  session.predecessorEndUs = 0;
}

/** A candidate that came to nothing is sent away, and the next dial waits for the backoff. */
export function failCandidate(world: World, session: Session, cause: SessionEnd): void {
  dropCandidate(world, session, cause);
  session.nextDialUs = world.nowUs + backoffUs(world, session);
  session.failures++;
  if (session.state === "dialing") session.state = "waiting";
}

/** Sends a candidate away that is not needed any more, or that came to nothing. */
export function dropCandidate(world: World, session: Session, cause: SessionEnd): void {
  const candidate = session.candidate;
  if (candidate === undefined) return;
  session.candidate = undefined;
  slotsOf(world, session).forEach(dropEarly);
  if (candidate.phase === "dialing") {
    world.outbox.push({
      type: "abandonDial",
      session: session.index,
      attempt: candidate.attempt,
    });
  } else close(world, session, candidate.epoch, cause);
}

/**
 * Ends the current transport and everything that hung on it, in this tick: all its books are void.
 *
 * `isClosed` when the transport has already ended by itself. Called by `confidence.ts` only.
 */
export function replaceSession(
  world: World,
  session: Session,
  cause: ResyncCause,
  degradedUs: number,
  isClosed: boolean,
): void {
  if (hasTransport(session)) {
    world.counters.sessionsReplaced++;
    record(world, session, "lost", cause);
    if (!isClosed) close(world, session, session.epoch, cause);
  }
  endPredecessor(world, session, cause);
  if (wasOfUse(world, session)) session.failures = 0;
  session.state = session.candidate === undefined ? "waiting" : "dialing";
  session.nextDialUs = world.nowUs + backoffUs(world, session);
  session.failures++;
  for (const slot of slotsOf(world, session)) voidBook(world, slot, cause, degradedUs);
  if (session.candidate === undefined) {
    if (session.nextDialUs <= world.nowUs) dial(world, session, "replace");
  } else if (session.candidate.phase !== "dialing") adopt(world, session);
}

/** A dial or a candidate came to nothing; the next one waits for the backoff. */
export function onDialFailed(world: World, session: Session, attempt: number): void {
  if (session.candidate?.attempt !== attempt) return;
  session.candidate = undefined;
  world.counters.dialFailures++;
  session.nextDialUs = world.nowUs + backoffUs(world, session);
  session.failures++;
  if (session.state === "dialing") session.state = "waiting";
}

/**
 * Capped, growing and jittered; nothing for the first failure after a stable life.
 *
 * The jitter is derived from the session and its attempt, not drawn: a replay waits just as long.
 */
export function backoffUs(world: World, session: Session): number {
  if (session.failures === 0) return 0;
  const { backoffInitialUs, backoffCapUs } = world.limits;
  const steps = Math.min(session.failures - 1, BACKOFF_STEPS_MAX);
  const full = Math.min(backoffCapUs, backoffInitialUs * BACKOFF_GROWTH ** steps);
  const mixed = Math.imul(session.index * 7919 + session.attempt + 1, 0x9e3779b1) >>> 0;
  const jitter = 0.75 + (mixed / 2 ** 32) * 0.25;
  return Math.round(full * jitter);
}

function close(world: World, session: Session, epoch: number, cause: SessionEnd): void {
  world.outbox.push({ type: "closeSession", session: session.index, epoch, cause });
}

function record(world: World, session: Session, change: string, reason: string): void {
  const { index, epoch } = session;
  world.outbox.push({ type: "recordSession", session: index, epoch, change, reason });
}

function slotsOf(world: World, session: Session): BookSlot[] {
  return session.books.map((book) => {
    const slot = world.slots[book];
    assert(slot !== undefined, "a session's books exist");
    return slot;
  });
}
