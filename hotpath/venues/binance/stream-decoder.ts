/**
 * Station: frame bytes -> market events, for venues that wrap flat JSON objects in
 * `{"stream":"<symbol>@<channel>","data":{...}}`.
 *
 * A venue's normalizer gives the plans (which key means what, which must be there) and this file does
 * the reading. A frame that the byte scanner does not recognise (whitespace, an escape, a nested field
 * that was not there yesterday) is read once more by JSON.parse and counted; one that neither can read
 * is malformed.
 */
import {
  DECODED,
  type Decoded,
  type FrameDecoder,
  type FrameStamp,
  type Notice,
  type SnapshotLevels,
} from "../../core/decode/decoder.ts";
import { decodeObject } from "../../core/decode/field-parse.ts";
import {
  type FieldPlan,
  type FieldScratch,
  INTEGER_SLOTS,
  scanFields,
  WRONG_SYMBOL,
} from "../../core/decode/field-scan.ts";
import { learnTemplate, scanByTemplate } from "../../core/decode/frame-template.ts";
import { asciiOf, parseJson } from "../../core/decode/json-text.ts";
import { LevelLayout } from "../../core/decode/level-layout.ts";
import { SCAN } from "../../core/decode/scan.ts";
import { SLACK_BYTES } from "../../core/decode/short-levels.ts";
import { SymbolTable } from "../../core/decode/symbol-table.ts";
import { TEMPLATE_FRAME_BYTES_MIN, TemplateTable } from "../../core/decode/template-table.ts";
import type { Instrument } from "../../core/instrument.ts";
import { MARKET, type MarketKind, type MarketRing } from "../../core/market-ring.ts";
import { parseNotice } from "./notice.ts";
import { decodeDepthBody } from "./snapshot.ts";

/** One kind of stream of a venue. */
export type Channel = {
  readonly kind: MarketKind;
  readonly plan: FieldPlan;
  /** Presence bits that a message must have. */
  readonly required: number;
  /** Levels that the message fills by slots (a quote has 2, a trade 1); depth brings its own. */
  readonly slotLevels: number;
  /** Moves the scratch integers into the row. */
  readonly fill: (integers: Float64Array, ring: MarketRing, row: number) => void;
};

const HEAD = Uint8Array.from('{"stream":"', (character) => character.charCodeAt(0));
const MIDDLE = Uint8Array.from('","data":{', (character) => character.charCodeAt(0));
const AT = 64;
const QUOTE = 34;
const BACKSLASH = 92;
const BANG = 33;
const CLOSE_BRACE = 125;
/** A stream name is short; a longer one is hostile. */
const STREAM_BYTES_MAX = 96;

/** Longer frames are rare (a thousand levels and more) and are read where they lie. */
const KNOWN_FRAME_BYTES_MAX = 65_536;
/** Streams that may be remembered for each instrument: depth, bookTicker, trades, and one to spare. */
const STREAMS_PER_INSTRUMENT = 4;

/** What a stream's name says. */
type Stream = {
  readonly instrument: Instrument;
  readonly channel: Channel;
  readonly layout: LevelLayout;
};

export class StreamDecoder implements FrameDecoder {
  readonly #instruments: readonly Instrument[];
  readonly #channelOf: (stream: Uint8Array, at: number) => Channel | undefined;
  readonly #scratch: FieldScratch;
  readonly #known: TemplateTable<Stream>;
  readonly #layouts: readonly LevelLayout[];
  /** The frame under way, where four bytes can be read at once; a copy costs 17 ns (409 bytes). */
  readonly #bytes = new Uint8Array(KNOWN_FRAME_BYTES_MAX + SLACK_BYTES);
  readonly #view = new DataView(this.#bytes.buffer);
  lastInstrument = -1;
  lastIsDelta = false;
  fallbacks = 0;

  /** `instruments` are of one venue; `channelOf` gets the bytes and the position after the "@". */
  constructor(
    instruments: readonly Instrument[],
    channelOf: (stream: Uint8Array, at: number) => Channel | undefined,
  ) {
    this.#instruments = instruments;
    this.#channelOf = channelOf;
    this.#known = new TemplateTable(instruments.length * STREAMS_PER_INSTRUMENT);
    this.#layouts = instruments.map((instrument) => new LevelLayout(instrument));
    const first = instruments[0];
    this.#scratch = {
      integers: new Float64Array(INTEGER_SLOTS),
      symbols: new SymbolTable(
        instruments.map(({ symbol }) => symbol),
        instruments.map((_, position) => position),
      ),
      instrument: -1,
      scale: first ?? { priceDecimals: 0, tickUnits: 1, quantityDecimals: 0, lotUnits: 1 },
      present: 0,
      bidCount: 0,
      askCount: 0,
    };
  }

  parseNotice(frame: Uint8Array): Notice {
    return parseNotice(frame);
  }

  decodeSnapshot(body: Uint8Array, instrument: Instrument): SnapshotLevels | undefined {
    return decodeDepthBody(body, instrument);
  }

  decode(frame: Uint8Array, stamp: FrameStamp, ring: MarketRing): Decoded {
    if (frame.length > KNOWN_FRAME_BYTES_MAX || frame.length < TEMPLATE_FRAME_BYTES_MIN) {
      return this.#decodeAny(frame, stamp, ring);
    }
    this.#bytes.set(frame);
    // What an earlier frame left behind the end must not complete a shorter one.
    this.#bytes[frame.length] = 0;
    const cell = this.#known.find(this.#view);
    if (cell >= 0) {
      const decoded = this.#decodeKnown(frame.length, cell, stamp, ring);
      if (decoded !== DECODED.malformed) return decoded;
    }
    const { fallbacks } = this;
    const decoded = this.#decodeAny(frame, stamp, ring);
    // What only the patient reader understood has no shape of the scanner's to be learned.
    const isScanned = decoded === DECODED.event && this.fallbacks === fallbacks;
    if (isScanned && (cell < 0 || this.#known.isLearning)) this.#learn(frame);
    return decoded;
  }

  /** A frame like the ones before it; `malformed` stands here for any difference at all. */
  #decodeKnown(length: number, cell: number, stamp: FrameStamp, ring: MarketRing): Decoded {
    const scratch = this.#scratch;
    const { instrument, channel, layout } = this.#known.streamAt(cell);
    this.lastInstrument = instrument.index;
    this.lastIsDelta = channel.kind === MARKET.bookDelta;
    const row = ring.reserve();
    if (row < 0) return DECODED.ringFull;
    scratch.scale = instrument;
    scratch.present = channel.required;
    const template = this.#known.templateAt(cell);
    const end = scanByTemplate(this.#view, this.#bytes, template, layout, scratch, ring.sink);
    if (end !== length) return DECODED.malformed;
    return this.#commit(channel, row, instrument, stamp, ring);
  }

  /** Remembers what the frames of this stream have in common; only the byte scanner teaches. */
  #learn(frame: Uint8Array): void {
    const at = findAt(frame);
    if (at < 0) return;
    const position = this.#scratch.symbols.find(frame, HEAD.length, at);
    const channel = this.#channelOf(frame, at + 1);
    const data = findData(frame, at + 1);
    const instrument = this.#instruments[position];
    const layout = this.#layouts[position];
    if (channel === undefined || instrument === undefined || layout === undefined) return;
    const template = data < 0 ? undefined : learnTemplate(frame, data, channel.plan);
    if (template === undefined) return;
    this.#known.put(this.#view, template, { instrument, channel, layout });
  }

  #decodeAny(frame: Uint8Array, stamp: FrameStamp, ring: MarketRing): Decoded {
    this.lastInstrument = -1;
    const at = findAt(frame);
    if (at < 0) return at === SCAN.misfit ? this.#decodeWhole(frame, stamp, ring) : DECODED.notice;
    const position = this.#scratch.symbols.find(frame, HEAD.length, at);
    const channel = this.#channelOf(frame, at + 1);
    if (channel === undefined || position < 0) return DECODED.ignored;
    const data = findData(frame, at + 1);
    if (data < 0) return this.#decodeWhole(frame, stamp, ring);
    return this.#decodeData(frame, data, position, channel, stamp, ring);
  }

  #decodeData(
    frame: Uint8Array,
    data: number,
    position: number,
    channel: Channel,
    stamp: FrameStamp,
    ring: MarketRing,
  ): Decoded {
    const scratch = this.#scratch;
    const instrument = this.#instruments[position] as Instrument;
    this.lastInstrument = instrument.index;
    this.lastIsDelta = channel.kind === MARKET.bookDelta;
    const row = ring.reserve();
    if (row < 0) return DECODED.ringFull;
    scratch.instrument = position;
    scratch.scale = instrument;
    const end = scanFields(frame, data, channel.plan, scratch, ring.sink);
    if (end === SCAN.misfit) return this.#decodeWhole(frame, stamp, ring);
    if (end < 0) return refusalOf(end);
    // Something follows the data: a field of the wrapper that is new, or nothing that can be read.
    if (frame[end] !== CLOSE_BRACE || end + 1 !== frame.length) {
      return this.#decodeWhole(frame, stamp, ring);
    }
    return this.#commit(channel, row, instrument, stamp, ring);
  }

  #commit(
    channel: Channel,
    row: number,
    instrument: Instrument,
    stamp: FrameStamp,
    ring: MarketRing,
  ): Decoded {
    const scratch = this.#scratch;
    if ((scratch.present & channel.required) !== channel.required) return DECODED.malformed;
    ring.kind[row] = channel.kind;
    ring.instrument[row] = instrument.index;
    ring.session[row] = stamp.session;
    ring.epoch[row] = stamp.epoch;
    ring.recvUs[row] = stamp.recvUs;
    ring.awayUs[row] = stamp.awayUs;
    ring.rawSeq[row] = stamp.rawSeq;
    ring.bidCount[row] = channel.slotLevels > 0 ? 1 : scratch.bidCount;
    ring.askCount[row] = channel.slotLevels > 0 ? channel.slotLevels - 1 : scratch.askCount;
    channel.fill(scratch.integers, ring, row);
    // Milliseconds that are no exact number of microseconds are no time of any venue.
    if ((ring.exchangeUs[row] as number) > Number.MAX_SAFE_INTEGER) return DECODED.range;
    ring.commit(row);
    return DECODED.event;
  }

  /** The second reader: slower and more patient, and as strict about numbers as the first. */
  #decodeWhole(frame: Uint8Array, stamp: FrameStamp, ring: MarketRing): Decoded {
    const message = parseJson(frame);
    if (message === undefined) return DECODED.malformed;
    const { stream, data } = message;
    if (typeof stream !== "string") return DECODED.notice;
    const name = asciiOf(stream.slice(0, STREAM_BYTES_MAX));
    const at = name.indexOf(AT);
    if (at < 0) return DECODED.notice;
    const position = this.#scratch.symbols.find(name, 0, at);
    const channel = this.#channelOf(name, at + 1);
    if (channel === undefined || position < 0) return DECODED.ignored;
    const instrument = this.#instruments[position] as Instrument;
    this.lastInstrument = instrument.index;
    this.lastIsDelta = channel.kind === MARKET.bookDelta;
    const row = ring.reserve();
    if (row < 0) return DECODED.ringFull;
    this.#scratch.instrument = position;
    this.#scratch.scale = instrument;
    const code = decodeObject(data, channel.plan.fields, this.#scratch, ring.sink);
    if (code < 0) return refusalOf(code);
    this.fallbacks++;
    return this.#commit(channel, row, instrument, stamp, ring);
  }
}

function refusalOf(code: number): Decoded {
  switch (code) {
    case SCAN.offStep:
      return DECODED.offStep;
    case SCAN.range:
      return DECODED.range;
    case SCAN.tooManyLevels:
      return DECODED.tooManyLevels;
    case WRONG_SYMBOL:
      return DECODED.wrongSymbol;
    default:
      return DECODED.malformed;
  }
}

/** A frame that is not an instrument's stream: a reply, or a stream such as `!serverShutdown`. */
const NOT_A_STREAM = -9;

/** Position of the "@" of the stream's name; `SCAN.misfit` or `NOT_A_STREAM` when there is none. */
function findAt(frame: Uint8Array): number {
  for (let i = 0; i < HEAD.length; i++) if (frame[i] !== HEAD[i]) return SCAN.misfit;
  if (frame[HEAD.length] === BANG) return NOT_A_STREAM;
  const limit = Math.min(frame.length, HEAD.length + STREAM_BYTES_MAX);
  for (let p = HEAD.length; p < limit; p++) {
    const byte = frame[p];
    if (byte === AT) return p;
    if (byte === QUOTE) return NOT_A_STREAM;
  }
  return SCAN.misfit;
}

/** Position of the data object's brace, from anywhere in the stream's name. */
function findData(frame: Uint8Array, from: number): number {
  let p = from;
  const limit = Math.min(frame.length, from + STREAM_BYTES_MAX);
  while (p < limit && frame[p] !== QUOTE && frame[p] !== BACKSLASH) p++;
  for (let i = 0; i < MIDDLE.length; i++) if (frame[p + i] !== MIDDLE[i]) return SCAN.misfit;
  return p + MIDDLE.length - 1;
}
