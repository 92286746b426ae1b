// Goal: no seed that ever failed fails again, fresh ones do not either, and each is the same history twice.
import { describe, expect, test } from "vitest";
import { runSeeds } from "../../../../local/sim/campaign/run-seeds.ts";
import type { SimTotals } from "../../../../local/sim/campaign/totals.ts";
import { CORPUS } from "../../../../local/sim/corpus/corpus.ts";
import { FOUND } from "../../../../local/sim/corpus/found.ts";
import type { Profile } from "../../../../local/sim/world/settings.ts";

const TIMEOUT_MS = 600_000;
/** Far from the seeds that people try, and the same for everybody. */
const FRESH_FROM = 50_001;
const FRESH: readonly (readonly [profile: Profile, count: number, steps: number])[] = [
  ["nominal", 12, 4000],
  ["busy", 6, 4000],
  ["dense", 4, 4000],
];

/** What a campaign must not say; its first words tell what to play again. */
function brokenOf({ failed, unequalTraces }: SimTotals): readonly string[] {
  return [
    ...failed.map(({ seed, invariant, sentence }) => `${seed}: ${invariant}: ${sentence}`),
    ...unequalTraces.map((seed) => `${seed} has two histories`),
  ];
}

describe("the corpus", () => {
  test.each(CORPUS)(
    "seed $seed no longer shows that $sentence",
    async ({ seed, profile, steps, only }) => {
      const order = { profile, steps, ...(only === undefined ? {} : { only }) };
      const totals = await runSeeds({ ...order, from: seed, to: seed, isTwice: true });
      expect(brokenOf(totals)).toEqual([]);
      expect(totals.seeds).toBe(1);
    },
    TIMEOUT_MS,
  );

  test("has the seed of everything that was found", () => {
    const seeds = new Set(CORPUS.map(({ seed }) => seed));
    expect(FOUND.filter(({ seed }) => !seeds.has(seed))).toEqual([]);
  });
});

describe("fresh seeds", () => {
  test.each(FRESH)(
    "of the profile %s break nothing and are the same twice",
    async (profile, count, steps) => {
      const to = FRESH_FROM + count - 1;
      const totals = await runSeeds({ profile, steps, from: FRESH_FROM, to, isTwice: true });
      expect(brokenOf(totals)).toEqual([]);
      expect(totals.seeds).toBe(count);
      expect(totals.orders).toBeGreaterThan(0);
      expect(totals.resyncs).toBeGreaterThan(0);
      expect(Object.keys(totals.classesFired).length).toBeGreaterThan(count);
    },
    TIMEOUT_MS,
  );
});
