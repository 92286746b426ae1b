/**
 * The house as data: every text file by its path, and who imports whom.
 *
 * The house tests are pure functions over a `Tree`, so that each can be shown a planted violation
 * in memory and prove that it would see a real one.
 */
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { type SourceText, splitSource } from "./source-text.ts";

/** Repository path with forward slashes -> text. */
export type Tree = ReadonlyMap<string, string>;

/** Importing file -> what it imports: our files as repository paths, others `node:x` or `npm:x`. */
export type Graph = ReadonlyMap<string, readonly string[]>;

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FOLDERS_SKIPPED = new Set(["node_modules", ".git", ".reckoner", "coverage", "cdk.out"]);
const TEXT_FILE = /\.(?:ts|mjs|json|md|ya?ml)$/;

/** A tree from literal files, for planted violations. */
export function treeOf(files: Readonly<Record<string, string>>): Tree {
  return new Map(Object.entries(files));
}

let realTree: Tree | null = null;

/** The tree of this checkout, read once. */
export function readTree(): Tree {
  if (realTree !== null) return realTree;
  const tree = new Map<string, string>();
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(ROOT + folder, { withFileTypes: true })) {
      const path = folder + entry.name;
      if (entry.isDirectory()) {
        if (!FOLDERS_SKIPPED.has(entry.name)) folders.push(`${path}/`);
      } else if (TEXT_FILE.test(entry.name)) {
        tree.set(path, readFileSync(ROOT + path, "utf8"));
      }
    }
  }
  realTree = tree;
  return tree;
}

/** The TypeScript and JavaScript files of `tree`, in order of their paths. */
export function codeFiles(tree: Tree): string[] {
  return [...tree.keys()].filter((path) => /\.(?:ts|mjs)$/.test(path)).sort();
}

/** The code files that run in production: all but tests and the configuration of tools. */
export function productionFiles(tree: Tree): string[] {
  return codeFiles(tree).filter((path) => !path.startsWith("test/") && path.includes("/"));
}

const splitTexts = new Map<string, SourceText>();

/** The split text of `path`; a file that is not in the tree counts as empty. */
export function sourceOf(tree: Tree, path: string): SourceText {
  const text = tree.get(path) ?? "";
  const known = splitTexts.get(text) ?? splitSource(text);
  splitTexts.set(text, known);
  return known;
}

// The formatter keeps these shapes regular: double quotes, one statement a line or a braced list.
const IMPORTS = [
  /^\s*import\s+(?:type\s+)?[\w$*{},\s]+?\sfrom\s+"([^"]+)"/gm,
  /^\s*import\s+"([^"]+)"/gm,
  /^\s*export\s+(?:type\s+)?(?:\*(?:\s+as\s+\w+)?|\{[^}]*\})\s+from\s+"([^"]+)"/gm,
  /\bimport\(\s*"([^"]+)"/g,
] as const;

/** What `path` imports, by type imports too: a type is knowledge of another room as well. */
export function importsOf(tree: Tree, path: string): string[] {
  const { code, bareCode } = sourceOf(tree, path);
  // The text of a string may look like an import; what is one keeps its keyword without strings.
  const found = IMPORTS.flatMap((pattern) => [...code.matchAll(pattern)]).filter((match) =>
    /import|export/.test(bareCode.slice(match.index, match.index + match[0].length)),
  );
  return found.map((match) => {
    const specifier = match[1] ?? "";
    if (specifier.startsWith(".")) return posix.join(posix.dirname(path), specifier);
    return specifier.startsWith("node:") ? specifier : `npm:${packageOf(specifier)}`;
  });
}

/** The import graph of all code files. */
export function graphOf(tree: Tree): Graph {
  return new Map(codeFiles(tree).map((path) => [path, importsOf(tree, path)]));
}

function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? specifier);
}

/**
 * Whether `path` lies in `room`. A room that ends in a slash is a folder with all below it; `*`
 * stands for one name; `@` is the folder of `importer`; `&` is the folder of its venue's family,
 * `hotpath/venues/binance/` for whatever lies in `hotpath/venues/binance-spot/`.
 */
export function isIn(path: string, room: string, importer = ""): boolean {
  const home = importer.slice(0, importer.lastIndexOf("/") + 1);
  const family = home.replace(/-[^/]*\/$/, "/");
  if (room.startsWith("&") && family === home) return false;
  const pattern = room
    .replace(/^@/, home)
    .replace(/^&/, family)
    .split("*")
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
    .join("[^/]+");
  return new RegExp(
    `^${pattern}${room.endsWith("/") || room === "@" || room === "&" ? "" : "$"}`,
  ).test(path);
}
