/**
 * Station: before the first live frame. Runs made-up frames through the very code that live frames take,
 * from the reader to the journal's ring, in worlds of its own.
 *
 * Many short lives instead of one long one: compiled code is thrown away the first time that it takes a
 * branch it has not seen, so what happens once in a life (a first frame, a stream learned, a book that
 * goes live) has to happen often here.
 */
import { assert } from "../contracts/assert.ts";
import { RAW_FRAME } from "../contracts/journal.ts";
import type { CoreCommand } from "./core/commands.ts";
import type { ControlEvent } from "./core/events.ts";
import { type Instrument, instrumentOf } from "./core/instrument.ts";
import { MarketRing } from "./core/market-ring.ts";
import { makeWorld, type World } from "./core/world.ts";
import { ByteRing, createRingMemory } from "./io/byte-ring.ts";
import { JournalFeed, type RawSource } from "./io/journal-feed.ts";
import { Loop } from "./loop.ts";
import { decodersOf, type HotPlan, sessionsOf, worldPlanOf } from "./plan.ts";
import { Reader } from "./reader.ts";
import { VENUES } from "./venues/registry.ts";

const LIVES = 12;
const STEPS = 45;
/** Enough for streams to share a cell of the table that finds them. */
const SYMBOLS = 32;
const STEP_US = 1000;
/** What `warmUpFrames` counts its times from. */
const START_US = 1_700_000_000_000_000;
/** Steps that lives begin with: sequences of one digit, of seven, and beyond int32. */
const FIRST_STEPS = [25_000_000_000, 1, 25_000_000_000, 2_500_000] as const;
/** A step is heard twice (stale deltas) once in so many, and one in a life is not heard at all (a gap). */
const STALE_STEPS = 8;
const GAP_STEP = 40;
const TIMER_STEPS = 16;
const RING_BYTES = 1 << 22;
/** The book that `warmUpFrames` tells of: bids from 100.10 down and asks from 200.10 up, by 0.01. */
const SNAPSHOT_LEVELS = 300;
const SNAPSHOT_TICKS = Float64Array.from({ length: 2 * SNAPSHOT_LEVELS }, (_, i) =>
  i < SNAPSHOT_LEVELS ? 10_010 - i : 20_010 + i - SNAPSHOT_LEVELS,
);
const SNAPSHOT_LOTS = new Float64Array(2 * SNAPSHOT_LEVELS).fill(100);

/** One world with what drives it. */
type Life = {
  readonly plan: HotPlan;
  readonly world: World;
  readonly reader: Reader;
  readonly loop: Loop;
  readonly ring: ByteRing;
  /** Answers of the made-up venue, given in the next turn. */
  readonly waiting: ControlEvent[];
  readonly now: { us: number; step: number; reads: number };
  /** Written again for every step, as a transport does: an object never changed is compiled as one. */
  readonly read: { recvUs: number; awayUs: number };
};

/** Warms every venue of the plan; returns the number of events that were applied. */
export function warmUp(plan: HotPlan): number {
  const memory = createRingMemory(RING_BYTES);
  let applied = 0;
  for (let life = 0; life < LIVES; life++) {
    for (const share of plan.venues) {
      const instruments = Array.from({ length: SYMBOLS }, (_, i) => madeUp(share.id, i));
      const made = makeLife({ ...plan, venues: [share], instruments }, memory, life % 2 === 1);
      applied += live(made, FIRST_STEPS[life % FIRST_STEPS.length] as number);
    }
  }
  return applied;
}

function madeUp(venue: Instrument["venue"], index: number): Instrument {
  const symbol = `WARM${index}UP`;
  const rules = {
    id: `${venue}:${symbol}`,
    venue,
    symbol,
    tickSize: "0.01",
    lotSize: "0.01",
  } as const;
  const instrument = instrumentOf(rules, index);
  assert(instrument !== undefined, "the steps are decimals");
  return instrument;
}

function makeLife(plan: HotPlan, memory: SharedArrayBuffer, isOdd: boolean): Life {
  const now = { us: START_US, step: 0, reads: 0 };
  const tellUs = (): number => {
    // Delays of all sizes, so that every kind of histogram cell is met.
    now.us += (now.reads++ & 31) * 3;
    return now.us;
  };
  const world = makeWorld(worldPlanOf(plan));
  const market = new MarketRing(64, 65_536);
  const ring = new ByteRing(memory);
  const journal = new JournalFeed(ring);
  const waiting: ControlEvent[] = [];
  const loop = new Loop(
    world,
    market,
    {
      nowUs: tellUs,
      recordMarket: (row, tick) => journal.recordMarket(market, row, tick),
      recordControl: () => undefined,
      recordCommand: (text, tick, processUs) => journal.recordCommand(tick, processUs, text),
      recordTickEnd: () => journal.endTick(),
      execute: (command) => {
        const answer = answerTo(command, now);
        if (answer !== undefined) waiting.push(answer);
      },
      yieldThen: () => undefined,
      armTimer: () => undefined,
    },
    plan.loop,
  );
  // Two pairs of doors, of which lives take turns: code that was compiled for the one and only would be
  // thrown away at the first call of the live pair.
  const doors = isOdd
    ? {
        recordFrame: (from: RawSource, frame: Uint8Array) =>
          journal.recordRaw(RAW_FRAME, from, frame),
        run: () => loop.run(),
      }
    : {
        recordFrame: (from: RawSource, frame: Uint8Array) => {
          return journal.recordRaw(RAW_FRAME, from, frame);
        },
        run: () => {
          loop.run();
        },
      };
  const decoder = decodersOf(plan)[0];
  assert(decoder !== undefined, "every venue has a decoder");
  const sessions = sessionsOf(plan).map(({ shardPlan }) => {
    const source = { venue: 0, shard: shardPlan.shard, epoch: 1, recvUs: 0, awayUs: 0 };
    return { decoder, source, feed: undefined };
  });
  const reader = new Reader(sessions, market, loop.control, doors);
  return { plan, world, reader, loop, ring, waiting, now, read: { recvUs: 0, awayUs: 0 } };
}

/** What a venue without faults would answer. */
function answerTo(command: CoreCommand, now: Life["now"]): ControlEvent | undefined {
  switch (command.type) {
    case "openSession": {
      const { session, epoch, attempt } = command;
      return { type: "sessionOpened", session, epoch, attempt };
    }
    case "subscribe": {
      const { session, epoch } = command;
      return { type: "subscriptionConfirmed", session, epoch };
    }
    case "stepResync": {
      const { instrument, resyncId } = command;
      return { type: "resyncStepped", instrument, resyncId };
    }
    case "fetchSnapshot": {
      const { instrument, requestId } = command;
      const levels = {
        seq: now.step * 2 + 2,
        exchangeUs: 0,
        ticks: SNAPSHOT_TICKS,
        lots: SNAPSHOT_LOTS,
        bidCount: SNAPSHOT_LEVELS,
        askCount: SNAPSHOT_LEVELS,
      };
      const answer = { instrument, requestId, recvUs: now.us, weightUsed: 0, rawSeq: 0 };
      return { type: "snapshotReceived", ...answer, levels };
    }
    default:
      return undefined;
  }
}

function live(life: Life, firstStep: number): number {
  const { world, loop, now } = life;
  now.us = START_US + firstStep * STEP_US;
  now.step = firstStep;
  loop.emit({ type: "started" });
  for (let i = 0; i < STEPS; i++) {
    now.step = firstStep + i;
    now.us = Math.max(now.us, START_US + now.step * STEP_US);
    if (i !== GAP_STEP) hear(life, now.step);
    if (i % STALE_STEPS === 0) hear(life, now.step);
    for (const event of life.waiting.splice(0)) loop.emit(event);
    if (i % TIMER_STEPS === 1) {
      // Some lives never learn what time it is there: they may not decide, which is a branch as well.
      if (firstStep > 1)
        loop.emit({
          type: "clockMeasured",
          venue: 0,
          offsetUs: 0,
          errorUs: STEP_US,
          weightUsed: 0,
        });
      loop.emit({ type: "timerFired" });
    }
    const { ring } = life;
    for (let bytes = ring.peek(RING_BYTES); bytes > 0; bytes = ring.peek(RING_BYTES)) {
      ring.consume(bytes);
    }
  }
  return world.counters.marketEvents;
}

/** One step's frames of every instrument, each through the session that carries its book. */
function hear({ plan, reader, world, now, read }: Life, step: number): void {
  for (const { venue, symbol, index } of plan.instruments) {
    const session = world.slots[index]?.session ?? 0;
    const epoch = world.sessions[session]?.epoch ?? 0;
    for (const text of VENUES[venue].warmUpFrames(symbol, step)) {
      read.recvUs = now.us;
      reader.onFrame(session, epoch, Buffer.from(text), read);
    }
  }
}
