/**
 * Station: frame bytes -> fields, for pushes in a shape that was seen before.
 *
 * All frames of one kind are alike but for symbol and numbers. What is alike is learned once, from an
 * example or from a frame that the patient reader has accepted, and is compared eight bytes at a time; only
 * what differs is read. A frame that differs anywhere is a misfit and never a refusal: the patient reader
 * decides. So nothing becomes acceptable here that was not acceptable before.
 */
import { scanShortInteger } from "../../core/decode/frame-template.ts";
import { type LevelSink, SCAN, type Scale, scanLots, scanTicks } from "../../core/decode/scan.ts";
import { scanShortDecimal } from "../../core/decode/short-decimal.ts";
import { type SymbolTable, symbolEndOf } from "../../core/decode/symbol-table.ts";
import { scanNanos, scanSequence, scanTradeSide } from "./push-numbers.ts";

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
  /** Text in quotes that nobody reads. */
  skip: 10,
} as const;

export type Step = (typeof STEP)[keyof typeof STEP];

/** What is read of one kind of push: by the path of its keys, such as "data.changes.asks". */
export type ShapePlan = ReadonlyMap<string, { readonly step: Step; readonly slot: number }>;

export type FrameShape = {
  /**
   * The pieces' bytes, eight a double; the last eight of a piece stand in its last one, whatever they share
   * with the one before. Pieces below eight bytes stand in `rests`, two words padded.
   */
  readonly doubles: Float64Array;
  readonly rests: Int32Array;
  readonly pieceBytes: Int32Array;
  readonly steps: Int32Array;
  readonly slots: Int32Array;
};

/** What a frame's fields are read into; one for each decoder, reused. */
export type ShapeScratch = {
  readonly integers: Float64Array;
  readonly symbols: SymbolTable;
  readonly scales: readonly Scale[];
  /** Where the first symbol of the frame stands. */
  symbolFrom: number;
  symbolEnd: number;
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

/** The symbols of one frame are two. */
export const OTHER_SYMBOL = -7;

const SPACE = 32;
const TILDE = 126;
const BACKSLASH = 92;
const QUOTE = 34;
const COMMA = 44;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const WORD_BYTES = 4;
/* What stands around the numbers of a row, little-endian. */
const OPENING = 0x225b;
const BETWEEN = 0x222c22;
const CLOSING = 0x5d22;
const THREE_BYTES = 0xffffff;
const DOUBLE_BYTES = 8;
/** Bytes of the two words of a rest that belong to it. */
const FIRST_MASK = Int32Array.of(0, 0xff, 0xffff, 0xffffff, -1, -1, -1, -1);
const SECOND_MASK = Int32Array.of(0, 0, 0, 0, 0, 0xff, 0xffff, 0xffffff);
/** Integers that one push may have. */
export const SLOT_COUNT = 5;

/**
 * Reads a frame by a shape: its end, or a misfit, or `OTHER_SYMBOL`.
 *
 * `view` and `bytes` are the same memory, readable for a few words beyond the frame.
 */
export function scanShape(
  view: DataView,
  bytes: Uint8Array,
  { doubles, rests, pieceBytes, steps, slots }: FrameShape,
  scratch: ShapeScratch,
): number {
  resetScratch(scratch);
  let p = 0;
  let at = 0;
  for (let i = 0; ; i++) {
    const count = pieceBytes[i] as number;
    const end = (p + count) | 0;
    const isShort = count < DOUBLE_BYTES;
    const isSame = isShort
      ? isRest(view, p, count, rests, i * 2)
      : isPiece(view, p, end, doubles, at);
    if (!isSame) return SCAN.misfit;
    at = (at + (isShort ? 0 : (count + DOUBLE_BYTES - 1) >> 3)) | 0;
    p = end;
    if (i === steps.length) return p;
    p = scanStep(view, bytes, p, steps[i] as number, slots[i] as number, scratch) | 0;
    if (p < 0) return p;
  }
}

/** Eight bytes at a time, the last eight of them whatever they share with the ones before. */
function isPiece(
  view: DataView,
  from: number,
  end: number,
  doubles: Float64Array,
  first: number,
): boolean {
  const last = (end - DOUBLE_BYTES) | 0;
  let at = first;
  for (let p = from; p < last; p = (p + DOUBLE_BYTES) | 0) {
    if (view.getFloat64(p, true) !== doubles[at]) return false;
    at = (at + 1) | 0;
  }
  return view.getFloat64(last, true) === doubles[at];
}

function isRest(
  view: DataView,
  from: number,
  count: number,
  rests: Int32Array,
  at: number,
): boolean {
  const first = (view.getInt32(from, true) ^ (rests[at] as number)) & (FIRST_MASK[count] as number);
  const second =
    (view.getInt32((from + WORD_BYTES) | 0, true) ^ (rests[at + 1] as number)) &
    (SECOND_MASK[count] as number);
  return (first | second) === 0;
}

function resetScratch(scratch: ShapeScratch): void {
  const { integers } = scratch;
  // Five of them, written out: a loop or a fill is 10 ns of the 200 that a small frame takes.
  integers[0] = 0;
  integers[1] = 0;
  integers[2] = 0;
  integers[3] = 0;
  integers[4] = 0;
  scratch.position = -1;
  scratch.bidStart = 0;
  scratch.bidCount = 0;
  scratch.askCount = 0;
}

/** Values in quotes end before their closing quote, which begins the next piece. */
function scanStep(
  view: DataView,
  bytes: Uint8Array,
  from: number,
  step: number,
  slot: number,
  scratch: ShapeScratch,
): number {
  const { sink, integers } = scratch;
  switch (step) {
    case STEP.symbol:
      return scanSymbol(view, from, scratch);
    case STEP.asks:
    case STEP.bids:
      return scanSide(view, bytes, from, step === STEP.bids, scratch);
    case STEP.integer:
      return scanShortInteger(view, from, integers, slot);
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
      return skipText(bytes, from);
  }
}

/** Printable text without an escape; any other is looked at by the patient reader. */
function skipText(bytes: Uint8Array, from: number): number {
  let p = from;
  for (; bytes[p] !== QUOTE; p++) {
    const byte = bytes[p] as number;
    if (byte < SPACE || byte > TILDE || byte === BACKSLASH) return SCAN.misfit;
  }
  return p;
}

function scanSymbol(view: DataView, from: number, scratch: ShapeScratch): number {
  if (scratch.position >= 0) return scanAgain(view, from, scratch);
  const end = symbolEndOf(view, from);
  const position = end < from + WORD_BYTES ? -1 : scratch.symbols.findWords(view, from, end);
  if (position < 0) return SCAN.misfit;
  scratch.position = position;
  scratch.scale = scratch.scales[position] as Scale;
  scratch.symbolFrom = from;
  scratch.symbolEnd = end;
  return end;
}

/** The same symbol once more, byte for byte; in any other spelling the patient reader looks at it. */
function scanAgain(view: DataView, from: number, { symbolFrom, symbolEnd }: ShapeScratch): number {
  const count = (symbolEnd - symbolFrom) | 0;
  const last = (count - WORD_BYTES) | 0;
  for (let i = 0; i < last; i = (i + WORD_BYTES) | 0) {
    if (view.getInt32(from + i, true) !== view.getInt32(symbolFrom + i, true)) return OTHER_SYMBOL;
  }
  if (view.getInt32(from + last, true) !== view.getInt32(symbolFrom + last, true)) {
    return OTHER_SYMBOL;
  }
  return view.getUint8(from + count) === QUOTE ? from + count : OTHER_SYMBOL;
}

/** Rows of one side, behind what the sink holds already. */
function scanSide(
  view: DataView,
  bytes: Uint8Array,
  from: number,
  isBids: boolean,
  scratch: ShapeScratch,
): number {
  const { sink } = scratch;
  if (bytes[from] !== OPEN_BRACKET) return SCAN.misfit;
  sink.count = 0;
  const isEmpty = bytes[from + 1] === CLOSE_BRACKET;
  const end = isEmpty ? from + 1 : scanRows(view, bytes, from, scratch);
  if (end < 0 || bytes[end] !== CLOSE_BRACKET) return SCAN.misfit;
  if (isBids) {
    scratch.bidStart = scratch.askCount;
    scratch.bidCount = sink.count;
  } else scratch.askCount = sink.count;
  return end + 1;
}

/** Rows without a price move the sequence only; how many have one is left in the sink. */
function scanRows(view: DataView, bytes: Uint8Array, from: number, scratch: ShapeScratch): number {
  const { sink, bidCount, askCount } = scratch;
  const first = sink.start + bidCount + askCount;
  let at = first;
  let p = from;
  do {
    if (at >= sink.limit) return SCAN.misfit;
    p = scanRow(view, bytes, p + 1, scratch, at);
    if (p < 0) return p;
    if (sink.ticks[at] !== 0) at++;
  } while (bytes[p] === COMMA);
  sink.count = at - first;
  return p;
}

/** One `["price","size","sequence"]`; ends after its bracket. */
function scanRow(
  view: DataView,
  bytes: Uint8Array,
  from: number,
  scratch: ShapeScratch,
  at: number,
): number {
  const { sink, scale, levelSeqs } = scratch;
  if (view.getUint16(from, true) !== OPENING) return SCAN.misfit;
  // Steps that are no power of ten need a division, which the byte scanner does.
  const isWhole = scale.tickUnits === 1 && scale.lotUnits === 1;
  let p = isWhole
    ? scanShortDecimal(view, from + 2, scale.priceDecimals, sink.ticks, at)
    : scanTicks(bytes, from + 2, scale, sink.ticks, at) - 1;
  if (p < 0 || (view.getInt32(p, true) & THREE_BYTES) !== BETWEEN) return SCAN.misfit;
  p = isWhole
    ? scanShortDecimal(view, p + 3, scale.quantityDecimals, sink.lots, at)
    : scanLots(bytes, p + 3, scale, sink.lots, at) - 1;
  if (p < 0 || (view.getInt32(p, true) & THREE_BYTES) !== BETWEEN) return SCAN.misfit;
  p = scanShortInteger(view, p + 3, levelSeqs, at);
  return p >= 0 && view.getUint16(p, true) === CLOSING ? p + 2 : SCAN.misfit;
}
