/**
 * Station: frame bytes -> one decimal, four bytes at a time, for venues that cut trailing zeros.
 *
 * Where every number has its own width no layout can be learned, but digits can still be read by the word.
 * It refuses nothing for good: what it does not read is a misfit, and the byte scanner decides.
 */
import { SCAN } from "./scan.ts";

const ZEROS = 0x30303030;
const ABOVE_NINE = 0x76767676;
const TOPS = 0x80808080 | 0;
const POINT = 46;
/** Sums of this many digits are exact in a double, whatever the order they are added in. */
const DIGITS_MAX = 15;
const POW10: readonly number[] = Array.from({ length: DIGITS_MAX + 1 }, (_, i) => 10 ** i);

/** As in `short-levels.ts`, and for its reason not imported from there. */
const four = (digits: number): number =>
  Math.imul((Math.imul(digits, 10) + (digits >>> 8)) & 0x00ff00ff, 0x640001) >>> 16;

/** How many of a word's bytes are digits before the first that is none; `digits` is the word without "0". */
const leading = (digits: number): number => {
  const others = ((digits + ABOVE_NINE) | digits) & TOPS;
  return others === 0 ? 4 : (31 - Math.clz32(others & -others)) >> 3;
};

/**
 * Reads decimal text as an integer number of 10^-decimals into `out[at]`; ends at the byte after it, or a
 * misfit for more digits than that, or than fifteen. Reads up to eight bytes beyond the number.
 */
export function scanShortDecimal(
  view: DataView,
  from: number,
  decimals: number,
  out: Float64Array,
  at: number,
): number {
  let p = from;
  let value = 0;
  let count = 4;
  while (count === 4) {
    const digits = view.getInt32(p, true) ^ ZEROS;
    count = leading(digits);
    if (count === 0) break;
    value = value * (POW10[count] as number) + four(digits << (32 - 8 * count));
    p = (p + count) | 0;
  }
  if (p === from || p - from + decimals > DIGITS_MAX) return SCAN.misfit;
  if (view.getUint8(p) !== POINT) {
    out[at] = value * (POW10[decimals] as number);
    return p;
  }
  const fraction = ++p;
  count = 4;
  while (count === 4) {
    const digits = view.getInt32(p, true) ^ ZEROS;
    count = leading(digits);
    if (count === 0) break;
    value = value * (POW10[count] as number) + four(digits << (32 - 8 * count));
    p = (p + count) | 0;
  }
  const missing = decimals - (p - fraction);
  if (missing < 0) return SCAN.misfit;
  out[at] = value * (POW10[missing] as number);
  return p;
}
