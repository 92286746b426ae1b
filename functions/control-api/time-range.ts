/**
 * Station: `from` and `to` of a question -> microseconds, `from` included and `to` not.
 *
 * Without them the last day is meant. Times without a zone are refused: a guess would be wrong by hours.
 */
import { type Micros, US_PER_MS } from "../../contracts/time.ts";
import { type Answer, problem } from "./problem.ts";

const US_PER_DAY = 86_400_000_000;
/** A partition is asked for each day, so the days are counted. */
export const RANGE_DAYS_MAX = 92;

const MICROS = /^\d{1,16}$/;
const DAY = /^\d{4}-\d\d-\d\d$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?Z$/;

export type TimeRange = { readonly fromUs: Micros; readonly toUs: Micros };
export type RangeReading =
  | ({ readonly ok: true } & TimeRange)
  | { readonly ok: false; readonly fault: Answer };

/** The range that a question names; `usualUs` long up to now where it names none. */
export function rangeOf(
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
  nowUs: Micros,
  usualUs: Micros = US_PER_DAY,
): RangeReading {
  const toUs = to === undefined ? nowUs + 1 : timeOf(to, US_PER_DAY);
  if (toUs === undefined) return fault("to");
  const fromUs = from === undefined ? Math.max(0, toUs - usualUs) : timeOf(from, 0);
  if (fromUs === undefined) return fault("from");
  if (fromUs >= toUs) return fault("from", "must be before `to`");
  if (toUs - fromUs > RANGE_DAYS_MAX * US_PER_DAY) {
    return fault("from", `is more than ${RANGE_DAYS_MAX} days before \`to\``);
  }
  return { ok: true, fromUs, toUs };
}

/** Whether a range of foreign numbers is one that may be asked for. */
export function isUsableRange({ fromUs, toUs }: TimeRange): boolean {
  const areTimes = usable(fromUs) !== undefined && usable(toUs) !== undefined;
  return areTimes && fromUs < toUs && toUs - fromUs <= RANGE_DAYS_MAX * US_PER_DAY;
}

function fault(
  field: string,
  says = "must be a time in UTC, a day, or microseconds",
): RangeReading {
  return { ok: false, fault: problem("badRequest", `${field} ${says}.`, { field }) };
}

/** A day stands for its beginning, and as an end for the beginning of the next: `dayUs` is added. */
function timeOf(text: string, dayUs: Micros): Micros | undefined {
  if (MICROS.test(text)) return usable(Number(text));
  if (DAY.test(text)) {
    const ms = Date.parse(`${text}T00:00:00Z`);
    return isRealDay(text, ms) ? usable(ms * US_PER_MS + dayUs) : undefined;
  }
  if (!INSTANT.test(text)) return undefined;
  return instantOf(text);
}

/** Milliseconds by the platform's calendar, and the three digits that it drops. */
function instantOf(text: string): Micros | undefined {
  const [whole = "", fraction = ""] = text.slice(0, -1).split(".");
  const ms = Date.parse(`${whole}Z`);
  if (!isRealDay(text.slice(0, 10), ms)) return undefined;
  return usable(ms * US_PER_MS + Number(fraction.padEnd(6, "0")));
}

/** The calendar turns February 30 into March 1; nobody who writes it means that. */
function isRealDay(day: string, ms: number): boolean {
  return Number.isFinite(ms) && new Date(ms).toISOString().startsWith(day);
}

function usable(us: number): Micros | undefined {
  return Number.isSafeInteger(us) && us >= 0 ? us : undefined;
}
