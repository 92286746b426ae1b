// Goal: sessions are replaced, never repaired: epochs, dials, backoff, suspicion, rotation, dead frames.

import { describe, expect, test } from "vitest";
import { brokenInvariant } from "../../../hotpath/core/invariants.ts";
import { backoffUs } from "../../../hotpath/core/session.ts";
import { Driver, MINUTE, MS, SECOND } from "./driver.ts";

const QUICK_DIALS = { dialsMax: 1_000_000, dialWindowUs: SECOND, weightLimit: 1e9 };

/** Longest run of dials inside any window of `windowUs`. */
function mostInWindow(atUs: readonly number[], windowUs: number): number {
  let most = 0;
  let first = 0;
  for (let last = 0; last < atUs.length; last++) {
    while ((atUs[last] as number) - (atUs[first] as number) >= windowUs) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

describe("epochs", () => {
  test("10,000 forced reconnects end at epoch 10,001, and nothing is left behind", () => {
    const driver = new Driver({ rules: QUICK_DIALS, limits: { stableUs: 0 } });
    driver.emit({ type: "started" });
    driver.advance(SECOND);
    for (let i = 0; i < 10_000; i++) {
      driver.cut();
      driver.advance(driver.dialUs + driver.subscribeUs);
      expect(driver.transports.size).toBe(1);
    }
    driver.speak(SECOND, 20 * MS);
    expect(driver.session().epoch).toBe(10_001);
    expect(driver.liveCount).toBe(1);
    expect(driver.wrongBooks).toEqual([]);
    expect(driver.world.counters.sessionsReplaced).toBe(10_000);
  });

  test("late frames of five dead epochs reach nothing and are counted one by one", () => {
    const driver = new Driver({ rules: QUICK_DIALS, limits: { stableUs: 0 } }).start();
    for (let i = 0; i < 5; i++) {
      driver.cut();
      driver.speak(100 * MS);
    }
    const before = { ...driver.world.counters };
    const { epoch } = driver.session();
    const text = driver.textOf(0);
    const { frames } = driver.session();
    for (let dead = epoch - 5; dead < epoch; dead++) {
      for (let i = 0; i < 7; i++) driver.deliver(0, driver.step(0), { epoch: dead });
    }
    const { counters } = driver.world;
    expect(counters.staleEpochDiscards - before.staleEpochDiscards).toBe(35);
    expect(counters.deltas).toBe(before.deltas);
    expect(driver.session().frames).toBe(frames);
    expect(driver.textOf(0)).toBe(text);
  });

  test("between a loss and the next transport, what the lost one still says is stale", () => {
    const driver = new Driver().start();
    const { epoch } = driver.session();
    driver.canDial = false;
    driver.cut();
    const { failures, nextDialUs } = driver.session();
    const { staleEpochDiscards } = driver.world.counters;
    for (let i = 0; i < 50; i++) {
      // Motionless times too: they may not be held against a transport that is gone.
      driver.deliver(0, driver.step(0), { epoch, exchangeUs: 1, recvUs: driver.nowUs - SECOND });
      const refusal = { session: 0, epoch, instrument: 0, isDelta: true } as const;
      driver.emit({ type: "frameRefused", ...refusal, reason: "malformed" });
    }
    expect(driver.world.counters.staleEpochDiscards - staleEpochDiscards).toBe(50);
    expect(driver.session()).toMatchObject({ failures, nextDialUs });
  });

  test("events of an epoch that is gone change nothing", () => {
    const driver = new Driver({ limits: { stableUs: 0 } }).start();
    const { epoch } = driver.session();
    driver.cut();
    driver.speak(200 * MS);
    const { staleEpochDiscards } = driver.world.counters;
    driver.emit({ type: "sessionClosed", session: 0, epoch, reason: "late" });
    driver.emit({ type: "writeFailed", session: 0, epoch, reason: "late" });
    driver.emit({ type: "subscriptionRefused", session: 0, epoch, reason: "late" });
    driver.emit({ type: "subscriptionConfirmed", session: 0, epoch });
    expect(driver.world.counters.staleEpochDiscards - staleEpochDiscards).toBe(4);
    driver.emit({ type: "shutdownAnnounced", session: 0, epoch });
    driver.emit({
      type: "gapDeclared",
      session: 0,
      epoch,
      instrument: 0,
      ring: "marketEvents",
    });
    expect(driver.session()).toMatchObject({ epoch: epoch + 1, shutdownAnnounced: false });
    expect(driver.liveCount).toBe(1);
  });

  test("a command that the writer dropped is counted", () => {
    const driver = new Driver().start();
    driver.emit({ type: "commandDropped", session: 0, epoch: 0, command: "subscribe" });
    expect(driver.world.counters.commandsDropped).toBe(1);
  });
});

describe("dials", () => {
  test("the schedule of a long outage is exact: at once, then growing, jittered and capped", () => {
    const driver = new Driver({ rules: QUICK_DIALS });
    const { backoffInitialUs, backoffCapUs } = driver.world.limits;
    driver.start();
    driver.speak(10 * SECOND, 50 * MS);
    driver.canDial = false;
    driver.noted.length = 0;
    driver.cut();
    const lostUs = driver.nowUs;
    driver.advance(10 * MINUTE);
    const dials = driver.commandsOf("openSession");
    expect(dials[0]?.atUs).toBe(lostUs);
    const waits = dials.slice(1).map(({ atUs }, i) => atUs - 1 * MS - (dials[i]?.atUs ?? 0));
    expect(waits.length).toBeGreaterThan(15);
    waits.forEach((waitUs, i) => {
      const full = Math.min(backoffCapUs, backoffInitialUs * 1.25 ** i);
      expect(waitUs).toBeLessThanOrEqual(Math.ceil(full));
      expect(waitUs).toBeGreaterThanOrEqual(Math.floor(full * 0.75));
    });
    expect(new Set(waits.slice(-4)).size).toBeGreaterThan(1);
    expect(dials.map(({ command }) => command.attempt)).toEqual(
      dials.map((_, i) => (dials[0]?.command.attempt ?? 0) + i),
    );
    // Nothing but dials happens at a venue that is not there: no timer spins.
    expect(driver.timersFired).toBeLessThan(dials.length * 4 + 10 * 60 * 3);
  });

  test("a stable life starts the backoff over", () => {
    const driver = new Driver({ rules: QUICK_DIALS }).start();
    driver.session().failures = 9;
    driver.speak(driver.world.limits.stableUs + SECOND, 100 * MS);
    driver.cut();
    expect(driver.session().state).toBe("dialing");
    expect(driver.session().failures).toBe(1);
    driver.session().failures = 0;
    expect(backoffUs(driver.world, driver.session())).toBe(0);
  });

  test("a life that brought every book back starts it over too, however short it was", () => {
    const driver = new Driver({ books: 2, rules: QUICK_DIALS }).start();
    driver.session().failures = 9;
    driver.speak(SECOND);
    expect(driver.liveCount).toBe(2);
    driver.cut();
    expect(driver.session()).toMatchObject({ state: "dialing", failures: 1 });
  });

  test("a life with one book missing does not", () => {
    const driver = new Driver({ books: 2, rules: QUICK_DIALS });
    driver.fateOf = ({ instrument }) => (instrument === 0 ? "good" : "fail");
    driver.start().speak(SECOND);
    driver.session().failures = 9;
    expect(driver.liveCount).toBe(1);
    driver.cut();
    expect(driver.session()).toMatchObject({ state: "waiting", failures: 10 });
  });

  test("no window of any length holds more dials than the venue allows", () => {
    const rules = { dialsMax: 40, dialWindowUs: 60 * SECOND };
    const driver = new Driver({
      books: 8,
      sessions: 8,
      rules,
      limits: { backoffInitialUs: 1 * MS, backoffCapUs: 5 * MS },
    });
    driver.canDial = false;
    driver.emit({ type: "started" });
    driver.advance(5 * MINUTE);
    const dials = driver.commandsOf("openSession").map(({ atUs }) => atUs);
    expect(dials.length).toBeGreaterThan(60);
    expect(mostInWindow(dials, rules.dialWindowUs)).toBeLessThanOrEqual(rules.dialsMax);
    driver.canDial = true;
    driver.speak(MINUTE, 100 * MS);
    expect(driver.liveCount).toBe(8);
  });

  test("at most one dial of a session is under way", () => {
    const driver = new Driver({ rules: QUICK_DIALS }).start();
    driver.dialUs = 10 * SECOND;
    driver.cut();
    driver.advance(MINUTE);
    let open = 0;
    for (const { command } of driver.noted) {
      if (command.type === "openSession") open++;
      if (command.type === "abandonDial") open--;
      expect(open).toBeLessThanOrEqual(2);
    }
    expect(driver.commandsOf("abandonDial").length).toBeGreaterThan(5);
    expect(driver.transports.size).toBeLessThanOrEqual(1);
  });

  test("a dial that succeeds after it was given up is closed again", () => {
    const driver = new Driver();
    driver.dialUs = MINUTE;
    driver.emit({ type: "started" });
    driver.advance(driver.world.limits.dialTimeoutUs + 1);
    expect(driver.commandsOf("abandonDial")).toHaveLength(1);
    const { attempt, epoch } = driver.commandsOf("openSession")[0]?.command ?? {
      attempt: 0,
      epoch: 0,
    };
    driver.emit({ type: "sessionOpened", session: 0, epoch, attempt });
    const ends = driver.commandsOf("abandonDial").map(({ command }) => command);
    expect(ends.at(-1)).toEqual({ type: "abandonDial", session: 0, attempt });
    expect(ends).toHaveLength(2);
    expect(driver.session().epoch).toBe(0);
  });

  test("the failure of a dial that was given up is not held against the next one", () => {
    const driver = new Driver().start();
    driver.dialUs = SECOND;
    driver.cut();
    const { attempt } = driver.session();
    driver.emit({ type: "dialFailed", session: 0, attempt: attempt - 1, reason: "late" });
    expect(driver.world.counters.dialFailures).toBe(0);
    expect(driver.session().candidate?.attempt).toBe(attempt);
  });

  test("no acknowledgement within the limit replaces the session", () => {
    const driver = new Driver();
    driver.canAcknowledge = false;
    driver.emit({ type: "started" });
    driver.advance(driver.dialUs + driver.world.limits.subscribeTimeoutUs + 1);
    const [close] = driver.commandsOf("closeSession");
    expect(close?.command).toMatchObject({ epoch: 1, cause: "subscriptionFailure" });
    driver.canAcknowledge = true;
    driver.speak(10 * SECOND);
    expect(driver.liveCount).toBe(1);
    expect(driver.records.map(({ cause }) => cause)).toEqual(["start"]);
  });
});

describe("suspicion", () => {
  /** A session that has spoken for a while and falls silent for `us`. */
  function silenced(us: number): Driver {
    const driver = new Driver({ limits: { suspectFloorUs: 200 * MS } }).start();
    driver.speak(2 * SECOND);
    for (const transport of driver.transports) transport.isSpeaking = false;
    driver.advance(us);
    return driver;
  }

  test("a silent session is suspected, and its successor dialed beside it", () => {
    const driver = silenced(0);
    driver.advance(driver.world.limits.suspectFloorUs + 10 * MS);
    expect(driver.session()).toMatchObject({ state: "live", epoch: 1 });
    expect(driver.session().candidate).toMatchObject({ purpose: "suspicion", epoch: 2 });
    expect(driver.liveCount).toBe(1);
  });

  test("one that speaks again is believed, and the successor sent away", () => {
    const driver = silenced(210 * MS);
    expect(driver.world.counters.suspicions).toBe(1);
    for (const transport of driver.transports) {
      transport.isSpeaking = transport.epoch === driver.session().epoch;
    }
    driver.speak(300 * MS);
    expect(driver.world.counters.suspicionsWithdrawn).toBe(1);
    expect(driver.session()).toMatchObject({ epoch: 1, candidate: undefined, suspectedUs: 0 });
    expect(driver.transports.size).toBe(1);
    expect(driver.world.counters.sessionsReplaced).toBe(0);
  });

  test("a successor that speaks while the other is silent takes over at once", () => {
    const driver = silenced(0);
    driver.advance(
      driver.world.limits.suspectFloorUs + driver.dialUs + driver.subscribeUs + 15 * MS,
    );
    expect(driver.session().candidate?.phase).toBe("ready");
    expect(driver.session().state).toBe("live");
    const silentUs = driver.nowUs - driver.session().lastRecvUs;
    expect(silentUs).toBeLessThan(driver.world.limits.silenceFloorUs);
    driver.tell(0);
    expect(driver.session()).toMatchObject({ epoch: 2, state: "live" });
    driver.speak(SECOND);
    expect(driver.records.at(-1)).toMatchObject({ cause: "noMarketFlow", epoch: 2 });
    expect(driver.wrongBooks).toEqual([]);
  });

  test("a frame of a ready successor is not proof when the session has spoken since", () => {
    const driver = silenced(0);
    driver.advance(
      driver.world.limits.suspectFloorUs + driver.dialUs + driver.subscribeUs + 15 * MS,
    );
    expect(driver.session().candidate?.phase).toBe("ready");
    const delta = driver.step(0);
    driver.deliver(0, delta, { epoch: 1 });
    driver.deliver(0, delta, { epoch: 2 });
    expect(driver.session()).toMatchObject({ epoch: 1, candidate: undefined });
    expect(driver.world.counters.suspicionsWithdrawn).toBe(1);
    expect(driver.liveCount).toBe(1);
  });

  test("when the successor is refused, suspicion does not become a storm of dials", () => {
    const driver = new Driver({
      limits: { silenceFloorUs: 20 * SECOND, silenceFastUs: 20 * SECOND, silenceCeilingUs: MINUTE },
    });
    driver.start().speak(5 * SECOND);
    driver.canDial = false;
    for (const transport of driver.transports) transport.isSpeaking = false;
    driver.noted.length = 0;
    driver.advance(10 * SECOND);
    const dials = driver.commandsOf("openSession");
    expect(dials.length).toBeGreaterThan(2);
    expect(dials.length).toBeLessThan(20);
  });

  test("a successor whose subscription is refused is tried again, not at once", () => {
    const driver = silenced(0);
    driver.canAcknowledge = false;
    driver.advance(driver.world.limits.suspectFloorUs + driver.dialUs + 15 * MS);
    for (let epoch = 2; epoch < 4; epoch++) {
      expect(driver.session().candidate).toMatchObject({ epoch, phase: "subscribing" });
      driver.emit({ type: "subscriptionRefused", session: 0, epoch, reason: "2 unknown" });
      expect(driver.commandsOf("closeSession").at(-1)?.command).toMatchObject({ epoch });
      driver.advance(driver.dialUs + 5 * MS);
    }
    // The first redial is immediate, the second waits.
    expect(driver.session().candidate).toBeUndefined();
    expect(driver.session().nextDialUs).toBeGreaterThan(driver.nowUs);
    expect(driver.session()).toMatchObject({ epoch: 1, state: "live" });
  });

  test("a successor that is cut while it subscribes counts as a dial that failed", () => {
    const driver = silenced(0);
    driver.canAcknowledge = false;
    driver.advance(driver.world.limits.suspectFloorUs + driver.dialUs + 15 * MS);
    const epoch = driver.session().candidate?.epoch ?? 0;
    driver.emit({ type: "sessionClosed", session: 0, epoch, reason: "closed 1006" });
    expect(driver.session().candidate).toMatchObject({ epoch: epoch + 1, phase: "dialing" });
    expect(driver.world.counters.dialFailures).toBe(1);
  });
});

describe("rotation", () => {
  const LIMITS = { rotateAfterUs: 10 * SECOND };

  test("the successor takes over while every book stays live, through both streams at once", () => {
    const driver = new Driver({ books: 4, limits: LIMITS, isWatched: true }).start();
    for (let i = 0; i < 3000; i++) {
      driver.tell(i % 4);
      driver.advance(5 * MS);
      expect(driver.liveCount).toBe(4);
    }
    expect(driver.world.counters.sessionsRotated).toBe(1);
    expect(driver.world.counters.sessionsReplaced).toBe(0);
    expect(driver.world.counters.staleDeltas).toBeGreaterThan(10);
    expect(driver.world.counters.gaps).toBe(0);
    expect(driver.session().epoch).toBe(2);
    expect(driver.transports.size).toBe(1);
    expect(driver.commandsOf("closeSession").at(-1)?.command).toMatchObject({
      epoch: 1,
      cause: "rotation",
    });
  });

  test("a successor that runs ahead of its predecessor breaks no book", () => {
    const driver = new Driver({ isWatched: true }).start();
    driver.emit({ type: "shutdownAnnounced", session: 0, epoch: 1 });
    driver.speak(100 * MS);
    expect(driver.session()).toMatchObject({ epoch: 2, predecessorEpoch: 1 });
    const [first, second, third] = [driver.step(0), driver.step(0), driver.step(0)];
    driver.deliver(0, second, { epoch: 2 });
    driver.deliver(0, first, { epoch: 1 });
    driver.deliver(0, second, { epoch: 1 });
    driver.deliver(0, third, { epoch: 2 });
    expect(driver.world.counters).toMatchObject({ gaps: 0, aheadDeltas: 1 });
    expect(driver.liveCount).toBe(1);
    expect(driver.wrongBooks).toEqual([]);
  });

  test("a predecessor with a gap of its own voids the book even while both are heard", () => {
    const driver = new Driver().start();
    driver.emit({ type: "shutdownAnnounced", session: 0, epoch: 1 });
    driver.speak(100 * MS);
    driver.step(0);
    driver.deliver(0, driver.step(0), { epoch: 1 });
    expect(driver.world.counters.gaps).toBe(1);
    expect(driver.liveCount).toBe(0);
  });

  test("a quiet market rotates all the same, after the overlap", () => {
    const driver = new Driver({ limits: { ...LIMITS, firstDataUs: MINUTE } }).start();
    driver.session().intervalUs = 10 * SECOND;
    driver.advance(10 * SECOND + driver.world.limits.overlapUs * 2);
    expect(driver.session().epoch).toBe(2);
    expect(driver.liveCount).toBe(1);
    driver.advance(driver.world.limits.overlapUs * 2);
    expect(driver.transports.size).toBe(1);
  });

  test("a rotation that cannot dial does not spin and does not hurt the session", () => {
    const driver = new Driver({ limits: LIMITS }).start();
    driver.canDial = false;
    driver.noted.length = 0;
    driver.speak(20 * SECOND, 50 * MS);
    expect(driver.session()).toMatchObject({ epoch: 1, state: "live" });
    expect(driver.commandsOf("openSession").length).toBeLessThan(20);
    driver.canDial = true;
    driver.speak(MINUTE, 50 * MS);
    expect(driver.session().epoch).toBeGreaterThan(1);
    expect(driver.world.counters.sessionsReplaced).toBe(0);
  });

  test("an announced shutdown dials at once; the cut that follows costs nothing", () => {
    const driver = new Driver({ books: 2 }).start();
    driver.emit({ type: "shutdownAnnounced", session: 0, epoch: 1 });
    expect(driver.session().candidate?.purpose).toBe("rotation");
    driver.speak(100 * MS);
    expect(driver.session().epoch).toBe(2);
    driver.cut(0, 1);
    driver.speak(SECOND);
    expect(driver.session()).toMatchObject({ epoch: 2, predecessorEpoch: 0 });
    expect(driver.world.counters.sessionsReplaced).toBe(0);
    expect(driver.records.every(({ cause }) => cause === "start")).toBe(true);
  });

  test("a cut before the successor is ready goes on with the dial under way", () => {
    const driver = new Driver().start();
    driver.emit({ type: "shutdownAnnounced", session: 0, epoch: 1 });
    driver.cut();
    expect(driver.session()).toMatchObject({ state: "dialing" });
    driver.speak(SECOND);
    expect(driver.session()).toMatchObject({ epoch: 2, state: "live" });
    expect(driver.commandsOf("openSession")).toHaveLength(2);
    expect(driver.liveCount).toBe(1);
  });

  test("a write failure on the predecessor closes it and leaves the books alone", () => {
    const driver = new Driver().start();
    driver.emit({ type: "shutdownAnnounced", session: 0, epoch: 1 });
    driver.speak(100 * MS);
    expect(driver.session().predecessorEpoch).toBe(1);
    driver.emit({ type: "writeFailed", session: 0, epoch: 1, reason: "EPIPE" });
    expect(driver.session().predecessorEpoch).toBe(0);
    expect(driver.commandsOf("closeSession").at(-1)?.command).toMatchObject({ epoch: 1 });
    expect(driver.liveCount).toBe(1);
  });

  test("a second rotation inside the overlap of the first ends the oldest", () => {
    const driver = new Driver({ limits: { overlapUs: 5 * SECOND } }).start();
    driver.emit({ type: "shutdownAnnounced", session: 0, epoch: 1 });
    driver.speak(100 * MS);
    driver.emit({ type: "shutdownAnnounced", session: 0, epoch: 2 });
    driver.speak(100 * MS);
    expect(driver.session()).toMatchObject({ epoch: 3, predecessorEpoch: 2 });
    expect(driver.transports.size).toBe(2);
    expect(driver.liveCount).toBe(1);
  });
});

describe("the end", () => {
  test("a shutdown closes every transport, and what comes late changes nothing", () => {
    const driver = new Driver({ books: 2, isWatched: true }).start();
    driver.emit({ type: "shutdownAnnounced", session: 0, epoch: 1 });
    driver.emit({ type: "resyncRequested", instrument: 1, cause: "operator" });
    driver.emit({ type: "shutdownRequested" });
    expect(driver.transports.size).toBe(0);
    driver.speak(30 * SECOND, 100 * MS);
    expect(driver.liveCount).toBe(0);
    expect(driver.timerDueUs).toBe(Number.POSITIVE_INFINITY);
    expect(driver.commandsOf("openSession")).toHaveLength(2);
  });

  test("a shutdown before the first dial is answered leaves a sound world, in which nothing is awaited", () => {
    const driver = new Driver({ books: 1, isWatched: true });
    driver.emit({ type: "started" });
    expect(driver.session().state).toBe("dialing");
    driver.emit({ type: "shutdownRequested" });
    expect(driver.session()).toMatchObject({ state: "idle", candidate: undefined });
    expect(brokenInvariant(driver.world, driver.ring)).toBeUndefined();
    driver.emit({ type: "sessionOpened", session: 0, epoch: 1, attempt: 1 });
    expect(driver.session().state).toBe("idle");
  });

  test("a timer of a dead epoch does nothing", () => {
    const driver = new Driver({ limits: { rotateAfterUs: 10 * SECOND } }).start();
    driver.speak(9 * SECOND, 50 * MS);
    driver.cut();
    driver.speak(3 * SECOND, 50 * MS);
    // The first session's rotation was due meanwhile; its successor is young.
    expect(driver.world.counters.sessionsRotated).toBe(0);
    expect(driver.session()).toMatchObject({ epoch: 2, candidate: undefined });
  });
});
