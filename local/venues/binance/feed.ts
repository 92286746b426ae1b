/**
 * Station: time -> the market's steps -> the messages of every stream that is due.
 *
 * The only place where truth becomes wire. One-shot faults of single depth frames (dropped, doubled,
 * spoiled, crossed, foreign symbol) are applied here, after the truth has been told to the log, so
 * that the truth never contains them. It owns no timer: whoever owns the time calls `tick`.
 */
import { assert } from "../../../contracts/assert.ts";
import type { Micros } from "../../../contracts/time.ts";
import { US_PER_S } from "../../../contracts/time.ts";
import { ChangeFold } from "../market/fold.ts";
import type { MarketInstrument } from "../market/instrument.ts";
import type { Market } from "../market/market.ts";
import type { MarketTrade } from "../market/order-flow.ts";
import type { Random } from "../market/random.ts";
import { Touch } from "../market/touch.ts";
import type { FrameFault } from "../venue-model.ts";
import { Channel } from "./channels.ts";
import { DecimalTexts, decimalText } from "./decimal-text.ts";
import { type DepthFrame, emitDepth, emitFaultyDepth } from "./depth-frame.ts";
import type { Dialect } from "./dialect.ts";
import {
  aggTradeText,
  bookTickerText,
  depthLevels,
  markPriceText,
  tradeText,
  type WireInstrument,
} from "./wire.ts";

/** Spot shows eight digits always; USD-M shows as many as the steps have. */
const SPOT_SHOWN_DIGITS = 8;
/** A loop that fell behind by more than this starts anew instead of catching up. */
const LAG_US_MAX = 250_000;
/** Funding happens every eight hours (USD-M page "Get Funding Rate History"). */
const FUNDING_US = 8 * 60 * 60 * US_PER_S;

/** What the feed keeps for one instrument between ticks. */
type Lane = {
  readonly wire: WireInstrument;
  readonly index: number;
  readonly depth: readonly Channel[];
  readonly bookTicker: Channel;
  readonly trade: Channel;
  readonly aggTrade: Channel;
  readonly markPrice: readonly Channel[];
  readonly faults: FrameFault[];
  nextStepUs: Micros;
  readonly touch: Touch;
  stepCount: number;
};

export type FeedOptions = {
  readonly diffIntervalUs: Micros;
  readonly stepsPerDiff: number;
  readonly nowUs: Micros;
  readonly random: Random;
};

/** The streams of one venue. */
export class Feed {
  readonly market: Market;
  readonly #dialect: Dialect;
  readonly #options: FeedOptions;
  readonly #channels = new Map<string, Channel>();
  readonly #lanes: readonly Lane[];
  readonly #fold: ChangeFold;
  #diffsMade = 0;

  constructor(market: Market, dialect: Dialect, options: FeedOptions) {
    this.market = market;
    this.#dialect = dialect;
    this.#options = options;
    this.#lanes = market.instruments.map((instrument, index) => this.#lane(instrument, index));
    const windows = market.instruments.map((instrument) => instrument.book.windowTicks);
    this.#fold = new ChangeFold(Math.max(1_024, ...windows));
  }

  /** Depth frames of the fastest stream made since the start, whether anybody listened or not. */
  get diffsMade(): number {
    return this.#diffsMade;
  }

  /** The channel of a stream name, or undefined when the venue has no such stream. */
  channel(name: string): Channel | undefined {
    return this.#channels.get(name);
  }

  /** What messages of an instrument are made from. */
  wireAt(index: number): WireInstrument {
    return this.#laneAt(index).wire;
  }

  /** The depth channels of an instrument. */
  depthChannels(index: number): readonly Channel[] {
    return this.#laneAt(index).depth;
  }

  /** Positions of the instruments whose depth somebody hears. */
  heardInstruments(): number[] {
    const heard = this.#lanes.filter((lane) => lane.depth.some((one) => one.hasListeners()));
    return heard.map((lane) => lane.index);
  }

  /** Lets the next depth frame of an instrument that somebody would hear go wrong. */
  arm(index: number, fault: FrameFault): void {
    this.#laneAt(index).faults.push(fault);
  }

  /** Lets every instrument that is due live, and sends what its streams have to say. */
  tick(nowUs: Micros): void {
    for (const lane of this.#lanes) {
      if (nowUs >= lane.nextStepUs) this.#step(lane, nowUs);
    }
  }

  #step(lane: Lane, nowUs: Micros): void {
    const intervalUs = this.#options.diffIntervalUs / this.#options.stepsPerDiff;
    const isBehind = nowUs - lane.nextStepUs > LAG_US_MAX;
    lane.nextStepUs = (isBehind ? nowUs : lane.nextStepUs) + intervalUs;
    const trades = this.market.step(lane.index, nowUs);
    lane.stepCount += 1;
    this.#emitTrades(lane, trades, nowUs);
    this.#emitBookTicker(lane, nowUs);
    for (const channel of lane.depth) {
      if (this.#isDue(lane, channel, nowUs)) this.#emitDepth(lane, channel, nowUs);
    }
    for (const channel of lane.markPrice) {
      if (nowUs >= channel.dueUs) this.#emitMarkPrice(lane, channel, nowUs);
    }
  }

  /** The diff stream follows the steps, the slower ones the time; none may outlive the log. */
  #isDue(lane: Lane, channel: Channel, nowUs: Micros): boolean {
    const { log } = lane.wire.instrument;
    if (log.headCount - channel.logPosition > log.capacityCount / 2) return true;
    if (channel.rule.interval === "diff") return lane.stepCount % this.#options.stepsPerDiff === 0;
    return nowUs >= channel.dueUs;
  }

  #emitTrades(lane: Lane, trades: readonly MarketTrade[], nowUs: Micros): void {
    if (trades.length === 0) return;
    const { wire } = lane;
    for (const trade of trades) {
      lane.trade.emit(nowUs, (eventUs) => tradeText(wire, trade, eventUs));
    }
    for (const same of aggregates(trades)) {
      lane.aggTrade.emit(nowUs, (eventUs) => aggTradeText(wire, same, eventUs));
    }
  }

  #emitBookTicker(lane: Lane, nowUs: Micros): void {
    if (!lane.touch.hasMoved(lane.wire.instrument.book)) return;
    lane.bookTicker.emit(nowUs, (eventUs) => bookTickerText(lane.wire, eventUs));
  }

  #emitMarkPrice(lane: Lane, channel: Channel, nowUs: Micros): void {
    channel.dueUs = nowUs + channel.intervalUs;
    const { priceDigits } = lane.wire.instrument.rules;
    const ticks = Math.round(this.market.fairTicks(lane.index));
    const text = decimalText(ticks, priceDigits, SPOT_SHOWN_DIGITS);
    const nextFundingUs = (Math.floor(nowUs / FUNDING_US) + 1) * FUNDING_US;
    channel.emit(nowUs, (eventUs) => markPriceText(lane.wire, { text, eventUs, nextFundingUs }));
  }

  #emitDepth(lane: Lane, channel: Channel, nowUs: Micros): void {
    const { instrument } = lane.wire;
    const { log } = instrument;
    channel.dueUs = Math.max(channel.dueUs + channel.intervalUs, nowUs);
    if (channel.rule.interval === "diff") this.#diffsMade += 1;
    // A window without a change has no frame: the next one then covers more ids.
    if (log.headCount === channel.logPosition) return;
    const isSpot = this.#dialect.family === "spot";
    const first = isSpot ? channel.lastSeq + 1 : log.seqAt(channel.logPosition);
    const span = { first, last: instrument.lastSeq, previousLast: channel.lastSeq };
    if (channel.sessions.size > 0) {
      const levels = depthLevels(lane.wire, this.#fold.fold(instrument, channel.logPosition));
      const fault = channel.hasListeners() ? lane.faults.shift() : undefined;
      const frame = { wire: lane.wire, levels, span, symbol: instrument.rules.symbol };
      if (fault === undefined) emitDepth(channel, frame, nowUs);
      else this.#emitFaulty(lane, { channel, fault, frame, nowUs });
    }
    channel.logPosition = log.headCount;
    channel.lastSeq = instrument.lastSeq;
  }

  #emitFaulty(
    lane: Lane,
    emission: { channel: Channel; fault: FrameFault; frame: DepthFrame; nowUs: Micros },
  ): void {
    const { channel, fault, frame, nowUs } = emission;
    const { instruments } = this.market;
    const next = instruments[(lane.index + 1) % instruments.length];
    // With a single instrument the foreign symbol is one the venue does not even list.
    const isAlone = next === undefined || instruments.length === 1;
    const otherSymbol = isAlone ? "OTHERUSDT" : next.rules.symbol;
    emitFaultyDepth(channel, frame, {
      kind: fault.kind,
      nowUs,
      otherSymbol,
      random: this.#options.random,
    });
    fault.done();
  }

  /** After a restart every stream begins again at the present, whatever it had told. */
  restart(): void {
    for (const lane of this.#lanes) {
      const { instrument } = lane.wire;
      for (const channel of lane.depth) {
        channel.logPosition = instrument.log.headCount;
        channel.lastSeq = instrument.lastSeq;
      }
    }
  }

  #laneAt(index: number): Lane {
    const lane = this.#lanes[index];
    assert(lane !== undefined, "the instrument has a lane");
    return lane;
  }

  #lane(instrument: MarketInstrument, index: number): Lane {
    const { family } = this.#dialect;
    const { rules, book } = instrument;
    const isSpot = family === "spot";
    const texts = new DecimalTexts(rules, {
      priceDigits: isSpot ? SPOT_SHOWN_DIGITS : rules.priceDigits,
      lotDigits: isSpot ? SPOT_SHOWN_DIGITS : rules.lotDigits,
      windowTicks: book.windowTicks,
    });
    // Instruments start spread over one interval, or all would speak in the same millisecond.
    const { nowUs, diffIntervalUs } = this.#options;
    const phaseUs = Math.floor((diffIntervalUs * index) / this.market.instruments.length);
    const channels = this.#dialect.streams.map((rule) => {
      const name = `${rules.symbol.toLowerCase()}${rule.suffix}`;
      const ownUs = rule.interval === "diff" ? diffIntervalUs : rule.interval;
      const intervalUs = rule.kind === "depth" ? Math.max(ownUs, diffIntervalUs) : ownUs;
      const start = { intervalUs, dueUs: nowUs + phaseUs + intervalUs, seq: instrument.lastSeq };
      const channel = new Channel({ name, rule, index }, start);
      this.#channels.set(name, channel);
      return channel;
    });
    const only = (kind: string): Channel => {
      const channel = channels.find((one) => one.rule.kind === kind);
      assert(channel !== undefined, `the dialect has a ${kind} stream`);
      return channel;
    };
    return {
      wire: { family, instrument, texts },
      index,
      depth: channels.filter((one) => one.rule.kind === "depth"),
      bookTicker: only("bookTicker"),
      trade: only("trade"),
      aggTrade: only("aggTrade"),
      markPrice: channels.filter((one) => one.rule.kind === "markPrice"),
      faults: [],
      nextStepUs: nowUs + phaseUs,
      touch: new Touch(),
      stepCount: 0,
    };
  }
}

/** Trades in runs of one aggregate id each, in their order. */
function aggregates(trades: readonly MarketTrade[]): MarketTrade[][] {
  const runs: MarketTrade[][] = [];
  for (const trade of trades) {
    const run = runs.at(-1);
    if (run?.[0]?.aggregateId === trade.aggregateId) run.push(trade);
    else runs.push([trade]);
  }
  return runs;
}
