// Goal: a second opinion on the templates, where the program for it is installed; otherwise skipped.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { STAGES } from "../../lib/stages.ts";
import { build } from "../fixtures/infrastructure.ts";

const isInstalled = spawnSync("cfn-lint", ["--version"]).status === 0;

test.skipIf(!isInstalled)(
  "cfn-lint finds no error in any template",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "reckoner-lint-"));
    const files = [...build(STAGES.live).templates].map(([name, template]) => {
      const file = join(folder, `${name}.template.json`);
      writeFileSync(file, JSON.stringify(template.toJSON()));
      return file;
    });
    const { stdout } = spawnSync("cfn-lint", ["--format", "parseable", ...files], {
      encoding: "utf8",
    });
    rmSync(folder, { recursive: true, force: true });
    expect(files.length).toBe(5);
    expect(stdout.split("\n").filter((line) => /:E\d{4}:/.test(line))).toEqual([]);
  },
  120_000,
);
