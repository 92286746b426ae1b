/**
 * Station: one engine -> one look: what is there, what that means, who is told, what is kept.
 *
 * Alerts go out before the memory is replaced: whoever dies in between names the same incidents at the next
 * look, and they are delivered once. Of two looks at once one keeps its memory.
 */
import type { Alert } from "../../contracts/alert.ts";
import { dayOf } from "../../contracts/calendar.ts";
import {
  CONTROL_METRICS_DIMENSIONS,
  CONTROL_METRICS_NAMESPACE,
  ENGINE_METRICS,
} from "../../contracts/control-metrics.ts";
import { type Micros, US_PER_S } from "../../contracts/time.ts";
import type { Log } from "../platform/log.ts";
import type { AlertQueue } from "../stores/alert-queue.ts";
import type { AuditRootStore } from "../stores/audit-root-store.ts";
import type { CommandStore } from "../stores/command-store.ts";
import type { ControlStore } from "../stores/control-store.ts";
import type { LeaseStore } from "../stores/lease-store.ts";
import type { WatchStore } from "../stores/watch-store.ts";
import { type Alarm, CONTROL_PLANE } from "./alarm.ts";
import { lookAtChains } from "./audit-watch.ts";
import { judge, openIncident, readMemory } from "./logic.ts";
import { metricLine } from "./metric-line.ts";

export type WatchPorts = {
  readonly deployment: string;
  readonly commands: Pick<CommandStore, "readHeartbeat">;
  readonly leases: Pick<LeaseStore, "read">;
  readonly control: Pick<ControlStore, "readItem" | "readHead">;
  readonly roots: Pick<AuditRootStore, "read">;
  readonly memories: WatchStore;
  readonly alerts: AlertQueue;
  /** One line where CloudWatch reads metrics out of. */
  readonly writeLine: (line: string) => void;
  readonly log: Pick<Log, "info" | "warn" | "error">;
};

/** Name of an account's lease by the engine. */
export type LeaseAccounts = ReadonlyMap<string, string>;

const US_PER_DAY = 86_400 * US_PER_S;

/** Looks at `engine`; the alerts that it led to. Throws what the stores throw. */
export async function watchEngine(
  ports: WatchPorts,
  engine: string,
  accounts: LeaseAccounts,
  atUs: Micros,
): Promise<readonly Alert[]> {
  const { version, text } = await ports.memories.read(engine);
  const before = readMemory(text);
  const [heartbeat, lease, root] = await Promise.all([
    ports.commands.readHeartbeat(engine),
    ports.leases.read(accounts.get(engine) ?? engine),
    ports.roots.read(engine, dayOf(atUs - US_PER_DAY)),
  ]);
  const audit = await lookAtChains({ control: ports.control, root }, engine, before.chains);
  const sight = {
    engine,
    atUs,
    heartbeat,
    lease,
    limitsVersion: audit.limitsVersion,
    auditFaultCount: audit.faultCount,
    auditFault: audit.fault,
  };
  const judgment = judge(before, sight, audit.marks);
  ports.writeLine(
    metricLine(sight, judgment.readings, {
      deployment: ports.deployment,
      namespace: CONTROL_METRICS_NAMESPACE,
      dimensions: CONTROL_METRICS_DIMENSIONS,
      units: ENGINE_METRICS,
    }),
  );
  if (judgment.isRepeated) return [];
  for (const alert of judgment.alerts) await ports.alerts.send(alert);
  const isKept = await ports.memories.replace(engine, version, JSON.stringify(judgment.memory));
  if (!isKept) ports.log.info("another look was quicker", { engine });
  return judgment.alerts;
}

/** Passes an alarm on; undefined where people have been told of the same already. */
export async function passAlarm(
  ports: Pick<WatchPorts, "memories" | "alerts" | "log">,
  { alert, isOver }: Alarm,
): Promise<Alert | undefined> {
  const { engine, kind } = alert;
  if (engine !== CONTROL_PLANE && (await isKnown(ports, engine, kind))) return;
  const told = isOver ? { ...alert, incidentId: `${alert.incidentId}.over` } : alert;
  await ports.alerts.send(told);
  return told;
}

/** An alarm must ring even while the tables are away. */
async function isKnown(
  { memories, log }: Pick<WatchPorts, "memories" | "log">,
  engine: string,
  kind: string,
): Promise<boolean> {
  try {
    const memory = readMemory((await memories.read(engine)).text);
    return openIncident(engine, memory, kind) !== undefined;
  } catch (error) {
    log.warn("what was seen cannot be read", { engine, error });
    return false;
  }
}
