/**
 * Station: decimal text <-> amounts of money, exactly.
 *
 * An amount is a bigint in units of 1e-18 of its asset. This is the venue's own arithmetic, written
 * apart from the engine's on purpose: two that agree mean more than one that is used twice. It never
 * passes through a double, and every rounding has a name.
 */
import { assert } from "../../../contracts/assert.ts";

/** Digits after the point that an amount holds. */
export const ATTO_DIGITS = 18;
const ONE = 10n ** 18n;
/** Rates are parts of this, so 10 bp is 100_000. */
export const RATE_UNITS = 100_000_000n;

export type Rounding = "floor" | "ceil" | "halfEven";

/** `numerator / denominator` with a named rounding; neither is negative. */
export function divide(numerator: bigint, denominator: bigint, rounding: Rounding): bigint {
  assert(denominator > 0n, `a divisor is positive, was ${denominator}`);
  assert(numerator >= 0n, `a dividend is not negative, was ${numerator}`);
  const whole = numerator / denominator;
  const rest = numerator % denominator;
  if (rest === 0n || rounding === "floor") return whole;
  if (rounding === "ceil") return whole + 1n;
  const twice = rest * 2n;
  const isUp = twice > denominator || (twice === denominator && whole % 2n === 1n);
  return isUp ? whole + 1n : whole;
}

/** An amount rounded to `digits` after the point. */
export function roundTo(amount: bigint, digits: number, rounding: Rounding): bigint {
  if (digits >= ATTO_DIGITS) return amount;
  const unit = 10n ** BigInt(ATTO_DIGITS - digits);
  return divide(amount, unit, rounding) * unit;
}

/** `units / 10^digits` as an amount. */
export function attoOf(units: number, digits: number): bigint {
  assert(digits <= ATTO_DIGITS, `an amount holds ${digits} digits`);
  return BigInt(units) * 10n ** BigInt(ATTO_DIGITS - digits);
}

/** What `lots` cost at `ticks`, not rounded; price and quantity digits together are at most 18. */
export function notionalAtto(
  order: { readonly ticks: number; readonly lots: number },
  rules: { readonly priceDigits: number; readonly lotDigits: number },
): bigint {
  const digits = rules.priceDigits + rules.lotDigits;
  assert(digits <= ATTO_DIGITS, `a notional of ${digits} digits fits an amount`);
  return BigInt(order.ticks) * BigInt(order.lots) * 10n ** BigInt(ATTO_DIGITS - digits);
}

/** A part of an amount at a rate in parts of `RATE_UNITS`, rounded to `digits`. */
export function partOf(
  amount: bigint,
  rate: bigint,
  to: { readonly digits: number; readonly rounding: Rounding },
): bigint {
  const unit = 10n ** BigInt(Math.max(0, ATTO_DIGITS - to.digits));
  return divide(amount * rate, RATE_UNITS * unit, to.rounding) * unit;
}

/** Reads plain decimal text without a sign or an exponent; undefined when it is anything else. */
export function parseAtto(text: string): bigint | undefined {
  const found = /^(\d{1,30})(?:\.(\d{1,30}))?$/.exec(text);
  if (found === null) return undefined;
  const fraction = (found[2] ?? "").replace(/0+$/, "");
  if (fraction.length > ATTO_DIGITS) return undefined;
  return BigInt(found[1] ?? "0") * ONE + BigInt(fraction.padEnd(ATTO_DIGITS, "0"));
}

/** An amount as decimal text with exactly `digits` after the point; it must not need more. */
export function attoText(amount: bigint, digits: number): string {
  const sign = amount < 0n ? "-" : "";
  const all = (amount < 0n ? -amount : amount).toString().padStart(ATTO_DIGITS + 1, "0");
  const whole = all.slice(0, all.length - ATTO_DIGITS);
  const fraction = all.slice(all.length - ATTO_DIGITS);
  assert(/^0*$/.test(fraction.slice(digits)), `${amount} shows all it is in ${digits} digits`);
  return digits === 0 ? `${sign}${whole}` : `${sign}${whole}.${fraction.slice(0, digits)}`;
}

/** An amount as decimal text with as many digits as it needs. */
export function shortAttoText(amount: bigint): string {
  const text = attoText(amount, ATTO_DIGITS);
  return text.replace(/\.?0+$/, "") || "0";
}

/** The largest whole number of units of `unitAtto` in an amount, or undefined when not whole. */
export function wholeUnits(amount: bigint, unitAtto: bigint): number | undefined {
  if (amount % unitAtto !== 0n) return undefined;
  const units = amount / unitAtto;
  return units <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(units) : undefined;
}
