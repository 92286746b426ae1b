// Goal: three symbols are read as the triangle that they form, however their venue writes them.
import { describe, expect, test } from "vitest";
import {
  findPairTriangles,
  type KnownAssets,
  pairsOf,
  SYMBOLS_MAX,
} from "../../../hotpath/verify/assets.ts";

const NONE: KnownAssets = new Map();

const assetsOf = (symbols: readonly string[], known = NONE): string[] =>
  findPairTriangles(symbols, known).map(({ assets }) => assets.join(">"));

describe("three symbols", () => {
  test.each([
    [["BTCUSDT", "ETHBTC", "ETHUSDT"], "USDT>BTC>ETH"],
    [["ETHUSDT", "BTCUSDT", "ETHBTC"], "USDT>BTC>ETH"],
    [["BTC/USD", "ETH/BTC", "ETH/USD"], "USD>BTC>ETH"],
    [["FET-BTC", "BTC-USDT", "FET-USDT"], "USDT>BTC>FET"],
    [["1INCHUSDT", "1INCHBTC", "BTCUSDT"], "USDT>BTC>1INCH"],
    [["BNBUSDT", "BNBBTC", "BTCUSDT"], "USDT>BTC>BNB"],
    [["SOLUSDC", "USDCUSDT", "SOLUSDT"], "USDT>USDC>SOL"],
    [["BTCBUSD", "BUSDUSDT", "BTCUSDT"], "USDT>BUSD>BTC"],
    [["ETHEUR", "EURUSDT", "ETHUSDT"], "USDT>EUR>ETH"],
  ])("%j are %s", (symbols, expected) => expect(assetsOf(symbols)).toEqual([expected]));

  test.each([
    [["BTCUSDT", "ETHBTC", "SOLUSDT"]],
    [["BTCUSDT", "ETHUSDT", "SOLUSDT"]],
    [["BTC/USD", "ETH/BTC", "ETH/EUR"]],
    [["AB", "BC", "CA"]],
  ])("%j are none", (symbols) => expect(assetsOf(symbols)).toEqual([]));

  test("are told with base and quote of each, in the order of the way round", () => {
    const [triangle] = findPairTriangles(["ETHUSDT", "ETHBTC", "BTCUSDT"], NONE);
    expect(triangle?.pairs).toEqual([
      { symbol: "BTCUSDT", base: "BTC", quote: "USDT" },
      { symbol: "ETHBTC", base: "ETH", quote: "BTC" },
      { symbol: "ETHUSDT", base: "ETH", quote: "USDT" },
    ]);
  });

  test("that close a ring of quotes begin with the first asset by name", () => {
    expect(assetsOf(["A/B", "B/C", "C/A"])).toEqual(["A>B>C"]);
  });
});

describe("more symbols", () => {
  test("may form several triangles", () => {
    const symbols = ["BTCUSDT", "ETHBTC", "ETHUSDT", "SOLBTC", "SOLUSDT"];
    expect(assetsOf(symbols)).toEqual(["USDT>BTC>ETH", "USDT>BTC>SOL"]);
  });

  test("than anybody would have in mind are not tried", () => {
    const symbols = Array.from({ length: SYMBOLS_MAX }, (_, i) => `A${i}/USD`);
    const three = ["BTC/USD", "ETH/BTC", "ETH/USD"];
    expect(assetsOf([...symbols, ...three])).toEqual([]);
    expect(assetsOf([...symbols.slice(3), ...three])).toEqual(["USD>BTC>ETH"]);
  });
});

describe("a symbol", () => {
  test("is what the rules say, whatever it looks like", () => {
    const known: KnownAssets = new Map([["XXBTZUSD", { baseAsset: "XBT", quoteAsset: "USD" }]]);
    expect(pairsOf("XXBTZUSD", known)).toEqual([{ symbol: "XXBTZUSD", base: "XBT", quote: "USD" }]);
  });

  test("of one word may be cut anywhere that leaves two letters", () => {
    expect(pairsOf("BTCUSD", NONE).map(({ base, quote }) => `${base} ${quote}`)).toEqual([
      "BT CUSD",
      "BTC USD",
      "BTCU SD",
    ]);
    expect(pairsOf("BTC", NONE)).toEqual([]);
  });
});
