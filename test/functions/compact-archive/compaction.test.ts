// Goal: whatever happens to a compaction, the archive ends as exactly one copy of the journal. Method: the
// production writer's segments, an archive in memory that dies at every request in turn.
import { beforeAll, describe, expect, test } from "vitest";
import type { ArchiveManifest } from "../../../contracts/archive.ts";
import { FACT_KINDS } from "../../../contracts/history.ts";
import {
  archiveManifestKey,
  segmentFactsKey,
  segmentManifestKey,
  segmentObjectKey,
} from "../../../contracts/keys.ts";
import { compactSegment } from "../../../functions/compact-archive/compaction.ts";
import type { SegmentName } from "../../../functions/compact-archive/logic.ts";
import { countRows } from "../../../functions/compact-archive/parquet.ts";
import { sha256Of } from "../../../functions/stores/archive-store.ts";
import { Died, type MemoryArchive, memoryArchive } from "../../fixtures/archive/memory-archive.ts";
import {
  ENGINE,
  RUN_ID,
  type SealedRun,
  sealedRun,
  uploadSegment,
} from "../../fixtures/archive/uploaded.ts";
import { sampleFact } from "../../fixtures/facts.ts";

const KEEP = { deletesSegments: false };
const DELETE = { deletesSegments: true };
const FACTS = FACT_KINDS.map((kind) => sampleFact(kind));

let run: SealedRun;

beforeAll(async () => {
  run = await sealedRun([
    [40, 30, 33],
    [20, 20],
  ]);
});

async function uploaded(
  segment = 1,
  facts = FACTS,
): Promise<{ archive: MemoryArchive; name: SegmentName }> {
  const archive = memoryArchive();
  const manifest = run.manifests[segment - 1];
  if (manifest === undefined) throw new Error("the run has two segments");
  const name = await uploadSegment(archive, run, manifest, facts);
  archive.puts.clear();
  return { archive, name };
}

function archived(archive: MemoryArchive): string[] {
  return [...archive.objects.keys()].filter((key) => key.startsWith("archive/")).sort();
}

function contentsOf(archive: MemoryArchive): Map<string, string> {
  return new Map([...archive.objects].map(([key, bytes]) => [key, sha256Of(bytes)]));
}

function manifestIn(archive: MemoryArchive, segment = 1): ArchiveManifest {
  const bytes = archive.objects.get(archiveManifestKey(ENGINE, RUN_ID, segment));
  return JSON.parse(new TextDecoder().decode(bytes)) as ArchiveManifest;
}

describe("a segment that was uploaded", () => {
  test("becomes one object for each type, venue and hour, and a manifest that counts them", async () => {
    const { archive, name } = await uploaded();
    const compaction = await compactSegment(archive, name, KEEP);
    expect(compaction.kind).toBe("made");
    const manifest = manifestIn(archive);
    expect(manifest).toMatchObject({ records: 103, facts: FACT_KINDS.length, lastSeq: 103 });
    expect(manifest.objects.map(({ key }) => key).sort()).toEqual(archived(archive));
    for (const { key, rows, sha256 } of manifest.objects) {
      const bytes = archive.objects.get(key) ?? new Uint8Array();
      expect(sha256Of(bytes)).toBe(sha256);
      expect(countRows(bytes)).toBe(rows);
    }
    const folders = manifest.objects.map(({ type, venue }) => `${type} ${venue}`);
    expect(folders).toContain("raw binance-spot");
    expect(folders).toContain("norm binance-spot");
    expect(folders).toContain("cmd none");
    expect(folders).toContain("fill binance-spot");
  });

  test("is left as it is unless deletion is asked for", async () => {
    const { archive, name } = await uploaded();
    const before = [...archive.objects.keys()];
    await compactSegment(archive, name, KEEP);
    expect([...archive.objects.keys()]).toEqual(expect.arrayContaining(before));
    expect((await compactSegment(archive, name, DELETE)).kind).toBe("present");
    expect(before.filter((key) => archive.objects.has(key))).toEqual([]);
    expect(archived(archive).length).toBeGreaterThan(10);
  });

  test("is archived once by a thousand notices", async () => {
    const { archive, name } = await uploaded();
    for (let turn = 0; turn < 1000; turn += 1) await compactSegment(archive, name, KEEP);
    expect(Math.max(...archive.puts.values())).toBe(1);
    expect(manifestIn(archive).objects.length).toBe(archived(archive).length);
  });

  test("is archived once by eight invocations at the same time", async () => {
    const { archive, name } = await uploaded();
    const all = Array.from({ length: 8 }, () => compactSegment(archive, name, KEEP));
    const kinds = (await Promise.all(all)).map(({ kind }) => kind);
    expect(kinds).not.toContain("refused");
    expect(Math.max(...archive.puts.values())).toBe(1);
  });

  test("ends as the same archive wherever an invocation dies, with and without deletion", async () => {
    const few = FACTS.slice(0, 1);
    for (const options of [KEEP, DELETE]) {
      const whole = await uploaded(2, few);
      await compactSegment(whole.archive, whole.name, options);
      const expected = contentsOf(whole.archive);
      for (let lives = 0; ; lives += 1) {
        const { archive, name } = await uploaded(2, few);
        archive.livesFor = lives;
        const first = await compactSegment(archive, name, options).catch((error: unknown) => error);
        archive.livesFor = Number.POSITIVE_INFINITY;
        if (!(first instanceof Died)) break;
        await compactSegment(archive, name, options);
        expect(contentsOf(archive)).toEqual(expected);
        expect(lives).toBeLessThan(500);
      }
    }
  });
});

describe("what cannot be believed is refused, and nothing is deleted", () => {
  const damages: readonly (readonly [string, string, (bytes: Uint8Array) => Uint8Array])[] = [
    ["a flipped bit in the segment", segmentObjectKey(ENGINE, RUN_ID, 1), flipped],
    ["a segment that is cut short", segmentObjectKey(ENGINE, RUN_ID, 1), (b) => b.slice(0, -5)],
    ["a flipped bit in the facts", segmentFactsKey(ENGINE, RUN_ID, 1), flipped],
    ["a manifest that is not JSON", segmentManifestKey(ENGINE, RUN_ID, 1), flippedFirst],
    [
      "a manifest of a later version",
      segmentManifestKey(ENGINE, RUN_ID, 1),
      (bytes) => edited(bytes, '"schemaVersion":1', '"schemaVersion":2'),
    ],
    [
      "a manifest that counts other facts",
      segmentManifestKey(ENGINE, RUN_ID, 1),
      (bytes) => edited(bytes, `"count":${FACTS.length}`, `"count":${FACTS.length - 1}`),
    ],
    [
      "a manifest that counts other records",
      segmentManifestKey(ENGINE, RUN_ID, 1),
      (bytes) => edited(bytes, '"records":103', '"records":102'),
    ],
    [
      "a manifest of another run",
      segmentManifestKey(ENGINE, RUN_ID, 1),
      (bytes) => edited(bytes, '"runId":"run-a"', '"runId":"run-b"'),
    ],
  ];

  test.each(damages)("%s", async (_name, key, damage) => {
    const { archive, name } = await uploaded();
    archive.objects.set(key, damage(archive.objects.get(key) ?? new Uint8Array()));
    const before = [...archive.objects.keys()];
    expect((await compactSegment(archive, name, DELETE)).kind).toBe("refused");
    expect([...archive.objects.keys()]).toEqual(expect.arrayContaining(before));
    expect(archive.objects.has(archiveManifestKey(ENGINE, RUN_ID, 1))).toBe(false);
  });

  test("something else under one of the archive's keys", async () => {
    const { archive, name } = await uploaded();
    await compactSegment(archive, name, KEEP);
    const [key = ""] = archived(archive);
    archive.objects.delete(archiveManifestKey(ENGINE, RUN_ID, 1));
    archive.objects.set(key, new Uint8Array([1]));
    expect(await compactSegment(archive, name, DELETE)).toEqual({
      kind: "refused",
      reason: `${key} holds something else already`,
    });
    expect(archive.objects.get(key)).toEqual(new Uint8Array([1]));
  });

  test("an object of the archive that has rotted since keeps its segment", async () => {
    const { archive, name } = await uploaded();
    await compactSegment(archive, name, KEEP);
    const [key = ""] = archived(archive);
    archive.objects.set(key, flipped(archive.objects.get(key) ?? new Uint8Array()));
    expect((await compactSegment(archive, name, DELETE)).kind).toBe("refused");
    expect(archive.objects.has(segmentObjectKey(ENGINE, RUN_ID, 1))).toBe(true);
  });

  test("a store that keeps other bytes than it was sent", async () => {
    const { archive, name } = await uploaded();
    const rotten = {
      ...archive,
      read: async (key: string) => {
        const bytes = await archive.read(key);
        return key.startsWith("archive/") && bytes ? flipped(bytes) : bytes;
      },
    };
    expect((await compactSegment(rotten, name, DELETE)).kind).toBe("refused");
  });

  test("what the manifest promises and what is not there yet is missing, not refused", async () => {
    for (const key of [segmentObjectKey(ENGINE, RUN_ID, 1), segmentFactsKey(ENGINE, RUN_ID, 1)]) {
      const { archive, name } = await uploaded();
      archive.objects.delete(key);
      expect(await compactSegment(archive, name, KEEP)).toEqual({
        kind: "missing",
        reason: `${key} is not there`,
      });
    }
  });
});

test("a fact that a segment reports twice is one row, the later report", async () => {
  const archive = memoryArchive();
  const facts = [
    sampleFact("order", 1, { event_id: "run-a:9", payload: { state: "filled" } }),
    sampleFact("order", 1, { event_id: "run-a:2", payload: { state: "open" } }),
  ];
  const [manifest] = run.manifests;
  if (manifest === undefined) throw new Error("the run has segments");
  const name = await uploadSegment(archive, run, manifest, facts);
  await compactSegment(archive, name, KEEP);
  expect(manifestIn(archive).facts).toBe(1);
});

function flipped(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  const middle = copy.length >>> 1;
  copy[middle] = (copy[middle] ?? 0) ^ 4;
  return copy;
}

function flippedFirst(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy[0] = 0;
  return copy;
}

function edited(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const text = new TextDecoder().decode(bytes);
  if (!text.includes(from)) throw new Error(`the manifest does not say ${from}`);
  return new TextEncoder().encode(text.replace(from, to));
}
