/**
 * Station: the body of one notice -> its segments compacted, or an error that brings the notice back.
 */
import type { Log } from "../platform/log.ts";
import type { Meter } from "../platform/metrics.ts";
import type { ArchiveStore } from "../stores/archive-store.ts";
import { type CompactionOptions, compactSegment } from "./compaction.ts";
import { keysOfNotice, segmentOfKey } from "./logic.ts";

export type CompactPorts = {
  readonly store: ArchiveStore;
  readonly log: Log;
  readonly meter: Pick<Meter, "count">;
  readonly options: CompactionOptions;
};

/** A notice that was not dealt with; its message says why. */
export class NoticeError extends Error {
  override readonly name = "NoticeError";
}

/** Compacts every segment that `body` names; throws `NoticeError` at the first that cannot be. */
export async function compactNotice(ports: CompactPorts, body: string): Promise<void> {
  const keys = keysOfNotice(body);
  if (keys === undefined) throw refused(ports, "the notice cannot be read");
  for (const key of keys) await compactKey(ports, key);
}

async function compactKey(ports: CompactPorts, key: string): Promise<void> {
  const name = segmentOfKey(key);
  // Segments and facts are put before their manifest; only the manifest says that all of it is there.
  if (name === undefined && !key.endsWith(".manifest.json")) return;
  if (name === undefined) throw refused(ports, `${key} is no manifest of a segment`);
  const compaction = await compactSegment(ports.store, name, ports.options);
  switch (compaction.kind) {
    case "present":
      ports.meter.count("SegmentsRepeated");
      return;
    case "made": {
      const { records, facts, objects } = compaction.manifest;
      ports.meter.count("SegmentsArchived");
      ports.meter.count("RecordsArchived", records);
      ports.log.info("segment archived", { ...name, records, facts, objects: objects.length });
      return;
    }
    case "missing":
      ports.meter.count("SegmentsIncomplete");
      ports.log.warn("segment incomplete", { ...name, reason: compaction.reason });
      throw new NoticeError(compaction.reason);
    case "refused":
      throw refused(ports, compaction.reason);
  }
}

function refused({ log, meter }: CompactPorts, reason: string): NoticeError {
  meter.count("SegmentsRefused");
  log.error("segment refused", { reason });
  return new NoticeError(reason);
}
