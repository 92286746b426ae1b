/**
 * Goal: the warm-up hears every made-up frame as an event, for each venue, and leaves nothing behind.
 */
import { describe, expect, it } from "vitest";
import { warmUp } from "../../hotpath/warm-up.ts";
import { planOf } from "./recorded-run.ts";

/** Twelve lives of 32 instruments, which hear 50 steps of three frames. */
const EVENTS = 12 * 32 * 50 * 3;

describe("warmUp", () => {
  it("applies every frame of every life, whatever the plan's own instruments are", () => {
    expect(warmUp(planOf(["BTCUSDT"]))).toBe(EVENTS);
    expect(warmUp(planOf([]))).toBe(EVENTS);
  });

  it("warms each venue of the plan", () => {
    const plan = planOf([]);
    const [spot] = plan.venues;
    if (spot === undefined) throw new Error("the plan has Binance spot");
    expect(warmUp({ ...plan, venues: [spot, { ...spot, id: "binance-usdm" }] })).toBe(2 * EVENTS);
    expect(warmUp({ ...plan, venues: [] })).toBe(0);
  });
});
