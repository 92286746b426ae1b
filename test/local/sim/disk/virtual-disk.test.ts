// Goal: the virtual disk forgets only what was not synced, fails as planned, and counts what it did.
// Method: one promise at a time; beside-real.test.ts compares it with a real disk.
import { describe, expect, test } from "vitest";
import { type Disk, writeFileWhole } from "../../../../hotpath/io/journal/disk.ts";
import { DISK_FAULT_CLASSES } from "../../../../local/sim/disk/disk-faults.ts";
import { VirtualDisk } from "../../../../local/sim/disk/virtual-disk.ts";
import { Random } from "../../../../local/venues/market/random.ts";

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function textOf(disk: Disk, file: string): string {
  return new TextDecoder().decode(disk.readWhole(file));
}

function put(disk: Disk, file: string, text: string): number {
  const handle = disk.open(file, "append");
  disk.append(handle, bytesOf(text), text.length);
  return handle;
}

/** A disk with the folder /r, in which everything is durable. */
function diskWithFolder(): VirtualDisk {
  const disk = new VirtualDisk();
  disk.makeDirectory("/r");
  disk.syncDirectory("/");
  return disk;
}

/** A disk with the file /r/f that holds `text` for good. */
function diskWith(text: string): VirtualDisk {
  const disk = diskWithFolder();
  const handle = put(disk, "/r/f", text);
  disk.sync(handle);
  disk.close(handle);
  disk.syncDirectory("/r");
  return disk;
}

function seeded(seed: number): Random {
  return new Random(seed, "crash");
}

describe("a machine's death", () => {
  test("takes nothing that was synced, whatever it does to the rest", () => {
    for (const model of ["prefix", "torn", "reordered", "garbage", "stale"] as const) {
      for (let seed = 1; seed <= 40; seed += 1) {
        const disk = diskWith("safe ");
        disk.close(put(disk, "/r/f", "and not"));
        disk.close(put(disk, "/r/g", "no name yet"));
        const found = disk.crash(model, seeded(seed));
        expect(textOf(found, "/r/f").slice(0, 5), `${model} ${seed}`).toBe("safe ");
        expect(found.openHandles).toBe(0);
        expect(textOf(disk, "/r/f"), "the disk itself is as it was").toBe("safe and not");
      }
    }
  });

  test("of a process only takes nothing, and makes nothing durable either", () => {
    const disk = diskWith("safe ");
    disk.close(put(disk, "/r/f", "and not"));
    const restarted = disk.crash("none", seeded(1));
    expect(textOf(restarted, "/r/f")).toBe("safe and not");
    const found = restarted.crash("stale", seeded(1));
    expect(textOf(found, "/r/f")).toBe(`safe ${"\0".repeat(7)}`);
  });

  test("may take a name that its folder has not been synced for, file and all", () => {
    const sizes = new Set<number>();
    for (let seed = 1; seed <= 20; seed += 1) {
      const disk = diskWithFolder();
      const handle = put(disk, "/r/f", "whole");
      disk.sync(handle);
      sizes.add(disk.crash("prefix", seeded(seed)).sizeBytes("/r/f"));
      disk.syncDirectory("/r");
      expect(textOf(disk.crash("prefix", seeded(seed)), "/r/f")).toBe("whole");
    }
    expect([...sizes].sort()).toEqual([-1, 5]);
  });

  test("may take a whole folder that nobody has synced the folder above for", () => {
    const found = new Set<string>();
    for (let seed = 1; seed <= 20; seed += 1) {
      const disk = new VirtualDisk();
      disk.makeDirectory("/a/b");
      writeFileWhole(disk, "/a/b/f", bytesOf("whole"));
      found.add(disk.crash("reordered", seeded(seed)).files().join());
    }
    expect([...found].sort()).toEqual(["", "/a/b/f"]);
  });

  test("leaves the old file or the new one under a name that was renamed over, never none", () => {
    for (const model of ["prefix", "reordered", "garbage"] as const) {
      const found = new Set<string>();
      for (let seed = 1; seed <= 40; seed += 1) {
        const disk = diskWith("old");
        const handle = disk.open("/r/f.tmp", "replace");
        disk.write(handle, bytesOf("new"), 0);
        disk.sync(handle);
        disk.close(handle);
        disk.rename("/r/f.tmp", "/r/f");
        found.add(textOf(disk.crash(model, seeded(seed)), "/r/f"));
        disk.syncDirectory("/r");
        expect(textOf(disk.crash(model, seeded(seed)), "/r/f")).toBe("new");
      }
      expect([...found].sort(), model).toEqual(["new", "old"]);
    }
  });

  test("may bring back what was removed", () => {
    const disk = diskWith("old");
    disk.remove("/r/f");
    const free = disk.freeBytes("/");
    const sizes = new Set<number>();
    for (let seed = 1; seed <= 20; seed += 1) {
      const found = disk.crash("prefix", seeded(seed));
      sizes.add(found.sizeBytes("/r/f"));
      expect(free - found.freeBytes("/")).toBe(Math.max(0, found.sizeBytes("/r/f")));
    }
    expect([...sizes].sort()).toEqual([-1, 3]);
    disk.syncDirectory("/r");
    expect(disk.crash("prefix", seeded(1)).sizeBytes("/r/f")).toBe(-1);
  });

  test("may bring back a folder that was removed with everything in it", () => {
    const disk = diskWith("old");
    disk.removeTree("/r");
    disk.removeTree("/r");
    expect(disk.sizeBytes("/r/f")).toBe(-1);
    const found = new Set<string>();
    for (let seed = 1; seed <= 20; seed += 1) {
      found.add(disk.crash("prefix", seeded(seed)).files().join());
    }
    expect([...found].sort()).toEqual(["", "/r/f"]);
  });

  test("draws nothing where nothing is at stake, and the same from the same seed", () => {
    const random = seeded(5);
    const disk = diskWith("safe");
    disk.crash("reordered", random);
    expect(random.next()).toBe(seeded(5).next());
    disk.close(put(disk, "/r/f", "x".repeat(5000)));
    disk.close(put(disk, "/r/g", "y".repeat(5000)));
    const twice = [1, 2].map(() => {
      const found = disk.crash("reordered", seeded(9));
      return found.files().map((file) => textOf(found, file));
    });
    expect(twice[0]).toEqual(twice[1]);
  });

  test("is counted by its class where it took something, and only there", () => {
    const disk = diskWith("safe");
    disk.crash("stale", seeded(1));
    expect(Object.values(disk.counts.all()).every((count) => count === 0)).toBe(true);
    disk.close(put(disk, "/r/f", "unsafe"));
    disk.crash("torn", seeded(1));
    disk.crash("reordered", seeded(3));
    disk.crash("stale", seeded(1));
    disk.crash("garbage", seeded(1));
    const { P04, P05, P06, P18 } = disk.counts.all();
    expect([P04, P05, P06, P18]).toEqual([1, 1, 2, 0]);
  });
});

describe("a second disk", () => {
  test("shares nothing that can be changed", () => {
    const disk = diskWith("x".repeat(10_000));
    const handle = disk.open("/r/f", "update");
    const clone = disk.clone();
    disk.write(handle, bytesOf("here"), 5000);
    const other = clone.open("/r/f", "update");
    clone.write(other, bytesOf("there"), 5000);
    const again = clone.clone();
    clone.truncate(other, 4);
    expect(textOf(disk, "/r/f").slice(4999, 5006)).toBe("xherexx");
    expect(textOf(again, "/r/f").slice(4999, 5006)).toBe("xtherex");
    expect(textOf(clone, "/r/f")).toBe("xxxx");
    expect([disk.openHandles, again.openHandles]).toEqual([1, 0]);
    expect(clone.freeBytes("/") - again.freeBytes("/")).toBe(9996);
  });

  test("has the faults that are still to come, each once", () => {
    const disk = diskWith("x");
    disk.plant({ kind: "writeError", file: "/r/" });
    const clone = disk.clone();
    expect(() => put(clone, "/r/f", "y")).toThrow("EIO");
    expect(() => put(disk, "/r/f", "y")).toThrow("EIO");
    expect(clone.counts.injected("P14")).toBe(2);
    disk.close(put(disk, "/r/f", "z"));
    expect(textOf(disk, "/r/f")).toBe("xz");
  });
});

describe("a planned fault", () => {
  test("waits for its file and for those that pass before it", () => {
    const disk = diskWith("x");
    disk.plant({ kind: "writeError", file: "/r/g", after: 2 });
    const f = disk.open("/r/f", "append");
    const g = disk.open("/r/g", "append");
    const write = (handle: number): number => disk.append(handle, bytesOf("."), 1);
    for (const handle of [g, f, f, f, g]) expect(write(handle)).toBe(1);
    expect(() => write(g)).toThrow("EIO");
    expect(write(g)).toBe(1);
    expect(disk.sizeBytes("/r/g")).toBe(3);
    expect(disk.counts.injected("P14")).toBe(1);
  });

  test("writes less than it was given (P12)", () => {
    const disk = diskWith("x");
    disk.plant({ kind: "shortWrite", takesBytes: 2 });
    const handle = disk.open("/r/f", "append");
    expect(disk.append(handle, bytesOf("12345"), 5)).toBe(2);
    expect(textOf(disk, "/r/f")).toBe("x12");
    expect(disk.counts.injected("P12")).toBe(1);
  });

  test("fills the disk: what fits is taken, then nothing, and what is free is told (P13)", () => {
    const disk = diskWith("12345");
    disk.limitFreeBytes(8);
    expect(disk.freeBytes("/r")).toBe(8);
    const handle = disk.open("/r/g", "append");
    expect(disk.append(handle, bytesOf("abcdef"), 6)).toBe(6);
    expect(disk.append(handle, bytesOf("ghijkl"), 6)).toBe(2);
    expect(() => disk.append(handle, bytesOf("m"), 1)).toThrow("ENOSPC");
    expect(disk.write(disk.open("/r/f", "update"), bytesOf("54321"), 0)).toBe(5);
    disk.remove("/r/f");
    expect(disk.freeBytes("/r")).toBe(5);
    expect(disk.crash("none", seeded(1)).freeBytes("/r")).toBe(5);
    expect(disk.counts.injected("P13")).toBe(2);
  });

  test("makes a sync fail once; the bytes are lost although the next sync succeeds (P15)", () => {
    const disk = diskWith("safe ");
    const handle = disk.open("/r/f", "append");
    disk.append(handle, bytesOf("dropped"), 7);
    disk.plant({ kind: "syncError" });
    expect(() => disk.sync(handle)).toThrow("EIO");
    disk.sync(handle);
    expect(textOf(disk, "/r/f")).toBe("safe dropped");
    expect(textOf(disk.crash("none", seeded(1)), "/r/f")).toBe("safe dropped");
    expect(textOf(disk.crash("prefix", seeded(1)), "/r/f")).toBe("safe ");
    expect(disk.counts.injected("P15")).toBe(1);
  });

  test("but a page that is written again after a failed sync is dirty again, and the next sync has it", () => {
    const disk = diskWith("safe ");
    const handle = disk.open("/r/f", "append");
    disk.append(handle, new Uint8Array(3 * 4096).fill(65), 3 * 4096);
    disk.plant({ kind: "syncError" });
    expect(() => disk.sync(handle)).toThrow("EIO");
    disk.append(handle, bytesOf("!"), 1);
    const end = disk.sizeBytes("/r/f");
    disk.sync(handle);
    const found = disk.crash("prefix", seeded(1)).readWhole("/r/f");
    expect([found.length, found[end - 1]]).toEqual([end, "!".charCodeAt(0)]);
  });

  test("lies about a sync (P16)", () => {
    const disk = diskWith("safe ");
    const handle = put(disk, "/r/f", "believed");
    disk.plant({ kind: "syncLie" });
    disk.sync(handle);
    expect(textOf(disk.crash("stale", seeded(1)), "/r/f")).toBe(`safe ${"\0".repeat(8)}`);
    disk.sync(handle);
    expect(textOf(disk.crash("stale", seeded(1)), "/r/f")).toBe("safe believed");
    expect(disk.counts.injected("P16")).toBe(1);
  });

  test("refuses a read, of a whole file or of a part (P17)", () => {
    const disk = diskWith("text");
    disk.plant({ kind: "readError", after: 1 });
    disk.plant({ kind: "readError", after: 2 });
    expect(textOf(disk, "/r/f")).toBe("text");
    expect(() => disk.readWhole("/r/f")).toThrow("EIO");
    const handle = disk.open("/r/f", "read");
    expect(() => disk.read(handle, new Uint8Array(2), 0)).toThrow("EIO");
    expect(disk.read(handle, new Uint8Array(2), 0)).toBe(2);
    expect(disk.counts.injected("P17")).toBe(2);
  });

  test("writes to another place, of this file or of another, and says that all is well (P11)", () => {
    const disk = diskWith("0123456789");
    const other = put(disk, "/r/g", "abc");
    disk.plant({ kind: "misdirectedWrite", byBytes: -6 });
    const handle = disk.open("/r/f", "update");
    expect(disk.write(handle, bytesOf("XY"), 9)).toBe(2);
    expect(textOf(disk, "/r/f")).toBe("012XY56789\0");
    disk.plant({ kind: "misdirectedWrite", byBytes: 0, into: "/r/f" });
    expect(disk.append(other, bytesOf("Z"), 1)).toBe(1);
    expect([textOf(disk, "/r/f"), textOf(disk, "/r/g")]).toEqual(["012ZY56789\0", "abc\0"]);
    expect(disk.counts.injected("P11")).toBe(2);
  });
});

describe("the medium", () => {
  test("rots bit by bit, for good (P07, P08)", () => {
    const disk = diskWith("AB");
    disk.medium.flipBit("/r/f", 8, "P07");
    disk.medium.flipBit("/r/f", 6, "P08");
    expect(textOf(disk.crash("stale", seeded(1)), "/r/f")).toBe("\u0001C");
    expect([disk.counts.injected("P07"), disk.counts.injected("P08")]).toEqual([1, 1]);
    expect(() => disk.medium.flipBit("/r/f", 16, "P07")).toThrow("lies in the file");
  });

  test("brings a removed file back, doubles one, and loses one (P09, P10)", () => {
    const disk = diskWith("old");
    disk.remove("/r/f");
    disk.syncDirectory("/r");
    expect(disk.medium.resurrect("/r/none")).toBe(false);
    expect(disk.medium.resurrect("/r/f")).toBe(true);
    expect(textOf(disk, "/r/f")).toBe("old");
    disk.medium.duplicate("/r/f", "/r/g");
    const free = disk.freeBytes("/");
    disk.medium.lose("/r/f");
    expect(() => disk.medium.lose("/r/f")).toThrow("ENOENT");
    const found = disk.crash("reordered", seeded(1));
    expect(found.files()).toEqual(["/r/g"]);
    expect(disk.freeBytes("/") - free).toBe(3);
    expect([disk.counts.injected("P09"), disk.counts.injected("P10")]).toEqual([2, 1]);
  });

  test("remembers only the last files that were removed", () => {
    const disk = diskWithFolder();
    for (let n = 0; n < 20; n += 1) {
      disk.close(put(disk, `/r/${n}`, "x"));
      disk.remove(`/r/${n}`);
    }
    expect(disk.medium.resurrect("/r/0")).toBe(false);
    expect(disk.medium.resurrect("/r/19")).toBe(true);
  });
});

describe("the hook", () => {
  test("sees every change before it happens, and what it throws stops it", () => {
    const disk = diskWith("x");
    const seen: string[] = [];
    disk.onOperation = (operation, file) => {
      seen.push(`${operation} ${file}`);
      if (seen.length === 4) throw new Error("the process is dead");
    };
    expect(() => writeFileWhole(disk, "/r/f", bytesOf("new"))).toThrow("the process is dead");
    expect(seen).toEqual(["open /r/f.tmp", "write /r/f.tmp", "sync /r/f.tmp", "rename /r/f.tmp"]);
    expect(textOf(disk, "/r/f")).toBe("x");
    expect(disk.openHandles).toBe(0);
  });

  test("counts what changes something and nothing else", () => {
    const disk = diskWith("x");
    const before = disk.operations;
    disk.readWhole("/r/f");
    disk.close(disk.open("/r/f", "update"));
    expect(disk.operations).toBe(before);
    disk.removeTree("/none");
    expect(disk.operations).toBe(before + 1);
  });
});

test("every class has a count from the beginning", () => {
  expect(Object.keys(new VirtualDisk().counts.all())).toEqual([...DISK_FAULT_CLASSES]);
});
