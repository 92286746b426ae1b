/**
 * The whole journal read once, record by record, to say how far it holds.
 *
 * Opening a journal judges sealed segments by their manifests; this reads every byte of them.
 */
import type { JournalError } from "./failure.ts";
import type { Journal, RetiredWindow } from "./reader.ts";

/** What a walk over a whole journal found. */
export type JournalReport = {
  readonly ok: boolean;
  readonly error: JournalError | null;
  readonly records: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly segments: number;
  readonly retired: readonly RetiredWindow[];
};

/** Reads every record of `journal` and says how far it holds. */
export function verifyJournal(journal: Journal): JournalReport {
  const cursor = journal.cursor();
  let records = 0;
  while (cursor.next()) records += 1;
  const { firstSeq, lastSeq, retired } = journal;
  const segments = journal.segments.length;
  return {
    ok: cursor.error === null,
    error: cursor.error,
    records,
    firstSeq,
    lastSeq,
    segments,
    retired,
  };
}
