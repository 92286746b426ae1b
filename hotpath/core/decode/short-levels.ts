/**
 * Station: frame bytes -> levels, four bytes at a time. The fast twin of `scanLevels` in `scan.ts`.
 *
 * It accepts only what almost every level of almost every frame is: plain decimals that fit an int32 and
 * print the price as wide as the last one. It never refuses anything for good: whatever else comes is a
 * misfit, which the caller answers with the byte scanner, so that one reader alone decides what is
 * wrong. Every byte of a level is checked all the same.
 */
import { AT, type LevelLayout, SHORT_DIGITS_MAX } from "./level-layout.ts";
import { type LevelSink, SCAN } from "./scan.ts";

/** Bytes that must be readable after the last one of a frame: loads reach this far. */
export const SLACK_BYTES = 32;

const ZERO = 48;
const ZEROS = 0x30303030;
/** "0" and "." differ by this, here in all four bytes. */
const POINT_XORS = 0x1e1e1e1e;
const ONES = 0x01010101;
const TOPS = 0x80808080 | 0;
/** Carries into the top bit of each byte that is above nine. */
const ABOVE_NINE = 0x76767676;

/* Copies, because a field of an imported object is looked up each time and a constant is not. */
const IS_LONG_TAIL: number = AT.isLongTail;
const TAIL_END_AT: number = AT.tailEndAt;
const TAIL_END: number = AT.tailEnd;

/* What must stand around the numbers, little-endian. */
const OPENING = 0x225b5b;
const EMPTY_SIDE = 0x5d5b;
const THREE_BYTES = 0xffffff;
const TWO_BYTES = 0xffff;
const NEXT_LEVEL = 0x5b2c5d22;
const LAST_LEVEL = 0x5d5d22;

/**
 * The value of four decimal digits, one a byte, the first in the lowest. A constant and not a function
 * declaration: those are checked for having been replaced at every call that is inlined.
 */
const four = (digits: number): number =>
  Math.imul((Math.imul(digits, 10) + (digits >>> 8)) & 0x00ff00ff, 0x640001) >>> 16;

function isDigit(byte: number): boolean {
  return (byte ^ ZERO) < 10;
}

/** The whole part of a quantity of four digits and more, into `layout.wide`; ends at the mark. */
function scanWide(view: DataView, from: number, layout: LevelLayout): number {
  let p = from;
  let value = 0;
  for (; isDigit(view.getUint8(p)); p++) {
    if (p - from >= SHORT_DIGITS_MAX - layout.lotDecimals) return SCAN.misfit;
    value = value * 10 + view.getUint8(p) - ZERO;
  }
  layout.wide = value;
  return view.getUint8(p) === ((layout.numbers[AT.mark] as number) & 0xff) ? p : SCAN.misfit;
}

/** Reads `[["price","quantity"],...]` into the sink; ends after the closing bracket, or a misfit. */
export function scanShortLevels(
  view: DataView,
  from: number,
  layout: LevelLayout,
  sink: LevelSink,
): number {
  const opening = view.getInt32(from, true);
  if ((opening & THREE_BYTES) !== OPENING) {
    if ((opening & TWO_BYTES) !== EMPTY_SIDE) return SCAN.misfit;
    sink.count = 0;
    return from + 2;
  }
  if (!layout.isPossible) return SCAN.misfit;
  if (!layout.isKnown && !layout.learn(view, from + 3)) return SCAN.misfit;
  let p = scanRun(view, from + 3, layout, sink);
  if (p >= 0) return p;
  // The price became wider or narrower by a digit, or the quantity is long: once more from the start.
  if (!layout.learn(view, from + 3)) return SCAN.misfit;
  p = scanRun(view, from + 3, layout, sink);
  return p;
}

/** Not 0 when something else than zeros and `","` follows the significant part of a price. */
const tailFault = (view: DataView, at: number, numbers: Int32Array, tailStart: number): number => {
  if (numbers[IS_LONG_TAIL] !== 0) {
    const end = view.getInt32((at + (numbers[TAIL_END_AT] as number)) | 0, true);
    if (view.getFloat64(at, true) !== tailStart) return 1;
    return end ^ (numbers[TAIL_END] as number);
  }
  const first = view.getInt32(at, true) ^ (numbers[AT.tail0] as number);
  const second = view.getInt32((at + 4) | 0, true) ^ (numbers[AT.tail1] as number);
  return (first & (numbers[AT.mask0] as number)) | (second & (numbers[AT.mask1] as number));
};

/**
 * Reads levels from the price at `from` on; after the side's last one, or a misfit.
 *
 * What differs anywhere is gathered and asked for once a level: one branch, and never taken. A quantity
 * without a digit before its mark leaves the mark among the digits, where it is none. (16 ns a level
 * against 28 by bytes, wide diffs, Node 24.21, 2026-11; `| 0` keeps the sums free of overflow checks.)
 */
function scanRun(view: DataView, from: number, layout: LevelLayout, sink: LevelSink): number {
  const { ticks, lots, start, limit } = sink;
  const { numbers } = layout;
  const significantBytes = numbers[AT.significantBytes] as number;
  const priceBytes = numbers[AT.priceBytes] as number;
  const headLow = numbers[AT.headLow] as number;
  const headHigh = numbers[AT.headHigh] as number;
  const headPoint = numbers[AT.headPoint] as number;
  const headWeight = numbers[AT.headWeight] as number;
  const lastLow = numbers[AT.lastLow] as number;
  const lastHigh = numbers[AT.lastHigh] as number;
  const lastPoint = numbers[AT.lastPoint] as number;
  const quantityFraction = numbers[AT.quantityFraction] as number;
  const keep0 = numbers[AT.keep0] as number;
  const keep1 = numbers[AT.keep1] as number;
  const zeros0 = numbers[AT.zeros0] as number;
  const zeros1 = numbers[AT.zeros1] as number;
  const mark = numbers[AT.mark] as number;
  const markBytes = numbers[AT.markBytes] as number;
  const integerWeight = numbers[AT.integerWeight] as number;
  const fractionWeight = numbers[AT.fractionWeight] as number;
  const shift0 = numbers[AT.shift0] as number;
  const shift1 = numbers[AT.shift1] as number;
  const startWord = numbers[AT.start] as number;
  const startMask = numbers[AT.startMask] as number;
  const tailStart = layout.tailStart[0] as number;
  let at = start | 0;
  let p = from | 0;
  let after = NEXT_LEVEL;
  while (after === NEXT_LEVEL && at < limit) {
    let y = view.getInt32((p + significantBytes - 8) | 0, true) ^ ZEROS ^ (headPoint & POINT_XORS);
    let wrong = (y & headPoint) | ((view.getInt32((p - 1) | 0, true) ^ startWord) & startMask);
    y = ((y & headLow) << 8) | (y & headHigh);
    let above = (y + ABOVE_NINE) | y;
    let value = Math.imul(four(y), headWeight);
    y = view.getInt32((p + significantBytes - 4) | 0, true) ^ ZEROS ^ (lastPoint & POINT_XORS);
    wrong |= y & lastPoint;
    y = ((y & lastLow) << 8) | (y & lastHigh);
    above |= (y + ABOVE_NINE) | y;
    ticks[at] = (value + four(y)) | 0;
    wrong |= tailFault(view, (p + significantBytes) | 0, numbers, tailStart);
    p = (p + priceBytes) | 0;
    const word = view.getInt32(p, true);
    let found = word ^ mark;
    found = (found - ONES) & ~found & TOPS;
    if (found === 0) {
      p = scanWide(view, p, layout);
      if (p < 0) return SCAN.misfit;
      value = Math.imul(layout.wide, integerWeight);
      p = (p + markBytes) | 0;
    } else {
      const digits = (31 - Math.clz32(found & -found)) >> 3;
      y = (word ^ ZEROS) << (32 - 8 * digits);
      above |= (y + ABOVE_NINE) | y;
      value = Math.imul(four(y), integerWeight);
      p = (p + digits + markBytes) | 0;
    }
    y = view.getInt32(p, true) ^ ZEROS;
    wrong |= y & zeros0;
    y &= keep0;
    above |= (y + ABOVE_NINE) | y;
    let z = view.getInt32((p + 4) | 0, true) ^ ZEROS;
    wrong |= z & zeros1;
    z &= keep1;
    above |= (z + ABOVE_NINE) | z;
    lots[at] = (value + Math.imul(four(y << shift0), fractionWeight) + four(z << shift1)) | 0;
    at = (at + 1) | 0;
    if ((wrong | (above & TOPS)) !== 0) return SCAN.misfit;
    after = view.getInt32((p + quantityFraction) | 0, true);
    p = (p + quantityFraction + 5) | 0;
  }
  if ((after & THREE_BYTES) !== LAST_LEVEL) return SCAN.misfit;
  sink.count = at - start;
  return p - 2;
}
