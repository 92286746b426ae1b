/**
 * Station: frame bytes -> fields, for pushes in a shape that was seen before.
 *
 * All frames of one kind are alike but for symbol and numbers. What is alike is learned once, from an
 * example or from a frame that the patient reader has accepted, and is compared four bytes at a time; only
 * what differs is read. A frame that differs anywhere is a misfit and never a refusal: the patient reader
 * decides. So nothing becomes acceptable here that was not acceptable before.
 */
import {
  type LevelSink,
  SCAN,
  type Scale,
  scanLots,
  scanTicks,
  skipScalar,
} from "../../core/decode/scan.ts";

/** What stands between two pieces of a shape. */
export const STEP = {
  /** The symbol, in the topic or in quotes: the first one names the instrument. */
  symbol: 1,
  /** A whole number, bare or in quotes, into `integers[slot]`. */
  integer: 2,
  /** A trade's sequence in quotes, taken modulo 2^53 into `integers[slot]`. */
  sequence: 3,
  /** Nanoseconds in quotes, as microseconds into `integers[slot]`. */
  nanos: 4,
  /** Rows of price, size, sequence. */
  asks: 5,
  bids: 6,
  /** A price or quantity in quotes, into level `slot` of the sink. */
  price: 7,
  quantity: 8,
  /** "buy" or "sell" into `integers[slot]`, 1 for a sale. */
  side: 9,
  /** Any scalar that nobody reads. */
  skip: 10,
} as const;

export type Step = (typeof STEP)[keyof typeof STEP];

/** What is read of one kind of push: by the path of its keys, such as "data.changes.asks". */
export type ShapePlan = ReadonlyMap<string, { readonly step: Step; readonly slot: number }>;

export type FrameShape = {
  /** The pieces' bytes as words; the last word of each piece is padded with zeros. */
  readonly words: Int32Array;
  readonly pieceBytes: Int32Array;
  readonly steps: Int32Array;
  readonly slots: Int32Array;
};

/** What a frame's fields are read into; one for each decoder, reused. */
export type ShapeScratch = {
  readonly integers: Float64Array;
  readonly find: (bytes: Uint8Array, from: number, end: number) => number;
  readonly scaleAt: (position: number) => Scale;
  /** Position of the instrument; -1 before its symbol was read. */
  position: number;
  scale: Scale;
  readonly sink: LevelSink;
  readonly levelSeqs: Float64Array;
  /** How many asks were read before the bids. */
  bidStart: number;
  bidCount: number;
  askCount: number;
};

/** The frame fits, but its symbol is none of ours. */
export const NOT_OURS = -8;
/** The symbols of one frame are two. */
export const OTHER_SYMBOL = -7;

const QUOTE = 34;
const COMMA = 44;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const ZERO = 48;
const WORD_BYTES = 4;
/** Bytes of the last word of a piece that belong to it. */
const REST_MASK = Int32Array.of(-1, 0xff, 0xffff, 0xffffff);
/** Longest symbol; a longer one is hostile. */
const SYMBOL_BYTES_MAX = 40;

/**
 * Reads a frame by a shape: its end, or a misfit, `NOT_OURS`, `OTHER_SYMBOL`.
 *
 * `view` and `bytes` are the same memory, readable for a few words beyond the frame.
 */
export function scanShape(
  view: DataView,
  bytes: Uint8Array,
  { words, pieceBytes, steps, slots }: FrameShape,
  scratch: ShapeScratch,
): number {
  let p = 0;
  let word = 0;
  scratch.position = -1;
  scratch.bidStart = 0;
  scratch.bidCount = 0;
  scratch.askCount = 0;
  for (let i = 0; ; i++) {
    const count = pieceBytes[i] as number;
    const whole = word + (count >> 2);
    for (; word < whole; word++) {
      if (view.getInt32(p, true) !== words[word]) return SCAN.misfit;
      p += WORD_BYTES;
    }
    const rest = count & 3;
    if (rest !== 0) {
      const differs = view.getInt32(p, true) ^ (words[word] as number);
      if ((differs & (REST_MASK[rest] as number)) !== 0) return SCAN.misfit;
      word++;
      p += rest;
    }
    if (i === steps.length) return p;
    p = scanStep(bytes, p, steps[i] as number, slots[i] as number, scratch);
    if (p < 0) return p;
  }
}

/** Values in quotes end before their closing quote, which begins the next piece. */
function scanStep(
  bytes: Uint8Array,
  from: number,
  step: number,
  slot: number,
  scratch: ShapeScratch,
): number {
  const { sink, integers } = scratch;
  switch (step) {
    case STEP.symbol:
      return scanSymbol(bytes, from, scratch);
    case STEP.asks:
    case STEP.bids:
      return scanSide(bytes, from, step === STEP.bids, scratch);
    case STEP.integer:
      return scanWhole(bytes, from, integers, slot);
    case STEP.price:
      return scanTicks(bytes, from, scratch.scale, sink.ticks, sink.start + slot) - 1;
    case STEP.quantity:
      return scanLots(bytes, from, scratch.scale, sink.lots, sink.start + slot) - 1;
    case STEP.sequence:
      return scanSequence(bytes, from, integers, slot);
    case STEP.nanos:
      return scanNanos(bytes, from, integers, slot);
    case STEP.side:
      return scanTradeSide(bytes, from, integers, slot);
    default:
      return skipScalar(bytes, from, bytes.length);
  }
}

function scanSymbol(bytes: Uint8Array, from: number, scratch: ShapeScratch): number {
  let p = from;
  while (bytes[p] !== QUOTE && p - from <= SYMBOL_BYTES_MAX) p++;
  const position = scratch.find(bytes, from, p);
  if (scratch.position < 0) {
    if (position < 0) return bytes[p] === QUOTE ? NOT_OURS : SCAN.misfit;
    scratch.position = position;
    scratch.scale = scratch.scaleAt(position);
    return p;
  }
  return position === scratch.position ? p : OTHER_SYMBOL;
}

/** Digits up to 2^53; longer ones are a misfit, which the patient reader refuses. */
function scanWhole(bytes: Uint8Array, from: number, out: Float64Array, at: number): number {
  let p = from;
  let value = 0;
  let digit = (bytes[p] as number) ^ ZERO;
  while (digit < 10) {
    value = value * 10 + digit;
    digit = (bytes[++p] as number) ^ ZERO;
  }
  if (p === from || p - from > 15) return SCAN.misfit;
  out[at] = value;
  return p;
}

const LOW_DIGITS = 9;
/** 10^9 is 2^9 times this. */
const ODD_PART = 1_953_125;
const EVEN_PART = 512;
const SEQUENCE_DIGITS_MAX = 18;
const TWO_44 = 2 ** 44;
const TWO_53 = 2 ** 53;

/**
 * A trade's sequence modulo 2^53, exact at every step: KuCoin's are above 2^53 since 2024, and a double
 * would take two of them for one. With v = high * 10^9 + low and 10^9 = 512 * 1953125, high * 1953125 stays
 * below 2^53, and so does (that mod 2^44) * 512.
 */
export function scanSequence(
  bytes: Uint8Array,
  from: number,
  out: Float64Array,
  at: number,
): number {
  let end = from;
  while (((bytes[end] as number) ^ ZERO) < 10) end++;
  const count = end - from;
  if (count === 0 || count > SEQUENCE_DIGITS_MAX) return SCAN.misfit;
  const lowFrom = Math.max(from, end - LOW_DIGITS);
  let high = 0;
  for (let p = from; p < lowFrom; p++) high = high * 10 + ((bytes[p] as number) ^ ZERO);
  let low = 0;
  for (let p = lowFrom; p < end; p++) low = low * 10 + ((bytes[p] as number) ^ ZERO);
  const shifted = ((high * ODD_PART) % TWO_44) * EVEN_PART;
  const room = TWO_53 - low;
  out[at] = shifted >= room ? shifted - room : shifted + low;
  return end;
}

const NANOS_DIGITS = 19;
const NANOS_BELOW_MICROS = 3;

/** Nanoseconds since 1970 have nineteen digits until 2286; the last three are beyond our clocks. */
export function scanNanos(bytes: Uint8Array, from: number, out: Float64Array, at: number): number {
  const end = from + NANOS_DIGITS;
  let value = 0;
  for (let p = from; p < end; p++) {
    const digit = (bytes[p] as number) ^ ZERO;
    if (digit > 9) return SCAN.misfit;
    if (p < end - NANOS_BELOW_MICROS) value = value * 10 + digit;
  }
  out[at] = value;
  return end;
}

const B = 98;
const U = 117;
const Y = 121;
const S = 115;
const E = 101;
const L = 108;

function scanTradeSide(bytes: Uint8Array, from: number, out: Float64Array, at: number): number {
  const isBuy = bytes[from] === B && bytes[from + 1] === U && bytes[from + 2] === Y;
  const isSell =
    bytes[from] === S && bytes[from + 1] === E && bytes[from + 2] === L && bytes[from + 3] === L;
  out[at] = isSell ? 1 : 0;
  if (isBuy) return from + 3;
  return isSell ? from + 4 : SCAN.misfit;
}

/** Rows of one side, behind what the sink holds already. */
function scanSide(bytes: Uint8Array, from: number, isBids: boolean, scratch: ShapeScratch): number {
  const { sink } = scratch;
  if (bytes[from] !== OPEN_BRACKET) return SCAN.misfit;
  sink.count = 0;
  const isEmpty = bytes[from + 1] === CLOSE_BRACKET;
  const end = isEmpty ? from + 1 : scanRows(bytes, from, scratch);
  if (end < 0 || bytes[end] !== CLOSE_BRACKET) return SCAN.misfit;
  if (isBids) {
    scratch.bidStart = scratch.askCount;
    scratch.bidCount = sink.count;
  } else scratch.askCount = sink.count;
  return end + 1;
}

/** Rows without a price move the sequence only; how many have one is left in the sink. */
function scanRows(bytes: Uint8Array, from: number, scratch: ShapeScratch): number {
  const { sink, bidCount, askCount } = scratch;
  const first = sink.start + bidCount + askCount;
  let at = first;
  let p = from;
  do {
    if (at >= sink.limit) return SCAN.misfit;
    p = scanRow(bytes, p + 1, scratch, at);
    if (p < 0) return p;
    if (sink.ticks[at] !== 0) at++;
  } while (bytes[p] === COMMA);
  sink.count = at - first;
  return p;
}

/** One `["price","size","sequence"]`; ends after its bracket. */
function scanRow(bytes: Uint8Array, from: number, scratch: ShapeScratch, at: number): number {
  const { sink, scale, levelSeqs } = scratch;
  if (bytes[from] !== OPEN_BRACKET || bytes[from + 1] !== QUOTE) return SCAN.misfit;
  let p = scanTicks(bytes, from + 2, scale, sink.ticks, at);
  if (p < 0 || bytes[p] !== COMMA || bytes[p + 1] !== QUOTE) return SCAN.misfit;
  p = scanLots(bytes, p + 2, scale, sink.lots, at);
  if (p < 0 || bytes[p] !== COMMA || bytes[p + 1] !== QUOTE) return SCAN.misfit;
  p = scanWhole(bytes, p + 2, levelSeqs, at);
  if (p < 0 || bytes[p] !== QUOTE || bytes[p + 1] !== CLOSE_BRACKET) return SCAN.misfit;
  return p + 2;
}
