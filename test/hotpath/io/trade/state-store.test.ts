// Goal: whatever a crash or a bad sector does, the newest intact snapshot is found, and nothing else is.
// Method: a disk that stops at any operation and forgets what was not synced, and real files cut and bent.
import fs from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import {
  loadState,
  type SavedState,
  STATES_KEPT,
  StateStore,
} from "../../../../hotpath/io/trade/state-store.ts";
import { temporaryRoot } from "../journal/fixture.ts";
import { MemoryDisk } from "../journal/memory-disk.ts";

const FOLDER = "/states";

function stateOf(number: number): SavedState {
  return { runId: "run-7", seq: number * 10, text: `{"number":${number},"text":"Größe €"}` };
}

/** A store over real files, and what it has written. */
function written(root: string, count: number): string[] {
  const store = new StateStore(root);
  const files: string[] = [];
  for (let number = 1; number <= count; number++) {
    const outcome = store.save(stateOf(number));
    if (outcome.kind !== "saved") throw new Error(outcome.reason);
    files.push(outcome.file);
  }
  return files;
}

describe("snapshots of the state", () => {
  test("come back as they were, the newest first", () => {
    using temporary = temporaryRoot();
    const folder = path.join(temporary.root, "a", "states");
    expect(loadState(folder)).toEqual({ state: undefined, damaged: [] });
    written(folder, 3);
    expect(loadState(folder)).toEqual({ state: stateOf(3), damaged: [] });
  });

  test("are kept to the last ten", () => {
    using temporary = temporaryRoot();
    const files = written(temporary.root, STATES_KEPT + 5);
    expect(fs.readdirSync(temporary.root).sort()).toEqual(
      files.slice(-STATES_KEPT).map((file) => path.basename(file)),
    );
  });

  test("go on above every number of an earlier life, damaged ones too", () => {
    using temporary = temporaryRoot();
    const [, second = ""] = written(temporary.root, 2);
    fs.writeFileSync(second, "");
    fs.writeFileSync(path.join(temporary.root, "state-000000000003.tmp"), "half");
    fs.writeFileSync(path.join(temporary.root, "notes.tmp"), "of somebody else");
    const outcome = new StateStore(temporary.root).save(stateOf(9));
    expect(outcome).toEqual({
      kind: "saved",
      file: path.join(temporary.root, "state-000000000003"),
    });
    expect(fs.readdirSync(temporary.root)).not.toContain("state-000000000003.tmp");
    expect(fs.readdirSync(temporary.root)).toContain("notes.tmp");
    expect(loadState(temporary.root)).toEqual({ state: stateOf(9), damaged: [] });
  });

  test("want a name of the run that can stand in a line", () => {
    const store = new StateStore(FOLDER, new MemoryDisk());
    expect(() => store.save({ ...stateOf(1), runId: "a b" })).toThrow();
    expect(() => store.save({ ...stateOf(1), seq: -1 })).toThrow();
    expect(() => new StateStore(FOLDER, new MemoryDisk(), 1)).toThrow();
  });
});

describe("a damaged snapshot", () => {
  test("cut off at any byte gives way to the one before it", () => {
    using temporary = temporaryRoot();
    const [, newest = ""] = written(temporary.root, 2);
    const whole = fs.readFileSync(newest);
    for (let length = 0; length < whole.length; length++) {
      fs.writeFileSync(newest, whole.subarray(0, length));
      const { state, damaged } = loadState(temporary.root);
      expect(state).toEqual(stateOf(1));
      expect(damaged).toHaveLength(1);
      expect(damaged[0]).toContain(newest);
    }
  });

  test("with any bit turned gives way to the one before it", () => {
    using temporary = temporaryRoot();
    const [, newest = ""] = written(temporary.root, 2);
    const whole = fs.readFileSync(newest);
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const bent = Buffer.from(whole);
      bent[bit >> 3] = (bent[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      fs.writeFileSync(newest, bent);
      expect({ bit, state: loadState(temporary.root).state }).toEqual({ bit, state: stateOf(1) });
    }
  });

  test("with something behind its end, or no reading at all, gives way too", () => {
    using temporary = temporaryRoot();
    const [, newest = ""] = written(temporary.root, 2);
    fs.appendFileSync(newest, "x");
    expect(loadState(temporary.root).state).toEqual(stateOf(1));
    fs.rmSync(newest);
    fs.mkdirSync(path.join(temporary.root, "state-000000000004"));
    expect(loadState(temporary.root)).toEqual({ state: stateOf(1), damaged: [] });
  });

  test("that is the only one leaves none, and says why", () => {
    using temporary = temporaryRoot();
    const [only = ""] = written(temporary.root, 1);
    fs.writeFileSync(only, "something else");
    const { state, damaged } = loadState(temporary.root);
    expect(state).toBeUndefined();
    expect(damaged).toEqual([`${only}: it does not begin like a saved state`]);
  });

  test("that the disk cannot read gives way to the one before it", () => {
    const disk = new MemoryDisk();
    const store = new StateStore(FOLDER, disk);
    store.save(stateOf(1));
    store.save(stateOf(2));
    disk.faults.readWhole = (file) => {
      if (file.endsWith("2")) throw new Error("EIO");
    };
    expect(loadState(FOLDER, disk)).toEqual({
      state: stateOf(1),
      damaged: ["/states/state-000000000002: EIO"],
    });
  });
});

describe("a machine that dies", () => {
  test("at any operation leaves the newest snapshot that was reported, or a newer one", () => {
    const SAVES = 6;
    const operations = countOperations(SAVES);
    expect(operations).toBeGreaterThan(SAVES * 4);
    for (let stopAt = 1; stopAt <= operations; stopAt++) {
      const dying = new MemoryDisk();
      dying.stopAt = stopAt;
      const saved = saveAll(dying, SAVES);
      expect(dying.openHandles).toBe(0);
      for (const unsynced of ["kept", "lost"] as const) {
        const disk = dying.afterCrash(unsynced);
        const { state, damaged } = loadState(FOLDER, disk);
        expect({ stopAt, damaged }).toEqual({ stopAt, damaged: [] });
        const number = state === undefined ? 0 : state.seq / 10;
        expect(number).toBeGreaterThanOrEqual(saved);
        expect(number).toBeLessThanOrEqual(saved + 1);
        // Life goes on over what was left.
        const next = new StateStore(FOLDER, disk, 3).save(stateOf(50));
        expect(next.kind).toBe("saved");
        expect(loadState(FOLDER, disk).state).toEqual(stateOf(50));
      }
    }
  });

  /** Saves until the machine dies; returns how many were reported as saved. */
  function saveAll(disk: MemoryDisk, count: number): number {
    const store = new StateStore(FOLDER, disk, 3);
    let saved = 0;
    for (let number = 1; number <= count; number++) {
      if (store.save(stateOf(number)).kind === "saved") saved = number;
    }
    return saved;
  }

  function countOperations(count: number): number {
    const disk = new MemoryDisk();
    saveAll(disk, count);
    return disk.operations;
  }
});

describe("a disk that fails", () => {
  test.each(["open", "write", "sync", "rename", "syncDirectory"] as const)(
    "at %s is told, and the next snapshot is tried under another name",
    (operation) => {
      const disk = new MemoryDisk();
      const store = new StateStore(FOLDER, disk, 2);
      store.save(stateOf(1));
      store.save(stateOf(2));
      disk.faults[operation] = () => {
        throw new Error("EIO");
      };
      expect(store.save(stateOf(3))).toEqual({
        kind: "failed",
        reason: "the state of trading was not saved: EIO",
      });
      disk.faults = {};
      expect(store.save(stateOf(4))).toMatchObject({ file: "/states/state-000000000004" });
      expect(loadState(FOLDER, disk).state).toEqual(stateOf(4));
    },
  );

  test("at removing an old one keeps one too many, until the next time", () => {
    const disk = new MemoryDisk();
    const store = new StateStore(FOLDER, disk, 2);
    store.save(stateOf(1));
    store.save(stateOf(2));
    disk.faults.remove = () => {
      throw new Error("EIO");
    };
    expect(store.save(stateOf(3)).kind).toBe("saved");
    expect(disk.list(FOLDER)).toHaveLength(3);
    disk.faults = {};
    store.save(stateOf(4));
    expect(disk.list(FOLDER)).toHaveLength(2);
  });

  test("that takes only some of the bytes is told", () => {
    const disk = new MemoryDisk();
    disk.writeBytesMax = 5;
    expect(new StateStore(FOLDER, disk).save(stateOf(1)).kind).toBe("failed");
    expect(loadState(FOLDER, disk).state).toBeUndefined();
  });
});
