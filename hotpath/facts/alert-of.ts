/**
 * Station: fact -> the alert that people must get at once, ahead of the bulk; none for most facts.
 *
 * Alerts of one incident carry one id: the same kind at the same place within one window of time. A kill
 * and a halt are incidents of their own, each.
 */
import { ALERT_SCHEMA_VERSION, type Alert, type Severity } from "../../contracts/alert.ts";
import type { Fact } from "../../contracts/history.ts";
import { type Micros, US_PER_S } from "../../contracts/time.ts";

/** What repeats within this is the same incident. */
export const INCIDENT_WINDOW_US = 600 * US_PER_S;
/** The gravest severity that is not sent ahead: it is for the record. */
const RECORD_ONLY: Severity = 3;

/** The alert that a fact gives rise to; undefined for none. */
export function alertOf(fact: Fact): Alert | undefined {
  const { engine, venue, ingested_at: atUs } = fact;
  switch (fact.kind) {
    case "alert": {
      const { severity, kind, instrument, text } = fact.payload;
      if (severity === RECORD_ONLY) return undefined;
      const place = instrument === "" ? (venue ?? "") : instrument;
      const incidentId =
        kind === "halted"
          ? haltIncidentOf(engine, fact.run_id)
          : incidentIdOf({ engine, kind, place, atUs });
      const where = place === "" ? "" : ` (${place})`;
      return alert(fact, incidentId, { severity, kind, text: `${kind}${where}: ${text}` });
    }
    case "kill": {
      const { isKilled, scope, target, by, reason } = fact.payload;
      if (!isKilled) return undefined;
      const what = target === "" ? scope : `${scope} ${target}`;
      const text = `killed ${what} by ${by}: ${reason}`;
      return alert(fact, `${engine}.killed.${fact.fact_id}`, { severity: 1, kind: "killed", text });
    }
    default:
      return undefined;
  }
}

/** A run halts once, whoever tells of it. */
export function haltIncidentOf(engine: string, runId: string): string {
  return `${engine}.halted.${runId}`;
}

/** The id that all alerts of one kind, place and window share. */
export function incidentIdOf(of: {
  readonly engine: string;
  readonly kind: string;
  readonly place: string;
  readonly atUs: Micros;
}): string {
  const window = Math.floor(of.atUs / INCIDENT_WINDOW_US);
  return `${of.engine}.${of.kind}.${of.place === "" ? "-" : of.place}.${window}`;
}

function alert(
  { engine, ingested_at: atUs }: Fact,
  incidentId: string,
  told: Pick<Alert, "severity" | "kind" | "text">,
): Alert {
  return { schemaVersion: ALERT_SCHEMA_VERSION, incidentId, engine, atUs, ...told };
}
