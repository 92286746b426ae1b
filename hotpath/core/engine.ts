/**
 * Station: (world, event) -> commands. The one function family that changes the world.
 *
 * `applyMarket` takes a row of the market ring, `applyControl` a control event; both are given the time
 * and leave their commands in `world.outbox`. Each event is one tick. Nothing here reads a clock or
 * waits, so the same events give the same world and the same commands, always.
 */
import { assert } from "../../contracts/assert.ts";
import type { ResyncCause } from "../../contracts/resync.ts";
import { onAnswer } from "./book/fetch.ts";
import { onSnapshot, onSnapshotFailed, onStepped, voidBook } from "./book/resync.ts";
import { checkEverything } from "./check.ts";
import { applyClockEvent } from "./clock-event.ts";
import {
  loseConfidence,
  observeFrame,
  onCandidateFrame,
  onRefusal,
  onStall,
} from "./confidence.ts";
import { applyDelta, applyTrade } from "./delta.ts";
import type { ControlEvent, SessionEvent } from "./events.ts";
import { applyStreamDelta, applyStreamSnapshot } from "./in-stream.ts";
import { MARKET, type MarketRing } from "./market-ring.ts";
import { updateMode } from "./mode.ts";
import {
  dial,
  dropCandidate,
  endPredecessor,
  failCandidate,
  hasTransport,
  isStale,
  onConfirmed,
  onDialFailed,
  onOpened,
} from "./session.ts";
import type { BookSlot, Session, VenueState, World } from "./world.ts";

/** Begins a tick: numbers it, and moves the only clock there is. It never runs backwards. */
function beginTick(world: World, nowUs: number): void {
  assert(world.outbox.length === 0, "the loop took the commands of the tick before");
  world.tick++;
  world.counters.ticks++;
  if (nowUs > world.nowUs) world.nowUs = nowUs;
}

/** Applies one decoded market event. */
export function applyMarket(world: World, ring: MarketRing, row: number): void {
  beginTick(world, ring.processUs[row] as number);
  const { counters } = world;
  counters.marketEvents++;
  const session = world.sessions[ring.session[row] as number];
  const slot = world.slots[ring.instrument[row] as number];
  assert(session !== undefined, "a market event names a session of this world");
  assert(slot !== undefined, "a market event names an instrument of this world");
  const epoch = ring.epoch[row] as number;
  if (isStale(session, epoch)) {
    const isNext = session.candidate !== undefined && session.candidate.epoch === epoch;
    if (!isNext || !onCandidateFrame(world, session)) {
      counters.staleEpochDiscards++;
      return;
    }
    updateMode(world, session.venue);
  }
  slot.activity++;
  // The predecessor of a rotation is heard, but says nothing about its successor's health.
  if (epoch === session.epoch) {
    observeFrame(
      world,
      session,
      ring.recvUs[row] as number,
      ring.awayUs[row] as number,
      ring.exchangeUs[row] as number,
    );
    if (isStale(session, epoch)) {
      // What the frame told of its transport has ended it: nothing else that it says is believed.
      counters.staleEpochDiscards++;
      updateMode(world, session.venue);
      return;
    }
  }
  switch (ring.kind[row]) {
    case MARKET.bookDelta:
      if (slot.checksum === undefined) applyDelta(world, slot, ring, row);
      else applyStreamDelta(world, slot, slot.checksum, ring, row);
      return;
    case MARKET.bookSnapshot:
      assert(slot.checksum !== undefined, "a snapshot in the stream is signed");
      applyStreamSnapshot(world, slot, slot.checksum, ring, row);
      return;
    case MARKET.quote:
      counters.quotes++;
      return;
    case MARKET.trade:
      applyTrade(world, slot, ring, row);
      return;
    default:
      assert(false, `market kind ${ring.kind[row]} is one of the kinds`);
  }
}

/**
 * What follows a market event once its commands were taken, in the same tick: orders go first, and what is
 * to be told of them may come after. To be called whenever `applyMarket` has left commands.
 */
export function concludeMarket(world: World): void {
  world.trader?.conclude();
}

/** Applies one control event. */
export function applyControl(world: World, event: ControlEvent, nowUs: number): void {
  beginTick(world, nowUs);
  world.counters.controlEvents++;
  switch (event.type) {
    case "started":
      start(world);
      break;
    case "sessionOpened":
    case "dialFailed":
    case "sessionClosed":
    case "subscriptionConfirmed":
    case "subscriptionRefused":
    case "shutdownAnnounced":
    case "writeFailed":
      applySessionEvent(world, sessionOf(world, event.session), event);
      break;
    case "commandDropped":
      world.counters.commandsDropped++;
      break;
    case "frameRefused":
      refuse(world, event);
      break;
    case "gapDeclared":
      world.counters.gapsDeclared++;
      if (!isStale(sessionOf(world, event.session), event.epoch)) {
        voidBook(world, slotOf(world, event.instrument), "ringOverflow", world.nowUs);
      }
      break;
    case "snapshotReceived":
    case "snapshotFailed":
      applySnapshotEvent(world, event);
      break;
    case "clockMeasured":
    case "clockFailed":
      applyClockEvent(world, event);
      break;
    case "timerFired":
      break;
    case "resyncStepped":
      onStepped(world, slotOf(world, event.instrument), event.resyncId);
      break;
    case "loopStalled":
      world.counters.loopStalls++;
      onStall(world, event.stalledUs);
      break;
    case "resyncRequested":
      requestResync(world, event.instrument, event.cause);
      break;
    case "shutdownRequested":
      shutDown(world);
      break;
    default:
      world.trader?.onEvent(event);
      break;
  }
  checkEverything(world);
  world.trader?.onTimer();
}

function applySessionEvent(world: World, session: Session, event: SessionEvent): void {
  switch (event.type) {
    case "sessionOpened":
      onOpened(world, session, event.epoch, event.attempt);
      return;
    case "dialFailed":
      onDialFailed(world, session, event.attempt);
      return;
    case "subscriptionConfirmed":
      onConfirmed(world, session, event.epoch);
      return;
    case "shutdownAnnounced":
      // The cut may come at any moment: the successor is dialed now.
      if (event.epoch === session.epoch) session.shutdownAnnounced = true;
      return;
    case "sessionClosed":
      onEnd(world, session, event.epoch, "sessionClosed");
      return;
    case "subscriptionRefused":
      onEnd(world, session, event.epoch, "subscriptionFailure");
      return;
    case "writeFailed":
      onEnd(world, session, event.epoch, "writeFailure");
      return;
  }
}

/** A transport came to its end, whichever of the three it is. */
function onEnd(
  world: World,
  session: Session,
  epoch: number,
  cause: "sessionClosed" | "subscriptionFailure" | "writeFailure",
): void {
  const isClosed = cause === "sessionClosed";
  if (epoch === session.epoch && hasTransport(session)) {
    loseConfidence(world, session, cause, world.nowUs, isClosed);
    return;
  }
  if (epoch === session.predecessorEpoch && epoch > 0) {
    if (isClosed) session.predecessorEpoch = 0;
    else endPredecessor(world, session, cause);
    return;
  }
  if (session.candidate?.epoch === epoch && session.candidate.phase !== "dialing") {
    if (isClosed) onDialFailed(world, session, session.candidate.attempt);
    else failCandidate(world, session, cause);
    return;
  }
  world.counters.staleEpochDiscards++;
}

function refuse(world: World, event: Extract<ControlEvent, { type: "frameRefused" }>): void {
  world.counters.framesRefused++;
  const session = sessionOf(world, event.session);
  if (isStale(session, event.epoch)) return;
  if (event.instrument >= 0 && event.isDelta) {
    // A delta is lost for certain, so its book need not wait for the gap to show.
    const cause = event.reason === "offStep" ? "instrumentRules" : "malformedFrames";
    voidBook(world, slotOf(world, event.instrument), cause, world.nowUs);
  }
  onRefusal(world, session);
}

function applySnapshotEvent(
  world: World,
  event: Extract<ControlEvent, { type: "snapshotReceived" | "snapshotFailed" }>,
): void {
  const slot = slotOf(world, event.instrument);
  const venue = world.venues[slot.venue];
  assert(venue !== undefined, "a book belongs to a venue");
  venue.snapshotsInFlight = Math.max(0, venue.snapshotsInFlight - 1);
  const isOfWindow = ({ windowRequestId }: VenueState) => event.requestId > windowRequestId;
  if (event.type === "snapshotReceived") {
    onAnswer(world, venue, isOfWindow, event.weightUsed, 0);
    onSnapshot(world, slot, event.requestId, event.levels, event.recvUs);
  } else {
    onAnswer(world, venue, isOfWindow, event.weightUsed, event.retryAfterUs);
    onSnapshotFailed(world, slot);
  }
}

function start(world: World): void {
  for (const slot of world.slots) voidBook(world, slot, "start", world.nowUs);
  for (const session of world.sessions) dial(world, session, "replace");
}

function requestResync(world: World, instrument: number, cause: ResyncCause): void {
  for (const slot of world.slots) {
    if (instrument < 0 || slot.instrument.index === instrument) {
      voidBook(world, slot, cause, world.nowUs);
    }
  }
}

function shutDown(world: World): void {
  world.stopping = true;
  world.trader?.onShutdown();
  for (const slot of world.slots) slot.phase = "idle";
  for (const session of world.sessions) {
    dropCandidate(world, session, "shutdown");
    endPredecessor(world, session, "shutdown");
    const { index, epoch } = session;
    if (hasTransport(session)) {
      world.outbox.push({ type: "closeSession", session: index, epoch, cause: "shutdown" });
    }
    // One that was still dialing has lost its candidate, and waits for nothing any more.
    session.state = "idle";
  }
  for (const slot of world.slots) slot.book.void();
}

function sessionOf(world: World, index: number): Session {
  const session = world.sessions[index];
  assert(session !== undefined, `session ${index} is one of this world`);
  return session;
}

function slotOf(world: World, index: number): BookSlot {
  const slot = world.slots[index];
  assert(slot !== undefined, `instrument ${index} is one of this world`);
  return slot;
}
