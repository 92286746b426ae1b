// Goal: each trigger alone is charged to its own cause, and a delay to whoever made it.
import { describe, expect, test } from "vitest";
import type { ResyncCause } from "../../../contracts/resync.ts";
import {
  classify,
  confidenceOf,
  silenceAfterUs,
  suspectAfterUs,
} from "../../../hotpath/core/confidence.ts";
import { Driver, MINUTE, MS, SECOND, standardLimits } from "./driver.ts";
import { seeded } from "./true-book.ts";

/** Each cause, and what brings it about in an engine that was well until then. */
const TRIGGERS: readonly (readonly [ResyncCause, (driver: Driver) => void])[] = [
  [
    "noMarketFlow",
    (driver) => {
      for (const transport of driver.transports) transport.isSpeaking = false;
      driver.advance(2 * SECOND);
    },
  ],
  [
    "sequenceGap",
    (driver) => {
      driver.step(0);
      driver.tell(0);
    },
  ],
  [
    "ancientTimestamp",
    (driver) => {
      const exchangeUs = driver.nowUs;
      for (let i = 0; i < 60; i++) {
        driver.deliver(0, driver.step(0), { exchangeUs });
        driver.advance(10 * MS);
      }
    },
  ],
  [
    "transportLatency",
    (driver) => {
      for (let i = 0; i < 60; i++) {
        driver.deliver(0, driver.step(0), { exchangeUs: driver.nowUs - 2 * SECOND });
        driver.advance(10 * MS);
      }
    },
  ],
  [
    "writeFailure",
    (driver) => driver.emit({ type: "writeFailed", session: 0, epoch: 1, reason: "EPIPE" }),
  ],
  [
    "subscriptionFailure",
    (driver) => driver.emit({ type: "subscriptionRefused", session: 0, epoch: 1, reason: "2" }),
  ],
  [
    "brokenContinuity",
    (driver) => {
      const delta = driver.step(0);
      driver.deliver(0, { ...delta, seqFirst: delta.seqLast + 5 });
    },
  ],
  [
    "queueDelay",
    (driver) => driver.deliver(0, driver.step(0), { recvUs: driver.nowUs - 2 * SECOND }),
  ],
  [
    "staleSnapshot",
    (driver) => {
      driver.save();
      driver.step(0);
      driver.step(0);
      driver.fateOf = () => "old";
      driver.emit({ type: "resyncRequested", instrument: 0, cause: "staleSnapshot" });
      driver.advance(300 * MS);
      driver.fateOf = () => "good";
    },
  ],
  ["sessionClosed", (driver) => driver.cut()],
  [
    "crossedBook",
    (driver) => {
      const delta = driver.step(0);
      const best = Math.min(...(driver.truth[0]?.asks.keys() ?? []));
      driver.deliver(0, { ...delta, bids: [[best, 1]] });
    },
  ],
  [
    "malformedFrames",
    (driver) =>
      driver.emit({
        type: "frameRefused",
        session: 0,
        epoch: 1,
        instrument: 0,
        isDelta: true,
        reason: "malformed",
      }),
  ],
  [
    "instrumentRules",
    (driver) =>
      driver.emit({
        type: "frameRefused",
        session: 0,
        epoch: 1,
        instrument: 0,
        isDelta: true,
        reason: "offStep",
      }),
  ],
  [
    "ringOverflow",
    (driver) =>
      driver.emit({
        type: "gapDeclared",
        session: 0,
        epoch: 1,
        instrument: 0,
        ring: "marketEvents",
      }),
  ],
  [
    "operator",
    (driver) => driver.emit({ type: "resyncRequested", instrument: 0, cause: "operator" }),
  ],
];

describe("triggers", () => {
  test.each(TRIGGERS)("%s alone voids the book under its own name, and heals", (cause, trigger) => {
    const driver = new Driver({ isWatched: true }).start();
    driver.speak(3 * SECOND, 20 * MS);
    driver.noted.length = 0;
    trigger(driver);
    expect(driver.commandsOf("recordVoid")[0]?.command.cause).toBe(cause);
    driver.speak(5 * SECOND, 20 * MS);
    expect(driver.records[0]?.cause).toBe(cause);
    expect(driver.liveCount).toBe(1);
    expect(driver.wrongBooks).toEqual([]);
  });

  test("time that is far behind is ancient, not only late", () => {
    const driver = new Driver().start();
    driver.noted.length = 0;
    for (let i = 0; i < 60; i++) {
      driver.deliver(0, driver.step(0), { exchangeUs: driver.nowUs - 30 * SECOND });
      driver.advance(10 * MS);
    }
    expect(driver.commandsOf("recordVoid")[0]?.command.cause).toBe("ancientTimestamp");
  });

  test("a clock that is off by 1.3 s is no latency once it was measured, nor before", () => {
    for (const clockOffsetUs of [1.3 * SECOND, -1.3 * SECOND]) {
      const driver = new Driver();
      driver.clockOffsetUs = clockOffsetUs;
      driver.start().speak(5 * SECOND, 20 * MS);
      expect(driver.world.counters.sessionsReplaced).toBe(0);
      expect(Math.abs(driver.session().transportUs)).toBeLessThan(50 * MS);
      expect(driver.venue.mode).toBe("noNewPositions");
      expect(driver.venue.modeReason).toBe("clockOffset");
    }
  });

  test("latency that a new session does not mend replaces none after it for a while", () => {
    const driver = new Driver().start();
    for (let i = 0; i < 800; i++) {
      driver.advance(10 * MS);
      for (const { epoch, isSpeaking } of driver.transports) {
        if (!isSpeaking) continue;
        driver.deliver(0, driver.step(0), { epoch, exchangeUs: driver.nowUs - 2 * SECOND });
      }
    }
    expect(driver.world.counters.sessionsReplaced).toBe(1);
  });

  test("a few refused frames are an accident, many in a window end the session", () => {
    const driver = new Driver().start();
    const { refusalsMax, refusalWindowUs } = driver.world.limits;
    const refusal = { session: 0, instrument: -1, isDelta: false, reason: "threw" } as const;
    for (let i = 1; i < refusalsMax; i++) {
      driver.emit({ type: "frameRefused", epoch: 1, ...refusal });
    }
    expect(driver.liveCount).toBe(1);
    driver.speak(refusalWindowUs + SECOND, 50 * MS);
    for (let i = 1; i < refusalsMax; i++) {
      driver.emit({ type: "frameRefused", epoch: 1, ...refusal });
    }
    expect(driver.session().epoch).toBe(1);
    driver.emit({ type: "frameRefused", epoch: 1, ...refusal });
    expect(driver.commandsOf("closeSession").at(-1)?.command.cause).toBe("malformedFrames");
  });
});

describe("silence", () => {
  test("is not broken by answers about the clock: only the market's data is a sign of its life", () => {
    const ends = [false, true].map((isClockAnswered) => {
      const driver = new Driver().start();
      driver.speak(3 * SECOND, 20 * MS);
      for (const transport of driver.transports) transport.isSpeaking = false;
      const clock = { venue: 0, offsetUs: 0, errorUs: MS, weightUsed: -1 };
      for (let i = 0; i < 20; i++) {
        if (isClockAnswered) driver.emit({ type: "clockMeasured", ...clock });
        driver.advance(100 * MS);
      }
      const { suspicions, sessionsReplaced } = driver.world.counters;
      expect(Math.min(suspicions, sessionsReplaced)).toBeGreaterThan(0);
      return { suspicions, sessionsReplaced };
    });
    expect(ends[1]).toEqual(ends[0]);
  });

  test("a pair told once an hour does not flap, one told 100 times a second is missed within a second", () => {
    const driver = new Driver({ books: 2 }).start();
    driver.speak(MINUTE, 10 * MS);
    // Book 1 falls to its own pace of once an hour; book 0 goes on.
    driver.slot(1).deltaIntervalUs = 60 * MINUTE;
    driver.noted.length = 0;
    for (let i = 0; i < 30 * 600; i++) {
      driver.tell(0);
      driver.advance(100 * MS);
    }
    expect(driver.commandsOf("recordVoid")).toEqual([]);
    for (let i = 0; i < 600; i++) {
      driver.tell(0);
      driver.advance(10 * MS);
    }
    driver.slot(0).deltaIntervalUs = 10 * MS;
    const lastUs = driver.slot(0).lastDeltaUs;
    for (const transport of driver.transports) transport.isSpeaking = false;
    driver.advance(SECOND);
    expect(driver.slot(0).book.state).not.toBe("live");
    const [missed] = driver.commandsOf("recordVoid");
    expect(missed?.command.cause).toBe("noMarketFlow");
    expect((missed?.atUs ?? 0) - lastUs).toBeLessThanOrEqual(SECOND);
  });

  test("one instrument silent among others is missed alone", () => {
    const driver = new Driver({ books: 3 }).start();
    driver.speak(5 * SECOND, 10 * MS);
    driver.noted.length = 0;
    for (let i = 0; i < 200; i++) {
      driver.tell(0);
      driver.tell(1);
      driver.advance(10 * MS);
    }
    const voids = driver.commandsOf("recordVoid").map(({ command }) => command);
    expect(voids).toMatchObject([{ instrument: 2, cause: "noMarketFlow" }]);
    expect(driver.world.counters.sessionsReplaced).toBe(0);
  });

  test("a stream of one message a second is not taken for a fast one at its start", () => {
    const driver = new Driver();
    driver.emit({ type: "started" });
    driver.advance(100 * MS);
    driver.speak(2 * MINUTE, SECOND);
    expect(driver.world.counters.sessionsReplaced).toBe(0);
    expect(driver.world.counters.suspicions).toBe(0);
    expect(driver.liveCount).toBe(1);
  });

  test("a stream that was slow and became fast is missed at its new pace", () => {
    const driver = new Driver();
    driver.emit({ type: "started" });
    driver.advance(100 * MS);
    driver.speak(20 * SECOND, 500 * MS);
    driver.speak(5 * SECOND, 5 * MS);
    const lastUs = driver.session().lastRecvUs;
    for (const transport of driver.transports) transport.isSpeaking = false;
    driver.noted.length = 0;
    driver.advance(3 * SECOND);
    const [missed] = driver.commandsOf("recordVoid");
    expect((missed?.atUs ?? Number.POSITIVE_INFINITY) - lastUs).toBeLessThanOrEqual(1.6 * SECOND);
  });

  test("a venue that accepts and says nothing is found out within the limit", () => {
    const driver = new Driver();
    driver.emit({ type: "started" });
    driver.advance(driver.dialUs + driver.subscribeUs + driver.world.limits.firstDataUs + 50 * MS);
    expect(driver.commandsOf("closeSession")[0]?.command).toMatchObject({
      epoch: 1,
      cause: "noMarketFlow",
    });
  });

  test("the limits of silence are ordered, whatever the pace", () => {
    const limits = standardLimits();
    const driver = new Driver();
    const session = driver.session();
    for (let intervalUs = 1; intervalUs < 10 * MINUTE; intervalUs *= 1.7) {
      const lost = silenceAfterUs(intervalUs, limits);
      expect(lost).toBeLessThanOrEqual(limits.silenceCeilingUs);
      expect(lost).toBeGreaterThanOrEqual(Math.min(limits.silenceFloorUs, limits.silenceCeilingUs));
      if (intervalUs < 100 * MS) expect(lost).toBeLessThanOrEqual(SECOND);
      session.intervalUs = intervalUs;
      expect(suspectAfterUs(session, limits)).toBeLessThanOrEqual(lost);
    }
    expect(silenceAfterUs(0, limits)).toBe(limits.silenceCeilingUs);
  });
});

describe("the loop was away for 5 s", () => {
  function stalled(driver: Driver): void {
    // No timer fires while the thread is away; the market goes on, and its frames wait in the socket.
    driver.timerDueUs = Number.POSITIVE_INFINITY;
    const sentUs = driver.nowUs + 2 * SECOND;
    const deltas = driver.world.slots.map((_, book) => driver.step(book));
    driver.nowUs += 5 * SECOND;
    driver.emit({ type: "loopStalled", stalledUs: 5 * SECOND });
    driver.emit({ type: "timerFired" });
    deltas.forEach((delta, book) => {
      driver.deliver(book, delta, { exchangeUs: sentUs, awayUs: 5 * SECOND });
      driver.emit({ type: "timerFired" });
    });
  }

  test("no session is replaced, no book is lost, and the mode says why", () => {
    const driver = new Driver({ books: 5, isWatched: true }).start();
    driver.speak(10 * SECOND, 20 * MS);
    expect(driver.venue.mode).toBe("active");
    driver.noted.length = 0;
    stalled(driver);
    expect(driver.venue).toMatchObject({ mode: "exitsOnly", modeReason: "loopStalled" });
    expect(driver.world.counters).toMatchObject({ loopStalls: 1, sessionsReplaced: 0 });
    expect(driver.liveCount).toBe(5);
    const { transportUs, queueUs, awayUs } = driver.session();
    const { limits } = driver.world;
    expect(classify(transportUs, queueUs, awayUs, limits)).toBe("internalSaturation");
    driver.speak(10 * SECOND, 20 * MS);
    expect(driver.world.counters.sessionsReplaced).toBe(0);
    expect(driver.commandsOf("recordVoid")).toEqual([]);
    expect(driver.wrongBooks).toEqual([]);
    expect(driver.venue.mode).toBe("active");
  });

  test("a subscription under way is given the time that was taken from it", () => {
    const driver = new Driver();
    driver.canAcknowledge = false;
    driver.emit({ type: "started" });
    driver.advance(driver.dialUs + 100 * MS);
    expect(driver.session().state).toBe("subscribing");
    driver.timerDueUs = Number.POSITIVE_INFINITY;
    driver.nowUs += 5 * SECOND;
    driver.emit({ type: "loopStalled", stalledUs: 5 * SECOND });
    driver.emit({ type: "subscriptionConfirmed", session: 0, epoch: 1 });
    expect(driver.session()).toMatchObject({ state: "live", epoch: 1 });
  });

  test("so is a dial", () => {
    const driver = new Driver();
    driver.dialUs = MINUTE;
    driver.emit({ type: "started" });
    const { attempt } = driver.session();
    driver.timerDueUs = Number.POSITIVE_INFINITY;
    driver.nowUs += 5 * SECOND;
    driver.emit({ type: "loopStalled", stalledUs: 5 * SECOND });
    driver.emit({ type: "sessionOpened", session: 0, epoch: 1, attempt });
    expect(driver.session()).toMatchObject({ state: "subscribing", epoch: 1 });
  });
});

describe("whose fault", () => {
  const limits = { transportUs: SECOND, queueDelayUs: SECOND };

  test("12 s on the way and 2 ms in the queue is the transport", () => {
    expect(classify(12 * SECOND, 2 * MS, 0, limits)).toBe("transportCollapse");
  });

  test("30 ms on the way and 4 s in the queue is ourselves", () => {
    expect(classify(30 * MS, 4 * SECOND, 0, limits)).toBe("internalSaturation");
  });

  test("200 synthetic cases: delay is put where it was made", () => {
    const chance = seeded(42);
    for (let i = 0; i < 200; i++) {
      // True delays: on the wire, and by us, part of it before the read and part in the queue.
      const isWire = i % 2 === 0;
      const large = 1.2 * SECOND + chance() * 30 * SECOND;
      const small = chance() * 0.3 * SECOND;
      const wireUs = isWire ? large : small;
      const ownUs = isWire ? small : large;
      const awayUs = ownUs * chance();
      // What is measured: an absence lies in the transport's time as well.
      const verdict = classify(wireUs + awayUs, ownUs - awayUs, awayUs, limits);
      expect(verdict, `case ${i}`).toBe(isWire ? "transportCollapse" : "internalSaturation");
    }
    expect(classify(0.4 * SECOND, 0.3 * SECOND, 0.1 * SECOND, limits)).toBe("none");
  });
});

describe("the estimate", () => {
  test("is whole when all is well, and falls toward whatever is nearest its limit", () => {
    const driver = new Driver().start();
    driver.speak(SECOND);
    const session = driver.session();
    const well = confidenceOf(driver.world, session);
    expect(well.reason).toBe("none");
    expect(well.value).toBeGreaterThan(0.9);
    session.refusals = driver.world.limits.refusalsMax - 1;
    expect(confidenceOf(driver.world, session)).toMatchObject({ reason: "malformedFrames" });
    session.refusals = 0;
    session.queueUs = 2 * driver.world.limits.queueDelayUs;
    expect(confidenceOf(driver.world, session)).toEqual({ value: 0, reason: "queueDelay" });
    session.queueUs = 0;
    session.transportUs = driver.world.limits.transportUs * 0.8;
    expect(confidenceOf(driver.world, session)).toMatchObject({ reason: "transportLatency" });
    session.transportUs = 0;
    driver.world.nowUs = session.lastRecvUs + 450 * MS;
    expect(confidenceOf(driver.world, session)).toMatchObject({ reason: "noMarketFlow" });
    session.state = "subscribing";
    expect(confidenceOf(driver.world, session)).toEqual({ value: 0, reason: "subscribing" });
  });
});
