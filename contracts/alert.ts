/**
 * An alert on its way to people. Whoever notices (engine, watcher, alarm) puts it on the queue of alerts;
 * send-alerts delivers it once to each channel that its severity is routed to.
 */
import type { Micros } from "./time.ts";

export const ALERT_SCHEMA_VERSION = 1;

/** 1: money or truth is at stake now; 2: somebody must look today; 3: for the record. */
export const SEVERITIES = [1, 2, 3] as const;
export type Severity = (typeof SEVERITIES)[number];

export const ALERT_CHANNELS = ["telegram", "discord", "email", "webhook"] as const;
export type AlertChannel = (typeof ALERT_CHANNELS)[number];

export type Alert = {
  readonly schemaVersion: number;
  /**
   * Derived from what happened: alerts of one incident carry the same id, and one message a channel is
   * sent for it, however many there are.
   */
  readonly incidentId: string;
  readonly engine: string;
  readonly severity: Severity;
  /** A stable name, an entry of docs/RUNBOOK.md: `killed`, `leaseLost`, `bookWrong` ... */
  readonly kind: string;
  /** One sentence for a person, without secrets. */
  readonly text: string;
  readonly atUs: Micros;
};

/**
 * Every kind of alert that anybody sends, each an entry of docs/RUNBOOK.md. A kind that is not listed is
 * delivered all the same: somebody must be told, whoever forgot to write it down.
 */
export const ALERT_KINDS = [
  // The engine, of itself.
  "halted",
  "killed",
  "journalUnreadable",
  "segmentLost",
  "leaseShort",
  "limitsRefused",
  "operatorMode",
  "residual",
  "lateFill",
  // The engine, of what must not happen to its orders and its account.
  "contradiction",
  "overfill",
  "fillWithoutOrder",
  "foreignOrder",
  "foreignFill",
  "unknownOwnOrder",
  "newerFence",
  "twoOrderIds",
  "revived",
  "testMixedUp",
  "fillUnreadable",
  "fillElsewhere",
  "fillTooOld",
  "feeUnreadable",
  "feeAbsurd",
  "quoteAbsurd",
  "marksForced",
  "accountContradicted",
  "moveUnreadable",
  "banned",
  "credentials",
  // The engine, of what it found when it compared itself with the venue.
  "vanished",
  "endedFillMissing",
  "endedOpen",
  "neverOpen",
  "neverFilled",
  "lostOpen",
  "newerFenceOpen",
  "lostFill",
  "foreignOpen",
  "openDiffers",
  "balanceDiffers",
  // watch-engine, of an engine; the alarms of the infrastructure have the same names.
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
  "deaf",
  // Alarms of the infrastructure, passed on by watch-engine.
  "dead-letters",
  "queue-age",
  "function-errors",
  "function-throttles",
  "api-errors",
  "canceller-failed",
  // build-report.
  "report-incomplete",
  "report-differs",
  // An operator, to see whether alerts arrive.
  "test",
] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];
