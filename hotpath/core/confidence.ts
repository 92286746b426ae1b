/**
 * Station: evidence -> confidence -> replacement. How far the local picture may be believed, and why.
 *
 * Nine triggers, each with its reason code; this is the only caller of `replaceSession`. Useful market
 * data is the heartbeat: ping and pong are not even seen here. A delay is charged to whoever caused it:
 * the time that the hot thread was away from its sockets (`awayUs`) never counts against the transport.
 */
import type { ResyncCause } from "../../contracts/resync.ts";
import type { CoreLimits } from "./limits.ts";
import {
  dial,
  dropCandidate,
  failCandidate,
  hasTransport,
  replaceSession,
  rotate,
} from "./session.ts";
import type { Session, World } from "./world.ts";

/** Weight of a new interval in the running mean. */
const INTERVAL_WEIGHT = 1 / 32;
/** A mean interval below this is a stream faster than ten messages a second. */
const FAST_INTERVAL_US = 100_000;
/** A fast stream is suspected after this share of the silence that a slow one would be given. */
const SUSPECT_SHARE = 0.5;
/** Late or motionless frames in a row that make a trigger out of an accident. */
const LATE_FRAMES_MIN = 5;
/** And for how long they must have been late. */
const LATE_SPAN_US = 200_000;
/** After a replacement for latency the venue is given this long before the next one for the same. */
const LATENCY_REPEAT_US = 10_000_000;

export type Classification = "none" | "transportCollapse" | "internalSaturation";

/** Whose fault a delay is: the transport's, or our own loop's. */
export function classify(
  transportUs: number,
  queueUs: number,
  awayUs: number,
  limits: Pick<CoreLimits, "transportUs" | "queueDelayUs">,
): Classification {
  const internalUs = queueUs + awayUs;
  const outsideUs = transportUs - awayUs;
  if (internalUs > limits.queueDelayUs && internalUs >= outsideUs) return "internalSaturation";
  return outsideUs > limits.transportUs ? "transportCollapse" : "none";
}

/** Notes what a frame of the current epoch says about its session. */
export function observeFrame(
  world: World,
  session: Session,
  recvUs: number,
  awayUs: number,
  exchangeUs: number,
): void {
  session.frames++;
  const interval = recvUs - session.lastRecvUs;
  if (interval > 0) {
    // Between two frames, not before the first; and the first interval is taken whole, because a mean
    // that grew from 0 would make every stream look fast.
    if (session.intervalUs === 0) session.intervalUs = session.frames > 1 ? interval : 0;
    else session.intervalUs += (interval - session.intervalUs) * INTERVAL_WEIGHT;
    session.lastRecvUs = recvUs;
  }
  session.queueUs = world.nowUs - recvUs;
  session.awayUs = awayUs;
  if (exchangeUs > 0) observeTime(world, session, recvUs, awayUs, exchangeUs);
}

function observeTime(
  world: World,
  session: Session,
  recvUs: number,
  awayUs: number,
  exchangeUs: number,
): void {
  const { limits } = world;
  if (exchangeUs > session.exchangeMaxUs) {
    session.exchangeMaxUs = exchangeUs;
    session.exchangeMaxRecvUs = recvUs;
    session.stillFrames = 0;
  } else if (++session.stillFrames >= LATE_FRAMES_MIN) {
    // Frames keep coming and the venue's time stands still: old data dressed as new.
    const stillUs = recvUs - session.exchangeMaxRecvUs - awayUs;
    if (stillUs > limits.frozenUs) {
      loseConfidence(world, session, "ancientTimestamp", session.exchangeMaxRecvUs);
      return;
    }
  }
  const venue = world.venues[session.venue];
  if (venue === undefined || venue.clockMeasuredUs === 0) return;
  // Without the clock's offset and its error bound no age can be told: clocks 1.3 s off are recorded.
  session.transportUs = recvUs - exchangeUs + venue.clockOffsetUs;
  const certainUs = session.transportUs - venue.clockErrorUs - awayUs;
  if (certainUs <= limits.transportUs) {
    session.lateFrames = 0;
    return;
  }
  if (session.lateFrames++ === 0) session.lateSinceUs = recvUs;
  if (session.lateFrames < LATE_FRAMES_MIN || recvUs - session.lateSinceUs < LATE_SPAN_US) return;
  if (session.latencyReplacedUs + LATENCY_REPEAT_US > world.nowUs && session.latencyReplacedUs > 0)
    return;
  session.latencyReplacedUs = world.nowUs;
  const cause = certainUs > limits.ancientUs ? "ancientTimestamp" : "transportLatency";
  loseConfidence(world, session, cause, session.lateSinceUs);
}

/** The one door to a replacement. */
export function loseConfidence(
  world: World,
  session: Session,
  cause: ResyncCause,
  degradedUs: number,
  isClosed = false,
): void {
  replaceSession(world, session, cause, degradedUs, isClosed);
}

/** Silence after which a session of this pace is suspected. */
export function suspectAfterUs(session: Session, limits: CoreLimits): number {
  // Without a pace there is nothing to measure silence by but the limit itself.
  if (session.intervalUs === 0) return lostAfterUs(session, limits) * SUSPECT_SHARE;
  const share = session.intervalUs < FAST_INTERVAL_US ? SUSPECT_SHARE : 1;
  return Math.min(
    lostAfterUs(session, limits),
    Math.max(limits.suspectFloorUs, session.intervalUs * limits.silenceFactor * share),
  );
}

/** Silence after which a session is not believed; one that never spoke is given less. */
export function lostAfterUs(session: Session, limits: CoreLimits): number {
  const neverSpoke = session.frames === 0 && session.books.length > 0;
  return neverSpoke ? limits.firstDataUs : silenceAfterUs(session.intervalUs, limits);
}

/** Silence after which a stream with this mean interval is not believed; against its own baseline. */
export function silenceAfterUs(intervalUs: number, limits: CoreLimits): number {
  if (intervalUs <= 0) return limits.silenceCeilingUs;
  const byPace = intervalUs * limits.silenceFactor;
  const most = intervalUs < FAST_INTERVAL_US ? limits.silenceFastUs : limits.silenceCeilingUs;
  return Math.min(most, Math.max(limits.silenceFloorUs, byPace));
}

/**
 * Silence after which one instrument's stream is not believed while its session speaks. By its own pace
 * alone: a market told once an hour is not silent after a minute.
 */
export function instrumentSilenceUs(intervalUs: number, limits: CoreLimits): number {
  return Math.max(silenceAfterUs(intervalUs, limits), intervalUs * limits.silenceFactor);
}

/**
 * Looks at a session that has been silent: suspects it first (and dials its successor), disbelieves it
 * when its silence passes the limit.
 */
export function checkSilence(world: World, session: Session): void {
  if (session.state !== "live") return;
  const { limits } = world;
  const silentUs = world.nowUs - heardUs(world, session.venue, session.lastRecvUs);
  if (silentUs >= lostAfterUs(session, limits)) {
    loseConfidence(world, session, "noMarketFlow", session.lastRecvUs);
    return;
  }
  if (silentUs < suspectAfterUs(session, limits)) {
    if (session.suspectedUs > 0) withdrawSuspicion(world, session);
    return;
  }
  if (session.suspectedUs === 0) {
    session.suspectedUs = world.nowUs;
    world.counters.suspicions++;
  }
  dial(world, session, "suspicion");
}

/** While the loop itself was away, nobody was silent: silence begins when it came back. */
export function heardUs(world: World, venueIndex: number, lastUs: number): number {
  return Math.max(lastUs, world.venues[venueIndex]?.stalledUntilUs ?? 0);
}

/** Whoever was given a time to answer in is given the time that the loop was away as well. */
export function onStall(world: World, stalledUs: number): void {
  for (const venue of world.venues) venue.stalledUntilUs = world.nowUs;
  for (const session of world.sessions) {
    session.subscribeDeadlineUs += stalledUs;
    if (session.candidate !== undefined) session.candidate.deadlineUs += stalledUs;
  }
}

function withdrawSuspicion(world: World, session: Session): void {
  session.suspectedUs = 0;
  if (session.candidate?.purpose !== "suspicion") return;
  world.counters.suspicionsWithdrawn++;
  dropCandidate(world, session, "superseded");
}

/**
 * A frame of the candidate's epoch has come: the venue speaks to the new transport. Returns whether the
 * candidate took over, so that the frame is now one of the current epoch.
 */
export function onCandidateFrame(world: World, session: Session): boolean {
  const candidate = session.candidate;
  if (candidate === undefined || candidate.phase !== "ready") return false;
  if (candidate.purpose === "rotation") {
    rotate(world, session);
    return true;
  }
  if (session.lastRecvUs > session.suspectedUs && session.suspectedUs > 0) {
    withdrawSuspicion(world, session);
    return false;
  }
  // It speaks, and the current transport has been silent since before the dial: that is proof enough.
  loseConfidence(world, session, "noMarketFlow", session.lastRecvUs);
  return hasTransport(session);
}

/** A subscription or a candidate that took too long. */
export function checkDeadlines(world: World, session: Session): void {
  const candidate = session.candidate;
  if (candidate !== undefined && world.nowUs >= candidate.deadlineUs) {
    failCandidate(world, session, "subscriptionFailure");
  }
  if (candidate?.purpose === "rotation" && candidate.phase === "ready") {
    // A quiet market may never speak to the successor: it takes over all the same.
    if (world.nowUs - candidate.confirmedUs >= world.limits.overlapUs) rotate(world, session);
  }
  if (session.state === "subscribing" && world.nowUs >= session.subscribeDeadlineUs) {
    loseConfidence(world, session, "subscriptionFailure", session.openedUs);
  }
}

/** A refused frame; too many in a window mean that the transport does not carry what it should. */
export function onRefusal(world: World, session: Session): void {
  if (world.nowUs - session.refusalsSinceUs > world.limits.refusalWindowUs) {
    session.refusalsSinceUs = world.nowUs;
    session.refusals = 0;
  }
  session.refusals++;
  if (session.refusals >= world.limits.refusalsMax) {
    loseConfidence(world, session, "malformedFrames", session.refusalsSinceUs);
  }
}

export type Confidence = { readonly value: number; readonly reason: string };

/** How far a session may be believed now: 1 when nothing is near its limit, 0 when something passed it. */
export function confidenceOf(world: World, session: Session): Confidence {
  if (session.state !== "live") return { value: 0, reason: session.state };
  const { limits } = world;
  const outsideUs = session.transportUs - session.awayUs;
  const shares: readonly (readonly [string, number])[] = [
    ["noMarketFlow", (world.nowUs - session.lastRecvUs) / lostAfterUs(session, limits)],
    ["transportLatency", outsideUs / limits.transportUs],
    ["queueDelay", (session.queueUs + session.awayUs) / limits.queueDelayUs],
    ["malformedFrames", session.refusals / limits.refusalsMax],
  ];
  let worst = shares[0] as readonly [string, number];
  for (const share of shares) if (share[1] > worst[1]) worst = share;
  const value = Math.max(0, Math.min(1, 1 - worst[1]));
  return { value, reason: value > 0.5 ? "none" : worst[0] };
}
