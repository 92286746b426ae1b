// Goal: windows are those of the clock, results add up exactly, and a stored state comes back whole or not at all.
import { describe, expect, test } from "vitest";
import { VenueCounters } from "../../../../hotpath/core/risk/counters.ts";
import { LastOrders } from "../../../../hotpath/core/risk/duplicates.ts";
import { atto, NOON_US } from "./bench.ts";

const S = 1_000_000;
const DAY = 86_400 * S;

describe("a window", () => {
  test.each([
    ["ordersPerSecond", S],
    ["ordersPerMinute", 60 * S],
    ["ordersPerDay", DAY],
    ["ordersPerRatio", 600 * S],
  ] as const)("of %s begins and ends with the clock", (window, lengthUs) => {
    const counters = new VenueCounters();
    const beginUs = Math.floor(NOON_US / lengthUs) * lengthUs;
    counters.countOrder(1, 1, beginUs);
    counters.countOrder(1, 2, beginUs + lengthUs - 1);
    expect(counters.in(window, beginUs + lengthUs - 1)).toBe(2);
    expect(counters.in(window, beginUs + lengthUs)).toBe(0);
    counters.countOrder(1, 3, beginUs + lengthUs);
    expect(counters.in(window, beginUs + lengthUs)).toBe(1);
  });
});

describe("results", () => {
  test("add up to the day's and to all, exactly", () => {
    const counters = new VenueCounters();
    counters.countResult(atto("0.1"), NOON_US);
    counters.countResult(atto("0.2"), NOON_US + 1);
    counters.countResult(-atto("0.3"), NOON_US + 2);
    expect(counters.dayResult(NOON_US)).toBe(0n);
    expect(counters.drawdown()).toBe(atto("0.3"));
    counters.countResult(-1n, NOON_US + DAY);
    expect(counters.dayResult(NOON_US)).toBe(0n);
    expect(counters.dayResult(NOON_US + DAY)).toBe(-1n);
    expect(counters.totalResult).toBe(-1n);
  });

  test("of nothing end no row of losses, and those of something do", () => {
    const counters = new VenueCounters();
    for (const result of [-1n, 0n, -1n]) counters.countResult(result, NOON_US);
    expect(counters.lossesInARow).toBe(2);
    counters.countResult(1n, NOON_US);
    expect(counters.lossesInARow).toBe(0);
  });

  test("begin anew when a person lets the venue go on, but for the day's", () => {
    const counters = new VenueCounters();
    counters.countResult(atto("5"), NOON_US);
    counters.countResult(-atto("9"), NOON_US);
    counters.countCycle(3, NOON_US);
    for (let i = 0; i < 5; i++) counters.countAnswer(true);
    counters.forgive();
    expect(counters.drawdown()).toBe(0n);
    expect(counters.lossesInARow).toBe(0);
    expect([counters.rejectsInARow, counters.rejectsOf50]).toEqual([0, 0]);
    expect(counters.in("cyclesPerHour", NOON_US)).toBe(0);
    expect(counters.in("cyclesPerDay", NOON_US)).toBe(1);
    expect(counters.dayResult(NOON_US)).toBe(-atto("4"));
    expect(counters.opportunity).toBe(3);
  });
});

describe("answers", () => {
  test("are the last fifty", () => {
    const counters = new VenueCounters();
    for (let i = 0; i < 50; i++) counters.countAnswer(true);
    expect([counters.rejectsOf50, counters.rejectsInARow]).toEqual([50, 50]);
    for (let i = 0; i < 30; i++) counters.countAnswer(false);
    expect([counters.rejectsOf50, counters.rejectsInARow]).toEqual([20, 0]);
  });
});

describe("a stored state", () => {
  function full(): VenueCounters {
    const counters = new VenueCounters();
    counters.countOrder(7, 99, NOON_US);
    counters.countCancel(NOON_US);
    counters.countCycle(12, NOON_US);
    counters.countResult(-atto("12.000000000000000001"), NOON_US);
    for (let i = 0; i < 60; i++) counters.countAnswer(i % 3 === 0);
    return counters;
  }

  test("comes back whole", () => {
    const before = full();
    const after = new VenueCounters();
    expect(after.importState(JSON.parse(JSON.stringify(before.exportState())))).toBe(true);
    expect(after.exportState()).toEqual(before.exportState());
    expect(after.rejectsOf50).toBe(before.rejectsOf50);
    expect(after.dayResult(NOON_US)).toBe(-atto("12.000000000000000001"));
    expect(after.in("ordersPerDay", NOON_US)).toBe(1);
  });

  const good = full().exportState();
  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["a text", "{}"],
    ["another version", { ...good, version: 2 }],
    ["a day that is none", { ...good, day: "today" }],
    ["answers that are none", { ...good, answers: "012" }],
    ["too many answers", { ...good, answers: "0".repeat(51) }],
    ["a row below zero", { ...good, lossesInARow: -1 }],
    ["a command that is none", { ...good, command: 1.5 }],
    ["an amount that is a number", { ...good, dayResult: 5 }],
    ["an amount that is no integer", { ...good, totalResult: "1.5" }],
    ["a peak below the total", { ...good, peakResult: "-99000000000000000000" }],
    ["no windows", { ...good, windows: null }],
    ["a window that is missing", { ...good, windows: {} }],
    ["a window of one number", { ...good, windows: { ...good.windows, ordersPerDay: [1] } }],
    ["a window below zero", { ...good, windows: { ...good.windows, ordersPerDay: [1, -1] } }],
  ])("that is %s changes nothing", (_about, state) => {
    const counters = full();
    expect(counters.importState(state)).toBe(false);
    expect(counters.exportState()).toEqual(good);
  });
});

describe("the last orders", () => {
  test("are the same only with the same instrument, side, price and quantity, inside the window", () => {
    const last = new LastOrders(2);
    last.note(0, "buy", 100, 5, NOON_US);
    expect(last.fault(0, "buy", 100, 5, NOON_US - 1)).toMatch(/the same order/);
    expect(last.fault(0, "buy", 100, 5, NOON_US)).toBe("");
    expect(last.fault(1, "buy", 100, 5, 0)).toBe("");
    expect(last.fault(0, "sell", 100, 5, 0)).toBe("");
    expect(last.fault(0, "buy", 101, 5, 0)).toBe("");
    expect(last.fault(0, "buy", 100, 6, 0)).toBe("");
  });

  test("forget the oldest, and what cannot be compared does not pass", () => {
    const last = new LastOrders(1);
    for (let i = 0; i < 16; i++) last.note(0, "buy", 100 + i, 5, NOON_US + i);
    expect(last.fault(0, "buy", 999, 5, NOON_US - 1)).toMatch(/cannot be compared/);
    expect(last.fault(0, "buy", 999, 5, NOON_US)).toBe("");
  });
});
