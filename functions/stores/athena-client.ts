/**
 * Older history through Athena, with a client of its own: only the API in the cloud needs one.
 */
import { AthenaClient } from "@aws-sdk/client-athena";
import { createAthenaHistory } from "./athena-history.ts";
import { ATTEMPTS_MAX } from "./clients.ts";
import type { ColdHistory } from "./cold-history.ts";

/** Less than the API's own 29 s, so that a slow question is answered with a problem and not cut. */
const QUESTION_MS_MAX = 20_000;

export type AthenaNames = { readonly database: string; readonly workGroup: string };

/** Older history in the tables of `names`. */
export function createCloudHistory({ database, workGroup }: AthenaNames): ColdHistory {
  const client = new AthenaClient({ maxAttempts: ATTEMPTS_MAX, retryMode: "standard" });
  const nowMs = (): number => performance.now();
  return createAthenaHistory(client, { database, workGroup, timeoutMs: QUESTION_MS_MAX, nowMs });
}
