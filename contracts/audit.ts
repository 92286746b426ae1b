/**
 * The audit chains: every change of an engine's control is one immutable item that carries the hash of
 * the one before it. There are two for each engine: its limits, whose items are the versions themselves,
 * and its actions (kills, releases, commands, proposals, refusals).
 *
 * The hash is SHA-256 over the canonical text of the item without its own hash; it is worked out at the
 * edges, because this room imports nothing. One conditional put claims a number, so a chain cannot fork.
 */
import type { Micros } from "./time.ts";

/** What an item's canonical text begins with; raised when its fields change. */
export const AUDIT_SCHEMA_VERSION = 1;

export const AUDIT_CHAINS = ["limits", "action"] as const;
export type AuditChain = (typeof AUDIT_CHAINS)[number];

/** The hash before the first item of a chain. */
export const AUDIT_GENESIS = "0".repeat(64);

export type AuditItem = {
  readonly schemaVersion: number;
  readonly engine: string;
  readonly chain: AuditChain;
  /** From 1, without gaps. Of the chain of limits it is the version. */
  readonly seq: number;
  /** `limits.put`, `limits.approve`, `kill`, `release`, `command.flatten`, `refused` ... */
  readonly kind: string;
  readonly atUs: Micros;
  /** Subject of the token, and the second person where there was one, else "". */
  readonly by: string;
  readonly approvedBy: string;
  readonly reason: string;
  /** Of the request, so that log, audit and answer can be laid side by side. */
  readonly requestId: string;
  /** JSON text of what was before and what is after; "null" where there is nothing. */
  readonly before: string;
  readonly after: string;
  readonly previousHash: string;
  readonly hash: string;
};

const FIELDS = [
  "schemaVersion",
  "engine",
  "chain",
  "seq",
  "kind",
  "atUs",
  "by",
  "approvedBy",
  "reason",
  "requestId",
  "before",
  "after",
  "previousHash",
] as const satisfies readonly (keyof AuditItem)[];

/** The text that is hashed: the fields in their order, as one JSON list. */
export function auditText(item: Omit<AuditItem, "hash">): string {
  return JSON.stringify(FIELDS.map((field) => item[field]));
}

/** The root of one UTC day: the last item of each chain at its end. */
export type AuditRoot = {
  readonly schemaVersion: number;
  readonly engine: string;
  readonly day: string;
  readonly chains: Readonly<Record<AuditChain, { readonly seq: number; readonly hash: string }>>;
};
