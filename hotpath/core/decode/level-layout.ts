/**
 * Station: frame bytes -> levels, how one instrument's levels are laid out in text.
 *
 * Learned from a level and kept until one does not fit, so that `short-levels.ts` can read numbers four
 * bytes at a time at places it knows. It holds masks and weights only; it decides nothing about a level.
 */
import type { Scale } from "./scan.ts";

const POINT = 46;
const QUOTE = 34;
const COMMA = 44;
const ZERO = 48;
const POINTS = 0x2e2e2e2e;
const QUOTES = 0x22222222;
/** Places after the point on Binance spot, whatever the step. */
const LONG_FRACTION = 8;
const WORD_BYTES = 4;
/** Digits that always fit an int32. */
export const SHORT_DIGITS_MAX = 9;
/** With three digits before the point these make nine. */
const LOT_DECIMALS_MAX = 6;
/** Price text up to its last significant digit: two words and no more are read of it... */
const READ_BYTES_MAX = 8;
/** ...but for the "0." of a price below one, which is compared: so "0.00008332" is no exception. */
const PREFIX = [QUOTE, ZERO, POINT] as const;
/** `","` between price and quantity. */
const AFTER_PRICE = [QUOTE, COMMA, QUOTE] as const;
const TAIL_BYTES = new Uint8Array(16);
const TAIL_VIEW = new DataView(TAIL_BYTES.buffer);
const POW10 = Int32Array.from({ length: SHORT_DIGITS_MAX + 1 }, (_, i) => 10 ** i);

/** The first n bytes of a word. */
function firstBytes(n: number): number {
  if (n <= 0) return 0;
  return n >= WORD_BYTES ? -1 : (1 << (8 * n)) - 1;
}

/** Bytes `from .. end` of a word that starts at 0; either may lie outside it. */
function bytesBetween(from: number, end: number): number {
  return firstBytes(end) & ~firstBytes(from);
}

/** Where each number of a layout stands. Bytes are counted from the first byte of a price. */
export const AT = {
  /** End of the significant part of the price. */
  significantBytes: 0,
  /** First byte of the quantity. */
  priceBytes: 1,
  headLow: 2,
  headHigh: 3,
  headPoint: 4,
  headWeight: 5,
  lastLow: 6,
  lastHigh: 7,
  lastPoint: 8,
  /** What stands between the significant digits and the quantity: two words and their masks. */
  tail0: 9,
  tail1: 10,
  mask0: 11,
  mask1: 12,
  /** 1 for a tail of eight bytes and more; then the last four of them, and where they begin. */
  isLongTail: 13,
  tailEnd: 14,
  tailEndAt: 15,
  /** Digits after the point of a quantity. */
  quantityFraction: 16,
  /** The digits of the fraction that make lots, and those that must be zero: two words each. */
  keep0: 17,
  keep1: 18,
  zeros0: 19,
  zeros1: 20,
  /** What ends the whole part of a quantity, four times: a point, or the quote where none is sent. */
  mark: 21,
  markBytes: 22,
  integerWeight: 23,
  /** What the first four digits of the fraction weigh, and shifts that align both parts. */
  fractionWeight: 24,
  shift0: 25,
  shift1: 26,
  /** The quote before a price and what of it is constant: a word that begins at the quote, and its mask. */
  start: 27,
  startMask: 28,
} as const;

/**
 * How one instrument's levels are laid out, learned from the last level that did not fit.
 *
 * ```text
 *   6 0 0 0 0 . 1 2 0 0 0 0 0 0 " , "        last  ends with the last significant digit
 *   |head--|last---|tail---------------|     head  the four bytes before it
 * ```
 * Digits before the point move up by one byte over it (`low`), those after it stay (`high`).
 */
export class LevelLayout {
  /** Numbers of the layout, by `AT`. One array of int32: fields of an object are tagged and boxed. */
  readonly numbers = new Int32Array(Object.keys(AT).length);
  /** The first eight bytes of a tail that has as many, as a double. */
  readonly tailStart = new Float64Array(1);
  readonly isPossible: boolean;
  readonly decimals: number;
  readonly lotDecimals: number;
  isKnown = false;
  /** Where `scanWide` leaves what it has read. */
  wide = 0;

  constructor(scale: Scale) {
    this.decimals = scale.priceDecimals;
    this.lotDecimals = scale.quantityDecimals;
    const { quantityDecimals } = scale;
    const isWide = quantityDecimals > WORD_BYTES;
    for (const [i, byte] of PREFIX.entries()) {
      this.numbers[AT.start] = (this.numbers[AT.start] as number) | (byte << (8 * i));
    }
    this.numbers[AT.keep0] = firstBytes(quantityDecimals);
    this.numbers[AT.keep1] = firstBytes(quantityDecimals - WORD_BYTES);
    this.numbers[AT.integerWeight] = POW10[quantityDecimals] ?? 0;
    this.numbers[AT.fractionWeight] = isWide ? (POW10[quantityDecimals - WORD_BYTES] ?? 0) : 1;
    this.numbers[AT.shift0] = isWide ? 0 : 32 - 8 * quantityDecimals;
    this.numbers[AT.shift1] = isWide ? 64 - 8 * quantityDecimals : 0;
    // Only steps that are a power of ten: others need a division, which the byte scanner does.
    this.isPossible =
      scale.tickUnits === 1 && scale.lotUnits === 1 && quantityDecimals <= LOT_DECIMALS_MAX;
  }

  /** Takes the layout of the level whose price text begins at `from`; whether it is one for this file. */
  learn(view: DataView, from: number): boolean {
    this.isKnown = false;
    let point = from;
    while (isDigit(view.getUint8(point)) && point - from <= SHORT_DIGITS_MAX) point++;
    const integerDigits = point - from;
    let end = point;
    if (view.getUint8(point) === POINT) {
      end++;
      while (isDigit(view.getUint8(end)) && end - point <= LONG_FRACTION) end++;
    }
    if (integerDigits === 0 || view.getUint8(end) !== QUOTE) return false;
    const fraction = end === point ? 0 : end - point - 1;
    if (fraction < this.decimals || integerDigits + this.decimals > SHORT_DIGITS_MAX) return false;
    const significant = integerDigits + (this.decimals > 0 ? 1 + this.decimals : 0);
    if (significant > readableBytes(integerDigits, view.getUint8(from))) return false;
    this.#lay(integerDigits, significant, end - from);
    return this.#learnQuantity(view, end + 3);
  }

  #lay(point: number, significant: number, textBytes: number): void {
    this.numbers[AT.significantBytes] = significant;
    this.numbers[AT.startMask] = firstBytes(1 + Math.max(0, significant - READ_BYTES_MAX));
    this.numbers[AT.priceBytes] = textBytes + 3;
    const last = significant - WORD_BYTES;
    const head = last - WORD_BYTES;
    const start = Math.max(0, -last);
    this.numbers[AT.lastLow] = bytesBetween(start, point - last) & bytesBetween(0, WORD_BYTES - 1);
    this.numbers[AT.lastHigh] = bytesBetween(Math.max(start, point - last + 1), WORD_BYTES);
    this.numbers[AT.lastPoint] = bytesBetween(point - last, point - last + 1);
    if (this.decimals === 0 || point < last) {
      this.numbers[AT.lastLow] = 0;
      this.numbers[AT.lastHigh] = bytesBetween(start, WORD_BYTES);
      this.numbers[AT.lastPoint] = 0;
    }
    this.numbers[AT.headLow] = bytesBetween(-head, point - head) & bytesBetween(0, WORD_BYTES - 1);
    this.numbers[AT.headHigh] = bytesBetween(Math.max(-head, point - head + 1), WORD_BYTES);
    this.numbers[AT.headPoint] = bytesBetween(point - head, point - head + 1);
    if (this.decimals === 0 || point >= last) {
      this.numbers[AT.headLow] = 0;
      this.numbers[AT.headHigh] = bytesBetween(-head, WORD_BYTES);
      this.numbers[AT.headPoint] = 0;
    }
    this.numbers[AT.headWeight] = POW10[this.numbers[AT.lastPoint] === 0 ? 4 : 3] as number;
    this.#layTail(point, significant, textBytes);
    this.isKnown = true;
  }

  /** What must follow the significant part: zeros, and the way to the quantity. */
  #layTail(point: number, significant: number, textBytes: number): void {
    const { numbers } = this;
    const tailBytes = textBytes + AFTER_PRICE.length - significant;
    TAIL_BYTES.fill(0);
    for (let i = 0; i < tailBytes; i++) {
      const at = significant + i;
      const digit = at === point ? POINT : ZERO;
      TAIL_BYTES[i] = at < textBytes ? digit : (AFTER_PRICE[at - textBytes] as number);
    }
    numbers[AT.tail0] = TAIL_VIEW.getInt32(0, true);
    numbers[AT.tail1] = TAIL_VIEW.getInt32(WORD_BYTES, true);
    numbers[AT.mask0] = firstBytes(tailBytes);
    numbers[AT.mask1] = firstBytes(tailBytes - WORD_BYTES);
    numbers[AT.isLongTail] = tailBytes >= 2 * WORD_BYTES ? 1 : 0;
    if (tailBytes < 2 * WORD_BYTES) return;
    // Text has no byte above 126, so it is no NaN and no -0, and equal doubles are equal bytes.
    this.tailStart[0] = TAIL_VIEW.getFloat64(0, true);
    numbers[AT.tailEndAt] = tailBytes - WORD_BYTES;
    numbers[AT.tailEnd] = TAIL_VIEW.getInt32(tailBytes - WORD_BYTES, true);
  }

  #learnQuantity(view: DataView, from: number): boolean {
    let p = from;
    while (isDigit(view.getUint8(p)) && p - from < SHORT_DIGITS_MAX) p++;
    this.numbers[AT.markBytes] = view.getUint8(p) === POINT ? 1 : 0;
    this.numbers[AT.mark] = this.numbers[AT.markBytes] === 1 ? POINTS : QUOTES;
    const start = p + (this.numbers[AT.markBytes] as number);
    for (p = start; isDigit(view.getUint8(p)) && p - start <= LONG_FRACTION; p++);
    this.numbers[AT.quantityFraction] = p - start;
    this.numbers[AT.zeros0] = firstBytes(p - start) & ~(this.numbers[AT.keep0] as number);
    this.numbers[AT.zeros1] =
      firstBytes(p - start - WORD_BYTES) & ~(this.numbers[AT.keep1] as number);
    this.isKnown = p - start >= this.lotDecimals && p - start <= LONG_FRACTION;
    return this.isKnown;
  }
}

/** Longer ones are read only where nothing but "0" or "0." is left out. */
function readableBytes(integerDigits: number, first: number): number {
  const isBelowOne = integerDigits === 1 && first === ZERO;
  return isBelowOne ? READ_BYTES_MAX + PREFIX.length - 1 : READ_BYTES_MAX;
}

function isDigit(byte: number): boolean {
  return (byte ^ ZERO) < 10;
}
