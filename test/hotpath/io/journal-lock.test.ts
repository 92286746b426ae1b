// Goal: a journal folder has one engine; a dead one's lock stops nobody.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockJournal } from "../../../hotpath/io/journal-lock.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "reckoner-lock-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("a second engine is refused, with the first one's process named", () => {
  const first = lockJournal(join(root, "journal"), process.pid);
  expect(first.ok).toBe(true);
  const second = lockJournal(join(root, "journal"), process.pid);
  expect(second).toMatchObject({
    ok: false,
    reason: expect.stringContaining(`process ${process.pid}`),
  });
});

test("a released lock can be taken again", () => {
  const first = lockJournal(root, process.pid);
  if (first.ok) first.release();
  expect(existsSync(join(root, "engine.lock"))).toBe(false);
  expect(lockJournal(root, process.pid).ok).toBe(true);
});

test.each(["999999999", "", "not a process"])("a lock of nobody (%s) is taken over", (holder) => {
  writeFileSync(join(root, "engine.lock"), holder);
  expect(lockJournal(root, process.pid).ok).toBe(true);
});

test("a folder that cannot be made is refused by the field's name", () => {
  writeFileSync(join(root, "file"), "");
  const lock = lockJournal(join(root, "file", "journal"), process.pid);
  expect(lock).toMatchObject({ ok: false, reason: expect.stringContaining("journal.directory") });
});

test("a lock of somebody else's process is respected", () => {
  // Process 1 always exists and, for anybody but root, may not be signaled: both mean that it lives.
  writeFileSync(join(root, "engine.lock"), "1");
  expect(lockJournal(root, process.pid).ok).toBe(false);
});
