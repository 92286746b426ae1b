/**
 * Station: frame bytes -> time. Reads "2026-07-19T17:54:39.753424Z" as microseconds since 1970.
 *
 * Only UTC with a `Z` is read, as venues send it; digits beyond the sixth of the second are cut off.
 */
import { SCAN } from "./scan.ts";

const ZERO = 48;
const DASH = 45;
const COLON = 58;
const POINT = 46;
const LETTER_T = 84;
const LETTER_Z = 90;
const US_PER_S = 1_000_000;
const S_PER_DAY = 86_400;
/** Where each part begins, and where the fraction's point or the `Z` stands. */
const AT = { month: 5, day: 8, hour: 11, minute: 14, second: 17, end: 19 } as const;
const DAYS_BEFORE = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
const DAYS_IN = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const YEAR_MIN = 1970;
/** Microseconds are exact numbers until the summer after it. */
const YEAR_MAX = 2254;

/** Two digits, or a number above 99 where they are none. */
function pair(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] as number) ^ ZERO;
  const ones = (bytes[at + 1] as number) ^ ZERO;
  return tens < 10 && ones < 10 ? tens * 10 + ones : 1000;
}

/** Days from 1970 to the first of January of `year`. */
function daysBefore(year: number): number {
  const last = year - 1;
  const leaps = Math.floor(last / 4) - Math.floor(last / 100) + Math.floor(last / 400) - 477;
  return (year - YEAR_MIN) * 365 + leaps;
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

/** Whether the marks between the numbers stand where they should. */
function hasMarks(bytes: Uint8Array, from: number): boolean {
  return (
    bytes[from + AT.month - 1] === DASH &&
    bytes[from + AT.day - 1] === DASH &&
    bytes[from + AT.hour - 1] === LETTER_T &&
    bytes[from + AT.minute - 1] === COLON &&
    bytes[from + AT.second - 1] === COLON
  );
}

/** Whether year, month and day are one of the calendar. */
function isDay(year: number, month: number, day: number): boolean {
  if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12) return false;
  const leap = month === 2 && isLeap(year) ? 1 : 0;
  return day >= 1 && day <= (DAYS_IN[month - 1] as number) + leap;
}

/** Reads a time into `out[at]`; the position after its `Z`, or a misfit. */
export function scanTimeUs(bytes: Uint8Array, from: number, out: Float64Array, at: number): number {
  if (!hasMarks(bytes, from)) return SCAN.misfit;
  const yearOfCentury = pair(bytes, from + 2);
  // Checked by itself: what stands for no digits would make a year of "10xx".
  if (yearOfCentury > 99) return SCAN.misfit;
  const year = pair(bytes, from) * 100 + yearOfCentury;
  const month = pair(bytes, from + AT.month);
  const day = pair(bytes, from + AT.day);
  const hour = pair(bytes, from + AT.hour);
  const minute = pair(bytes, from + AT.minute);
  const second = pair(bytes, from + AT.second);
  if (!isDay(year, month, day)) return SCAN.misfit;
  if (hour > 23 || minute > 59 || second > 60) return SCAN.misfit;
  const leap = month > 2 && isLeap(year) ? 1 : 0;
  const days = daysBefore(year) + (DAYS_BEFORE[month - 1] as number) + day - 1 + leap;
  out[at] = (days * S_PER_DAY + hour * 3600 + minute * 60 + second) * US_PER_S;
  const p = scanFractionUs(bytes, from + AT.end, out, at);
  return p >= 0 && bytes[p] === LETTER_Z ? p + 1 : SCAN.misfit;
}

/** Adds the fraction of the second, if there is one; the position behind it, or a misfit. */
function scanFractionUs(bytes: Uint8Array, from: number, out: Float64Array, at: number): number {
  if (bytes[from] !== POINT) return from;
  let p = from + 1;
  let weight = US_PER_S / 10;
  let fractionUs = 0;
  let digit = (bytes[p] as number) ^ ZERO;
  if (digit > 9) return SCAN.misfit;
  for (; digit < 10; digit = (bytes[++p] as number) ^ ZERO) {
    // Beyond the sixth digit the weight is 0, and the digit is cut off.
    fractionUs += digit * weight;
    weight = Math.floor(weight / 10);
  }
  out[at] = (out[at] as number) + fractionUs;
  return p;
}

const WORD_BYTES = 4;
/** `2026-07-19T17:54`. */
const MINUTE_BYTES = 16;
/** `:54.753424Z` behind the minute. */
const SECOND_BYTES = 11;

/**
 * Reads times that follow one another: what lies within the minute of the last one is read by its seconds
 * alone. (27 ns less for each message; Node 24.21, 2026-11.)
 */
export class TimeReader {
  readonly #minute = new Int32Array(MINUTE_BYTES / WORD_BYTES);
  #minuteUs = -1;

  /** As `scanTimeUs`, of bytes that `view` shows too. */
  scan(view: DataView, bytes: Uint8Array, from: number, out: Float64Array, at: number): number {
    if (this.#isSameMinute(view, from)) {
      const us = secondsUs(bytes, from + AT.second - 1);
      if (us >= 0) {
        out[at] = this.#minuteUs + us;
        return from + AT.second - 1 + SECOND_BYTES;
      }
    }
    const end = scanTimeUs(bytes, from, out, at);
    if (end < 0) return end;
    // The seconds are taken off by reading them once more.
    const tail = secondsUs(bytes, from + AT.second - 1);
    this.#minuteUs = tail < 0 ? -1 : (out[at] as number) - tail;
    for (let i = 0; i < this.#minute.length; i++) {
      this.#minute[i] = view.getInt32(from + i * WORD_BYTES, true);
    }
    return end;
  }

  #isSameMinute(view: DataView, from: number): boolean {
    const minute = this.#minute;
    return (
      this.#minuteUs >= 0 &&
      view.getInt32(from + 12, true) === minute[3] &&
      view.getInt32(from + 8, true) === minute[2] &&
      view.getInt32(from + 4, true) === minute[1] &&
      view.getInt32(from, true) === minute[0]
    );
  }
}

/** Microseconds of `:54.753424Z`; negative where something else stands there. */
function secondsUs(bytes: Uint8Array, from: number): number {
  if (bytes[from] !== COLON || bytes[from + 3] !== POINT || bytes[from + 10] !== LETTER_Z)
    return -1;
  const second = pair(bytes, from + 1);
  const high = pair(bytes, from + 4);
  const middle = pair(bytes, from + 6);
  const low = pair(bytes, from + 8);
  if (second > 59 || high > 99 || middle > 99 || low > 99) return -1;
  return second * US_PER_S + high * 10_000 + middle * 100 + low;
}
