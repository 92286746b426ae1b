/**
 * Station: frame -> market events, for KuCoin spot. Pure.
 *
 * Both vocabularies meet here. A frame of a known shape is read where it lies; any other is read once more
 * by JSON.parse, counted, and taught to the shapes. What is missing or wrong is refused, never filled in.
 */
import { wordOf } from "../../../contracts/word-of.ts";
import {
  DECODED,
  type Decoded,
  type FrameDecoder,
  type FrameStamp,
  type Notice,
  type SnapshotLevels,
} from "../../core/decode/decoder.ts";
import { asciiOf, parseJson } from "../../core/decode/json-text.ts";
import { SymbolTable } from "../../core/decode/symbol-table.ts";
import type { Instrument } from "../../core/instrument.ts";
import {
  FRAME_LEVELS_MAX,
  MARKET,
  type MarketRing,
  TRADE_BUYER_IS_MAKER,
} from "../../core/market-ring.ts";
import { CHANNELS, type Channel, channelOf, SLOT } from "./channels.ts";
import { learnShape } from "./frame-lesson.ts";
import {
  type FrameShape,
  OTHER_SYMBOL,
  type ShapeScratch,
  SLOT_COUNT,
  scanShape,
} from "./frame-shape.ts";
import { parseNotice } from "./notice.ts";
import { isOneSided, readFields, refusalOf } from "./push-reader.ts";
import { decodeDepthBody } from "./snapshot.ts";
import { EXAMPLES, TICKER_ALL, TOPIC } from "./wire.ts";

const US_PER_MS = 1000;
/** Longer frames are rare and are read by the patient reader. */
const SHAPED_BYTES_MAX = 65_536;
const SLACK_BYTES = 16;
/** Shapes of one feed: the examples, and a few that the venue may change to. */
const SHAPES_MAX = 16;

type Shaped = { readonly channel: Channel; readonly shape: FrameShape };

/** The decoder of one KuCoin feed over `instruments`, all of this venue. */
export function kucoinDecoder(instruments: readonly Instrument[]): FrameDecoder {
  return new KucoinDecoder(instruments);
}

class KucoinDecoder implements FrameDecoder {
  readonly #instruments: readonly Instrument[];
  readonly #symbols: SymbolTable;
  readonly #shapes: Shaped[] = [];
  readonly #bytes = new Uint8Array(SHAPED_BYTES_MAX + SLACK_BYTES);
  readonly #view = new DataView(this.#bytes.buffer);
  readonly #integers = new Float64Array(SLOT_COUNT);
  #scratch: ShapeScratch | undefined;
  lastInstrument = -1;
  lastIsDelta = false;
  fallbacks = 0;

  constructor(instruments: readonly Instrument[]) {
    this.#instruments = instruments;
    this.#symbols = new SymbolTable(
      instruments.map(({ symbol }) => symbol),
      instruments.map((_, position) => position),
    );
    for (const example of EXAMPLES) this.#learn(asciiOf(example), channelOf(example));
  }

  parseNotice(frame: Uint8Array): Notice {
    return parseNotice(frame);
  }

  decodeSnapshot(body: Uint8Array, instrument: Instrument): SnapshotLevels | undefined {
    return decodeDepthBody(body, instrument);
  }

  decode(frame: Uint8Array, stamp: FrameStamp, ring: MarketRing): Decoded {
    const row = ring.reserve();
    if (row >= 0 && frame.length <= SHAPED_BYTES_MAX) {
      this.#bytes.set(frame);
      // What an earlier frame left behind the end must not complete a shorter one.
      this.#bytes[frame.length] = 0;
      const decoded = this.#decodeShaped(frame.length, stamp, ring, row);
      if (decoded !== DECODED.malformed) return decoded;
    }
    return this.#decodeWhole(frame, stamp, ring, row);
  }

  /** A frame like the ones before it; `malformed` stands here for any difference at all. */
  #decodeShaped(length: number, stamp: FrameStamp, ring: MarketRing, row: number): Decoded {
    const scratch = this.#scratchFor(ring);
    for (let i = 0; i < this.#shapes.length; i++) {
      const { channel: found, shape } = this.#shapes[i] as Shaped;
      const end = scanShape(this.#view, this.#bytes, shape, scratch);
      if (end === OTHER_SYMBOL) break;
      if (end !== length) continue;
      if (scratch.bidStart > 0) turnSides(ring, scratch);
      return this.#commit(found, scratch, stamp, ring, row);
    }
    return DECODED.malformed;
  }

  /** The scratch is bound to the level arrays of one ring, and there is one ring. */
  #scratchFor(ring: MarketRing): ShapeScratch {
    if (this.#scratch?.sink === ring.sink) return this.#scratch;
    this.#scratch = {
      integers: this.#integers,
      symbols: this.#symbols,
      scales: this.#instruments,
      symbolFrom: 0,
      symbolEnd: 0,
      position: -1,
      scale: { priceDecimals: 0, tickUnits: 1, quantityDecimals: 0, lotUnits: 1 },
      sink: ring.sink,
      levelSeqs: ring.levelSeqs,
      bidStart: 0,
      bidCount: 0,
      askCount: 0,
    };
    return this.#scratch;
  }

  #commit(
    { kind, slotLevels }: Channel,
    scratch: ShapeScratch,
    stamp: FrameStamp,
    ring: MarketRing,
    row: number,
  ): Decoded {
    const integers = this.#integers;
    const instrument = this.#instruments[scratch.position] as Instrument;
    this.lastInstrument = instrument.index;
    this.lastIsDelta = kind === MARKET.bookDelta;
    const us = integers[SLOT.us] as number;
    const last = integers[SLOT.last] as number;
    ring.kind[row] = kind;
    ring.instrument[row] = instrument.index;
    ring.session[row] = stamp.session;
    ring.epoch[row] = stamp.epoch;
    ring.recvUs[row] = stamp.recvUs;
    ring.awayUs[row] = stamp.awayUs;
    ring.rawSeq[row] = stamp.rawSeq;
    ring.bidCount[row] = slotLevels > 0 ? 1 : scratch.bidCount;
    ring.askCount[row] = slotLevels > 0 ? slotLevels - 1 : scratch.askCount;
    ring.exchangeUs[row] = us > 0 ? us : (integers[SLOT.ms] as number) * US_PER_MS;
    ring.seqFirst[row] = slotLevels > 0 ? last : (integers[SLOT.first] as number);
    ring.seqLast[row] = last;
    ring.hasLevelSeqs[row] = slotLevels > 0 ? 0 : 1;
    // The side of a trade is its taker's: a sale was bought by the maker.
    ring.tradeFlags[row] = (integers[SLOT.side] as number) * TRADE_BUYER_IS_MAKER;
    // Milliseconds that are no exact number of microseconds are no time of any venue.
    if ((ring.exchangeUs[row] as number) > Number.MAX_SAFE_INTEGER) return DECODED.range;
    ring.commit(row);
    return DECODED.event;
  }

  /** The second reader: slower and more patient, and as strict about numbers as the first. */
  #decodeWhole(frame: Uint8Array, stamp: FrameStamp, ring: MarketRing, row: number): Decoded {
    this.lastInstrument = -1;
    const message = parseJson(frame);
    if (message === undefined) return DECODED.malformed;
    const { topic, subject, data, type } = message;
    if (typeof topic !== "string" || type !== "message") return DECODED.notice;
    const found = CHANNELS.find((each) => topic.startsWith(each.topic));
    if (found === undefined) return DECODED.ignored;
    const name = topic === TICKER_ALL ? wordOf(subject) : topic.slice(found.topic.length);
    const position = this.#positionOf(name);
    if (position < 0) return DECODED.ignored;
    const instrument = this.#instruments[position] as Instrument;
    this.lastInstrument = instrument.index;
    this.lastIsDelta = found.kind === MARKET.bookDelta;
    if (row < 0) return DECODED.ringFull;
    if (found.topic === TOPIC.level1 && isOneSided(data)) return DECODED.ignored;
    const scratch = this.#scratchFor(ring);
    scratch.position = position;
    scratch.scale = instrument;
    scratch.bidCount = 0;
    scratch.askCount = 0;
    this.#integers.fill(0);
    const code = readFields(data, found.plan, scratch);
    if (code < 0) return refusalOf(code);
    this.fallbacks++;
    if (topic !== TICKER_ALL) this.#learn(frame, found);
    return this.#commit(found, scratch, stamp, ring, row);
  }

  #positionOf(symbol: string): number {
    const name = asciiOf(symbol);
    return this.#symbols.find(name, 0, name.length);
  }

  #learn(frame: Uint8Array, from: Channel | undefined): void {
    if (from === undefined || this.#shapes.length >= SHAPES_MAX) return;
    const shape = learnShape(frame, from.plan);
    // A frame may differ in a number only: then its shape is one of those that we have.
    if (shape === undefined || this.#shapes.some((each) => isSameShape(each.shape, shape))) return;
    this.#shapes.push({ channel: from, shape });
  }
}

function isSameShape(one: FrameShape, other: FrameShape): boolean {
  return (
    isSame(one.doubles, other.doubles) &&
    isSame(one.rests, other.rests) &&
    isSame(one.pieceBytes, other.pieceBytes)
  );
}

function isSame(one: Float64Array | Int32Array, other: Float64Array | Int32Array): boolean {
  return one.length === other.length && one.every((number, i) => number === other[i]);
}

/** The venue sends asks before bids; in the ring bids come first. */
function turnSides({ ticks, lots, levelSeqs }: MarketRing, scratch: ShapeScratch): void {
  const { sink, bidCount, askCount } = scratch;
  turn(ticks, sink.start, askCount, bidCount);
  turn(lots, sink.start, askCount, bidCount);
  turn(levelSeqs, sink.start, askCount, bidCount);
}

/** Lets the `second` numbers change places with the `first` ones before them. */
function turn(levels: Float64Array, from: number, first: number, second: number): void {
  for (let i = 0; i < first; i++) turned[i] = levels[from + i] as number;
  for (let i = 0; i < second; i++) levels[from + i] = levels[from + first + i] as number;
  for (let i = 0; i < first; i++) levels[from + second + i] = turned[i] as number;
}

const turned = new Float64Array(FRAME_LEVELS_MAX);
