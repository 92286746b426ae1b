/**
 * Station: frame bytes -> fields, for a stream whose frames have been seen before.
 *
 * All frames of one stream are alike but for their numbers. What is alike is learned once, from a frame
 * that the field scanner has read and accepted, and from then on compared four bytes at a time; only
 * the numbers between are read. A frame that differs anywhere is a misfit, never a refusal: the field
 * scanner reads it instead. So this file makes nothing acceptable that was not acceptable before.
 */
import { type FieldPlan, type FieldScratch, READ } from "./field-scan.ts";
import type { LevelLayout } from "./level-layout.ts";
import { type LevelSink, SCAN, scanLots, scanTicks, skipScalar } from "./scan.ts";
import { scanShortLevels } from "./short-levels.ts";

const WORD_BYTES = 4;
const QUOTE = 34;
const COMMA = 44;
const CLOSE_BRACE = 125;
const ZEROS = 0x30303030;
const TOPS = 0x80808080 | 0;
const ABOVE_NINE = 0x76767676;
const POW10 = Int32Array.of(1, 10, 100, 1000);
/** More fields than any stream has; a frame with more teaches nothing. */
const STEPS_MAX = 24;
const DOUBLE_BYTES = 8;
const TEXT_BYTE_MAX = 126;

/** As in `short-levels.ts`, and for its reason not imported from there. */
const four = (digits: number): number =>
  Math.imul((Math.imul(digits, 10) + (digits >>> 8)) & 0x00ff00ff, 0x640001) >>> 16;

/** The first 0 to 3 digits of a word; a shift by 32 bits would be one by none. */
const firstDigits = (digits: number, count: number): number =>
  four((digits << (24 - 8 * count)) << 8);

/** What all frames of one stream have in common, and what to read between. */
export type FrameTemplate = {
  /** Constant text, eight bytes a double; what is left of each piece stands in `rests`. */
  readonly doubles: Float64Array;
  /** Up to seven bytes of each piece, in two words padded with zeros. */
  readonly rests: Int32Array;
  /** Bytes of the piece before each value, and after the last. */
  readonly pieceBytes: Int32Array;
  /** What to do with each value, as `FieldPlan` codes it. */
  readonly codes: Int32Array;
};

/** Learns from a frame that `scanFields` accepted; its data object starts at `data`. */
export function learnTemplate(
  frame: Uint8Array,
  data: number,
  plan: FieldPlan,
): FrameTemplate | undefined {
  const pieces: Uint8Array[] = [];
  const codes: number[] = [];
  let piece = 0;
  let p = data + 1;
  while (frame[p] === QUOTE) {
    const colon = skipScalar(frame, p, frame.length);
    if (colon < 0) return undefined;
    const code = codeOf(frame, p + 1, colon - 1, plan);
    const value = colon + 1;
    const end = valueEnd(frame, value, code);
    if (end < 0) return undefined;
    if (!isConstant(frame, value, code)) {
      pieces.push(frame.subarray(piece, isDecimal(code) ? value + 1 : value));
      codes.push(code);
      piece = end;
    }
    p = frame[end] === COMMA ? end + 1 : end;
  }
  // What the walk did not see would become text that must come again, and its numbers would never be read.
  if (frame[p] !== CLOSE_BRACE || p + 2 !== frame.length) return undefined;
  pieces.push(frame.subarray(piece));
  return codes.length > STEPS_MAX ? undefined : templateOf(pieces, codes);
}

function codeOf(frame: Uint8Array, from: number, end: number, plan: FieldPlan): number {
  if (end - from === 1) return plan.single(frame[from] as number);
  if (end - from !== 2) return READ.skip;
  return plan.pair(frame[from] as number, frame[from + 1] as number);
}

/** The opening quote of a price belongs to the piece before it. */
function isDecimal(code: number): boolean {
  return (code & 15) === READ.price || (code & 15) === READ.quantity;
}

function templateOf(
  pieces: readonly Uint8Array[],
  codes: readonly number[],
): FrameTemplate | undefined {
  const doubles: number[] = [];
  const rests = new Int32Array(pieces.length * 2);
  const padded = new Uint8Array(DOUBLE_BYTES);
  const view = new DataView(padded.buffer);
  for (const [index, piece] of pieces.entries()) {
    // Plain text only: bytes above 126 could make a NaN or -0, which do not compare as their bytes do.
    if (piece.some((byte) => byte === 0 || byte > TEXT_BYTE_MAX)) return undefined;
    for (let p = 0; p < piece.length; p += DOUBLE_BYTES) {
      padded.fill(0);
      padded.set(piece.subarray(p, p + DOUBLE_BYTES));
      if (p + DOUBLE_BYTES <= piece.length) doubles.push(view.getFloat64(0, true));
      else {
        rests[index * 2] = view.getInt32(0, true);
        rests[index * 2 + 1] = view.getInt32(WORD_BYTES, true);
      }
    }
  }
  return {
    doubles: Float64Array.from(doubles),
    rests,
    pieceBytes: Int32Array.from(pieces, (piece) => piece.length),
    codes: Int32Array.from(codes),
  };
}

/** The symbol, and text that nobody reads, belong to the constant part. */
function isConstant(frame: Uint8Array, value: number, code: number): boolean {
  const read = code & 15;
  return read === READ.symbol || (read === READ.skip && frame[value] === QUOTE);
}

function valueEnd(frame: Uint8Array, value: number, code: number): number {
  const read = code & 15;
  if (read !== READ.bids && read !== READ.asks) return skipScalar(frame, value, frame.length);
  let depth = 0;
  for (let p = value; p < frame.length; p++) {
    if (frame[p] === 91) depth++;
    else if (frame[p] === 93 && --depth === 0) return p + 1;
  }
  return SCAN.misfit;
}

/** Bytes of a word that belong to a piece of which so many are left. */
const FIRST_MASK = Int32Array.of(0, 0xff, 0xffff, 0xffffff, -1, -1, -1, -1);
const SECOND_MASK = Int32Array.of(0, 0, 0, 0, 0, 0xff, 0xffff, 0xffffff);

/** Reads a frame by its stream's template; its length, or a misfit. */
export function scanByTemplate(
  view: DataView,
  bytes: Uint8Array,
  template: FrameTemplate,
  layout: LevelLayout,
  scratch: FieldScratch,
  sink: LevelSink,
): number {
  const { doubles, rests, pieceBytes, codes } = template;
  const steps = codes.length;
  let p = 0;
  let at = 0;
  for (let step = 0; ; step++) {
    const count = pieceBytes[step] as number;
    const whole = (at + (count >> 3)) | 0;
    for (; at < whole; at = (at + 1) | 0) {
      if (view.getFloat64(p, true) !== doubles[at]) return SCAN.misfit;
      p = (p + DOUBLE_BYTES) | 0;
    }
    const rest = count & 7;
    const first =
      (view.getInt32(p, true) ^ (rests[step * 2] as number)) & (FIRST_MASK[rest] as number);
    const second =
      (view.getInt32((p + WORD_BYTES) | 0, true) ^ (rests[step * 2 + 1] as number)) &
      (SECOND_MASK[rest] as number);
    if ((first | second) !== 0) return SCAN.misfit;
    p = (p + rest) | 0;
    if (step === steps) return p;
    p = scanStep(view, bytes, p, codes[step] as number, layout, scratch, sink) | 0;
    if (p < 0) return SCAN.misfit;
  }
}

function scanStep(
  view: DataView,
  bytes: Uint8Array,
  from: number,
  code: number,
  layout: LevelLayout,
  scratch: FieldScratch,
  sink: LevelSink,
): number {
  const slot = code >>> 4;
  switch (code & 15) {
    case READ.integer:
      return scanShortInteger(view, from, scratch.integers, slot);
    case READ.bids: {
      const p = scanShortLevels(view, from, layout, sink);
      scratch.bidCount = sink.count;
      return p;
    }
    case READ.asks: {
      sink.start += scratch.bidCount;
      const p = scanShortLevels(view, from, layout, sink);
      sink.start -= scratch.bidCount;
      scratch.askCount = sink.count;
      return p;
    }
    case READ.price:
      return scanTicks(bytes, from, scratch.scale, sink.ticks, sink.start + slot);
    case READ.quantity:
      return scanLots(bytes, from, scratch.scale, sink.lots, sink.start + slot);
    case READ.skip:
      return skipScalar(bytes, from, bytes.length);
    default:
      return scanShortFlag(view, from, scratch.integers, slot);
  }
}

/** "true" and "fals", little-endian. */
const TRUE_WORD = 0x65757274;
const FALSE_WORD = 0x736c6166;
const E_BYTE = 101;

function scanShortFlag(view: DataView, from: number, out: Float64Array, slot: number): number {
  const word = view.getInt32(from, true);
  out[slot] = word === TRUE_WORD ? 1 : 0;
  if (word === TRUE_WORD) return from + 4;
  return word === FALSE_WORD && view.getUint8(from + 4) === E_BYTE ? from + 5 : SCAN.misfit;
}

/** An unsigned integer of up to fifteen digits; int32 for the first eight, doubles beyond. */
export function scanShortInteger(
  view: DataView,
  from: number,
  out: Float64Array,
  slot: number,
): number {
  let digits = view.getInt32(from, true) ^ ZEROS;
  let others = ((digits + ABOVE_NINE) | digits) & TOPS;
  if (others !== 0) {
    const count = (31 - Math.clz32(others & -others)) >> 3;
    if (count === 0) return SCAN.misfit;
    out[slot] = four(digits << (32 - 8 * count));
    return from + count;
  }
  let whole = four(digits);
  digits = view.getInt32(from + 4, true) ^ ZEROS;
  others = ((digits + ABOVE_NINE) | digits) & TOPS;
  if (others !== 0) {
    const count = (31 - Math.clz32(others & -others)) >> 3;
    out[slot] = Math.imul(whole, POW10[count] as number) + firstDigits(digits, count);
    return from + 4 + count;
  }
  whole = Math.imul(whole, 10_000) + four(digits);
  digits = view.getInt32(from + 8, true) ^ ZEROS;
  others = ((digits + ABOVE_NINE) | digits) & TOPS;
  if (others !== 0) {
    const count = (31 - Math.clz32(others & -others)) >> 3;
    out[slot] = whole * (POW10[count] as number) + firstDigits(digits, count);
    return from + 8 + count;
  }
  const high = whole * 10_000 + four(digits);
  digits = view.getInt32(from + 12, true) ^ ZEROS;
  others = ((digits + ABOVE_NINE) | digits) & TOPS;
  if (others === 0) return SCAN.misfit;
  const count = (31 - Math.clz32(others & -others)) >> 3;
  out[slot] = high * (POW10[count] as number) + firstDigits(digits, count);
  return from + 12 + count;
}
