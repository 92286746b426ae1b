/**
 * Station: amounts -> multiples of a step, in a direction that has a name.
 *
 * Integers only, so an exact multiple of a step stays what it is in every direction. (Plain floor of
 * doubles loses a step on every second one: 0.29 / 0.01 is 28.999999999999996.)
 */
import { assert } from "../../../contracts/assert.ts";

/** Floor and ceil go toward the smaller and the larger number, below zero as well. */
export type Rounding = "floor" | "ceil" | "halfEven";

/** Quotient of two integers, rounded as named. The divisor is positive. */
export function divideRounded(amount: bigint, divisor: bigint, rounding: Rounding): bigint {
  assert(divisor > 0n, "a divisor is positive");
  const quotient = amount / divisor;
  const rest = amount % divisor;
  if (rest === 0n) return quotient;
  // Division of bigints cuts toward zero.
  const floor = rest < 0n ? quotient - 1n : quotient;
  switch (rounding) {
    case "floor":
      return floor;
    case "ceil":
      return floor + 1n;
    case "halfEven": {
      const twice = 2n * (amount - floor * divisor);
      if (twice !== divisor) return twice < divisor ? floor : floor + 1n;
      return floor % 2n === 0n ? floor : floor + 1n;
    }
  }
}

/** The multiple of `step` next to `amount` in the named direction; the step is positive. */
export function roundToStep(amount: bigint, step: bigint, rounding: Rounding): bigint {
  return divideRounded(amount, step, rounding) * step;
}
