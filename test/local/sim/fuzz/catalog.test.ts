// Goal: every reader of what others write withstands spoiled input, each time the tests run. Method: a few
// thousand inputs each under a fixed seed; the campaign runs millions of fresh ones.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FUZZERS } from "../../../../local/sim/fuzz/catalog.ts";
import { LIFE_INPUTS, runFuzzer } from "../../../../local/sim/fuzz/run-fuzzer.ts";

const HOUSE = join(import.meta.dirname, "../../../..");
const INPUTS = 4 * LIFE_INPUTS;
const SEED = 20_261_121;

describe("the catalog", () => {
  test("names each fuzzer once, and the file that it guards", () => {
    expect(new Set(FUZZERS.map(({ name }) => name)).size).toBe(FUZZERS.length);
    for (const { guards } of FUZZERS) expect(existsSync(join(HOUSE, guards)), guards).toBe(true);
  });

  test.each(FUZZERS)("$name", (fuzzer) => {
    const report = runFuzzer(fuzzer, { seed: SEED, inputs: INPUTS });
    expect(report.findings).toEqual([]);
    // A fuzzer that only ever sees one answer has stopped looking.
    expect(report.accepted).toBeGreaterThan(INPUTS / 100);
    expect(report.refused).toBeGreaterThan(INPUTS / 100);
  });
});
