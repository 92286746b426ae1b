/**
 * Station: JSON of the API -> the words and numbers that a page shows.
 *
 * Pages read answers as foreign rows: what is missing or of another kind is shown as nothing, never as a
 * wrong number. Times are UTC; units stand behind every number. Pure.
 */
import { type Micros, US_PER_MS, US_PER_S } from "../../../contracts/time.ts";
import { isoOf } from "../flat-fact.ts";

export type Row = Readonly<Record<string, unknown>>;

const EMPTY: Row = {};
const US_PER_MINUTE = 60 * US_PER_S;
const US_PER_HOUR = 60 * US_PER_MINUTE;
const US_PER_DAY = 24 * US_PER_HOUR;

/** `value` as an object; an empty one where it is none. */
export function rowOf(value: unknown): Row {
  const isRow = typeof value === "object" && value !== null && !Array.isArray(value);
  return isRow ? (value as Row) : EMPTY;
}

/** The objects of a list; none where it is no list. */
export function rowsOf(value: unknown): readonly Row[] {
  return Array.isArray(value) ? value.map(rowOf) : [];
}

/** A field as text: "" where it is missing, JSON where it is nested. */
export function textOf(row: Row, field: string): string {
  return shownText(row[field]);
}

/** Any JSON value as text. */
export function shownText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** A field as a number; 0 where it is none. */
export function numberOf(row: Row, field: string): number {
  const value = row[field];
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

/** Amounts by name, such as fees: "0.06 USDT, 0.1 BNB". */
export function amountsText(value: unknown): string {
  return Object.entries(rowOf(value))
    .map(([name, amount]) => `${shownText(amount)} ${name}`)
    .join(", ");
}

/** A span of time with the unit that suits its size. */
export function durationText(us: Micros): string {
  const size = Math.abs(us);
  if (size < US_PER_MS) return `${us} µs`;
  if (size < 100 * US_PER_MS) return `${shortNumber(us / US_PER_MS, 2)} ms`;
  if (size < US_PER_S) return `${Math.round(us / US_PER_MS)} ms`;
  if (size < US_PER_MINUTE) return `${shortNumber(us / US_PER_S, 2)} s`;
  if (size < US_PER_HOUR) return twoUnits(us, [US_PER_MINUTE, "min"], [US_PER_S, "s"]);
  if (size < 2 * US_PER_DAY) return twoUnits(us, [US_PER_HOUR, "h"], [US_PER_MINUTE, "min"]);
  return twoUnits(us, [US_PER_DAY, "d"], [US_PER_HOUR, "h"]);
}

type Unit = readonly [us: Micros, name: string];

function twoUnits(us: Micros, [great, greatName]: Unit, [small, smallName]: Unit): string {
  const whole = Math.trunc(us / great);
  const rest = Math.trunc(Math.abs(us - whole * great) / small);
  return rest === 0 ? `${whole} ${greatName}` : `${whole} ${greatName} ${rest} ${smallName}`;
}

/** At most `places` places, without zeros at the end. For what is shown only, never for money. */
export function shortNumber(value: number, places: number): string {
  return String(Number(value.toFixed(places)));
}

/** Whole numbers in groups of three: "12 345". */
export function countText(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+(?!\d))/g, "\u202f");
}

/** "2026-11-21 12:00:00.123"; "" for no time at all. */
export function timeText(us: Micros): string {
  if (!isTime(us)) return "";
  return isoOf(us).slice(0, 23).replace("T", " ");
}

/** "12:00:00.123456", for places where the day is clear. */
export function clockText(us: Micros): string {
  return isTime(us) ? isoOf(us).slice(11, 26) : "";
}

/** Whether a number is a time that can be shown. */
export function isTime(us: number): boolean {
  return Number.isSafeInteger(us) && us > 0 && us < 8_000_000_000_000_000;
}

/** How long ago; "in the future" where clocks differ by more than a moment. */
export function agoText(us: Micros, nowUs: Micros): string {
  const ageUs = nowUs - us;
  if (ageUs < -US_PER_S) return "in the future";
  if (ageUs < US_PER_S) return "just now";
  const rough = ageUs < US_PER_MINUTE ? Math.floor(ageUs / US_PER_S) * US_PER_S : ageUs;
  return `${durationText(rough)} ago`;
}

/** "noMarketFlow" -> "no market flow": codes as words. */
export function wordsOf(code: string): string {
  return code.replaceAll(/([a-z0-9])([A-Z])/g, (_all, end: string, start: string) => {
    return `${end} ${start.toLowerCase()}`;
  });
}
