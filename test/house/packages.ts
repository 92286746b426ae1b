/**
 * Packages: few, exact, declared, and from no registry in particular.
 */
import { graphOf, productionFiles, sourceOf, type Tree } from "./tree.ts";

/** The container holds keys one day; each package in it is somebody else's code beside them. */
export const HOTPATH_PACKAGES_MAX = 10;

type Manifest = Readonly<Record<string, Readonly<Record<string, string>> | undefined>>;

const GROUPS = ["dependencies", "devDependencies", "optionalDependencies"] as const;

function manifestOf(tree: Tree): Manifest {
  return JSON.parse(tree.get("package.json") ?? "{}") as Manifest;
}

/** The packages that files under `folder` import. */
export function packagesOf(tree: Tree, folder: string): string[] {
  const graph = graphOf(tree);
  const names = productionFiles(tree)
    .filter((path) => path.startsWith(folder))
    .flatMap((path) => graph.get(path) ?? [])
    .filter((target) => target.startsWith("npm:"))
    .map((target) => target.slice("npm:".length));
  return [...new Set(names)].sort();
}

/** Versions that are a range, a tag or an address instead of one version. */
export function inexactVersions(tree: Tree): string[] {
  const manifest = manifestOf(tree);
  return GROUPS.flatMap((group) =>
    Object.entries(manifest[group] ?? {})
      .filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))
      .map(([name, version]) => `${name} ${version}`),
  );
}

/** Rooms that are deployed: what they import is installed where money is. */
const DEPLOYED = ["contracts/", "hotpath/", "functions/"] as const;

/**
 * Packages that are imported and not listed: by a deployed room among the dependencies, by the others
 * (stand-ins, infrastructure, doors) at all.
 */
export function undeclaredPackages(tree: Tree): string[] {
  const { dependencies = {}, devDependencies = {} } = manifestOf(tree);
  const deployed = DEPLOYED.flatMap((room) => packagesOf(tree, room));
  const others = packagesOf(tree, "").filter((name) => !(name in devDependencies));
  return [...new Set([...deployed, ...others])]
    .filter((name) => !(name in dependencies) && !isTypesOnly(tree, name))
    .sort();
}

/** Whether `name` is only ever a word of types, and a package of declarations has them: nothing of it runs. */
function isTypesOnly(tree: Tree, name: string): boolean {
  if (!(`@types/${name}` in (manifestOf(tree).devDependencies ?? {}))) return false;
  const running = new RegExp(
    `\\b(?:import|export)\\s(?!type\\s)[^;]*?"${name}(?:/[^"]*)?"|import\\("${name}`,
  );
  return productionFiles(tree).every((path) => !running.test(sourceOf(tree, path).code));
}

const FILE_OF_PACKAGE = /\bnode_modules\/((?:@[\w-]+\/)?[\w.-]+)\/[\w.-]/g;

/** Packages of which deployed code names files: what browsers are given is not imported here. */
function servedPackages(tree: Tree): string[] {
  const deployed = productionFiles(tree).filter((path) =>
    DEPLOYED.some((room) => path.startsWith(room)),
  );
  const texts = deployed.map((path) => sourceOf(tree, path).code);
  return texts.flatMap((text) => [...text.matchAll(FILE_OF_PACKAGE)].map(([, name = ""]) => name));
}

/** Dependencies that no production code imports or serves. */
export function idlePackages(tree: Tree): string[] {
  const used = [...packagesOf(tree, ""), ...servedPackages(tree)];
  return Object.keys(manifestOf(tree).dependencies ?? {}).filter((name) => !used.includes(name));
}

/** Packages of the lock file that name the address they came from. */
export function boundToRegistry(tree: Tree): string[] {
  const lock = JSON.parse(tree.get("package-lock.json") ?? "{}") as {
    packages?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
  return Object.entries(lock.packages ?? {})
    .filter(([, entry]) => "resolved" in entry)
    .map(([path]) => path);
}

/** How many packages the lock file pins. */
export function lockedCount(tree: Tree): number {
  const lock = JSON.parse(tree.get("package-lock.json") ?? "{}") as { packages?: object };
  return Object.keys(lock.packages ?? {}).length;
}
