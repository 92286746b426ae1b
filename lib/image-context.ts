/**
 * What the engine's image is built from: a folder with the few paths that the Dockerfile copies, and nothing else.
 *
 * Its hash names the image, so nothing may be in it that does not end up in the image: no journal of a local run, no
 * packages of this machine, no test.
 */
import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { scratchFolder } from "./scratch-folder.ts";

/** The paths of the repository that are part of it; hotpath/Dockerfile.dockerignore lets the same through. */
export const IMAGE_PATHS = ["package.json", "package-lock.json", "contracts", "hotpath"] as const;

const made = new Map<string, string>();

/** The folder, made once for each repository. */
export function imageContext(root: string): string {
  const known = made.get(root);
  if (known !== undefined && existsSync(known)) return known;
  const folder = scratchFolder("image");
  for (const path of IMAGE_PATHS) {
    cpSync(join(root, path), join(folder, path), {
      recursive: true,
      // Cards are for readers of the code.
      filter: (from) => !from.endsWith(".md"),
    });
  }
  made.set(root, folder);
  return folder;
}
