/**
 * Station: the last heartbeat of the engine before us -> what it had killed. A kill stays until a person
 * releases it, also when the machine that knew of it is gone.
 *
 * A heartbeat that cannot be understood tells of no kill: the record of each kill is in the table of control
 * for whoever asks.
 */
import type { Heartbeat } from "../../contracts/operator-command.ts";
import { KILL_SCOPES } from "../../contracts/trade.ts";
import type { KillStatus } from "../../contracts/trading-status.ts";

export function killsOf({ statusJson }: Pick<Heartbeat, "statusJson">): KillStatus[] {
  let status: unknown;
  try {
    status = JSON.parse(statusJson);
  } catch {
    return [];
  }
  const { trading } = (status ?? {}) as { readonly trading?: { readonly kills?: unknown } | null };
  const kills = trading?.kills;
  return Array.isArray(kills) ? kills.filter(isKill) : [];
}

function isKill(value: unknown): value is KillStatus {
  if (typeof value !== "object" || value === null) return false;
  const { scope, target, by, reason, atUs } = value as Readonly<Record<string, unknown>>;
  const isScope = (KILL_SCOPES as readonly unknown[]).includes(scope);
  const texts = [target, by, reason].every((text) => typeof text === "string");
  return isScope && texts && Number.isSafeInteger(atUs);
}
