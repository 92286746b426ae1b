/**
 * Station: the disk after a history, and what each life had been told was safe -> invariants 4 and 5.
 *
 * 4: no record that was acknowledged is missing from the journal of its life, whatever killed it. 5: each
 * journal, put through the same core again, gives the same commands and the same fingerprints.
 */
import path from "node:path";
import { describeError } from "../../../hotpath/io/journal/failure.ts";
import { openJournal } from "../../../hotpath/io/journal/reader.ts";
import { listRuns } from "../../../hotpath/io/journal/runs.ts";
import { Replay } from "../../../hotpath/replay.ts";
import type { VirtualDisk } from "../disk/virtual-disk.ts";
import type { EngineLife } from "../engine/engine-life.ts";

export type JournalMiss = { readonly invariant: 4 | 5; readonly sentence: string };

/** Which lives are put through the core again: one of so many, from this one on. */
export type ReplayShare = { readonly every: number; readonly first: number };

const EVERY_LIFE: ReplayShare = { every: 1, first: 0 };

/** The first thing that is wrong with the journals of these lives; undefined when nothing is. */
export function judgeJournals(
  disk: VirtualDisk,
  root: string,
  lives: readonly Pick<EngineLife, "runId" | "ackedSeq">[],
  { every, first }: ReplayShare = EVERY_LIFE,
): JournalMiss | undefined {
  const runs = new Set(listRuns(disk, root));
  for (const [index, { runId, ackedSeq }] of lives.entries()) {
    if (ackedSeq > 0 && !runs.has(runId)) {
      return { invariant: 4, sentence: `${runId} is gone with ${ackedSeq} records` };
    }
    if (!runs.has(runId)) continue;
    const opened = openJournal(path.join(root, runId), { disk });
    if (!opened.ok) {
      return { invariant: 4, sentence: `${runId} is refused: ${describeError(opened.error)}` };
    }
    const { journal } = opened;
    if (journal.lastSeq < ackedSeq) {
      const sentence = `${runId} ends at ${journal.lastSeq}, and ${ackedSeq} was acknowledged`;
      return { invariant: 4, sentence };
    }
    if ((index + first) % every !== 0) continue;
    const replay = new Replay(journal);
    if (replay.run()) continue;
    const { seq = 0, tick = 0, what = "" } = replay.divergence ?? {};
    return { invariant: 5, sentence: `${runId} at sequence ${seq}, tick ${tick}: ${what}` };
  }
  return undefined;
}
