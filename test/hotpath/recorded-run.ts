// A real run without sockets: the production loop, core, decoder, journal feed and recorder, over made-up
// frames and a clock of its own. What it leaves is a journal on the disk like any other.
import path from "node:path";
import {
  CTL_CHECKPOINT,
  CTL_RUN_HEADER,
  RAW_FRAME,
  RAW_SNAPSHOT,
} from "../../contracts/journal.ts";
import { standardConfig } from "../../hotpath/config.ts";
import { DECODED } from "../../hotpath/core/decode/decoder.ts";
import type { ControlEvent } from "../../hotpath/core/events.ts";
import { type Instrument, instrumentOf } from "../../hotpath/core/instrument.ts";
import { MarketRing } from "../../hotpath/core/market-ring.ts";
import { hashWorld } from "../../hotpath/core/state-hash.ts";
import { makeWorld } from "../../hotpath/core/world.ts";
import { ByteRing, createRingMemory } from "../../hotpath/io/byte-ring.ts";
import { realDisk } from "../../hotpath/io/journal/disk.ts";
import { createStatusMemory, Recorder } from "../../hotpath/io/journal/recorder.ts";
import { beginRun } from "../../hotpath/io/journal/run.ts";
import { JournalFeed } from "../../hotpath/io/journal-feed.ts";
import { coreLimitsOf, venueRulesOf } from "../../hotpath/limits-of.ts";
import { Loop } from "../../hotpath/loop.ts";
import { decodersOf, type HotPlan, PLAN_VERSION, worldPlanOf } from "../../hotpath/plan.ts";
import { VENUES } from "../../hotpath/venues/registry.ts";
import { makeFrames } from "../bench/frames.ts";

const START_US = 1_790_000_000_000_000;
const FRAME_US = 1000;
const GIB = 1024 ** 3;

export type RecordedRun = {
  readonly directory: string;
  readonly stateHash: string;
  readonly commandHash: string;
  readonly ticks: number;
};

export type RunOptions = {
  readonly root: string;
  readonly runId: string;
  readonly frames: number;
  /** Frames that are never delivered, by position: each makes a gap. */
  readonly dropped?: readonly number[];
  /** Leave the last records without a clean stop, as a killed process would. */
  readonly crash?: boolean;
};

/** A plan over made-up spot instruments. */
export function planOf(symbols: readonly string[]): HotPlan {
  const config = standardConfig();
  const share = config.venues["binance-spot"];
  if (share === undefined) throw new Error("the standard configuration has Binance spot");
  const venue = VENUES["binance-spot"];
  const instruments = symbols.map((symbol, index): Instrument => {
    const rules = { id: `${venue.id}:${symbol}`, venue: venue.id, symbol } as const;
    const instrument = instrumentOf({ ...rules, tickSize: "0.01", lotSize: "0.00001" }, index);
    if (instrument === undefined) throw new Error("the steps are good");
    return instrument;
  });
  return {
    version: PLAN_VERSION,
    limits: coreLimitsOf(config),
    loop: { controlCapacity: 1024, commandCapacity: 1024, eventsPerTurnMax: 1024 },
    marketRingSlots: 1024,
    venues: [
      {
        id: venue.id,
        addresses: { rest: "http://127.0.0.1:1", ws: "ws://127.0.0.1:1" },
        rules: venueRulesOf(venue, share, 6000),
        streams: { depth: "100ms", quotes: true, trades: true },
        streamsPerConnectionMax: 200,
      },
    ],
    instruments,
  };
}

/** Runs and records; the journal is on the disk when this resolves. */
export async function recordRun(options: RunOptions): Promise<RecordedRun> {
  const set = makeFrames({ profile: "quiet", books: 4, levels: 200, frames: options.frames });
  const plan = planOf(set.symbols);
  const directory = path.join(options.root, options.runId);
  const begun = beginRun(realDisk, directory, { runId: options.runId, firstSeq: 1 });
  if (!begun.ok) throw new Error(begun.error.reason);
  const memory = createRingMemory(1 << 22);
  let nowUs = START_US;
  const recorder = new Recorder({
    disk: realDisk,
    ring: new ByteRing(memory),
    status: new Float64Array(createStatusMemory()),
    root: options.root,
    directory,
    start: begun.start,
    options: {
      sync: "off",
      segmentBytes: 1 << 20,
      segmentUs: 3_600_000_000,
      retention: { retainBytes: GIB, retainUs: 1e15, reserveFreeBytes: 0 },
    },
    nowUs: () => nowUs,
    emit: () => undefined,
  });
  const journal = new JournalFeed(new ByteRing(memory));
  const world = makeWorld(worldPlanOf(plan));
  const market = new MarketRing(1024);
  const decoder = decodersOf(plan)[0];
  if (decoder === undefined) throw new Error("a plan with a venue has a decoder");
  const waiting: ControlEvent[] = [];
  const source = { venue: 0, shard: 0, epoch: 1, recvUs: 0, awayUs: 0 };
  const loop = new Loop(
    world,
    market,
    {
      nowUs: () => nowUs,
      recordMarket: (row, tick) => journal.recordMarket(market, row, tick),
      recordControl: (event, tick, processUs) => {
        const text = JSON.stringify(event, (key, value: unknown) =>
          key === "levels" ? undefined : value,
        );
        journal.recordEvent(tick, processUs, text);
      },
      recordCommand: (text, tick, processUs) => journal.recordCommand(tick, processUs, text),
      recordTickEnd: () => journal.endTick(),
      execute: (command) => {
        if (command.type === "stepResync") {
          loop.control.push({
            type: "resyncStepped",
            instrument: command.instrument,
            resyncId: command.resyncId,
          });
        } else if (command.type === "openSession") {
          waiting.push({
            type: "sessionOpened",
            session: 0,
            epoch: command.epoch,
            attempt: command.attempt,
          });
        } else if (command.type === "subscribe") {
          waiting.push({ type: "subscriptionConfirmed", session: 0, epoch: command.epoch });
        } else if (command.type === "fetchSnapshot") {
          const { instrument, requestId } = command;
          // The venue's snapshot is of the start; a later one cannot be joined and is asked for again.
          const body = set.snapshots[instrument] as Buffer;
          const levels = decoder.decodeSnapshot(body, plan.instruments[instrument] as Instrument);
          if (levels === undefined) throw new Error("the snapshot is good");
          source.recvUs = nowUs;
          const rawSeq = journal.recordRaw(RAW_SNAPSHOT, source, body);
          waiting.push({
            type: "snapshotReceived",
            instrument,
            requestId,
            recvUs: nowUs,
            weightUsed: 1,
            rawSeq,
            levels,
          });
        }
      },
      yieldThen: (run) => run(),
      armTimer: () => undefined,
    },
    plan.loop,
  );
  const answer = (): void => {
    for (const event of waiting.splice(0)) loop.emit(event);
  };
  journal.recordControl(CTL_RUN_HEADER, 0, nowUs, JSON.stringify(plan));
  loop.emit({ type: "started" });
  for (let i = 0; i < 6; i++) answer();
  const stamp = { session: 0, epoch: 1, recvUs: 0, awayUs: 0, rawSeq: 0 };
  for (const [at, frame] of set.frames.entries()) {
    nowUs += FRAME_US;
    if (options.dropped?.includes(at)) continue;
    stamp.recvUs = nowUs - 10;
    source.recvUs = stamp.recvUs;
    stamp.rawSeq = journal.recordRaw(RAW_FRAME, source, frame);
    if (decoder.decode(frame, stamp, market) === DECODED.event) loop.run();
    answer();
    if (at % 50 === 0) {
      const hashes = { stateHash: hashWorld(world), commandHash: loop.commandHash.hex };
      journal.recordControl(
        CTL_CHECKPOINT,
        world.tick,
        nowUs,
        JSON.stringify({ tick: world.tick, ...hashes }),
      );
    }
    if (at % 20 === 0) recorder.turn();
  }
  const run = {
    directory,
    stateHash: hashWorld(world),
    commandHash: loop.commandHash.hex,
    ticks: world.tick,
  };
  if (options.crash === true) recorder.turn();
  else await recorder.stop();
  return run;
}
