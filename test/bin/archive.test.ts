// Goal: the commands say whether the archive equals the journal, and copy it, from the folder that a control plane of
// this machine left behind. Method: a real journal on disk, uploaded and compacted over the embedded S3.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { archiveCheckCommand, archiveCopyCommand } from "../../bin/archive.ts";
import { type Command, type Ending, EXIT } from "../../bin/command.ts";
import { archiveManifestKey } from "../../contracts/keys.ts";
import { compactSegment } from "../../functions/compact-archive/compaction.ts";
import { realDisk } from "../../hotpath/io/journal/disk.ts";
import { sealSegment } from "../../hotpath/io/journal/seal.ts";
import { openStoredArchive } from "../../local/archive/open-archive.ts";
import { RUN_ID, uploadSealed } from "../fixtures/archive/uploaded.ts";
import { writeSegments } from "../hotpath/io/journal/fixture.ts";

const ENGINE = "paper";
let root: string;
let control: string;
let directory: string;

beforeAll(async () => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), "reckoner-archive-command-"));
  control = path.join(root, "control");
  directory = path.join(root, "journal", RUN_ID);
  fs.mkdirSync(control);
  fs.writeFileSync(path.join(root, "reckoner.yaml"), configText());
  const archive = await openStoredArchive(control, "reckoner");
  for (const summary of writeSegments(
    realDisk,
    path.join(root, "journal"),
    [[9, 4], [8]],
    RUN_ID,
  )) {
    const manifest = await sealSegment(realDisk, directory, RUN_ID, summary);
    const name = { engine: ENGINE, runId: RUN_ID, segment: manifest.segment };
    await uploadSealed(archive.store, name, { disk: realDisk, directory, manifest, facts: [] });
    await compactSegment(archive.store, name, { deletesSegments: false });
  }
  await archive.close();
});

afterAll(() => {
  fs.rmSync(root, { recursive: true, force: true });
});

function configText(): string {
  return `instance: ${ENGINE}\njournal:\n  directory: ${path.join(root, "journal")}\n`;
}

function run(
  command: Command,
  operands: readonly string[],
  flags: Readonly<Record<string, string>> = {},
): Promise<Ending> {
  const config = path.join(root, "reckoner.yaml");
  const all = new Map(Object.entries({ config, ...flags }));
  return command.run({ json: false, operands, flags: all, say: () => undefined });
}

describe("archive check", () => {
  test("finds the control plane's folder beside the journal, and that both agree", async () => {
    const ending = await run(archiveCheckCommand, []);
    expect(ending).toMatchObject({
      exitCode: EXIT.ok,
      json: { runId: RUN_ID, equal: 21, segments: 2, differences: [] },
    });
    expect(ending.lines).toEqual([
      "run run-a: 21 records in 2 segments equal the journal, up to 21",
    ]);
  });

  test("fails where a segment is not archived, unless a part is enough", async () => {
    const archive = await openStoredArchive(control, "reckoner");
    await archive.store.delete(archiveManifestKey(ENGINE, RUN_ID, 2));
    await archive.close();
    const whole = await run(archiveCheckCommand, [directory]);
    expect(whole.exitCode).toBe(EXIT.failed);
    expect(whole.error).toBe("run run-a: records 14 to 21 are missing");
    const part = await run(archiveCheckCommand, [directory], { partial: "true" });
    expect(part).toMatchObject({ exitCode: EXIT.ok, json: { equal: 13 } });
  });

  test("says plainly what is not there, or is in use", async () => {
    const nowhere = path.join(root, "nowhere");
    const none = await run(archiveCheckCommand, [], { folder: nowhere });
    expect(none.error).toBe(`${nowhere}: there is no control plane's folder`);
    const gone = await run(archiveCheckCommand, [nowhere]);
    expect(gone.error).toBe(`${nowhere}: there is no such folder`);
    const held = await openStoredArchive(control, "reckoner");
    const busy = await run(archiveCheckCommand, [], { folder: control });
    await held.close();
    expect(busy.exitCode).toBe(EXIT.environment);
    fs.writeFileSync(path.join(root, "bad.yaml"), "no: such\n");
    const config = path.join(root, "bad.yaml");
    expect((await run(archiveCheckCommand, [], { config })).exitCode).toBe(EXIT.usage);
  });
});

test("archive copy leaves files that any reader of Parquet finds by their folders", async () => {
  const folder = path.join(root, "copy");
  const ending = await run(archiveCopyCommand, [folder]);
  const copied = Number(ending.json.copied);
  expect(copied).toBeGreaterThan(4);
  expect(fs.readdirSync(path.join(folder, "archive"))).toContain("type=raw");
  expect((await run(archiveCopyCommand, [folder])).json).toEqual({ copied: 0 });
});
