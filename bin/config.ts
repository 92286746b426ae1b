/**
 * Station: `reckoner config check` and `reckoner config reference`.
 *
 * They read and tell; nothing is started, so a bad file costs nothing.
 */
import { existsSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { type Config, configJsonSchema } from "../contracts/schema/config.ts";
import {
  type ConfigFault,
  configHash,
  faultText,
  loadConfig,
  standardConfig,
} from "../hotpath/config.ts";
import { ROOT } from "./child.ts";
import type { Command, Ending } from "./command.ts";
import { EXIT } from "./command.ts";
import { configReference } from "./config-reference.ts";

/** Read when no file is named and this one is there. */
export const CONFIG_FILE = "reckoner.yaml";

export type FoundConfig =
  | { readonly ok: true; readonly config: Config; readonly file: string | null }
  | { readonly ok: false; readonly file: string; readonly faults: readonly ConfigFault[] };

/** The configuration in `path`, else in reckoner.yaml here, else the defaults. */
export function findConfig(path: string | undefined): FoundConfig {
  if (path === undefined && !existsSync(CONFIG_FILE)) {
    return { ok: true, config: standardConfig(), file: null };
  }
  const file = path ?? CONFIG_FILE;
  const reading = loadConfig(resolve(file));
  return reading.ok ? { ...reading, file } : { ...reading, file };
}

/** The ending of any command whose configuration is refused: every fault, one a line. */
export function configRefusal(file: string, faults: readonly ConfigFault[]): Ending {
  return {
    exitCode: EXIT.usage,
    lines: [],
    json: { file, faults },
    error: faults.map((fault) => faultText(file, fault)).join("\nreckoner: "),
  };
}

export const configCheckCommand: Command = {
  operands: [{ name: "FILE", summary: `the file; ${CONFIG_FILE} when left out`, required: false }],
  flags: [],
  fields: [
    ["file", "the file that was read, or null for the defaults"],
    ["hash", "SHA-256 of the configuration with its defaults"],
    ["config", "the configuration with its defaults"],
    ["faults", "after a refusal: field, line and message of each fault"],
  ],
  async run(invocation): Promise<Ending> {
    const found = findConfig(invocation.operands[0]);
    if (!found.ok) return configRefusal(found.file, found.faults);
    const name = found.file ?? `no ${CONFIG_FILE} here: the defaults`;
    const venues = Object.entries(found.config.venues)
      .map(([id, venue]) => `${id} (${venue.environment})`)
      .join(", ");
    return {
      exitCode: EXIT.ok,
      lines: [`${name}: good; venues: ${venues}`],
      json: { file: found.file, hash: configHash(found.config), config: found.config },
    };
  },
};

export const configReferenceCommand: Command = {
  operands: [],
  flags: [{ name: "write", kind: "switch", summary: "write docs/CONFIG.md instead of printing" }],
  fields: [
    ["file", "the file that was written, or null"],
    ["reference", "the page, when it was not written"],
  ],
  async run(invocation): Promise<Ending> {
    const page = configReference(configJsonSchema());
    if (!invocation.flags.has("write")) {
      return { exitCode: EXIT.ok, lines: [page.trimEnd()], json: { file: null, reference: page } };
    }
    const path = join(ROOT, "docs", "CONFIG.md");
    writeFileSync(path, page);
    const file = relative(process.cwd(), path);
    return { exitCode: EXIT.ok, lines: [`wrote ${file}`], json: { file } };
  },
};
