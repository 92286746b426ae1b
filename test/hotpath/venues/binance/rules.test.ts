// Goal: published rules become instruments with their filters; what is missing is left out, not invented.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { VENUES } from "../../../../hotpath/venues/registry.ts";

const SPOT = VENUES["binance-spot"];
const USDM = VENUES["binance-usdm"];
const DATA = join(import.meta.dirname, "../../../../../shared/data/binance");

function body(symbols: readonly object[], rateLimits: readonly object[] = []): Buffer {
  return Buffer.from(JSON.stringify({ rateLimits, symbols }));
}

const PRICE = {
  filterType: "PRICE_FILTER",
  minPrice: "0.01",
  maxPrice: "1000.00",
  tickSize: "0.01",
};
const LOT = { filterType: "LOT_SIZE", minQty: "0.001", maxQty: "9000", stepSize: "0.001" };

describe("published rules", () => {
  test("carry steps, filters and whether the instrument trades", () => {
    const notional = { filterType: "NOTIONAL", minNotional: "10.0", maxNotional: "9000000" };
    const bySide = {
      filterType: "PERCENT_PRICE_BY_SIDE",
      bidMultiplierUp: "1.2",
      bidMultiplierDown: "0.2",
      askMultiplierUp: "5",
      askMultiplierDown: "0.8",
    };
    const market = { filterType: "MARKET_LOT_SIZE", minQty: "0.01", maxQty: "50", stepSize: "0.1" };
    const filters = [PRICE, LOT, notional, bySide, market];
    const assets = { baseAsset: "A", quoteAsset: "B", quoteAssetPrecision: 8 };
    const symbols = [{ symbol: "AB", status: "TRADING", ...assets, filters }];
    expect(SPOT.parseRules(body(symbols))?.instruments).toEqual([
      {
        id: "binance-spot:AB",
        venue: "binance-spot",
        symbol: "AB",
        isTrading: true,
        tickSize: "0.01",
        lotSize: "0.001",
        baseAsset: "A",
        quoteAsset: "B",
        quoteIncrement: "0.00000001",
        status: "trading",
        filters: {
          priceMin: "0.01",
          priceMax: "1000.00",
          quantityMin: "0.001",
          quantityMax: "9000",
          notionalMin: "10.0",
          notionalMax: "9000000",
          marketQuantityMin: "0.01",
          marketQuantityMax: "50",
          marketLotSize: "0.1",
          buyPriceUp: "1.2",
          buyPriceDown: "0.2",
          sellPriceUp: "5",
          sellPriceDown: "0.8",
        },
      },
    ]);
  });

  test("take one pair of price multipliers for both sides where there is one", () => {
    const percent = { filterType: "PERCENT_PRICE", multiplierUp: "5", multiplierDown: "0.2" };
    const symbols = [{ symbol: "AB", status: "TRADING", filters: [PRICE, LOT, percent] }];
    expect(SPOT.parseRules(body(symbols))?.instruments[0]?.filters).toMatchObject({
      buyPriceUp: "5",
      buyPriceDown: "0.2",
      sellPriceUp: "5",
      sellPriceDown: "0.2",
    });
  });

  test.each([
    ["TRADING", 8, "trading", "0.00000001"],
    ["TRADING", 0, "trading", "1"],
    ["BREAK", 13, "halted", ""],
    ["HALT", -1, "halted", ""],
    ["PENDING_TRADING", 0.5, "halted", ""],
    [undefined, "8", "halted", ""],
  ])("of status %s and quote precision %s", (status, quotePrecision, expected, increment) => {
    const symbols = [{ symbol: "AB", status, quotePrecision, filters: [PRICE, LOT] }];
    const [row] = USDM.parseRules(body(symbols))?.instruments ?? [];
    expect([row?.status, row?.quoteIncrement]).toEqual([expected, increment]);
    expect([row?.baseAsset, row?.quoteAsset]).toEqual(["", ""]);
  });

  test.each([
    [{ filterType: "MIN_NOTIONAL", notional: "50" }, "50"],
    [{ filterType: "MIN_NOTIONAL", minNotional: "5" }, "5"],
    [{ filterType: "MAX_NUM_ORDERS", limit: 200 }, ""],
  ])("read the least notional wherever it stands: %j", (filter, expected) => {
    const rules = USDM.parseRules(
      body([{ symbol: "AB", status: "TRADING", filters: [PRICE, LOT, filter] }]),
    );
    expect(rules?.instruments[0]?.filters?.notionalMin).toBe(expected);
  });

  test.each([
    ["no name", { status: "TRADING", filters: [PRICE, LOT] }],
    ["no filters", { symbol: "AB", status: "TRADING" }],
    ["no lot size", { symbol: "AB", status: "TRADING", filters: [PRICE] }],
    ["a tick that is no text", { symbol: "AB", filters: [{ ...PRICE, tickSize: 0.01 }, LOT] }],
    ["no object", "AB"],
  ])("leave out an instrument with %s", (_, symbol) => {
    expect(
      SPOT.parseRules(Buffer.from(JSON.stringify({ symbols: [symbol] })))?.instruments,
    ).toEqual([]);
  });

  test("tell the request weight of a minute, or 0", () => {
    const limit = {
      rateLimitType: "REQUEST_WEIGHT",
      interval: "MINUTE",
      intervalNum: 2,
      limit: 2400,
    };
    expect(SPOT.parseRules(body([], [{ ...limit, interval: "DAY" }, limit]))?.weightPerMinute).toBe(
      1200,
    );
    expect(SPOT.parseRules(body([], [{ ...limit, limit: "2400" }]))?.weightPerMinute).toBe(0);
    expect(SPOT.parseRules(Buffer.from('{"symbols":[]}'))?.weightPerMinute).toBe(0);
  });

  test.each(["<html>", "[]", "null", '{"symbols":7}'])("are none in %s", (text) => {
    expect(SPOT.parseRules(Buffer.from(text))).toBeUndefined();
  });
});

describe("the venue's clock", () => {
  test.each([
    ['{"serverTime":1499827319559}', 1_499_827_319_559_000],
    ['{"serverTime":"1499827319559"}', undefined],
    ['{"serverTime":1.5}', undefined],
    ["{}", undefined],
    ["oops", undefined],
  ])("in %s", (text, expected) => expect(SPOT.parseClock(Buffer.from(text))).toBe(expected));
});

describe.skipIf(!existsSync(DATA))("recorded rules", () => {
  test.each([
    [SPOT, "exchange_info_spot_20211012.json.gz", 1695, "BTCUSDT", "0.01000000"],
    [USDM, "exchange_info_usdm_20210721.json.gz", 122, "BTCUSDT", "0.01"],
  ] as const)("of $id give every instrument", (venue, file, count, symbol, tickSize) => {
    const rules = venue.parseRules(gunzipSync(readFileSync(join(DATA, file))));
    expect(rules?.instruments).toHaveLength(count);
    const row = rules?.instruments.find((each) => each.symbol === symbol);
    expect(row).toMatchObject({ tickSize });
    expect(row?.filters?.notionalMin).not.toBe("");
    expect(rules?.weightPerMinute).toBeGreaterThan(0);
  });
});
