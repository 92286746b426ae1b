/**
 * Station: `reckoner version`. Reads package.json and tells; it starts nothing.
 */
import { readFileSync } from "node:fs";
import type { Command } from "./command.ts";
import { EXIT } from "./command.ts";

/** The version of this checkout, from package.json. */
export function versionText(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  const { version } = JSON.parse(text) as { version: string };
  return version;
}

export const versionCommand: Command = {
  operands: [],
  flags: [],
  fields: [
    ["version", "the version of Reckoner"],
    ["node", "the version of Node that runs it"],
    ["platform", "operating system and processor"],
  ],
  async run() {
    const version = versionText();
    const node = process.versions.node;
    const platform = `${process.platform}-${process.arch}`;
    return {
      exitCode: EXIT.ok,
      lines: [`reckoner ${version} on Node ${node} (${platform})`],
      json: { version, node, platform },
    };
  },
};
