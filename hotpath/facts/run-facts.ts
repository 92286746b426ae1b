/**
 * Station: the header of a run, and whatever ends it -> the facts of its life.
 */
import type { AlertFact, RunFact } from "../../contracts/history.ts";
import type { Names } from "./names.ts";

export function startedRun(names: Names): RunFact {
  const { venues } = names.plan;
  const modes = Object.fromEntries(venues.map(({ id }, venue) => [id, names.mode(venue)] as const));
  return { ...lifeOf(names), change: "started", modes, reason: "" };
}

export function endedRun(names: Names, reason: string): RunFact {
  return { ...lifeOf(names), change: "ended", modes: {}, reason };
}

/** A run that halts itself is told of at once. */
export function haltAlert(reason: string): AlertFact {
  return { severity: 1, kind: "halted", instrument: "", text: reason };
}

function lifeOf({ plan }: Names): Pick<RunFact, "fence" | "version"> {
  return { fence: plan.trading?.fence ?? 0, version: String(plan.version) };
}
