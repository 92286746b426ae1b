/**
 * UTC days and hours of a timestamp, as they stand in keys and prefixes.
 *
 * Arithmetic on integers: a pure room has no clock, and the calendar needs none. The day is found by
 * counting in eras of 400 years that begin in March, so that the leap day is the last of its year
 * (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days, 2021-09-01).
 */
import { assert } from "./assert.ts";
import { type Micros, US_PER_S } from "./time.ts";

const US_PER_HOUR = 3600 * US_PER_S;
const US_PER_DAY = 24 * US_PER_HOUR;
const DAYS_PER_ERA = 146_097;
const DAYS_PER_YEAR = 365;
const DAYS_PER_4_YEARS = 1460;
const DAYS_PER_CENTURY = 36_524;
/** Days from 0000-03-01 to 1970-01-01. */
const EPOCH_DAY = 719_468;

/** The UTC day of a time, `2026-11-21`. */
export function dayOf(us: Micros): string {
  assert(Number.isSafeInteger(us) && us >= 0, "a time is whole microseconds since 1970");
  const days = Math.floor(us / US_PER_DAY) + EPOCH_DAY;
  const era = Math.floor(days / DAYS_PER_ERA);
  const dayOfEra = days - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / DAYS_PER_4_YEARS) +
      Math.floor(dayOfEra / DAYS_PER_CENTURY) -
      Math.floor(dayOfEra / (DAYS_PER_ERA - 1))) /
      DAYS_PER_YEAR,
  );
  const dayOfYear =
    dayOfEra -
    (DAYS_PER_YEAR * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  // Months from March have 31, 30, 31, 30, 31 days, twice and a bit: 153 days in five of them.
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;
}

/** The UTC hour of a time, `00` to `23`. */
export function hourOf(us: Micros): string {
  return two(Math.floor((us % US_PER_DAY) / US_PER_HOUR));
}

function two(count: number): string {
  return String(count).padStart(2, "0");
}
