/**
 * Sums of decimal text, exactly: what fees and profits are added up with outside the engine.
 *
 * Digits are integers of the finest place that occurs, never doubles. Text that is no plain decimal is
 * no number here: whoever reads foreign text asks `isDecimal` first.
 */
import { assert } from "./assert.ts";

const DECIMAL = /^-?\d{1,60}(?:\.\d{1,60})?$/;

/** Whether `text` is a plain decimal: digits, perhaps a sign and a point; no exponent, no plus. */
export function isDecimal(text: string): boolean {
  return DECIMAL.test(text);
}

/** The sum of decimals in its shortest form; "0" of none. */
export function sumDecimals(texts: readonly string[]): string {
  const places = Math.max(0, ...texts.map(placesOf));
  let sum = 0n;
  for (const text of texts) sum += unitsOf(text, places);
  return textOf(sum, places);
}

/** Below, equal or above zero as the first decimal is below, equal to or above the second. */
export function compareDecimals(first: string, second: string): -1 | 0 | 1 {
  const places = Math.max(placesOf(first), placesOf(second));
  const difference = unitsOf(first, places) - unitsOf(second, places);
  if (difference === 0n) return 0;
  return difference < 0n ? -1 : 1;
}

/** `share` of `whole` with `places` places, cut off toward zero; "" where there is no whole. */
export function shareOf(share: string, whole: string, places: number): string {
  const common = Math.max(placesOf(share), placesOf(whole));
  const divisor = unitsOf(whole, common);
  if (divisor === 0n) return "";
  return textOf((unitsOf(share, common) * 10n ** BigInt(places)) / divisor, places);
}

function placesOf(text: string): number {
  const point = text.indexOf(".");
  return point === -1 ? 0 : text.length - point - 1;
}

function unitsOf(text: string, places: number): bigint {
  assert(isDecimal(text), `"${text}" is a decimal`);
  return BigInt(text.replace(".", "") + "0".repeat(places - placesOf(text)));
}

function textOf(units: bigint, places: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  const fraction = digits.slice(digits.length - places).replace(/0+$/, "");
  return `${units < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
