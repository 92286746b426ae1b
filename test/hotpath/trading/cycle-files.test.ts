// Goal: the files of cycles are bounded: one that is full is set aside once, and nothing is written twice.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CycleFiles } from "../../../hotpath/trading/cycle-files.ts";
import { cycleRecord } from "../../fixtures/trading/record-fixture.ts";
import { MemoryDisk } from "../io/journal/memory-disk.ts";

let folder = "";
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "reckoner-cycles-"));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

function lineCount(file: string): number {
  return fs.readFileSync(file, "utf8").trimEnd().split("\n").length;
}

test("a full file is set aside, and what was set aside before it goes", () => {
  const options = { directory: folder, runId: "r", instruments: [], venues: [] };
  const files = new CycleFiles({ ...options, fileBytesMax: 2000 });
  for (let n = 0; n < 10; n++) expect(files.add(cycleRecord({ cycle: n }), n, n).fault).toBe("");
  for (const file of [files.lines, files.twins]) {
    expect(fs.statSync(file).size).toBeLessThanOrEqual(2000);
    expect(fs.statSync(`${file}.1`).size).toBeLessThanOrEqual(2000);
    expect(fs.existsSync(`${file}.2`)).toBe(false);
  }
  expect(lineCount(files.lines)).toBeGreaterThan(0);
  expect(fs.readFileSync(files.twins, "utf8")).toContain('"cycle":9');
});

test("a line that the disk takes in part, or not at all, is told with the line itself", () => {
  const disk = new MemoryDisk();
  const files = new CycleFiles({ directory: "/j", runId: "r", instruments: [], venues: [], disk });
  expect(files.add(cycleRecord({ cycle: 1 }), 1, 1).fault).toBe("");
  disk.writeBytesMax = 3;
  const cut = files.add(cycleRecord({ cycle: 2 }), 2, 2);
  expect(cut.line).toContain("2");
  expect(cut.fault).toMatch(/^only 3 of \d+ bytes$/);
  disk.faults.open = () => {
    throw new Error("EROFS");
  };
  expect(files.add(cycleRecord({ cycle: 3 }), 3, 3).fault).toBe("EROFS");
  expect(disk.openHandles).toBe(0);
});
