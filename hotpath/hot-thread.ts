/**
 * The hot thread: reader, loop and writer in one. Started by `main.ts` as a worker; owns the world.
 *
 * This file only wires: sockets call the reader, the reader fills the rings, the loop drains them into
 * the core, and commands are carried out in the same turn. Whatever escapes as an exception in here is
 * our own broken state: the thread stops applying anything, says why, and never goes on.
 */
import { parentPort, workerData } from "node:worker_threads";
import { assert } from "../contracts/assert.ts";
import { VENUE_IDS } from "../contracts/ids.ts";
import {
  CTL_CHECKPOINT,
  CTL_RESYNC,
  CTL_RUN_HEADER,
  RAW_FRAME,
  RAW_SENT,
} from "../contracts/journal.ts";
import type { LoopMinute } from "../contracts/status.ts";
import type { CoreCommand } from "./core/commands.ts";
import type { ControlEvent } from "./core/events.ts";
import { brokenInvariant } from "./core/invariants.ts";
import { MarketRing } from "./core/market-ring.ts";
import { hashWorld } from "./core/state-hash.ts";
import { isDrained } from "./core/trade/operator.ts";
import { TriangleTrader } from "./core/trade/trader.ts";
import { exportTrading } from "./core/trade/trading-state.ts";
import { type BookSlot, makeWorld } from "./core/world.ts";
import type { FromHotThread, HotThreadData, ToHotThread } from "./hot-thread-messages.ts";
import { ByteRing } from "./io/byte-ring.ts";
import { Absence, monotonicUs, nowUs } from "./io/clock.ts";
import { Feed } from "./io/feed.ts";
import { JournalFeed, type RawSource } from "./io/journal-feed.ts";
import { RestClient } from "./io/rest-client.ts";
import { Loop } from "./loop.ts";
import { decodersOf, sessionsOf, worldPlanOf } from "./plan.ts";
import { Reader, type ReaderSession } from "./reader.ts";
import { fetchSnapshot, measureClock, type RestVenue } from "./rest-reader.ts";
import { TradeDesks } from "./trade-desks.ts";
import { VENUES } from "./venues/registry.ts";
import { warmUp } from "./warm-up.ts";
import { copyBook, ringStatus, worldStatus } from "./world-status.ts";

const HEARTBEAT_MS = 50;
/** Connections of accounts are told apart from market shards in the journal by this. */
const ACCOUNT_SHARD = 1000;
/** The state of trading is handed over for its snapshot this often, and at the end. */
const STATE_MS = 5000;
const CHECKPOINT_MS = 1000;
const US_PER_MS = 1000;
const MINUTE_US = 60_000_000;
const MINUTES_KEPT = 60;
/** A timer beyond this fires at once in Node. */
const TIMER_MS_MAX = 2 ** 31 - 1;

const port = parentPort;
assert(port !== null, "the hot thread is a worker");
const { plan, keys, intentFolder, isIntentSynced, ringMemory, heartbeat } =
  workerData as HotThreadData;
const post = (message: FromHotThread): void => port.postMessage(message);

const warmed = warmUp(plan);
const world = makeWorld(worldPlanOf(plan));
const trader = plan.trading === undefined ? undefined : TriangleTrader.inhabit(world, plan.trading);
const market = new MarketRing(plan.marketRingSlots);
const journal = new JournalFeed(new ByteRing(ringMemory));
const decoders = decodersOf(plan);
const absence = new Absence();
const heartbeatUs = new Float64Array(heartbeat);
const encoder = new TextEncoder();

const sessions: ReaderSession[] = [];
const restVenues: RestVenue[] = plan.venues.map(({ id, addresses }, index) => {
  const decoder = decoders[index];
  assert(decoder !== undefined, "every venue has a decoder");
  const { weightHeader, budgetOf, signedReads } = VENUES[id];
  const key = keys[id];
  const sign =
    key === undefined || signedReads === undefined
      ? undefined
      : (method: string, path: string) => {
          const venueUs = nowUs() + (world.venues[index]?.clockOffsetUs ?? 0);
          return signedReads.headersOf(key, { method, path, venueUs });
        };
  const client = new RestClient(addresses.rest, weightHeader, { budgetOf, sign });
  return { index, venue: VENUES[id], client, decoder };
});

let timer: NodeJS.Timeout | undefined;
let timerDueUs = Number.POSITIVE_INFINITY;
let isStopped = false;
let slowTicks = 0;

const loop = new Loop(
  world,
  market,
  {
    nowUs,
    recordMarket: (row, tick) => journal.recordMarket(market, row, tick),
    recordControl: (event, tick, processUs) =>
      journal.recordEvent(tick, processUs, JSON.stringify(event, withoutLevels)),
    recordCommand: (text, tick, processUs) => journal.recordCommand(tick, processUs, text),
    recordTickEnd: () => journal.endTick(),
    execute: (command) => guarded(() => execute(command)),
    yieldThen: (run) => setImmediate(() => guarded(run)),
    armTimer,
  },
  plan.loop,
);

loop.onSlowTick = (kind, tick, durationUs) => {
  slowTicks++;
  post({ type: "slowTick", kind, tick, durationUs });
};

const reader = new Reader(sessions, market, loop.control, {
  recordFrame: (source, frame) => journal.recordRaw(RAW_FRAME, source, frame),
  run: () => guarded(() => loop.run()),
});

const restPorts = {
  emit,
  record: (type: number, source: RawSource, body: Uint8Array) =>
    journal.recordRaw(type, source, body),
};

for (const [index, planned] of sessionsOf(plan).entries()) {
  const share = plan.venues[planned.venue];
  const decoder = decoders[planned.venue];
  assert(share !== undefined && decoder !== undefined, "a session belongs to a venue of the plan");
  const source: RawSource = {
    venue: VENUE_IDS.indexOf(share.id),
    shard: planned.shard,
    epoch: 0,
    recvUs: 0,
    awayUs: 0,
  };
  const feed = new Feed(index, planned.shardPlan.protocol, absence, {
    emit,
    onClock: (offsetUs, errorUs) => {
      emit({ type: "clockMeasured", venue: planned.venue, offsetUs, errorUs, weightUsed: -1 });
    },
    post: (path, timeoutMs) => restOf(planned.venue).client.post(path, timeoutMs),
    onFrame: (session, epoch, frame, stamp) => {
      if (!isStopped) reader.onFrame(session, epoch, frame, stamp);
    },
    onSent: (_session, epoch, text) => {
      const sent = { ...source, epoch, recvUs: nowUs(), awayUs: 0 };
      journal.recordRaw(RAW_SENT, sent, encoder.encode(text));
    },
  });
  sessions.push({ decoder, source, feed });
}

function restOf(venue: number): RestVenue {
  const from = restVenues[venue];
  assert(from !== undefined, "every venue of the plan has its REST side");
  return from;
}

const desks = new TradeDesks({
  plan,
  keys,
  intentFolder,
  isIntentSynced,
  absence,
  emit,
  onFrame: (venue, connection, epoch, frame) => {
    const share = plan.venues[venue];
    assert(share !== undefined, "a frame of an account is of a venue of the plan");
    const shard = ACCOUNT_SHARD + connection;
    const id = VENUE_IDS.indexOf(share.id);
    journal.recordRaw(RAW_FRAME, { venue: id, shard, epoch, recvUs: nowUs(), awayUs: 0 }, frame);
  },
  onBroken: (reason) => halt(`the intent log cannot be written: ${reason}`),
  guard: guarded,
});

/** The levels of a snapshot are in the journal already, as the body that came. */
function withoutLevels(key: string, value: unknown): unknown {
  return key === "levels" ? undefined : value;
}

function emit(event: ControlEvent): void {
  if (!isStopped) guarded(() => loop.emit(event));
}

/** The writer's role: carries one command out, in the turn that decided it. */
function execute(command: CoreCommand): void {
  switch (command.type) {
    case "openSession":
      feedOf(command.session).open(command.epoch, command.attempt, command.timeoutUs);
      return;
    case "closeSession":
      feedOf(command.session).close(command.epoch, command.cause);
      return;
    case "abandonDial":
      feedOf(command.session).abandon(command.attempt);
      return;
    case "subscribe":
      feedOf(command.session).subscribe(command.epoch);
      return;
    case "fetchSnapshot": {
      const slot = world.slots[command.instrument];
      if (slot?.checksum !== undefined) {
        resubscribe(slot, command.requestId);
        return;
      }
      const instrument = plan.instruments[command.instrument];
      const from = restVenues[world.slots[command.instrument]?.venue ?? -1];
      assert(instrument !== undefined && from !== undefined, "a snapshot is of an instrument here");
      void fetchSnapshot(from, instrument, command, restPorts);
      return;
    }
    case "measureClock": {
      const from = restVenues[command.venue];
      assert(from !== undefined, "a clock is of a venue of this plan");
      if (from.venue.isClockInStream === true) pingForClock(command.venue);
      else void measureClock(from, restPorts);
      return;
    }
    case "stepResync":
      loop.control.push({
        type: "resyncStepped",
        instrument: command.instrument,
        resyncId: command.resyncId,
      });
      return;
    case "recordResync":
      journal.recordControl(CTL_RESYNC, world.tick, world.nowUs, JSON.stringify(command.record));
      post({ type: "resync", record: command.record });
      return;
    case "recordVoid":
    case "recordMode":
    case "recordSession":
      post({ type: "change", tick: world.tick, atUs: world.nowUs, command });
      return;
    case "halt":
      halt(command.reason);
      return;
    case "recordOpportunity":
    case "recordDenial":
    case "recordOrder":
    case "recordFill":
    case "recordCycle":
    case "recordAlarm":
    case "recordKill":
      post({ type: "trade", tick: world.tick, atUs: world.nowUs, command });
      return;
    default:
      desks.execute(command);
      return;
  }
}

/** Subscribes to one book anew; its snapshot is a market event, so only a refusal is answered here. */
function resubscribe(slot: BookSlot, requestId: number): void {
  const session = world.sessions[slot.session];
  assert(session !== undefined, "a book hangs on a session");
  const { symbol, index: instrument } = slot.instrument;
  const onRefused = (reason: string): void => {
    const told = { reason, retryAfterUs: 0, weightUsed: -1 };
    emit({ type: "snapshotFailed", instrument, requestId, ...told });
  };
  if (!feedOf(slot.session).resubscribe(session.epoch, symbol, onRefused))
    onRefused("no transport");
}

/** The answer of each transport is a measurement; a venue without one is asked again soon. */
function pingForClock(venue: number): void {
  let isSent = false;
  for (const { index, venue: owner } of world.sessions) {
    if (owner === venue && feedOf(index).ping()) isSent = true;
  }
  if (isSent) return;
  emit({ type: "clockFailed", venue, reason: "no transport", retryAfterUs: 0 });
}

function feedOf(session: number): Feed {
  const feed = sessions[session]?.feed;
  assert(feed !== undefined, "a command names a session of this plan");
  return feed;
}

/** The one timer. What was due while the thread was away is told apart from what the venue did. */
function armTimer(dueUs: number): void {
  if (dueUs === timerDueUs || isStopped) return;
  timerDueUs = dueUs;
  clearTimeout(timer);
  if (dueUs === Number.POSITIVE_INFINITY) return;
  const waitMs = Math.max(0, Math.ceil((dueUs - nowUs()) / US_PER_MS));
  timer = setTimeout(onTimer, Math.min(waitMs, TIMER_MS_MAX));
}

function onTimer(): void {
  const dueUs = timerDueUs;
  timerDueUs = Number.POSITIVE_INFINITY;
  noteStall(nowUs() - dueUs);
  emit({ type: "timerFired" });
}

let expectedUs = nowUs() + HEARTBEAT_MS * US_PER_MS;
let stallNotedUs = 0;

const heartbeatTimer = setInterval(() => {
  tellDrained();
  const now = nowUs();
  heartbeatUs[0] = now;
  noteStall(now - expectedUs);
  expectedUs = now + HEARTBEAT_MS * US_PER_MS;
}, HEARTBEAT_MS);

/** Whichever timer comes first after an absence says so, once, before anything is judged silent. */
function noteStall(lateUs: number): void {
  const now = nowUs();
  if (lateUs < plan.limits.stallUs || now - stallNotedUs < lateUs) return;
  stallNotedUs = now;
  emit({ type: "loopStalled", stalledUs: Math.round(lateUs) });
}

/** The state of trading as it is after everything that the journal has so far. */
function postState(): void {
  if (trader === undefined) return;
  const text = exportTrading(trader.trade);
  post({ type: "state", tick: world.tick, seq: journal.seq, text });
}

const stateTimer = setInterval(() => guarded(postState), STATE_MS);
let isDrainTold = false;

/** A drain that has come to its end is told once. */
function tellDrained(): void {
  if (isDrainTold || trader === undefined || !isDrained(trader.trade)) return;
  isDrainTold = true;
  post({ type: "drained" });
}

/** Fingerprints and invariants, once a second; recorded, so that a replay is compared on the way. */
const checkpointTimer = setInterval(() => guarded(checkpoint), CHECKPOINT_MS);

function checkpoint(): void {
  const broken = brokenInvariant(world, market);
  if (broken !== undefined) {
    halt(broken);
    return;
  }
  const text = JSON.stringify({
    tick: world.tick,
    stateHash: hashWorld(world),
    commandHash: loop.commandHash.hex,
    commands: loop.commandHash.count,
  });
  journal.recordControl(CTL_CHECKPOINT, world.tick, world.nowUs, text);
  closeMinute();
}

const loopMinutes: LoopMinute[] = [];
let minuteStartUs = nowUs();

/** Once a minute the queue delays of that minute are summed up. */
function closeMinute(): void {
  const now = nowUs();
  if (now - minuteStartUs < MINUTE_US) return;
  minuteStartUs = now;
  const ticks = loop.tickDurations.takeWindow();
  loopMinutes.push({
    endedUs: now,
    ...loop.queueDelays.takeWindow(),
    tickP99Us: ticks.p99Us,
    tickMaxUs: ticks.maxUs,
  });
  if (loopMinutes.length > MINUTES_KEPT) loopMinutes.shift();
}

function guarded(act: () => void): void {
  try {
    if (!isStopped) act();
  } catch (error) {
    halt(error instanceof Error ? `${error.message}` : String(error), error);
  }
}

/** Our own state is broken: nothing more is applied, and the supervisor ends the process. */
function halt(reason: string, error?: unknown): void {
  if (isStopped) return;
  world.halted = reason;
  stop();
  post({
    type: "halted",
    reason,
    stack: error instanceof Error ? (error.stack ?? "") : "",
    status: worldStatus(world, nowUs(), extraCounters()),
  });
}

function stop(): void {
  isStopped = true;
  // What a broken tick has recorded is evidence, whole or not.
  journal.endTick();
  clearTimeout(timer);
  clearInterval(heartbeatTimer);
  clearInterval(checkpointTimer);
  clearInterval(stateTimer);
  for (const { feed } of sessions) feed?.closeAll();
  desks.close();
  for (const { client } of restVenues) void client.close();
}

function extraCounters(): Record<string, number> {
  return {
    frames: reader.frames,
    frameBytes: reader.bytes,
    framesIgnored: reader.ignored,
    fallbackDecodes: decoders.reduce((sum, { fallbacks }) => sum + fallbacks, 0),
    journalSeq: journal.seq,
    commands: loop.commandHash.count,
    warmUpEvents: warmed,
    slowTicks,
    ...desks.counts(),
  };
}

port.on("message", (message: ToHotThread) => {
  switch (message.type) {
    case "status": {
      const status = worldStatus(world, nowUs(), extraCounters());
      post({
        type: "status",
        requestId: message.requestId,
        status,
        loopMinutes,
        rings: {
          marketEvents: ringStatus(market),
          controlEvents: ringStatus(loop.control),
          outboundCommands: ringStatus(loop.commands),
        },
      });
      return;
    }
    case "book": {
      const slot = world.slots.find(({ instrument }) => instrument.id === message.instrument);
      post({
        type: "book",
        requestId: message.requestId,
        book: slot === undefined ? undefined : copyBook(slot),
      });
      return;
    }
    case "control":
      emit(message.event);
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
      emit({ type: "leaseHeld", untilUs, openFromUs: fromUs });
      return;
    }
    case "leaseLost":
      emit(message);
      return;
    case "operator":
      emit(message.event);
      post({ type: "taken", requestId: message.requestId, tick: world.tick });
      return;
    case "shutdown":
      emit({ type: "shutdownRequested" });
      guarded(postState);
      guarded(checkpoint);
      post({
        type: "stopped",
        status: worldStatus(world, nowUs(), extraCounters()),
        stateHash: hashWorld(world),
        commandHash: loop.commandHash.hex,
        journalSeq: journal.seq,
      });
      stop();
      return;
  }
});

journal.recordControl(CTL_RUN_HEADER, 0, nowUs(), JSON.stringify(plan));
emit({ type: "started" });
post({ type: "started" });
