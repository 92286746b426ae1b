/** Goal: weight is counted by the minute of the clock, and who goes on after a refusal is banned. */
import { describe, expect, it } from "vitest";
import { WeightLimiter } from "../../../../local/venues/binance/limits.ts";

const MINUTE_US = 60_000_000;
const AT_US = 1_000 * MINUTE_US + 15_000_000;

describe("request weight", () => {
  it("adds up to the limit, is refused above it, and starts anew with the clock's minute", () => {
    const limiter = new WeightLimiter(100);
    expect(limiter.charge("a", 60, AT_US)).toEqual({ kind: "ok", usedWeight: 60 });
    expect(limiter.charge("a", 40, AT_US)).toEqual({ kind: "ok", usedWeight: 100 });
    const refused = { kind: "tooMany", usedWeight: 100, retryAfterS: 45 };
    expect(limiter.charge("a", 1, AT_US)).toEqual(refused);
    expect(limiter.usedWeight(AT_US)).toBe(100);
    const nextMinuteUs = 1_001 * MINUTE_US;
    expect(limiter.charge("a", 1, nextMinuteUs - 1)).toMatchObject({ kind: "tooMany" });
    expect(limiter.charge("a", 1, nextMinuteUs)).toEqual({ kind: "ok", usedWeight: 1 });
    expect(limiter.usedWeight(nextMinuteUs + MINUTE_US)).toBe(0);
  });

  it("is counted for each address by itself", () => {
    const limiter = new WeightLimiter(100);
    limiter.charge("a", 100, AT_US);
    expect(limiter.charge("b", 100, AT_US)).toEqual({ kind: "ok", usedWeight: 100 });
  });

  it("bans after ten refusals, longer the second time, and forgives when the ban is over", () => {
    const limiter = new WeightLimiter(1);
    const exhaust = (nowUs: number) => {
      limiter.charge("a", 1, nowUs);
      for (let at = 0; at < 10; at += 1) {
        expect(limiter.charge("a", 1, nowUs).kind).toBe("tooMany");
      }
      return limiter.charge("a", 1, nowUs);
    };
    expect(exhaust(AT_US)).toMatchObject({ kind: "banned", retryAfterS: 120 });
    expect(limiter.charge("a", 1, AT_US + 119_000_000)).toMatchObject({
      kind: "banned",
      retryAfterS: 1,
    });
    expect(exhaust(AT_US + 2 * MINUTE_US)).toMatchObject({ kind: "banned", retryAfterS: 240 });
  });
});
