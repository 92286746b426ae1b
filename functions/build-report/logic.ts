/**
 * What a report is, which day is meant, and sums of decimal text by name. Nothing here reads a store or a clock.
 */
import { dayOf } from "../../contracts/calendar.ts";
import { sumDecimals } from "../../contracts/decimal.ts";
import { ENGINE_ID_PATTERN } from "../../contracts/keys.ts";
import { type Micros, US_PER_S } from "../../contracts/time.ts";

/** Raised when an older reader would misread a report. */
export const REPORT_SCHEMA_VERSION = 1;

export const US_PER_DAY = 86_400 * US_PER_S;

export type Amounts = Readonly<Record<string, string>>;
export type Counts = Readonly<Record<string, number>>;

/** Something that is missing, doubled or does not add up, in a sentence. */
export type Finding = {
  readonly kind: "missing" | "duplicate" | "ledger" | "unreadable" | "audit";
  readonly text: string;
};

/** What was traded in one mode: paper, simulated and live are never added up. */
export type ModeReport = {
  readonly mode: string;
  readonly fills: number;
  readonly volume: Amounts;
  readonly fees: Amounts;
  /** What fills made of each asset, fees taken off. */
  readonly pnl: Amounts;
  readonly cycles: Counts;
  /** Profit that cycles have told of themselves, by asset. */
  readonly cycleProfit: Amounts;
  /** Means over cycles that were filled; "" where there are none. */
  readonly predictedBpsMean: string;
  readonly effectiveBpsMean: string;
};

export type ResyncLine = {
  readonly venue: string;
  readonly cause: string;
  readonly count: number;
  readonly p50Us: Micros;
  readonly p99Us: Micros;
  readonly maxUs: Micros;
};

export type ResyncReport = {
  readonly count: number;
  readonly p50Us: Micros;
  readonly p99Us: Micros;
  readonly maxUs: Micros;
  /** Share that took a second at most; "" where there were none. */
  readonly withinOneSecond: string;
  readonly lines: readonly ResyncLine[];
};

/** Of minutes, not of events: the day's own quantiles cannot be had from those of its minutes. */
export type LatencyReport = {
  readonly minutes: number;
  readonly events: number;
  readonly medianOfP50Us: Micros;
  readonly worstP99Us: Micros;
  readonly maxUs: Micros;
  readonly tickMaxUs: Micros;
};

export type CostLine = {
  readonly name: string;
  readonly count: number;
  readonly usd: string;
};

export type DailyReport = {
  readonly schemaVersion: number;
  readonly engine: string;
  readonly day: string;
  /** Whether nothing was found missing, doubled or wrong. */
  readonly isWhole: boolean;
  readonly findings: readonly Finding[];
  /** Facts of the day by kind. */
  readonly facts: Counts;
  readonly modes: readonly ModeReport[];
  readonly orders: Counts;
  /** Orders that were filled, of those that ended. */
  readonly fillRate: string;
  readonly denials: Counts;
  readonly resyncs: ResyncReport;
  readonly latency: LatencyReport;
  readonly alerts: Counts;
  readonly cost: { readonly usd: string; readonly lines: readonly CostLine[] };
};

export type ReportRequest = { readonly engines: readonly string[]; readonly day: string };

export type ReportRead =
  | { readonly ok: true; readonly request: ReportRequest }
  | { readonly ok: false; readonly reason: string };

const FIELDS = ["engine", "day"];
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Reads the schedule's event or a call; only a day that is over has a report. */
export function readRequest(event: unknown, engines: readonly string[], nowUs: Micros): ReportRead {
  if (typeof event !== "object" || event === null) return refused("the call is no object");
  const fields = event as Readonly<Record<string, unknown>>;
  if (fields.source === "aws.scheduler") return ofSchedule(fields.time, engines);
  const unknown = Object.keys(fields).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) return refused(`${unknown.slice(0, 64)} is no field of a call`);
  const { engine, day } = fields;
  if (typeof day !== "string" || startOfDay(day) === undefined) return refused("day");
  if (day >= dayOf(nowUs)) return refused(`${day} is not over yet`);
  if (engine === undefined) return { ok: true, request: { engines, day } };
  if (typeof engine !== "string" || !ENGINE_ID_PATTERN.test(engine)) return refused("engine");
  return engines.includes(engine)
    ? { ok: true, request: { engines: [engine], day } }
    : refused(`there is no engine ${engine}`);
}

/** The schedule means the day before its own. */
function ofSchedule(time: unknown, engines: readonly string[]): ReportRead {
  const startUs = typeof time === "string" ? startOfDay(time.slice(0, 10)) : undefined;
  if (startUs === undefined) return refused("time");
  return { ok: true, request: { engines, day: dayOf(startUs - US_PER_DAY) } };
}

function refused(reason: string): ReportRead {
  return { ok: false, reason };
}

/** Midnight at which `day` begins; undefined for what is no day. */
export function startOfDay(day: string): Micros | undefined {
  if (!DAY.test(day)) return;
  const startUs = Date.parse(`${day}T00:00:00Z`) * 1_000;
  // The calendar has no 31st of February, but the parser would roll it over.
  return Number.isSafeInteger(startUs) && startUs > 0 && dayOf(startUs) === day
    ? startUs
    : undefined;
}

/** Sums of decimal text by name. */
export class Sums {
  readonly #sums = new Map<string, string>();

  add(name: string, amount: string): void {
    this.#sums.set(name, sumDecimals([this.#sums.get(name) ?? "0", amount]));
  }

  /** By name, in its order; sums of zero are left out. */
  amounts(): Amounts {
    const entries = [...this.#sums].filter(([, amount]) => amount !== "0");
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** Counts by name. */
export class Tallies {
  readonly #counts = new Map<string, number>();

  add(name: string, count = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + count);
  }

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  counts(): Counts {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** `amount` with the other sign. */
export function negated(amount: string): string {
  if (amount.startsWith("-")) return amount.slice(1);
  return /^[0.]*$/.test(amount) ? amount : `-${amount}`;
}

/** The value at rank `share` of `sorted` (nearest rank); 0 of none. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
