/**
 * The import law as data: which room may know which, and why.
 *
 * The first row whose room holds the importing file decides. A new top-level folder or a new kind
 * of room is a change of this table, where review sees it.
 */
import {
  codeFiles,
  type Graph,
  graphOf,
  isIn,
  productionFiles,
  sourceOf,
  type Tree,
} from "./tree.ts";

export type Rule = {
  readonly room: string;
  readonly may: readonly string[];
  /** none; node: its own modules only; cdk; zod: schemas only; any: all but CDK. */
  readonly packages: "none" | "node" | "zod" | "any" | "cdk" | "all";
  readonly why: string;
};

/** Contracts without their schemas, which pull in a package. */
const PURE_CONTRACTS = "contracts/*.ts";
const PURE = [PURE_CONTRACTS, "hotpath/core/"];
/** What the dialects of one venue share and their pure rooms stand on. */
export const FAMILY_PURE = [
  "channels.ts",
  "notice.ts",
  "snapshot.ts",
  "stream-decoder.ts",
  "wire.ts",
] as const;

/** Pure rooms that a venue may have beside its eight, where one file is too small for its reading. */
export const VENUE_PURE = [
  "channels.ts",
  "push-numbers.ts",
  "push-reader.ts",
  "frame-lesson.ts",
  "frame-shape.ts",
  "notice.ts",
  "private-frames.ts",
  "refusals.ts",
  "snapshot.ts",
  "whole-frame.ts",
] as const;

export const RULES: readonly Rule[] = [
  {
    room: "contracts/schema/",
    may: ["contracts/"],
    packages: "zod",
    why: "schemas describe what crosses a border and bring one package",
  },
  {
    room: "contracts/",
    may: [PURE_CONTRACTS],
    packages: "none",
    why: "a treaty depends on none of its parties",
  },
  {
    room: "hotpath/core/",
    may: PURE,
    packages: "none",
    why: "the core is a function of its events",
  },
  ...FAMILY_PURE.map(
    (name): Rule => ({
      room: `hotpath/venues/binance/${name}`,
      may: [...PURE, ...FAMILY_PURE.map((each) => `@${each}`)],
      packages: "none",
      why: "what two dialects send alike is read by their pure rooms",
    }),
  ),
  ...VENUE_PURE.map(
    (name): Rule => ({
      room: `hotpath/venues/*/${name}`,
      may: [...PURE, "@wire.ts", ...VENUE_PURE.map((each) => `@${each}`)],
      packages: "none",
      why: "what a venue's pure rooms are built of is as pure",
    }),
  ),
  {
    room: "hotpath/venues/*/wire.ts",
    may: [...PURE, ...FAMILY_PURE.map((each) => `&${each}`)],
    packages: "none",
    why: "a venue's shapes are words, not deeds",
  },
  {
    room: "hotpath/venues/*/normalize.ts",
    may: [
      ...PURE,
      ...FAMILY_PURE.map((each) => `&${each}`),
      ...VENUE_PURE.map((each) => `@${each}`),
      "@wire.ts",
    ],
    packages: "none",
    why: "replay runs the same normalizers, so they may know no socket and no clock",
  },
  {
    room: "hotpath/venues/*/continuity.ts",
    may: [...PURE, ...FAMILY_PURE.map((each) => `&${each}`), "@wire.ts"],
    packages: "none",
    why: "a sequence rule is arithmetic",
  },
  {
    room: "hotpath/venues/*/",
    may: [
      "contracts/",
      "hotpath/core/",
      "hotpath/io/",
      "hotpath/venues/venue.ts",
      "hotpath/venues/execution.ts",
      "@",
      "&",
    ],
    packages: "any",
    why: "no venue knows another venue",
  },
  {
    room: "hotpath/venues/venue.ts",
    may: [
      "contracts/",
      "hotpath/core/",
      "hotpath/io/feed-protocol.ts",
      "hotpath/io/rest-client.ts",
      "hotpath/venues/execution.ts",
    ],
    packages: "none",
    why: "the port speaks of what io needs from a venue, in types",
  },
  {
    room: "hotpath/venues/*.ts",
    may: ["contracts/", "hotpath/core/", "hotpath/venues/venue.ts", "hotpath/venues/*/index.ts"],
    packages: "none",
    why: "the registry enters a venue by its door only",
  },
  {
    room: "hotpath/facts/",
    may: [...PURE, "hotpath/facts/"],
    packages: "none",
    why: "the same journal gives the same facts",
  },
  {
    room: "hotpath/io/trade/",
    may: ["contracts/", "hotpath/core/", "hotpath/io/", "hotpath/venues/execution.ts"],
    packages: "any",
    why: "the host of a desk knows the port, never a venue",
  },
  {
    room: "hotpath/io/",
    may: ["contracts/", "hotpath/core/", "hotpath/io/"],
    packages: "any",
    why: "the edge knows the core, never a venue",
  },
  {
    room: "hotpath/",
    may: ["contracts/", "hotpath/"],
    packages: "node",
    why: "composition roots wire rooms and bring nothing of their own",
  },
  {
    room: "functions/stores/",
    may: ["contracts/", "functions/stores/"],
    packages: "any",
    why: "stores are the only callers of the SDK",
  },
  {
    room: "functions/platform/",
    may: ["contracts/", "functions/platform/"],
    packages: "any",
    why: "what all handlers stand on knows none of them",
  },
  {
    room: "functions/*/logic.ts",
    may: [PURE_CONTRACTS],
    packages: "none",
    why: "the logic of a function is pure",
  },
  {
    room: "functions/control-api/",
    may: ["contracts/", "functions/stores/", "functions/platform/", "functions/control-api/"],
    packages: "any",
    why: "the API's pages have a room of their own and ask the same application",
  },
  {
    room: "functions/*/",
    may: ["contracts/", "functions/stores/", "functions/platform/", "@"],
    packages: "any",
    why: "no function knows another function, nor the hot path",
  },
  {
    room: "local/venues/market/",
    may: [PURE_CONTRACTS, "hotpath/core/", "local/venues/market/"],
    packages: "none",
    why: "the market model runs behind real and virtual sockets alike",
  },
  {
    room: "local/venues/exchange/",
    may: [PURE_CONTRACTS, "local/venues/market/", "local/venues/exchange/"],
    packages: "none",
    why: "one exchange behind every wire, and its arithmetic is not the engine's",
  },
  {
    room: "local/",
    may: ["contracts/", "hotpath/", "functions/", "local/"],
    packages: "any",
    why: "a stand-in may know what it stands in for",
  },
  {
    room: "lib/",
    may: ["contracts/", "lib/"],
    packages: "cdk",
    why: "infrastructure refers to code by path, never by import",
  },
  { room: "bin/app.ts", may: ["lib/"], packages: "cdk", why: "the door of the infrastructure" },
  {
    room: "bin/",
    may: ["contracts/", "hotpath/", "local/", "bin/", "functions/stores/"],
    packages: "any",
    why: "doors open inward, and to a deployment's queues by their stores",
  },
  {
    room: "test/",
    may: ["contracts/", "hotpath/", "functions/", "local/", "lib/", "bin/", "test/"],
    packages: "all",
    why: "tests see everything and nothing sees them",
  },
  { room: "vitest.config.ts", may: [], packages: "any", why: "a tool's configuration" },
];

/** The folders of the house; no others (ARCHITECTURE.md, the tree). */
export const TOP_FOLDERS = [
  "bin",
  "lib",
  "contracts",
  "hotpath",
  "functions",
  "local",
  "docs",
  "test",
] as const;

/** Files that are started rather than imported. */
export const ROOTS = [
  "bin/reckoner.mjs",
  "bin/reckoner.ts",
  "bin/app.ts",
  "hotpath/main.ts",
  "hotpath/*-thread.ts",
  "local/*/main.ts",
  "local/sim/campaign/*-thread.ts",
  "functions/*/handler.ts",
  // Started by browsers.
  "functions/control-api/pages/assets/*.mjs",
] as const;

/** Every import that its room forbids, as one sentence each. */
export function forbiddenImports(tree: Tree): string[] {
  const violations: string[] = [];
  for (const [path, targets] of graphOf(tree)) {
    const rule = RULES.find(({ room }) => isIn(path, room));
    if (rule === undefined) {
      violations.push(`${path} lies in no room of the law`);
      continue;
    }
    for (const target of targets) {
      if (!mayImport(rule, path, target)) {
        violations.push(`${path} may not import ${target}: ${rule.why}`);
      }
    }
  }
  return violations;
}

function mayImport(rule: Rule, path: string, target: string): boolean {
  if (target.startsWith("node:")) return rule.packages !== "none" && rule.packages !== "zod";
  if (target.startsWith("npm:")) return mayImportPackage(rule, target.slice("npm:".length));
  return rule.may.some((room) => isIn(target, room, path));
}

function mayImportPackage(rule: Rule, name: string): boolean {
  const isCdk = ["aws-cdk-lib", "cdk-nag", "constructs", "esbuild"].includes(name);
  switch (rule.packages) {
    case "none":
    case "node":
      return false;
    case "zod":
      return name === "zod";
    case "any":
      return !isCdk;
    case "cdk":
      return isCdk;
    case "all":
      return true;
  }
}

/** Imports of files that do not exist. */
export function missingTargets(tree: Tree): string[] {
  const violations: string[] = [];
  for (const [path, targets] of graphOf(tree)) {
    for (const target of targets) {
      if (!/^(?:node|npm):/.test(target) && !tree.has(target)) {
        violations.push(`${path} imports ${target}, which does not exist`);
      }
    }
  }
  return violations;
}

/** Imports whose target cannot be read off the text: the law could not see them. */
export function hiddenImports(tree: Tree): string[] {
  return productionFiles(tree).filter((path) => {
    const { bareCode } = sourceOf(tree, path);
    return /\bimport\(\s*(?!")/.test(bareCode) || /\b(?:require|createRequire)\(/.test(bareCode);
  });
}

/** Circles of imports, each once, written as `a -> b -> a`. */
export function importCycles(tree: Tree): string[] {
  const graph = graphOf(tree);
  const done = new Set<string>();
  const cycles: string[] = [];
  for (const start of graph.keys()) walk(graph, start, [], done, cycles);
  return cycles;
}

function walk(
  graph: Graph,
  path: string,
  trail: readonly string[],
  done: Set<string>,
  cycles: string[],
): void {
  const seenAt = trail.indexOf(path);
  if (seenAt !== -1) {
    cycles.push([...trail.slice(seenAt), path].join(" -> "));
    return;
  }
  if (done.has(path)) return;
  for (const target of graph.get(path) ?? []) walk(graph, target, [...trail, path], done, cycles);
  done.add(path);
}

/** Production files that no entry point reaches. Declarations of a package's types are never imported. */
export function unreachedFiles(tree: Tree): string[] {
  const graph = graphOf(tree);
  const files = productionFiles(tree);
  const reached = new Set(files.filter((path) => ROOTS.some((root) => isIn(path, root))));
  for (const path of reached) {
    for (const target of graph.get(path) ?? []) if (tree.has(target)) reached.add(target);
  }
  return files.filter(
    (path) => !reached.has(path) && !isEmptyRoom(tree, path) && !path.endsWith(".d.ts"),
  );
}

/** A venue's room that only says why there is nothing in it: a sign on the door. */
function isEmptyRoom(tree: Tree, path: string): boolean {
  const code = sourceOf(tree, path).bareCode.replace(/\s+/g, " ").trim();
  return isIn(path, "hotpath/venues/*/") && (code === "" || code === "export {};");
}

/** Thread entry files that no production file starts by name: a root must not hide dead code. */
export function unstartedThreads(tree: Tree): string[] {
  const files = productionFiles(tree);
  const folders = ["hotpath/*-thread.ts", "local/sim/campaign/*-thread.ts"];
  const threads = files.filter((path) => folders.some((folder) => isIn(path, folder)));
  return threads.filter((path) => {
    const name = path.slice(path.lastIndexOf("/") + 1);
    return !files.some((file) => file !== path && sourceOf(tree, file).code.includes(name));
  });
}

/** Top-level folders that hold code or documents and are not of the house. */
export function foreignFolders(tree: Tree): string[] {
  const folders = new Set(
    [...tree.keys()].filter((path) => path.includes("/")).map((path) => path.split("/")[0] ?? ""),
  );
  const known: readonly string[] = TOP_FOLDERS;
  return [...folders].filter((folder) => !folder.startsWith(".") && !known.includes(folder));
}

/** The number of code files, for the tests that prove the others see something. */
export function codeFileCount(tree: Tree): number {
  return codeFiles(tree).length;
}
