/**
 * Station: a run's directory after any end -> a journal that ends on a commit mark.
 *
 * Recovery cuts only what was never acknowledged and finishes what sealing or retention began. It
 * may be interrupted anywhere and run again. What it cannot explain it refuses, and changes nothing:
 * a damaged journal is evidence.
 */
import path from "node:path";
import {
  RECORD_TYPES,
  type RecordTypeTable,
  type SegmentManifest,
} from "../../../contracts/journal.ts";
import type { Disk } from "./disk.ts";
import { type Failure, failure, messageOf } from "./failure.ts";
import { type Inspection, inspectJournal, type Tail } from "./inspect.ts";
import { type WriterStart, writeHeadWhole } from "./run.ts";
import type { SegmentSummary } from "./scan.ts";
import { sealSegment } from "./seal.ts";
import { segmentFiles, segmentOfFile } from "./segment.ts";

export type Recovered = {
  /** Where a writer may go on; it begins a new segment. */
  readonly start: WriterStart;
  readonly lastSeq: number;
  /** What was cut, or null when the journal ended on a mark. */
  readonly tail: Tail | null;
  /** Segments that are whole and not yet sealed. */
  readonly unsealed: readonly SegmentSummary[];
};

export type RecoverResult = { readonly ok: true; readonly recovered: Recovered } | Failure;

/** Brings the run in `directory` to its last commit mark, or refuses and changes nothing. */
export function recoverJournal(
  disk: Disk,
  directory: string,
  table: RecordTypeTable = RECORD_TYPES,
): RecoverResult {
  const inspected = inspectJournal(disk, directory, table);
  if (!inspected.ok) return inspected;
  try {
    return { ok: true, recovered: recover(disk, directory, inspected.inspection) };
  } catch (thrown) {
    return failure("disk", directory, -1, messageOf(thrown));
  }
}

/** Seals what recovery found unsealed, oldest first. */
export async function sealRecovered(
  disk: Disk,
  directory: string,
  recovered: Recovered,
): Promise<{ readonly ok: true; readonly manifests: readonly SegmentManifest[] } | Failure> {
  const manifests: SegmentManifest[] = [];
  try {
    for (const summary of recovered.unsealed) {
      manifests.push(await sealSegment(disk, directory, recovered.start.runId, summary));
    }
    return { ok: true, manifests };
  } catch (thrown) {
    return failure("disk", directory, -1, messageOf(thrown));
  }
}

function recover(disk: Disk, directory: string, inspection: Inspection): Recovered {
  const { head, tail, lastSeq, chain } = inspection;
  if (tail !== null) cutTail(disk, directory, tail);
  const unsealed: SegmentSummary[] = [];
  let lastSegment = 0;
  let endOffset = head.offset;
  for (const segment of inspection.segments) {
    if (segment.kind !== "open") {
      lastSegment = segment.manifest.segment;
    } else if (segment.summary.records === 0) {
      // Its header is all there is; the next writer begins the same number anew.
      disk.remove(path.join(directory, segmentFiles(segment.summary.segment).open));
      disk.syncDirectory(directory);
    } else {
      lastSegment = segment.summary.segment;
      endOffset = segment.summary.bytes;
      unsealed.push(segment.summary);
    }
  }
  removeLeftovers(disk, directory);
  let headCounter = head.counter;
  if (lastSeq > head.ackedSeq) {
    // A group that became durable without its acknowledgment is whole, so it counts from now on.
    headCounter += 1;
    writeHeadWhole(disk, directory, {
      runId: head.runId,
      counter: headCounter,
      ackedSeq: lastSeq,
      segment: lastSegment,
      offset: endOffset,
    });
  }
  const start = { runId: head.runId, nextSeq: lastSeq + 1, lastSegment, chain, headCounter };
  return { start, lastSeq, tail, unsealed };
}

function cutTail(disk: Disk, directory: string, tail: Tail): void {
  const file = path.join(directory, segmentFiles(tail.segment).open);
  if (tail.fromOffset === 0) {
    disk.remove(file);
    disk.syncDirectory(directory);
    return;
  }
  const handle = disk.open(file, "update");
  try {
    disk.truncate(handle, tail.fromOffset);
    disk.sync(handle);
  } finally {
    disk.close(handle);
  }
}

/** Whether a run's files show work for recovery: an unsealed segment, or leftovers. */
export function needsRecovery(names: readonly string[]): boolean {
  return names.some((name) => name.endsWith(".seg")) || leftoversAmong(names).length > 0;
}

/** Removes what an interrupted sealing or retention left beside the files that now count. */
function removeLeftovers(disk: Disk, directory: string): void {
  const leftovers = leftoversAmong(disk.list(directory));
  for (const name of leftovers) disk.remove(path.join(directory, name));
  if (leftovers.length > 0) disk.syncDirectory(directory);
}

function leftoversAmong(names: readonly string[]): string[] {
  const present = new Set(names);
  const leftovers = names.filter((name) => name.endsWith(".tmp"));
  for (const number of new Set(names.map(segmentOfFile))) {
    if (number > 0) leftovers.push(...superseded(number, present));
  }
  return leftovers;
}

function superseded(number: number, names: ReadonlySet<string>): string[] {
  const files = segmentFiles(number);
  const gone = names.has(files.keptManifest)
    ? [files.open, files.sealed, files.manifest]
    : [files.kept];
  return gone.filter((name) => names.has(name));
}
