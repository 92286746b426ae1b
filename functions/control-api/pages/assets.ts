/**
 * Station: names under /assets -> the style sheet, the script and the charts' library, as they lie on disk.
 *
 * A closed list, so that no path of a request ever becomes a path of a file. In a bundle the files lie in
 * `assets` beside it; in the checkout ours lie beside this file and the library's in its package.
 */

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export type Asset = { readonly type: string; readonly body: string; readonly etag: string };

const SCRIPT = "text/javascript; charset=utf-8";
const STYLE = "text/css; charset=utf-8";

/** Every asset: its name in the address, its type, its file, and its package where it has one. */
const ASSETS = {
  "live.js": { type: SCRIPT, file: "live.mjs", packaged: false },
  "style.css": { type: STYLE, file: "style.css", packaged: false },
  "icon.svg": { type: "image/svg+xml", file: "icon.svg", packaged: false },
  "uplot.js": { type: SCRIPT, file: "uPlot.iife.min.js", packaged: true },
  "uplot.css": { type: STYLE, file: "uPlot.min.css", packaged: true },
} as const;

/** From this file, in the checkout. */
const LIBRARY = "../../../node_modules/uplot/dist/";

export type AssetName = keyof typeof ASSETS;
export const ASSET_NAMES = Object.keys(ASSETS) as readonly AssetName[];

const read = new Map<AssetName, Asset>();

/** The asset of that name, read once. */
export function assetOf(name: AssetName): Asset {
  const known = read.get(name);
  if (known !== undefined) return known;
  const { type, file, packaged } = ASSETS[name];
  const body = readFileSync(pathOf(file, packaged), "utf8");
  const hash = createHash("sha256").update(body).digest("base64url").slice(0, 16);
  const asset = { type, body, etag: `"${hash}"` };
  read.set(name, asset);
  return asset;
}

function pathOf(file: string, packaged: boolean): string {
  const beside = fileURLToPath(new URL(`assets/${file}`, import.meta.url));
  if (!packaged || existsSync(beside)) return beside;
  return fileURLToPath(new URL(`${LIBRARY}${file}`, import.meta.url));
}
