/**
 * Station: a run's header -> the plan that its facts are named by. It is the first control record of a run, and
 * is read again wherever a run is taken up in its middle.
 */
import { CLASS_CTL, CTL_RUN_HEADER } from "../../contracts/journal.ts";
import type { FactPlan } from "../facts/names.ts";
import type { Disk } from "../io/journal/disk.ts";
import { describeError } from "../io/journal/failure.ts";
import { JournalFollower } from "../io/journal/follow.ts";

/** The header stands among the first records; a run that has none by then has none. */
const LOOKED_THROUGH_BYTES = 64 * 1024 * 1024;

/** The plan of a run whose records up to `seq` are safe, or why it cannot be read. */
export function readFactPlan(
  disk: Disk,
  directory: string,
  { runId, seq }: { readonly runId: string; readonly seq: number },
): FactPlan | string {
  const wants = (classCode: number, type: number): boolean =>
    classCode === CLASS_CTL && type === CTL_RUN_HEADER;
  const follower = new JournalFollower({ disk, directory, runId, fromSeq: 1, wants });
  const read = follower.take(seq, { recordsMax: 1, bytesMax: LOOKED_THROUGH_BYTES });
  follower.close();
  if (!read.ok) return describeError(read.error);
  const [header] = read.records;
  return header === undefined ? `${runId} has no header` : (JSON.parse(header.body) as FactPlan);
}
