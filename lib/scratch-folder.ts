/**
 * A folder for what is made on the way to the templates; it goes when the process does.
 *
 * What it holds is copied into the output as soon as a stack names it.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Makes an empty folder with `name` in its name. */
export function scratchFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `reckoner-${name}-`));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
