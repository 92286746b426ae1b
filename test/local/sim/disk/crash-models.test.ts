// Goal: what a crash leaves is one of the states that its model allows, and all of them do come up.
// Method: random writes, syncs and cuts, beside a naive history that keeps a whole copy after every step.
import { describe, expect, test } from "vitest";
import {
  CRASH_MODELS,
  type LossModel,
  settleFile,
} from "../../../../local/sim/disk/crash-models.ts";
import { SECTOR_BYTES, VirtualFile } from "../../../../local/sim/disk/virtual-file.ts";
import { Random } from "../../../../local/venues/market/random.ts";

const MODELS: readonly LossModel[] = CRASH_MODELS.filter((model) => model !== "none");

/** A file beside copies of what it held at its last sync and after every write since. */
type History = {
  readonly file: VirtualFile;
  readonly synced: Uint8Array;
  /** After each step since the sync, with the place of the write that made it (bytes 0: a cut). */
  readonly steps: readonly {
    readonly at: number;
    readonly bytes: number;
    readonly held: Uint8Array;
  }[];
};

function historyOf(random: Random, size: number): History {
  const file = new VirtualFile();
  let held = new Uint8Array(0);
  const steps: { at: number; bytes: number; held: Uint8Array }[] = [];
  const step = (): void => {
    if (random.integer(6) === 0) {
      const to = random.integer(held.length + size / 4);
      file.truncate(to);
      const cut = new Uint8Array(to);
      cut.set(held.subarray(0, to));
      const isSame = to === held.length;
      held = cut;
      if (!isSame) steps.push({ at: to, bytes: 0, held });
      return;
    }
    const isAppend = random.integer(3) > 0;
    const at = isAppend ? held.length : random.integer(held.length + size / 8);
    const written = Uint8Array.from(
      { length: 1 + random.integer(size) },
      () => 1 + random.integer(255),
    );
    file.write(written, written.length, at);
    const after = new Uint8Array(Math.max(held.length, at + written.length));
    after.set(held);
    after.set(written, at);
    held = after;
    steps.push({ at, bytes: written.length, held });
  };
  for (let n = random.integer(4); n > 0; n -= 1) step();
  file.sync();
  steps.length = 0;
  const synced = held;
  for (let n = random.integer(6); n > 0; n -= 1) step();
  return { file, synced, steps };
}

function contentOf(file: VirtualFile): Uint8Array {
  return file.slice(0, file.sizeBytes);
}

/** The file before its last write. */
function beforeLast({ synced, steps }: History): Uint8Array {
  return steps.at(-2)?.held ?? synced;
}

/** The first byte below `end` that no write has touched and that is not as it was at the sync; -1 for none. */
function spoiledAt({ synced, steps }: History, left: Uint8Array): number {
  const end = steps.reduce((least, { held }) => Math.min(least, held.length), synced.length);
  const touched = new Uint8Array(end);
  for (const { at, bytes } of steps) touched.fill(1, at, at + bytes);
  return touched.findIndex((isTouched, at) => isTouched === 0 && left[at] !== synced[at]);
}

/** For each sector of `left`: whether it is the old one, the new one, both, or neither. */
function sectorKinds(left: Uint8Array, old: Uint8Array, written: Uint8Array): string[] {
  const sectorOf = (bytes: Uint8Array, from: number): string => {
    const sector = new Uint8Array(Math.min(SECTOR_BYTES, left.length - from));
    sector.set(bytes.subarray(from, from + sector.length));
    return hex(sector);
  };
  return Array.from({ length: Math.ceil(left.length / SECTOR_BYTES) }, (_, index) => {
    const from = index * SECTOR_BYTES;
    const seen = sectorOf(left, from);
    const isOld = seen === sectorOf(old, from);
    const isNew = seen === sectorOf(written, from);
    if (isOld && isNew) return "both";
    if (isOld) return "old";
    return isNew ? "new" : "neither";
  });
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** Every state in which a history may be cut, as hex: after each byte of each write. */
function prefixesOf({ synced, steps }: History): Set<string> {
  const states = new Set([hex(synced)]);
  let before = synced;
  for (const { at, bytes, held } of steps) {
    for (let kept = 1; kept < bytes; kept += 1) {
      const part = new Uint8Array(Math.max(before.length, at + kept));
      part.set(before);
      part.set(held.subarray(at, at + kept), at);
      states.add(hex(part));
    }
    states.add(hex(held));
    before = held;
  }
  return states;
}

test("a file gives back what was written, over any chunks, holes and cuts", () => {
  const random = new Random(3, "content");
  for (let round = 0; round < 200; round += 1) {
    const { file, synced, steps } = historyOf(random, 6000);
    expect(hex(contentOf(file)) === hex(steps.at(-1)?.held ?? synced)).toBe(true);
  }
});

describe.each(MODELS)("after %s", (model) => {
  test("all bytes that no write since the sync has touched are as they were", () => {
    const random = new Random(11, model);
    for (let round = 0; round < 300; round += 1) {
      const history = historyOf(random, 3000);
      const { file, synced, steps } = history;
      const hasLost = settleFile(file, model, random);
      const left = contentOf(file);
      expect(spoiledAt(history, left), `round ${round}`).toBe(-1);
      if (!hasLost) expect(hex(left) === hex(steps.at(-1)?.held ?? synced)).toBe(true);
      expect(file.unsynced).toHaveLength(0);
    }
  });

  test("what is left is durable: a second crash changes nothing", () => {
    const random = new Random(12, model);
    for (let round = 0; round < 50; round += 1) {
      const { file } = historyOf(random, 500);
      settleFile(file, model, random);
      const left = hex(contentOf(file));
      for (const next of MODELS) expect(settleFile(file, next, random)).toBe(false);
      expect(hex(contentOf(file))).toBe(left);
    }
  });
});

describe("the state that is left", () => {
  test("by a prefix is one through which the file has passed, and each is possible", () => {
    const random = new Random(21, "prefix");
    for (let round = 0; round < 300; round += 1) {
      const history = historyOf(random, 60);
      const allowed = prefixesOf(history);
      settleFile(history.file, "prefix", random);
      expect(allowed.has(hex(contentOf(history.file))), `round ${round}`).toBe(true);
    }
    const file = new VirtualFile();
    file.write(new Uint8Array([1, 2, 3]), 3, 0);
    const found = new Set<string>();
    for (let round = 0; round < 60; round += 1) {
      const copy = file.copy();
      settleFile(copy, "prefix", random);
      found.add(hex(contentOf(copy)));
    }
    expect([...found].sort()).toEqual(["", "01", "0102", "010203"]);
  });

  test("by a torn write has all but the end of the last one, cut within a sector", () => {
    const random = new Random(22, "torn");
    for (let round = 0; round < 100; round += 1) {
      const history = historyOf(random, 700);
      const last = history.steps.at(-1);
      if (last === undefined) continue;
      const allowed = prefixesOf({ ...history, steps: [last], synced: beforeLast(history) });
      settleFile(history.file, "torn", random);
      const left = contentOf(history.file);
      expect(allowed.has(hex(left)), `round ${round}`).toBe(true);
      const isLonger = left.length > beforeLast(history).length;
      if (isLonger) expect(left.length % SECTOR_BYTES).not.toBe(0);
    }
  });

  test("by reordering has in each sector the old bytes or the new, and mixes them", () => {
    const random = new Random(23, "reordered");
    let mixed = 0;
    for (let round = 0; round < 200; round += 1) {
      const { file, synced, steps } = historyOf(random, 3000);
      const written = steps.at(-1)?.held ?? synced;
      settleFile(file, "reordered", random);
      const kinds = sectorKinds(contentOf(file), synced, written);
      expect(kinds, `round ${round}`).not.toContain("neither");
      if (kinds.includes("old") && kinds.includes("new")) mixed += 1;
    }
    expect(mixed).toBeGreaterThan(20);
  });

  test("by staleness or garbage is as long as what was written, and is not it", () => {
    for (const model of ["stale", "garbage"] as const) {
      const random = new Random(24, model);
      for (let round = 0; round < 100; round += 1) {
        const { file, synced, steps } = historyOf(random, 3000);
        const written = steps.at(-1)?.held ?? synced;
        settleFile(file, model, random);
        const left = contentOf(file);
        expect(left.length).toBe(written.length);
        if (model === "garbage") continue;
        const old = new Uint8Array(written.length);
        old.set(synced.subarray(0, written.length));
        expect(hex(left)).toBe(hex(old));
      }
    }
    const noisy = new VirtualFile();
    noisy.write(new Uint8Array(400).fill(5), 400, 0);
    settleFile(noisy, "garbage", new Random(1, "noise"));
    expect(new Set(contentOf(noisy)).size).toBeGreaterThan(100);
  });

  test("after a failed sync lacks what was written before it, wherever later writes went", () => {
    const random = new Random(25, "lost");
    const file = new VirtualFile();
    file.write(new Uint8Array(100).fill(1), 100, 0);
    file.sync();
    file.write(new Uint8Array(50).fill(2), 50, 20);
    file.truncate(90);
    file.failSync();
    file.write(new Uint8Array(10).fill(3), 10, 20_000);
    file.sync();
    expect(settleFile(file, "prefix", random)).toBe(true);
    const left = contentOf(file);
    expect(left.length).toBe(20_010);
    expect([...left.subarray(0, 100)].every((byte) => byte === 1)).toBe(true);
    expect([...left.subarray(20_000)].every((byte) => byte === 3)).toBe(true);
  });

  test("has in the end what was written long ago and never synced, as a kernel would have written it", () => {
    const file = new VirtualFile();
    for (let n = 0; n < 5000; n += 1) file.write(new Uint8Array([1 + (n % 250)]), 1, n);
    expect(file.unsynced.length).toBeLessThanOrEqual(1024);
    settleFile(file, "stale", new Random(1, "old"));
    const left = contentOf(file);
    expect(left.length).toBe(5000);
    expect(left.subarray(0, 3900).every((byte, n) => byte === 1 + (n % 250))).toBe(true);
    expect(left.at(-1)).toBe(0);
  });
});
