// Goal: every reader of what others write withstands spoiled input, each time the tests run. Method: a
// thousand inputs each under a fixed seed; the campaign runs millions of fresh ones.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FUZZERS } from "../../../../local/sim/fuzz/catalog.ts";
import { LIFE_INPUTS, runFuzzer } from "../../../../local/sim/fuzz/run-fuzzer.ts";

const HOUSE = join(import.meta.dirname, "../../../..");
const SEED = 20_261_121;
/** Readers that take a millisecond for a file are shown fewer. */
const SLOW_ONES: ReadonlySet<string> = new Set(["configuration files"]);
/** Scripts refuse nothing: whatever is drawn is said. */
const TAKES_ALL: ReadonlySet<string> = new Set([
  "money beside rationals",
  "orders beside plain ones",
]);

describe("the catalog", () => {
  test("names each fuzzer once, and the file that it guards", () => {
    const names = FUZZERS.map(({ name }) => name);
    expect(new Set(names).size).toBe(FUZZERS.length);
    expect(names).toEqual(expect.arrayContaining([...SLOW_ONES, ...TAKES_ALL]));
    for (const { guards } of FUZZERS) expect(existsSync(join(HOUSE, guards)), guards).toBe(true);
  });

  test.each(FUZZERS)("$name", (fuzzer) => {
    const inputs = SLOW_ONES.has(fuzzer.name) ? LIFE_INPUTS / 4 : LIFE_INPUTS;
    const report = runFuzzer(fuzzer, { seed: SEED, inputs });
    expect(report.findings).toEqual([]);
    // A fuzzer that only ever sees one answer has stopped looking.
    expect(report.accepted).toBeGreaterThan(inputs / 100);
    const refusedMin = TAKES_ALL.has(fuzzer.name) ? -1 : inputs / 100;
    expect(report.refused).toBeGreaterThan(refusedMin);
  });
});
