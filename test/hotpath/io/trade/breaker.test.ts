// Goal: the breaker opens after five failures, waits a minute, and closes after three good probes.
import { describe, expect, test } from "vitest";
import { Breaker } from "../../../../hotpath/io/trade/breaker.ts";

const MINUTE_US = 60_000_000;

function opened(): Breaker {
  const breaker = new Breaker();
  for (let i = 0; i < 5; i++) breaker.onBad(0);
  return breaker;
}

describe("a breaker", () => {
  test("stays closed for failures that are not in a row", () => {
    const breaker = new Breaker();
    for (let i = 0; i < 20; i++) {
      if (i % 5 === 4) breaker.onGood();
      else breaker.onBad(i);
      expect(breaker.mayCall(i)).toBe(true);
    }
    expect(breaker.state).toBe("closed");
  });

  test("opens at the fifth failure in a row and lets nothing through for a minute", () => {
    const breaker = opened();
    expect(breaker.state).toBe("open");
    expect(breaker.mayCall(MINUTE_US - 1)).toBe(false);
    expect(breaker.state).toBe("open");
  });

  test("lets three probes through and no more, and closes when all were good", () => {
    const breaker = opened();
    const may = [1, 2, 3, 4].map(() => breaker.mayCall(MINUTE_US));
    expect(may).toEqual([true, true, true, false]);
    expect(breaker.state).toBe("halfOpen");
    breaker.onGood();
    breaker.onGood();
    expect(breaker.state).toBe("halfOpen");
    expect(breaker.mayCall(MINUTE_US)).toBe(false);
    breaker.onGood();
    expect(breaker.state).toBe("closed");
    expect(breaker.mayCall(MINUTE_US)).toBe(true);
  });

  test("opens again at the first bad probe, for another minute", () => {
    const breaker = opened();
    breaker.mayCall(MINUTE_US);
    breaker.mayCall(MINUTE_US);
    breaker.onBad(MINUTE_US);
    breaker.onBad(MINUTE_US);
    expect(breaker.state).toBe("open");
    expect(breaker.mayCall(2 * MINUTE_US - 1)).toBe(false);
    expect(breaker.mayCall(2 * MINUTE_US)).toBe(true);
  });
});
