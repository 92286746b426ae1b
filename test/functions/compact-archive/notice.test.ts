// Goal: a notice does its segments, or comes back with a reason, and what is no manifest is left alone.
import { beforeAll, describe, expect, test } from "vitest";
import { segmentManifestKey, segmentObjectKey } from "../../../contracts/keys.ts";
import {
  type CompactPorts,
  compactNotice,
  NoticeError,
} from "../../../functions/compact-archive/notice.ts";
import { type MemoryArchive, memoryArchive } from "../../fixtures/archive/memory-archive.ts";
import { noticeOf } from "../../fixtures/archive/notice.ts";
import {
  ENGINE,
  RUN_ID,
  type SealedRun,
  sealedRun,
  uploadSegment,
} from "../../fixtures/archive/uploaded.ts";

let run: SealedRun;

beforeAll(async () => {
  run = await sealedRun([[4], [3]]);
});

async function uploaded(): Promise<{
  archive: MemoryArchive;
  ports: CompactPorts;
  counts: Map<string, number>;
}> {
  const archive = memoryArchive();
  for (const manifest of run.manifests) await uploadSegment(archive, run, manifest);
  const counts = new Map<string, number>();
  const nothing = (): void => undefined;
  const ports = {
    store: archive,
    log: { info: nothing, warn: nothing, error: nothing },
    meter: {
      count: (name: string, count = 1) => void counts.set(name, (counts.get(name) ?? 0) + count),
    },
    options: { deletesSegments: false },
  };
  return { archive, ports, counts };
}

const manifestKey = (segment: number): string => segmentManifestKey(ENGINE, RUN_ID, segment);

describe("a notice", () => {
  test("of two manifests archives two segments, and says so once", async () => {
    const { ports, counts } = await uploaded();
    const body = noticeOf(manifestKey(1), manifestKey(2));
    await compactNotice(ports, body);
    await compactNotice(ports, body);
    expect(Object.fromEntries(counts)).toEqual({
      SegmentsArchived: 2,
      RecordsArchived: 7,
      SegmentsRepeated: 2,
    });
  });

  test("of a segment or its facts is not yet a reason to do anything", async () => {
    const { archive, ports, counts } = await uploaded();
    const before = archive.objects.size;
    await compactNotice(ports, noticeOf(segmentObjectKey(ENGINE, RUN_ID, 1)));
    expect(archive.objects.size).toBe(before);
    expect(counts.size).toBe(0);
  });

  test("whose segment is still missing comes back", async () => {
    const { archive, ports, counts } = await uploaded();
    archive.objects.delete(segmentObjectKey(ENGINE, RUN_ID, 1));
    await expect(compactNotice(ports, noticeOf(manifestKey(1)))).rejects.toThrow(NoticeError);
    expect(counts.get("SegmentsIncomplete")).toBe(1);
  });

  test.each([
    ["that cannot be read", "{"],
    ["of a manifest that is none of ours", noticeOf("segments/x.manifest.json")],
  ])("%s comes back and is counted", async (_name, body) => {
    const { ports, counts } = await uploaded();
    await expect(compactNotice(ports, body)).rejects.toThrow(NoticeError);
    expect(counts.get("SegmentsRefused")).toBe(1);
  });

  test("of a damaged segment comes back and is counted", async () => {
    const { archive, ports, counts } = await uploaded();
    archive.objects.set(segmentObjectKey(ENGINE, RUN_ID, 1), new Uint8Array(9));
    await expect(compactNotice(ports, noticeOf(manifestKey(1)))).rejects.toThrow(/sha256/);
    expect(counts.get("SegmentsRefused")).toBe(1);
  });
});
