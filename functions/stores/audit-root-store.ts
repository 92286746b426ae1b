/**
 * The roots of the audit chains, one for each engine and UTC day, in the bucket that is locked against
 * overwriting: what an edit of the chains cannot reach.
 */
import type { S3Client } from "@aws-sdk/client-s3";
import type { AuditRoot } from "../../contracts/audit.ts";
import { auditRootKey } from "../../contracts/keys.ts";
import { createArchiveStore, type PutOnce } from "./archive-store.ts";

export type AuditRootStore = {
  /** `differs` means that another root of that day stands there: somebody has to be told. */
  readonly put: (root: AuditRoot) => Promise<PutOnce["kind"]>;
  readonly read: (engine: string, day: string) => Promise<AuditRoot | undefined>;
};

/** The bucket of audit roots of the deployment `prefix` at `place`. */
export function createAuditRootStore(
  client: S3Client,
  prefix: string,
  place: string,
): AuditRootStore {
  const bucket = createArchiveStore(client, prefix, place, "audit");
  return {
    async put(root) {
      const bytes = new TextEncoder().encode(JSON.stringify(root));
      const { kind } = await bucket.putOnce(auditRootKey(root.engine, root.day), bytes);
      return kind;
    },
    async read(engine, day) {
      const bytes = await bucket.read(auditRootKey(engine, day));
      if (bytes === undefined) return;
      return JSON.parse(new TextDecoder().decode(bytes)) as AuditRoot;
    },
  };
}
