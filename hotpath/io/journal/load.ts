/**
 * One segment from the disk into memory, verified: the only way by which journal bytes are read.
 *
 * Whatever form the segment has (open, sealed, or rewritten by retention), what is returned has
 * passed its checksums, its sequence, its chained hash and its manifest. A recorder beside us may
 * seal a segment between the look and the read, so an open one that is gone is looked for sealed.
 */
import path from "node:path";
import type { RecordTypeTable, SegmentManifest } from "../../../contracts/journal.ts";
import { decompressWhole, sha256Of } from "./compress.ts";
import type { Disk } from "./disk.ts";
import { type Failure, failure, messageOf } from "./failure.ts";
import type { InspectedSegment } from "./inspect.ts";
import { decodeManifest, disagreement } from "./manifest.ts";
import { type SegmentSummary, scanSegment } from "./scan.ts";
import { decodeSegmentHeader, newerFormatReason, segmentFiles } from "./segment.ts";

export type SegmentWanted = {
  readonly runId: string;
  readonly segment: InspectedSegment;
  readonly table: RecordTypeTable;
};

/** A verified segment: its bytes begin with the header and end with the last commit mark. */
export type LoadedSegment = {
  readonly ok: true;
  readonly bytes: Uint8Array;
  readonly kept: boolean;
  readonly summary: SegmentSummary;
};

/** Reads and verifies one segment. */
export function loadSegment(
  disk: Disk,
  directory: string,
  wanted: SegmentWanted,
): LoadedSegment | Failure {
  try {
    if (wanted.segment.kind !== "open") {
      return loadSealed(disk, directory, wanted, wanted.segment.manifest);
    }
    return loadOpen(disk, directory, wanted, wanted.segment.summary);
  } catch (thrown) {
    return failure("disk", directory, -1, messageOf(thrown));
  }
}

function loadOpen(
  disk: Disk,
  directory: string,
  wanted: SegmentWanted,
  summary: SegmentSummary,
): LoadedSegment | Failure {
  const files = segmentFiles(summary.segment);
  const file = path.join(directory, files.open);
  if (disk.sizeBytes(file) < 0 && disk.sizeBytes(path.join(directory, files.manifest)) >= 0) {
    return loadSealedSince(disk, directory, wanted, files.manifest);
  }
  const bytes = disk.readWhole(file).subarray(0, summary.bytes);
  return verify(bytes, file, wanted, null);
}

function loadSealedSince(
  disk: Disk,
  directory: string,
  wanted: SegmentWanted,
  manifestFile: string,
): LoadedSegment | Failure {
  const file = path.join(directory, manifestFile);
  const read = decodeManifest(disk.readWhole(file));
  if (read.kind !== "manifest") return failure(read.kind, file, 0, read.reason);
  return loadSealed(disk, directory, wanted, read.manifest);
}

function loadSealed(
  disk: Disk,
  directory: string,
  wanted: SegmentWanted,
  manifest: SegmentManifest,
): LoadedSegment | Failure {
  const files = segmentFiles(manifest.segment);
  const isKept = manifest.droppedFrom !== null;
  const file = path.join(directory, isKept ? files.kept : files.sealed);
  if (disk.sizeBytes(file) < 0) {
    return failure("missing", file, -1, "taken away since the journal was opened; open it again");
  }
  const compressed = disk.readWhole(file);
  if (sha256Of(compressed) !== manifest.compressedSha256) {
    return failure("damaged", file, 0, "compressed bytes are not the manifest's");
  }
  const bytes = decompressWhole(compressed, manifest.bytes);
  if (sha256Of(bytes) !== manifest.sha256) {
    return failure("damaged", file, 0, "bytes are not the manifest's");
  }
  return verify(bytes, file, wanted, manifest);
}

function verify(
  bytes: Uint8Array,
  file: string,
  wanted: SegmentWanted,
  manifest: SegmentManifest | null,
): LoadedSegment | Failure {
  const read = decodeSegmentHeader(bytes);
  if (read.kind === "newer")
    return failure("newer", file, 0, newerFormatReason(read.formatVersion));
  if (read.kind === "damaged") return failure("damaged", file, 0, read.reason);
  if (read.header.runId !== wanted.runId) {
    return failure("foreign", file, 0, `segment of run ${read.header.runId}`);
  }
  const { summary, stop } = scanSegment(bytes, read.header, wanted.table);
  if (stop !== null) return failure(stop.code, file, stop.offset, stop.reason);
  if (manifest !== null) {
    const reason = disagreement(manifest, summary);
    if (reason !== undefined) return failure("damaged", file, 0, reason);
  }
  return { ok: true, bytes, kept: read.header.kept, summary };
}
