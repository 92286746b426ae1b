// Goal: what earlier runs left is brought in order once, and a refused run is left as evidence.
import { describe, expect, test } from "vitest";
import { listRuns, recoverRuns } from "../../../../hotpath/io/journal/runs.ts";
import { newWriter, readAll, sampleLines, writeSegments } from "./fixture.ts";
import { MemoryDisk } from "./memory-disk.ts";

const ROOT = "/journal";

describe("the runs of a folder", () => {
  test("are those with a head file, half imported ones aside", () => {
    const disk = new MemoryDisk();
    newWriter(disk, ROOT, "run-b");
    newWriter(disk, ROOT, "run-a");
    disk.put("/journal/run-c.importing/head", new Uint8Array(1));
    disk.put("/journal/notes/readme.txt", new Uint8Array(1));
    expect(listRuns(disk, ROOT)).toEqual(["run-a", "run-b"]);
    expect(listRuns(disk, "/nowhere")).toEqual([]);
  });

  test("are recovered and sealed, except the one named, and only where there is work", async () => {
    const disk = new MemoryDisk();
    for (const runId of ["run-a", "run-b", "run-c"]) writeSegments(disk, ROOT, [[3], [2]], runId);
    const torn = "/journal/run-b/00000002.seg";
    disk.put(torn, Uint8Array.from([...disk.readWhole(torn), 1, 2, 3]));
    disk.put("/journal/run-a/00000001.seg", new Uint8Array(300));
    const current = disk.readWhole("/journal/run-c/00000001.seg");
    expect(await recoverRuns(disk, ROOT, "run-c")).toEqual([
      { ok: false, runId: "run-a", error: expect.objectContaining({ code: "damaged" }) },
      { ok: true, runId: "run-b", lastSeq: 5, cutBytes: 3, sealedSegments: 2 },
    ]);
    expect(readAll("/journal/run-b", disk)).toEqual(sampleLines(1, 5));
    expect(disk.readWhole("/journal/run-c/00000001.seg")).toEqual(current);
    disk.removeTree("/journal/run-a");
    const operations = disk.operations;
    expect(await recoverRuns(disk, ROOT, "run-c")).toEqual([]);
    expect(disk.operations).toBe(operations);
  });

  test("whose sealing fails are reported with the disk's word", async () => {
    const disk = new MemoryDisk();
    writeSegments(disk, ROOT, [[3]]);
    disk.faults.rename = () => {
      throw new Error("EIO");
    };
    expect(await recoverRuns(disk, ROOT, "")).toMatchObject([
      { ok: false, error: { reason: "EIO" } },
    ]);
  });
});
