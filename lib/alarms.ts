/**
 * The alarms as data: what is looked at, when it is too much, and how grave that is.
 *
 * Each kind is an entry of docs/RUNBOOK.md under the same name; a test holds the two together. Missing data of
 * an engine breaches, because an engine that says nothing is what these alarms are for.
 */
import type { EngineMetric } from "../contracts/control-metrics.ts";

export const ALARM_KINDS = [
  "dead-letters",
  "queue-age",
  "function-errors",
  "function-throttles",
  "api-errors",
  "heartbeat-missing",
  "engine-halted",
  "engine-not-ready",
  "lease-flaps",
  "audit-gap",
  "clock-offset",
  "unknown-orders",
  "kill-in-force",
  "limits-not-taken",
  "publish-lag",
  "canceller-failed",
] as const;
export type AlarmKind = (typeof ALARM_KINDS)[number];

export type EngineAlarmPlan = {
  readonly kind: AlarmKind;
  readonly metric: EngineMetric;
  /** Breaches above this, for `minutes` of the last `outOf`. */
  readonly threshold: number;
  readonly minutes: number;
  readonly outOf: number;
  readonly severity: 1 | 2;
  readonly isMissingBad: boolean;
};

/** Of each engine; watch-engine writes the numbers once a minute. */
export const ENGINE_ALARMS: readonly EngineAlarmPlan[] = [
  engineAlarm("heartbeat-missing", "HeartbeatAge", { threshold: 30, minutes: 2, severity: 1 }),
  engineAlarm("engine-halted", "EngineHalted", { threshold: 0, minutes: 1, severity: 1 }),
  engineAlarm("engine-not-ready", "EngineNotReady", { threshold: 0, minutes: 3, severity: 2 }),
  // A take-over is one change; an engine that comes and goes makes several.
  {
    ...engineAlarm("lease-flaps", "LeaseChanges", { threshold: 0, minutes: 3, severity: 1 }),
    outOf: 15,
  },
  engineAlarm("audit-gap", "AuditGap", { threshold: 0, minutes: 1, severity: 1 }),
  // Entries end at 250 ms (docs/RISK.md), and people should know before.
  engineAlarm("clock-offset", "ClockOffset", { threshold: 200, minutes: 3, severity: 2 }),
  engineAlarm("unknown-orders", "UnknownOrders", { threshold: 0, minutes: 2, severity: 1 }),
  engineAlarm("kill-in-force", "KillsInForce", { threshold: 0, minutes: 1, severity: 2 }),
  engineAlarm("limits-not-taken", "LimitsLag", { threshold: 0, minutes: 2, severity: 1 }),
  engineAlarm("publish-lag", "PublishLag", { threshold: 100_000, minutes: 5, severity: 2 }),
];

/** Oldest message of a queue, in seconds, before somebody should look. */
export const QUEUE_AGE_S_MAX = { records: 300, alerts: 60, archive: 1800, commands: 30 } as const;

function engineAlarm(
  kind: AlarmKind,
  metric: EngineMetric,
  plan: { readonly threshold: number; readonly minutes: number; readonly severity: 1 | 2 },
): EngineAlarmPlan {
  const isMissingBad = kind === "heartbeat-missing";
  return { kind, metric, ...plan, outOf: plan.minutes, isMissingBad };
}
