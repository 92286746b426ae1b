// Goal: every limit of a venue that was broken is told, and none where none was.
import { describe, expect, test } from "vitest";
import { limitFault } from "../../../../local/sim/checks/limits-check.ts";

const QUIET = {
  id: "kraken",
  rest: { tooManyCount: 0, bannedCount: 0 },
  streams: { dialRefusedCount: 0 },
} as const;

describe("limits of venues", () => {
  test("that nobody has broken are no fault", () => {
    expect(limitFault([])).toBe("");
    expect(limitFault([QUIET, QUIET])).toBe("");
  });

  test.each([
    [{ ...QUIET, rest: { tooManyCount: 2, bannedCount: 0 } }, "refused 2 requests as too many"],
    [{ ...QUIET, rest: { tooManyCount: 2, bannedCount: 1 } }, "answered 1 requests with a ban"],
    [{ ...QUIET, streams: { dialRefusedCount: 3 } }, "turned 3 dials away"],
  ])("that were broken are told with their number", (model, words) => {
    expect(limitFault([QUIET, model])).toContain(words);
  });
});
