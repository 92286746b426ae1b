// Goal: a file named KILL is a kill, once for each time it appears, whatever it holds.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { KillFile } from "../../../hotpath/trading/kill-file.ts";

let folder = "";
let reasons: string[] = [];
let watched: KillFile;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "reckoner-kill-"));
  reasons = [];
  watched = new KillFile(path.join(folder, "journal"), (reason) => reasons.push(reason));
});
afterEach(() => {
  watched.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test("the file stands beside the journal's folder", () => {
  expect(watched.path).toBe(path.join(folder, "KILL"));
});

test("a file that is there at the start is seen before anything else", () => {
  fs.writeFileSync(watched.path, " margin call\nfrom the bank \n");
  watched.start();
  expect(reasons).toEqual(["margin call from the bank"]);
  expect(watched.stands).toBe(true);
});

test("a file that comes, goes and comes again is two kills", async () => {
  watched.start();
  expect(watched.stands).toBe(false);
  fs.writeFileSync(watched.path, "one");
  await until(() => reasons.length === 1);
  fs.rmSync(watched.path);
  fs.writeFileSync(`${watched.path}.next`, "two");
  await new Promise((resolve) => setTimeout(resolve, 120));
  fs.renameSync(`${watched.path}.next`, watched.path);
  await until(() => reasons.length === 2);
  expect(reasons).toEqual(["one", "two"]);
});

test.each([
  ["nothing", "", "no reason given"],
  ["too much", "x".repeat(1000), "x".repeat(500)],
])("a file that holds %s is a kill all the same", (_name, text, reason) => {
  fs.writeFileSync(watched.path, text);
  watched.start();
  expect(reasons).toEqual([reason]);
});

test("a folder of that name is a kill too", () => {
  fs.mkdirSync(watched.path);
  watched.start();
  expect(reasons).toEqual(["unreadable (EISDIR)"]);
});
