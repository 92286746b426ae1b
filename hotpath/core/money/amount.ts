/**
 * Station: decimal text <-> amounts of an asset, exactly.
 *
 * An amount is a `bigint` of 1e-18 of its asset (18 places are the finest that any asset on a venue has).
 * Text is read digit by digit and never through a double; what is no plain decimal is refused, and so is
 * a digit that would have to be dropped.
 */

/** Places after the point that an amount has. */
export const ATTO_DECIMALS = 18;

/** One whole unit of an asset. */
export const ATTO_PER_UNIT = 10n ** BigInt(ATTO_DECIMALS);

/** Longer texts are an attack or a mistake: no supply of an asset needs 36 digits before the point. */
const INTEGER_DIGITS_MAX = 36;
const TEXT_LENGTH_MAX = 80;

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/**
 * The amount that `text` stands for; undefined when it is no plain decimal (exponents, plus signs, spaces
 * and bare points are none) or has a digit other than zero beyond the eighteenth place.
 */
export function parseAmount(text: string): bigint | undefined {
  if (text.length > TEXT_LENGTH_MAX) return undefined;
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const whole = match[2] ?? "";
  if (whole.length > INTEGER_DIGITS_MAX) return undefined;
  const fraction = (match[3] ?? "").replace(/0+$/, "");
  if (fraction.length > ATTO_DECIMALS) return undefined;
  const amount = BigInt(whole + fraction.padEnd(ATTO_DECIMALS, "0"));
  return match[1] === "-" ? -amount : amount;
}

/** The shortest decimal text of an amount; `parseAmount` reads it back to the same amount. */
export function amountToText(amount: bigint): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(ATTO_DECIMALS + 1, "0");
  const fraction = digits.slice(-ATTO_DECIMALS).replace(/0+$/, "");
  const whole = (amount < 0n ? "-" : "") + digits.slice(0, -ATTO_DECIMALS);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}
