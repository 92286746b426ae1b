// Goal: a budget is told in the units of a cycle, never rounded up, and a new amount replaces the old.
import { describe, expect, test } from "vitest";
import { Budgets } from "../../../../hotpath/core/detect/budgets.ts";

describe("a budget", () => {
  test("is rounded down to the units that are asked for", () => {
    const budgets = new Budgets();
    budgets.set("USDT", 1_999_999_999_999_999_999n);
    expect(budgets.unitsOf("USDT", 0)).toBe(1);
    expect(budgets.unitsOf("USDT", 2)).toBe(199);
    expect(budgets.unitsOf("USDT", 8)).toBe(199_999_999);
    expect(budgets.wideUnitsOf("USDT", 18)).toBe(1_999_999_999_999_999_999n);
    expect(budgets.amountOf("USDT")).toBe(1_999_999_999_999_999_999n);
  });

  test("that is set anew replaces what was worked out from the old", () => {
    const budgets = new Budgets();
    budgets.set("BTC", 10n ** 18n);
    expect(budgets.unitsOf("BTC", 8)).toBe(1e8);
    budgets.set("BTC", 10n ** 17n);
    expect(budgets.unitsOf("BTC", 8)).toBe(1e7);
  });

  test("is nothing for an asset without one, and for a balance that is overdrawn", () => {
    const budgets = new Budgets();
    budgets.set("ETH", -1n);
    expect([budgets.unitsOf("ETH", 8), budgets.unitsOf("SOL", 8)]).toEqual([0, 0]);
    expect([budgets.wideUnitsOf("ETH", 8), budgets.amountOf("SOL")]).toEqual([0n, 0n]);
  });

  test("beyond 2^53 units is a double that says so", () => {
    const budgets = new Budgets();
    budgets.set("SHIB", 10n ** 40n);
    expect(budgets.unitsOf("SHIB", 8)).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
    expect(budgets.wideUnitsOf("SHIB", 8)).toBe(10n ** 30n);
  });
});
