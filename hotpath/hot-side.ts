/**
 * Station: reader, loop and writer in one; what the hot thread runs, and the simulator too. Owns the world.
 *
 * This file only wires: sockets call the reader, the reader fills the rings, the loop drains them into
 * the core, and commands are carried out in the same turn. Whatever escapes as an exception in here is
 * our own broken state: nothing more is applied, it is said why, and it never goes on.
 */
import { assert } from "../contracts/assert.ts";
import { VENUE_IDS } from "../contracts/ids.ts";
import {
  CTL_CHECKPOINT,
  CTL_RESYNC,
  CTL_RUN_HEADER,
  RAW_FRAME,
  RAW_SENT,
} from "../contracts/journal.ts";
import type { ControlEvent } from "./core/events.ts";
import { brokenInvariant } from "./core/invariants.ts";
import { MarketRing } from "./core/market-ring.ts";
import { hashWorld } from "./core/state-hash.ts";
import { isDrained } from "./core/trade/operator.ts";
import { TriangleTrader } from "./core/trade/trader.ts";
import { exportTrading } from "./core/trade/trading-state.ts";
import { makeWorld } from "./core/world.ts";
import { HotPulse } from "./hot-pulse.ts";
import type { FromHotThread, HotThreadData, ToHotThread } from "./hot-thread-messages.ts";
import { HotWriter } from "./hot-writer.ts";
import { ByteRing } from "./io/byte-ring.ts";
import { monotonicUs, nowUs } from "./io/clock.ts";
import { Feed } from "./io/feed.ts";
import type { OpenHttp } from "./io/http-side.ts";
import type { Disk } from "./io/journal/disk.ts";
import { JournalFeed, type RawSource } from "./io/journal-feed.ts";
import { RestClient } from "./io/rest-client.ts";
import type { Dial } from "./io/web-socket.ts";
import { Loop } from "./loop.ts";
import { decodersOf, type PlannedSession, sessionsOf, worldPlanOf } from "./plan.ts";
import { Reader, type ReaderSession } from "./reader.ts";
import type { RestVenue } from "./rest-reader.ts";
import { TradeDesks } from "./trade-desks.ts";
import { VENUES } from "./venues/registry.ts";
import { copyBook, ringStatus, worldStatus } from "./world-status.ts";

/** Connections of accounts are told apart from market shards in the journal by this. */
const ACCOUNT_SHARD = 1000;

/** The doors of the hot thread to the outside. */
export type HotPorts = {
  readonly post: (message: FromHotThread) => void;
  readonly dial: Dial;
  readonly openHttp: OpenHttp;
  /** Where intents are written. */
  readonly disk: Disk;
  /** Events with which the code was warmed before it was begun; told in the counters. */
  readonly warmed: number;
};

const encoder = new TextEncoder();

export class HotSide {
  readonly #data: HotThreadData;
  readonly #ports: HotPorts;
  readonly world;
  readonly loop: Loop;
  readonly journal: JournalFeed;
  readonly #trader;
  readonly #market: MarketRing;
  readonly #decoders;
  readonly #reader: Reader;
  readonly #sessions: ReaderSession[] = [];
  readonly #restVenues: readonly RestVenue[];
  readonly #desks: TradeDesks;
  readonly #writer: HotWriter;
  readonly #pulse: HotPulse;
  #isStopped = false;
  #isDrainTold = false;
  #slowTicks = 0;

  /** Begins at once; throws where the intent log cannot be begun. */
  constructor(data: HotThreadData, ports: HotPorts) {
    const { plan } = data;
    this.#data = data;
    this.#ports = ports;
    this.world = makeWorld(worldPlanOf(plan));
    this.#trader =
      plan.trading === undefined ? undefined : TriangleTrader.inhabit(this.world, plan.trading);
    this.#market = new MarketRing(plan.marketRingSlots);
    this.journal = new JournalFeed(new ByteRing(data.ringMemory));
    this.#decoders = decodersOf(plan);
    this.#restVenues = this.#openRest();
    this.loop = this.#makeLoop();
    this.#reader = new Reader(this.#sessions, this.#market, this.loop.control, {
      recordFrame: (source, frame) => this.journal.recordRaw(RAW_FRAME, source, frame),
      run: () => this.#guarded(() => this.loop.run()),
    });
    for (const [index, planned] of sessionsOf(plan).entries()) {
      this.#sessions.push(this.#openSession(index, planned));
    }
    this.#desks = this.#openDesks();
    this.#writer = this.#makeWriter();
    this.#pulse = new HotPulse({
      heartbeat: new Float64Array(data.heartbeat),
      stallUs: plan.limits.stallUs,
      emit: (event) => this.#emit(event),
      onHeartbeat: () => this.#tellDrained(),
      onState: () => this.#guarded(() => this.#postState()),
      onCheckpoint: () => this.#guarded(() => this.#checkpoint()),
    });
    this.journal.recordControl(CTL_RUN_HEADER, 0, nowUs(), JSON.stringify(plan));
    this.#emit({ type: "started" });
    ports.post({ type: "started" });
  }

  #openRest(): RestVenue[] {
    const { plan, keys } = this.#data;
    return plan.venues.map(({ id, addresses }, index) => {
      const decoder = this.#decoders[index];
      assert(decoder !== undefined, "every venue has a decoder");
      const { weightHeader, budgetOf, signedReads } = VENUES[id];
      const key = keys[id];
      const sign =
        key === undefined || signedReads === undefined
          ? undefined
          : (method: string, path: string) => {
              const venueUs = nowUs() + (this.world.venues[index]?.clockOffsetUs ?? 0);
              return signedReads.headersOf(key, { method, path, venueUs });
            };
      const { openHttp } = this.#ports;
      const client = new RestClient(addresses.rest, weightHeader, { budgetOf, sign, openHttp });
      return { index, venue: VENUES[id], client, decoder };
    });
  }

  #makeLoop(): Loop {
    const { journal } = this;
    const market = this.#market;
    const loop = new Loop(
      this.world,
      market,
      {
        nowUs,
        recordMarket: (row, tick) => journal.recordMarket(market, row, tick),
        recordControl: (event, tick, processUs) =>
          journal.recordEvent(tick, processUs, JSON.stringify(event, withoutLevels)),
        recordCommand: (text, tick, processUs) => journal.recordCommand(tick, processUs, text),
        recordTickEnd: () => journal.endTick(),
        execute: (command) => this.#guarded(() => this.#writer.execute(command)),
        yieldThen: (run) => setImmediate(() => this.#guarded(run)),
        armTimer: (dueUs) => this.#pulse.arm(dueUs),
      },
      this.#data.plan.loop,
    );
    loop.onSlowTick = (kind, tick, durationUs) => {
      this.#slowTicks++;
      this.#ports.post({ type: "slowTick", kind, tick, durationUs });
    };
    return loop;
  }

  #openSession(index: number, planned: PlannedSession): ReaderSession {
    const share = this.#data.plan.venues[planned.venue];
    const decoder = this.#decoders[planned.venue];
    const client = this.#restVenues[planned.venue]?.client;
    assert(
      share !== undefined && decoder !== undefined && client !== undefined,
      "a session belongs to a venue of the plan",
    );
    const source: RawSource = {
      venue: VENUE_IDS.indexOf(share.id),
      shard: planned.shard,
      epoch: 0,
      recvUs: 0,
      awayUs: 0,
    };
    const feed = new Feed(index, planned.shardPlan.protocol, this.#ports.dial, {
      emit: (event) => this.#emit(event),
      onClock: (offsetUs, errorUs) => {
        const { venue } = planned;
        this.#emit({ type: "clockMeasured", venue, offsetUs, errorUs, weightUsed: -1 });
      },
      post: (path, timeoutMs, onAnswer) => client.ask("POST", path, timeoutMs, onAnswer),
      onFrame: (session, epoch, frame, stamp) => {
        if (!this.#isStopped) this.#reader.onFrame(session, epoch, frame, stamp);
      },
      onSent: (_session, epoch, text) => {
        const sent = { ...source, epoch, recvUs: nowUs(), awayUs: 0 };
        this.journal.recordRaw(RAW_SENT, sent, encoder.encode(text));
      },
    });
    return { decoder, source, feed };
  }

  #openDesks(): TradeDesks {
    const { plan, keys, intentFolder, isIntentSynced } = this.#data;
    const { dial, openHttp, disk } = this.#ports;
    return new TradeDesks({
      plan,
      keys,
      intentFolder,
      isIntentSynced,
      dial,
      openHttp,
      disk,
      emit: (event) => this.#emit(event),
      onFrame: (venue, connection, epoch, frame) => {
        const share = plan.venues[venue];
        assert(share !== undefined, "a frame of an account is of a venue of the plan");
        const shard = ACCOUNT_SHARD + connection;
        const source = { venue: VENUE_IDS.indexOf(share.id), shard, epoch };
        this.journal.recordRaw(RAW_FRAME, { ...source, recvUs: nowUs(), awayUs: 0 }, frame);
      },
      onBroken: (reason) => this.#halt(`the intent log cannot be written: ${reason}`),
      guard: (act) => this.#guarded(act),
    });
  }

  #makeWriter(): HotWriter {
    const { world, journal, loop } = this;
    return new HotWriter({
      plan: this.#data.plan,
      world,
      sessions: this.#sessions,
      restVenues: this.#restVenues,
      restPorts: {
        emit: (event) => this.#emit(event),
        record: (type, source, body) => journal.recordRaw(type, source, body),
      },
      desks: this.#desks,
      post: this.#ports.post,
      emit: (event) => this.#emit(event),
      push: (event) => loop.control.push(event),
      recordResync: (text) => journal.recordControl(CTL_RESYNC, world.tick, world.nowUs, text),
      halt: (reason) => this.#halt(reason),
    });
  }

  /** What the supervisor says. */
  onMessage(message: ToHotThread): void {
    const { world, loop } = this;
    const { post } = this.#ports;
    switch (message.type) {
      case "status":
        post({
          type: "status",
          requestId: message.requestId,
          status: worldStatus(world, nowUs(), this.#counters()),
          loopMinutes: this.#pulse.minutes,
          rings: {
            marketEvents: ringStatus(this.#market),
            controlEvents: ringStatus(loop.control),
            outboundCommands: ringStatus(loop.commands),
          },
        });
        return;
      case "book": {
        const slot = world.slots.find(({ instrument }) => instrument.id === message.instrument);
        const book = slot === undefined ? undefined : copyBook(slot);
        post({ type: "book", requestId: message.requestId, book });
        return;
      }
      case "control":
        this.#emit(message.event);
        return;
      case "stall": {
        // A drill: the loop is kept from its sockets for real, so that everything around it can be seen.
        const until = nowUs() + message.stallUs;
        while (nowUs() < until);
        return;
      }
      case "lease": {
        // From the clock that threads share to the loop's: a message that waited has lost that time.
        const shiftUs = nowUs() - monotonicUs();
        const { validUntilUs, openFromUs } = message;
        const untilUs = Math.floor(validUntilUs + shiftUs);
        const fromUs = openFromUs === 0 ? 0 : Math.ceil(openFromUs + shiftUs);
        this.#emit({ type: "leaseHeld", untilUs, openFromUs: fromUs });
        return;
      }
      case "leaseLost":
        this.#emit(message);
        return;
      case "operator":
        this.#emit(message.event);
        post({ type: "taken", requestId: message.requestId, tick: world.tick });
        return;
      case "shutdown":
        this.#shutDown();
        return;
    }
  }

  #shutDown(): void {
    const { world, loop, journal } = this;
    this.#emit({ type: "shutdownRequested" });
    this.#guarded(() => this.#postState());
    this.#guarded(() => this.#checkpoint());
    this.#ports.post({
      type: "stopped",
      status: worldStatus(world, nowUs(), this.#counters()),
      stateHash: hashWorld(world),
      commandHash: loop.commandHash.hex,
      journalSeq: journal.seq,
    });
    this.#stop();
  }

  #emit(event: ControlEvent): void {
    if (!this.#isStopped) this.#guarded(() => this.loop.emit(event));
  }

  /** The state of trading as it is after everything that the journal has so far. */
  #postState(): void {
    if (this.#trader === undefined) return;
    const text = exportTrading(this.#trader.trade);
    this.#ports.post({ type: "state", tick: this.world.tick, seq: this.journal.seq, text });
  }

  /** A drain that has come to its end is told once. */
  #tellDrained(): void {
    if (this.#isDrainTold || this.#trader === undefined || !isDrained(this.#trader.trade)) return;
    this.#isDrainTold = true;
    this.#ports.post({ type: "drained" });
  }

  /** Fingerprints and invariants, once a second; recorded, so that a replay is compared on the way. */
  #checkpoint(): void {
    const { world, loop } = this;
    const broken = brokenInvariant(world, this.#market);
    if (broken !== undefined) {
      this.#halt(broken);
      return;
    }
    const text = JSON.stringify({
      tick: world.tick,
      stateHash: hashWorld(world),
      commandHash: loop.commandHash.hex,
      commands: loop.commandHash.count,
    });
    this.journal.recordControl(CTL_CHECKPOINT, world.tick, world.nowUs, text);
    this.#pulse.closeMinute(loop);
  }

  #guarded(act: () => void): void {
    try {
      if (!this.#isStopped) act();
    } catch (error) {
      this.#halt(error instanceof Error ? `${error.message}` : String(error), error);
    }
  }

  /** Our own state is broken: nothing more is applied, and the supervisor ends the process. */
  #halt(reason: string, error?: unknown): void {
    if (this.#isStopped) return;
    this.world.halted = reason;
    this.#stop();
    this.#ports.post({
      type: "halted",
      reason,
      stack: error instanceof Error ? (error.stack ?? "") : "",
      status: worldStatus(this.world, nowUs(), this.#counters()),
    });
  }

  #stop(): void {
    this.#isStopped = true;
    // What a broken tick has recorded is evidence, whole or not.
    this.journal.endTick();
    this.#pulse.stop();
    for (const { feed } of this.#sessions) feed?.closeAll();
    this.#desks.close();
    for (const { client } of this.#restVenues) void client.close();
  }

  #counters(): Record<string, number> {
    const { frames, bytes, ignored } = this.#reader;
    return {
      frames,
      frameBytes: bytes,
      framesIgnored: ignored,
      fallbackDecodes: this.#decoders.reduce((sum, { fallbacks }) => sum + fallbacks, 0),
      journalSeq: this.journal.seq,
      commands: this.loop.commandHash.count,
      warmUpEvents: this.#ports.warmed,
      slowTicks: this.#slowTicks,
      ...this.#desks.counts(),
    };
  }
}

/** The levels of a snapshot are in the journal already, as the body that came. */
function withoutLevels(key: string, value: unknown): unknown {
  return key === "levels" ? undefined : value;
}
