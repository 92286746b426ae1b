// Goal: every intent that was appended is read again; a torn end is tolerated, damage before it refused where
// records were synced and told where they were not.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PlaceOrder } from "../../../../hotpath/core/trade/commands.ts";
import {
  INTENT_OPTIONS,
  IntentLog,
  type IntentLogOptions,
  intentFileName,
} from "../../../../hotpath/io/trade/intent-log.ts";
import { readIntents } from "../../../../hotpath/io/trade/intent-reader.ts";
import { BOOK_BYTES, INTENT_BYTES_MIN } from "../../../../hotpath/io/trade/intent-record.ts";
import { order } from "../../venues/binance-spot/execute/desk-rig.ts";
import { MemoryDisk } from "../journal/memory-disk.ts";

const SECTOR_BYTES = 512;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "intents-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function numbered(command: number, fence = 1): PlaceOrder {
  const books = [
    { instrument: 3, epoch: 2, seq: 9_007_199_254_740_991, ageUs: 12 },
    { instrument: 4, epoch: 2, seq: 0, ageUs: 0 },
  ];
  return order({ command, fence, books: command % 2 === 0 ? books : [] });
}

function openLog(fence = 1, options: Partial<IntentLogOptions> = {}): IntentLog {
  return new IntentLog({ ...INTENT_OPTIONS, folder, fence, ...options });
}

function write(count: number, fence = 1, isSynced = false): readonly PlaceOrder[] {
  const log = openLog(fence, { isSynced });
  const orders = Array.from({ length: count }, (_, i) => numbered(i + 1, fence));
  for (const each of orders) expect(log.append(each)).toEqual({ kind: "appended" });
  log.close();
  return orders;
}

describe("a log", () => {
  test("gives back what was appended, of every life", () => {
    const first = write(3, 1);
    const second = write(2, 2);
    expect(readIntents(folder, 0)).toEqual({
      kind: "read",
      orders: [...first, ...second],
      fenceMax: 2,
      tornFiles: [],
      holes: [],
    });
    expect(readIntents(folder, 2)).toMatchObject({ orders: second, fenceMax: 2 });
  });

  test("a folder that is not there holds nothing", () => {
    expect(readIntents(join(folder, "none"), 0)).toMatchObject({ kind: "read", orders: [] });
  });

  test("other files of the folder are none of its business", () => {
    writeFileSync(join(folder, "notes.txt"), "x");
    expect(readIntents(folder, 0)).toMatchObject({ kind: "read", orders: [], fenceMax: 0 });
  });

  test("survives a process that is killed right after its last append", () => {
    const script = `
      const { IntentLog, INTENT_OPTIONS } = await import("${new URL("../../../../hotpath/io/trade/intent-log.ts", import.meta.url)}");
      const log = new IntentLog({ ...INTENT_OPTIONS, folder: ${JSON.stringify(folder)}, fence: 1 });
      for (const each of ${JSON.stringify([1, 2, 3].map((n) => numbered(n)))}) log.append(each);
      process.kill(process.pid, "SIGKILL");`;
    expect(() =>
      execFileSync(process.execPath, ["--input-type=module", "-e", script], { stdio: "pipe" }),
    ).toThrow();
    expect(readIntents(folder, 0)).toMatchObject({ orders: [1, 2, 3].map((n) => numbered(n)) });
  });

  test("begins a new file when one is full, and reads them in order", () => {
    const log = openLog(1, { fileBytesMax: 500 });
    for (let command = 1; command <= 20; command++) log.append(numbered(command));
    log.close();
    expect(readdirSync(folder).length).toBeGreaterThan(3);
    const read = readIntents(folder, 0);
    expect(read.kind === "read" && read.orders.map(({ command }) => command)).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
  });

  test("keeps the newest files within its bound, and its own always", () => {
    for (let fence = 1; fence <= 4; fence++) write(4, fence);
    const bytes = statSync(join(folder, intentFileName(1, 1))).size;
    openLog(5, { retainBytes: bytes * 2 }).close();
    expect(readdirSync(folder)).toEqual([3, 4, 5].map((fence) => intentFileName(fence, 1)));
  });

  test("a synced log reads the same", () => {
    const log = openLog(1, { isSynced: true });
    log.append(numbered(1));
    log.close();
    expect(readIntents(folder, 0)).toMatchObject({ orders: [numbered(1)] });
  });

  test("a life that has begun already is not begun again", () => {
    write(1, 1);
    expect(() => openLog(1)).toThrow(/EEXIST/);
  });

  test("an intent of another fence is a mistake of ours", () => {
    expect(() => openLog(1).append(numbered(1, 2))).toThrow(/fence of its log/);
  });

  test("once a write has failed nothing is appended any more", () => {
    const log = openLog(1, { fileBytesMax: 1 });
    // The next part cannot be begun, because its name is taken.
    writeFileSync(join(folder, intentFileName(1, 2)), "");
    expect(log.append(numbered(1))).toEqual({
      kind: "broken",
      reason: expect.stringContaining("EEXIST"),
    });
    expect(log.append(numbered(2)).kind).toBe("broken");
    expect(log.broken).toContain("EEXIST");
    log.close();
    expect(log.append(numbered(3))).toEqual({ kind: "broken", reason: "the log is closed" });
  });

  test("a record that the disk took in part breaks the log", () => {
    const disk = new MemoryDisk();
    const log = new IntentLog({ ...INTENT_OPTIONS, folder: "/intents", fence: 1, disk });
    expect(log.append(numbered(1)).kind).toBe("appended");
    disk.writeBytesMax = 100;
    expect(log.append(numbered(2))).toEqual({
      kind: "broken",
      reason: expect.stringMatching(/^only 100 of \d+ bytes were written$/),
    });
    disk.writeBytesMax = Number.MAX_SAFE_INTEGER;
    expect(log.append(numbered(3)).kind).toBe("broken");
    expect(readIntents("/intents", 0, disk)).toMatchObject({ orders: [numbered(1)] });
  });

  test("on a disk that fails to sync breaks, and its file is the owner's alone on a real one", () => {
    const disk = new MemoryDisk();
    const isSynced = true;
    const log = new IntentLog({ ...INTENT_OPTIONS, folder: "/intents", fence: 1, isSynced, disk });
    disk.faults.sync = () => {
      throw new Error("EIO");
    };
    expect(log.append(numbered(1))).toEqual({ kind: "broken", reason: "EIO" });
    write(1);
    expect(statSync(join(folder, intentFileName(1, 1))).mode & 0o177).toBe(0);
  });
});

describe("a damaged log", () => {
  const nameOf = (isSynced: boolean): string => intentFileName(1, 1, isSynced);
  const pathOf = (isSynced: boolean): string => join(folder, nameOf(isSynced));
  const torn = (orders: readonly PlaceOrder[], isSynced: boolean): unknown => ({
    kind: "read",
    orders,
    fenceMax: 1,
    tornFiles: [nameOf(isSynced)],
    holes: [],
  });

  test.each([true, false])(
    "cut anywhere in its last record it loses that one (synced: %s)",
    (isSynced) => {
      const orders = write(3, 1, isSynced);
      const path = pathOf(isSynced);
      const whole = readFileSync(path);
      // The last has no books, the one before it two.
      const last = whole.length - INTENT_BYTES_MIN;
      for (let length = last + 1; length < whole.length; length++) {
        writeFileSync(path, whole.subarray(0, length));
        expect(readIntents(folder, 0)).toEqual(torn(orders.slice(0, 2), isSynced));
      }
    },
  );

  test.each([true, false])(
    "room that was never filled is a torn end too (synced: %s)",
    (isSynced) => {
      const orders = write(3, 1, isSynced);
      const path = pathOf(isSynced);
      writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(8192)]));
      expect(readIntents(folder, 0)).toEqual(torn(orders, isSynced));
    },
  );

  test("with any byte before the last record changed it is refused where it was synced, with its place", () => {
    write(3, 1, true);
    const whole = readFileSync(pathOf(true));
    for (let at = 0; at < whole.length - INTENT_BYTES_MIN; at++) {
      const damaged = Buffer.from(whole);
      damaged[at] = (whole[at] as number) ^ 1;
      writeFileSync(pathOf(true), damaged);
      expect(readIntents(folder, 0)).toEqual({
        kind: "refused",
        reason: expect.stringMatching(
          /^the intent log intents-0000000001-000001\.synced\.bin is damaged at byte \d+: the record /,
        ),
      });
    }
  });

  test("with any byte before the last record changed it loses that record where it was not synced, and says so", () => {
    const orders = write(3);
    const whole = readFileSync(pathOf(false));
    const bytes = [INTENT_BYTES_MIN, INTENT_BYTES_MIN + 2 * BOOK_BYTES];
    for (let at = 0; at < whole.length - INTENT_BYTES_MIN; at++) {
      const damaged = Buffer.from(whole);
      damaged[at] = (whole[at] as number) ^ 1;
      writeFileSync(pathOf(false), damaged);
      const lost = at < INTENT_BYTES_MIN ? 0 : 1;
      const place = `${bytes[lost]} bytes at byte ${lost * INTENT_BYTES_MIN}`;
      expect(readIntents(folder, 0)).toEqual({
        kind: "read",
        orders: orders.toSpliced(lost, 1),
        fenceMax: 1,
        tornFiles: [],
        holes: [`the intent log intents-0000000001-000001.bin has lost ${place}`],
      });
    }
  });

  test("any sectors of what was not synced may be lost: each record that is whole is read", () => {
    const orders = write(20);
    const whole = readFileSync(pathOf(false));
    const sectors = Math.ceil(whole.length / SECTOR_BYTES);
    expect(sectors).toBeGreaterThan(4);
    const placeOf = (n: number): number =>
      orders
        .slice(0, n)
        .reduce((sum, { books }) => sum + INTENT_BYTES_MIN + books.length * BOOK_BYTES, 0);
    for (let kept = 0; kept < 2 ** sectors; kept++) {
      const found = Buffer.from(whole);
      const isKept = (byte: number): boolean =>
        (kept & (1 << Math.floor(byte / SECTOR_BYTES))) !== 0;
      for (let sector = 0; sector < sectors; sector++) {
        const from = sector * SECTOR_BYTES;
        if (!isKept(from)) found.fill(0, from, Math.min(from + SECTOR_BYTES, found.length));
      }
      writeFileSync(pathOf(false), found);
      const left = orders.filter((_, n) => isKept(placeOf(n)) && isKept(placeOf(n + 1) - 1));
      expect(readIntents(folder, 0)).toMatchObject({ kind: "read", orders: left });
    }
  });

  test("more garbage behind it than a torn record is refused where it was synced", () => {
    for (const isSynced of [true, false]) {
      const orders = write(1, 1, isSynced);
      const path = pathOf(isSynced);
      writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(2000, 7)]));
      expect(readIntents(folder, 0)).toMatchObject(
        isSynced ? { kind: "refused" } : (torn(orders, false) as object),
      );
      rmSync(path);
    }
  });

  test.each([true, false])("a record of another fence is refused (synced: %s)", (isSynced) => {
    write(2, 2, isSynced);
    const other = join(folder, intentFileName(2, 1, isSynced));
    const foreign = readFileSync(other);
    rmSync(other);
    writeFileSync(pathOf(isSynced), foreign);
    expect(readIntents(folder, 0)).toMatchObject({ reason: expect.stringContaining("of fence 2") });
  });
});
