// Goal: every limit of a venue that was broken is told, and none where none was.
import { describe, expect, test } from "vitest";
import { LimitsCheck } from "../../../../local/sim/checks/limits-check.ts";

const SECOND = 1_000_000;

const QUIET = {
  id: "kraken",
  rest: { tooManyCount: 0, bannedCount: 0 },
  streams: { dialRefusedCount: 0 },
} as const;

const refusing = (dialRefusedCount: number) => ({
  ...QUIET,
  id: "kucoin" as const,
  streams: { dialRefusedCount },
});

describe("limits of venues", () => {
  test("that nobody has broken are no fault", () => {
    const check = new LimitsCheck();
    expect(check.faultOf([], 0)).toBe("");
    expect(check.faultOf([QUIET, QUIET], 0)).toBe("");
  });

  test.each([
    [{ ...QUIET, rest: { tooManyCount: 2, bannedCount: 0 } }, "refused 2 requests as too many"],
    [{ ...QUIET, rest: { tooManyCount: 2, bannedCount: 1 } }, "answered 1 requests with a ban"],
    [{ ...QUIET, streams: { dialRefusedCount: 3 } }, "turned 3 dials away"],
  ])("that were broken are told with their number", (model, words) => {
    expect(new LimitsCheck().faultOf([QUIET, model], 0)).toContain(words);
  });

  test("of dials excuse an engine that begins again and again, and no later one", () => {
    const check = new LimitsCheck();
    for (const atS of [0, 20, 40]) check.onLife(atS * SECOND);
    expect(check.faultOf([refusing(4)], 50 * SECOND)).toBe("");
    expect(check.faultOf([refusing(4)], 100 * SECOND)).toBe("");
    expect(check.faultOf([refusing(5)], 100 * SECOND)).toContain("turned 1 dials away");
  });
});
