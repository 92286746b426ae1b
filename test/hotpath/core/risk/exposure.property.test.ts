// Goal: exposure is always the sum over the orders that may still fill, whatever happened to them in whatever
// order, and nothing of an order is left when it has ended. Method: seeded lives against a naive sum.
import { describe, expect, test } from "vitest";
import { type LiveOrder, VenueExposure } from "../../../../hotpath/core/risk/exposure.ts";
import { Valuation } from "../../../../hotpath/core/risk/valuation.ts";
import { seeded } from "../true-book.ts";
import { atto, clientId, INSTRUMENTS, MID_TICKS } from "./bench.ts";

function makeExposure(isLive: () => boolean = () => true): VenueExposure {
  const valuation = new Valuation("USDT", INSTRUMENTS, (index) =>
    isLive() ? (MID_TICKS[index] ?? Number.NaN) * 2 : Number.NaN,
  );
  return new VenueExposure(INSTRUMENTS, ["USDT"], valuation);
}

type Shadow = {
  readonly name: string;
  readonly instrument: number;
  readonly isBuy: boolean;
  readonly priceTicks: number;
  readonly lots: number;
  readonly worth: bigint;
  left: number;
  isUnknown: boolean;
};

/** Lots and steps of the three instruments, in 1e-18 of the asset: written again by hand. */
const LOT = [atto("0.00001"), atto("0.0001"), atto("0.0001")] as const;
const STEP = [atto("0.0000001"), atto("0.000001"), atto("0.000000001")] as const;
const BASE = ["BTC", "ETH", "ETH"] as const;
const QUOTE = ["USDT", "USDT", "BTC"] as const;

function incomingOf(shadows: readonly Shadow[], asset: string): bigint {
  let sum = 0n;
  for (const { instrument, isBuy, left, priceTicks } of shadows) {
    if (isBuy && BASE[instrument] === asset) sum += BigInt(left) * (LOT[instrument] ?? 0n);
    const step = STEP[instrument] ?? 0n;
    if (!isBuy && QUOTE[instrument] === asset) sum += BigInt(left) * BigInt(priceTicks) * step;
  }
  return sum;
}

function openWorthOf(shadows: readonly Shadow[]): bigint {
  return shadows.reduce((sum, { worth, left, lots }) => {
    if (left === lots) return sum + worth;
    return sum + (worth * BigInt(left) + BigInt(lots) - 1n) / BigInt(lots);
  }, 0n);
}

function check(exposure: VenueExposure, shadows: readonly Shadow[]): void {
  expect(exposure.openOrderCount).toBe(shadows.length);
  expect(exposure.unknownOrderCount).toBe(shadows.filter(({ isUnknown }) => isUnknown).length);
  expect(exposure.openWorth).toBe(openWorthOf(shadows));
  for (const asset of ["BTC", "ETH", "USDT"]) {
    expect(exposure.asset(asset).incoming).toBe(incomingOf(shadows, asset));
  }
  for (const index of [0, 1, 2]) {
    const names = shadows.filter(({ instrument }) => instrument === index).map(({ name }) => name);
    expect(exposure.ordersOf(index).map((each: LiveOrder) => each.clientId)).toEqual(names);
  }
}

function addOne(
  exposure: VenueExposure,
  shadows: Shadow[],
  name: string,
  chance: () => number,
): void {
  const upTo = (bound: number) => Math.floor(chance() * bound);
  const lots = 1 + upTo(10_000);
  const shadow: Shadow = {
    name,
    instrument: upTo(3),
    isBuy: chance() < 0.5,
    priceTicks: 1 + upTo(1_000_000),
    lots,
    worth: BigInt(upTo(2 ** 40)) * 1_000_003n,
    left: lots,
    isUnknown: false,
  };
  shadows.push(shadow);
  const { instrument, priceTicks, worth } = shadow;
  const side = shadow.isBuy ? "buy" : "sell";
  exposure.add({ clientId: name, instrument, side, priceTicks, lots }, worth);
}

/** Fills some of it, loses or finds it, or ends it: the last two twice, which must change nothing more. */
function moveOne(
  exposure: VenueExposure,
  shadows: Shadow[],
  known: Shadow,
  chance: () => number,
): void {
  const what = chance();
  if (what < 0.35) {
    known.left = Math.floor(chance() * (known.left + 1));
    exposure.setRemaining(known.name, known.left);
  } else if (what < 0.7) {
    known.isUnknown = chance() < 0.5;
    exposure.setUnknown(known.name, known.isUnknown);
    exposure.setUnknown(known.name, known.isUnknown);
  } else {
    exposure.end(known.name);
    exposure.end(known.name);
    shadows.splice(shadows.indexOf(known), 1);
  }
}

describe("exposure", () => {
  test.each(Array.from({ length: 10 }, (_, seed) => seed))("is the sum: seed %d", (seed) => {
    const chance = seeded(seed + 100);
    const exposure = makeExposure();
    const shadows: Shadow[] = [];
    for (let step = 0; step < 400; step++) {
      const known = shadows[Math.floor(chance() * shadows.length)];
      if (chance() < 0.4 || known === undefined) addOne(exposure, shadows, clientId(step), chance);
      else moveOne(exposure, shadows, known, chance);
      check(exposure, shadows);
    }
    for (const { name } of shadows.splice(0)) exposure.end(name);
    check(exposure, []);
    expect(exposure.exactGross()).toBe(0n);
  });

  test("of an order that has ended, or was never there, does not change", () => {
    const exposure = makeExposure();
    exposure.setRemaining("rk1", 5);
    exposure.setUnknown("rk1", true);
    exposure.end("rk1");
    check(exposure, []);
    expect(exposure.has("rk1")).toBe(false);
  });

  test("leaves nothing open of an order that was overfilled", () => {
    const exposure = makeExposure();
    const own = { clientId: "rk1", instrument: 0, side: "buy", priceTicks: 1, lots: 2 } as const;
    exposure.add(own, 9n);
    expect(exposure.has("rk1")).toBe(true);
    exposure.setRemaining("rk1", -1);
    expect(exposure.openWorth).toBe(0n);
    expect(exposure.asset("BTC").incoming).toBe(0n);
  });

  test("counts an order once, with lots, of an instrument that it knows", () => {
    const exposure = makeExposure();
    const own = { clientId: "rk1", instrument: 0, side: "buy", priceTicks: 1, lots: 2 } as const;
    exposure.add(own, 9n);
    expect(() => exposure.add(own, 9n)).toThrow(/counted once/);
    expect(() => exposure.add({ ...own, clientId: "rk2", lots: 0 }, 9n)).toThrow(/has lots/);
    expect(() => exposure.add({ ...own, clientId: "rk3", instrument: 8 }, 9n)).toThrow();
  });

  test("that nothing could value is valued as soon as the books are live", () => {
    let isLive = false;
    const exposure = makeExposure(() => isLive);
    const own = { clientId: "rk1", instrument: 2, side: "sell", priceTicks: 5000 } as const;
    // One ETH at 0.05 BTC; 4,000 of 10,000 lots are left.
    exposure.add({ ...own, lots: 10_000 }, undefined, 4000);
    exposure.setHeld("ETH", atto("1"));
    expect(exposure.unvaluedOrderCount).toBe(1);
    exposure.revalue();
    expect(exposure.unvaluedOrderCount).toBe(1);
    expect(exposure.grossWorth).toBeNaN();
    expect(exposure.exactGross()).toBeUndefined();
    isLive = true;
    exposure.revalue();
    expect(exposure.unvaluedOrderCount).toBe(0);
    expect(exposure.openWorth).toBe(atto("1000"));
    // 0.02 BTC that may come, and the ETH that is held.
    expect(exposure.grossWorth).toBeCloseTo(3500, 6);
    expect(exposure.exactGross()).toBe(atto("3500"));
    isLive = false;
    exposure.revalue();
    expect(exposure.grossWorth).toBeCloseTo(3500, 6);
    exposure.end("rk1");
    expect(exposure.openWorth).toBe(0n);
  });

  test("of an unvalued order is forgotten with it", () => {
    const exposure = makeExposure(() => false);
    const own = { clientId: "rk1", instrument: 0, side: "buy", priceTicks: 1, lots: 2 } as const;
    exposure.add(own, undefined);
    exposure.end("rk1");
    expect(exposure.unvaluedOrderCount).toBe(0);
  });

  test("keeps the rules that an order was meant under when they change", () => {
    const exposure = makeExposure();
    const [btc] = INSTRUMENTS;
    if (btc === undefined) throw new Error("there is a first");
    const own = { clientId: "rk1", instrument: 0, side: "buy", priceTicks: 1, lots: 2 } as const;
    exposure.add(own, 9n);
    exposure.refresh({ ...btc, lotUnits: 1000 });
    expect(exposure.instrument(0)?.lotUnits).toBe(1000);
    exposure.end("rk1");
    expect(exposure.asset("BTC").incoming).toBe(0n);
  });

  test("of what is home is no position", () => {
    const exposure = makeExposure();
    exposure.setHeld("USDT", atto("5000"));
    exposure.setHeld("BTC", atto("-1"));
    expect(exposure.exactGross()).toBe(atto("50000"));
    expect(exposure.grossWorth).toBeCloseTo(50_000, 6);
    expect([...exposure.assets()].map(({ asset }) => asset)).toEqual(["USDT", "BTC"]);
  });
});
