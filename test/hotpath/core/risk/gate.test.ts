// Goal: every control blocks one unit above its limit, allows the limit itself, blocks what is missing, and is
// the only one that stands between its order and the wire. Method: one table of worlds for all controls.
import { describe, expect, test } from "vitest";
import { CONTROLS } from "../../../../hotpath/core/risk/controls.ts";
import { Bench } from "./bench.ts";
import { SCENARIOS } from "./scenarios.ts";
import type { Scenario, Setup } from "./world-parts.ts";

function benchOf({ purpose }: Scenario, setup: Setup): Bench {
  const bench = new Bench();
  if (purpose !== undefined) bench.setOrder({ purpose });
  setup(bench);
  return bench;
}

const rows = SCENARIOS.map((each) => [each.control, each.about, each] as const);
const withLimit = rows.filter(([, , { atLimit }]) => atLimit !== undefined);
const withMissing = rows.filter(([, , { missing }]) => missing !== undefined);

describe("the gate", () => {
  test.each(["open", "finish", "exit"] as const)(
    "lets a good order that is to %s pass",
    (purpose) => {
      const bench = new Bench();
      bench.setOrder({ purpose });
      expect(bench.ask()).toBeUndefined();
    },
  );

  test("has a world for every control", () => {
    const shown = new Set(SCENARIOS.map(({ control }) => control));
    expect(CONTROLS.map(({ id }) => id).filter((id) => !shown.has(id))).toEqual([]);
  });

  test.each(withLimit)("%s: %s: allows the limit", (_control, _about, scenario) => {
    expect(benchOf(scenario, scenario.atLimit ?? (() => {})).ask()).toBeUndefined();
  });

  test.each(rows)("%s: %s: blocks what is beyond it", (control, _about, scenario) => {
    const denial = benchOf(scenario, scenario.above).ask();
    expect(denial).toMatchObject({ control, limitsVersion: 4 });
    expect(denial?.reason).not.toBe("");
  });

  test.each(withMissing)("%s: %s: blocks when it is not known", (control, _about, scenario) => {
    expect(benchOf(scenario, scenario.missing ?? (() => {})).ask()?.control).toBe(control);
  });

  // A control that another one covers could be lost without anybody noticing.
  test.each(rows)("%s: %s: nothing else blocks it", (control, _about, scenario) => {
    const without = CONTROLS.filter(({ id }) => id !== control && id !== scenario.alsoBy);
    expect(benchOf(scenario, scenario.above).ask(without)).toBeUndefined();
  });
});
