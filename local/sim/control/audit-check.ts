/**
 * Checkers of what people changed: the audit chains as they lie in the table, against what was asked and what the
 * loop took (invariants 16, 20, 26, 31). The chain is verified here by hand, not by the code that wrote it.
 */
import { createHash } from "node:crypto";
import type { Item } from "../aws/attribute.ts";
import type { Taken } from "./engine-loop.ts";
import type { Ledger } from "./people.ts";

/** The order of an item's fields in its hash (contracts/audit.ts). */
const FIELDS =
  "schemaVersion engine chain seq kind atUs by approvedBy reason requestId before after previousHash".split(
    " ",
  );
const GENESIS = "0".repeat(64);

/** The items of one chain, in their order. */
export function chainOf(items: readonly Item[], chain: "limits" | "action"): readonly Item[] {
  return items
    .filter(({ pk }) => String(pk).startsWith(`${chain}#`))
    .sort((a, b) => Number(a.seq) - Number(b.seq));
}

/** Holes, forks and edits of a chain. */
export function chainFaults(chain: string, items: readonly Item[]): string[] {
  const faults: string[] = [];
  let previous = GENESIS;
  for (const [n, item] of items.entries()) {
    const text = JSON.stringify(FIELDS.map((field) => item[field]));
    const hash = createHash("sha256").update(text, "utf8").digest("hex");
    const what = `20: ${chain} item ${String(item.seq)}`;
    if (item.seq !== n + 1) faults.push(`${what} stands where ${n + 1} should`);
    if (item.hash !== hash) faults.push(`${what} is not what its hash was made of`);
    if (item.previousHash !== previous) faults.push(`${what} does not follow the one before`);
    previous = String(item.hash);
  }
  return faults;
}

/** Changes that stand in the chain of actions twice, and commands that stand in none. */
export function actionFaults(
  actions: readonly Item[],
  commands: readonly Item[],
  unaudited: ReadonlySet<string>,
): string[] {
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const item of actions) {
    const name = nameOf(item);
    if (name === "") continue;
    if (seen.has(name)) faults.push(`20: ${name} stands in the audit twice`);
    seen.add(name);
  }
  const audited = new Set(actions.map((item) => String(afterOf(item).commandId ?? "")));
  for (const command of commands) {
    const isCommand = String(command.pk).startsWith("command#");
    const { kind } = (command.action ?? {}) as { readonly kind?: unknown };
    // The item of a version of limits is its own audit record.
    if (!isCommand || kind === "applyLimits" || audited.has(String(command.commandId))) continue;
    if (unaudited.has(String(command.reason))) continue;
    faults.push(`20: the command "${String(command.reason)}" stands in no audit`);
  }
  return faults;
}

/** What one item is about: two items of one name are one change told twice. */
function nameOf(item: Item): string {
  if (item.kind === "refused") return "";
  const { commandId = "", proposalId = "" } = afterOf(item);
  return `${String(item.kind)} ${String(commandId)} ${String(proposalId)}`;
}

function afterOf({ after }: Item): Readonly<Record<string, unknown>> {
  return (JSON.parse(String(after)) ?? {}) as Readonly<Record<string, unknown>>;
}

/** Versions of limits that widen without a second person. */
export function wideningFaults(limits: readonly Item[], base: string): string[] {
  const faults: string[] = [];
  let before = Number(base);
  for (const item of limits) {
    const { orderNotionalMax } = afterOf(item);
    const isWider = Number(orderNotionalMax) > before;
    const isOne = item.approvedBy === "" || item.approvedBy === item.by;
    if (isWider && isOne) faults.push(`20: version ${String(item.seq)} widens by one person`);
    before = Number(orderNotionalMax);
  }
  return faults;
}

/** Limits that the loop took: whole, known, and never older than what was in force in that life. */
export function limitsFaults(taken: readonly Taken[], limits: readonly Item[]): string[] {
  const faults: string[] = [];
  let life = 0;
  let version = 0;
  for (const each of taken) {
    if (each.life !== life) version = 0;
    life = each.life;
    // What the core refuses is never in force; a loop that was deaf is handed versions again.
    if (each.event.type !== "limitsChanged" || !each.isEffective) continue;
    const { event } = each;
    const item = limits.find(({ seq }) => seq === event.version);
    if (item === undefined)
      faults.push(`26: the loop took version ${event.version}, which is none`);
    else if (!isSameJson(event.limits, afterOf(item))) {
      faults.push(`26: the loop took version ${event.version} in part`);
    }
    if (event.version <= version) faults.push(`26: ${event.version} was taken after ${version}`);
    version = event.version;
  }
  return faults;
}

function isSameJson(a: object, b: object): boolean {
  const entries = (value: object): string => JSON.stringify(Object.entries(value).sort());
  return entries(a) === entries(b);
}

/** Kills that nobody took in time, and kills that were called done before anybody had. */
export function killFaults({ kills }: Ledger, taken: readonly Taken[]): string[] {
  return kills.flatMap((kill) => {
    const first = taken.find(({ event }) => "reason" in event && event.reason === kill.reason);
    if (first === undefined) return [`16: "${kill.reason}" never reached the loop`];
    const isLate = kill.doneUs > 0 && first.atUs > kill.doneUs;
    return isLate ? [`16: "${kill.reason}" was called done before the loop took it`] : [];
  });
}

/** Releases that nobody asked for, and those that undid a kill asked for after they were decided. */
export function releaseFaults(
  { kills, releases }: Ledger,
  taken: readonly Taken[],
  control: readonly Item[],
): string[] {
  return taken.flatMap(({ event, atUs }) => {
    if (event.type !== "killReleased") return [];
    const release = releases.find(({ reason }) => event.reason.startsWith(`${reason} |`));
    if (release === undefined)
      return [`16: "${event.reason}" was taken and nobody has asked for it`];
    const proposal = control.find(({ proposalId }) => proposalId === release.proposalId);
    const decidedUs = Number(proposal?.decidedUs ?? 0);
    const undone = kills.find(
      ({ reason, askedUs }) =>
        askedUs > decidedUs &&
        taken.some((each) => isKillOf(each, reason, event) && each.atUs < atUs),
    );
    if (undone === undefined) return [];
    return [`16: "${event.reason}" undid "${undone.reason}", which was asked for after it`];
  });
}

/** Whether it is the kill of that reason, and of just what a release is about. */
function isKillOf(
  { event }: Taken,
  reason: string,
  { scope, target }: { readonly scope: string; readonly target: string },
): boolean {
  if (event.type !== "killRequested" || event.reason !== reason) return false;
  return event.scope === scope && event.target === target;
}
