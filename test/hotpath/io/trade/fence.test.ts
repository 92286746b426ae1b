// Goal: the fence only grows, survives on the disk, and is refused when it cannot be trusted.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FENCE_MAX, fenceText, raiseFence, readFence } from "../../../../hotpath/io/trade/fence.ts";
import { MemoryDisk } from "../journal/memory-disk.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fence-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("each start has the next fence, from one on", () => {
  const path = join(folder, "deep", "fence");
  expect(readFence(path)).toEqual({ kind: "raised", fence: 0 });
  for (let fence = 1; fence <= 5; fence++) {
    expect(raiseFence(path, 0)).toEqual({ kind: "raised", fence });
    expect(readFence(path)).toEqual({ kind: "raised", fence });
  }
});

test("a file that was lost is not set back below what was seen elsewhere", () => {
  expect(raiseFence(join(folder, "fence"), 41)).toEqual({ kind: "raised", fence: 42 });
});

test.each([
  ["cut", (text: string) => text.slice(0, -3)],
  ["empty", () => ""],
  ["another number under the old checksum", (text: string) => text.replace(/^7/, "8")],
  ["a number that never was one", () => "-1 00000000\n"],
  ["a leading zero", (text: string) => `0${text}`],
  ["more behind it", (text: string) => `${text}${text}`],
])("a damaged file (%s) is refused and left as it is", (_what, damage) => {
  const path = join(folder, "fence");
  writeFileSync(path, damage(fenceText(7)));
  const before = readFileSync(path);
  const raised = raiseFence(path, 0);
  expect(raised).toEqual({ kind: "refused", reason: expect.stringContaining("is damaged") });
  expect(readFileSync(path)).toEqual(before);
});

test("a file is the owner's alone", () => {
  const path = join(folder, "fence");
  raiseFence(path, 0);
  expect(statSync(path).mode & 0o177).toBe(0);
});

test("a fence that the disk took in part is refused, and the one before it stands", () => {
  const disk = new MemoryDisk();
  disk.put("/r/fence", Buffer.from(fenceText(7)));
  disk.writeBytesMax = 4;
  expect(raiseFence("/r/fence", 0, disk)).toEqual({
    kind: "refused",
    reason: expect.stringContaining("short write"),
  });
  disk.writeBytesMax = Number.MAX_SAFE_INTEGER;
  expect(disk.openHandles).toBe(0);
  expect(readFence("/r/fence", disk)).toEqual({ kind: "raised", fence: 7 });
  expect(raiseFence("/r/fence", 0, disk)).toEqual({ kind: "raised", fence: 8 });
});

test("a fence that is used up is refused", () => {
  const path = join(folder, "fence");
  writeFileSync(path, fenceText(FENCE_MAX));
  expect(raiseFence(path, 0).kind).toBe("refused");
});

test("a fence that cannot be read or written is refused with the system's reason", () => {
  mkdirSync(join(folder, "fence"));
  expect(raiseFence(join(folder, "fence"), 0)).toEqual({
    kind: "refused",
    reason: expect.stringContaining("EISDIR"),
  });
  writeFileSync(join(folder, "file"), "");
  expect(raiseFence(join(folder, "file", "fence"), 0)).toEqual({
    kind: "refused",
    reason: expect.stringMatching(/ENOTDIR|EEXIST/),
  });
  mkdirSync(join(folder, "other.new"));
  expect(raiseFence(join(folder, "other"), 0)).toEqual({
    kind: "refused",
    reason: expect.stringContaining("cannot be written"),
  });
});
