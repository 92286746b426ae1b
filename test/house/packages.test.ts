// Goal: the packages stay few, exactly pinned, declared, used, and free of registry addresses.
import { describe, expect, test } from "vitest";
import {
  boundToRegistry,
  HOTPATH_PACKAGES_MAX,
  idlePackages,
  inexactVersions,
  lockedCount,
  packagesOf,
  undeclaredPackages,
} from "./packages.ts";
import { readTree, treeOf } from "./tree.ts";

describe("this house", () => {
  const tree = readTree();

  test("the check sees packages", () => {
    expect(lockedCount(tree)).toBeGreaterThan(20);
    expect(packagesOf(tree, "").length).toBeGreaterThan(0);
  });

  test("the container brings few packages", () => {
    expect(packagesOf(tree, "hotpath/").length).toBeLessThanOrEqual(HOTPATH_PACKAGES_MAX);
  });

  test("every version is exact", () => {
    expect(inexactVersions(tree)).toEqual([]);
  });

  test("production imports only what package.json declares", () => {
    expect(undeclaredPackages(tree)).toEqual([]);
  });

  test("every dependency is used", () => {
    expect(idlePackages(tree)).toEqual([]);
  });

  test("the lock file names no registry", () => {
    expect(boundToRegistry(tree)).toEqual([]);
  });
});

describe("a planted fault is seen", () => {
  test.each(["^1.2.3", "~1.2.3", "1.x", "latest", "*", "git+https://example.org/a.git", ">=1.0.0"])(
    "version %s",
    (version) => {
      const tree = treeOf({ "package.json": JSON.stringify({ devDependencies: { a: version } }) });
      expect(inexactVersions(tree)).toEqual([`a ${version}`]);
    },
  );

  test("an exact version, also of a prerelease, passes", () => {
    const dependencies = { a: "1.2.3", b: "1.5.5-r.5" };
    expect(inexactVersions(treeOf({ "package.json": JSON.stringify({ dependencies }) }))).toEqual(
      [],
    );
  });

  test("an import that is not declared, by subpath too, and a declaration not imported", () => {
    const tree = treeOf({
      "package.json": JSON.stringify({ dependencies: { ws: "8.0.0", idle: "1.0.0" } }),
      "hotpath/io/a.ts": 'import { b } from "@scope/b/deep.js";\nimport WS from "ws";\n',
      "test/a.test.ts": 'import { test } from "vitest";\n',
    });
    expect(undeclaredPackages(tree)).toEqual(["@scope/b"]);
    expect(idlePackages(tree)).toEqual(["idle"]);
    expect(packagesOf(tree, "hotpath/")).toEqual(["@scope/b", "ws"]);
  });

  test("a package that is served by its files alone is used", () => {
    const tree = treeOf({
      "package.json": JSON.stringify({ dependencies: { chart: "1.0.0", idle: "1.0.0" } }),
      "functions/a/assets.ts": 'const FILE = "../../node_modules/chart/dist/chart.js";\n',
      "local/a.ts": 'const FILE = "../node_modules/idle/idle.js";\n',
    });
    expect(idlePackages(tree)).toEqual(["idle"]);
  });

  test("a tool of those who build, where the container or a function would need it", () => {
    const text = 'import { App } from "aws-cdk-lib";\n';
    const tree = treeOf({
      "package.json": JSON.stringify({ devDependencies: { "aws-cdk-lib": "2.0.0" } }),
      "lib/a.ts": text,
      "local/a.ts": 'import { B } from "b";\n',
      "functions/a/handler.ts": text,
    });
    expect(undeclaredPackages(tree)).toEqual(["aws-cdk-lib", "b"]);
    expect(
      undeclaredPackages(new Map([...tree].filter(([path]) => path !== "local/a.ts"))),
    ).toEqual(["aws-cdk-lib"]);
    expect(
      undeclaredPackages(new Map([...tree].filter(([path]) => /^(?:lib|package)/.test(path)))),
    ).toEqual([]);
  });

  test.each([
    ['import type { A } from "words";\n', []],
    ['import { A } from "words";\n', ["words"]],
    ['import words, { A } from "words/deep";\n', ["words"]],
    ['const a = await import("words");\n', ["words"]],
    ['import type { A } from "words";\nimport { b } from "words";\n', ["words"]],
  ])("%j, where only types are declared, is undeclared: %j", (text, expected) => {
    const devDependencies = { "@types/words": "1.0.0" };
    const tree = treeOf({
      "package.json": JSON.stringify({ devDependencies }),
      "functions/a/logic.ts": text,
    });
    expect(undeclaredPackages(tree)).toEqual(expected);
  });

  test("a lock entry with an address", () => {
    const packages = { "node_modules/a": { resolved: "https://example.org/a.tgz" }, "": {} };
    const tree = treeOf({ "package-lock.json": JSON.stringify({ packages }) });
    expect(boundToRegistry(tree)).toEqual(["node_modules/a"]);
  });
});
