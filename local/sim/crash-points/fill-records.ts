/**
 * Station: the journals of all lives -> which fills they tell of, each by its name.
 *
 * A fill counts once, and is told once: what a crash left untold the next life tells, and no life tells what
 * an earlier one has told (invariant 8). The lots that were told of an order are those that it was filled by.
 */
import path from "node:path";
import { BODY_AT, CLASS_CMD } from "../../../contracts/journal.ts";
import type { CoreCommand } from "../../../hotpath/core/commands.ts";
import type { Disk } from "../../../hotpath/io/journal/disk.ts";
import { openJournal } from "../../../hotpath/io/journal/reader.ts";
import { listRuns } from "../../../hotpath/io/journal/runs.ts";
import { fillName } from "../../../hotpath/trading/journal-tail.ts";

export type FillRecords = {
  /** Fills that were told more than once. */
  readonly doubled: readonly string[];
  readonly lotsOf: ReadonlyMap<string, number>;
};

const text = new TextDecoder();

/** Reads every run under `root`; one that cannot be read tells nothing, and is found out elsewhere. */
export function readFillRecords(disk: Disk, root: string): FillRecords {
  const seen = new Set<string>();
  const doubled: string[] = [];
  const lotsOf = new Map<string, number>();
  for (const run of listRuns(disk, root)) {
    const opened = openJournal(path.join(root, run), { disk });
    if (!opened.ok) continue;
    const cursor = opened.journal.cursor();
    while (cursor.next()) {
      if (cursor.classCode !== CLASS_CMD) continue;
      const body = text.decode(cursor.bytes.subarray(cursor.offset + BODY_AT, cursor.end));
      const command = JSON.parse(body) as CoreCommand;
      if (command.type !== "recordFill") continue;
      const { fill } = command;
      const name = fillName(fill);
      if (seen.has(name)) doubled.push(`${fill.clientId} trade ${fill.tradeId}`);
      seen.add(name);
      lotsOf.set(fill.clientId, (lotsOf.get(fill.clientId) ?? 0) + fill.lots);
    }
  }
  return { doubled, lotsOf };
}
