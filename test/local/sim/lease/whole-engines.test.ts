// Goal: two whole engines on one account, paused, killed and cut off: the venues' order of acceptance is clean.
import { expect, test } from "vitest";
import { runWholeEngines } from "../../../../local/sim/lease/whole-engines.ts";

test("two engines trade one after the other, in the same history each time", {
  timeout: 120_000,
}, async () => {
  const verdict = await runWholeEngines(2);
  expect(verdict.violations).toEqual([]);
  expect(verdict.takeovers).toBeGreaterThan(1);
  expect(verdict.pauses).toBeGreaterThan(0);
  expect(verdict.accepted).toBeGreaterThan(100);
  expect(verdict.notes.some((note) => note.includes("a-0001 won"))).toBe(true);
  expect(verdict.notes.some((note) => note.includes("b-0001 won"))).toBe(true);
  const again = await runWholeEngines(2);
  expect(again.traceHash).toBe(verdict.traceHash);
});
