// Goal: every closed loop of three instruments is found once per direction, from the asset we hold.
import { describe, expect, test } from "vitest";
import { type Cycle, findCycles } from "../../../../hotpath/core/detect/cycles.ts";
import type { Instrument } from "../../../../hotpath/core/instrument.ts";
import { seeded } from "../true-book.ts";
import { makeMarket, pairOf } from "./market.ts";

const keysOf = (cycles: readonly Cycle[]): string[] => cycles.map(({ key }) => key).sort();

/** Where `one` leads from `asset`; undefined when it does not touch it. */
function otherOf(one: Instrument, asset: string): string | undefined {
  if (one.baseAsset === asset) return one.quoteAsset;
  return one.quoteAsset === asset ? one.baseAsset : undefined;
}

/** Every ordered three instruments that lead from an asset back to it, tried one by one: the model. */
function loopsOf(instruments: readonly Instrument[]): Set<string> {
  const loops = new Set<string>();
  const tryLoop = (start: string, a: Instrument, b: Instrument, c: Instrument): void => {
    const second = otherOf(a, start);
    const third = second === undefined ? undefined : otherOf(b, second);
    if (third === undefined || third === start || otherOf(c, third) !== start) return;
    loops.add(turned([a.index, b.index, c.index]));
  };
  for (const a of instruments) {
    for (const b of instruments) {
      for (const c of instruments) {
        if (a === b || b === c || a === c) continue;
        tryLoop(a.baseAsset, a, b, c);
        tryLoop(a.quoteAsset, a, b, c);
      }
    }
  }
  return loops;
}

/** Told from its smallest instrument on: the same loop, wherever it begins. */
function turned(loop: readonly number[]): string {
  const from = loop.indexOf(Math.min(...loop));
  return [...loop.slice(from), ...loop.slice(0, from)].join(" ");
}

const loopOf = ({ legs }: Cycle): string => turned(legs.map(({ instrument }) => instrument));

describe("cycles", () => {
  test("of one triangle are its two directions, with the sides of their legs", () => {
    const instruments = [
      pairOf("BTC", "USDT", 0),
      pairOf("ETH", "BTC", 1),
      pairOf("ETH", "USDT", 2),
    ];
    const { cycles } = findCycles(instruments, ["USDT"]);
    expect(cycles.map(({ index, key, legs }) => ({ index, key, legs }))).toEqual([
      {
        index: 0,
        key: "USDT>BTC>ETH",
        legs: [
          { instrument: 0, isBuy: true },
          { instrument: 1, isBuy: true },
          { instrument: 2, isBuy: false },
        ],
      },
      {
        index: 1,
        key: "USDT>ETH>BTC",
        legs: [
          { instrument: 2, isBuy: true },
          { instrument: 1, isBuy: false },
          { instrument: 0, isBuy: false },
        ],
      },
    ]);
  });

  test("begin with the first asset of ours that is in them, and are left out without one", () => {
    const instruments = [
      pairOf("BTC", "USDT", 0),
      pairOf("ETH", "BTC", 1),
      pairOf("ETH", "USDT", 2),
    ];
    const keys = (start: string[]): string[] => keysOf(findCycles(instruments, start).cycles);
    expect(keys(["EUR", "BTC", "USDT"])).toEqual(["BTC>ETH>USDT", "BTC>USDT>ETH"]);
    expect(keys(["ETH"])).toEqual(["ETH>BTC>USDT", "ETH>USDT>BTC"]);
    expect(findCycles(instruments, ["EUR"])).toEqual({ cycles: [], withoutStart: 1, leftOut: [] });
  });

  test("through the same assets by different instruments have keys of their own", () => {
    const twice = { ...pairOf("ETH", "USDT", 3), symbol: "ETHUSDT2" };
    const instruments = [
      pairOf("BTC", "USDT", 0),
      pairOf("ETH", "BTC", 1),
      pairOf("ETH", "USDT", 2),
      twice,
    ];
    const { cycles } = findCycles(instruments, ["USDT"]);
    expect(keysOf(cycles)).toEqual([
      "USDT>BTC>ETH(BTCUSDT,ETHBTC,ETHUSDT)",
      "USDT>BTC>ETH(BTCUSDT,ETHBTC,ETHUSDT2)",
      "USDT>ETH>BTC(ETHUSDT,ETHBTC,BTCUSDT)",
      "USDT>ETH>BTC(ETHUSDT2,ETHBTC,BTCUSDT)",
    ]);
  });

  test("use no instrument whose assets are unknown or whose steps are too fine for exact amounts", () => {
    const fine = { priceDecimals: 10, quantityDecimals: 9 };
    const instruments = [
      pairOf("BTC", "USDT", 0),
      pairOf("ETH", "BTC", 1),
      pairOf("ETH", "USDT", 2),
      { ...pairOf("", "", 3), symbol: "NOBODY" },
      { ...pairOf("SOL", "USDT", 4), ...fine },
      pairOf("SOL", "BTC", 5),
      pairOf("USDT", "USDT", 6),
    ];
    const { cycles, leftOut } = findCycles(instruments, ["USDT"]);
    expect(keysOf(cycles)).toEqual(["USDT>BTC>ETH", "USDT>ETH>BTC"]);
    expect(leftOut).toEqual([3, 4, 6]);
  });

  test.each([1, 2, 3, 4, 5])("of a drawn market %d are all of its loops, none twice", (seed) => {
    const instruments = makeMarket(seeded(seed), 14, 50);
    const assets = [...new Set(instruments.flatMap((one) => [one.baseAsset, one.quoteAsset]))];
    const { cycles } = findCycles(instruments, assets);
    const loops = cycles.map(loopOf);
    expect(new Set(loops).size).toBe(loops.length);
    expect(new Set(loops)).toEqual(loopsOf(instruments));
  });

  test("lead from their first asset back to it, each leg from where the one before ends", () => {
    const instruments = makeMarket(seeded(9), 20, 120);
    for (const { assets, legs } of findCycles(instruments, ["A0", "A1", "A2", "A3"]).cycles) {
      for (const [leg, { instrument, isBuy }] of legs.entries()) {
        const { baseAsset, quoteAsset } = instruments[instrument] as Instrument;
        expect([assets[leg], assets[(leg + 1) % 3]]).toEqual(
          isBuy ? [quoteAsset, baseAsset] : [baseAsset, quoteAsset],
        );
      }
    }
  });
});
