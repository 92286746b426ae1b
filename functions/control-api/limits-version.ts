/**
 * Station: an item of the chain of limits -> the version as it is shown, and word of it to the engine.
 *
 * The item is the version. The message only says that there is a new one; an engine that never gets it
 * finds the version by its own poll, so a queue that does not answer fails no change.
 */
import { AUDIT_GENESIS, type AuditItem } from "../../contracts/audit.ts";
import type { OperatorCommandRecord } from "../../contracts/operator-command.ts";
import type { RiskLimits } from "../../contracts/risk-limits.ts";
import { commandIdOf, dispatch } from "./command-desk.ts";
import type { Call } from "./endpoint.ts";

/** A version as it is shown. */
export function versionOf(item: AuditItem): Record<string, unknown> {
  const { engine, seq, kind, after, atUs, by, approvedBy, reason, hash } = item;
  const limits: unknown = JSON.parse(after);
  return { engine, version: seq, kind, limits, atUs, by, approvedBy, reason, hash };
}

/** The limits of a configuration as version 0, which nobody put and no chain holds. */
export function baseVersionOf(engine: string, limits: RiskLimits): Record<string, unknown> {
  const nobody = { kind: "configuration", atUs: 0, by: "", approvedBy: "", reason: "" };
  return { engine, version: 0, limits, hash: AUDIT_GENESIS, ...nobody };
}

/** Tells the engine of a version; null where record or queue did not answer. */
export async function notifyOfLimits(
  call: Call,
  item: AuditItem,
): Promise<OperatorCommandRecord | null> {
  const key = `applyLimits ${item.seq}`;
  try {
    return await dispatch(call, {
      commandId: commandIdOf(call, item.by, key),
      action: { kind: "applyLimits", version: item.seq },
      by: item.by,
      reason: item.reason,
    });
  } catch (error) {
    const fields = { requestId: call.requestId, engine: call.engine, version: item.seq };
    call.ports.log.error("the engine was not told of new limits; it will poll", fields, error);
    return null;
  }
}
