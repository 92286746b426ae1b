/**
 * A function's code as one file: its handler and all that it reaches, made by esbuild in this process.
 *
 * Each is made once, however many stages and regions use it. The SDK is in it, because the one of the runtime
 * changes when AWS likes; files that are read at run time lie beside it in `assets`.
 */
import { cpSync } from "node:fs";
import { basename, join } from "node:path";
import { buildSync } from "esbuild";
import type { DeploymentOptions } from "./deployment.ts";
import type { FunctionPlan } from "./functions.ts";
import { scratchFolder } from "./scratch-folder.ts";

/** Some packages ask for modules of the other kind at run time. */
const BANNER =
  "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);";

const made = new Map<string, string>();

/**
 * The folder with the code of `plan`. Unbundled, it is the handler's own folder: tests want no code.
 * @throws when the handler or one of its files is missing, or cannot be bundled.
 */
export function codeFolder(
  plan: FunctionPlan,
  options: Pick<DeploymentOptions, "functionsFolder" | "isBundled" | "root">,
): string {
  const entry = join(options.functionsFolder, plan.name, "handler.ts");
  if (!options.isBundled) return join(options.functionsFolder, plan.name);
  const known = made.get(entry);
  if (known !== undefined) return known;
  const folder = scratchFolder(plan.name);
  buildSync({
    entryPoints: [entry],
    outfile: join(folder, "index.mjs"),
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    mainFields: ["module", "main"],
    minify: true,
    keepNames: true,
    sourcemap: true,
    sourcesContent: false,
    // Paths in the map are told from here, so that the same code makes the same bytes in every folder.
    sourceRoot: options.root,
    absWorkingDir: options.root,
    banner: { js: BANNER },
    logLevel: "error",
  });
  for (const path of plan.assets) {
    const to = path.endsWith("/") ? "assets" : join("assets", basename(path));
    cpSync(join(options.root, path), join(folder, to), { recursive: true });
  }
  made.set(entry, folder);
  return folder;
}
