/**
 * All runs of one folder: what earlier lives of the engine left behind, brought in order.
 *
 * A run that ended by a crash has a tail and an unsealed segment; until both are dealt with, retention
 * cannot touch it. Only the one engine that owns the folder may do this: to recover a run that another
 * process is writing would cut what that process is about to acknowledge.
 */
import path from "node:path";
import { RECORD_TYPES, type RecordTypeTable } from "../../../contracts/journal.ts";
import type { Disk } from "./disk.ts";
import type { JournalError } from "./failure.ts";
import { HEAD_FILE } from "./head.ts";
import { needsRecovery, recoverJournal, sealRecovered } from "./recovery.ts";
import { IMPORTING_SUFFIX } from "./run.ts";

export type RunRecovery =
  | {
      readonly ok: true;
      readonly runId: string;
      readonly lastSeq: number;
      readonly cutBytes: number;
      readonly sealedSegments: number;
    }
  | { readonly ok: false; readonly runId: string; readonly error: JournalError };

/** Names of the runs under `root`, sorted; folders without a head file are none. */
export function listRuns(disk: Disk, root: string): string[] {
  return disk
    .listDirectories(root)
    .filter((name) => !name.endsWith(IMPORTING_SUFFIX))
    .filter((name) => disk.sizeBytes(path.join(root, name, HEAD_FILE)) >= 0);
}

/**
 * Recovers and seals every run under `root` that needs it, `exceptRunId` aside. A run that is refused
 * is reported and left as it is.
 */
export async function recoverRuns(
  disk: Disk,
  root: string,
  exceptRunId: string,
  table: RecordTypeTable = RECORD_TYPES,
): Promise<RunRecovery[]> {
  const recoveries: RunRecovery[] = [];
  for (const runId of listRuns(disk, root)) {
    const isOther = runId !== exceptRunId;
    if (!isOther || !needsRecovery(disk.list(path.join(root, runId)))) continue;
    recoveries.push(await recoverRun(disk, root, runId, table));
  }
  return recoveries;
}

async function recoverRun(
  disk: Disk,
  root: string,
  runId: string,
  table: RecordTypeTable,
): Promise<RunRecovery> {
  const directory = path.join(root, runId);
  const result = recoverJournal(disk, directory, table);
  if (!result.ok) return { ok: false, runId, error: result.error };
  const sealed = await sealRecovered(disk, directory, result.recovered);
  if (!sealed.ok) return { ok: false, runId, error: sealed.error };
  const { lastSeq, tail } = result.recovered;
  const sealedSegments = sealed.manifests.length;
  return { ok: true, runId, lastSeq, cutBytes: tail?.bytes ?? 0, sealedSegments };
}
