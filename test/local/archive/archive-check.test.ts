// Goal: the check that archive equals journal sees every way in which they can differ. Method: the production
// writer, sealer and compaction, then one planted difference at a time.
import { beforeEach, describe, expect, test } from "vitest";
import type { ArchiveManifest } from "../../../contracts/archive.ts";
import { archiveManifestKey } from "../../../contracts/keys.ts";
import { compactSegment } from "../../../functions/compact-archive/compaction.ts";
import { sha256Of } from "../../../functions/stores/archive-store.ts";
import { type ArchiveCheck, archiveEqualsJournal } from "../../../local/archive/archive-check.ts";
import { type MemoryArchive, memoryArchive } from "../../fixtures/archive/memory-archive.ts";
import {
  ENGINE,
  JOURNAL_DIRECTORY,
  RUN_ID,
  type SealedRun,
  sealedRun,
  uploadSegment,
} from "../../fixtures/archive/uploaded.ts";

let run: SealedRun;
let archive: MemoryArchive;

beforeEach(async () => {
  run = await sealedRun([[17, 5], [20], [3, 3, 3]]);
  archive = memoryArchive();
  for (const manifest of run.manifests) {
    const name = await uploadSegment(archive, run, manifest);
    await compactSegment(archive, name, { deletesSegments: false });
  }
});

function check(mustBeWhole = true): Promise<ArchiveCheck> {
  const { disk } = run;
  const directory = JOURNAL_DIRECTORY;
  return archiveEqualsJournal({ store: archive, engine: ENGINE, directory, disk, mustBeWhole });
}

function manifestOf(segment: number): { key: string; manifest: ArchiveManifest } {
  const key = archiveManifestKey(ENGINE, RUN_ID, segment);
  const text = new TextDecoder().decode(archive.objects.get(key));
  return { key, manifest: JSON.parse(text) as ArchiveManifest };
}

function rewrite(segment: number, change: (manifest: ArchiveManifest) => ArchiveManifest): void {
  const { key, manifest } = manifestOf(segment);
  archive.objects.set(key, new TextEncoder().encode(JSON.stringify(change(manifest))));
}

describe("archive and journal", () => {
  test("agree record by record when every segment was compacted", async () => {
    expect(await check()).toEqual({
      runId: RUN_ID,
      equal: 51,
      archivedOnly: 0,
      segments: 3,
      archivedSeq: 51,
      ackedSeq: 51,
      differences: [],
    });
  });

  test("may differ by segments that are still on their way, unless all must be there", async () => {
    archive.objects.delete(archiveManifestKey(ENGINE, RUN_ID, 3));
    expect((await check(false)).differences).toEqual([]);
    expect((await check()).differences).toEqual(["records 43 to 51 are missing"]);
    archive.objects.delete(archiveManifestKey(ENGINE, RUN_ID, 1));
    expect((await check()).differences).toContain("records 1 to 22 are missing");
  });

  test("a journal that cannot be read is a difference", async () => {
    const { disk } = run;
    const directory = "/journal/none";
    const store = archive;
    const options = { store, engine: ENGINE, directory, disk, mustBeWhole: false };
    const [difference] = (await archiveEqualsJournal(options)).differences;
    expect(difference).toContain("the journal cannot be read");
  });
});

describe("a planted difference is seen", () => {
  test("an object that is gone or has rotted", async () => {
    const { manifest } = manifestOf(2);
    const [object] = manifest.objects;
    const key = object?.key ?? "";
    archive.objects.set(key, new Uint8Array([1, 2, 3]));
    expect((await check()).differences).toContain(`${key} is not what its manifest says`);
    archive.objects.delete(key);
    expect((await check()).differences).toContain(`${key} is not what its manifest says`);
  });

  test("an object that the manifest forgot", async () => {
    rewrite(2, (manifest) => ({ ...manifest, objects: manifest.objects.slice(1) }));
    const { differences } = await check();
    expect(differences[0]).toMatch(/^segment 2 has \d+ of 20 records$/);
    expect(differences.some((one) => one.endsWith("is not archived"))).toBe(true);
  });

  test("records that stand twice", async () => {
    rewrite(2, (manifest) => ({
      ...manifest,
      objects: [...manifest.objects, ...manifest.objects.slice(0, 1)],
    }));
    expect((await check()).differences[0]).toMatch(/^record \d+ is archived twice$/);
  });

  test("records of another segment, and a segment that is archived under two numbers", async () => {
    const other = manifestOf(3).manifest;
    rewrite(2, (manifest) => ({ ...other, segment: manifest.segment }));
    const { differences } = await check();
    expect(differences.some((one) => one.endsWith("otherwise than it was journaled"))).toBe(true);
    expect(differences).toContain("records from 43 are archived with two segments");
  });

  test("records that were never journaled", async () => {
    const strange = manifestOf(3).manifest.objects;
    rewrite(2, (manifest) => ({
      ...manifest,
      records: manifest.records + 9,
      objects: [...manifest.objects, ...strange],
    }));
    const { differences } = await check();
    expect(differences).toContain("record 43 is archived and was never journaled");
  });

  test("one byte of one payload, though all hashes of the archive hold", async () => {
    const { manifest } = manifestOf(1);
    const object = manifest.objects.find(({ type }) => type === "cmd");
    const bytes = archive.objects.get(object?.key ?? "") ?? new Uint8Array();
    const forged = await forgedPayload(bytes);
    archive.objects.set(object?.key ?? "", forged);
    rewrite(1, (before) => ({
      ...before,
      objects: before.objects.map((one) =>
        one.key === object?.key ? { ...one, sha256: sha256Of(forged) } : one,
      ),
    }));
    const { differences } = await check();
    expect(differences).toEqual(["record 4 is archived otherwise than it was journaled"]);
  });
});

/** The same file with a byte of its first payload changed. */
async function forgedPayload(bytes: Uint8Array): Promise<Uint8Array> {
  const { openParquet } = await import("../../../functions/stores/parquet-file.ts");
  const { writeParquet } = await import("../../../functions/compact-archive/parquet.ts");
  const { RECORD_TABLE } = await import("../../../contracts/archive.ts");
  const store = { read: async () => bytes, readRange: async () => bytes };
  const file = await openParquet(store, { key: "k", sizeBytes: bytes.length });
  const names = RECORD_TABLE.columns.map(({ name }) => name);
  const rows = await file.read(names, file.groups[0] ?? { from: 0, end: 0 });
  const payload = rows[0]?.payload as Uint8Array;
  payload[12] = (payload[12] ?? 0) ^ 1;
  return writeParquet(RECORD_TABLE.columns, rows.length, (from, end) => {
    const some = rows.slice(from, end);
    return new Map(names.map((name) => [name, some.map((row) => row[name] as never)]));
  });
}
