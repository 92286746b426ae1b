/**
 * Station: world -> what the engine says of itself. Built on request, a few times a second at most.
 */
import type { BookView } from "../contracts/book-view.ts";
import type {
  BookStatus,
  EngineStatus,
  RingStatus,
  SessionStatus,
  VenueStatus,
} from "../contracts/status.ts";
import type { BoundedRing } from "./core/bounded-ring.ts";
import { classify, confidenceOf } from "./core/confidence.ts";
import { ticksToText } from "./core/instrument.ts";
import type { MarketRing } from "./core/market-ring.ts";
import { TriangleTrader } from "./core/trade/trader.ts";
import type { BookSlot, Session, World } from "./core/world.ts";
import { tradingStatus } from "./trading-status.ts";

/** The parts of a status that only the hot thread knows. */
export type WorldStatus = Pick<
  EngineStatus,
  "nowUs" | "tick" | "halted" | "ready" | "venues" | "books" | "trading" | "counters"
>;

/** `extra` are counts kept outside the world (frames read, the reader's and the decoders'). */
export function worldStatus(
  world: World,
  nowUs: number,
  extra: Readonly<Record<string, number>>,
): WorldStatus {
  const books = world.slots.map(bookStatus);
  return {
    nowUs,
    tick: world.tick,
    halted: world.halted,
    ready: world.halted === "" && books.every(({ state }) => state === "live"),
    venues: world.venues.map((_, index) => venueStatus(world, index, nowUs)),
    books,
    trading:
      world.trader instanceof TriangleTrader ? tradingStatus(world, world.trader.trade) : null,
    counters: { ...world.counters, ...extra },
  };
}

function venueStatus(world: World, index: number, nowUs: number): VenueStatus {
  const venue = world.venues[index];
  if (venue === undefined) throw new RangeError(`venue ${index} is one of this world`);
  const slots = world.slots.filter((slot) => slot.venue === index);
  return {
    venue: venue.id,
    mode: venue.mode,
    modeReason: venue.modeReason,
    booksLive: slots.filter(({ book }) => book.state === "live").length,
    booksTotal: slots.length,
    clockOffsetUs: venue.clockOffsetUs,
    clockErrorUs: venue.clockErrorUs,
    weightUsed: venue.weightUsed,
    weightLimit: venue.rules.weightLimit,
    sessions: world.sessions
      .filter((session) => session.venue === index)
      .map((session) => sessionStatus(world, venue.id, session, nowUs)),
  };
}

function sessionStatus(
  world: World,
  venue: VenueStatus["venue"],
  session: Session,
  nowUs: number,
): SessionStatus {
  const confidence = confidenceOf(world, session);
  const { transportUs, queueUs, awayUs } = session;
  return {
    venue,
    shard: session.shard,
    state: session.state,
    epoch: session.epoch,
    confidence: confidence.value,
    confidenceReason: confidence.reason,
    transportUs,
    queueUs,
    silenceUs: session.lastRecvUs > 0 ? Math.max(0, nowUs - session.lastRecvUs) : 0,
    awayUs,
    frames: session.frames,
    classification: classify(transportUs, queueUs, awayUs, world.limits),
  };
}

function bookStatus(slot: BookSlot): BookStatus {
  const { book, instrument } = slot;
  const hasTouch = book.state === "live";
  return {
    instrument: instrument.id,
    state: book.state,
    epoch: book.epoch,
    seq: book.seq,
    bid: hasTouch ? ticksToText(instrument, book.bids.bestTicks) : "",
    ask: hasTouch ? ticksToText(instrument, book.asks.bestTicks) : "",
    levels: book.bids.levelCount + book.asks.levelCount,
    resyncs: slot.resyncs,
  };
}

/** Depths of the hot thread's rings. */
export function ringStatus(ring: BoundedRing<unknown> | MarketRing): RingStatus {
  const overflows = "overflows" in ring ? ring.overflows : 0;
  return { capacity: ring.capacity, depth: ring.depth, highWater: ring.highWater, overflows };
}

/** A book as it leaves the engine, with the last touch that was handed to a decision. */
export type BookCopy = BookView & {
  /** `seq` is the sequence it was taken at; 0 before the first. */
  readonly decided: { readonly seq: number; readonly bidTicks: number; readonly askTicks: number };
};

/** Every level of one book, for pages and for comparison with the venue's truth. */
export function copyBook(slot: BookSlot): BookCopy {
  const { book } = slot;
  const side = (ladder: typeof book.bids): (readonly [number, number])[] => {
    const ticks = new Float64Array(ladder.levelCount);
    const lots = new Float64Array(ladder.levelCount);
    const count = ladder.copyLevels(ticks, lots, ladder.levelCount);
    const levels: (readonly [number, number])[] = [];
    for (let i = 0; i < count; i++) levels.push([ticks[i] as number, lots[i] as number]);
    return levels;
  };
  const bids = side(book.bids);
  const asks = side(book.asks);
  return {
    instrument: slot.instrument.id,
    state: book.state,
    seq: book.seq,
    bids,
    asks,
    ...horizonsOf(slot, bids, asks),
    decided: {
      seq: slot.decidedSeq,
      bidTicks: slot.decidedBidTicks,
      askTicks: slot.decidedAskTicks,
    },
  };
}

/** A book of a stream knows what lies within the depth it was subscribed with, wherever the touch is. */
function horizonsOf(
  { book, checksum, depthAsked }: BookSlot,
  bids: BookView["bids"],
  asks: BookView["asks"],
): Pick<BookView, "bidHorizonTicks" | "askHorizonTicks"> {
  if (checksum === undefined) {
    return {
      bidHorizonTicks: book.horizonBidTicks === 0 ? null : book.horizonBidTicks,
      askHorizonTicks: book.horizonAskTicks === 0 ? null : book.horizonAskTicks,
    };
  }
  return {
    bidHorizonTicks: bids[depthAsked - 1]?.[0] ?? null,
    askHorizonTicks: asks[depthAsked - 1]?.[0] ?? null,
  };
}
