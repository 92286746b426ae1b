/**
 * Station: the house -> a copy of it in a scratch folder, in which one bug at a time is planted and mended.
 *
 * The copy is taken once, so that a campaign judges one state of the house however long it runs. Packages are
 * linked, not copied. Nothing is ever written into the house itself.
 */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { applyPatch, type Patch } from "./patch.ts";

/** What runs, what tests read, and what tells a package of its kind. */
const COPIED = [
  "bin",
  "contracts",
  "docs",
  "functions",
  "hotpath",
  "local",
  "test",
  "package.json",
  "tsconfig.json",
  "vitest.config.ts",
] as const;

export class Scratch {
  readonly root: string;

  /** Copies `house`; the folder is removed by `remove`. */
  constructor(house: string) {
    this.root = mkdtempSync(path.join(tmpdir(), "reckoner-planted-"));
    for (const name of COPIED) {
      cpSync(path.join(house, name), path.join(this.root, name), { recursive: true });
    }
    symlinkSync(path.join(house, "node_modules"), path.join(this.root, "node_modules"));
    mkdirSync(this.reports);
  }

  /** Where hunters leave their reports. */
  get reports(): string {
    return path.join(this.root, "reports");
  }

  /** Runs `hunt` while the bug stands in the copy; a reason where the patch has rotted. */
  async withPlanted<T>(patch: Patch, hunt: () => Promise<T>): Promise<T | string> {
    const file = path.join(this.root, patch.file);
    const sound = readFileSync(file, "utf8");
    const patched = applyPatch(sound, patch);
    if (!patched.ok) return patched.reason;
    writeFileSync(file, patched.text);
    try {
      return await hunt();
    } finally {
      writeFileSync(file, sound);
    }
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
