// Goal: the container's clock is anchored once and goes on by itself, whatever is done to the machine's wall clock.
import { afterEach, describe, expect, test, vi } from "vitest";
import { monotonicUs, nowUs } from "../../../hotpath/io/clock.ts";

const HOUR_MS = 3_600_000;
const HOUR_US = HOUR_MS * 1000;

afterEach(() => {
  vi.useRealTimers();
});

describe("the clock", () => {
  test("tells integer microseconds since the Unix epoch", () => {
    const wallUs = Date.now() * 1000;
    expect(Number.isSafeInteger(nowUs())).toBe(true);
    expect(Math.abs(nowUs() - wallUs)).toBeLessThan(HOUR_US);
  });

  test.each([
    ["forward", HOUR_MS],
    ["back", -HOUR_MS],
  ])("does not follow a wall clock that is set an hour %s", (_, stepMs) => {
    const beforeUs = nowUs();
    const monotonicBeforeUs = monotonicUs();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + stepMs });
    const passedUs = nowUs() - beforeUs;
    expect(passedUs).toBeGreaterThanOrEqual(0);
    expect(passedUs).toBeLessThan(HOUR_US / 2);
    expect(monotonicUs()).toBeGreaterThanOrEqual(monotonicBeforeUs);
  });
});
