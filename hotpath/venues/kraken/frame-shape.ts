/**
 * Station: frame bytes -> levels, quotes and trades, in the shape Kraken writes them. Pure.
 *
 * Keys come in one order and without whitespace, so they are compared as words and only the numbers
 * between them are read. What differs anywhere is a misfit, never a refusal: the patient reader in
 * `normalize.ts` reads it instead.
 */
import {
  type LevelSink,
  SCAN,
  type Scale,
  scanDecimal,
  scanInteger,
  skipScalar,
} from "../../core/decode/scan.ts";
import { scanTimeUs } from "../../core/decode/time-text.ts";
import type { Instrument } from "../../core/instrument.ts";
import { type MarketRing, TRADE_BUYER_IS_MAKER } from "../../core/market-ring.ts";

/** Bytes that must be readable after the last one of a frame. */
export const SLACK_BYTES = 16;

const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const CLOSE_BRACE = 125;
const COMMA = 44;
const WORD_BYTES = 4;
const MASKS = [0, 0xff, 0xffff, 0xffffff];

/** Text that must stand at a place, compared four bytes at a time. */
export type Literal = {
  readonly words: Int32Array;
  readonly rest: number;
  readonly mask: number;
  readonly byteCount: number;
};

/** Makes a literal of ASCII text. */
export function literalOf(text: string): Literal {
  const bytes = Uint8Array.from({ length: text.length + WORD_BYTES }, (_, i) =>
    i < text.length ? text.charCodeAt(i) : 0,
  );
  const view = new DataView(bytes.buffer);
  const whole = text.length >> 2;
  return {
    words: Int32Array.from({ length: whole }, (_, i) => view.getInt32(i * WORD_BYTES, true)),
    rest: view.getInt32(whole * WORD_BYTES, true),
    mask: MASKS[text.length & 3] as number,
    byteCount: text.length,
  };
}

/** Whether the literal stands at `at`. */
export function stands(view: DataView, at: number, literal: Literal): boolean {
  const { words } = literal;
  let p = at;
  for (let i = 0; i < words.length; i++) {
    if (view.getInt32(p, true) !== words[i]) return false;
    p += WORD_BYTES;
  }
  return ((view.getInt32(p, true) ^ literal.rest) & literal.mask) === 0;
}

/** `{"price":` and `,"qty":` as words, little-endian. */
const PRICE = literalOf('{"price":');
const PRICE_0 = PRICE.words[0] as number;
const PRICE_1 = PRICE.words[1] as number;
const QTY = literalOf(',"qty":');
const QTY_0 = QTY.words[0] as number;
const COLON = 58;
const THREE_BYTES = 0xffffff;

/** Reads `[{"price":0.5666,"qty":4831.75},...]` into the sink; ends after the bracket, or a scan code. */
export function scanObjectLevels(
  view: DataView,
  bytes: Uint8Array,
  from: number,
  scale: Scale,
  sink: LevelSink,
): number {
  const { ticks, lots, start, limit } = sink;
  if (bytes[from] !== OPEN_BRACKET) return SCAN.misfit;
  if (bytes[from + 1] === CLOSE_BRACKET) {
    sink.count = 0;
    return from + 2;
  }
  const { priceDecimals, tickUnits, lotUnits, quantityDecimals } = scale;
  const isUsual = tickUnits === 1 && lotUnits === 1 && quantityDecimals === WORD_DECIMALS;
  let at = start;
  let p = from;
  do {
    if (at >= limit) return SCAN.tooManyLevels;
    const level = p + 1;
    p = isUsual ? scanLevel(view, bytes, level, priceDecimals, ticks, lots, at) : SCAN.misfit;
    if (p < 0) p = scanAnyLevel(view, bytes, level, scale, ticks, lots, at);
    if (p < 0) return p;
    at++;
  } while (bytes[p] === COMMA);
  if (bytes[p] !== CLOSE_BRACKET) return SCAN.misfit;
  sink.count = at - start;
  return p + 1;
}

/** "0" in all four bytes, what carries a byte above nine into its top bit, and those top bits. */
const ZEROS = 0x30303030;
const ABOVE_NINE = 0x76767676;
const TOPS = 0x80808080 | 0;
const ZERO_BYTE = 48;
const POINT_XOR = 46 ^ ZERO_BYTE;
const INT32_DIGITS_MAX = 9;
/** The decimals of quantities that are read as two words. */
const WORD_DECIMALS = 8;
const WORD_UNITS = 100_000_000;

/** The value of four decimal digits, one a byte, the first in the lowest. */
const four = (digits: number): number =>
  Math.imul((Math.imul(digits, 10) + (digits >>> 8)) & 0x00ff00ff, 0x640001) >>> 16;

/**
 * One level in the venue's own print: a price of up to nine digits with all its decimals, a quantity with
 * eight. Anything else is a misfit, which `scanAnyLevel` then reads or refuses properly.
 *
 * One body, because calls cost here, and the decimals as two words: 21 ns a level against 49 by
 * `scanDecimal` (wide messages, Node 24.21, 2026-11).
 */
// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one body, by the measurement above.
function scanLevel(
  view: DataView,
  bytes: Uint8Array,
  from: number,
  priceDecimals: number,
  ticks: Float64Array,
  lots: Float64Array,
  at: number,
): number {
  if (view.getInt32(from, true) !== PRICE_0 || view.getInt32(from + 4, true) !== PRICE_1) {
    return SCAN.misfit;
  }
  let p = from + 9;
  let missing = priceDecimals;
  let value = 0;
  let digit = (bytes[p] as number) ^ ZERO_BYTE;
  const pointEnd = p + INT32_DIGITS_MAX - missing;
  while (digit < 10) {
    value = (Math.imul(value, 10) + digit) | 0;
    digit = (bytes[++p] as number) ^ ZERO_BYTE;
  }
  if (p > pointEnd || p === from + 9 || bytes[from + 8] !== COLON) return SCAN.misfit;
  if (missing > 0) {
    if (digit !== POINT_XOR) return SCAN.misfit;
    digit = (bytes[++p] as number) ^ ZERO_BYTE;
    while (missing > 0 && digit < 10) {
      value = (Math.imul(value, 10) + digit) | 0;
      missing--;
      digit = (bytes[++p] as number) ^ ZERO_BYTE;
    }
    if (missing !== 0) return SCAN.misfit;
  }
  ticks[at] = value;
  const key =
    (view.getInt32(p, true) ^ QTY_0) | ((view.getInt32(p + 4, true) ^ QTY.rest) & THREE_BYTES);
  if (key !== 0) return SCAN.misfit;

  p += 7;
  const start = p;
  value = 0;
  digit = (bytes[p] as number) ^ ZERO_BYTE;
  while (digit < 10) {
    value = (Math.imul(value, 10) + digit) | 0;
    digit = (bytes[++p] as number) ^ ZERO_BYTE;
  }
  // Eight digits and their decimals stay below 2^53, and so does every step of the sum.
  if (digit !== POINT_XOR || p === start || p > start + WORD_DECIMALS - 1) return SCAN.misfit;
  const first = view.getInt32(p + 1, true) ^ ZEROS;
  const second = view.getInt32(p + 5, true) ^ ZEROS;
  const above = (first + ABOVE_NINE) | first | (second + ABOVE_NINE) | second;
  if ((above & TOPS) !== 0 || bytes[p + 9] !== CLOSE_BRACE) return SCAN.misfit;
  lots[at] = value * WORD_UNITS + (Math.imul(four(first), 10_000) + four(second));
  return p + 10;
}

/** The same by the decimal scanner: other decimals, longer numbers, steps that are no power of ten. */
function scanAnyLevel(
  view: DataView,
  bytes: Uint8Array,
  from: number,
  scale: Scale,
  ticks: Float64Array,
  lots: Float64Array,
  at: number,
): number {
  if (view.getInt32(from, true) !== PRICE_0 || view.getInt32(from + 4, true) !== PRICE_1) {
    return SCAN.misfit;
  }
  if (bytes[from + 8] !== COLON) return SCAN.misfit;
  let p = scanPrice(bytes, from + 9, scale, ticks, at);
  if (p < 0) return p;
  if (view.getInt32(p, true) !== QTY_0) return SCAN.misfit;
  if (((view.getInt32(p + 4, true) ^ QTY.rest) & THREE_BYTES) !== 0) return SCAN.misfit;
  p = scanQuantity(bytes, p + 7, scale, lots, at);
  if (p < 0) return p;
  return bytes[p] === CLOSE_BRACE ? p + 1 : SCAN.misfit;
}

/** A bare price to ticks; ends at the byte after it. */
export function scanPrice(
  bytes: Uint8Array,
  from: number,
  scale: Scale,
  out: Float64Array,
  at: number,
): number {
  const p = scanDecimal(bytes, from, scale.priceDecimals, out, at);
  if (p < 0 || scale.tickUnits === 1) return p;
  return toSteps(out, at, scale.tickUnits) ? p : SCAN.offStep;
}

/** A bare quantity to lots; ends at the byte after it. */
export function scanQuantity(
  bytes: Uint8Array,
  from: number,
  scale: Scale,
  out: Float64Array,
  at: number,
): number {
  const p = scanDecimal(bytes, from, scale.quantityDecimals, out, at);
  if (p < 0 || scale.lotUnits === 1) return p;
  return toSteps(out, at, scale.lotUnits) ? p : SCAN.offStep;
}

function toSteps(out: Float64Array, at: number, stepUnits: number): boolean {
  const steps = (out[at] as number) / stepUnits;
  out[at] = steps;
  return Math.floor(steps) === steps;
}

/** Slots of the scratch that one message's own numbers are read into. */
export const SLOT = { checksum: 0, timeUs: 1, firstId: 2, lastId: 3 } as const;

const QUOTE = 34;
const SIDE = literalOf('","side":"');
const BUY = literalOf('buy","price":');
const SELL = literalOf('sell","price":');
const ORDER_TYPE = literalOf(',"ord_type":');
const TRADE_ID = literalOf(',"trade_id":');
const TIMESTAMP = literalOf(',"timestamp":"');
const ENTRY_END = literalOf('"}');
const NEXT_ENTRY = literalOf(',{"symbol":"');
const END = literalOf("]}");
/** Longer than any type of order in its quotes. */
const WORD_BYTES_MAX = 34;

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
  return p < 0 ? p : scanTradeTail(view, bytes, p, numbers);
}

/** The type of order, which is nobody's here, the id and the time. */
function scanTradeTail(
  view: DataView,
  bytes: Uint8Array,
  from: number,
  numbers: Float64Array,
): number {
  if (!stands(view, from, ORDER_TYPE)) return SCAN.misfit;
  const word = from + ORDER_TYPE.byteCount;
  let p = bytes[word] === QUOTE ? skipScalar(bytes, word, word + WORD_BYTES_MAX) : SCAN.misfit;
  if (p < 0 || !stands(view, p, TRADE_ID)) return SCAN.misfit;
  p = scanInteger(bytes, p + TRADE_ID.byteCount, numbers, SLOT.lastId);
  if (p < 0) return p;
  if (!stands(view, p, TIMESTAMP)) return SCAN.misfit;
  p = scanTimeUs(bytes, p + TIMESTAMP.byteCount, numbers, SLOT.timeUs);
  return p >= 0 && stands(view, p, ENTRY_END) ? p + ENTRY_END.byteCount : SCAN.misfit;
}

/** Keys that begin so are read further up, or are the time in another spelling. */
const LETTERS_READ: ReadonlySet<number> = new Set(Array.from("abst", (each) => each.charCodeAt(0)));

/**
 * Skips one field that nobody reads, from the comma before it to the end of its value. One whose key begins
 * as those that are read is left to the patient reader: it may be one of them once more.
 */
export function skipField(bytes: Uint8Array, from: number): number {
  if (bytes[from] !== COMMA || bytes[from + 1] !== QUOTE) return SCAN.misfit;
  if (LETTERS_READ.has(bytes[from + 2] as number)) return SCAN.misfit;
  const colon = skipScalar(bytes, from + 1, bytes.length);
  return colon >= 0 && bytes[colon] === COLON
    ? skipScalar(bytes, colon + 1, bytes.length)
    : SCAN.misfit;
}
