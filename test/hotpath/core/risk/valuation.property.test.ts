// Goal: a value is what a chain of exact fractions at the mids says, rounded up once for each hop, and there is
// none where no live book leads. Method: fractions worked out on their own, over drawn books.
import { describe, expect, test } from "vitest";
import { type Instrument, instrumentOf } from "../../../../hotpath/core/instrument.ts";
import { Valuation } from "../../../../hotpath/core/risk/valuation.ts";
import { seeded } from "../true-book.ts";
import { atto, INSTRUMENTS } from "./bench.ts";

function instrument(index: number, base: string, quote: string, tickSize: string): Instrument {
  const made = instrumentOf(
    {
      id: `kraken:${base}${quote}`,
      venue: "kraken",
      symbol: `${base}/${quote}`,
      tickSize,
      lotSize: "0.001",
      baseAsset: base,
      quoteAsset: quote,
    },
    index,
  );
  if (made === undefined) throw new Error("the steps are decimals");
  return made;
}

/** The tick of each instrument as a fraction, written again by hand. */
const TICKS: readonly (readonly [bigint, bigint])[] = [
  [1n, 100n],
  [5n, 1000n],
  [25n, 100_000n],
];
const BOOKS = [
  instrument(0, "BTC", "USD", "0.01"),
  instrument(1, "EUR", "USD", "0.005"),
  instrument(2, "BTC", "ETC", "0.00025"),
];

function ceil(numerator: bigint, denominator: bigint): bigint {
  return numerator / denominator + (numerator % denominator > 0n ? 1n : 0n);
}

describe("a value", () => {
  test("is the exact fraction, rounded up at each hop", () => {
    const chance = seeded(7);
    for (let i = 0; i < 20_000; i++) {
      const sums = BOOKS.map(() => 1 + Math.floor(chance() * 2 ** (1 + chance() * 40)));
      const amount = BigInt(Math.floor(chance() * 2 ** (chance() * 50))) * 1_234_567n + 1n;
      const usd = new Valuation("USD", BOOKS, (index) => sums[index] ?? Number.NaN);
      const [btc, eur, etc] = sums.map((sum, at) => {
        const [units, per] = TICKS[at] ?? [1n, 1n];
        return [BigInt(sum) * units, 2n * per] as const;
      });
      if (btc === undefined || eur === undefined || etc === undefined) throw new Error("three");
      const direct = ceil(amount * btc[0], btc[1]);
      expect(usd.value("BTC", amount)).toBe(direct);
      expect(usd.value("BTC", -amount)).toBe(-direct);
      // One BTC costs so many ETC: an ETC is the inverse of it, and then BTC are worth USD.
      const inBtc = ceil(amount * etc[1], etc[0]);
      expect(usd.value("ETC", amount)).toBe(ceil(inBtc * btc[0], btc[1]));
      const euros = new Valuation("EUR", BOOKS, (index) => sums[index] ?? Number.NaN);
      expect(euros.value("USD", amount)).toBe(ceil(amount * eur[1], eur[0]));
      const inUsd = ceil(amount * btc[0], btc[1]);
      expect(euros.value("BTC", amount)).toBe(ceil(inUsd * eur[1], eur[0]));
      const rate = euros.rate("BTC");
      const exact = (Number(btc[0]) / Number(btc[1]) / Number(eur[0])) * Number(eur[1]);
      expect(Math.abs(rate / exact - 1)).toBeLessThan(1e-14);
    }
  });

  test("of the reference is itself, of nothing is nothing, of a stranger is not known", () => {
    const usdt = new Valuation("USDT", INSTRUMENTS, () => 100);
    expect(usdt.value("USDT", -7n)).toBe(-7n);
    expect(usdt.rate("USDT")).toBe(1);
    expect(usdt.value("DOGE", 0n)).toBe(0n);
    expect(usdt.value("DOGE", 1n)).toBeUndefined();
    expect(usdt.rate("DOGE")).toBeNaN();
  });

  test("takes the way that is live, and there is none through a book that is not", () => {
    const live = new Set([0, 1, 2]);
    // BTC 50,000; ETH 2,500 directly and 0.06 BTC, which is 3,000, on the way round.
    const sums = [10_000_000, 500_000, 12_000];
    const usdt = new Valuation("USDT", INSTRUMENTS, (index) =>
      live.has(index) ? (sums[index] ?? Number.NaN) : Number.NaN,
    );
    expect(usdt.value("ETH", atto("2"))).toBe(atto("5000"));
    live.delete(1);
    expect(usdt.value("ETH", atto("2"))).toBe(atto("6000"));
    live.delete(0);
    expect(usdt.value("ETH", atto("2"))).toBeUndefined();
    expect(usdt.rate("ETH")).toBeNaN();
    expect(usdt.value("BTC", 1n)).toBeUndefined();
  });

  test("needs instruments that name their assets", () => {
    const nameless = [instrument(0, "", "USD", "0.01"), instrument(1, "BTC", "", "0.01")];
    expect(new Valuation("USD", nameless, () => 1).value("BTC", 1n)).toBeUndefined();
    expect(new Valuation("USD", nameless, () => 1).value("", 1n)).toBeUndefined();
  });
});
