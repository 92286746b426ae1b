/**
 * Station: risk <-> the part of a state snapshot that is its own: limits in force, kills, counters, levels.
 *
 * A damaged state is told and not mended: without the counts of today nothing may be opened.
 */
import type { RiskLimits } from "../../../contracts/risk-limits.ts";
import type { RiskGate } from "./gate.ts";
import type { Kill } from "./kill.ts";
import { exportVenueRisk, importVenueRisk, type VenueRiskState } from "./venue-risk.ts";

export type RiskState = {
  readonly version: 1;
  readonly limitsVersion: number;
  readonly limits: RiskLimits;
  readonly kills: readonly Kill[];
  /** By the name of the venue. */
  readonly venues: Readonly<Record<string, VenueRiskState>>;
};

/** `names` are those of the venues that trade, by their position in the world. */
export function exportRisk(gate: RiskGate, names: ReadonlyMap<number, string>): RiskState {
  const venues: Record<string, VenueRiskState> = {};
  for (const [index, name] of names) venues[name] = exportVenueRisk(gate.venue(index));
  return {
    version: 1,
    limitsVersion: gate.limits.version,
    limits: gate.limits.limits,
    kills: gate.kills.list(),
    venues,
  };
}

/**
 * Takes up what `exportRisk` gave, before anything else happens; false when it is damaged, and then
 * nothing may be opened. A venue that did not trade before begins with nothing. Limits of a later
 * version than the plan's stay in force: they were changed while the last run was under way.
 */
export function importRisk(
  gate: RiskGate,
  names: ReadonlyMap<number, string>,
  state: unknown,
): boolean {
  if (typeof state !== "object" || state === null) return false;
  const { version, limits, limitsVersion, kills, venues } = state as Readonly<
    Record<string, unknown>
  >;
  if (version !== 1 || typeof venues !== "object" || venues === null) return false;
  if (typeof limitsVersion !== "number") return false;
  if (limitsVersion > gate.limits.version) {
    if (!gate.takeLimits(limits as RiskLimits, limitsVersion).ok) return false;
  }
  if (!gate.kills.importState(kills)) return false;
  const stored = venues as Readonly<Record<string, unknown>>;
  for (const [index, name] of names) {
    if (!Object.hasOwn(stored, name)) continue;
    if (!importVenueRisk(gate.venue(index), stored[name])) return false;
  }
  return true;
}
