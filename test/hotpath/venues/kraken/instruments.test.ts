// Goal: AssetPairs become instruments whose steps are printed at the pair's precision, in v2 names.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  parseKrakenClock,
  parseKrakenRules,
  stepAt,
} from "../../../../hotpath/venues/kraken/instruments.ts";

const RECORDING = join(
  import.meta.dirname,
  "../../../../../shared/data/kraken/asset_pairs_20210417.json.gz",
);

function rules(pair: object, error: readonly string[] = []) {
  const body = { error, result: { XXBTZUSD: pair } };
  return parseKrakenRules(new TextEncoder().encode(JSON.stringify(body)));
}

const PAIR = {
  wsname: "XBT/USD",
  pair_decimals: 1,
  lot_decimals: 8,
  cost_decimals: 5,
  tick_size: "0.1",
  ordermin: "0.0001",
  costmin: "0.5",
  status: "online",
};

describe("a pair", () => {
  test("is named as in the streams, with what orders must obey", () => {
    expect(rules(PAIR)?.instruments).toEqual([
      {
        id: "kraken:BTC/USD",
        venue: "kraken",
        symbol: "BTC/USD",
        tickSize: "0.1",
        lotSize: "0.00000001",
        filters: {
          priceMin: "0.1",
          priceMax: "",
          quantityMin: "0.0001",
          quantityMax: "",
          notionalMin: "0.5",
        },
        baseAsset: "BTC",
        quoteAsset: "USD",
        quoteIncrement: "0.00001",
        status: "trading",
        isTrading: true,
      },
    ]);
  });

  test.each([
    ["online", "trading", true],
    [undefined, "trading", true],
    ["limit_only", "limitOnly", true],
    ["post_only", "postOnly", true],
    ["reduce_only", "reduceOnly", false],
    ["cancel_only", "cancelOnly", false],
    ["maintenance", "halted", false],
    ["a word of tomorrow", "halted", false],
  ])("of status %s is %s", (status, wanted, isTrading) => {
    expect(rules({ ...PAIR, status })?.instruments[0]).toMatchObject({ status: wanted, isTrading });
  });

  test.each([
    ["without a v2 name", { ...PAIR, wsname: undefined }],
    ["of a strange name", { ...PAIR, wsname: "A/B/C" }],
    ["of one asset", { ...PAIR, wsname: "XBT" }],
    ["without decimals", { ...PAIR, pair_decimals: "1" }],
    ["with a step finer than it is printed", { ...PAIR, tick_size: "0.01" }],
    ["with no step", { ...PAIR, tick_size: "0.0" }],
  ])("%s is left out", (_what, pair) => {
    expect(rules(pair)?.instruments).toEqual([]);
  });

  test.each([
    [1, "0.1", "0.1"],
    [2, "0.5", "0.50"],
    [2, "5", "5.00"],
    [0, "1", "1"],
    [3, undefined, "0.001"],
    [13, "0.1", undefined],
    [2, "1e-2", undefined],
  ])("%i decimals and a step of %s are printed %s", (decimals, step, wanted) => {
    expect(stepAt(decimals, step)).toBe(wanted);
  });
});

describe("a body", () => {
  test("with an error, or of another kind, is none", () => {
    expect(rules(PAIR, ["EService:Unavailable"])).toBeUndefined();
    for (const text of ["", "[]", "{}", '{"error":[],"result":[]}', '{"error":[]}']) {
      expect(parseKrakenRules(new TextEncoder().encode(text))).toBeUndefined();
    }
  });

  test("of Time tells whole seconds", () => {
    const clock = (text: string) => parseKrakenClock(new TextEncoder().encode(text));
    expect(clock('{"error":[],"result":{"unixtime":1616336594}}')).toBe(1_616_336_594_000_000);
    expect(clock('{"error":["EGeneral"],"result":{"unixtime":1616336594}}')).toBeUndefined();
    expect(clock('{"error":[],"result":{"unixtime":"1616336594"}}')).toBeUndefined();
  });

  test.skipIf(!existsSync(RECORDING))("of 2021 gives every pair that has a name", () => {
    const parsed = parseKrakenRules(gunzipSync(readFileSync(RECORDING)));
    expect(parsed?.instruments.length).toBeGreaterThan(290);
    const btc = parsed?.instruments.find(({ symbol }) => symbol === "BTC/USD");
    expect(btc).toMatchObject({ tickSize: "0.1", lotSize: "0.00000001", baseAsset: "BTC" });
    expect(parsed?.instruments.some(({ symbol }) => symbol.includes("XBT"))).toBe(false);
  });
});
