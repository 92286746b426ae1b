// Goal: a book whose snapshots come in the stream is believed only while its checksum agrees, is repaired
// by a subscription of its own, and never holds what another transport said. Method: the core alone, fed
// with the warm-up frames of Kraken, which bear right checksums.
import { describe, expect, test } from "vitest";
import { standardConfig } from "../../../hotpath/config.ts";
import type { CoreCommand } from "../../../hotpath/core/commands.ts";
import { DECODED } from "../../../hotpath/core/decode/decoder.ts";
import { applyControl, applyMarket } from "../../../hotpath/core/engine.ts";
import type { ControlEvent } from "../../../hotpath/core/events.ts";
import { type Instrument, instrumentOf } from "../../../hotpath/core/instrument.ts";
import { brokenInvariant } from "../../../hotpath/core/invariants.ts";
import { MarketRing } from "../../../hotpath/core/market-ring.ts";
import { type BookSlot, makeWorld } from "../../../hotpath/core/world.ts";
import { coreLimitsOf, venueRulesOf } from "../../../hotpath/limits-of.ts";
import { kraken } from "../../../hotpath/venues/kraken/index.ts";

const START_US = 1_700_000_000_000_000;
const SYMBOLS = ["AAA/USD", "BBB/USD"];
/** A block of the warm-up frames begins with a snapshot. */
const BLOCK = 8;

class Rig {
  nowUs = START_US;
  readonly ring = new MarketRing(64, 65_536);
  readonly instruments = SYMBOLS.map((symbol, index) => {
    const rules = { id: `kraken:${symbol}`, venue: "kraken", symbol } as const;
    return instrumentOf({ ...rules, tickSize: "0.01", lotSize: "0.01" }, index) as Instrument;
  });
  readonly decoder = kraken.makeDecoder(this.instruments);
  readonly world;
  readonly commands: CoreCommand[] = [];
  epoch = 1;

  constructor() {
    const config = standardConfig();
    const venueConfig = config.venues.kraken;
    if (venueConfig === undefined) throw new Error("the standard has Kraken");
    this.world = makeWorld({
      limits: coreLimitsOf(config),
      instruments: this.instruments,
      venues: [
        {
          id: "kraken",
          rules: venueRulesOf(kraken, venueConfig, 60),
          continuity: kraken.continuity,
          inStream: kraken.inStream,
        },
      ],
      sessions: [{ venue: 0, shard: 0, books: [0, 1] }],
    });
    this.control({ type: "started" });
  }

  control(event: ControlEvent): void {
    this.nowUs += 1000;
    applyControl(this.world, event, this.nowUs);
    this.#drain();
  }

  /** Opens the transport of the next epoch; its subscription is not confirmed yet. */
  open(): void {
    const attempt = this.world.sessions[0]?.attempt ?? 0;
    this.control({ type: "sessionOpened", session: 0, epoch: this.epoch, attempt });
  }

  confirm(): void {
    this.control({ type: "subscriptionConfirmed", session: 0, epoch: this.epoch });
  }

  /** One book message of a step, as it is or changed. */
  hear(symbol: number, step: number, change: (text: string) => string = (text) => text): void {
    this.nowUs += 1000;
    const [text = ""] = kraken.warmUpFrames(SYMBOLS[symbol] ?? "", step);
    const stamp = { session: 0, epoch: this.epoch, recvUs: this.nowUs, awayUs: 0, rawSeq: 0 };
    const bytes = new TextEncoder().encode(change(text));
    if (this.decoder.decode(bytes, stamp, this.ring) !== DECODED.event) throw new Error(text);
    const row = this.ring.oldest;
    this.ring.processUs[row] = this.nowUs;
    applyMarket(this.world, this.ring, row);
    this.ring.release();
    this.#drain();
  }

  /** Takes the commands of each tick; the steps of a resync are answered one after another. */
  #drain(): void {
    const steps: ControlEvent[] = [];
    for (;;) {
      for (const command of this.world.outbox.splice(0)) {
        this.commands.push(command);
        if (command.type !== "stepResync") continue;
        const { instrument, resyncId } = command;
        steps.push({ type: "resyncStepped", instrument, resyncId });
      }
      const step = steps.shift();
      if (step === undefined) break;
      applyControl(this.world, step, this.nowUs);
    }
    expect(brokenInvariant(this.world, this.ring)).toBeUndefined();
  }

  slot(symbol = 0): BookSlot {
    return this.world.slots[symbol] as BookSlot;
  }

  fetches(): readonly Extract<CoreCommand, { type: "fetchSnapshot" }>[] {
    return this.commands.filter((command) => command.type === "fetchSnapshot");
  }

  /** Both books live on the first transport. */
  live(): this {
    this.open();
    this.hear(0, BLOCK);
    this.hear(1, BLOCK);
    this.confirm();
    return this;
  }
}

describe("a transport that opens", () => {
  test("brings its snapshots by itself: nothing is fetched, and the books are live", () => {
    const rig = new Rig().live();
    expect([rig.slot(0).book.state, rig.slot(1).book.state]).toEqual(["live", "live"]);
    expect(rig.fetches()).toEqual([]);
    expect(rig.world.counters).toMatchObject({ streamSnapshots: 2, checksums: 2 });
    expect(rig.slot(0).resyncs).toBe(1);
  });

  test("with updates before the confirmation has them in the book when it goes live", () => {
    const rig = new Rig();
    rig.open();
    rig.hear(0, BLOCK);
    rig.hear(0, BLOCK + 1);
    rig.hear(0, BLOCK + 2);
    expect(rig.slot(0).book.state).toBe("buffering");
    rig.confirm();
    expect(rig.slot(0).book.state).toBe("live");
    rig.hear(0, BLOCK + 3);
    expect(rig.world.counters.checksumMismatches).toBe(0);
  });

  test("whose snapshot follows the confirmation is waited for, and asked for when it stays away", () => {
    const rig = new Rig();
    rig.open();
    rig.confirm();
    expect(rig.fetches()).toEqual([]);
    rig.hear(1, BLOCK);
    expect(rig.slot(1).book.state).toBe("live");
    rig.nowUs += rig.world.limits.snapshotHedgeUs;
    rig.control({ type: "timerFired" });
    expect(rig.fetches().map(({ instrument }) => instrument)).toEqual([0]);
    rig.hear(0, BLOCK);
    expect(rig.slot(0)).toMatchObject({ inFlight: 0, phase: "idle" });
  });

  test("hears updates before any snapshot and makes nothing of them", () => {
    const rig = new Rig();
    rig.open();
    rig.confirm();
    rig.hear(0, BLOCK + 1);
    expect(rig.world.counters.voidDeltas).toBe(1);
    expect(rig.slot(0).book.bids.isEmpty).toBe(true);
  });
});

test("a level that falls out of the depth subscribed is gone: the venue tells nothing more of it", () => {
  const rig = new Rig().live();
  const { book } = rig.slot();
  const depth = book.bids.levelCount;
  rig.slot().depthAsked = depth;
  // New levels within the top, and none that goes.
  rig.hear(0, BLOCK + 1);
  expect([book.bids.levelCount, book.asks.levelCount]).toEqual([depth, depth]);
  expect(book.state).toBe("live");
});

test("a snapshot in the stream has no horizon: every level that comes into the depth is told", () => {
  const rig = new Rig();
  rig.open();
  const { asks, bids } = rig.slot(0).book;
  rig.slot(0).depthAsked = 1;
  rig.hear(0, BLOCK);
  expect([bids.isEmpty, asks.isEmpty]).toEqual([false, false]);
  expect(rig.slot(0).book).toMatchObject({ horizonBidTicks: 0, horizonAskTicks: 0 });
});

describe("a message that is missing or wrong", () => {
  test("voids its book at the next one, in the same tick, and only that book is subscribed anew", () => {
    const rig = new Rig().live();
    // Step 9 removes levels of the top; without it the next checksum cannot agree.
    rig.hear(0, BLOCK + 2);
    expect(rig.slot(0)).toMatchObject({ phase: "waitingSnapshot", cause: "checksumMismatch" });
    expect(rig.slot(1).book.state).toBe("live");
    expect(rig.fetches().map(({ instrument }) => instrument)).toEqual([0]);
    rig.hear(0, BLOCK + 3);
    expect(rig.world.counters.voidDeltas).toBe(1);
    rig.hear(0, 2 * BLOCK);
    expect(rig.slot(0).book.state).toBe("live");
    const record = rig.commands.findLast((command) => command.type === "recordResync");
    expect(record).toMatchObject({ record: { cause: "checksumMismatch", snapshotCount: 1 } });
    expect(rig.world.venues[0]?.snapshotsInFlight).toBe(0);
  });

  test("a checksum with one digit changed voids a right book too: the venue and we disagree", () => {
    const rig = new Rig().live();
    rig.hear(0, BLOCK + 1, (text) =>
      text.replace(/"checksum":(\d)/, (_all, digit) => `"checksum":${digit === "1" ? 2 : 1}`),
    );
    expect(rig.slot(0).cause).toBe("checksumMismatch");
    expect(rig.world.counters.checksumMismatches).toBe(1);
  });

  test("a message told twice changes nothing: quantities are absolute", () => {
    const rig = new Rig().live();
    rig.hear(0, BLOCK + 1);
    rig.hear(0, BLOCK + 1);
    expect(rig.slot(0).book.state).toBe("live");
  });

  test("a frame that was refused voids its book before the next one", () => {
    const rig = new Rig().live();
    const refused = { instrument: 0, isDelta: true, reason: "malformed" } as const;
    rig.control({ type: "frameRefused", session: 0, epoch: 1, ...refused });
    expect(rig.slot(0).cause).toBe("malformedFrames");
    rig.hear(0, 2 * BLOCK);
    expect(rig.slot(0).book.state).toBe("live");
  });

  test("a snapshot that is not what it signs is asked for again, ever more slowly", () => {
    const rig = new Rig();
    rig.open();
    rig.confirm();
    const spoil = (text: string): string => text.replace(/"qty":\d+/, '"qty":7777');
    for (let tries = 1; tries <= 3; tries++) {
      rig.hear(0, BLOCK, spoil);
      expect(rig.slot(0)).toMatchObject({ phase: "waitingSnapshot", fetchFailures: tries });
      rig.nowUs += 10_000_000;
    }
    expect(rig.world.counters.staleSnapshots).toBe(3);
    rig.hear(0, BLOCK);
    expect(rig.slot(0)).toMatchObject({ phase: "idle", fetchFailures: 0 });
  });

  test("a subscription that the venue refuses is asked for again", () => {
    const rig = new Rig().live();
    rig.hear(0, BLOCK + 2);
    const [first] = rig.fetches();
    const failed = { reason: "Already subscribed", retryAfterUs: 0, weightUsed: -1 };
    rig.control({
      type: "snapshotFailed",
      instrument: 0,
      requestId: first?.requestId ?? 0,
      ...failed,
    });
    rig.nowUs += 120_000;
    rig.control({ type: "timerFired" });
    expect(rig.fetches()).toHaveLength(2);
    expect(rig.world.venues[0]?.snapshotsInFlight).toBe(1);
  });
});

describe("a snapshot that nobody needs", () => {
  test("replaces the content of a live book, which stays live", () => {
    const rig = new Rig().live();
    rig.hear(0, 3 * BLOCK);
    expect(rig.slot(0).book.state).toBe("live");
    rig.hear(0, 3 * BLOCK + 1);
    expect(rig.world.counters.checksumMismatches).toBe(0);
  });
});

describe("a transport that ends", () => {
  test("takes the requests with it that nobody will answer, and what it said is not believed", () => {
    const rig = new Rig().live();
    rig.hear(0, BLOCK + 2);
    expect(rig.world.venues[0]?.snapshotsInFlight).toBe(1);
    rig.control({ type: "sessionClosed", session: 0, epoch: 1, reason: "test" });
    expect(rig.world.venues[0]?.snapshotsInFlight).toBe(0);
    expect(rig.slot(1).isLoaded).toBe(false);
    rig.hear(0, 2 * BLOCK);
    expect(rig.world.counters.staleEpochDiscards).toBe(1);
    rig.epoch = 2;
    rig.live();
    expect([rig.slot(0).book.state, rig.slot(1).book.state]).toEqual(["live", "live"]);
    expect(rig.slot(0).book.epoch).toBe(2);
  });

  test("leaves a successor that was ready in advance, whose snapshots were heard by nobody", () => {
    const rig = new Rig().live();
    const session = rig.world.sessions[0];
    if (session === undefined) throw new Error("there is a session");
    // Silence: the successor is dialed, and confirmed, while the first is only suspected.
    rig.nowUs += rig.world.limits.suspectFloorUs + 50_000;
    rig.control({ type: "timerFired" });
    expect(session.candidate?.purpose).toBe("suspicion");
    rig.epoch = 2;
    rig.open();
    rig.hear(0, BLOCK);
    rig.confirm();
    rig.hear(1, BLOCK + 1);
    expect(session.epoch).toBe(2);
    rig.control({ type: "timerFired" });
    expect(
      rig
        .fetches()
        .map(({ instrument }) => instrument)
        .sort(),
    ).toEqual([0, 1]);
    rig.hear(0, 2 * BLOCK);
    expect(rig.slot(0).book.state).toBe("live");
  });
});

test("sessions are not rotated by age: two transports' messages do not join", () => {
  const rig = new Rig().live();
  rig.nowUs += rig.world.limits.rotateAfterUs;
  rig.hear(0, BLOCK + 1);
  rig.control({ type: "timerFired" });
  expect(rig.world.sessions[0]?.candidate?.purpose).not.toBe("rotation");
});
