/**
 * Station: a * b / c of safe integers, exact whatever the product, for the loop.
 *
 * Three paths with one result. Where the product fits 53 bits, doubles are integers. Where it does not,
 * the product of two doubles is split into its rounded value and its exact error (T. J. Dekker, "A
 * floating-point technique for extending the available precision", 1971), which mends a quotient that is
 * off by a few units: no allocation. What is too large even for that is worked out with bigints.
 */

const SAFE_MAX = Number.MAX_SAFE_INTEGER;

/** 2^27 + 1: splits a double of 53 bits into two halves whose products are exact. */
const SPLITTER = 134_217_729;

/** The remainder of an estimate that is off by two stays below 2^53 up to here. */
const DIVISOR_MAX = 2 ** 51;

/** Estimates from here on may be off by more than two. */
const QUOTIENT_MAX = 2 ** 52;

/** floor(a * b / c). Operands are safe integers, a and b not negative, c positive. NaN above 2^53 - 1. */
export function mulDivFloor(a: number, b: number, c: number): number {
  const product = a * b;
  if (product <= SAFE_MAX) return Math.floor(product / c);
  let quotient = Math.floor(product / c);
  if (c > DIVISOR_MAX || quotient > QUOTIENT_MAX) return mulDivFloorLarge(a, b, c);
  let rest = remainder(a, b, quotient, c);
  for (; rest < 0; quotient--) rest += c;
  for (; rest >= c; quotient++) rest -= c;
  return quotient;
}

/** ceil(a * b / c), under the conditions of `mulDivFloor`. */
export function mulDivCeil(a: number, b: number, c: number): number {
  const product = a * b;
  if (product <= SAFE_MAX) return Math.ceil(product / c);
  let quotient = Math.floor(product / c);
  if (c > DIVISOR_MAX || quotient > QUOTIENT_MAX) return mulDivCeilLarge(a, b, c);
  let rest = remainder(a, b, quotient, c);
  for (; rest <= -c; quotient--) rest += c;
  for (; rest > 0; quotient++) rest -= c;
  return quotient;
}

/** a * b - q * c, exact when its magnitude is below 2^53. */
function remainder(a: number, b: number, q: number, c: number): number {
  const left = a * b;
  const right = q * c;
  const aHigh = high(a);
  const bHigh = high(b);
  const qHigh = high(q);
  const cHigh = high(c);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  const qLow = q - qHigh;
  const cLow = c - cHigh;
  const leftError = aLow * bLow - (left - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
  const rightError = qLow * cLow - (right - qHigh * cHigh - qLow * cHigh - qHigh * cLow);
  return left - right + (leftError - rightError);
}

/** The upper half of the bits of a double. */
function high(value: number): number {
  const wide = SPLITTER * value;
  return wide - (wide - value);
}

function mulDivFloorLarge(a: number, b: number, c: number): number {
  return toSafe((BigInt(a) * BigInt(b)) / BigInt(c));
}

function mulDivCeilLarge(a: number, b: number, c: number): number {
  const divisor = BigInt(c);
  return toSafe((BigInt(a) * BigInt(b) + divisor - 1n) / divisor);
}

function toSafe(value: bigint): number {
  return value <= BigInt(SAFE_MAX) ? Number(value) : Number.NaN;
}
