// Goal: whatever happens in whatever order, live books are true, invariants hold, and twice is the same.
// Method: a seeded random walk over everything that can befall a venue; long walks with RECKONER_LONG=1.
import { describe, expect, test } from "vitest";
import type { VenueId } from "../../../contracts/ids.ts";
import { hashWorld } from "../../../hotpath/core/state-hash.ts";
import { Driver, type FetchFate, MS, SECOND } from "./driver.ts";
import { seeded } from "./true-book.ts";

const IS_LONG = process.env.RECKONER_LONG === "1";
const WALK_EVENTS = IS_LONG ? 1_000_000 : 27_000;
const LIMIT_MS = IS_LONG ? 900_000 : 30_000;
const FATES: readonly FetchFate[] = ["good", "good", "good", "fail", "never", "old", "crossed"];

type Walk = { readonly stateHash: string; readonly commandHash: string; readonly driver: Driver };

type Misfortune = (driver: Driver, book: number, chance: () => number) => void;

function epochOf(driver: Driver, book: number): { session: number; epoch: number } {
  const { session } = driver.slot(book);
  return { session, epoch: driver.session(session).epoch };
}

/** What can go wrong, each with its weight. */
const MISFORTUNES: readonly (readonly [weight: number, act: Misfortune])[] = [
  [2, (driver, book) => driver.cut(driver.slot(book).session)],
  [4, (driver, book) => void driver.step(book)],
  [
    2,
    (driver, book) => {
      const delta = driver.step(book);
      driver.deliver(book, delta);
      driver.deliver(book, delta);
    },
  ],
  [
    2,
    (driver, book, chance) => {
      // Late frames of epochs long dead, and of epochs that never were.
      const { epoch } = epochOf(driver, book);
      const dead = Math.max(0, epoch - 1 - Math.floor(chance() * 5));
      driver.deliver(book, driver.step(book), { epoch: dead });
      driver.deliver(book, driver.step(book), { epoch: epoch + 3 });
    },
  ],
  [
    1,
    (driver, book, chance) => {
      const refusal = { ...epochOf(driver, book), instrument: book, isDelta: true };
      const reason = chance() < 0.5 ? "malformed" : "offStep";
      driver.emit({ type: "frameRefused", ...refusal, reason });
    },
  ],
  [
    1,
    (driver, book) => {
      const gap = { ...epochOf(driver, book), instrument: book };
      driver.emit({ type: "gapDeclared", ...gap, ring: "recorder" });
    },
  ],
  [
    1,
    (driver, book) =>
      driver.emit({ type: "writeFailed", ...epochOf(driver, book), reason: "EPIPE" }),
  ],
  [
    1,
    (driver, book) =>
      driver.emit({ type: "subscriptionRefused", ...epochOf(driver, book), reason: "2" }),
  ],
  [1, (driver, book) => driver.emit({ type: "shutdownAnnounced", ...epochOf(driver, book) })],
  [
    1,
    (driver, book) =>
      driver.deliver(book, driver.step(book), { recvUs: driver.nowUs - 2 * SECOND }),
  ],
  [1, (driver) => driver.emit({ type: "loopStalled", stalledUs: 2 * SECOND })],
  [
    1,
    (driver, book) => driver.emit({ type: "resyncRequested", instrument: book, cause: "operator" }),
  ],
  [
    1,
    (driver) => {
      driver.canDial = !driver.canDial;
    },
  ],
  [
    1,
    (driver) => {
      driver.canAcknowledge = !driver.canAcknowledge;
    },
  ],
  [
    1,
    (driver, _, chance) => {
      for (const transport of driver.transports) transport.isSpeaking = chance() < 0.5;
    },
  ],
  [1, (driver) => driver.emit({ type: "timerFired" })],
];

const WEIGHTED = MISFORTUNES.flatMap(([weight, act]) => new Array<Misfortune>(weight).fill(act));

function walk(seed: number, venue: VenueId, events: number, isWatched: boolean): Walk {
  const chance = seeded(seed);
  const driver = new Driver({ books: 6, sessions: 2, venue, seed, isWatched });
  driver.fateOf = () => FATES[Math.floor(chance() * FATES.length)] as FetchFate;
  driver.save();
  driver.emit({ type: "started" });
  while (driver.world.tick < events) {
    const roll = chance();
    const book = Math.floor(chance() * driver.truth.length);
    if (roll < 0.02) WEIGHTED[Math.floor(chance() * WEIGHTED.length)]?.(driver, book, chance);
    else if (roll < 0.05) driver.advance(Math.floor(chance() * 300) * MS);
    else if (roll < 0.06) driver.save();
    else {
      driver.tell(book);
      driver.advance(Math.floor(chance() * 3) * MS);
    }
  }
  // The faults are over: within half a minute everything is true again.
  driver.canDial = true;
  driver.canAcknowledge = true;
  driver.fateOf = () => "good";
  for (const transport of driver.transports) transport.isSpeaking = transport.isOpen;
  driver.speak(45 * SECOND, 50 * MS);
  return {
    stateHash: hashWorld(driver.world),
    commandHash: driver.loop.commandHash.hex,
    driver,
  };
}

describe.each(["binance-spot", "binance-usdm"] as const)("%s", { timeout: LIMIT_MS }, (venue) => {
  test.each([1, 2])("walk %i: no live book is wrong, no invariant breaks, all recover", (seed) => {
    const { driver } = walk(seed, venue, WALK_EVENTS, true);
    const { counters } = driver.world;
    expect(driver.wrongBooks).toEqual([]);
    expect(driver.liveCount).toBe(6);
    expect(counters.decisionsOnInvalidBook).toBe(0);
    // The walk has been everywhere, or it proves nothing.
    const met = [
      counters.gaps,
      counters.staleEpochDiscards,
      counters.sessionsReplaced,
      counters.sessionsRotated,
      counters.staleSnapshots,
      counters.failedSnapshots,
      counters.lateSnapshots,
      counters.dialFailures,
      counters.framesRefused,
      counters.gapsDeclared,
      counters.loopStalls,
      counters.suspicions,
      counters.bufferedDeltas,
      counters.staleDeltas,
      counters.decisions,
      counters.decisionsWithheld,
    ];
    expect(
      met.every((count) => count > 0),
      met.join(" "),
    ).toBe(true);
  });

  test("every resync record's stages sum to its total, and begin in the past", () => {
    const { driver } = walk(3, venue, 6_000, false);
    expect(driver.records.length).toBeGreaterThan(50);
    for (const { totalUs, stagesUs, degradedUs, liveUs } of driver.records) {
      const stages = Object.values(stagesUs);
      expect(stages.every((stageUs) => stageUs >= 0)).toBe(true);
      expect(stages.reduce((sum, stageUs) => sum + stageUs, 0)).toBe(totalUs);
      expect(liveUs - degradedUs).toBe(totalUs);
    }
  });

  test("the same events give the same world and the same commands", () => {
    const first = walk(4, venue, 6_000, false);
    const second = walk(4, venue, 6_000, false);
    expect(second.stateHash).toBe(first.stateHash);
    expect(second.commandHash).toBe(first.commandHash);
    expect(walk(5, venue, 6_000, false).commandHash).not.toBe(first.commandHash);
  });
});

test("a timer that has fired at its due moment is not due again at once", () => {
  const { driver } = walk(6, "binance-spot", 10_000, false);
  // One timer a millisecond would be a loop that spins; the walk's events are at most so far apart.
  const timers = driver.events.filter(({ event }) => event.type === "timerFired");
  const perMoment = new Map<number, number>();
  for (const { atUs } of timers) perMoment.set(atUs, (perMoment.get(atUs) ?? 0) + 1);
  expect(Math.max(...perMoment.values())).toBeLessThanOrEqual(4);
});
