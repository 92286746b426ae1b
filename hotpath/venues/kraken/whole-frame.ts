/**
 * Station: frame -> one row, the patient way: parsed JSON whose numbers keep their text. Pure.
 *
 * For frames in a shape that the byte scanner does not know (whitespace, another order of keys, an
 * exponent), and for the trades of one frame. Fills the same row by the same decimal scanner, so that
 * both readers give the same event or the same refusal.
 */
import { DECODED, type Decoded } from "../../core/decode/decoder.ts";
import { decimalOf, integerOf, parseExactJson } from "../../core/decode/exact-json.ts";
import { readDecimal } from "../../core/decode/field-parse.ts";
import { SCAN, scanInteger } from "../../core/decode/scan.ts";
import { scanTimeUs } from "../../core/decode/time-text.ts";
import type { Instrument } from "../../core/instrument.ts";
import {
  MARKET,
  type MarketKind,
  type MarketRing,
  TRADE_BUYER_IS_MAKER,
} from "../../core/market-ring.ts";
import { literalOf, scanPrice, scanQuantity, stands } from "./frame-shape.ts";
import { CHANNEL } from "./wire.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What became of a frame: a row that only needs its stamps, or why there is none. */
export type WholeFrame =
  | {
      readonly decoded: typeof DECODED.event;
      readonly kind: MarketKind;
      readonly row: number;
      readonly instrument: Instrument;
    }
  | {
      readonly decoded: Exclude<Decoded, typeof DECODED.event>;
      readonly instrument: Instrument | undefined;
      /** Whether a book lost a message by it. */
      readonly isBook: boolean;
    };

/** Slots of the numbers that one message has for itself; `normalize.ts` has the same. */
const SLOT = { checksum: 0, timeUs: 1, firstId: 2, lastId: 3 } as const;
const CHECKSUM_MAX = 0xffffffff;
const QUOTE = 34;
const encoder = new TextEncoder();

const SIDE = literalOf('","side":"');
const BUY = literalOf('buy","price":');
const SELL = literalOf('sell","price":');
const QTY = literalOf(',"qty":');
const ORDER_TYPE = literalOf(',"ord_type":"');
const TRADE_ID = literalOf(',"trade_id":');
const TIMESTAMP = literalOf(',"timestamp":"');
const ENTRY_END = literalOf('"}');
const NEXT_ENTRY = literalOf(',{"symbol":"');
const END = literalOf("]}");
/** Longer words than any type of order. */
const WORD_BYTES_MAX = 32;

/** The refusal that a scan code stands for. */
export function refusalOf(code: number): Exclude<Decoded, typeof DECODED.event> {
  switch (code) {
    case SCAN.offStep:
      return DECODED.offStep;
    case SCAN.range:
      return DECODED.range;
    case SCAN.tooManyLevels:
      return DECODED.tooManyLevels;
    default:
      return DECODED.malformed;
  }
}

/** A frame in memory, and where its first symbol begins. */
export type TradeSource = {
  readonly view: DataView;
  readonly bytes: Uint8Array;
  readonly symbolAt: number;
};

/**
 * The trades of one frame as the levels of one row, in their order; the flag is the last one's. Ids are
 * a sequence of each book, so the first and the last of them name all. `from` is behind the symbol.
 */
export function scanTrades(
  source: TradeSource,
  from: number,
  instrument: Instrument,
  ring: MarketRing,
  row: number,
  numbers: Float64Array,
): number {
  const { view, bytes, symbolAt } = source;
  const { sink } = ring;
  const symbolBytes = from - symbolAt;
  let p = from;
  for (let at = sink.start; at < sink.limit; at++) {
    p = scanTrade(source, p, instrument, ring, row, at, numbers);
    if (p < 0) return p;
    if (at === sink.start) numbers[SLOT.firstId] = numbers[SLOT.lastId] as number;
    if (stands(view, p, END)) {
      ring.bidCount[row] = at + 1 - sink.start;
      return p + END.byteCount;
    }
    if (!stands(view, p, NEXT_ENTRY)) return SCAN.misfit;
    p += NEXT_ENTRY.byteCount;
    for (let i = 0; i < symbolBytes; i++)
      if (bytes[p + i] !== bytes[symbolAt + i]) return SCAN.misfit;
    p += symbolBytes;
  }
  return SCAN.tooManyLevels;
}

/** One trade from the quote behind its symbol to its brace. */
function scanTrade(
  { view, bytes }: TradeSource,
  from: number,
  instrument: Instrument,
  ring: MarketRing,
  row: number,
  at: number,
  numbers: Float64Array,
): number {
  if (!stands(view, from, SIDE)) return SCAN.misfit;
  let p = from + SIDE.byteCount;
  const isBuy = stands(view, p, BUY);
  if (!isBuy && !stands(view, p, SELL)) return SCAN.misfit;
  // The side is the taker's: who sells into the book has a buyer who was there first.
  ring.tradeFlags[row] = isBuy ? 0 : TRADE_BUYER_IS_MAKER;
  p += isBuy ? BUY.byteCount : SELL.byteCount;
  p = scanPrice(bytes, p, instrument, ring.ticks, at);
  if (p < 0) return p;
  if (!stands(view, p, QTY)) return SCAN.misfit;
  p = scanQuantity(bytes, p + QTY.byteCount, instrument, ring.lots, at);
  if (p < 0) return p;
  if (!stands(view, p, ORDER_TYPE)) return SCAN.misfit;
  p += ORDER_TYPE.byteCount;
  const wordEnd = p + WORD_BYTES_MAX;
  while (p < wordEnd && bytes[p] !== QUOTE) p++;
  if (!stands(view, p + 1, TRADE_ID)) return SCAN.misfit;
  p = scanInteger(bytes, p + 1 + TRADE_ID.byteCount, numbers, SLOT.lastId);
  if (p < 0) return p;
  if (!stands(view, p, TIMESTAMP)) return SCAN.misfit;
  p = scanTimeUs(bytes, p + TIMESTAMP.byteCount, numbers, SLOT.timeUs);
  return p >= 0 && stands(view, p, ENTRY_END) ? p + ENTRY_END.byteCount : SCAN.misfit;
}

/** Reads any frame of the venue into a row of the ring, or says why not. */
export function readWholeFrame(
  frame: Uint8Array,
  instruments: readonly Instrument[],
  ring: MarketRing,
  numbers: Float64Array,
): WholeFrame {
  const message = parseExactJson(frame);
  const refused = (
    decoded: Exclude<Decoded, typeof DECODED.event>,
    instrument?: Instrument,
    isBook = false,
  ): WholeFrame => ({ decoded, instrument, isBook });
  if (message === undefined || Array.isArray(message)) return refused(DECODED.malformed);
  const { channel, type } = message;
  if (typeof message.method === "string" || channel === "status") return refused(DECODED.notice);
  if (typeof channel !== "string") return refused(DECODED.malformed);
  const isBook = channel === CHANNEL.book;
  if (!isBook && channel !== CHANNEL.ticker && channel !== CHANNEL.trade) {
    return refused(DECODED.ignored);
  }
  const entries = entriesOf(message.data);
  const first = entries?.[0];
  if (entries === undefined || first === undefined) return refused(DECODED.malformed);
  const instrument = instruments.find(({ symbol }) => symbol === first.symbol);
  if (instrument === undefined) return refused(DECODED.ignored);
  // The past trades at the head of a subscription are nobody's here.
  const isPast = channel === CHANNEL.trade && type === "snapshot";
  const isMixed = entries.some(({ symbol }) => symbol !== first.symbol);
  if (isPast || (isMixed && !isBook)) return refused(DECODED.ignored, instrument);
  const row = ring.reserve();
  if (row < 0) return refused(DECODED.ringFull, instrument, isBook);
  const kind = kindOf(channel, type);
  const code =
    kind === undefined || (entries.length > 1 && kind !== MARKET.trade)
      ? SCAN.misfit
      : fillRow(kind, entries, instrument, ring, row, numbers);
  if (code < 0 || kind === undefined) return refused(refusalOf(code), instrument, isBook);
  return { decoded: DECODED.event, kind, row, instrument };
}

function kindOf(channel: string, type: unknown): MarketKind | undefined {
  if (type !== "update" && type !== "snapshot") return undefined;
  switch (channel) {
    case CHANNEL.book:
      return type === "update" ? MARKET.bookDelta : MARKET.bookSnapshot;
    case CHANNEL.ticker:
      return MARKET.quote;
    default:
      return MARKET.trade;
  }
}

function entriesOf(data: unknown): readonly Fields[] | undefined {
  if (!Array.isArray(data) || data.length === 0) return undefined;
  const entries = data as readonly unknown[];
  return entries.every((entry) => typeof entry === "object" && entry !== null)
    ? (entries as readonly Fields[])
    : undefined;
}

function fillRow(
  kind: MarketKind,
  entries: readonly Fields[],
  instrument: Instrument,
  ring: MarketRing,
  row: number,
  numbers: Float64Array,
): number {
  const entry = entries[0] as Fields;
  numbers[SLOT.timeUs] = 0;
  if (entry.timestamp !== undefined && readTime(entry.timestamp, numbers) < 0) return SCAN.misfit;
  switch (kind) {
    case MARKET.quote:
      return readQuote(entry, instrument, ring, row);
    case MARKET.trade:
      return readTrades(entries, instrument, ring, row, numbers);
    case MARKET.bookDelta:
    case MARKET.bookSnapshot:
      return readBook(entry, instrument, ring, row);
  }
}

function readTime(value: unknown, numbers: Float64Array): number {
  if (typeof value !== "string") return SCAN.misfit;
  const end = scanTimeUs(encoder.encode(`${value}"`), 0, numbers, SLOT.timeUs);
  return end === value.length ? end : SCAN.misfit;
}

function readNumber(
  value: unknown,
  instrument: Instrument,
  isPrice: boolean,
  out: Float64Array,
  at: number,
): number {
  return readDecimal(decimalOf(value), instrument, isPrice, out, at);
}

function readBook(entry: Fields, instrument: Instrument, ring: MarketRing, row: number): number {
  const { bids, asks } = entry;
  const checksum = integerOf(entry.checksum);
  if (!Array.isArray(bids) || !Array.isArray(asks) || checksum === undefined) return SCAN.misfit;
  if (checksum > CHECKSUM_MAX) return SCAN.range;
  const { sink } = ring;
  if (sink.start + bids.length + asks.length > sink.limit) return SCAN.tooManyLevels;
  let at = sink.start;
  for (const level of [...bids, ...asks] as readonly unknown[]) {
    if (typeof level !== "object" || level === null) return SCAN.misfit;
    const { price, qty } = level as Fields;
    const priced = readNumber(price, instrument, true, sink.ticks, at);
    if (priced < 0) return priced;
    const sized = readNumber(qty, instrument, false, sink.lots, at);
    if (sized < 0) return sized;
    at++;
  }
  ring.bidCount[row] = bids.length;
  ring.askCount[row] = asks.length;
  ring.checksum[row] = checksum;
  return 0;
}

function readQuote(entry: Fields, instrument: Instrument, ring: MarketRing, row: number): number {
  const { ticks, lots, start } = ring.sink;
  const parts = [
    [entry.bid, true, ticks, start],
    [entry.bid_qty, false, lots, start],
    [entry.ask, true, ticks, start + 1],
    [entry.ask_qty, false, lots, start + 1],
  ] as const;
  for (const [value, isPrice, out, at] of parts) {
    const code = readNumber(value, instrument, isPrice, out, at);
    if (code < 0) return code;
  }
  ring.bidCount[row] = 1;
  ring.askCount[row] = 1;
  return 0;
}

function readTrades(
  entries: readonly Fields[],
  instrument: Instrument,
  ring: MarketRing,
  row: number,
  numbers: Float64Array,
): number {
  const { sink } = ring;
  if (sink.start + entries.length > sink.limit) return SCAN.tooManyLevels;
  let at = sink.start;
  for (const { side, price, qty, trade_id: id, timestamp } of entries) {
    const tradeId = integerOf(id);
    if (tradeId === undefined || (side !== "buy" && side !== "sell")) return SCAN.misfit;
    const priced = readNumber(price, instrument, true, sink.ticks, at);
    if (priced < 0) return priced;
    const sized = readNumber(qty, instrument, false, sink.lots, at);
    if (sized < 0) return sized;
    if (readTime(timestamp, numbers) < 0) return SCAN.misfit;
    if (at === sink.start) numbers[SLOT.firstId] = tradeId;
    numbers[SLOT.lastId] = tradeId;
    ring.tradeFlags[row] = side === "buy" ? 0 : TRADE_BUYER_IS_MAKER;
    at++;
  }
  ring.bidCount[row] = entries.length;
  return 0;
}
