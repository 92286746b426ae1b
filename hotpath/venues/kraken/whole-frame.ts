/**
 * Station: frame -> one row, the patient way: parsed JSON whose numbers keep their text. Pure.
 *
 * For frames in a shape that the byte scanner does not know (whitespace, another order of keys, an
 * exponent). Fills the same row by the same decimal scanner, so that both readers give the same event or
 * the same refusal.
 */
import { DECODED, type Decoded } from "../../core/decode/decoder.ts";
import { decimalOf, integerOf, parseExactJson } from "../../core/decode/exact-json.ts";
import { readDecimal } from "../../core/decode/field-parse.ts";
import { SCAN } from "../../core/decode/scan.ts";
import { scanTimeUs } from "../../core/decode/time-text.ts";
import type { Instrument } from "../../core/instrument.ts";
import {
  MARKET,
  type MarketKind,
  type MarketRing,
  TRADE_BUYER_IS_MAKER,
} from "../../core/market-ring.ts";
import { SLOT } from "./frame-shape.ts";
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

const CHECKSUM_MAX = 0xffffffff;
const encoder = new TextEncoder();

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

/** Reads any frame of the venue into a row of the ring, or says why not. */
export function readWholeFrame(
  frame: Uint8Array,
  instruments: readonly Instrument[],
  ring: MarketRing,
  numbers: Float64Array,
): WholeFrame {
  const refused = (
    decoded: Exclude<Decoded, typeof DECODED.event>,
    instrument?: Instrument,
    isBook = false,
  ): WholeFrame => ({ decoded, instrument, isBook });
  const message = parseExactJson(frame);
  if (message === undefined || Array.isArray(message)) return refused(DECODED.malformed);
  const { channel, type } = message;
  const outside = verdictOf(message);
  if (outside !== undefined || typeof channel !== "string") {
    return refused(outside ?? DECODED.malformed);
  }
  const isBook = channel === CHANNEL.book;
  const entries = entriesOf(message.data);
  const first = entries?.[0];
  if (entries === undefined || first === undefined) return refused(DECODED.malformed);
  const instrument = instruments.find(({ symbol }) => symbol === first.symbol);
  if (instrument === undefined) return refused(DECODED.ignored);
  if (!isBook && isForNobody(channel, type, entries)) return refused(DECODED.ignored, instrument);
  const row = ring.reserve();
  if (row < 0) return refused(DECODED.ringFull, instrument, isBook);
  const kind = kindOf(channel, type);
  if (kind === undefined || (entries.length > 1 && kind !== MARKET.trade)) {
    return refused(DECODED.malformed, instrument, isBook);
  }
  const code = fillRow(kind, entries, instrument, ring, row, numbers);
  if (code < 0) return refused(refusalOf(code), instrument, isBook);
  return { decoded: DECODED.event, kind, row, instrument };
}

/** What becomes of a message that is no market data of ours; undefined for one that may be. */
function verdictOf({ channel, method }: Fields): Exclude<Decoded, 1> | undefined {
  if (typeof method === "string" || channel === "status") return DECODED.notice;
  if (typeof channel !== "string") return DECODED.malformed;
  const isRead = Object.values<string>(CHANNEL).includes(channel);
  return isRead ? undefined : DECODED.ignored;
}

/** The past trades at the head of a subscription, and messages about several symbols at once. */
function isForNobody(channel: string, type: unknown, entries: readonly Fields[]): boolean {
  if (channel === CHANNEL.trade && type === "snapshot") return true;
  return entries.some(({ symbol }) => symbol !== entries[0]?.symbol);
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
  for (const [index, entry] of entries.entries()) {
    const code = readTrade(entry, instrument, ring, sink.start + index, numbers);
    if (code < 0) return code;
    if (index === 0) numbers[SLOT.firstId] = numbers[SLOT.lastId] as number;
    ring.tradeFlags[row] = entry.side === "buy" ? 0 : TRADE_BUYER_IS_MAKER;
  }
  ring.bidCount[row] = entries.length;
  return 0;
}

function readTrade(
  { side, price, qty, trade_id: id, timestamp }: Fields,
  instrument: Instrument,
  { sink }: MarketRing,
  at: number,
  numbers: Float64Array,
): number {
  const tradeId = integerOf(id);
  if (tradeId === undefined || (side !== "buy" && side !== "sell")) return SCAN.misfit;
  numbers[SLOT.lastId] = tradeId;
  const priced = readNumber(price, instrument, true, sink.ticks, at);
  if (priced < 0) return priced;
  const sized = readNumber(qty, instrument, false, sink.lots, at);
  return sized < 0 ? sized : readTime(timestamp, numbers);
}
