// Goal: the command measures real recoveries over real sockets, and refuses what it cannot run.
// Method: the processes themselves, without delays and with few faults, so that it takes seconds.
import { describe, expect, test } from "vitest";
import { EXIT } from "../../bin/command.ts";
import { rotate } from "../../bin/resync-bench/sequence.ts";
import { resyncBenchCommand } from "../../bin/resync-bench.ts";

type Flags = Readonly<Record<string, string>>;

function run(flags: Flags, said: string[] = []) {
  return resyncBenchCommand.run({
    json: true,
    operands: [],
    flags: new Map(Object.entries(flags)),
    say: (line) => said.push(line),
  });
}

describe("a run", () => {
  test("recovers from a lost session and from a gap, with the books right", async () => {
    const said: string[] = [];
    const flags = { faults: "4", kinds: "cut,dropDiff", "no-delays": "true", seed: "3" };
    const { json, lines } = await run(flags, said);
    expect(json).toMatchObject({
      faults: 4,
      unrecovered: 0,
      wrongBooks: 0,
      decisionsOnInvalidBook: 0,
      hasDelays: false,
      seed: 3,
      kinds: { cut: { count: 2, recovered: 2 }, dropDiff: { count: 2, recovered: 2 } },
    });
    // Every book of the venue is compared after each fault: eight of spot, six of USD-M.
    expect(json.comparisons).toBeGreaterThanOrEqual(2 * (8 + 6));
    expect(said).toHaveLength(4);
    expect(lines.join("\n")).toContain("### needsSnapshot");
    // Times are measured here and judged by the bench; a test holds no stopwatch.
  }, 60_000);
});

describe("what cannot be run is refused before anything starts", () => {
  test.each<[Flags, string]>([
    [{ kinds: "cut,meteor" }, 'got "meteor"'],
    [{ faults: "0" }, "--faults: expected 1 to 10000, got 0"],
    [{ faults: "10001" }, "got 10001"],
  ])("%o", async (flags, words) => {
    const ending = await run(flags);
    expect(ending.exitCode).toBe(EXIT.usage);
    expect(ending.error).toContain(words);
  });
});

describe("kinds in rotation", () => {
  test("begin where they are told to and go round", () => {
    expect(rotate(["cut", "silent", "burst"], 5, 2)).toEqual([
      "burst",
      "cut",
      "silent",
      "burst",
      "cut",
    ]);
  });

  test("of none are none", () => {
    expect(rotate([], 5, 0)).toEqual([]);
  });
});
