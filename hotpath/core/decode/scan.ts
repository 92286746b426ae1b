/**
 * Station: frame bytes -> integers. The byte scanner that every venue's normalizer is built from.
 *
 * A frame is read where it lies: no string, no object and no JSON.parse on the path. Functions take a
 * position and return the next one, or a negative scan code when a byte is not where it should be;
 * numbers go into typed arrays, because a double passed out of a call is boxed. What does not fit is
 * refused here and never guessed at; the caller counts it.
 */

/** Why a scan stopped. Codes are negative, so that any position (>= 0) means success. */
export const SCAN = {
  /** A byte is not where this shape has it: whitespace, escape, truncation, or plain garbage. */
  misfit: -1,
  /** A price or quantity that is not a whole number of ticks or lots. */
  offStep: -2,
  /** A number above 2^53 - 1 units, or an exponent, or a sign where none can be. */
  range: -3,
  /** More levels than one frame may carry. */
  tooManyLevels: -4,
} as const;

/** How one instrument's decimal text becomes integers; see `instrument.ts`. */
export type Scale = {
  /** Decimals of the tick size: text is read to this many places, and the rest must be zeros. */
  readonly priceDecimals: number;
  /** Tick size in units of its last decimal (0.05 is 5 units of 0.01). */
  readonly tickUnits: number;
  readonly quantityDecimals: number;
  readonly lotUnits: number;
};

const QUOTE = 34;
const COMMA = 44;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const BACKSLASH = 92;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const SPACE = 32;

/** `byte ^ 48` is below 10 exactly for the ten digits: one comparison instead of two. */
const ZERO_BYTE = 48;
const POINT_BYTE = 46;
const POINT_XOR = POINT_BYTE ^ ZERO_BYTE;
const QUOTE_XOR = QUOTE ^ ZERO_BYTE;

/** Nine digits always fit an int32; one more may not. */
const INT32_DIGITS_MAX = 9;
const POW10: readonly number[] = Array.from({ length: 23 }, (_, i) => 10 ** i);

/**
 * Reads decimal text as an integer number of 10^-decimals into `out[at]`; ends at the byte after it.
 *
 * The int32 path serves prices and sizes of up to nine digits; longer ones take the exact slow path.
 */
export function scanDecimal(
  bytes: Uint8Array,
  from: number,
  decimals: number,
  out: Float64Array,
  at: number,
): number {
  let p = from;
  let value = 0;
  let digit = (bytes[p] as number) ^ ZERO_BYTE;
  while (digit < 10) {
    value = (value * 10 + digit) | 0;
    digit = (bytes[++p] as number) ^ ZERO_BYTE;
  }
  const integerDigits = p - from;
  if (integerDigits === 0) return SCAN.misfit;
  if (integerDigits + decimals > INT32_DIGITS_MAX) {
    return scanLongDecimal(bytes, from, decimals, out, at);
  }
  let missing = decimals;
  if (digit === POINT_XOR) {
    digit = (bytes[++p] as number) ^ ZERO_BYTE;
    while (missing > 0 && digit < 10) {
      value = (value * 10 + digit) | 0;
      missing--;
      digit = (bytes[++p] as number) ^ ZERO_BYTE;
    }
    while (digit === 0) digit = (bytes[++p] as number) ^ ZERO_BYTE;
    if (digit < 10) return SCAN.offStep;
  }
  out[at] = missing === 0 ? value : value * (POW10[missing] as number);
  return p;
}

/**
 * The same for text of any length, exact up to 2^53 - 1 units and refused above.
 *
 * A product that passes 2^53 stays above it however it is rounded, so one check at the end suffices.
 */
function scanLongDecimal(
  bytes: Uint8Array,
  from: number,
  decimals: number,
  out: Float64Array,
  at: number,
): number {
  let p = from;
  let value = 0;
  // The digit's own value is added, not its byte: a sum that passes 2^53 on the way loses the last bit.
  for (; isDigit(bytes[p] as number); p++) value = value * 10 + ((bytes[p] as number) - ZERO_BYTE);
  let missing = decimals;
  if (bytes[p] === POINT_BYTE) {
    for (p++; isDigit(bytes[p] as number); p++) {
      const digit = (bytes[p] as number) - ZERO_BYTE;
      if (missing === 0 && digit !== 0) return SCAN.offStep;
      if (missing > 0) {
        value = value * 10 + digit;
        missing--;
      }
    }
  }
  value *= POW10[missing] as number;
  if (value > Number.MAX_SAFE_INTEGER) return SCAN.range;
  out[at] = value;
  return p;
}

function isDigit(byte: number): boolean {
  return (byte ^ ZERO_BYTE) < 10;
}

/** Reads an unsigned integer (a time, a sequence) into `out[at]`; ends at the byte after it. */
export function scanInteger(
  bytes: Uint8Array,
  from: number,
  out: Float64Array,
  at: number,
): number {
  let p = from;
  let value = 0;
  let digit = (bytes[p] as number) ^ ZERO_BYTE;
  while (digit < 10) {
    value = value * 10 + digit;
    digit = (bytes[++p] as number) ^ ZERO_BYTE;
  }
  if (p === from) return SCAN.misfit;
  if (value > Number.MAX_SAFE_INTEGER) return SCAN.range;
  out[at] = value;
  return p;
}

/** A price in text, between quotes at `from - 1`, to ticks; ends after the closing quote. */
export function scanTicks(
  bytes: Uint8Array,
  from: number,
  scale: Scale,
  out: Float64Array,
  at: number,
): number {
  const p = scanDecimal(bytes, from, scale.priceDecimals, out, at);
  if (p < 0) return p;
  if (bytes[p] !== QUOTE) return SCAN.misfit;
  if (scale.tickUnits !== 1 && !toSteps(out, at, scale.tickUnits)) return SCAN.offStep;
  return p + 1;
}

/** A quantity in text to lots, as `scanTicks`. */
export function scanLots(
  bytes: Uint8Array,
  from: number,
  scale: Scale,
  out: Float64Array,
  at: number,
): number {
  const p = scanDecimal(bytes, from, scale.quantityDecimals, out, at);
  if (p < 0) return p;
  if (bytes[p] !== QUOTE) return SCAN.misfit;
  if (scale.lotUnits !== 1 && !toSteps(out, at, scale.lotUnits)) return SCAN.offStep;
  return p + 1;
}

/**
 * Turns units into whole steps, or says that they are none.
 *
 * The division of two integers below 2^53 is exact whenever the quotient is an integer.
 */
function toSteps(out: Float64Array, at: number, stepUnits: number): boolean {
  const steps = (out[at] as number) / stepUnits;
  out[at] = steps;
  return Math.floor(steps) === steps;
}

/** Where `scanLevels` puts what it reads: parallel arrays, and how many levels they may take. */
export type LevelSink = {
  readonly ticks: Float64Array;
  readonly lots: Float64Array;
  /** First index to write. */
  start: number;
  /** Exclusive bound of this frame's part of the arrays. */
  limit: number;
  /** Levels written by the last scan. */
  count: number;
};

/**
 * Reads `[["price","quantity"],...]` into the sink; ends after the closing bracket.
 *
 * Only the compact form that venues send is read here; whitespace is a misfit, which the caller
 * answers with the generic decoder.
 */
export function scanLevels(bytes: Uint8Array, from: number, scale: Scale, sink: LevelSink): number {
  const { ticks, lots, start, limit } = sink;
  let at = start;
  let p = from;
  if (bytes[p] !== OPEN_BRACKET) return SCAN.misfit;
  if (bytes[p + 1] === CLOSE_BRACKET) {
    sink.count = 0;
    return p + 2;
  }
  const isWhole = scale.tickUnits === 1 && scale.lotUnits === 1;
  do {
    if (at >= limit) return SCAN.tooManyLevels;
    const level = p + 1;
    p = isWhole ? scanShortLevel(bytes, level, scale, ticks, lots, at) : SCAN.misfit;
    if (p < 0) p = scanLevel(bytes, level, scale, ticks, lots, at);
    if (p < 0) return p;
    at++;
  } while (bytes[p] === COMMA);
  if (bytes[p] !== CLOSE_BRACKET) return SCAN.misfit;
  sink.count = at - start;
  return p + 1;
}

/**
 * One level whose numbers fit int32 and have all their decimals; anything else is a misfit, which
 * `scanLevel` then reads or refuses properly.
 *
 * Both numbers are read in one body because calls cost here: 24 ns a level against 34 ns when
 * composed of `scanTicks` and `scanLots` (wide diffs, Node 24.21, 2026-11).
 */
// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one body, by the measurement above.
function scanShortLevel(
  bytes: Uint8Array,
  from: number,
  scale: Scale,
  ticks: Float64Array,
  lots: Float64Array,
  at: number,
): number {
  if (bytes[from] !== OPEN_BRACKET || bytes[from + 1] !== QUOTE) return SCAN.misfit;
  let p = from + 2;
  let missing = scale.priceDecimals;
  const priceEnd = p + INT32_DIGITS_MAX - missing;
  let value = 0;
  let digit = (bytes[p] as number) ^ ZERO_BYTE;
  while (digit < 10) {
    value = (value * 10 + digit) | 0;
    digit = (bytes[++p] as number) ^ ZERO_BYTE;
  }
  if (digit !== POINT_XOR || p > priceEnd || p === from + 2) return SCAN.misfit;
  digit = (bytes[++p] as number) ^ ZERO_BYTE;
  while (missing > 0 && digit < 10) {
    value = (value * 10 + digit) | 0;
    missing--;
    digit = (bytes[++p] as number) ^ ZERO_BYTE;
  }
  while (digit === 0) digit = (bytes[++p] as number) ^ ZERO_BYTE;
  if (digit !== QUOTE_XOR || missing !== 0) return SCAN.misfit;
  ticks[at] = value;
  if (bytes[p + 1] !== COMMA || bytes[p + 2] !== QUOTE) return SCAN.misfit;

  p += 3;
  missing = scale.quantityDecimals;
  const quantityEnd = p + INT32_DIGITS_MAX - missing;
  value = 0;
  digit = (bytes[p] as number) ^ ZERO_BYTE;
  while (digit < 10) {
    value = (value * 10 + digit) | 0;
    digit = (bytes[++p] as number) ^ ZERO_BYTE;
  }
  if (digit !== POINT_XOR || p > quantityEnd || bytes[p - 1] === QUOTE) return SCAN.misfit;
  digit = (bytes[++p] as number) ^ ZERO_BYTE;
  while (missing > 0 && digit < 10) {
    value = (value * 10 + digit) | 0;
    missing--;
    digit = (bytes[++p] as number) ^ ZERO_BYTE;
  }
  while (digit === 0) digit = (bytes[++p] as number) ^ ZERO_BYTE;
  if (digit !== QUOTE_XOR || missing !== 0 || bytes[p + 1] !== CLOSE_BRACKET) return SCAN.misfit;
  lots[at] = value;
  return p + 2;
}

/** One `["price","quantity"]`; ends after its bracket. */
function scanLevel(
  bytes: Uint8Array,
  from: number,
  scale: Scale,
  ticks: Float64Array,
  lots: Float64Array,
  at: number,
): number {
  if (bytes[from] !== OPEN_BRACKET || bytes[from + 1] !== QUOTE) return SCAN.misfit;
  let p = scanTicks(bytes, from + 2, scale, ticks, at);
  if (p < 0) return p;
  if (bytes[p] !== COMMA || bytes[p + 1] !== QUOTE) return SCAN.misfit;
  p = scanLots(bytes, p + 2, scale, lots, at);
  if (p < 0) return p;
  return bytes[p] === CLOSE_BRACKET ? p + 1 : SCAN.misfit;
}

/** Skips one JSON value that nobody here reads; ends after it. Nested values are a misfit. */
export function skipScalar(bytes: Uint8Array, from: number, end: number): number {
  return bytes[from] === QUOTE ? skipString(bytes, from + 1, end) : skipBare(bytes, from, end);
}

function skipString(bytes: Uint8Array, from: number, end: number): number {
  for (let p = from; p < end; p++) {
    const byte = bytes[p];
    if (byte === QUOTE) return p + 1;
    if (byte === BACKSLASH) return SCAN.misfit;
  }
  return SCAN.misfit;
}

/** Numbers, `true`, `false` and `null` end at a comma or a closing bracket. */
function skipBare(bytes: Uint8Array, from: number, end: number): number {
  for (let p = from; p < end; p++) {
    const byte = bytes[p] as number;
    if (byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      return p === from ? SCAN.misfit : p;
    }
    if (byte === OPEN_BRACKET || byte === OPEN_BRACE || byte <= SPACE) return SCAN.misfit;
  }
  return SCAN.misfit;
}
