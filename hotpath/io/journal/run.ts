/**
 * The beginning of a run: its directory, its head file, and the place from which a writer goes on.
 *
 * A run's directory is made once. What is found in one that exists already belongs to recovery.
 */
import path from "node:path";
import { assert } from "../../../contracts/assert.ts";
import { CHAIN_BYTES, RUN_ID_PATTERN } from "../../../contracts/journal.ts";
import { type Disk, makeDirectoryDurably, writeFileWhole } from "./disk.ts";
import { type Failure, failure, messageOf } from "./failure.ts";
import { encodeHeadSlot, HEAD_FILE, HEAD_FILE_BYTES, type Head, headSlotOffset } from "./head.ts";

/** Ends the name of a folder that is being imported into; such a folder may be deleted. */
export const IMPORTING_SUFFIX = ".importing";

/** Where writing goes on: after nothing, or after what recovery found. */
export type WriterStart = {
  readonly runId: string;
  readonly nextSeq: number;
  /** Number of the segment before the one to be written. */
  readonly lastSegment: number;
  readonly chain: Uint8Array;
  readonly headCounter: number;
};

/** Makes the directory and head file of a new run. Anything already there refuses. */
export function beginRun(
  disk: Disk,
  directory: string,
  run: { readonly runId: string; readonly firstSeq: number },
): { readonly ok: true; readonly start: WriterStart } | Failure {
  assert(RUN_ID_PATTERN.test(run.runId), "a run id is a short file name");
  assert(run.firstSeq >= 1, "sequences start at one");
  const { runId, firstSeq } = run;
  try {
    const present = disk.list(directory);
    if (present.length > 0) {
      return failure("exists", directory, -1, `a new run's directory already holds ${present[0]}`);
    }
    // The first run also makes the folder of all runs, and is lost with the name of that one.
    makeDirectoryDurably(disk, directory);
    writeHeadWhole(disk, directory, {
      runId,
      counter: 0,
      ackedSeq: firstSeq - 1,
      segment: 0,
      offset: 0,
    });
  } catch (thrown) {
    return failure("disk", directory, -1, messageOf(thrown));
  }
  const chain = new Uint8Array(CHAIN_BYTES);
  return { ok: true, start: { runId, nextSeq: firstSeq, lastSegment: 0, chain, headCounter: 0 } };
}

/** Replaces the head file; for the beginning of a run and for recovery, not for each group. */
export function writeHeadWhole(disk: Disk, directory: string, head: Head): void {
  const file = new Uint8Array(HEAD_FILE_BYTES);
  file.set(encodeHeadSlot(head), headSlotOffset(head.counter));
  writeFileWhole(disk, path.join(directory, HEAD_FILE), file);
}
