// Goal: one seed is one history, it is really played, and what is broken in it is told. Method: short histories.
import { describe, expect, test } from "vitest";
import { shrink } from "../../../../local/sim/campaign/shrink.ts";
import { Tally } from "../../../../local/sim/campaign/totals.ts";
import { FAULT_CLASS_IDS } from "../../../../local/sim/faults/fault-classes.ts";
import { type SimResult, simulate } from "../../../../local/sim/world/simulate.ts";

const TIMEOUT_MS = 300_000;
const STEPS = 1500;
const NONE: ReadonlySet<string> = new Set();

describe("a history", () => {
  test(
    "is the same twice, and another with another seed",
    async () => {
      const one = await simulate({ seed: 901, profile: "nominal", steps: STEPS });
      const again = await simulate({ seed: 901, profile: "nominal", steps: STEPS });
      const other = await simulate({ seed: 902, profile: "nominal", steps: STEPS });
      expect(again).toEqual(one);
      expect(other.traceHash).not.toBe(one.traceHash);
    },
    TIMEOUT_MS,
  );

  test(
    "without faults breaks nothing, trades, and has one life",
    async () => {
      const result = await simulate({ seed: 903, profile: "dense", steps: 6000, only: NONE });
      expect(result.violations).toEqual([]);
      expect(result.fired).toEqual({});
      expect(result.lives).toBe(1);
      expect(result.orders).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  test(
    "of crashes alone has many lives and loses nothing",
    async () => {
      const only = new Set(["P01"]);
      const result = await simulate({ seed: 904, profile: "nominal", steps: 8000, only });
      expect(Object.keys(result.fired)).toEqual(["P01"]);
      expect(result.lives).toBeGreaterThan(1);
      expect(result.violations).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

/** What `simulate` gives, as far as it is judged here. */
function resultOf(over: Partial<SimResult>): SimResult {
  return {
    seed: 1,
    traceHash: "00",
    steps: 10,
    simulatedUs: 3_600_000_000,
    fired: {},
    pairs: [],
    probes: {},
    orders: 1,
    fills: 1,
    unknowns: 0,
    resyncs: 1,
    lives: 1,
    enabled: [],
    violations: [],
    ...over,
  };
}

describe("a tally", () => {
  test("adds histories, and names what never happened", () => {
    const tally = new Tally();
    const one = resultOf({ fired: { T01: 2 }, pairs: ["T01+T02"], lives: 3 });
    tally.add({ result: one, secondHash: "00", cpuMs: 5, stepsPlayed: 20 });
    const two = resultOf({ seed: 2, fired: { T01: 1, O01: 1 }, pairs: ["T01+T02", "O01+T01"] });
    tally.add({ result: two, secondHash: undefined, cpuMs: 5, stepsPlayed: 10 });
    const totals = tally.totals();
    expect(totals).toMatchObject({
      seeds: 2,
      steps: 20,
      simulatedHours: 2,
      crashes: 2,
      classesFired: { O01: 1, T01: 3 },
      pairsCovered: 2,
      stepsPerSecondPerCore: 3000,
      timesRealPerCore: 1_080_000,
      violations: 0,
      unequalTraces: [],
    });
    expect(totals.classesSilent).toEqual(
      FAULT_CLASS_IDS.filter((id) => id !== "T01" && id !== "O01"),
    );
    expect(tally.hasFailed).toBe(false);
  });

  test("tells of a seed that was broken, and of one with two histories", () => {
    const tally = new Tally();
    const violations = [{ invariant: 2, sentence: "twice", atUs: 1, step: 7 }];
    tally.add({
      result: resultOf({ seed: 5, violations }),
      secondHash: "01",
      cpuMs: 1,
      stepsPlayed: 1,
    });
    expect(tally.hasFailed).toBe(true);
    expect(tally.totals()).toMatchObject({
      violations: 1,
      failed: [{ seed: 5, invariant: 2, sentence: "twice", step: 7 }],
      unequalTraces: [5],
    });
  });
});

test("a failure is shrunk to the faults and the steps it needs", async () => {
  const broken = [{ invariant: 7, sentence: "off", atUs: 0, step: 0 }];
  const first = resultOf({ enabled: ["T01", "O03", "P01"], violations: broken, steps: 5000 });
  const shrunk = await shrink(
    { seed: 1, profile: "nominal", steps: 4096 },
    first,
    async (order) => {
      const fails = order.only?.includes("O03") === true && order.steps >= 100;
      return resultOf({ enabled: [...(order.only ?? [])], violations: fails ? broken : [] });
    },
  );
  expect(shrunk.only).toEqual(["O03"]);
  expect(shrunk.steps).toBeGreaterThanOrEqual(100);
  expect(shrunk.steps).toBeLessThan(200);
  expect(shrunk.result.violations).toEqual(broken);
});
