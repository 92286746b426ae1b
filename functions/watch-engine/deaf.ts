/**
 * Station: the kills that were asked of an engine -> the lease of a deaf one is taken away, and people are told.
 *
 * Deaf is who renews its lease and does not take a kill. Only the lease stops it then: without one nothing is
 * sent, and a successor cleans up (RELIABILITY 3.1). It commands no engine and cancels nothing itself, and it
 * leaves a lease alone that nobody renews: that one ends by itself, and any change of it would make a successor
 * wait anew.
 */
import { ALERT_SCHEMA_VERSION, type Alert } from "../../contracts/alert.ts";
import type { AuditItem } from "../../contracts/audit.ts";
import { LEASE_REVOKED, LEASE_TIMES, type LeaseItem } from "../../contracts/lease.ts";
import type { OperatorAction, OperatorCommandRecord } from "../../contracts/operator-command.ts";
import { type Micros, US_PER_MS, US_PER_S } from "../../contracts/time.ts";
import type { Log } from "../platform/log.ts";
import type { AlertQueue } from "../stores/alert-queue.ts";
import type { CommandStore } from "../stores/command-store.ts";
import type { ControlStore } from "../stores/control-store.ts";
import type { LeaseStore } from "../stores/lease-store.ts";
import type { WatchStore } from "../stores/watch-store.ts";
import { fieldsOf, listOf, parsed } from "./logic.ts";
import type { LeaseAccounts } from "./watch.ts";

export type KillWatchPorts = {
  readonly commands: Pick<CommandStore, "read" | "readHeartbeat">;
  readonly control: Pick<ControlStore, "list">;
  readonly leases: LeaseStore;
  readonly memories: WatchStore;
  readonly alerts: AlertQueue;
  readonly pause: (ms: number) => Promise<unknown>;
  readonly log: Pick<Log, "info" | "error">;
};

/** An engine takes a kill within a second; so long may it last before it is called deaf. */
export const KILL_TAKEN_US_MAX = 15 * US_PER_S;
/** A kill that is older is no sign of a deaf engine any more: people have dealt with it by other ways. */
const KILL_AGE_US_MAX = 86_400 * US_PER_S;
/** The last actions of an engine, among which its kills are looked for. */
const ACTIONS_PER_LOOK = 50;
const LEASE_POLL_US = US_PER_S;

/** What is remembered between two looks. Version 1. */
type KillMemory = {
  readonly version: 1;
  /** Fence of the lease at the look before; -1 before the first. */
  readonly fence: number;
  /** Ids of kills that were dealt with and still wait: none is dealt with twice. */
  readonly dealtWith: readonly string[];
  /** What was done and could not be told. */
  readonly untold: readonly Alert[];
};

const NO_MEMORY: KillMemory = { version: 1, fence: -1, dealtWith: [], untold: [] };

type Look = {
  readonly engine: string;
  readonly account: string;
  readonly atUs: Micros;
};

type Kill = OperatorCommandRecord & {
  readonly action: Extract<OperatorAction, { readonly kind: "kill" }>;
};

/**
 * Looks at the kills of `engine`; what people were told. Throws what the stores throw: what was not done is
 * done by the next look, and what was done is told by it.
 */
export async function watchKills(
  ports: KillWatchPorts,
  engine: string,
  accounts: LeaseAccounts,
  atUs: Micros,
): Promise<readonly Alert[]> {
  const look = { engine, account: accounts.get(engine) ?? engine, atUs };
  const [{ version, text }, lease, waiting] = await Promise.all([
    ports.memories.read(memoryName(engine)),
    ports.leases.read(look.account),
    waitingKills(ports, look),
  ]);
  const before = readMemory(text);
  const fresh = waiting.filter(({ commandId }) => !before.dealtWith.includes(commandId));
  // A holder that came since the look before may be about to take what waited for it.
  const isSettled = lease?.fence === before.fence && lease.engine === engine;
  const alert =
    isSettled && fresh.length > 0 ? await dealWith(ports, look, lease, fresh) : undefined;
  const news = alert === undefined ? [] : [alert];
  const sent = await tell(ports, [...before.untold, ...news]);
  const memory: KillMemory = {
    version: 1,
    fence: lease?.fence ?? before.fence,
    dealtWith: waiting
      .filter((kill) => alert !== undefined || !fresh.includes(kill))
      .map(({ commandId }) => commandId),
    untold: sent.untold,
  };
  await keep(ports, engine, { version, text }, memory);
  if (sent.untold.length > 0) throw sent.failure;
  return sent.told;
}

/** The kills that have waited for too long, newest first. */
async function waitingKills(
  { control, commands }: Pick<KillWatchPorts, "control" | "commands">,
  { engine, atUs }: Look,
): Promise<readonly Kill[]> {
  const page = await control.list(engine, "action", { limit: ACTIONS_PER_LOOK });
  const items = page.kind === "page" ? page.items : [];
  const kills: Kill[] = [];
  const overtaken = new Set<string>();
  for (const item of items.filter(({ atUs: askedUs }) => atUs - askedUs <= KILL_AGE_US_MAX)) {
    const commandId = commandIdIn(item);
    const record = commandId === "" ? undefined : await commands.read(engine, commandId);
    if (record === undefined) continue;
    const { action, state } = record;
    if (action.kind !== "kill" && action.kind !== "release") continue;
    const what = `${action.scope} ${action.target}`;
    // The queue keeps its order: whoever took what was asked later has had this one before it.
    if (state !== "queued") overtaken.add(what);
    else if (isKill(record) && !overtaken.has(what) && isLate(record, atUs)) kills.push(record);
  }
  return kills;
}

/** The id of the command that a kill or a release came to, or "". */
function commandIdIn({ kind, after }: AuditItem): string {
  if (kind !== "kill" && kind !== "release") return "";
  const { commandId } = fieldsOf(parsed(after));
  return typeof commandId === "string" ? commandId : "";
}

function isKill(record: OperatorCommandRecord): record is Kill {
  return record.action.kind === "kill";
}

function isLate({ askedUs, expiresUs }: Kill, atUs: Micros): boolean {
  return atUs - askedUs > KILL_TAKEN_US_MAX && atUs < expiresUs;
}

/** What was done about `kills`; undefined where nothing had to be done. */
async function dealWith(
  ports: KillWatchPorts,
  look: Look,
  lease: LeaseItem,
  kills: readonly Kill[],
): Promise<Alert | undefined> {
  const pending = await notInForce(ports, look.engine, lease, kills);
  const whole = pending.find(({ action }) => action.scope === "all");
  const kill = whole ?? pending[0];
  if (kill === undefined) return;
  // Revoked, and the kill not dealt with: a look before has done it and did not live to say so.
  const wasRevoked = lease.holder === LEASE_REVOKED && whole !== undefined;
  if (!wasRevoked) {
    if (!(await isRenewed(ports, look.account, lease))) return;
    const record = await ports.commands.read(look.engine, kill.commandId);
    if (record?.state !== "queued") return;
  }
  if (whole === undefined) return alertOf(look, lease, kill, "narrow");
  const { kind } = await ports.leases.revoke(look.account, lease.fence);
  return kind === "revoked" ? alertOf(look, lease, kill, "revoked") : undefined;
}

/** Without those that came into force by another way, such as the kill file; the record knows nothing of that. */
async function notInForce(
  { commands }: Pick<KillWatchPorts, "commands">,
  engine: string,
  lease: LeaseItem,
  kills: readonly Kill[],
): Promise<readonly Kill[]> {
  const heartbeat = await commands.readHeartbeat(engine);
  if (heartbeat?.fence !== lease.fence) return kills;
  const { trading } = fieldsOf(parsed(heartbeat.statusJson));
  const inForce = listOf(fieldsOf(trading).kills).map(fieldsOf);
  return kills.filter(
    ({ action }) =>
      !inForce.some(({ scope, target }) => scope === action.scope && target === action.target),
  );
}

/** Whether the holder renews. Counted by what is seen of the item, because clocks are not compared. */
async function isRenewed(
  { leases, pause }: Pick<KillWatchPorts, "leases" | "pause">,
  account: string,
  { holder, fence, renewals }: LeaseItem,
): Promise<boolean> {
  if (holder === "" || holder === LEASE_REVOKED) return false;
  for (let waitedUs = 0; waitedUs < LEASE_TIMES.ttlUs; waitedUs += LEASE_POLL_US) {
    await pause(LEASE_POLL_US / US_PER_MS);
    const now = await leases.read(account);
    if (now?.holder !== holder || now.fence !== fence) return false;
    if (now.renewals !== renewals) return true;
  }
  return false;
}

/** One incident a holder: a second kill that it does not hear is the same deafness. */
function alertOf(
  { engine, atUs }: Look,
  { fence }: LeaseItem,
  { action, by, askedUs }: Kill,
  done: "revoked" | "narrow",
): Alert {
  const what = action.target === "" ? action.scope : `${action.scope} ${action.target}`;
  const waitedS = Math.round((atUs - askedUs) / US_PER_S);
  const then =
    done === "revoked"
      ? `the lease was revoked at fence ${fence}; orders may be open: see cancel-all`
      : `the lease was left, with fence ${fence}; kill all of it if this cannot wait`;
  return {
    schemaVersion: ALERT_SCHEMA_VERSION,
    incidentId: `${engine}.deaf.${fence}${done === "revoked" ? "" : ".narrow"}`,
    engine,
    severity: 1,
    kind: "deaf",
    text: `deaf: the kill of ${what} by ${by} has waited for ${waitedS} s and was not taken; ${then}`,
    atUs,
  };
}

/** Sends what it can: a queue that is away keeps nothing from being remembered. */
async function tell(
  { alerts, log }: Pick<KillWatchPorts, "alerts" | "log">,
  due: readonly Alert[],
): Promise<{
  readonly told: readonly Alert[];
  readonly untold: readonly Alert[];
  readonly failure: unknown;
}> {
  const told: Alert[] = [];
  const untold: Alert[] = [];
  let failure: unknown;
  for (const alert of due) {
    try {
      await alerts.send(alert);
      told.push(alert);
    } catch (error) {
      log.error("a deaf engine could not be told of", { engine: alert.engine, error });
      untold.push(alert);
      failure = error;
    }
  }
  return { told, untold, failure };
}

async function keep(
  { memories, log }: Pick<KillWatchPorts, "memories" | "log">,
  engine: string,
  before: { readonly version: number; readonly text: string },
  memory: KillMemory,
): Promise<void> {
  const text = JSON.stringify(memory);
  if (text === before.text) return;
  const isKept = await memories.replace(memoryName(engine), before.version, text);
  if (!isKept) log.info("another look at the kills was quicker", { engine });
}

/** Beside the other memory of the engine; no id of an engine holds a dot. */
function memoryName(engine: string): string {
  return `${engine}.kills`;
}

/** One that cannot be read is none: a holder is then new once more. */
function readMemory(text: string): KillMemory {
  const value = parsed(text) as KillMemory | undefined;
  return value?.version === 1 ? value : NO_MEMORY;
}
