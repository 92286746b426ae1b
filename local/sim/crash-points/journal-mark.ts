/**
 * Station: a run's journal on some disk -> a fingerprint of its records up to each of them.
 *
 * Two journals of one run are compared by it: what a recovery has left must be a beginning of what was
 * written, and hold everything that was acknowledged.
 */
import path from "node:path";
import { crc32c } from "../../../contracts/crc32c.ts";
import type { Disk } from "../../../hotpath/io/journal/disk.ts";
import { openJournal } from "../../../hotpath/io/journal/reader.ts";

export type JournalMark = {
  readonly runId: string;
  /** Acknowledged to the process that wrote it. */
  readonly ackedSeq: number;
  /** `sums[i]` covers the records 1 to i + 1. */
  readonly sums: readonly number[];
};

const PRIME = 0x01000193;

/** The records of a run as they can be read now; those of a run that cannot be read are none. */
export function markJournal(
  disk: Disk,
  root: string,
  run: { readonly runId: string; readonly ackedSeq: number },
): JournalMark {
  const opened = openJournal(path.join(root, run.runId), { disk });
  const sums: number[] = [];
  if (!opened.ok) return { ...run, sums };
  const cursor = opened.journal.cursorAsWritten();
  let sum = 0;
  while (cursor.next()) {
    sum = (Math.imul(sum, PRIME) ^ crc32c(cursor.bytes, cursor.offset, cursor.end)) >>> 0;
    sums.push(sum);
  }
  return { ...run, sums };
}

/** What is wrong with a run as recovery has left it, against what its process knew; "" for nothing. */
export function lossOf(before: JournalMark, after: JournalMark): string {
  const { runId, ackedSeq } = before;
  const last = after.sums.length;
  if (last < ackedSeq) return `${runId} lost records: ${last} of ${ackedSeq} acknowledged`;
  const shared = Math.min(last, before.sums.length);
  if (shared > 0 && before.sums[shared - 1] !== after.sums[shared - 1]) {
    return `${runId} holds other records than were written, somewhere up to ${shared}`;
  }
  return "";
}
