/**
 * Checker of the archive: what stands in the bucket against the journal's own segments (invariant 32).
 *
 * Every sealed segment is archived once and whole: the manifests' hashes are those of the objects, the counts add
 * up, and the facts of all objects together are the facts that the journal holds.
 */
import { createHash } from "node:crypto";
import type { ArchiveManifest } from "../../../contracts/archive.ts";
import type { Fact } from "../../../contracts/history.ts";
import type { StoredObject } from "../aws/bucket-desk.ts";
import { lastReports } from "./facts-check.ts";
import { readParquetRows } from "./parquet-rows.ts";

export type Objects = ReadonlyMap<string, StoredObject>;

/** How the archive differs from the journal. `segments` are the sealed ones, as `<run>/<number>`. */
export async function archiveFaults(
  objects: Objects,
  segments: ReadonlyMap<string, number>,
  wanted: readonly Fact[],
): Promise<string[]> {
  const manifests = manifestsIn(objects);
  const texts = new Set<string>();
  for (const { key, type } of manifests.flatMap((manifest) => manifest.objects)) {
    if (!FACT_TYPES.test(type)) continue;
    for (const text of await readParquetRows(objects.get(key)?.bytes, "fact")) texts.add(text);
  }
  const archived = new Set(manifests.map(nameOf));
  const missing = [...segments.keys()].filter((name) => !archived.has(name));
  return [
    ...manifests.flatMap((manifest) => recordFaults(manifest, segments)),
    ...manifests.flatMap((manifest) => objectFaults(objects, manifest)),
    ...missing.map((name) => `32: the archive lacks ${name}`),
    ...factFaults(texts, wanted),
  ];
}

function nameOf({ runId, segment }: ArchiveManifest): string {
  return `${runId}/${segment}`;
}

function recordFaults(manifest: ArchiveManifest, segments: ReadonlyMap<string, number>): string[] {
  const name = nameOf(manifest);
  const records = segments.get(name);
  if (records === undefined) return [`32: the archive has ${name}, which no journal has`];
  if (records === manifest.records) return [];
  return [`32: ${name} has ${records} records and ${manifest.records} in the archive`];
}

/** Records have the classes of the journal as their type; facts have their kind. */
const FACT_TYPES = /^(?:fill|order|alert|kill|limits|run|mode)$/;

function manifestsIn(objects: Objects): readonly ArchiveManifest[] {
  return [...objects]
    .filter(([key]) => key.startsWith("manifests/"))
    .map(([, { bytes }]) => JSON.parse(new TextDecoder().decode(bytes)) as ArchiveManifest);
}

function objectFaults(objects: Objects, { objects: listed }: ArchiveManifest): string[] {
  return listed.flatMap(({ key, sha256 }) => {
    const bytes = objects.get(key)?.bytes;
    if (bytes === undefined) return [`32: ${key} stands in a manifest and nowhere else`];
    const hash = createHash("sha256").update(bytes).digest("hex");
    return hash === sha256 ? [] : [`32: ${key} is not what its manifest says`];
  });
}

/** The archive has one row for each report that counts in its segment; the last of all is always one of them. */
function factFaults(texts: ReadonlySet<string>, wanted: readonly Fact[]): string[] {
  const known = new Set(wanted.map((fact) => JSON.stringify(fact)));
  const invented = [...texts].filter((text) => !known.has(text));
  const missing = [...lastReports(wanted).values()]
    .filter(({ fact_id }) => !fact_id.endsWith(RUN_ENDED))
    .filter((fact) => !texts.has(JSON.stringify(fact)));
  return [
    ...invented.map((text) => `32: the archive has a fact that no journal holds: ${text}`),
    ...missing.map(({ kind, fact_id }) => `32: the archive lacks the ${kind} ${fact_id}`),
  ];
}

/** That a run has ended is told by whoever looks at it later, and stands in no segment. */
const RUN_ENDED = ".ended";
