/**
 * Alerts that no journal tells, or not for certain: of what the publisher finds, and of a run that has failed.
 */
import { ALERT_SCHEMA_VERSION, type Alert } from "../../contracts/alert.ts";
import type { Micros } from "../../contracts/time.ts";
import { haltIncidentOf, incidentIdOf } from "../facts/alert-of.ts";

/** A run ended by a fault. Its journal may say so too, and may be the very thing that failed. */
export function haltedAlert(engine: string, runId: string, reason: string, atUs: Micros): Alert {
  return {
    schemaVersion: ALERT_SCHEMA_VERSION,
    incidentId: haltIncidentOf(engine, runId),
    engine,
    severity: 1,
    kind: "halted",
    text: reason,
    atUs,
  };
}

/** A run that ended cannot be read to its end: its later facts are missing from history. */
export function unreadableAlert(
  engine: string,
  runId: string,
  reason: string,
  atUs: Micros,
): Alert {
  const kind = "journalUnreadable";
  return {
    schemaVersion: ALERT_SCHEMA_VERSION,
    incidentId: incidentIdOf({ engine, kind, place: runId, atUs }),
    engine,
    severity: 2,
    kind,
    text: `history lacks the end of run ${runId}, whose journal cannot be read: ${reason}`,
    atUs,
  };
}

/** A segment reached the archive without some of its records, or not at all. */
export function segmentLostAlert(
  engine: string,
  of: { readonly runId: string; readonly segment: number },
  reason: string,
  atUs: Micros,
): Alert {
  const { runId, segment } = of;
  const kind = "segmentLost";
  return {
    schemaVersion: ALERT_SCHEMA_VERSION,
    incidentId: incidentIdOf({ engine, kind, place: runId, atUs }),
    engine,
    severity: 2,
    kind,
    text: `segment ${segment} of run ${runId} is not whole in the archive: ${reason}`,
    atUs,
  };
}
