// Goal: some functions have one caller, because more would be more opinions. Method: the text of the tree.
import { describe, expect, test } from "vitest";
import { readTree } from "./tree.ts";

/** What may be written where, and why nobody else may. */
const ONE_CALLER: readonly (readonly [pattern: RegExp, files: readonly string[], why: string])[] = [
  [
    /\breplaceSession\(/,
    ["hotpath/core/session.ts", "hotpath/core/confidence.ts"],
    "only lost confidence replaces a session",
  ],
  [
    /\btransport\.send\(|#socket\.send\(/,
    ["hotpath/io/feed.ts", "hotpath/io/web-socket.ts", "hotpath/io/trade/desk-host.ts"],
    "one writer for each socket",
  ],
  [
    /\bapplyMarket\(/,
    [
      "hotpath/core/engine.ts",
      "hotpath/loop.ts",
      "hotpath/replay.ts",
      "hotpath/verify/verify.ts",
      "hotpath/warm-up.ts",
    ],
    "one consumer of the rings",
  ],
  [
    /\bnew Transport\(|\bdialOf\(/,
    ["hotpath/io/web-socket.ts", "hotpath/hot-thread.ts", "hotpath/preflight/account-probe.ts"],
    "real sockets are opened where a thread is put together",
  ],
];

/** Files of the container that write what only others may. */
function trespassers(tree: ReadonlyMap<string, string>): string[] {
  return ONE_CALLER.flatMap(([pattern, files, why]) =>
    [...tree]
      .filter(
        ([path, text]) => path.startsWith("hotpath/") && path.endsWith(".ts") && pattern.test(text),
      )
      .filter(([path]) => !files.includes(path))
      .map(([path]) => `${path}: ${why}`),
  );
}

describe("functions with one caller", () => {
  const tree = readTree();

  test("are called where they may be, and nowhere else", () => {
    expect(trespassers(tree)).toEqual([]);
  });

  test.each(ONE_CALLER)("%s is seen at all", (pattern, files) => {
    expect(files.some((file) => pattern.test(tree.get(file) ?? ""))).toBe(true);
  });

  test("a second caller is seen", () => {
    const planted = new Map([...tree, ["hotpath/io/planted.ts", "replaceSession(world);"]]);
    expect(trespassers(planted)).toEqual([
      "hotpath/io/planted.ts: only lost confidence replaces a session",
    ]);
  });
});
