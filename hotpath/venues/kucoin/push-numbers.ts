/**
 * Station: bytes -> the numbers that only KuCoin writes: sequences above 2^53, nanoseconds, sides as words.
 *
 * Each ends before the closing quote, or is a misfit or out of range.
 */
import { SCAN } from "../../core/decode/scan.ts";

const ZERO = 48;
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
  if (value > Number.MAX_SAFE_INTEGER) return SCAN.range;
  out[at] = value;
  return end;
}

const B = 98;
const U = 117;
const Y = 121;
const S = 115;
const E = 101;
const L = 108;

/** "buy" or "sell" of a trade's taker, 1 for a sale. */
export function scanTradeSide(
  bytes: Uint8Array,
  from: number,
  out: Float64Array,
  at: number,
): number {
  const isBuy = bytes[from] === B && bytes[from + 1] === U && bytes[from + 2] === Y;
  const isSell =
    bytes[from] === S && bytes[from + 1] === E && bytes[from + 2] === L && bytes[from + 3] === L;
  out[at] = isSell ? 1 : 0;
  if (isBuy) return from + 3;
  return isSell ? from + 4 : SCAN.misfit;
}
