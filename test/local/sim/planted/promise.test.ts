// Goal: only histories that could not bring a bug out are passed over. Method: the settings and swarms themselves.
import { describe, expect, test } from "vitest";
import { drawSwarm } from "../../../../local/sim/faults/fault-driver.ts";
import { isPromising } from "../../../../local/sim/planted/promise.ts";
import { drawSettings } from "../../../../local/sim/world/settings.ts";
import { Random } from "../../../../local/venues/market/random.ts";

const SEEDS = Array.from({ length: 100 }, (_, i) => i + 1);

describe("a history", () => {
  test("is promising for a bug that needs nothing", () => {
    expect(SEEDS.every((seed) => isPromising(seed, {}))).toBe(true);
  });

  test("without the venue of the bug is not", () => {
    for (const seed of SEEDS) {
      const { venues } = drawSettings(seed, "nominal", new Random(seed, "settings"));
      expect(isPromising(seed, { venue: "kraken" })).toBe(venues.includes("kraken"));
    }
  });

  test.each(["T03", "O05", "D01", "P01"])("without the class %s is not", (id) => {
    const promising = SEEDS.filter((seed) => isPromising(seed, { classes: [id] }));
    expect(promising.length).toBeGreaterThan(0);
    for (const seed of promising) {
      const { enabled } = drawSwarm(new Random(seed, "swarm"));
      expect(enabled.map((each) => each.id)).toContain(id);
    }
    // Where the class alone is on, it is on in every seed, and often strong enough.
    const directed = SEEDS.filter((seed) => isPromising(seed, { classes: [id], isDirected: true }));
    expect(directed.length).toBeGreaterThan(promising.length);
  });
});
