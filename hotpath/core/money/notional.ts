/**
 * Station: ticks and lots of an instrument -> amounts of its two assets.
 *
 * A quantity is an amount of base, a price times a quantity one of quote. Both are exact while the steps
 * have at most 18 decimals together; where an instrument is finer, the caller names the rounding.
 */
import { assert } from "../../../contracts/assert.ts";
import type { Scale } from "../decode/scan.ts";
import { ATTO_DECIMALS } from "./amount.ts";
import { divideRounded, type Rounding } from "./rounding.ts";

const POW10: readonly bigint[] = Array.from(
  { length: ATTO_DECIMALS + 1 },
  (_, i) => 10n ** BigInt(i),
);

/** Whether ticks times lots of this instrument are whole amounts. */
export function isNotionalExact(scale: Scale): boolean {
  return scale.priceDecimals + scale.quantityDecimals <= ATTO_DECIMALS;
}

/** Amount of base that so many lots are. */
export function lotsToAmount(scale: Scale, lots: number): bigint {
  const units = lots * scale.lotUnits;
  const whole = Number.isSafeInteger(units) ? BigInt(units) : BigInt(lots) * BigInt(scale.lotUnits);
  return whole * power(ATTO_DECIMALS - scale.quantityDecimals);
}

/** Amount of base of one lot. */
export function lotAmount(scale: Scale): bigint {
  return BigInt(scale.lotUnits) * power(ATTO_DECIMALS - scale.quantityDecimals);
}

/** Amount of quote of `lots` at `ticks`; rounded as named where the steps are too fine to be exact. */
export function notionalAmount(
  scale: Scale,
  ticks: number,
  lots: number,
  rounding: Rounding = "halfEven",
): bigint {
  const units = stepUnits(scale, ticks, lots);
  const places = ATTO_DECIMALS - scale.priceDecimals - scale.quantityDecimals;
  if (places >= 0) return units * power(places);
  return divideRounded(units, power(-places), rounding);
}

/**
 * Ticks times lots in the smallest units of both. Factors are whole, so a product that is a safe integer was
 * exact on the way; it spares the order path most of its big integers.
 */
function stepUnits({ tickUnits, lotUnits }: Scale, ticks: number, lots: number): bigint {
  const units = ticks * tickUnits * lots * lotUnits;
  if (Number.isSafeInteger(units)) return BigInt(units);
  return BigInt(ticks) * BigInt(tickUnits) * (BigInt(lots) * BigInt(lotUnits));
}

function power(exponent: number): bigint {
  const value = POW10[exponent];
  assert(value !== undefined, "steps have at most 18 decimals");
  return value;
}
