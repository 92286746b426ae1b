/**
 * The judgments of the control API: what a change of limits does, and when a kill may be released.
 *
 * Widening lets the engine do more than before, tightening less. What cannot be told is widening: the
 * safe mistake is to ask a second person too often. Pure; facts and the time are handed in.
 */

import type { Heartbeat } from "../../contracts/operator-command.ts";
import {
  AMOUNT_CEILINGS,
  isAmountAbove,
  NUMBER_BOUNDS,
  type NumberLimit,
  type RiskLimits,
} from "../../contracts/risk-limits.ts";
import type { Micros } from "../../contracts/time.ts";
import type { KillScope } from "../../contracts/trade.ts";

export type Direction = "widens" | "tightens";

export type LimitChange = {
  /** Name of the limit; `reserve.<asset>` for one reserve. */
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly direction: Direction;
};

/** Limits of which a smaller value lets more through. All others let more through as they grow. */
export const NARROWING_NUMBERS: readonly NumberLimit[] = [
  "duplicateWindowUs",
  "quarantineUs",
  "rampUs",
];

const NOTHING = "0";

/**
 * What `after` changes in `before`, field by field in the order of their names; both have passed
 * `limitsFault`. Without anything before, all that is there widens.
 */
export function limitsChanges(before: RiskLimits | undefined, after: RiskLimits): LimitChange[] {
  if (before === undefined) {
    return Object.entries(after)
      .filter(([, value]) => value !== undefined)
      .map(([field, value]): LimitChange => {
        return { field, before: null, after: value, direction: "widens" };
      })
      .sort(byField);
  }
  return [
    ...numberChanges(before, after),
    ...amountChanges(before, after),
    ...reserveChanges(before, after),
    ...allowlistChanges(before.allowlist, after.allowlist),
  ].sort(byField);
}

/** Whether a second person is needed for these changes. */
export function isWidening(changes: readonly LimitChange[]): boolean {
  return changes.some(({ direction }) => direction === "widens");
}

function byField(first: LimitChange, second: LimitChange): number {
  return first.field < second.field ? -1 : 1;
}

function numberChanges(before: RiskLimits, after: RiskLimits): LimitChange[] {
  return (Object.keys(NUMBER_BOUNDS) as NumberLimit[])
    .filter((field) => before[field] !== after[field])
    .map((field) => {
      const isMore = reach(field, after[field]) > reach(field, before[field]);
      const direction = isMore ? "widens" : "tightens";
      return { field, before: before[field], after: after[field], direction };
    });
}

/** A number that grows with what the limit lets through. */
function reach(field: NumberLimit, value: number): number {
  if (NARROWING_NUMBERS.includes(field)) return -value;
  // Without a multiple of the usual move, moves are held to the share alone.
  if (field === "jumpSigmas" && value === 0) return Number.POSITIVE_INFINITY;
  return value;
}

function amountChanges(before: RiskLimits, after: RiskLimits): LimitChange[] {
  return (Object.keys(AMOUNT_CEILINGS) as (keyof typeof AMOUNT_CEILINGS)[])
    .filter((field) => isOther(before[field], after[field]))
    .map((field) => {
      const direction = isAmountAbove(after[field], before[field]) ? "widens" : "tightens";
      return { field, before: before[field], after: after[field], direction };
    });
}

/** `1` and `1.0` are one amount. */
function isOther(first: string, second: string): boolean {
  return isAmountAbove(first, second) || isAmountAbove(second, first);
}

/** What is kept free of an asset: less of it widens, and none is nothing. */
function reserveChanges(before: RiskLimits, after: RiskLimits): LimitChange[] {
  const assets = new Set([...Object.keys(before.reserve), ...Object.keys(after.reserve)]);
  return [...assets].flatMap((asset) => {
    const was = ownAmount(before.reserve, asset);
    const is = ownAmount(after.reserve, asset);
    if (!isOther(was, is)) return [];
    const direction = isAmountAbove(was, is) ? "widens" : "tightens";
    return [{ field: `reserve.${asset}`, before: was, after: is, direction }];
  });
}

function ownAmount(amounts: Readonly<Record<string, string>>, name: string): string {
  return (Object.hasOwn(amounts, name) ? amounts[name] : undefined) ?? NOTHING;
}

/** Undefined allows all; the order of the names means nothing. */
function allowlistChanges(
  before: readonly string[] | undefined,
  after: readonly string[] | undefined,
): LimitChange[] {
  const field = "allowlist";
  if (before === undefined && after === undefined) return [];
  if (before === undefined) return [{ field, before: null, after, direction: "tightens" }];
  if (after === undefined) return [{ field, before, after: null, direction: "widens" }];
  if (after.some((name) => !before.includes(name))) {
    return [{ field, before, after, direction: "widens" }];
  }
  if (before.every((name) => after.includes(name))) return [];
  return [{ field, before, after, direction: "tightens" }];
}

/** An engine that has said nothing for longer is not known to be well. */
export const HEARTBEAT_FRESH_US = 15_000_000;

/** What a release lifts. */
export type ReleaseTarget = { readonly scope: KillScope; readonly target: string };

/**
 * Why a kill may not be released now, as sentences; none when it may. Only an engine that is heard from,
 * whose books are live and whose accounts are reconciled may be let loose again; what cannot be read
 * counts against it.
 */
export function releaseObstacles(
  heartbeat: Heartbeat | undefined,
  { scope, target }: ReleaseTarget,
  nowUs: Micros,
): string[] {
  if (heartbeat === undefined) return ["the engine has never been heard from"];
  const ageUs = nowUs - heartbeat.atUs;
  if (ageUs > HEARTBEAT_FRESH_US) {
    return [`the engine was last heard from ${Math.round(ageUs / 1_000_000)} s ago`];
  }
  if (heartbeat.halted !== "") return [`the engine has halted: ${heartbeat.halted}`];
  const accounts = accountsOf(heartbeat.statusJson);
  if (accounts === undefined) return ["what the engine says of its accounts cannot be read"];
  const concerned = scope === "venue" ? accounts.filter(({ venue }) => venue === target) : accounts;
  return [
    ...(heartbeat.isReady ? [] : ["not every required book is live"]),
    ...concerned.flatMap(accountObstacles),
  ];
}

type AccountSeen = {
  readonly venue: string;
  readonly mode: unknown;
  readonly phase: unknown;
  readonly unknownOrders: unknown;
};

function accountObstacles({ venue, mode, phase, unknownOrders }: AccountSeen): string[] {
  if (mode === "off") return [];
  const obstacles: string[] = [];
  if (phase !== "ready") obstacles.push(`the account at ${venue} is ${String(phase)}`);
  if (unknownOrders !== 0) obstacles.push(`orders at ${venue} have an unknown outcome`);
  return obstacles;
}

/** The accounts in the status of a heartbeat; undefined where it has none that can be read. */
function accountsOf(statusJson: string): AccountSeen[] | undefined {
  const status = fieldsOf(jsonOf(statusJson));
  const accounts = fieldsOf(status?.trading)?.accounts;
  if (!Array.isArray(accounts)) return undefined;
  const seen = accounts.map((account: unknown): AccountSeen | undefined => {
    const { venue, mode, phase, unknownOrders } = fieldsOf(account) ?? {};
    return typeof venue === "string" ? { venue, mode, phase, unknownOrders } : undefined;
  });
  return seen.every((account) => account !== undefined) ? seen : undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return value as Readonly<Record<string, unknown>>;
}
