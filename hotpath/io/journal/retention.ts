/**
 * Station: sealed segments of all runs -> a disk that stays within its budget.
 *
 * At the cap the oldest segments lose their raw and norm records; signal, cmd, exec and ctl are
 * never given up. Nothing is deleted before its successor was read back and compared, and each step
 * may be the last one before a crash: the kept manifest is the moment at which the rewritten
 * segment counts. What cannot be read is left alone and reported.
 */
import path from "node:path";
import type { SegmentManifest } from "../../../contracts/journal.ts";
import type { Disk } from "./disk.ts";
import { type Failure, failure, type JournalError, messageOf } from "./failure.ts";
import { decodeManifest } from "./manifest.ts";
import { uploadedSegments } from "./places.ts";
import { retireSegment } from "./retire.ts";
import { segmentFiles, segmentOfFile } from "./segment.ts";

export type RetentionOptions = {
  /** All files of all runs together stay below this. */
  readonly retainBytes: number;
  /** Raw and norm records older than this go, whatever the size. */
  readonly retainUs: number;
  /** Kept free on the disk for everyone else, and for canceling orders on a bad day. */
  readonly reserveFreeBytes: number;
  /**
   * Whether sealed segments go to a bucket: then age alone retires none that is not there, and at the caps
   * those that are there go first.
   */
  readonly awaitsUpload?: boolean;
};

export type RetentionReport = {
  /** Bytes of all runs after the work. */
  readonly bytes: number;
  readonly freeBytes: number;
  readonly retired: readonly { readonly runId: string; readonly segment: number }[];
  /** Segments that should have gone and could not be read. */
  readonly skipped: readonly JournalError[];
  /** Whether the caps hold now; if not, nothing is left that may be given up. */
  readonly withinBudget: boolean;
};

/** A sealed segment that still has its raw records. */
type Candidate = { readonly directory: string; readonly segment: number };

type Work = {
  readonly disk: Disk;
  readonly root: string;
  readonly options: RetentionOptions;
  readonly nowUs: number;
  readonly usage: Usage;
  readonly retired: { runId: string; segment: number }[];
  readonly skipped: JournalError[];
};

type Usage = { bytes: number; readonly candidates: readonly Candidate[] };

/** Brings the journals under `root` (a folder of runs) under their caps, oldest first. */
export async function enforceRetention(
  disk: Disk,
  root: string,
  options: RetentionOptions,
  nowUs: number,
): Promise<{ readonly ok: true; readonly report: RetentionReport } | Failure> {
  try {
    return { ok: true, report: await enforce(disk, root, options, nowUs) };
  } catch (thrown) {
    return failure("disk", root, -1, messageOf(thrown));
  }
}

async function enforce(
  disk: Disk,
  root: string,
  options: RetentionOptions,
  nowUs: number,
): Promise<RetentionReport> {
  const usage = usageOf(disk, root);
  const work: Work = { disk, root, options, nowUs, usage, retired: [], skipped: [] };
  const uploaded = options.awaitsUpload === true ? uploadedSegments(disk, root) : undefined;
  const isSafe = ({ directory, segment }: Candidate): boolean =>
    uploaded === undefined || segment <= (uploaded.get(path.basename(directory)) ?? 0);
  await retireWhile(work, usage.candidates.filter(isSafe), (isOld, isOver) => isOld || isOver);
  const waiting = usage.candidates.filter((candidate) => !isSafe(candidate));
  // The disk comes first: an engine that cannot write its journal cannot trade.
  await retireWhile(work, waiting, (_, isOver) => isOver);
  const withinBudget = isWithin(disk, root, options, usage);
  const { retired, skipped } = work;
  return { bytes: usage.bytes, freeBytes: disk.freeBytes(root), retired, skipped, withinBudget };
}

/** Retires `candidates` in their order, until the first that may stay. */
async function retireWhile(
  { disk, root, options, nowUs, usage, retired, skipped }: Work,
  candidates: readonly Candidate[],
  mayGo: (isOld: boolean, isOver: boolean) => boolean,
): Promise<void> {
  for (const { directory, segment } of candidates) {
    const file = path.join(directory, segmentFiles(segment).manifest);
    const manifest = readManifest(disk, file);
    if (!manifest.ok) {
      skipped.push(manifest.error);
      continue;
    }
    const isOld = nowUs - manifest.manifest.lastUs > options.retainUs;
    // Segments are visited oldest first, so the first that may stay ends the work.
    if (!mayGo(isOld, !isWithin(disk, root, options, usage))) break;
    if (!holdsRaw(manifest.manifest)) continue;
    const bytesBefore = directoryBytes(disk, directory);
    const result = await retireSegment(disk, directory, manifest.manifest);
    usage.bytes += directoryBytes(disk, directory) - bytesBefore;
    if (result.ok) retired.push({ runId: manifest.manifest.runId, segment });
    else skipped.push(result.error);
  }
}

/** Whether both caps hold. */
function isWithin(disk: Disk, root: string, options: RetentionOptions, usage: Usage): boolean {
  return usage.bytes <= options.retainBytes && disk.freeBytes(root) >= options.reserveFreeBytes;
}

function holdsRaw(manifest: SegmentManifest): boolean {
  return manifest.recordsByClass.raw + manifest.recordsByClass.norm > 0;
}

/** The bytes of all runs, and what may be retired, oldest run and oldest segment first. */
function usageOf(disk: Disk, root: string): Usage {
  let bytes = 0;
  const runs: { readonly startedUs: number; readonly candidates: readonly Candidate[] }[] = [];
  for (const name of disk.listDirectories(root)) {
    const directory = path.join(root, name);
    const names = disk.list(directory);
    bytes += directoryBytes(disk, directory);
    const present = new Set(names);
    const segments = [...new Set(names.map(segmentOfFile))]
      .filter((segment) => segment > 0)
      .filter((segment) => {
        const files = segmentFiles(segment);
        const isSealed = present.has(files.manifest) && !present.has(files.open);
        return isSealed && !present.has(files.keptManifest);
      })
      .sort((a, b) => a - b);
    const first = segments[0];
    if (first === undefined) continue;
    const manifest = readManifest(disk, path.join(directory, segmentFiles(first).manifest));
    runs.push({
      startedUs: manifest.ok ? manifest.manifest.createdUs : 0,
      candidates: segments.map((segment) => ({ directory, segment })),
    });
  }
  runs.sort((a, b) => a.startedUs - b.startedUs);
  return { bytes, candidates: runs.flatMap((run) => run.candidates) };
}

function directoryBytes(disk: Disk, directory: string): number {
  let bytes = 0;
  for (const name of disk.list(directory)) {
    bytes += Math.max(0, disk.sizeBytes(path.join(directory, name)));
  }
  return bytes;
}

function readManifest(
  disk: Disk,
  file: string,
): { readonly ok: true; readonly manifest: SegmentManifest } | Failure {
  const read = decodeManifest(disk.readWhole(file));
  if (read.kind === "manifest") return { ok: true, manifest: read.manifest };
  return failure(read.kind, file, 0, read.reason);
}
