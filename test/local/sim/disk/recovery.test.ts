// Goal: whatever a crash leaves of the engine's files, production recovery loses nothing that was promised.
// Method: journal, intents, fence, states and kills on the virtual disk; a crash before every operation, in
// every model; then the production readers.
import { describe, expect, test } from "vitest";
import { recoverJournal } from "../../../../hotpath/io/journal/recovery.ts";
import { raiseFence, readFence } from "../../../../hotpath/io/trade/fence.ts";
import { INTENT_OPTIONS, IntentLog } from "../../../../hotpath/io/trade/intent-log.ts";
import { readIntents } from "../../../../hotpath/io/trade/intent-reader.ts";
import { loadState, StateStore } from "../../../../hotpath/io/trade/state-store.ts";
import { knownFence, raiseFenceOf, tradingFiles } from "../../../../hotpath/recover.ts";
import { KillList } from "../../../../hotpath/trading/kill-list.ts";
import { CRASH_MODELS, type CrashModel } from "../../../../local/sim/disk/crash-models.ts";
import { VirtualDisk } from "../../../../local/sim/disk/virtual-disk.ts";
import { Random } from "../../../../local/venues/market/random.ts";
import {
  commitGroup,
  newWriter,
  readAll,
  sampleLines,
} from "../../../hotpath/io/journal/fixture.ts";
import { order } from "../../../hotpath/venues/binance-spot/execute/desk-rig.ts";

const ROOT = "/data/journal";
const RUN = `${ROOT}/run-a`;
/** Crashes of one moment in one model. */
const DRAWS = 3;

class Dead extends Error {}

/** A disk whose root is durable, as that of a host that has been up for a while. */
function newDisk(): VirtualDisk {
  const disk = new VirtualDisk();
  disk.makeDirectory(ROOT);
  disk.syncDirectory("/");
  disk.syncDirectory("/data");
  return disk;
}

/**
 * Lets `live` run until its n-th change of the disk, for every n, and hands over what each crash there
 * leaves, with what `live` had been promised by then.
 */
function afterEveryCrash<Promised>(
  live: (disk: VirtualDisk, promised: (value: Promised) => void) => void,
  judge: (found: VirtualDisk, promised: Promised | undefined, where: string) => void,
): number {
  let crashes = 0;
  for (let stopAt = 1; ; stopAt += 1) {
    const disk = newDisk();
    let left = stopAt;
    disk.onOperation = () => {
      left -= 1;
      if (left <= 0) throw new Dead();
    };
    let promised: Promised | undefined;
    try {
      live(disk, (value) => {
        promised = value;
      });
    } catch (error) {
      // What the engine makes of a dead disk is its own affair; any other error is ours.
      if (left > 0) throw error;
    }
    for (const model of CRASH_MODELS) {
      for (let draw = 0; draw < DRAWS; draw += 1) {
        const found = disk.crash(model, new Random(stopAt * DRAWS + draw, model));
        judge(found, promised, `${model} before operation ${stopAt}, draw ${draw}`);
        crashes += 1;
      }
    }
    if (left > 0) return crashes;
  }
}

describe("the journal", () => {
  test("keeps every acknowledged record through every crash, and recovers twice to the same", () => {
    const crashes = afterEveryCrash<number>(
      (disk, promised) => {
        const writer = newWriter(disk, ROOT, "run-a", { segmentBytes: 900 });
        promised(0);
        for (const count of [2, 1, 3, 2, 2, 1]) {
          commitGroup(writer, count);
          promised(writer.ackedSeq);
          if (writer.isSegmentFull(0)) writer.endSegment();
        }
        writer.close();
      },
      (found, acked, where) => {
        if (acked === undefined) return;
        const result = recoverJournal(found, RUN);
        if (!result.ok) throw new Error(`${where}: ${result.error.reason}`);
        const { lastSeq } = result.recovered;
        expect(lastSeq, where).toBeGreaterThanOrEqual(acked);
        expect(readAll(RUN, found), where).toEqual(sampleLines(1, lastSeq));
        const again = recoverJournal(found.crash("none", new Random(1, "")), RUN);
        expect(again.ok && again.recovered.lastSeq, where).toBe(lastSeq);
      },
    );
    expect(crashes).toBeGreaterThan(400);
  });

  test("that is dealt a lying disk is refused or shorter, never wrong", () => {
    for (let seed = 0; seed < 60; seed += 1) {
      const disk = newDisk();
      const writer = newWriter(disk, ROOT);
      commitGroup(writer, 3);
      disk.plant({ kind: "syncLie", file: seed % 2 === 0 ? ".seg" : "head", after: seed % 3 });
      commitGroup(writer, 3);
      commitGroup(writer, 2);
      const found = disk.crash(seed % 4 < 2 ? "stale" : "reordered", new Random(seed, "lie"));
      const result = recoverJournal(found, RUN);
      if (!result.ok) continue;
      expect(readAll(RUN, found)).toEqual(sampleLines(1, result.recovered.lastSeq));
    }
  });

  test("stops for good at the first failure of its disk, and acknowledges nothing after it", () => {
    const faults = [
      { kind: "shortWrite", takesBytes: 10 },
      { kind: "writeError" },
      { kind: "syncError" },
    ] as const;
    for (const fault of faults) {
      for (const file of [".seg", "head"]) {
        const disk = newDisk();
        const writer = newWriter(disk, ROOT);
        commitGroup(writer, 3);
        disk.plant({ ...fault, file });
        expect(() => commitGroup(writer, 3)).toThrow();
        expect(writer.ackedSeq).toBe(3);
        expect(() => commitGroup(writer, 1)).toThrow("a failed writer");
        for (const model of CRASH_MODELS) {
          const found = disk.crash(model, new Random(7, model));
          const result = recoverJournal(found, RUN);
          const where = `${fault.kind} ${file} ${model}`;
          expect(result.ok && result.recovered.lastSeq >= 3, where).toBe(true);
        }
      }
    }
  });

  test("is refused where a read fails, and read again by a disk that has come to itself", () => {
    const disk = newDisk();
    const writer = newWriter(disk, ROOT);
    commitGroup(writer, 3);
    disk.plant({ kind: "readError", file: ".seg" });
    expect(recoverJournal(disk, RUN)).toMatchObject({ error: { code: "disk" } });
    expect(recoverJournal(disk, RUN)).toMatchObject({ ok: true });
  });

  test("is refused after a misdirected write, a doubled, a resurrected and a lost segment", () => {
    const segment = (n: number): string => `${RUN}/0000000${n}.seg`;
    const threeSegments = (disk: VirtualDisk): void => {
      const writer = newWriter(disk, ROOT);
      for (let n = 0; n < 3; n += 1) {
        commitGroup(writer, 3);
        writer.endSegment();
      }
      writer.close();
    };
    const damages: readonly ((disk: VirtualDisk) => void)[] = [
      ({ medium }) => medium.duplicate(segment(3), segment(4)),
      ({ medium }) => medium.duplicate(segment(1), segment(2)),
      ({ medium }) => medium.lose(segment(2)),
      ({ medium }) => medium.lose(segment(3)),
    ];
    for (const damage of damages) {
      const disk = newDisk();
      threeSegments(disk);
      damage(disk);
      expect(recoverJournal(disk, RUN).ok).toBe(false);
    }
    for (const into of [undefined, segment(1)]) {
      const disk = newDisk();
      // The third group's bytes; the first write of the segment is its header.
      disk.plant({
        kind: "misdirectedWrite",
        file: "00000002.seg",
        after: 1,
        byBytes: into === undefined ? 64 : 0,
        ...(into === undefined ? {} : { into }),
      });
      threeSegments(disk);
      expect(recoverJournal(disk, RUN).ok).toBe(false);
    }
  });
});

describe("the intent log", () => {
  const { intents } = tradingFiles(ROOT);

  /** Orders that were appended, by their number. */
  function live(disk: VirtualDisk, isSynced: boolean, promised: (count: number) => void): void {
    const log = new IntentLog({
      ...INTENT_OPTIONS,
      folder: intents,
      fence: 1,
      isSynced,
      fileBytesMax: 500,
      disk,
    });
    promised(0);
    for (let command = 1; command <= 8; command += 1) {
      if (log.append(order({ command, fence: 1 })).kind === "broken") throw new Dead();
      promised(command);
    }
    log.close();
  }

  test("gives back every order that had left, after the death of the process", () => {
    afterEveryCrash<number>(
      (disk, promised) => live(disk, false, promised),
      (found, appended, where) => {
        if (appended === undefined || !where.startsWith("none")) return;
        const read = readIntents(intents, 0, found);
        if (read.kind === "refused") throw new Error(`${where}: ${read.reason}`);
        expect(read.orders.length, where).toBeGreaterThanOrEqual(appended);
      },
    );
  });

  test("that is synced gives them back after the death of the machine, or refuses", () => {
    let read = 0;
    afterEveryCrash<number>(
      (disk, promised) => live(disk, true, promised),
      (found, appended, where) => {
        if (appended === undefined) return;
        const result = readIntents(intents, 0, found);
        if (result.kind === "refused") {
          // Noise behind the last whole record may be more than a torn record is.
          expect(where).toMatch(/^garbage/);
          return;
        }
        read += 1;
        const commands = result.orders.map(({ command }) => command);
        expect(commands.length, where).toBeGreaterThanOrEqual(appended);
        expect(commands, where).toEqual(commands.map((_, index) => index + 1));
      },
    );
    expect(read).toBeGreaterThan(100);
  });
});

describe("the fence", () => {
  const { fence } = tradingFiles(ROOT);

  test("never falls below one that was given out, whatever the crash", () => {
    afterEveryCrash<number>(
      (disk, promised) => {
        for (let life = 1; life <= 3; life += 1) {
          const raised = raiseFence(fence, 0, disk);
          if (raised.kind === "refused") throw new Dead();
          promised(raised.fence);
        }
      },
      (found, given, where) => {
        const read = readFence(fence, found);
        expect(read.kind, where).toBe("raised");
        if (read.kind !== "raised") return;
        expect(read.fence, where).toBeGreaterThanOrEqual(given ?? 0);
        expect(knownFence(ROOT, found), where).toEqual({ ok: true, fence: read.fence });
        expect(raiseFenceOf(ROOT, 0, found), where).toEqual({ ok: true, fence: read.fence + 1 });
      },
    );
  });
});

test("the first fence of a volume is there after the machine's death, with every folder above it", () => {
  for (const model of CRASH_MODELS) {
    for (let seed = 1; seed <= 10; seed += 1) {
      const disk = new VirtualDisk();
      expect(raiseFenceOf(ROOT, 0, disk)).toEqual({ ok: true, fence: 1 });
      const found = disk.crash(model, new Random(seed, "volume"));
      expect(knownFence(ROOT, found), `${model} ${seed}`).toEqual({ ok: true, fence: 1 });
    }
  }
});

describe("the states of trading", () => {
  const { states } = tradingFiles(ROOT);

  test("are the newest that was saved, or a newer one, after every crash", () => {
    afterEveryCrash<number>(
      (disk, promised) => {
        const store = new StateStore(states, disk, 2);
        for (let seq = 1; seq <= 5; seq += 1) {
          const saved = store.save({ runId: "run-a", seq, text: `state ${seq} `.repeat(200) });
          if (saved.kind === "failed") throw new Dead();
          promised(seq);
        }
      },
      (found, saved, where) => {
        const { state } = loadState(states, found);
        expect(state?.seq ?? 0, where).toBeGreaterThanOrEqual(saved ?? 0);
        if (state !== undefined) expect(state.text).toBe(`state ${state.seq} `.repeat(200));
      },
    );
  });
});

describe("the list of kills", () => {
  test("holds what was acknowledged after every crash, and is whole", () => {
    afterEveryCrash<readonly string[]>(
      (disk, promised) => {
        const list = new KillList(ROOT, 1, disk);
        const named = (): string[] => list.all.map(({ target }) => target);
        for (const target of ["kraken", "kucoin", "binance-spot"]) {
          list.add({ scope: "venue", target, by: "anna", reason: "odd", atUs: 5 });
          promised(named());
        }
        list.remove("venue", "kraken");
        promised(named());
      },
      (found, killed, where) => {
        const targets = new KillList(ROOT, 2, found).all.map(({ target }) => target);
        expect(targets, where).not.toContain("");
        const isReleased = killed !== undefined && !killed.includes("kraken");
        for (const target of killed ?? []) {
          // The release of kraken may have reached the disk before it was acknowledged.
          if (target !== "kraken" || isReleased) expect(targets, where).toContain(target);
        }
        if (isReleased) expect(targets, where).not.toContain("kraken");
      },
    );
  });
});

test("every model of a crash was of use: each lost something somewhere", () => {
  const disk = newDisk();
  const handle = disk.open(`${ROOT}/f`, "append");
  disk.append(handle, new Uint8Array(3000).fill(1), 3000);
  const models: readonly CrashModel[] = CRASH_MODELS;
  for (const model of models) disk.crash(model, new Random(1, model));
  const { P04, P05, P06 } = disk.counts.all();
  expect([P04 > 0, P05 > 0, P06 > 0]).toEqual([true, true, true]);
});
