// Goal: the command that makes templates says which, and fails with a sentence where none can be made.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { EXIT } from "../../bin/command.ts";
import { devSynthCommand, stacksIn } from "../../bin/synth.ts";

const folder = mkdtempSync(join(tmpdir(), "reckoner-synth-"));

afterEach(() => {
  delete process.env.RECKONER_STAGE;
  delete process.env.CDK_OUTDIR;
  rmSync(folder, { recursive: true, force: true });
});

describe("dev synth", () => {
  test("names the stacks of a manifest and nothing else of it", () => {
    const artifacts = {
      "reckoner-dev-state": { type: "aws:cloudformation:stack" },
      "reckoner-dev-state.assets": { type: "cdk:asset-manifest" },
      Tree: { type: "cdk:tree" },
    };
    writeFileSync(join(folder, "manifest.json"), JSON.stringify({ artifacts }));
    expect(stacksIn(folder)).toEqual(["reckoner-dev-state"]);
  });

  test("a stage that there is not is refused, with the names of those that there are", async () => {
    process.env.RECKONER_STAGE = "prod";
    process.env.CDK_OUTDIR = folder;
    const said: string[] = [];
    const ending = await devSynthCommand.run({
      json: true,
      operands: [],
      flags: new Map(),
      say: (line) => said.push(line),
    });
    expect(ending.exitCode).toBe(EXIT.failed);
    expect(ending.error).toContain("not made");
    expect(said.join("\n")).toContain('expected one of dev, paper, live, got "prod"');
  });
});
