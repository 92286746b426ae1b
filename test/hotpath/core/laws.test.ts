// Goal: what is permitted, what must always hold, and the fingerprint: each row of each table is reached.
import { describe, expect, test } from "vitest";
import { MODES, type Mode } from "../../../contracts/status.ts";
import type { OrderPurpose } from "../../../contracts/trade.ts";
import { mayDecide } from "../../../hotpath/core/decide/touch.ts";
import { applyControl } from "../../../hotpath/core/engine.ts";
import { brokenInvariant, INVARIANT_COUNT } from "../../../hotpath/core/invariants.ts";
import { CommandHash } from "../../../hotpath/core/journal.ts";
import { type ModeInputs, mayOrder, modeOf } from "../../../hotpath/core/mode.ts";
import { hashWorld } from "../../../hotpath/core/state-hash.ts";
import { Driver, MS, SECOND } from "./driver.ts";

const WELL: ModeInputs = {
  sessionsLive: 2,
  sessionsTotal: 2,
  booksLive: 5,
  booksTotal: 5,
  lowestConfidence: 0.9,
  isClockKnown: true,
  isClockNear: true,
  isStalled: false,
};

describe("the mode", () => {
  test.each<[Partial<ModeInputs>, Mode, string]>([
    [{}, "active", ""],
    [{ booksLive: 1 }, "active", ""],
    [{ lowestConfidence: 0.25 }, "active", ""],
    [{ lowestConfidence: 0.24 }, "noNewPositions", "confidenceLow"],
    [{ isClockNear: false }, "noNewPositions", "clockOffset"],
    [{ isClockKnown: false, isClockNear: false }, "noNewPositions", "clockUnknown"],
    [{ sessionsLive: 1 }, "noNewPositions", "sessionLost"],
    [{ lowestConfidence: 0 }, "exitsOnly", "confidenceLost"],
    [{ isStalled: true }, "exitsOnly", "loopStalled"],
    [{ booksLive: 0 }, "suspended", "noBook"],
    [{ sessionsLive: 0 }, "suspended", "noSession"],
    // The worst that applies decides.
    [
      { sessionsLive: 0, booksLive: 0, isStalled: true, lowestConfidence: 0 },
      "suspended",
      "noSession",
    ],
    [{ isStalled: true, lowestConfidence: 0, isClockKnown: false }, "exitsOnly", "loopStalled"],
  ])("%j is %s %s", (change, mode, reason) => {
    expect(modeOf({ ...WELL, ...change })).toEqual({ mode, reason });
  });

  const PERMITTED: Readonly<Record<Mode, readonly OrderPurpose[]>> = {
    active: ["open", "finish", "exit", "cancel"],
    noNewPositions: ["finish", "exit", "cancel"],
    exitsOnly: ["exit", "cancel"],
    suspended: ["cancel"],
  };

  test.each(MODES)("what %s permits", (mode) => {
    for (const purpose of ["open", "finish", "exit", "cancel"] as const) {
      expect(mayOrder(mode, purpose), purpose).toBe(PERMITTED[mode].includes(purpose));
    }
  });

  test("an oscillating input flips it at most once in the hysteresis, and down at once", () => {
    const driver = new Driver({ books: 2, sessions: 2 }).start();
    driver.speak(10 * SECOND, 20 * MS);
    expect(driver.venue.mode).toBe("active");
    driver.noted.length = 0;
    for (let i = 0; i < 40; i++) {
      driver.emit({ type: "writeFailed", session: 1, epoch: driver.session(1).epoch, reason: "x" });
      if (i === 0) expect(driver.venue.mode).toBe("noNewPositions");
      driver.speak(700 * MS, 20 * MS);
    }
    const changes = driver.commandsOf("recordMode");
    expect(changes.length).toBeGreaterThan(0);
    const ups = changes.filter(({ command }) => command.to === "active").map(({ atUs }) => atUs);
    for (let i = 1; i < ups.length; i++) {
      expect((ups[i] ?? 0) - (ups[i - 1] ?? 0)).toBeGreaterThanOrEqual(5 * SECOND);
    }
    driver.speak(40 * SECOND, 20 * MS);
    expect(driver.venue.mode).toBe("active");
    const last = driver.commandsOf("recordMode").at(-1)?.command;
    expect(last).toMatchObject({ to: "active", reason: "" });
  });
});

describe("a decision", () => {
  /** Each way in which a book may not be used, alone. */
  const FORBIDDEN: readonly (readonly [string, (driver: Driver) => void])[] = [
    ["a book that is not live", (driver) => driver.slot(0).book.void()],
    [
      "an engine that has halted",
      (driver) => {
        driver.world.halted = "because";
      },
    ],
    [
      "a session that is not live",
      (driver) => {
        driver.session().state = "subscribing";
      },
    ],
    [
      "a mode that is not active",
      (driver) => {
        driver.venue.mode = "noNewPositions";
      },
    ],
    [
      "a stream that is too old",
      (driver) => {
        driver.world.nowUs += driver.world.limits.decisionAgeUs + 1;
      },
    ],
  ];

  test("is allowed when all is well", () => {
    const driver = new Driver().start();
    driver.speak(10 * SECOND, 20 * MS);
    expect(mayDecide(driver.world, driver.slot(0))).toBe(true);
    const { decisions } = driver.world.counters;
    driver.tell(0);
    expect(driver.world.counters.decisions).toBe(decisions + 1);
    expect(driver.slot(0).decidedSeq).toBe(driver.truth[0]?.seq);
    expect(driver.slot(0).decidedBidTicks).toBe(driver.slot(0).book.bids.bestTicks);
  });

  test.each(FORBIDDEN)("is forbidden on %s", (_, spoil) => {
    const driver = new Driver().start();
    driver.speak(10 * SECOND, 20 * MS);
    spoil(driver);
    expect(mayDecide(driver.world, driver.slot(0))).toBe(false);
  });

  test("that was withheld is counted", () => {
    const driver = new Driver().start();
    driver.speak(10 * SECOND, 20 * MS);
    driver.venue.mode = "exitsOnly";
    const { decisions, decisionsWithheld } = driver.world.counters;
    driver.tell(0);
    expect(driver.world.counters).toMatchObject({
      decisions,
      decisionsWithheld: decisionsWithheld + 1,
    });
  });
});

/** One way to break each invariant, by the beginning of its name. */
const BREAKS: Readonly<Record<string, (driver: Driver) => void>> = {
  "a live book has two sides": (driver) => driver.slot(0).book.bids.reset(0),
  "a live book does not cross": (driver) =>
    driver.slot(0).book.bids.apply(Float64Array.of(20_000), Float64Array.of(1), 0, 1),
  "a live book has a sequence": (driver) => {
    driver.slot(0).book.seq = 0;
  },
  "a live book needs no resync": (driver) => {
    driver.slot(0).phase = "rebuilt";
  },
  "a book that is not live is being repaired": (driver) => driver.slot(0).book.void(),
  "a live book hangs on a session with a transport": (driver) => {
    driver.session().state = "idle";
  },
  "a book's epoch is not from the future": (driver) => {
    driver.slot(0).book.epoch = 99;
  },
  "quantities at the touch are positive": (driver) => {
    const { bids } = driver.slot(0).book;
    Object.defineProperty(bids, "bestLots", { value: -1 });
  },
  "levels are counted": (driver) => {
    driver.slot(0).book.bids.levelCount = -1;
  },
  "a sequence is a safe integer": (driver) => {
    driver.slot(0).book.seq = 2 ** 60;
  },
  "a resync that waits for a session has none": (driver) => {
    driver.slot(0).book.void();
    driver.slot(0).phase = "waitingSession";
  },
  "requests in flight are counted": (driver) => {
    driver.slot(0).inFlight = -1;
  },
  "a decision is not newer than its book": (driver) => {
    driver.slot(0).decidedSeq = driver.slot(0).book.seq + 1;
  },
  "a resync began before now": (driver) => {
    driver.slot(0).degradedUs = driver.world.nowUs + 1;
  },
  "epochs only grow": (driver) => {
    driver.session().epoch = 99;
  },
  "a predecessor is older": (driver) => {
    driver.session().predecessorEpoch = 50;
  },
  "a candidate is younger": (driver) => {
    driver.emit({ type: "shutdownAnnounced", session: 0, epoch: 1 });
    const { candidate } = driver.session();
    if (candidate !== undefined) candidate.epoch = 1;
  },
  "a session with a transport has an epoch": (driver) => {
    driver.session().epoch = 0;
  },
  "a dialing session has a candidate": (driver) => {
    driver.canDial = false;
    driver.cut();
    driver.session().state = "dialing";
    driver.session().candidate = undefined;
  },
  "a waiting session has no candidate": (driver) => {
    driver.cut();
    driver.session().state = "waiting";
  },
  "frames were read before now": (driver) => {
    driver.session().lastRecvUs = driver.world.nowUs + 1;
  },
  "a mean interval is not negative": (driver) => {
    driver.session().intervalUs = -1;
  },
  "failures are counted": (driver) => {
    driver.session().failures = -1;
  },
  "weight used is counted": (driver) => {
    driver.venue.weightUsed = -1;
  },
  "snapshots in flight are within their limit": (driver) => {
    driver.venue.snapshotsInFlight = 999;
  },
  "dial tokens stay within their bucket": (driver) => {
    driver.venue.dialTokens = 1e9;
  },
  "a clock's error is not negative": (driver) => {
    driver.venue.clockErrorUs = -1;
  },
  "a venue trades only with a live book": (driver) => {
    driver.slot(0).book.void();
    driver.slot(0).phase = "waitingSnapshot";
  },
  "ticks are numbered without a gap": (driver) => {
    driver.world.tick++;
  },
  "every tick was a market or a control event": (driver) => {
    driver.world.counters.marketEvents++;
  },
  "no decision was made on an invalid book": (driver) => {
    driver.world.counters.decisionsOnInvalidBook = 1;
  },
  "the commands of every tick were taken": (driver) => {
    driver.world.outbox.push({ type: "measureClock", venue: 0 });
  },
  "the market ring is within its capacity": (driver) => {
    Object.defineProperty(driver.ring, "depth", { value: 1e6 });
  },
};

describe("invariants", () => {
  test("there are as many as the house asks for, and each is broken below", () => {
    expect(INVARIANT_COUNT).toBeGreaterThanOrEqual(30);
    expect(Object.keys(BREAKS)).toHaveLength(INVARIANT_COUNT);
  });

  test.each(Object.entries(BREAKS))("%s", (name, breakIt) => {
    const driver = new Driver().start();
    driver.speak(10 * SECOND, 20 * MS);
    expect(driver.venue.mode).toBe("active");
    expect(brokenInvariant(driver.world, driver.ring)).toBeUndefined();
    breakIt(driver);
    expect(brokenInvariant(driver.world, driver.ring)).toContain(name);
  });
});

function scalarsOf(record: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(record).filter((key) => {
    return ["number", "string", "boolean"].includes(typeof record[key]);
  });
}

function otherThan(value: unknown): unknown {
  if (typeof value === "number") return value === 0 ? 1 : -value;
  return typeof value === "boolean" ? !value : `${value}x`;
}

describe("the fingerprint", () => {
  function made(): Driver {
    const driver = new Driver({ books: 2 }).start();
    driver.speak(SECOND);
    driver.emit({ type: "shutdownAnnounced", session: 0, epoch: 1 });
    return driver;
  }

  test("of equal worlds is equal", () => {
    expect(hashWorld(made().world)).toBe(hashWorld(made().world));
    expect(hashWorld(made().world)).toMatch(/^[0-9a-f]{16}$/);
  });

  test("changes with every level's price and quantity, on either side, near and far", () => {
    const seen = new Set([hashWorld(made().world)]);
    const edits = [1, 5, 5000].flatMap((ticks) => [1, 2].map((lots) => [ticks, lots] as const));
    for (const side of ["bids", "asks"] as const) {
      for (const [ticks, lots] of edits) {
        const driver = made();
        driver.slot(1).book[side].apply(Float64Array.of(ticks), Float64Array.of(lots), 0, 1);
        seen.add(hashWorld(driver.world));
      }
    }
    expect(seen.size).toBe(1 + 2 * edits.length);
  });

  test("changes with every field of the world", () => {
    const base = made();
    const before = hashWorld(base.world);
    const { world } = base;
    const records: readonly object[] = [
      world,
      world.counters,
      base.venue,
      base.session(),
      base.session().candidate ?? {},
      base.slot(0),
      base.slot(0).book,
    ];
    let changed = 0;
    for (const record of records as readonly Record<string, unknown>[]) {
      for (const key of scalarsOf(record)) {
        const value = record[key];
        record[key] = otherThan(value);
        expect(hashWorld(world), key).not.toBe(before);
        record[key] = value;
        changed++;
      }
    }
    expect(changed).toBeGreaterThan(100);
    expect(hashWorld(world)).toBe(before);
  });

  test("of commands changes with each command, its order and its tick", () => {
    const one = { type: "measureClock", venue: 0 } as const;
    const two = { type: "measureClock", venue: 1 } as const;
    const hexOf = (
      ...commands: readonly (readonly [number, typeof one | typeof two])[]
    ): string => {
      const hash = new CommandHash();
      for (const [tick, command] of commands)
        expect(hash.add(tick, command)).toBe(JSON.stringify(command));
      expect(hash.count).toBe(commands.length);
      return hash.hex;
    };
    const hashes = [
      hexOf(),
      hexOf([1, one]),
      hexOf([2, one]),
      hexOf([1, two]),
      hexOf([1, one], [1, two]),
      hexOf([1, two], [1, one]),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});

describe("what a caller may not do", () => {
  test("a tick begins only when the last one's commands were taken", () => {
    const { world } = new Driver();
    applyControl(world, { type: "started" }, 1);
    expect(() => applyControl(world, { type: "timerFired" }, 2)).toThrow("took the commands");
  });

  test("events name what this world has", () => {
    const driver = new Driver();
    expect(() => driver.emit({ type: "sessionClosed", session: 9, epoch: 1, reason: "" })).toThrow(
      "session 9",
    );
    const other = new Driver();
    expect(() => other.emit({ type: "resyncStepped", instrument: 9, resyncId: 1 })).toThrow(
      "instrument 9",
    );
  });

  test("time does not run backwards, whatever the caller says", () => {
    const driver = new Driver().start();
    const { nowUs } = driver.world;
    applyControl(driver.world, { type: "timerFired" }, nowUs - SECOND);
    expect(driver.world.nowUs).toBe(nowUs);
  });
});
