/**
 * The hot thread without sockets: the production reader, loop, core and journal feed over made-up frames,
 * with the ring of the recorder drained by a thread of its own.
 *
 * The frames go round. Before a frame is sent again its update ids and its time are written forward in
 * place, so that every book sees one endless chain and nothing is resynced while a bench measures.
 */
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { RAW_FRAME } from "../../contracts/journal.ts";
import type { CoreCommand } from "../../hotpath/core/commands.ts";
import type { ControlEvent } from "../../hotpath/core/events.ts";
import type { Instrument } from "../../hotpath/core/instrument.ts";
import { MarketRing } from "../../hotpath/core/market-ring.ts";
import { makeWorld, type World } from "../../hotpath/core/world.ts";
import { ByteRing, createRingMemory } from "../../hotpath/io/byte-ring.ts";
import { nowUs } from "../../hotpath/io/clock.ts";
import { JournalFeed } from "../../hotpath/io/journal-feed.ts";
import { Loop } from "../../hotpath/loop.ts";
import { decodersOf, type HotPlan, worldPlanOf } from "../../hotpath/plan.ts";
import { Reader } from "../../hotpath/reader.ts";
import { planOf } from "../hotpath/recorded-run.ts";
import { type ChainedFrame, chained, chainSet, forward } from "./frame-chain.ts";
import type { FrameSet, Profile } from "./frames.ts";

const RING_BYTES = 64 * 1024 * 1024;
const BRING_UP_ROUNDS = 8;
const US_PER_MS = 1000;
const HOUR_US = 3_600_000_000;
const QUIET_MARGIN_MS = 50;

export type PathRig = {
  readonly plan: HotPlan;
  readonly world: World;
  readonly reader: Reader;
  readonly frames: number;
  /** Writes frame `i` forward, so that it follows what its book has seen. */
  readonly forward: (i: number) => void;
  /** Gives frame `i` to the reader, as a transport does. */
  readonly deliver: (i: number) => void;
  readonly liveBooks: () => number;
  /** Waits until quiet books are taken as they are, so that no message has a resync to end. */
  readonly acceptQuiet: () => Promise<void>;
  /** Gives the core a control event, as whoever brings one does. */
  readonly emit: (event: ControlEvent) => void;
  /** Bytes of frame `i`, as they were last written forward. */
  readonly frame: (i: number) => Buffer;
  readonly stop: () => Promise<void>;
};

export type PathOptions = {
  readonly profile: Profile;
  readonly books: number;
  /** Frames may stay away for minutes, as when other engines have their turn. */
  readonly isPatient?: boolean;
  /** Frames that close a circle, and their instruments; those of the profile without it. */
  readonly market?: { readonly set: FrameSet; readonly instruments: readonly Instrument[] };
  /** Called with the world before its first event; may set a trader in. */
  readonly inhabit?: (world: World) => void;
  /** Sees every command that the rig does not answer itself. */
  readonly execute?: (command: CoreCommand) => void;
};

/** Brings a world up on made-up snapshots and hands over the levers of its frames. */
export async function makePathRig(options: PathOptions): Promise<PathRig> {
  const { profile, books, isPatient, market } = options;
  const set = market?.set ?? chainSet(profile, books);
  const standard = planOf(set.symbols);
  const budgeted = withoutBudget(
    market === undefined ? standard : overOneSession(standard, market.instruments),
  );
  const plan = isPatient === true ? withoutDeadlines(budgeted) : budgeted;
  const memory = createRingMemory(RING_BYTES);
  const drain = new Worker(new URL("./ring-drain.ts", import.meta.url), { workerData: memory });
  await once(drain, "message");
  const { world, reader, emit, settle } = wire(plan, set, memory, options.execute);
  options.inhabit?.(world);
  emit({ type: "started" });
  settle();
  const frames = set.frames.map((frame, i) => chained(frame, set, i));
  const stamp = { recvUs: 0, awayUs: 0 };
  return {
    plan,
    world,
    reader,
    frames: frames.length,
    forward: (i) => forward(frames[i] as ChainedFrame),
    deliver: (i) => {
      stamp.recvUs = nowUs();
      reader.onFrame(0, 1, (frames[i] as ChainedFrame).frame, stamp);
    },
    liveBooks: () => world.slots.filter(({ book }) => book.state === "live").length,
    acceptQuiet: async () => {
      await setTimeout(plan.limits.quietAcceptUs / US_PER_MS + QUIET_MARGIN_MS);
      settle();
    },
    emit,
    frame: (i) => (frames[i] as ChainedFrame).frame,
    stop: async () => {
      await drain.terminate();
    },
  };
}

type Wired = {
  readonly world: World;
  readonly reader: Reader;
  readonly emit: (event: ControlEvent) => void;
  /** Answers what the core asks for, and lets its deadlines come, until nothing is left to do. */
  readonly settle: () => void;
};

/** However many books: which session brings them is not what is measured. */
function overOneSession(plan: HotPlan, instruments: readonly Instrument[]): HotPlan {
  const venues = plan.venues.map((share) => ({
    ...share,
    streamsPerConnectionMax: Number.MAX_SAFE_INTEGER,
  }));
  return { ...plan, venues, instruments };
}

/** Request weight is not what is measured: with enough of it every book has its snapshot at once. */
function withoutBudget(plan: HotPlan): HotPlan {
  const venues = plan.venues.map((share) => ({
    ...share,
    rules: { ...share.rules, weightLimit: Number.MAX_SAFE_INTEGER },
  }));
  return { ...plan, venues };
}

/** No silence means anything: not even that of an hour. */
function withoutDeadlines(plan: HotPlan): HotPlan {
  const patience = {
    suspectFloorUs: HOUR_US,
    silenceFloorUs: HOUR_US,
    silenceFastUs: HOUR_US,
    silenceCeilingUs: HOUR_US,
    firstDataUs: HOUR_US,
    transportUs: HOUR_US,
    ancientUs: HOUR_US,
    frozenUs: HOUR_US,
    queueDelayUs: HOUR_US,
    stallUs: HOUR_US,
    modeHysteresisUs: 0,
  };
  return { ...plan, limits: { ...plan.limits, ...patience } };
}

function wire(
  plan: HotPlan,
  set: FrameSet,
  memory: SharedArrayBuffer,
  onCommand: ((command: CoreCommand) => void) | undefined,
): Wired {
  const world = makeWorld(worldPlanOf(plan));
  const market = new MarketRing(plan.marketRingSlots);
  const journal = new JournalFeed(new ByteRing(memory));
  const [decoder] = decodersOf(plan);
  if (decoder === undefined) throw new Error("a plan with a venue has a decoder");
  const waiting: ControlEvent[] = [];
  const loop = new Loop(
    world,
    market,
    {
      nowUs,
      recordMarket: (row, tick) => journal.recordMarket(market, row, tick),
      recordControl: () => undefined,
      recordCommand: (text, tick, processUs) => journal.recordCommand(tick, processUs, text),
      recordTickEnd: () => journal.endTick(),
      execute: (command) => {
        const answer = answerTo(command);
        if (answer !== undefined) waiting.push(answer);
        else onCommand?.(command);
      },
      yieldThen: (run) => setImmediate(run),
      armTimer: () => undefined,
    },
    plan.loop,
  );
  const answerTo = (command: CoreCommand): ControlEvent | undefined => {
    switch (command.type) {
      case "openSession":
        return { type: "sessionOpened", session: 0, epoch: 1, attempt: command.attempt };
      case "subscribe":
        return { type: "subscriptionConfirmed", session: 0, epoch: 1 };
      case "stepResync":
        return {
          type: "resyncStepped",
          instrument: command.instrument,
          resyncId: command.resyncId,
        };
      case "fetchSnapshot": {
        const instrument = plan.instruments[command.instrument];
        const body = set.snapshots[command.instrument];
        if (instrument === undefined || body === undefined) return undefined;
        const levels = decoder.decodeSnapshot(body, instrument);
        if (levels === undefined) throw new Error("a made-up snapshot is good");
        const { requestId } = command;
        const answer = { instrument: command.instrument, requestId, recvUs: nowUs() };
        return { type: "snapshotReceived", ...answer, weightUsed: 1, rawSeq: 0, levels };
      }
      default:
        return undefined;
    }
  };
  const source = { venue: 0, shard: 0, epoch: 1, recvUs: 0, awayUs: 0 };
  const reader = new Reader([{ decoder, source, feed: undefined }], market, loop.control, {
    recordFrame: (from, frame) => journal.recordRaw(RAW_FRAME, from, frame),
    run: () => {
      loop.run();
      while (waiting.length > 0) for (const event of waiting.splice(0)) loop.emit(event);
    },
  });
  const settle = (): void => {
    // The snapshots in flight are bounded, so the books come up a few at a time.
    for (let round = 0; round < BRING_UP_ROUNDS * plan.instruments.length; round++) {
      for (const event of waiting.splice(0)) loop.emit(event);
      loop.emit({ type: "timerFired" });
    }
  };
  return { world, reader, emit: (event) => loop.emit(event), settle };
}
