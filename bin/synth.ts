/**
 * Station: `reckoner dev synth`, the templates of the infrastructure.
 *
 * Runs bin/app.ts, which needs no account, no network and no Docker, and fails when a security pack finds what
 * nobody has acknowledged. The CDK command line starts it too (cdk.json) and says where the templates go.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { standardConfig } from "../hotpath/config.ts";
import { riskLimitsOf } from "../hotpath/trading-plan.ts";
import { ROOT, runChild } from "./child.ts";
import type { Command } from "./command.ts";
import { EXIT } from "./command.ts";

type Manifest = {
  readonly artifacts: Readonly<Record<string, { readonly type: string }>>;
};

/** Names of the stacks whose templates lie in `folder`. */
export function stacksIn(folder: string): string[] {
  const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as Manifest;
  return Object.entries(manifest.artifacts)
    .filter(([, { type }]) => type === "aws:cloudformation:stack")
    .map(([name]) => name);
}

export const devSynthCommand: Command = {
  notes: [
    "RECKONER_STAGE names one stage (dev, paper, live), and without it all are made. The templates go to cdk.out.",
  ],
  operands: [],
  flags: [],
  fields: [
    ["stacks", "names of the stacks whose templates were made"],
    ["folder", "where they are"],
  ],
  async run(invocation) {
    const folder = process.env.CDK_OUTDIR ?? join(ROOT, "cdk.out");
    process.env.CDK_OUTDIR = folder;
    const say = (line: string): void => invocation.say(line);
    const args = [join(ROOT, "bin", "app.ts")];
    // The base that a first change of limits is judged by. Infrastructure never imports the engine that knows it.
    const limits = riskLimitsOf(standardConfig().trading.limits);
    const environment = { RECKONER_START_LIMITS: JSON.stringify(limits) };
    const code = await runChild({ args, environment, onLine: say, onErrorLine: say });
    if (code !== 0) {
      const error = "the templates were not made; the reasons are above";
      return { exitCode: EXIT.failed, lines: [], json: { stacks: [], folder }, error };
    }
    const stacks = stacksIn(folder);
    const lines = [...stacks, `${stacks.length} stacks, no finding that is not acknowledged`];
    return { exitCode: EXIT.ok, lines, json: { stacks, folder } };
  },
};
