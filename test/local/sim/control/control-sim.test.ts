// Goal: whatever fails on the way, the control plane ends up where the journal and its people say it should, and a
// seed is one history.
import { describe, expect, test } from "vitest";
import { runControlSim } from "../../../../local/sim/control/control-sim.ts";

describe("the control plane in simulation", () => {
  test("is the same history twice for one seed, and another for the next", async () => {
    const first = await runControlSim({ seed: 1, steps: 40 });
    const again = await runControlSim({ seed: 1, steps: 40 });
    const other = await runControlSim({ seed: 2, steps: 40 });
    expect(again).toEqual(first);
    expect(other.traceHash).not.toBe(first.traceHash);
    expect([...first.violations, ...other.violations]).toEqual([]);
  });
});
