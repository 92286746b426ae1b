/**
 * Station: sealed segments -> the bucket: their facts, the segment as it was sealed, and last the manifest.
 *
 * Segments of a run go in their order, because facts of one need what is known from those before. Every byte
 * is verified against its manifest before it leaves, and confirmed by the bucket before it counts. What
 * cannot be uploaded is told and passed over: the segments behind it must not wait for ever.
 */
import path from "node:path";
import { zstdCompressSync } from "node:zlib";
import type { Alert } from "../../contracts/alert.ts";
import { ARCHIVE_SCHEMA_VERSION, type SegmentUpload } from "../../contracts/archive.ts";
import type { Fact } from "../../contracts/history.ts";
import type { SegmentManifest } from "../../contracts/journal.ts";
import { segmentFactsKey, segmentManifestKey, segmentObjectKey } from "../../contracts/keys.ts";
import type { Micros } from "../../contracts/time.ts";
import { FactDeriver } from "../facts/deriver.ts";
import { holdsFacts } from "../facts/fact-record.ts";
import type { FactMemory } from "../facts/memory.ts";
import type { FactPlan } from "../facts/names.ts";
import {
  OBJECT_BYTES_MAX,
  type SealedObject,
  type SegmentBucket,
} from "../io/aws/segment-bucket.ts";
import { sha256Of } from "../io/journal/compress.ts";
import type { Disk } from "../io/journal/disk.ts";
import { describeError, messageOf, valueOrReason } from "../io/journal/failure.ts";
import { JournalFollower } from "../io/journal/follow.ts";
import { decodeManifest } from "../io/journal/manifest.ts";
import type { Places } from "../io/journal/places.ts";
import { listRuns } from "../io/journal/runs.ts";
import { segmentFiles } from "../io/journal/segment.ts";
import { readFactPlan } from "./fact-plan.ts";
import type { TurnResult } from "./lane.ts";
import { segmentLostAlert } from "./own-alerts.ts";

/** The last segment of a run that is in the bucket (or was given up), and what its successor needs. */
export type UploadPlace = {
  readonly segment: number;
  readonly isDone: boolean;
  readonly memory: FactMemory | null;
};

export type UploaderParts = {
  readonly disk: Disk;
  readonly root: string;
  readonly engine: string;
  readonly runId: string;
  readonly places: Places<UploadPlace>;
  readonly bucket: SegmentBucket;
  readonly nowUs: () => Micros;
  readonly onLost: (alert: Alert) => void;
};

const LOOKS_MAX = 3;
const START: UploadPlace = { segment: 0, isDone: false, memory: null };

type Found = {
  readonly runId: string;
  readonly segment: number;
  readonly place: UploadPlace;
  /** Nothing comes after it: the run is over. */
  readonly isLast: boolean;
};

type Made = {
  readonly objects: readonly SealedObject[];
  readonly manifest: SegmentManifest;
  readonly memory: FactMemory;
};

export class Uploader {
  readonly #parts: UploaderParts;
  /** Plans of runs under way, which facts of later segments are named by. */
  readonly #plans = new Map<string, FactPlan>();
  #failedLooks = 0;
  uploadedCount = 0;
  /** Segments that lost records before they were uploaded, or could not be uploaded at all. */
  lostCount = 0;

  constructor(parts: UploaderParts) {
    this.#parts = parts;
    parts.places.keepOnly(listRuns(parts.disk, parts.root));
  }

  /** Uploads the next segment that is due. Never rejects. */
  async turn(): Promise<TurnResult> {
    try {
      const found = this.#find();
      return found === undefined ? "idle" : await this.#upload(found);
    } catch (thrown) {
      return { blocked: messageOf(thrown) };
    }
  }

  #find(): Found | undefined {
    const { disk, root, runId: currentRunId, places } = this.#parts;
    for (const runId of listRuns(disk, root)) {
      const place = places.get(runId) ?? START;
      if (place.isDone) continue;
      const segment = place.segment + 1;
      const names = new Set(disk.list(path.join(root, runId)));
      if (isSealed(names, segment)) {
        const isLast = runId !== currentRunId && !isSealed(names, segment + 1);
        return { runId, segment, place, isLast };
      }
      // A run that is over and has nothing left: it is not looked at again.
      const isOver = runId !== currentRunId && !names.has(segmentFiles(segment).open);
      if (isOver) places.note(runId, { ...place, isDone: true, memory: null });
    }
    return undefined;
  }

  async #upload(found: Found): Promise<TurnResult> {
    const { runId, segment, place } = found;
    const made = valueOrReason(() => this.#make(found));
    if (typeof made === "string") {
      // Retention may have rewritten it between two looks; the next look then finds it whole.
      this.#failedLooks++;
      if (this.#failedLooks < LOOKS_MAX) return { blocked: made };
      this.#failedLooks = 0;
      this.#lose(runId, segment, made);
      this.#pass(found, place.memory);
      return "worked";
    }
    this.#failedLooks = 0;
    for (const object of made.objects) {
      const put = await this.#parts.bucket.put(object);
      if (put.ok) continue;
      if (put.isTaken !== true) return { blocked: put.reason };
      // What stands there stays, and waiting does not change it.
      this.#lose(runId, segment, put.reason);
      this.#pass(found, made.memory);
      return "worked";
    }
    const { dropped } = made.manifest;
    if (dropped.length > 0) {
      this.#lose(runId, segment, `${dropped.join(" and ")} were retired before it was uploaded`);
    }
    this.uploadedCount++;
    this.#pass(found, made.memory);
    return "worked";
  }

  #pass({ runId, segment, isLast }: Found, memory: FactMemory | null): void {
    this.#parts.places.note(runId, { segment, isDone: isLast, memory: isLast ? null : memory });
    if (isLast) this.#plans.delete(runId);
  }

  /** The three objects of a segment, manifest last; or why there cannot be any. */
  #make(found: Found): Made | string {
    const { runId, segment, isLast } = found;
    const { disk, root, engine } = this.#parts;
    const directory = path.join(root, runId);
    const files = segmentFiles(segment);
    const isKept = disk.sizeBytes(path.join(directory, files.keptManifest)) >= 0;
    const read = decodeManifest(
      disk.readWhole(path.join(directory, isKept ? files.keptManifest : files.manifest)),
    );
    if (read.kind !== "manifest") return read.reason;
    const { manifest } = read;
    const deriver = this.#deriverOf(found, directory);
    if (typeof deriver === "string") return deriver;
    const facts = factsOf(this.#follow(found, directory, manifest), manifest, deriver);
    if (typeof facts === "string") return facts;
    if (isLast) facts.push(...deriver.finish().facts);
    const sealed = disk.readWhole(path.join(directory, isKept ? files.kept : files.sealed));
    if (sha256Of(sealed) !== manifest.compressedSha256) return "its bytes are not the manifest's";
    if (sealed.length > OBJECT_BYTES_MAX) {
      return `${sealed.length} bytes are more than the ${OBJECT_BYTES_MAX} of an object`;
    }
    return {
      objects: objectsOf(engine, manifest, sealed, facts),
      manifest,
      memory: deriver.memory,
    };
  }

  #deriverOf({ runId, place: { memory } }: Found, directory: string): FactDeriver | string {
    const { disk, engine } = this.#parts;
    const source = { engine, runId };
    if (memory === null || memory.seq === 0) return new FactDeriver({ source });
    const plan =
      this.#plans.get(runId) ?? readFactPlan(disk, directory, { runId, seq: memory.seq });
    if (typeof plan === "string") return plan;
    this.#plans.set(runId, plan);
    return new FactDeriver({ source, plan, memory });
  }

  #follow(
    { runId, segment }: Found,
    directory: string,
    { firstSeq }: SegmentManifest,
  ): JournalFollower {
    const { disk } = this.#parts;
    const from = { fromSeq: firstSeq, fromSegment: segment };
    return new JournalFollower({ disk, directory, runId, ...from, wants: holdsFacts });
  }

  #lose(runId: string, segment: number, reason: string): void {
    const { engine, nowUs, onLost } = this.#parts;
    this.lostCount++;
    onLost(segmentLostAlert(engine, { runId, segment }, reason, nowUs()));
  }
}

function isSealed(names: ReadonlySet<string>, segment: number): boolean {
  const files = segmentFiles(segment);
  return names.has(files.keptManifest) || (names.has(files.manifest) && !names.has(files.open));
}

/** Everything that one segment tells, verified on the way; or why it cannot be read. */
function factsOf(
  follower: JournalFollower,
  { lastSeq }: SegmentManifest,
  deriver: FactDeriver,
): Fact[] | string {
  const whole = { recordsMax: Number.POSITIVE_INFINITY, bytesMax: Number.POSITIVE_INFINITY };
  const read = follower.take(lastSeq, whole);
  follower.close();
  if (!read.ok) return describeError(read.error);
  return read.records.flatMap((record) => deriver.take(record).facts);
}

function objectsOf(
  engine: string,
  manifest: SegmentManifest,
  sealed: Uint8Array,
  facts: readonly Fact[],
): SealedObject[] {
  const { runId, segment, compressedSha256 } = manifest;
  const lines = facts.map((fact) => `${JSON.stringify(fact)}\n`).join("");
  const twin = zstdCompressSync(lines);
  const twinSha256 = sha256Of(twin);
  const upload: SegmentUpload = {
    schemaVersion: ARCHIVE_SCHEMA_VERSION,
    engine,
    manifest,
    facts: { count: facts.length, bytes: twin.length, sha256: twinSha256 },
  };
  const uploadBytes = new TextEncoder().encode(`${JSON.stringify(upload)}\n`);
  return [
    {
      key: segmentFactsKey(engine, runId, segment),
      bytes: twin,
      sha256: twinSha256,
      contentType: "application/zstd",
    },
    {
      key: segmentObjectKey(engine, runId, segment),
      bytes: sealed,
      sha256: compressedSha256,
      contentType: "application/zstd",
    },
    {
      key: segmentManifestKey(engine, runId, segment),
      bytes: uploadBytes,
      sha256: sha256Of(uploadBytes),
      contentType: "application/json",
    },
  ];
}
