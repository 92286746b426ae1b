/**
 * Station: time -> the market's steps -> KuCoin's level2, level1 and match pushes.
 *
 * The only place where truth becomes wire. Now and then a sequence moves without a level to show for it, as
 * at the venue. One-shot faults of single deltas are applied here, after the truth was told to the log. It
 * owns no timer: whoever owns the time calls `tick`.
 */
import { assert } from "../../../contracts/assert.ts";
import type { Micros } from "../../../contracts/time.ts";
import { Channel } from "../binance/channels.ts";
import type { Side } from "../market/book.ts";
import type { MarketInstrument } from "../market/instrument.ts";
import type { Market } from "../market/market.ts";
import type { Random } from "../market/random.ts";
import { Touch } from "../market/touch.ts";
import type { ChannelKind } from "../session.ts";
import type { FrameFault } from "../venue-model.ts";
import {
  type ChangedLevel,
  type Delta,
  deltaText,
  level1Text,
  matchText,
  shortTexts,
  type WireInstrument,
} from "./wire.ts";

/** A loop that fell behind by more than this starts anew instead of catching up. */
const LAG_US_MAX = 250_000;
/** Chance that a step moves the sequence once more, without a change of the book. */
const BARE_CHANCE = 1 / 16;
/** How far above the best ask a crossing bid is put: far enough that no honest change touches it. */
const CROSSING_TICKS = 40;

type Lane = WireInstrument & {
  readonly index: number;
  readonly level2: Channel;
  readonly level1: Channel;
  readonly match: Channel;
  readonly faults: FrameFault[];
  readonly bare: number[];
  readonly touch: Touch;
  nextStepUs: Micros;
  stepCount: number;
};

export type FeedOptions = {
  readonly diffIntervalUs: Micros;
  readonly stepsPerDiff: number;
  readonly nowUs: Micros;
  readonly random: Random;
};

/** The public pushes of the venue. */
export class Feed {
  readonly market: Market;
  readonly #options: FeedOptions;
  readonly #channels = new Map<string, Channel>();
  readonly #lanes: readonly Lane[];
  #diffsMade = 0;

  constructor(market: Market, options: FeedOptions) {
    this.market = market;
    this.#options = options;
    this.#lanes = market.instruments.map((instrument, index) => this.#lane(instrument, index));
  }

  /** Deltas made since the start, whether anybody listened or not. */
  get diffsMade(): number {
    return this.#diffsMade;
  }

  /** The channel of one topic with one symbol, or undefined when there is none. */
  channel(topic: string): Channel | undefined {
    return this.#channels.get(topic);
  }

  /** Positions of the instruments whose book somebody hears. */
  heardInstruments(): number[] {
    return this.#lanes.filter((lane) => lane.level2.hasListeners()).map((lane) => lane.index);
  }

  /** Lets the next delta of an instrument that somebody would hear go wrong. */
  arm(index: number, fault: FrameFault): void {
    this.#lanes[index]?.faults.push(fault);
  }

  /** Lets every instrument that is due live, and pushes what there is to say. */
  tick(nowUs: Micros): void {
    for (const lane of this.#lanes) {
      if (nowUs >= lane.nextStepUs) this.#step(lane, nowUs);
    }
  }

  /** After a restart every topic begins again at the present. */
  restart(): void {
    for (const { level2, instrument, bare } of this.#lanes) {
      level2.logPosition = instrument.log.headCount;
      level2.lastSeq = instrument.lastSeq;
      bare.length = 0;
    }
  }

  #step(lane: Lane, nowUs: Micros): void {
    const { diffIntervalUs, stepsPerDiff, random } = this.#options;
    const isBehind = nowUs - lane.nextStepUs > LAG_US_MAX;
    lane.nextStepUs = (isBehind ? nowUs : lane.nextStepUs) + diffIntervalUs / stepsPerDiff;
    const trades = this.market.step(lane.index, nowUs);
    lane.stepCount += 1;
    const { instrument } = lane;
    if (random.next() < BARE_CHANCE) {
      instrument.leapTo(instrument.lastSeq + 1);
      lane.bare.push(instrument.lastSeq);
    }
    for (const trade of trades) {
      lane.match.emit(nowUs, (eventUs) => matchText(instrument, trade, eventUs));
    }
    this.#emitTouch(lane, nowUs);
    if (lane.stepCount % stepsPerDiff === 0) this.#emitDelta(lane, nowUs);
  }

  #emitTouch(lane: Lane, nowUs: Micros): void {
    if (!lane.touch.hasMoved(lane.instrument.book)) return;
    lane.level1.emit(nowUs, (eventUs) => level1Text(lane, eventUs));
  }

  #emitDelta(lane: Lane, nowUs: Micros): void {
    const { level2, instrument, bare } = lane;
    this.#diffsMade += 1;
    if (instrument.lastSeq === level2.lastSeq) return;
    if (level2.sessions.size > 0) {
      const delta = deltaSince(lane);
      const fault = level2.hasListeners() ? lane.faults.shift() : undefined;
      const { symbol } = instrument.rules;
      if (fault === undefined) {
        level2.emit(nowUs, (eventUs) => deltaText(lane, delta, { symbol, eventUs }));
      } else this.#emitFaulty(lane, delta, fault, nowUs);
    }
    bare.length = 0;
    level2.logPosition = instrument.log.headCount;
    level2.lastSeq = instrument.lastSeq;
  }

  #emitFaulty(lane: Lane, delta: Delta, fault: FrameFault, nowUs: Micros): void {
    const { level2, instrument } = lane;
    const { symbol, medianLots } = instrument.rules;
    const emit = (said: Delta, as: string, spoil?: (text: string) => string): void =>
      level2.emit(nowUs, (eventUs) => deltaText(lane, said, { symbol: as, eventUs }), spoil);
    switch (fault.kind) {
      case "dropDiff":
        break;
      // No message here is signed: the desk refuses it.
      case "wrongChecksum":
        break;
      case "duplicateDiff":
        emit(delta, symbol);
        emit(delta, symbol);
        break;
      case "malformedFrame":
        emit(delta, symbol, spoiler(this.#options.random));
        break;
      case "wrongSymbol":
        emit(delta, this.#otherSymbol(lane.index));
        break;
      case "crossedBook": {
        const ticks = instrument.book.bestAskTicks + CROSSING_TICKS;
        const extra = { ticks, lots: medianLots, seq: delta.last };
        emit({ ...delta, bids: [extra, ...delta.bids] }, symbol);
        break;
      }
    }
    fault.done();
  }

  #otherSymbol(index: number): string {
    const { instruments } = this.market;
    const next = instruments[(index + 1) % instruments.length];
    // With a single instrument the foreign symbol is one the venue does not even list.
    return next === undefined || instruments.length === 1 ? "OTHER-USDT" : next.rules.symbol;
  }

  #lane(instrument: MarketInstrument, index: number): Lane {
    const { nowUs, diffIntervalUs } = this.#options;
    // Instruments start spread over one interval, or all would speak in the same millisecond.
    const phaseUs = Math.floor((diffIntervalUs * index) / this.market.instruments.length);
    const { symbol } = instrument.rules;
    const channel = (prefix: string, kind: ChannelKind): Channel => {
      const name = prefix + symbol;
      const rule = { suffix: "", kind, entry: "any", interval: 0 } as const;
      const start = { intervalUs: diffIntervalUs, dueUs: nowUs, seq: instrument.lastSeq };
      const made = new Channel({ name, rule, index }, start);
      this.#channels.set(name, made);
      return made;
    };
    return {
      instrument,
      texts: shortTexts(instrument),
      index,
      level2: channel("/market/level2:", "depth"),
      level1: channel("/spotMarket/level1:", "bookTicker"),
      match: channel("/market/match:", "trade"),
      faults: [],
      bare: [],
      touch: new Touch(),
      nextStepUs: nowUs + phaseUs,
      stepCount: 0,
    };
  }
}

/** What changed since the last delta: each level once, with the update that changed it last. */
function deltaSince({ instrument, level2, bare }: Lane): Delta {
  const { log, book } = instrument;
  const seqs: Readonly<Record<Side, Map<number, number>>> = { bid: new Map(), ask: new Map() };
  for (let at = level2.logPosition; at < log.headCount; at += 1) {
    seqs[log.sideAt(at)].set(log.ticksAt(at), log.seqAt(at));
  }
  const levels = (side: Side): ChangedLevel[] =>
    [...seqs[side]].map(([ticks, seq]) => ({ ticks, lots: book.lotsAt(side, ticks), seq }));
  assert(instrument.lastSeq > level2.lastSeq, "a delta tells of something");
  const range = { first: level2.lastSeq + 1, last: instrument.lastSeq };
  return { asks: levels("ask"), bids: levels("bid"), bare: [...bare], ...range };
}

/** One of three ways to damage a text: cut short, not JSON at all, or JSON with a wrong inside. */
function spoiler(random: Random): (text: string) => string {
  const way = random.integer(3);
  const share = random.between(0.3, 0.9);
  if (way === 0) return (text) => text.slice(0, Math.floor(text.length * share));
  if (way === 1) return () => "\u0000\u0001 upstream connect error \u007f{]";
  return (text) => text.replace(/"asks":\[.*\],"bids"/, '"asks":[["1e999",null,"1"]],"bids"');
}
