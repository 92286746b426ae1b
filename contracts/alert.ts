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
