/**
 * Station: frame -> market events, for Kraken's WebSocket v2. Pure.
 *
 * The venue's own words on one side, ticks, lots and times on the other. `book` carries snapshots and
 * updates, each with the checksum of the book after it; there is no sequence, so the venue's time names
 * a message. What is missing or wrong is refused, never filled in.
 */
import {
  DECODED,
  type Decoded,
  type FrameDecoder,
  type FrameStamp,
  type Notice,
  type SnapshotLevels,
} from "../../core/decode/decoder.ts";
import { SCAN, scanInteger } from "../../core/decode/scan.ts";
import { SymbolTable } from "../../core/decode/symbol-table.ts";
import { TimeReader } from "../../core/decode/time-text.ts";
import type { Instrument } from "../../core/instrument.ts";
import { MARKET, type MarketKind, type MarketRing } from "../../core/market-ring.ts";
import {
  literalOf,
  SLACK_BYTES,
  SLOT,
  scanObjectLevels,
  scanPrice,
  scanQuantity,
  scanTrades,
  skipField,
  stands,
} from "./frame-shape.ts";
import { parseNotice } from "./notice.ts";
import { readWholeFrame, refusalOf } from "./whole-frame.ts";

/** Longer frames (a thousand levels a side are 80 KB) are read by the patient reader. */
const COPY_BYTES_MAX = 131_072;
const QUOTE = 34;
const SYMBOL_BYTES_MAX = 40;
const CHECKSUM_MAX = 0xffffffff;

const HEAD = {
  update: literalOf('{"channel":"book","type":"update","data":[{"symbol":"'),
  snapshot: literalOf('{"channel":"book","type":"snapshot","data":[{"symbol":"'),
  tickerUpdate: literalOf('{"channel":"ticker","type":"update","data":[{"symbol":"'),
  tickerSnapshot: literalOf('{"channel":"ticker","type":"snapshot","data":[{"symbol":"'),
  trade: literalOf('{"channel":"trade","type":"update","data":[{"symbol":"'),
} as const;
const METHOD = literalOf('{"method":"');
const STATUS = literalOf('{"channel":"status"');
const HEARTBEAT = literalOf('{"channel":"heartbeat"}');
const BIDS = literalOf('","bids":');
const ASKS = literalOf(',"asks":');
const CHECKSUM = literalOf(',"checksum":');
const TIMESTAMP = literalOf(',"timestamp":"');
const TAIL = literalOf('"}]}');
const TAIL_WITHOUT_TIME = literalOf("}]}");
const BID = literalOf('","bid":');
const BID_QTY = literalOf(',"bid_qty":');
const ASK = literalOf(',"ask":');
const ASK_QTY = literalOf(',"ask_qty":');
/** More than any ticker has; a guard against hostile frames. */
const FIELDS_MAX = 32;

/** The decoder of a Kraken feed over `instruments`, all of this venue. */
export function krakenDecoder(instruments: readonly Instrument[]): FrameDecoder {
  return new KrakenDecoder(instruments);
}

class KrakenDecoder implements FrameDecoder {
  readonly #instruments: readonly Instrument[];
  readonly #symbols: SymbolTable;
  readonly #bytes = new Uint8Array(COPY_BYTES_MAX + SLACK_BYTES);
  readonly #view = new DataView(this.#bytes.buffer);
  readonly #numbers = new Float64Array(4);
  readonly #times = new TimeReader();
  #symbolEnd = 0;
  lastInstrument = -1;
  lastIsDelta = false;
  fallbacks = 0;

  constructor(instruments: readonly Instrument[]) {
    this.#instruments = instruments;
    this.#symbols = new SymbolTable(
      instruments.map(({ symbol }) => symbol),
      instruments.map((_, position) => position),
    );
  }

  parseNotice(frame: Uint8Array): Notice {
    return parseNotice(frame);
  }

  /** No body of REST can join this stream: it carries neither sequence nor checksum. */
  decodeSnapshot(): SnapshotLevels | undefined {
    return undefined;
  }

  decode(frame: Uint8Array, stamp: FrameStamp, ring: MarketRing): Decoded {
    this.lastInstrument = -1;
    this.lastIsDelta = false;
    if (frame.length > COPY_BYTES_MAX) return this.#decodeWhole(frame, stamp, ring);
    this.#bytes.set(frame);
    // What an earlier frame left behind the end must not complete a shorter one.
    this.#bytes[frame.length] = 0;
    const view = this.#view;
    if (stands(view, 0, HEAD.update)) {
      return this.#decodeBook(frame, HEAD.update.byteCount, MARKET.bookDelta, stamp, ring);
    }
    if (stands(view, 0, HEAD.tickerUpdate)) {
      return this.#decodeTicker(frame, HEAD.tickerUpdate.byteCount, stamp, ring);
    }
    if (stands(view, 0, HEAD.trade)) return this.#decodeTrades(frame, stamp, ring);
    if (stands(view, 0, HEAD.snapshot)) {
      return this.#decodeBook(frame, HEAD.snapshot.byteCount, MARKET.bookSnapshot, stamp, ring);
    }
    if (stands(view, 0, HEAD.tickerSnapshot)) {
      return this.#decodeTicker(frame, HEAD.tickerSnapshot.byteCount, stamp, ring);
    }
    if (frame.length === HEARTBEAT.byteCount && stands(view, 0, HEARTBEAT)) return DECODED.ignored;
    if (stands(view, 0, METHOD) || stands(view, 0, STATUS)) return DECODED.notice;
    return this.#decodeWhole(frame, stamp, ring);
  }

  /** Position of the instrument whose symbol begins at `from`; -1 for one nobody here knows. */
  #findSymbol(from: number): number {
    let p = from;
    while (p - from < SYMBOL_BYTES_MAX && this.#bytes[p] !== QUOTE) p++;
    this.#symbolEnd = p;
    return this.#bytes[p] === QUOTE ? this.#symbols.find(this.#bytes, from, p) : -1;
  }

  #decodeBook(
    frame: Uint8Array,
    from: number,
    kind: MarketKind,
    stamp: FrameStamp,
    ring: MarketRing,
  ): Decoded {
    const position = this.#findSymbol(from);
    if (position < 0) return this.#decodeWhole(frame, stamp, ring);
    const instrument = this.#instruments[position] as Instrument;
    this.lastInstrument = instrument.index;
    this.lastIsDelta = true;
    const row = ring.reserve();
    if (row < 0) return DECODED.ringFull;
    const end = this.#scanBook(this.#symbolEnd, instrument, ring, row);
    if (end === SCAN.misfit || (end >= 0 && end !== frame.length)) {
      return this.#decodeWhole(frame, stamp, ring);
    }
    if (end < 0) return refusalOf(end);
    return this.#commit(kind, row, instrument, stamp, ring);
  }

  /** From the quote behind the symbol to the end of the frame. */
  #scanBook(from: number, instrument: Instrument, ring: MarketRing, row: number): number {
    const view = this.#view;
    const bytes = this.#bytes;
    const numbers = this.#numbers;
    const { sink } = ring;
    if (!stands(view, from, BIDS)) return SCAN.misfit;
    let p = scanObjectLevels(view, bytes, from + BIDS.byteCount, instrument, sink);
    if (p < 0) return p;
    ring.bidCount[row] = sink.count;
    if (!stands(view, p, ASKS)) return SCAN.misfit;
    sink.start += sink.count;
    p = scanObjectLevels(view, bytes, p + ASKS.byteCount, instrument, sink);
    sink.start = ring.levelStart[row] as number;
    if (p < 0) return p;
    ring.askCount[row] = sink.count;
    if (!stands(view, p, CHECKSUM)) return SCAN.misfit;
    p = scanInteger(bytes, p + CHECKSUM.byteCount, numbers, SLOT.checksum);
    if (p < 0) return p;
    const checksum = numbers[SLOT.checksum] as number;
    if (checksum > CHECKSUM_MAX) return SCAN.range;
    ring.checksum[row] = checksum;
    numbers[SLOT.timeUs] = 0;
    if (stands(view, p, TAIL_WITHOUT_TIME)) return p + TAIL_WITHOUT_TIME.byteCount;
    if (!stands(view, p, TIMESTAMP)) return SCAN.misfit;
    p = this.#times.scan(view, bytes, p + TIMESTAMP.byteCount, numbers, SLOT.timeUs);
    return p >= 0 && stands(view, p, TAIL) ? p + TAIL.byteCount : SCAN.misfit;
  }

  #decodeTicker(frame: Uint8Array, from: number, stamp: FrameStamp, ring: MarketRing): Decoded {
    const position = this.#findSymbol(from);
    if (position < 0) return this.#decodeWhole(frame, stamp, ring);
    const instrument = this.#instruments[position] as Instrument;
    this.lastInstrument = instrument.index;
    const row = ring.reserve();
    if (row < 0) return DECODED.ringFull;
    const end = this.#scanTicker(this.#symbolEnd, instrument, ring);
    if (end === SCAN.misfit || (end >= 0 && end !== frame.length)) {
      return this.#decodeWhole(frame, stamp, ring);
    }
    if (end < 0) return refusalOf(end);
    ring.bidCount[row] = 1;
    ring.askCount[row] = 1;
    return this.#commit(MARKET.quote, row, instrument, stamp, ring);
  }

  #scanTicker(from: number, instrument: Instrument, { sink }: MarketRing): number {
    const view = this.#view;
    const bytes = this.#bytes;
    const { ticks, lots, start } = sink;
    if (!stands(view, from, BID)) return SCAN.misfit;
    let p = scanPrice(bytes, from + BID.byteCount, instrument, ticks, start);
    if (p < 0) return p;
    if (!stands(view, p, BID_QTY)) return SCAN.misfit;
    p = scanQuantity(bytes, p + BID_QTY.byteCount, instrument, lots, start);
    if (p < 0) return p;
    if (!stands(view, p, ASK)) return SCAN.misfit;
    p = scanPrice(bytes, p + ASK.byteCount, instrument, ticks, start + 1);
    if (p < 0) return p;
    if (!stands(view, p, ASK_QTY)) return SCAN.misfit;
    p = scanQuantity(bytes, p + ASK_QTY.byteCount, instrument, lots, start + 1);
    return p < 0 ? p : this.#scanTickerTail(p);
  }

  /** The day's numbers are nobody's here; the time is. */
  #scanTickerTail(from: number): number {
    const numbers = this.#numbers;
    numbers[SLOT.timeUs] = 0;
    let p = from;
    for (let field = 0; field < FIELDS_MAX; field++) {
      if (stands(this.#view, p, TAIL_WITHOUT_TIME)) return p + TAIL_WITHOUT_TIME.byteCount;
      if (stands(this.#view, p, TIMESTAMP)) {
        const at = p + TIMESTAMP.byteCount;
        p = this.#times.scan(this.#view, this.#bytes, at, numbers, SLOT.timeUs);
        if (p < 0 || this.#bytes[p] !== QUOTE) return SCAN.misfit;
        p++;
        continue;
      }
      p = skipField(this.#bytes, p);
      if (p < 0) return p;
    }
    return SCAN.misfit;
  }

  #decodeTrades(frame: Uint8Array, stamp: FrameStamp, ring: MarketRing): Decoded {
    const position = this.#findSymbol(HEAD.trade.byteCount);
    if (position < 0) return this.#decodeWhole(frame, stamp, ring);
    const instrument = this.#instruments[position] as Instrument;
    this.lastInstrument = instrument.index;
    const row = ring.reserve();
    if (row < 0) return DECODED.ringFull;
    const source = { view: this.#view, bytes: this.#bytes, symbolAt: HEAD.trade.byteCount };
    const end = scanTrades(source, this.#symbolEnd, instrument, ring, row, this.#numbers);
    if (end === SCAN.misfit || (end >= 0 && end !== frame.length)) {
      return this.#decodeWhole(frame, stamp, ring);
    }
    if (end < 0) return refusalOf(end);
    return this.#commit(MARKET.trade, row, instrument, stamp, ring);
  }

  #commit(
    kind: MarketKind,
    row: number,
    instrument: Instrument,
    stamp: FrameStamp,
    ring: MarketRing,
  ): Decoded {
    const numbers = this.#numbers;
    const timeUs = numbers[SLOT.timeUs] as number;
    const isTrade = kind === MARKET.trade;
    ring.kind[row] = kind;
    ring.instrument[row] = instrument.index;
    ring.session[row] = stamp.session;
    ring.epoch[row] = stamp.epoch;
    ring.recvUs[row] = stamp.recvUs;
    ring.awayUs[row] = stamp.awayUs;
    ring.rawSeq[row] = stamp.rawSeq;
    ring.exchangeUs[row] = timeUs;
    ring.seqFirst[row] = isTrade ? (numbers[SLOT.firstId] as number) : timeUs;
    ring.seqLast[row] = isTrade ? (numbers[SLOT.lastId] as number) : timeUs;
    ring.commit(row);
    return DECODED.event;
  }

  /** The second reader: slower and more patient, and as strict about numbers as the first. */
  #decodeWhole(frame: Uint8Array, stamp: FrameStamp, ring: MarketRing): Decoded {
    const whole = readWholeFrame(frame, this.#instruments, ring, this.#numbers);
    if (whole.decoded !== DECODED.event) {
      this.lastInstrument = whole.instrument?.index ?? this.lastInstrument;
      this.lastIsDelta = this.lastIsDelta || whole.isBook;
      return whole.decoded;
    }
    const { kind, row, instrument } = whole;
    this.lastInstrument = instrument.index;
    this.lastIsDelta = kind === MARKET.bookDelta || kind === MARKET.bookSnapshot;
    this.fallbacks++;
    return this.#commit(kind, row, instrument, stamp, ring);
  }
}
