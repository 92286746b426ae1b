// Goal: without a folder the newest run is meant, and nothing that merely stands beside the runs.
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EXIT } from "../../bin/command.ts";
import { findJournal } from "../../bin/journal-folder.ts";
import { realDisk } from "../../hotpath/io/journal/disk.ts";
import { beginRun } from "../../hotpath/io/journal/run.ts";
import { temporaryRoot } from "../hotpath/io/journal/fixture.ts";

test("folders of trading and publishing are no runs, however new they are", () => {
  using temporary = temporaryRoot();
  const directory = join(temporary.root, "journal");
  const config = join(temporary.root, "config.yaml");
  writeFileSync(config, JSON.stringify({ journal: { directory } }));
  expect(findJournal(undefined, config)).toMatchObject({ ok: false });
  for (const runId of ["run-a", "run-b"]) {
    expect(beginRun(realDisk, join(directory, runId), { runId, firstSeq: 1 }).ok).toBe(true);
  }
  utimesSync(join(directory, "run-b"), 1, 1);
  for (const beside of ["published", "states"]) mkdirSync(join(directory, beside));
  const found = findJournal(undefined, config);
  const where = found.ok ? found.directory : found.ending.error;
  expect(where).toContain("run-a");
});

test("a folder that is not there is named", () => {
  expect(findJournal("/nowhere/at/all", undefined)).toMatchObject({
    ok: false,
    ending: { exitCode: EXIT.usage, error: "/nowhere/at/all: there is no such folder" },
  });
});
