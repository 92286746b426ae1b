/**
 * What watch-engine makes of what it sees: numbers, incidents that begin and end, and the words for them.
 *
 * A function of two things, what was seen before and what is seen now. It has no clock: the look brings its time.
 */
import { ALERT_SCHEMA_VERSION, type Alert, type Severity } from "../../contracts/alert.ts";
import type { EngineMetric } from "../../contracts/control-metrics.ts";
import { LEASE_REVOKED, type LeaseItem } from "../../contracts/lease.ts";
import type { Heartbeat } from "../../contracts/operator-command.ts";
import { type Micros, US_PER_MS, US_PER_S } from "../../contracts/time.ts";

/** When a number is an incident: above `threshold` in `minutes` of the last `outOf` looks. */
export type WatchRule = {
  readonly kind: string;
  readonly metric: EngineMetric;
  readonly threshold: number;
  readonly minutes: number;
  readonly outOf: number;
  readonly severity: Severity;
};

/** The same numbers as the alarms of the infrastructure; a test holds the two together. */
export const WATCH_RULES: readonly WatchRule[] = [
  rule("heartbeat-missing", "HeartbeatAge", 30, 2, 1),
  rule("engine-halted", "EngineHalted", 0, 1, 1),
  rule("engine-not-ready", "EngineNotReady", 0, 3, 2),
  { ...rule("lease-flaps", "LeaseChanges", 0, 3, 1), outOf: 15 },
  rule("audit-gap", "AuditGap", 0, 1, 1),
  rule("clock-offset", "ClockOffset", 200, 3, 2),
  rule("unknown-orders", "UnknownOrders", 0, 2, 1),
  rule("kill-in-force", "KillsInForce", 0, 1, 2),
  rule("limits-not-taken", "LimitsLag", 0, 2, 1),
  rule("publish-lag", "PublishLag", 100_000, 5, 2),
];

function rule(
  kind: string,
  metric: EngineMetric,
  threshold: number,
  minutes: number,
  severity: Severity,
): WatchRule {
  return { kind, metric, threshold, minutes, outOf: minutes, severity };
}

/** What one look found. */
export type Sight = {
  readonly engine: string;
  readonly atUs: Micros;
  readonly heartbeat: Heartbeat | undefined;
  readonly lease: LeaseItem | undefined;
  /** Last version of the limits; 0 where none was ever put. */
  readonly limitsVersion: number;
  /** Faults of the audit chains, and the first of them in words. */
  readonly auditFaultCount: number;
  readonly auditFault: string;
};

/** A number that cannot be told is left out: an alarm on it then misses data, which is the truth. */
export type Readings = { readonly [Name in EngineMetric]?: number };

/** The numbers of a look. `fenceBefore` is the fence of the look before, -1 when there was none. */
export function readingsOf(sight: Sight, fenceBefore: number): Readings {
  const { heartbeat, lease, atUs, auditFaultCount, limitsVersion } = sight;
  const fence = lease?.fence ?? 0;
  const changes = {
    LeaseChanges: fenceBefore === -1 ? 0 : Math.max(0, fence - fenceBefore),
    AuditGap: auditFaultCount,
  };
  if (heartbeat === undefined) return changes;
  const status = statusOf(heartbeat);
  return {
    ...changes,
    HeartbeatAge: Math.max(0, Math.round((atUs - heartbeat.atUs) / US_PER_S)),
    EngineHalted: heartbeat.halted === "" ? 0 : 1,
    EngineNotReady: heartbeat.isReady ? 0 : 1,
    LimitsLag: Math.max(0, limitsVersion - heartbeat.limitsVersion),
    PublishLag: Math.max(0, heartbeat.ackedSeq - heartbeat.publishedSeq),
    ...status,
  };
}

/** What the engine says of itself; of a status that cannot be read, nothing. */
function statusOf({ statusJson }: Heartbeat): Readings {
  const status = fieldsOf(parsed(statusJson));
  const readings: { -readonly [Name in keyof Readings]: Readings[Name] } = {};
  const offsets = listOf(status.venues).map((venue) => numberOf(fieldsOf(venue).clockOffsetUs));
  if (offsets.length > 0) {
    readings.ClockOffset = Math.max(...offsets.map((us) => Math.abs(us))) / US_PER_MS;
  }
  const trading = fieldsOf(status.trading);
  if (Array.isArray(trading.accounts)) {
    const unknown = trading.accounts.map((account) => numberOf(fieldsOf(account).unknownOrders));
    readings.UnknownOrders = unknown.reduce((sum, count) => sum + count, 0);
  }
  if (Array.isArray(trading.kills)) readings.KillsInForce = trading.kills.length;
  return readings;
}

/** What is remembered of one rule: the last looks, newest last, and which incident is open. */
type RuleMemory = {
  /** `1` for a look that breached, `0` for one that did not. */
  readonly looks: string;
  /** Number of the incident that is open or comes next, from 1. */
  readonly incident: number;
  readonly openedUs: Micros;
  readonly isOpen: boolean;
};

/** Last item of a chain that was found whole. */
export type ChainMark = { readonly seq: number; readonly hash: string };

/** What is remembered of an engine. Version 1. */
export type EngineMemory = {
  readonly version: 1;
  /** The look before, to its minute: two looks at one minute count once. */
  readonly minute: number;
  readonly fence: number;
  readonly rules: Readonly<Record<string, RuleMemory>>;
  readonly chains: Readonly<Record<string, ChainMark>>;
};

export const NO_MEMORY: EngineMemory = { version: 1, minute: -1, fence: -1, rules: {}, chains: {} };
const FIRST: RuleMemory = { looks: "", incident: 1, openedUs: 0, isOpen: false };
const US_PER_MINUTE = 60 * US_PER_S;

/** Reads a memory; one that cannot be read is none, and the next looks fill it again. */
export function readMemory(text: string): EngineMemory {
  const value = parsed(text) as EngineMemory | undefined;
  return value?.version === 1 ? value : NO_MEMORY;
}

export type Judgment = {
  readonly readings: Readings;
  readonly alerts: readonly Alert[];
  readonly memory: EngineMemory;
  /** A second look at a minute: nothing was counted. */
  readonly isRepeated: boolean;
};

/** Judges a look by what was seen before; `chains` are the marks that the look has reached. */
export function judge(
  before: EngineMemory,
  sight: Sight,
  chains: EngineMemory["chains"],
): Judgment {
  const readings = readingsOf(sight, before.fence);
  const minute = Math.floor(sight.atUs / US_PER_MINUTE);
  if (minute === before.minute) {
    return { readings, alerts: [], memory: before, isRepeated: true };
  }
  const alerts: Alert[] = [];
  const rules: Record<string, RuleMemory> = {};
  for (const each of WATCH_RULES) {
    const judged = judgeRule(each, before.rules[each.kind] ?? FIRST, sight, readings[each.metric]);
    rules[each.kind] = judged.memory;
    if (judged.alert !== undefined) alerts.push(judged.alert);
  }
  const fence = sight.lease?.fence ?? before.fence;
  return {
    readings,
    alerts,
    memory: { version: 1, minute, fence, rules, chains },
    isRepeated: false,
  };
}

function judgeRule(
  each: WatchRule,
  before: RuleMemory,
  sight: Sight,
  reading: number | undefined,
): { readonly memory: RuleMemory; readonly alert: Alert | undefined } {
  const { kind, threshold, minutes, outOf } = each;
  // Without a heartbeat there is no age, and that is the worst age of all.
  const isMissing = reading === undefined && kind === "heartbeat-missing";
  const isBreach = isMissing || (reading !== undefined && reading > threshold);
  const looks = `${before.looks}${isBreach ? "1" : "0"}`.slice(-outOf);
  const breaches = [...looks].filter((look) => look === "1").length;
  if (!before.isOpen && breaches >= minutes) {
    const memory = { ...before, looks, isOpen: true, openedUs: sight.atUs };
    const words = wordsOf(kind, sight, reading);
    return { memory, alert: alertOf(each, memory, sight, each.severity, words, "") };
  }
  if (before.isOpen && breaches === 0) {
    const memory = { ...before, looks, isOpen: false, incident: before.incident + 1 };
    const words = `over since ${Math.round((sight.atUs - before.openedUs) / US_PER_S)} s after it began`;
    return { memory, alert: alertOf(each, before, sight, 3, words, ".over") };
  }
  return { memory: { ...before, looks }, alert: undefined };
}

/** Name of the incident that is open for `kind`, or undefined. */
export function openIncident(
  engine: string,
  { rules }: EngineMemory,
  kind: string,
): string | undefined {
  const memory = rules[kind];
  return memory?.isOpen === true ? incidentName(engine, kind, memory.incident) : undefined;
}

function incidentName(engine: string, kind: string, incident: number): string {
  return `${engine}.${kind}.${incident}`;
}

function alertOf(
  { kind }: WatchRule,
  { incident }: RuleMemory,
  { engine, atUs }: Sight,
  severity: Severity,
  text: string,
  tail: string,
): Alert {
  return {
    schemaVersion: ALERT_SCHEMA_VERSION,
    incidentId: `${incidentName(engine, kind, incident)}${tail}`,
    engine,
    severity,
    kind,
    text: `${kind}: ${text}`,
    atUs,
  };
}

/** What a person reads first. */
function wordsOf(kind: string, sight: Sight, reading: number | undefined): string {
  const { heartbeat, limitsVersion, auditFault } = sight;
  const count = reading ?? 0;
  switch (kind) {
    case "heartbeat-missing":
      return `${silenceOf(sight, reading)}; ${leaseWords(sight)}`;
    case "engine-halted":
      return `the engine has halted: ${heartbeat?.halted ?? ""}`;
    case "engine-not-ready":
      return "some required book has not been live for three minutes";
    case "lease-flaps":
      return `the lease changes hands again and again; ${leaseWords(sight)}`;
    case "audit-gap":
      return `an audit chain does not hold: ${auditFault}`;
    case "clock-offset":
      return `the clock of a venue and ours are ${Math.round(count)} ms apart`;
    case "unknown-orders":
      return `${count} orders whose outcome is not known`;
    case "kill-in-force":
      return `${count} kills in force`;
    case "limits-not-taken":
      return `limits version ${limitsVersion} has not been taken; ${heartbeat?.limitsVersion ?? 0} is in force`;
    default:
      return `${count} journal records wait to be published`;
  }
}

function silenceOf({ heartbeat }: Sight, reading: number | undefined): string {
  if (heartbeat === undefined) return "the engine has never written a heartbeat";
  return `no heartbeat for ${reading ?? 0} s, the last by run ${heartbeat.runId}`;
}

/** Whether somebody may still be trading: what decides whether to call the canceller. */
function leaseWords({ lease }: Sight): string {
  if (lease === undefined || lease.holder === "") return "nobody holds its lease";
  if (lease.holder === LEASE_REVOKED) return `its lease was revoked at fence ${lease.fence}`;
  return `its lease is held by run ${lease.holder} with fence ${lease.fence}, so orders may be open: see cancel-all`;
}

type Fields = Readonly<Record<string, unknown>>;

/** JSON as a value; undefined where it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The fields of an object; none of anything else. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

/** A list, or an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function numberOf(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}
