// Goal: planted triangles pay what their record says, at their rate, and no book is ever crossed for them.
import { describe, expect, test } from "vitest";
import { FairValues } from "../../../../local/venues/market/fair-values.ts";
import { assetValues, spotListings } from "../../../../local/venues/market/listings.ts";
import { Market } from "../../../../local/venues/market/market.ts";
import { Random } from "../../../../local/venues/market/random.ts";
import {
  cyclesOf,
  grossFactor,
  TrianglePlanter,
} from "../../../../local/venues/market/triangles.ts";

const START_US = 1_795_000_000_000_000;
const STEP_US = 30_000;
const FEE_BPS = 10;

function makeMarket(seed: number): Market {
  const fairValues = new FairValues(assetValues(), { seed, nowUs: START_US });
  return new Market(fairValues, {
    name: "triangles",
    seed,
    seqRule: "perInstrument",
    listings: spotListings(6, 300),
    profile: "quiet",
    stepsPerDiff: 2,
  });
}

/** Lives through `seconds`; gives back what a plain watcher of all cycles saw. */
function watch(seed: number, perMinute: number, seconds: number) {
  const market = makeMarket(seed);
  const random = new Random(seed, "planter");
  const planter = new TrianglePlanter(market, { random, perMinute, takerFeeBps: FEE_BPS });
  const cycles = cyclesOf(market);
  const seen: { nowUs: number; names: string; grossBps: number }[] = [];
  let isCrossed = false;
  for (let at = 1; at * STEP_US < seconds * 1_000_000; at += 1) {
    const nowUs = START_US + at * STEP_US;
    for (let index = 0; index < market.instruments.length; index += 1) market.step(index, nowUs);
    planter.tick(nowUs);
    for (const { book } of market.instruments) {
      if (book.bestBidTicks >= book.bestAskTicks) isCrossed = true;
    }
    for (const cycle of cycles) {
      const grossBps = (grossFactor(market, cycle) - 1) * 10_000;
      if (grossBps > 3 * FEE_BPS) seen.push({ nowUs, names: cycle.assets.join(">"), grossBps });
    }
  }
  return { planter, seen, isCrossed };
}

describe("cycles", () => {
  test("are each of a market's triangles, from each asset, both ways round", () => {
    const market = makeMarket(1);
    const names = cyclesOf(market).map(({ assets }) => assets.join(">"));
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain("USDT>BTC>ETH>USDT");
    expect(names).toContain("USDT>ETH>BTC>USDT");
    expect(names.length % 6).toBe(0);
  });
});

describe("planted triangles", () => {
  test("come at about their rate, pay at least the fees, and are over when their record says", () => {
    const { planter, isCrossed } = watch(5, 10, 240);
    expect(isCrossed).toBe(false);
    expect(planter.records.length).toBeGreaterThan(15);
    expect(planter.records.length).toBeLessThan(70);
    const paid = planter.records.filter(({ firstPaidUs }) => firstPaidUs !== null);
    expect(paid.length).toBeGreaterThanOrEqual(planter.records.length * 0.8);
    for (const record of paid) {
      expect(record.bestGrossBps).toBeGreaterThan(3 * FEE_BPS);
      expect(record.bestGrossBps).toBeLessThan(3 * FEE_BPS + 80);
      expect(record.cycle).toHaveLength(4);
      expect(record.symbols).toContain(record.leaningSymbol);
    }
  });

  test("are the only ones that pay", () => {
    const { planter, seen } = watch(6, 10, 120);
    expect(seen.length).toBeGreaterThan(20);
    for (const { nowUs } of seen) {
      const isPlanted = planter.records.some(
        ({ startUs, endUs }) => nowUs >= startUs && nowUs <= (endUs ?? nowUs) + 2_000_000,
      );
      expect(isPlanted).toBe(true);
    }
  });

  test("are several at once when the rate asks for it", () => {
    const { planter, isCrossed } = watch(8, 600, 60);
    expect(isCrossed).toBe(false);
    const isOverlapping = planter.records.some(({ endUs }, at) => {
      const next = planter.records[at + 1];
      return endUs !== null && next !== undefined && next.startUs < endUs;
    });
    expect(isOverlapping).toBe(true);
    expect(planter.records.length).toBeGreaterThan(watch(8, 10, 60).planter.records.length * 2);
  });

  test("are none when none are wanted", () => {
    const { planter, seen } = watch(7, 0, 60);
    expect(planter.records).toEqual([]);
    expect(seen).toEqual([]);
  });
});
