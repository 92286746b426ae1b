// Goal: an asset is worth what the venue's books say, by one hop or two either way, and nothing where none says.
import { expect, test } from "vitest";
import { ratesOf } from "../../../../local/sim/checks/truth-rates.ts";

function book(base: string, quote: string, bid: number, ask: number) {
  const rules = { symbol: `${base}/${quote}`, base, quote, priceDigits: 1 };
  return { rules, book: { bestBidTicks: bid, bestAskTicks: ask } };
}

const instruments = [
  book("BTC", "USD", 999, 1001),
  book("ETH", "BTC", 4, 6),
  book("USD", "JPY", 1000, 1000),
  book("XRP", "BTC", 0, 0),
];
const rates = ratesOf(new Map([["kraken", { market: { instruments }, reference: "USD" }]]));

test.each([
  ["USD", 1],
  ["BTC", 100],
  ["ETH", 50],
  ["JPY", 0.01],
  ["XRP", 0],
  ["DOGE", 0],
])("%s is worth %d dollars", (asset, dollars) => {
  expect(rates.rateOf("kraken", asset)).toBeCloseTo(dollars, 12);
});

test("of a venue or a symbol that nobody lists nothing is claimed", () => {
  expect(rates.rateOf("kucoin", "BTC")).toBe(0);
  expect(rates.bidOf("kraken", "BTC/USD")).toBeCloseTo(99.9, 12);
  expect(rates.bidOf("kraken", "LTC/USD")).toBe(0);
  expect(rates.bidOf("kucoin", "BTC/USD")).toBe(0);
});
