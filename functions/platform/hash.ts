/**
 * Hashes: SHA-256 over text, and what makes an audit item a link of its chain.
 */
import { createHash } from "node:crypto";
import { type AuditItem, auditText } from "../../contracts/audit.ts";

/** SHA-256 of the UTF-8 bytes of `text`, as hex. */
export function sha256Hex(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** The hash that an audit item has to carry. */
export function hashOfAudit(item: Omit<AuditItem, "hash">): string {
  return sha256Hex(auditText(item));
}

/** `item` with its hash: ready to be appended. */
export function sealedAudit(item: Omit<AuditItem, "hash">): AuditItem {
  return { ...item, hash: hashOfAudit(item) };
}
