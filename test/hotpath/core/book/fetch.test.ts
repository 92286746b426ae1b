// Goal: when books break again and again within one minute, later rounds ask for less instead of waiting
// for the minute to end. Method: the core under a virtual clock, its requests counted by size.
import { expect, test } from "vitest";
import { Driver, MINUTE, MS, SECOND } from "../driver.ts";

const SHALLOWER = [
  { levels: 500, weight: 25 },
  { levels: 100, weight: 5 },
];

test("storm after storm in one minute: shallower each time, never over the weight, all live", () => {
  const rules = { depthLimit: 1000, depthWeight: 50, shallower: SHALLOWER, weightLimit: 2400 };
  const driver = new Driver({ books: 20, rules }).start();
  driver.venue.weightUsed = 0;
  // All of it within one of the venue's minutes.
  expect(driver.nowUs % MINUTE).toBeLessThan(30 * SECOND);
  driver.noted.length = 0;
  for (let storm = 0; storm < 6; storm++) {
    driver.emit({ type: "resyncRequested", instrument: -1, cause: "operator" });
    driver.speak(4 * SECOND, 20 * MS);
    expect(driver.liveCount, `storm ${storm}`).toBe(20);
  }
  const sizes = driver.commandsOf("fetchSnapshot").map(({ command }) => command.depthLimit);
  expect(new Set(sizes)).toEqual(new Set([1000, 500, 100]));
  expect([...sizes].sort((a, b) => b - a)).toEqual(sizes);
  const cost = { 1000: 50, 500: 25, 100: 5 } as Readonly<Record<number, number>>;
  expect(sizes.reduce((sum, levels) => sum + (cost[levels] ?? 0), 0)).toBeLessThanOrEqual(2400);
  expect(driver.wrongBooks).toEqual([]);
});

test("a venue that offers one size is asked for that size", () => {
  const driver = new Driver({ books: 4, rules: { weightLimit: 1000, depthWeight: 50 } }).start();
  driver.emit({ type: "resyncRequested", instrument: -1, cause: "operator" });
  driver.speak(SECOND, 20 * MS);
  const sizes = driver.commandsOf("fetchSnapshot").map(({ command }) => command.depthLimit);
  expect(new Set(sizes)).toEqual(new Set([1000]));
});
