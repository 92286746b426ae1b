// Goal: a run that has begun is still there after a crash. Method: the virtual disk, which may forget every name that
// its folder was not synced for.
import { expect, test } from "vitest";
import { recoverJournal } from "../../../../hotpath/io/journal/recovery.ts";
import { beginRun } from "../../../../hotpath/io/journal/run.ts";
import { VirtualDisk } from "../../../../local/sim/disk/virtual-disk.ts";
import { Random } from "../../../../local/venues/market/random.ts";
import { commitGroup, newWriter } from "./fixture.ts";

const VOLUME = "/data";
const ROOT = `${VOLUME}/journals/live`;
const CRASHES = 40;

/** A volume as it is mounted: durable, and nothing on it. */
function emptyVolume(): VirtualDisk {
  const disk = new VirtualDisk();
  disk.makeDirectory(VOLUME);
  disk.syncDirectory("/");
  return disk;
}

test("the first run of a volume outlives every crash with the folders that had to be made for it", () => {
  const disk = emptyVolume();
  commitGroup(newWriter(disk, ROOT), 3);
  for (let seed = 1; seed <= CRASHES; seed += 1) {
    const found = disk.crash("reordered", new Random(seed, "names"));
    expect(found.listDirectories(ROOT), `seed ${seed}`).toEqual(["run-a"]);
    expect(recoverJournal(found, `${ROOT}/run-a`)).toMatchObject({ ok: true });
  }
});

test("a second run is as durable as the first, beside it", () => {
  const disk = emptyVolume();
  newWriter(disk, ROOT, "run-a");
  newWriter(disk, ROOT, "run-b");
  for (let seed = 1; seed <= CRASHES; seed += 1) {
    const found = disk.crash("reordered", new Random(seed, "names"));
    expect(found.listDirectories(ROOT), `seed ${seed}`).toEqual(["run-a", "run-b"]);
  }
});

test("a folder above whose name cannot be made durable is a failure, not a run", () => {
  const disk = emptyVolume();
  const syncDirectory = disk.syncDirectory.bind(disk);
  disk.syncDirectory = (directory) => {
    if (directory === VOLUME) throw new Error("EIO");
    syncDirectory(directory);
  };
  const begun = beginRun(disk, `${ROOT}/run-a`, { runId: "run-a", firstSeq: 1 });
  expect(begun).toMatchObject({ ok: false, error: { code: "disk", reason: "EIO" } });
});
