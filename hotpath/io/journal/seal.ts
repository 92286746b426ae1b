/**
 * Station: ended segment -> compressed file + manifest.
 *
 * The steps are ordered so that a crash between any two leaves a journal that reads the same, and
 * so that doing them again from the first is right: compress, read back and compare, write the
 * manifest, and only then remove the original.
 */
import path from "node:path";
import type { SegmentManifest } from "../../../contracts/journal.ts";
import { compressInto, decompressFrom, pooledChunks } from "./compress.ts";
import { type Disk, writeFileWhole } from "./disk.ts";
import { encodeManifest, manifestOf } from "./manifest.ts";
import type { SegmentSummary } from "./scan.ts";
import { segmentFiles } from "./segment.ts";

/** Seals one ended segment. Rejects when the disk fails or what was written reads otherwise. */
export async function sealSegment(
  disk: Disk,
  directory: string,
  runId: string,
  summary: SegmentSummary,
): Promise<SegmentManifest> {
  const files = segmentFiles(summary.segment);
  const open = path.join(directory, files.open);
  const sealed = path.join(directory, files.sealed);
  const written = await compressInto(disk, pooledChunks(disk, open), sealed);
  const readBack = await decompressFrom(disk, sealed, () => {});
  if (readBack !== written.sha256) {
    throw new Error(`${files.sealed} reads otherwise than it was written`);
  }
  const manifest = manifestOf(runId, summary, written);
  writeFileWhole(disk, path.join(directory, files.manifest), encodeManifest(manifest));
  disk.remove(open);
  disk.syncDirectory(directory);
  return manifest;
}
