/**
 * Station: time -> the market's steps -> the messages of every channel that is due.
 *
 * The only place where truth becomes Kraken's wire. Faults of single messages are applied here, after the
 * truth went into the log. Every message of a book has a time of its own, which is what a reader can name
 * its book by; `truthSeq` tells which update of the market that was. It owns no timer.
 */
import { assert } from "../../../contracts/assert.ts";
import type { Micros } from "../../../contracts/time.ts";
import type { Level } from "../market/book.ts";
import type { MarketInstrument } from "../market/instrument.ts";
import type { Market } from "../market/market.ts";
import type { MarketTrade } from "../market/order-flow.ts";
import type { Random } from "../market/random.ts";
import { Touch } from "../market/touch.ts";
import type { VenueSession } from "../session.ts";
import { TextFrame } from "../socket-frame.ts";
import type { FrameFault } from "../venue-model.ts";
import { BookChannel } from "./book-channel.ts";
import { type BookMessage, crossed, spoiler } from "./frame-faults.ts";
import {
  bookText,
  checksumOf,
  type KrakenTexts,
  krakenTexts,
  tickerText,
  tradesText,
} from "./wire-text.ts";

/** A loop that fell behind by more than this starts anew instead of catching up. */
const LAG_US_MAX = 250_000;
/** Messages of one instrument whose time can still be named. */
const TOLD_COUNT = 8_192;

/** What the feed keeps for one instrument between ticks. */
type Lane = {
  readonly instrument: MarketInstrument;
  readonly texts: KrakenTexts;
  readonly touch: Touch;
  readonly index: number;
  readonly books: Map<number, BookChannel>;
  readonly tickers: Set<VenueSession>;
  readonly tapes: Set<VenueSession>;
  readonly faults: FrameFault[];
  readonly toldUs: Float64Array;
  readonly toldSeq: Float64Array;
  toldCount: number;
  lastEventUs: Micros;
  nextStepUs: Micros;
  stepCount: number;
};

export type FeedOptions = {
  readonly diffIntervalUs: Micros;
  readonly stepsPerDiff: number;
  readonly nowUs: Micros;
  readonly random: Random;
};

/** The channels of one venue. */
export class KrakenFeed {
  readonly market: Market;
  readonly #options: FeedOptions;
  readonly #lanes: readonly Lane[];
  #diffsMade = 0;

  constructor(market: Market, options: FeedOptions) {
    this.market = market;
    this.#options = options;
    const count = market.instruments.length;
    this.#lanes = market.instruments.map((instrument, index) => ({
      instrument,
      texts: krakenTexts(instrument),
      touch: new Touch(),
      index,
      books: new Map(),
      tickers: new Set(),
      tapes: new Set(),
      faults: [],
      toldUs: new Float64Array(TOLD_COUNT),
      toldSeq: new Float64Array(TOLD_COUNT),
      toldCount: 0,
      lastEventUs: 0,
      // Instruments start spread over one interval, or all would speak in the same millisecond.
      nextStepUs: options.nowUs + Math.floor((options.diffIntervalUs * index) / count),
      stepCount: 0,
    }));
  }

  get diffsMade(): number {
    return this.#diffsMade;
  }

  /** Positions of the instruments whose book somebody hears. */
  heardInstruments(): number[] {
    const isHeard = ({ books }: Lane) => [...books.values()].some((one) => one.hasListeners());
    return this.#lanes.filter(isHeard).map(({ index }) => index);
  }

  /** Lets the next message about a book that somebody would hear go wrong. */
  arm(index: number, fault: FrameFault): void {
    this.laneAt(index).faults.push(fault);
  }

  /** The market's update that the message of that time told; undefined for a time nobody was told. */
  truthSeq(index: number, eventUs: Micros): number | undefined {
    const { toldSeq } = this.laneAt(index);
    const at = this.#toldAt(index, eventUs);
    return at < 0 ? undefined : toldSeq[at % TOLD_COUNT];
  }

  /** That update, and all that were told after it; none for a time nobody was told. */
  truthSeqsFrom(index: number, eventUs: Micros): readonly number[] {
    const { toldCount, toldSeq } = this.laneAt(index);
    const seqs: number[] = [];
    const first = this.#toldAt(index, eventUs);
    for (let at = first; at >= 0 && at < toldCount; at += 1) {
      seqs.push(toldSeq[at % TOLD_COUNT] as number);
    }
    return seqs;
  }

  #toldAt(index: number, eventUs: Micros): number {
    const { toldCount, toldUs } = this.laneAt(index);
    const oldest = Math.max(0, toldCount - TOLD_COUNT);
    for (let at = toldCount - 1; at >= oldest; at -= 1) {
      if (toldUs[at % TOLD_COUNT] === eventUs) return at;
    }
    return -1;
  }

  /** Lets every instrument that is due live, and sends what its channels have to say. */
  tick(nowUs: Micros): void {
    for (const lane of this.#lanes) {
      if (nowUs >= lane.nextStepUs) this.#step(lane, nowUs);
    }
  }

  laneAt(index: number): Lane {
    const lane = this.#lanes[index];
    assert(lane !== undefined, "the instrument has a lane");
    return lane;
  }

  /** The book of an instrument at a depth, made when somebody wants it first. */
  bookChannel(index: number, depth: number): BookChannel {
    const { books } = this.laneAt(index);
    const known = books.get(depth);
    if (known !== undefined) return known;
    const channel = new BookChannel(index, depth);
    books.set(depth, channel);
    return channel;
  }

  /**
   * Begins to tell a session of a book: those who listen already are brought to the same moment first.
   * `isOld` shows levels that are not those the checksum is of.
   */
  joinBook(channel: BookChannel, session: VenueSession, nowUs: Micros, isOld: boolean): void {
    const lane = this.laneAt(channel.index);
    const { rules } = lane.instrument;
    this.#tellBook(lane, channel, nowUs, undefined);
    const eventUs = this.#eventUs(lane, nowUs);
    const checksum = checksumOf(lane.texts, channel.told);
    const { bids, asks } = channel.told;
    const sides = isOld ? { bids: bids.slice(1), asks } : channel.told;
    const { symbol } = rules;
    const text = bookText(lane.texts, { type: "snapshot", ...sides, checksum, eventUs, symbol });
    session.sendData(new TextFrame(text));
    channel.sessions.add(session);
  }

  /** Times of one instrument's messages grow, so that each names one state of its book. */
  #eventUs(lane: Lane, nowUs: Micros): Micros {
    lane.lastEventUs = Math.max(nowUs, lane.lastEventUs + 1);
    const cell = lane.toldCount % TOLD_COUNT;
    lane.toldUs[cell] = lane.lastEventUs;
    lane.toldSeq[cell] = lane.instrument.lastSeq;
    lane.toldCount += 1;
    return lane.lastEventUs;
  }

  #step(lane: Lane, nowUs: Micros): void {
    const { diffIntervalUs, stepsPerDiff } = this.#options;
    const isBehind = nowUs - lane.nextStepUs > LAG_US_MAX;
    lane.nextStepUs = (isBehind ? nowUs : lane.nextStepUs) + diffIntervalUs / stepsPerDiff;
    const trades = this.market.step(lane.index, nowUs);
    lane.stepCount += 1;
    this.#tellTrades(lane, trades, nowUs);
    this.#tellTicker(lane, nowUs);
    if (lane.stepCount % stepsPerDiff !== 0) return;
    this.#diffsMade += 1;
    for (const channel of lane.books.values()) {
      if (channel.sessions.size === 0) continue;
      this.#tellBook(lane, channel, nowUs, channel.hasListeners() ? lane.faults : undefined);
    }
  }

  #tellTrades(lane: Lane, trades: readonly MarketTrade[], nowUs: Micros): void {
    if (trades.length === 0) return;
    send(lane.tapes, nowUs, (eventUs) => tradesText(lane.instrument.rules, trades, eventUs));
  }

  #tellTicker(lane: Lane, nowUs: Micros): void {
    const { book } = lane.instrument;
    if (book.bestBidTicks === 0 || book.bestAskTicks === 0 || !lane.touch.hasMoved(book)) return;
    send(lane.tickers, nowUs, (eventUs) => this.tickerOf(lane.index, "update", eventUs));
  }

  /** A quote of an instrument as it stands. */
  tickerOf(index: number, type: "snapshot" | "update", eventUs: Micros): string {
    const { instrument } = this.laneAt(index);
    const [bid, ask] = touchOf(instrument);
    return tickerText(instrument.rules, { bid, ask }, type, eventUs);
  }

  #tellBook(
    lane: Lane,
    channel: BookChannel,
    nowUs: Micros,
    faults: FrameFault[] | undefined,
  ): void {
    const { instrument } = lane;
    const sides = channel.advance(instrument.book);
    if (sides.bids.length + sides.asks.length === 0) return;
    const eventUs = this.#eventUs(lane, nowUs);
    const checksum = checksumOf(lane.texts, channel.told);
    const { symbol } = instrument.rules;
    const good: BookMessage = {
      type: "update",
      sides,
      checksum,
      symbol,
      spoil: (text) => text,
    };
    const fault = faults?.shift();
    for (const { spoil, ...message } of this.#asTold(lane, channel, good, fault)) {
      send(channel.sessions, eventUs, (shownUs) => {
        const { type, sides: levels } = message;
        const text = { type, ...levels, eventUs: shownUs };
        return spoil(bookText(lane.texts, { ...message, ...text }));
      });
    }
    fault?.done();
  }

  /** What arrives instead of a good message: nothing, it, it twice, or something wrong. */
  #asTold(
    lane: Lane,
    channel: BookChannel,
    good: BookMessage,
    fault: FrameFault | undefined,
  ): readonly BookMessage[] {
    switch (fault?.kind) {
      case undefined:
        return [good];
      case "dropDiff":
        return [];
      case "duplicateDiff":
        return [good, good];
      case "wrongChecksum":
        return [{ ...good, checksum: (good.checksum + 1) >>> 0 }];
      case "malformedFrame":
        return [{ ...good, spoil: spoiler(this.#options.random) }];
      case "wrongSymbol": {
        const next = this.#lanes[(lane.index + 1) % this.#lanes.length];
        const isAlone = next === undefined || next === lane;
        return [{ ...good, symbol: isAlone ? "OTHER/USD" : next.instrument.rules.symbol }];
      }
      case "crossedBook":
        return [crossed({ book: lane.instrument.book, texts: lane.texts }, channel, good)];
    }
  }

  /** Ceases to tell a session of anything of an instrument's channel. */
  leaveAll(session: VenueSession): void {
    for (const { books, tickers, tapes } of this.#lanes) {
      for (const channel of books.values()) channel.sessions.delete(session);
      tickers.delete(session);
      tapes.delete(session);
    }
  }
}

function touchOf({ book }: MarketInstrument): readonly [bid: Level, ask: Level] {
  const { bestBidTicks: bid, bestAskTicks: ask } = book;
  return [
    [bid, book.lotsAt("bid", bid)],
    [ask, book.lotsAt("ask", ask)],
  ];
}

/** Sends one message to every listener; sessions whose time stands still get a text of their own. */
function send(
  sessions: ReadonlySet<VenueSession>,
  eventUs: Micros,
  encode: (eventUs: Micros) => string,
): void {
  let frame: TextFrame | null = null;
  for (const session of sessions) {
    if (session.frozenUs !== null) session.sendData(new TextFrame(encode(session.frozenUs)));
    else {
      frame ??= new TextFrame(encode(eventUs));
      session.sendData(frame);
    }
  }
}
