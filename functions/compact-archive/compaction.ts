/**
 * Station: one uploaded segment -> Parquet objects, then the manifest that says they are whole.
 *
 * Every key is derived and every object follows from the segment alone, so a notice may come a thousand times,
 * twice at once, or again after a death at any point: what stands already is found to be the same bytes.
 * Each object is read back and counted before the manifest names it, and nothing is deleted before the
 * manifest was read back too. What cannot be believed is refused with a sentence and stays for a person.
 */
import { zstdDecompressSync } from "node:zlib";
import {
  ARCHIVE_OBJECT_BYTES_MAX,
  type ArchiveColumn,
  type ArchivedObject,
  type ArchiveManifest,
  factTable,
  RECORD_TABLE,
  type SegmentUpload,
} from "../../contracts/archive.ts";
import { factTimeUs } from "../../contracts/fact-place.ts";
import type { FactKind } from "../../contracts/history.ts";
import {
  type ArchivePartition,
  archiveManifestKey,
  archiveObjectKey,
  segmentFactsKey,
  segmentManifestKey,
  segmentObjectKey,
} from "../../contracts/keys.ts";
import { parseFact } from "../../contracts/schema/fact.ts";
import { type ArchiveStore, sha256Of } from "../stores/archive-store.ts";
import { type FactLine, factColumns, orderedFacts } from "./fact-columns.ts";
import {
  archiveManifestOf,
  factPartition,
  readUpload,
  recordPartition,
  type SegmentName,
} from "./logic.ts";
import { type Columns, countRows, writeParquet } from "./parquet.ts";
import { recordColumns } from "./record-columns.ts";
import { readSegment } from "./segment.ts";

export type CompactionOptions = {
  /** Whether the segment's own objects are deleted once the archive has been read back. */
  readonly deletesSegments: boolean;
};

export type Compaction =
  | { readonly kind: "made" | "present"; readonly manifest: ArchiveManifest }
  /** It may be well later: something that the manifest promises is not there yet. */
  | { readonly kind: "missing"; readonly reason: string }
  /** It will not be well by trying again. */
  | { readonly kind: "refused"; readonly reason: string };

/** Facts of one segment, unpacked; a longer twin is refused. */
const FACTS_BYTES_MAX = 256 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;
/** The least that zlib takes for a piece. */
const CHUNK_BYTES_MIN = 64;

class Refusal extends Error {
  override readonly name = "Refusal";
  readonly kind: "missing" | "refused";

  constructor(kind: "missing" | "refused", reason: string) {
    super(reason);
    this.kind = kind;
  }
}

/** Compacts the segment `name`; store errors are thrown. */
export async function compactSegment(
  store: ArchiveStore,
  name: SegmentName,
  options: CompactionOptions,
): Promise<Compaction> {
  try {
    const present = await presentManifest(store, name);
    const manifest = present ?? (await makeArchive(store, name));
    if (options.deletesSegments) await deleteSegment(store, name, manifest);
    return { kind: present === undefined ? "made" : "present", manifest };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { kind: error.kind, reason: error.message };
  }
}

async function presentManifest(
  store: ArchiveStore,
  { engine, runId, segment }: SegmentName,
): Promise<ArchiveManifest | undefined> {
  const bytes = await store.read(archiveManifestKey(engine, runId, segment));
  // Nobody but this function writes there, and only whole.
  return bytes === undefined ? undefined : (JSON.parse(textOf(bytes)) as ArchiveManifest);
}

async function makeArchive(store: ArchiveStore, name: SegmentName): Promise<ArchiveManifest> {
  const { engine, runId, segment } = name;
  const upload = await loadUpload(store, name);
  const objects = [
    ...(await archiveRecords(store, name, upload)),
    ...(await archiveFacts(store, name, upload)),
  ];
  const manifest = archiveManifestOf(name, upload, objects);
  if (manifest.records !== upload.manifest.records) {
    throw new Refusal("refused", `${manifest.records} records of ${upload.manifest.records}`);
  }
  const key = archiveManifestKey(engine, runId, segment);
  await putVerified(store, key, new TextEncoder().encode(`${JSON.stringify(manifest, null, 1)}\n`));
  return manifest;
}

async function loadUpload(store: ArchiveStore, name: SegmentName): Promise<SegmentUpload> {
  const key = segmentManifestKey(name.engine, name.runId, name.segment);
  const read = readUpload(textOf(await load(store, key)), name);
  if (!read.ok) throw new Refusal("refused", read.reason);
  return read.upload;
}

async function archiveRecords(
  store: ArchiveStore,
  name: SegmentName,
  { manifest }: SegmentUpload,
): Promise<ArchivedObject[]> {
  const { engine, runId, segment } = name;
  const packed = await load(store, segmentObjectKey(engine, runId, segment));
  const size = Math.max(manifest.bytes, CHUNK_BYTES_MIN);
  const bytes = unpacked(packed, manifest.compressedSha256, { bytesMax: size, chunkBytes: size });
  if (sha256Of(bytes) !== manifest.sha256) throw damaged("the segment's sha256 does not hold");
  const read = readSegment(bytes);
  if (!read.ok) throw damaged(read.reason);
  const { index } = read;
  if (index.runId !== runId || index.segment !== segment) throw damaged("it is another segment");
  if (index.records !== manifest.records) {
    throw damaged(`it holds ${index.records} records, its manifest says ${manifest.records}`);
  }
  const objects: ArchivedObject[] = [];
  for (const { classCode, venue, atUs, offsets } of index.groups) {
    const rows: Rows = {
      table: RECORD_TABLE.columns,
      partition: recordPartition(classCode, venue, atUs),
      count: offsets.length,
      columnsOf: (from, end) =>
        recordColumns({ ...name, bytes }, classCode, offsets.slice(from, end)),
    };
    objects.push(...(await archiveRows(store, name, rows)));
  }
  return objects;
}

async function archiveFacts(
  store: ArchiveStore,
  name: SegmentName,
  { facts }: SegmentUpload,
): Promise<ArchivedObject[]> {
  if (facts.count === 0) return [];
  const packed = await load(store, segmentFactsKey(name.engine, name.runId, name.segment));
  const sizes = { bytesMax: FACTS_BYTES_MAX, chunkBytes: CHUNK_BYTES };
  const lines = textOf(unpacked(packed, facts.sha256, sizes)).split("\n");
  const read = lines.filter((line) => line !== "").map(factLine);
  if (read.length !== facts.count) {
    throw damaged(`${read.length} facts, the manifest says ${facts.count}`);
  }
  const groups = Map.groupBy(orderedFacts(read), ({ fact }) =>
    JSON.stringify(factPartition(fact.kind, fact.venue, factTimeUs(fact))),
  );
  const objects: ArchivedObject[] = [];
  for (const [partition, group] of groups) {
    const place = JSON.parse(partition) as ArchivePartition;
    const kind = place.type as FactKind;
    const rows: Rows = {
      table: factTable(kind).columns,
      partition: place,
      count: group.length,
      columnsOf: (from, end) => factColumns(kind, group.slice(from, end)),
    };
    objects.push(...(await archiveRows(store, name, rows)));
  }
  return objects;
}

function factLine(text: string): FactLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged("a line of facts is not JSON");
  }
  const parse = parseFact(value);
  if (!parse.ok) throw damaged(`a fact is wrong at ${parse.field}: ${parse.reason}`);
  return { fact: parse.value, text };
}

type Rows = {
  readonly table: readonly ArchiveColumn[];
  readonly partition: ArchivePartition;
  readonly count: number;
  readonly columnsOf: (from: number, end: number) => Columns;
};

/** The rows as one object, or as several where one would be too large; always the same for the same rows. */
async function archiveRows(
  store: ArchiveStore,
  { engine, runId, segment }: SegmentName,
  { table, partition, count, columnsOf }: Rows,
): Promise<ArchivedObject[]> {
  const objects: ArchivedObject[] = [];
  const ranges: [from: number, end: number][] = [[0, count]];
  for (let range = ranges.shift(); range !== undefined; range = ranges.shift()) {
    const [from, end] = range;
    const file = writeParquet(table, end - from, (a, b) => columnsOf(from + a, from + b));
    if (file.length > ARCHIVE_OBJECT_BYTES_MAX) {
      if (end - from === 1) throw new Refusal("refused", `a record has ${file.length} bytes`);
      const middle = (from + end) >>> 1;
      ranges.unshift([from, middle], [middle, end]);
      continue;
    }
    const key = archiveObjectKey(partition, engine, runId, segment, objects.length);
    const sha256 = await putVerified(store, key, file, end - from);
    objects.push({ key, ...partition, rows: end - from, bytes: file.length, sha256 });
  }
  return objects;
}

/** Puts `bytes` unless they stand there, and reads back what does. Returns its sha256. */
async function putVerified(
  store: ArchiveStore,
  key: string,
  bytes: Uint8Array,
  rows = -1,
): Promise<string> {
  const { kind, sha256 } = await store.putOnce(key, bytes);
  if (kind === "differs") throw new Refusal("refused", `${key} holds something else already`);
  const stored = await load(store, key);
  if (sha256Of(stored) !== sha256) throw damaged(`${key} was not stored as it was sent`);
  if (rows >= 0 && countRows(stored) !== rows) throw damaged(`${key} does not hold ${rows} rows`);
  return sha256;
}

/**
 * Deletes what the archive was made of, the segment before its manifest: a run that dies between them finds the
 * manifest and goes on. Everything that the archive consists of is read back first.
 */
async function deleteSegment(
  store: ArchiveStore,
  { engine, runId, segment }: SegmentName,
  manifest: ArchiveManifest,
): Promise<void> {
  for (const { key, sha256, rows } of manifest.objects) {
    const stored = await load(store, key);
    if (sha256Of(stored) !== sha256 || countRows(stored) !== rows) {
      throw damaged(`${key} is not what the archive's manifest says; nothing was deleted`);
    }
  }
  await store.delete(segmentObjectKey(engine, runId, segment));
  await store.delete(segmentFactsKey(engine, runId, segment));
  await store.delete(segmentManifestKey(engine, runId, segment));
}

async function load(store: ArchiveStore, key: string): Promise<Uint8Array> {
  const bytes = await store.read(key);
  if (bytes === undefined) throw new Refusal("missing", `${key} is not there`);
  return bytes;
}

/** `chunkBytes` is the size of the pieces: what comes in one piece is not held twice. */
function unpacked(
  packed: Uint8Array,
  sha256: string,
  { bytesMax, chunkBytes }: { readonly bytesMax: number; readonly chunkBytes: number },
): Uint8Array {
  if (sha256Of(packed) !== sha256) throw damaged("the sha256 of a stored object does not hold");
  try {
    return zstdDecompressSync(packed, { maxOutputLength: bytesMax, chunkSize: chunkBytes });
  } catch {
    throw damaged("a stored object cannot be unpacked");
  }
}

function damaged(reason: string): Refusal {
  return new Refusal("refused", reason);
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
