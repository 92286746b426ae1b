/**
 * Station: what an operator asks -> a command on its way to the engine.
 *
 * First the audit says that it was asked, then the record stands, then the message goes; a failure between
 * two of them leaves a trace and is mended by asking again, since the id is derived. A kill waits for
 * none of the three: each is tried, and the answer says which of them worked.
 */
import type { AuditItem } from "../../contracts/audit.ts";
import {
  COMMAND_LIFE_US,
  isCommandOver,
  OPERATOR_COMMAND_SCHEMA_VERSION,
  type OperatorAction,
  type OperatorCommand,
  type OperatorCommandRecord,
} from "../../contracts/operator-command.ts";
import { type Micros, US_PER_S } from "../../contracts/time.ts";
import { canonicalJson, recordOnce, subjectOf } from "./audit-trail.ts";
import type { Call } from "./endpoint.ts";
import { type Answer, answer, problem } from "./problem.ts";

/** A kill never expires: its end is beyond every clock. */
const NEVER_US = Number.MAX_SAFE_INTEGER;
/** So long a kill waits for each table before it goes on without it. */
export const KILL_TABLE_WAIT_MS = 700;
/** So long it waits for the queue before it says that the way is not open. */
export const KILL_QUEUE_WAIT_MS = 4_000;
const ID_LENGTH = 32;
/** The longest that a caller may wait for an outcome (`Prefer: wait=`). */
export const WAIT_S_MAX = 10;
const POLL_MS = 50;

/** The id of what `subject` asks with `key`: asking twice is asking once. */
export function commandIdOf(call: Call, subject: string, key: string): string {
  const parts = [call.engine, subject, key];
  return call.ports.sha256(canonicalJson(parts)).slice(0, ID_LENGTH);
}

export type Order = {
  readonly commandId: string;
  readonly action: OperatorAction;
  readonly by: string;
  readonly reason: string;
  /** When it was decided, where that was before this request. */
  readonly askedUs?: Micros;
};

function recordOf(call: Call, order: Order): OperatorCommandRecord {
  const { commandId, action, by, reason, askedUs = call.nowUs } = order;
  const neverExpires = action.kind === "kill";
  return {
    schemaVersion: OPERATOR_COMMAND_SCHEMA_VERSION,
    commandId,
    engine: call.engine,
    action,
    by,
    reason,
    askedUs,
    expiresUs: neverExpires ? NEVER_US : call.nowUs + COMMAND_LIFE_US,
    state: "queued",
    changedUs: call.nowUs,
    tick: -1,
    outcome: "",
  };
}

/** The message of a record: what was asked, without what became of it. */
function messageOf(record: OperatorCommandRecord): OperatorCommand {
  const { schemaVersion, commandId, engine, action, by, reason, askedUs, expiresUs } = record;
  return { schemaVersion, commandId, engine, action, by, reason, askedUs, expiresUs };
}

/** Creates the record and sends the message. Throws where table or queue do not answer. */
export async function dispatch(call: Call, order: Order): Promise<OperatorCommandRecord> {
  const { record } = await call.ports.commands.create(recordOf(call, order));
  // Also where the record stood already: its message may be the one that never went.
  if (!isCommandOver(record.state)) await call.ports.queue.send(messageOf(record));
  return record;
}

/** Audit, record, message, answer: the way of every command but the kill. */
export async function askEngine(
  call: Call,
  action: OperatorAction,
  { reason, key }: { readonly reason: string; readonly key: string },
): Promise<Answer> {
  const by = call.principal.subject;
  const commandId = commandIdOf(call, by, key);
  const standing = await call.ports.commands.read(call.engine, commandId);
  if (standing !== undefined && !isSame(standing, { action, reason })) return reusedKey();
  const draft = { kind: `command.${action.kind}`, reason, after: { commandId, action } };
  const item = await recordOnce(call, draft, isAbout(draft.kind, commandId));
  const record = await dispatch(call, { commandId, action, by, reason });
  return commandAnswer(record, { auditSeq: item.seq });
}

function isSame(
  standing: OperatorCommandRecord,
  asked: Pick<OperatorCommandRecord, "action" | "reason">,
): boolean {
  return (
    canonicalJson(standing.action) === canonicalJson(asked.action) &&
    standing.reason === asked.reason
  );
}

function reusedKey(): Answer {
  return problem("keyReused", "This key was used for another request.", {
    field: "idempotency-key",
  });
}

/** What a kill came to: each way by itself. */
export type KillWays = {
  readonly recorded: boolean;
  readonly queued: boolean;
  readonly audited: boolean;
};

/**
 * Kills by every way that is open. The message goes as soon as the record stands or has had its time; the
 * audit is written beside it. Only where the queue is closed is it not on its way.
 */
export async function killEngine(
  call: Call,
  action: Extract<OperatorAction, { kind: "kill" }>,
  { reason, key }: { readonly reason: string; readonly key: string },
): Promise<Answer> {
  const by = call.principal.subject;
  const commandId = commandIdOf(call, by, key);
  const asked = recordOf(call, { commandId, action, by, reason });
  const created = await within(call, KILL_TABLE_WAIT_MS, "record", () =>
    call.ports.commands.create(asked),
  );
  const record = created?.record ?? asked;
  if (!isSame(record, { action, reason })) return reusedKey();
  const [sent, item] = await Promise.all([
    within(call, KILL_QUEUE_WAIT_MS, "message", () => call.ports.queue.send(messageOf(record))),
    auditKill(call, asked),
  ]);
  const ways: KillWays = {
    recorded: created !== undefined,
    queued: sent !== undefined,
    audited: item !== undefined,
  };
  if (!ways.queued) return unsentKill(record, ways);
  return commandAnswer(record, { ...ways, auditSeq: item?.seq ?? 0 });
}

/** Once for each kill, however often it is asked for: an attempt before may have come as far as this. */
function auditKill(
  call: Call,
  { commandId, action, reason }: OperatorCommandRecord,
): Promise<AuditItem | undefined> {
  const draft = { kind: "kill", reason, after: { commandId, action } };
  return within(call, KILL_TABLE_WAIT_MS, "audit", () =>
    recordOnce(call, draft, isAbout("kill", commandId)),
  );
}

/** Whether an item of the audit is that of this command. */
export function isAbout(kind: string, commandId: string): (item: AuditItem) => boolean {
  return (item) => item.kind === kind && commandIdIn(item) === commandId;
}

/** The id of the command that an action came to; undefined of actions that are none. */
export function commandIdIn(item: AuditItem): string | undefined {
  const { commandId } = subjectOf(item);
  return typeof commandId === "string" ? commandId : undefined;
}

function unsentKill(record: OperatorCommandRecord, ways: KillWays): Answer {
  const refused = problem(
    "unavailable",
    "The queue to the engine does not answer, so the kill may not be on its way. " +
      "Use the engine's own admin port or its kill file, or the independent canceller.",
  );
  return { ...refused, body: { ...(refused.body as object), command: record, ...ways } };
}

/** What `work` gives within `ms`, or undefined; a failure is logged, not thrown. */
async function within<Value>(
  call: Call,
  ms: number,
  step: string,
  work: () => Promise<Value>,
): Promise<Value | undefined> {
  const { log, pause } = call.ports;
  const fields = { requestId: call.requestId, engine: call.engine, step };
  const attempt = async (): Promise<Value | undefined> => {
    try {
      return await work();
    } catch (error) {
      log.error("a step of a kill failed", fields, error);
      return undefined;
    }
  };
  const late = async (): Promise<undefined> => {
    await pause(ms);
    return undefined;
  };
  return await Promise.race([attempt(), late()]);
}

/** 202 with the record, and beside it what else there is to say. */
export function commandAnswer(
  record: OperatorCommandRecord,
  beside: Readonly<Record<string, unknown>> = {},
): Answer {
  const location = `/v1/engines/${record.engine}/commands/${record.commandId}`;
  return answer({ command: record, ...beside }, 202, { location });
}

/** Seconds of `Prefer: wait=2`; 0 without. */
export function waitSecondsOf(prefer: string): number {
  const seconds = Number(/(?:^|[,;\s])wait=(\d{1,3})(?:$|[,;\s])/.exec(prefer)?.[1] ?? "0");
  return Math.min(seconds, WAIT_S_MAX);
}

/**
 * The same answer with the outcome, where the caller wants to wait for it and it comes in time: 200
 * instead of 202. A table that does not answer leaves the answer as it was.
 */
export async function withOutcome(call: Call, given: Answer): Promise<Answer> {
  const { command = null } = (given.body ?? {}) as {
    readonly command?: OperatorCommandRecord | null;
  };
  const seconds = waitSecondsOf(call.header("prefer"));
  if (command === null || seconds === 0 || given.status >= 300) return given;
  const headers = { ...given.headers, "preference-applied": `wait=${seconds}` };
  // By the clock and not by the polls alone: a table that is slow to fail makes each of them long.
  const endUs = call.ports.nowUs() + seconds * US_PER_S;
  for (
    let waitedMs = 0;
    waitedMs <= seconds * 1000 && call.ports.nowUs() <= endUs;
    waitedMs += POLL_MS
  ) {
    const record = await readRecord(call, command.commandId);
    if (record !== undefined && isCommandOver(record.state)) {
      const status = given.status === 202 ? 200 : given.status;
      return { status, body: { ...(given.body as object), command: record }, headers };
    }
    await call.ports.pause(POLL_MS);
  }
  return { ...given, headers };
}

async function readRecord(
  call: Call,
  commandId: string,
): Promise<OperatorCommandRecord | undefined> {
  try {
    return await call.ports.commands.read(call.engine, commandId);
  } catch (error) {
    const fields = { requestId: call.requestId, engine: call.engine, step: "wait" };
    call.ports.log.error("an outcome could not be read", fields, error);
    return undefined;
  }
}
