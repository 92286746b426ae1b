/**
 * Station: decimal text -> exact numbers, by big integers and rationals. What money must be worth.
 *
 * Slow and plain: every value is a quotient of two integers, nothing is a double.
 */

/** `units / 10^places`. */
export type Exact = { readonly units: bigint; readonly places: number };

const DECIMAL = /^(-?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;
const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/** The value of decimal text; undefined where it is none. A point without digits behind it is one. */
export function exactOf(text: string | undefined): Exact | undefined {
  const match = DECIMAL.exec(text ?? "");
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const units = BigInt(whole + fraction) * (sign === "-" ? -1n : 1n);
  const places = fraction.length - Number(exponent);
  return places >= 0 ? { units, places } : { units: units * 10n ** BigInt(-places), places: 0 };
}

/** What so many steps of `units` at `decimals` places are worth, against a text: whether they are equal. */
export function isSteps(
  text: string | undefined,
  steps: number,
  scale: { readonly decimals: number; readonly units: number },
): boolean {
  const value = exactOf(text);
  if (value === undefined || !Number.isSafeInteger(steps) || steps < 0) return false;
  const left = value.units * 10n ** BigInt(scale.decimals);
  return left === BigInt(steps) * BigInt(scale.units) * 10n ** BigInt(value.places);
}

/** The same, rounded down to a whole number of steps. */
export function isFloorOfSteps(
  text: string | undefined,
  steps: number,
  scale: { readonly decimals: number; readonly units: number },
): boolean {
  const value = exactOf(text);
  if (value === undefined || !Number.isSafeInteger(steps) || steps < 0) return false;
  const left = value.units * 10n ** BigInt(scale.decimals);
  const step = BigInt(scale.units) * 10n ** BigInt(value.places);
  return left >= 0n && left / step === BigInt(steps);
}

/** Whether two decimal texts are worth the same. */
export function isSameValue(one: string | undefined, other: string | undefined): boolean {
  const left = exactOf(one);
  const right = exactOf(other);
  if (left === undefined || right === undefined) return false;
  return left.units * 10n ** BigInt(right.places) === right.units * 10n ** BigInt(left.places);
}

/** Whether `value` is the whole number that digits say, times `factor`, and exact as a double. */
export function isWhole(digits: string | undefined, value: number, factor = 1): boolean {
  if (digits === undefined || !/^\d+$/.test(digits)) return false;
  const exact = BigInt(digits) * BigInt(factor);
  return exact <= SAFE_MAX && Object.is(value, Number(exact));
}

const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?Z$/;

const YEAR_MAX = 2254;

/** Microseconds of a time in UTC, by the language's own calendar; undefined where it is no moment of it. */
export function microsOf(text: string | undefined): number | undefined {
  const match = TIME.exec(text ?? "");
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as number[];
  // A leap second is the first of the next minute; nothing else passes the end of its own.
  const moment = Date.UTC(
    year ?? 0,
    (month ?? 0) - 1,
    day,
    hour,
    minute,
    Math.min(59, second ?? 0),
  );
  const again = new Date(moment).toISOString();
  const said = `${year?.toString().padStart(4, "0")}-${match[2]}-${match[3]}T${match[4]}:${match[5]}`;
  if (!again.startsWith(said) || (second ?? 99) > 60) return undefined;
  // Beyond this year a microsecond is no exact number any more, some time in the next.
  if ((year ?? 0) > YEAR_MAX) return undefined;
  const leap = second === 60 ? 1000 : 0;
  const fraction = (match[7] ?? "").padEnd(6, "0").slice(0, 6);
  const micros = BigInt(moment + leap) * 1000n + BigInt(fraction);
  return micros >= 0n && micros <= SAFE_MAX ? Number(micros) : undefined;
}
