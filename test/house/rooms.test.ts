// Goal: the import law holds. Method: text of every file, the law as data, and planted violations.
import { describe, expect, test } from "vitest";
import {
  codeFileCount,
  forbiddenImports,
  foreignFolders,
  hiddenImports,
  importCycles,
  missingTargets,
  unreachedFiles,
  unstartedThreads,
} from "./law.ts";
import { graphOf, readTree, treeOf } from "./tree.ts";

describe("this house", () => {
  const tree = readTree();

  test("the check sees the house", () => {
    // A gate that matched nothing would stay green for ever.
    expect(codeFileCount(tree)).toBeGreaterThan(20);
    expect([...graphOf(tree).values()].flat().length).toBeGreaterThan(40);
  });

  test("every import goes where its room allows", () => {
    expect(forbiddenImports(tree)).toEqual([]);
  });

  test("every import leads to a file that exists", () => {
    expect(missingTargets(tree)).toEqual([]);
  });

  test("no import hides its target from this check", () => {
    expect(hiddenImports(tree)).toEqual([]);
  });

  test("imports form no cycle", () => {
    expect(importCycles(tree)).toEqual([]);
  });

  test("every file is reached from an entry point", () => {
    expect(unreachedFiles(tree), "files that nothing starts or imports").toEqual([]);
  });

  test("every thread entry is started by name", () => {
    expect(unstartedThreads(tree)).toEqual([]);
  });

  test("the top-level folders are those of the architecture", () => {
    expect(foreignFolders(tree)).toEqual([]);
  });
});

describe("a planted violation is seen", () => {
  const forbidden: readonly (readonly [string, string, string])[] = [
    ["contracts importing core", "contracts/a.ts", '"../hotpath/core/book.ts"'],
    ["contracts importing node", "contracts/a.ts", '"node:fs"'],
    ["contracts importing a package", "contracts/a.ts", '"zod"'],
    ["contracts importing its own schemas", "contracts/a.ts", '"./schema/config.ts"'],
    ["a schema importing another package", "contracts/schema/a.ts", '"yaml"'],
    ["a schema importing node", "contracts/schema/a.ts", '"node:fs"'],
    ["core importing io", "hotpath/core/a.ts", '"../io/clock.ts"'],
    ["core importing a venue", "hotpath/core/a.ts", '"../venues/binance-spot/wire.ts"'],
    ["core importing node", "hotpath/core/book/a.ts", '"node:crypto"'],
    ["core importing a package", "hotpath/core/a.ts", '"ws"'],
    ["core importing schemas", "hotpath/core/a.ts", '"../../contracts/schema/config.ts"'],
    ["a normalizer importing io", "hotpath/venues/x/normalize.ts", '"../../io/clock.ts"'],
    ["a normalizer importing its ingest", "hotpath/venues/x/normalize.ts", '"./ingest.ts"'],
    [
      "a normalizer importing the streams",
      "hotpath/venues/x-spot/normalize.ts",
      '"../x/streams.ts"',
    ],
    ["a shared pure room importing io", "hotpath/venues/binance/wire.ts", '"../../io/feed.ts"'],
    ["a continuity rule importing node", "hotpath/venues/x/continuity.ts", '"node:fs"'],
    ["a venue importing a venue", "hotpath/venues/x/ingest.ts", '"../y/wire.ts"'],
    ["the registry passing the door", "hotpath/venues/registry.ts", '"./x/ingest.ts"'],
    ["io importing a venue", "hotpath/io/a.ts", '"../venues/x/index.ts"'],
    ["the supervisor importing a package", "hotpath/main.ts", '"ws"'],
    ["the hot path importing functions", "hotpath/main.ts", '"../functions/stores/a.ts"'],
    ["the hot path importing local", "hotpath/io/a.ts", '"../../local/venues/main.ts"'],
    ["the hot path importing a door", "hotpath/main.ts", '"../bin/reckoner.ts"'],
    ["the hot path importing infrastructure", "hotpath/main.ts", '"../lib/stages.ts"'],
    ["production importing a test", "hotpath/io/a.ts", '"../../test/house/tree.ts"'],
    ["CDK in the container", "hotpath/io/a.ts", '"aws-cdk-lib/aws-s3"'],
    ["a function importing the hot path", "functions/x/a.ts", '"../../hotpath/core/book.ts"'],
    ["a function importing a function", "functions/x/a.ts", '"../y/logic.ts"'],
    ["a function's logic importing a store", "functions/x/logic.ts", '"../stores/a.ts"'],
    ["infrastructure importing production", "lib/a.ts", '"../hotpath/main.ts"'],
    ["infrastructure importing the SDK", "lib/a.ts", '"@aws-sdk/client-s3"'],
    ["local importing a door", "local/venues/a.ts", '"../../bin/start.ts"'],
    ["the market model importing node", "local/venues/market/a.ts", '"node:http"'],
    ["a file outside every room", "scripts/a.ts", '"node:fs"'],
  ];

  test.each(forbidden)("%s", (_name, path, specifier) => {
    const named = treeOf({ [path]: `import { a } from ${specifier};\n` });
    const typed = treeOf({ [path]: `import type {\n  A,\n} from ${specifier};\n` });
    const bare = treeOf({ [path]: `import ${specifier};\n` });
    const passed = treeOf({ [path]: `export { a } from ${specifier};\n` });
    const late = treeOf({ [path]: `const a = await import(${specifier});\n` });
    for (const tree of [named, typed, bare, passed, late]) {
      expect(forbiddenImports(tree)).toHaveLength(1);
    }
  });

  test("an import in a comment or a template is not an import", () => {
    const text = '// import "ws";\n/* import "ws"; */\nconst a = `\nimport "ws";\n`;\n';
    expect(forbiddenImports(treeOf({ "contracts/a.ts": text }))).toEqual([]);
  });

  test("what the law allows passes", () => {
    const tree = treeOf({
      "hotpath/core/a.ts": 'import { assert } from "../../contracts/assert.ts";\n',
      "hotpath/venues/x/normalize.ts": 'import type { W } from "./wire.ts";\n',
      "hotpath/venues/x-spot/normalize.ts": 'import type { N } from "../x/notice.ts";\n',
      "hotpath/venues/registry.ts": 'import { x } from "./x/index.ts";\n',
      "bin/start.ts": 'import { startVenues } from "../local/venues/main.ts";\n',
      "lib/a.ts": 'import { Stack } from "aws-cdk-lib";\n',
    });
    expect(forbiddenImports(tree)).toEqual([]);
  });

  test("a missing file", () => {
    const tree = treeOf({ "contracts/a.ts": 'import "./b.ts";\n' });
    expect(missingTargets(tree)).toEqual([
      "contracts/a.ts imports contracts/b.ts, which does not exist",
    ]);
  });

  test("a computed import and a require", () => {
    const tree = treeOf({
      "hotpath/a.ts": "const a = await import(path);\n",
      "hotpath/b.ts": 'const b = require("node:fs");\n',
      "hotpath/c.ts": 'const c = await import("./a.ts");\n',
    });
    expect(hiddenImports(tree)).toEqual(["hotpath/a.ts", "hotpath/b.ts"]);
  });

  test("a cycle of three, through a type import", () => {
    const tree = treeOf({
      "contracts/a.ts": 'import "./b.ts";\n',
      "contracts/b.ts": 'import type { C } from "./c.ts";\n',
      "contracts/c.ts": 'import "./a.ts";\n',
    });
    expect(importCycles(tree)).toEqual([
      "contracts/a.ts -> contracts/b.ts -> contracts/c.ts -> contracts/a.ts",
    ]);
  });

  test("a dead file, and a dead pair that only knows itself", () => {
    const tree = treeOf({
      "hotpath/main.ts": 'import "./io/used.ts";\n',
      "hotpath/io/used.ts": "",
      "hotpath/io/dead.ts": 'import "./dead-too.ts";\n',
      "hotpath/io/dead-too.ts": "",
      "functions/x/handler.ts": "",
    });
    expect(unreachedFiles(tree)).toEqual(["hotpath/io/dead-too.ts", "hotpath/io/dead.ts"]);
  });

  test("an empty room of a venue may be unreached, a full one may not", () => {
    const tree = treeOf({
      "hotpath/venues/x/execute.ts": "/** Nothing yet. */\nexport {};\n",
      "hotpath/venues/x/wire.ts": "export type A = 1;\n",
      "hotpath/io/empty.ts": "export {};\n",
    });
    expect(unreachedFiles(tree)).toEqual(["hotpath/io/empty.ts", "hotpath/venues/x/wire.ts"]);
  });

  test("a thread entry that nobody starts", () => {
    const tree = treeOf({
      "hotpath/main.ts": 'new Worker(new URL("./hot-thread.ts", import.meta.url));\n',
      "hotpath/hot-thread.ts": "",
      "hotpath/idle-thread.ts": "",
    });
    expect(unstartedThreads(tree)).toEqual(["hotpath/idle-thread.ts"]);
  });

  test("a new top-level folder", () => {
    const tree = treeOf({ "scripts/a.ts": "", "bin/a.ts": "", ".ci/a.json": "", "a.json": "" });
    expect(foreignFolders(tree)).toEqual(["scripts"]);
  });
});
