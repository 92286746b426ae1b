// Goal: buckets let through what their plan says, apart for each person, and their number is bounded.
import { describe, expect, test } from "vitest";
import { RATE_PLANS, RateKeeper, type RateKind } from "../../../functions/control-api/rate.ts";

const US_PER_S = 1_000_000;

describe.each(Object.keys(RATE_PLANS) as RateKind[])("%s", (kind) => {
  const { burst, perSecond } = RATE_PLANS[kind];

  test("lets a burst through, then says how long to wait, then lets through again", () => {
    const rates = new RateKeeper();
    for (let asked = 0; asked < burst; asked += 1) expect(rates.take(kind, "a", 0)).toBe(0);
    const waitS = rates.take(kind, "a", 0);
    expect(waitS).toBeGreaterThan(0);
    expect(rates.take(kind, "b", 0)).toBe(0);
    expect(rates.take(kind, "a", waitS * US_PER_S)).toBe(0);
  });

  test("never holds more than its burst, and a clock that goes back gives nothing", () => {
    const rates = new RateKeeper();
    const nowUs = 1_000 * US_PER_S;
    rates.take(kind, "a", nowUs);
    const laterUs = nowUs + Math.ceil((10 * burst) / perSecond) * US_PER_S;
    let letThrough = 0;
    while (rates.take(kind, "a", laterUs) === 0) letThrough += 1;
    expect(letThrough).toBe(burst);
    expect(rates.take(kind, "a", nowUs)).toBeGreaterThan(0);
  });
});

test("more people than it can hold apart push out the one who has rested longest", () => {
  const rates = new RateKeeper();
  for (let asked = 0; asked <= 20; asked += 1) rates.take("write", "first", 0);
  expect(rates.take("write", "first", 0)).toBeGreaterThan(0);
  for (let person = 0; person < 10_001; person += 1) rates.take("write", `p${person}`, 0);
  expect(rates.take("write", "first", 0)).toBe(0);
});
