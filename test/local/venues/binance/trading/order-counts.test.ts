// Goal: unfilled orders are counted in windows aligned to the clock, and first fills give theirs back.
import { describe, expect, test } from "vitest";
import { orderLimits } from "../../../../../local/venues/binance/order-limits.ts";
import { OrderCounts } from "../../../../../local/venues/binance/trading/order-counts.ts";

const TEN_S_US = 10_000_000;
const DAY_US = 86_400_000_000;
const START_US = 20_000 * DAY_US;

describe("order counts", () => {
  const counts = () => new OrderCounts(orderLimits(3));
  const ten = (one: OrderCounts, nowUs: number) => one.states("main", nowUs)[0]?.count;

  test("grow with orders, shrink with first fills, and never below zero", () => {
    const one = counts();
    one.add("main", 2, START_US);
    one.add("main", -1, START_US);
    expect(ten(one, START_US)).toBe(1);
    one.add("main", -5, START_US);
    expect(ten(one, START_US)).toBe(0);
    expect(one.states("other", START_US)[0]?.count).toBe(0);
  });

  test("are broken by one more than the limit, until the window ends", () => {
    const one = counts();
    one.add("main", 3, START_US + 4_000_000);
    expect(one.broken("main", 0, START_US + 4_000_000)).toBeNull();
    expect(one.broken("main", 1, START_US + 4_000_000)).toMatchObject({
      limit: { interval: "SECOND", limit: 3 },
      retryAfterMs: 6_000,
    });
    expect(one.broken("main", 1, START_US + TEN_S_US)).toBeNull();
    expect(one.states("main", START_US + TEN_S_US)[1]?.count).toBe(3);
    expect(one.states("main", START_US + DAY_US)[1]?.count).toBe(0);
  });
});
