/**
 * Checker of what people were told: no grave alert is lost, and none is told twice on a channel without a reason
 * that nobody could have known better (invariant 30).
 */
import type { Alert } from "../../../contracts/alert.ts";
import type { Fact } from "../../../contracts/history.ts";
import { alertOf } from "../../../hotpath/facts/alert-of.ts";
import type { Attempt } from "./receivers.ts";

/** The incidents that facts give rise to. */
export function incidentsOf(facts: readonly Fact[]): ReadonlyMap<string, Alert> {
  const incidents = new Map<string, Alert>();
  for (const fact of facts) {
    const alert = alertOf(fact);
    // The first of an incident is the one that is told; the others share its id.
    if (alert !== undefined && !incidents.has(alert.incidentId)) {
      incidents.set(alert.incidentId, alert);
    }
  }
  return incidents;
}

/** Grave alerts that reached nobody, and alerts that came again without need. */
export function alertFaults(
  incidents: ReadonlyMap<string, Alert>,
  attempts: readonly Attempt[],
  lines: readonly string[],
): string[] {
  const faults: string[] = [];
  for (const { incidentId, severity, kind } of incidents.values()) {
    const isTold = attempts.some((each) => each.incidentId === incidentId && each.isTaken);
    if (severity === 1 && !isTold) faults.push(`30: ${kind} ${incidentId} has reached nobody`);
  }
  const groups = Map.groupBy(attempts, ({ channel, incidentId }) => `${incidentId} on ${channel}`);
  for (const [name, tries] of groups) {
    for (const [n, attempt] of tries.entries()) {
      const isAgain = attempt.isTaken && tries.slice(0, n).some(({ isTaken }) => isTaken);
      if (!isAgain || tries.slice(0, n).some((before) => isExcuse(before, lines))) continue;
      faults.push(`30: ${name} was told again`);
    }
  }
  return faults;
}

/** Its answer was lost, its sender died before the record stood, or no record could be written. */
function isExcuse({ sender, isAnswered }: Attempt, lines: readonly string[]): boolean {
  if (!(isAnswered && sender.isAlive)) return true;
  const own = `${sender.name} send-alerts error `;
  return lines.some(
    (line) =>
      line.startsWith(`${own}a record cannot be kept`) ||
      line.startsWith(`${own}no record can be made`),
  );
}
