/**
 * Station: the items of an audit chain, in any order -> whether it is whole, or where it breaks and how.
 *
 * Pure but for the hash. It trusts nothing that an item says of itself: the hash is worked out anew from the
 * fields, the numbers must be without a gap, each must name the hash before it, and a root that was taken at
 * the end of a day must be met, or the chain was cut at its end.
 */
import { createHash } from "node:crypto";
import {
  AUDIT_GENESIS,
  type AuditChain,
  type AuditItem,
  auditText,
} from "../../contracts/audit.ts";

/** How a chain breaks. `edit`: a field was changed. `drop`: an item is missing. `reorder`: two stand exchanged. */
export type AuditBreakKind = "edit" | "drop" | "reorder" | "duplicate" | "cut";

export type AuditBreak = {
  readonly chain: AuditChain;
  readonly seq: number;
  readonly kind: AuditBreakKind;
  readonly detail: string;
};

export type AuditVerdict = {
  readonly chain: AuditChain;
  readonly count: number;
  /** Of the last good item; the genesis where there is none. */
  readonly head: string;
  readonly fault: AuditBreak | undefined;
};

/** The end of a chain as somebody else has noted it. */
export type KnownEnd = { readonly seq: number; readonly hash: string };

/** SHA-256 of an item's canonical text, hex. */
export function hashOfItem(item: Omit<AuditItem, "hash">): string {
  return createHash("sha256").update(auditText(item), "utf8").digest("hex");
}

/** Looks at `items`, which should be the chain from its first item on, in their order. */
export function verifyChain(
  chain: AuditChain,
  items: readonly AuditItem[],
  known: KnownEnd | undefined = undefined,
): AuditVerdict {
  let head = AUDIT_GENESIS;
  for (const [at, item] of items.entries()) {
    const fault = faultOf(chain, items, at, head);
    if (fault !== undefined) return { chain, count: at, head, fault };
    head = item.hash;
  }
  return { chain, count: items.length, head, fault: cutFault(chain, items, known) };
}

function faultOf(
  chain: AuditChain,
  items: readonly AuditItem[],
  at: number,
  head: string,
): AuditBreak | undefined {
  const item = items[at] as AuditItem;
  const seq = at + 1;
  const fault = (kind: AuditBreakKind, detail: string): AuditBreak => ({
    chain,
    seq,
    kind,
    detail,
  });
  if (item.seq !== seq) {
    const isLater = items.slice(at + 1).some((other) => other.seq === seq);
    if (item.seq < seq) return fault("duplicate", `item ${item.seq} stands there a second time`);
    return isLater
      ? fault("reorder", `item ${item.seq} stands in its place`)
      : fault("drop", `it is missing; item ${item.seq} follows`);
  }
  if (item.chain !== chain) return fault("edit", `it says that it is of the chain ${item.chain}`);
  if (hashOfItem(item) !== item.hash) return fault("edit", "its hash is not that of its fields");
  if (item.previousHash !== head) {
    return fault("edit", "it follows another item than the one before it");
  }
  return undefined;
}

function cutFault(
  chain: AuditChain,
  items: readonly AuditItem[],
  known: KnownEnd | undefined,
): AuditBreak | undefined {
  if (known === undefined || known.seq === 0) return undefined;
  const item = items[known.seq - 1];
  if (item?.hash === known.hash) return undefined;
  const { seq } = known;
  return item === undefined
    ? { chain, seq, kind: "cut", detail: "a root knows it, and the chain ends before it" }
    : { chain, seq, kind: "edit", detail: "a root knows it with another hash" };
}
