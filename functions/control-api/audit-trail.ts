/**
 * Station: what somebody did -> one item at the end of an audit chain.
 *
 * A number of a chain is claimed by one conditional put; whoever comes second goes on from what stands
 * there. An action is written down before it is carried out, so that there is no change without its item;
 * only a kill does not wait for it.
 */
import {
  AUDIT_GENESIS,
  AUDIT_SCHEMA_VERSION,
  type AuditChain,
  type AuditItem,
  auditText,
} from "../../contracts/audit.ts";
import type { Appended } from "../stores/control-store.ts";
import type { Call } from "./endpoint.ts";
import { PAGE_LIMIT } from "./paging.ts";

export type AuditDraft = {
  readonly kind: string;
  readonly reason: string;
  /** Who asked, where that is not the caller. */
  readonly by?: string;
  readonly approvedBy?: string;
  /** JSON values, or nothing. */
  readonly before?: unknown;
  readonly after?: unknown;
};

/** So many writers may come before us; the chain of one engine has a few a minute. */
const ATTEMPTS_MAX = 16;

/** Writes `draft` at the end of the engine's chain of actions. Throws where the table does not answer. */
export async function recordAction(call: Call, draft: AuditDraft): Promise<AuditItem> {
  const { control } = call.ports;
  let head = await control.readHead(call.engine, "action");
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const appended = await control.append(itemAfter(call, "action", head, draft));
    if (appended.kind === "appended") return appended.item;
    head = appended.current;
  }
  throw new Error(`the chain of actions of ${call.engine} could not be appended to`);
}

/**
 * The same for a change that may be asked for again: where one of the last items is `isSame`, a first attempt has
 * written it and died or lost its answer, and it is not written twice. Whoever races with us is met as well,
 * because of two of a number one is turned away and looks again.
 */
export async function recordOnce(
  call: Call,
  draft: AuditDraft,
  isSame: (item: AuditItem) => boolean,
): Promise<AuditItem> {
  const { control } = call.ports;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const page = await control.list(call.engine, "action", { limit: PAGE_LIMIT });
    const items = page.kind === "page" ? page.items : [];
    const standing = items.find(isSame);
    if (standing !== undefined) return standing;
    const appended = await control.append(itemAfter(call, "action", items[0], draft));
    if (appended.kind === "appended") return appended.item;
  }
  throw new Error(`the chain of actions of ${call.engine} could not be appended to`);
}

/** What an action was about: the JSON that stands in it as `after`. */
export function subjectOf({ after }: AuditItem): Readonly<Record<string, unknown>> {
  return (JSON.parse(after) ?? {}) as Readonly<Record<string, unknown>>;
}

/** Claims the version after `head` for `draft`: the item is the version. */
export function appendLimits(
  call: Call,
  head: AuditItem | undefined,
  draft: AuditDraft,
): Promise<Appended> {
  return call.ports.control.append(itemAfter(call, "limits", head, draft));
}

function itemAfter(
  call: Call,
  chain: AuditChain,
  head: AuditItem | undefined,
  draft: AuditDraft,
): AuditItem {
  const item: Omit<AuditItem, "hash"> = {
    schemaVersion: AUDIT_SCHEMA_VERSION,
    engine: call.engine,
    chain,
    seq: (head?.seq ?? 0) + 1,
    kind: draft.kind,
    atUs: call.nowUs,
    by: draft.by ?? call.principal.subject,
    approvedBy: draft.approvedBy ?? "",
    reason: draft.reason,
    requestId: call.requestId,
    before: canonicalJson(draft.before),
    after: canonicalJson(draft.after),
    previousHash: head?.hash ?? AUDIT_GENESIS,
  };
  return { ...item, hash: call.ports.sha256(auditText(item)) };
}

/** JSON text of `value` with the names of objects in order, so that equal values are equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value ?? null, (_key, part: unknown) => {
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
    const fields = Object.entries(part);
    return Object.fromEntries(fields.sort(([first], [second]) => (first < second ? -1 : 1)));
  });
}

export type ChainFault = { readonly seq: number; readonly reason: string };

/**
 * The first fault of `items`, which are consecutive and oldest first; undefined where there is none.
 * `before` is the hash of the item before the first, or undefined where it is not at hand.
 */
export function chainFault(
  items: readonly AuditItem[],
  before: { readonly seq: number; readonly hash: string } | undefined,
  sha256: (text: string) => string,
): ChainFault | undefined {
  let previous = before;
  for (const item of items) {
    const { hash, ...rest } = item;
    if (sha256(auditText(rest)) !== hash) {
      return { seq: item.seq, reason: "the item is not what its hash was made of" };
    }
    if (previous !== undefined && item.seq !== previous.seq + 1) {
      return { seq: item.seq, reason: `the item before it is missing: ${previous.seq + 1}` };
    }
    if (previous !== undefined && item.previousHash !== previous.hash) {
      return { seq: item.seq, reason: "it does not follow the item before it" };
    }
    previous = item;
  }
  return undefined;
}

/** What the first item of a chain follows. */
export const CHAIN_START = { seq: 0, hash: AUDIT_GENESIS } as const;
