// Goal: a slip of the finger finds its name, and a stranger finds none.
import { expect, test } from "vitest";
import { didYouMean, nearestName } from "../../hotpath/nearest-name.ts";

const KNOWN = ["start", "status", "verify", "replay", "version"];

test.each([
  ["strat", "start"],
  ["stats", "status"],
  ["VERIFY", "verify"],
  ["repaly", "replay"],
  ["versoin", "version"],
  ["start", "start"],
  ["deploy", "replay"],
  ["xyz", ""],
  ["", ""],
  ["something-else-entirely", ""],
])("%s is near %s", (name, nearest) => {
  expect(nearestName(name, KNOWN)).toBe(nearest);
});

test("among equals the first known name is taken", () => {
  expect(nearestName("ac", ["ab", "ad"])).toBe("ab");
});

test("the clause is empty when nothing is near", () => {
  expect(didYouMean("strat", KNOWN)).toBe(', did you mean "start"?');
  expect(didYouMean("qqqqqq", KNOWN)).toBe("");
  expect(didYouMean("start", [])).toBe("");
});
