// Goal: snapshots, rules, clocks and notices are read exactly, and what is none of them is refused.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseNotice } from "../../../hotpath/venues/binance/notice.ts";
import { VENUES } from "../../../hotpath/venues/registry.ts";
import { bytesOf, instrumentsOf, naiveSteps } from "./frames.ts";

const { makeDecoder, parseRules, parseClock } = VENUES["binance-usdm"];
const instruments = instrumentsOf("binance-usdm");
const decoder = makeDecoder(instruments);
const [instrument] = instruments;
if (instrument === undefined) throw new Error("there is an instrument");

const GOOD =
  '{"lastUpdateId":1027024,"E":1589436922972,"T":1589436922959,"bids":[["4.00","431.00000"],["3.99","9"]],"asks":[["4.02","12.00000"]]}';

function snapshotOf(text: string) {
  const levels = decoder.decodeSnapshot(
    bytesOf(text),
    instrument as NonNullable<typeof instrument>,
  );
  if (levels === undefined) return undefined;
  const { seq, exchangeUs, bidCount, askCount } = levels;
  const count = bidCount + askCount;
  return {
    seq,
    exchangeUs,
    bidCount,
    askCount,
    ticks: [...levels.ticks.subarray(0, count)],
    lots: [...levels.lots.subarray(0, count)],
  };
}

const READ = {
  seq: 1_027_024,
  exchangeUs: 1_589_436_922_972_000,
  bidCount: 2,
  askCount: 1,
  ticks: [400, 399, 402],
  lots: [43_100_000, 900_000, 1_200_000],
};

describe("a snapshot", () => {
  test.each([
    ["as the venue sends it", GOOD],
    ["with a line end", `${GOOD}\n`],
    ["with spaces", JSON.stringify(JSON.parse(GOOD), null, 1)],
    [
      "with fields that are new and begin alike",
      GOOD.replace('"T"', '"lastTradeId":5,"Elapsed":7,"asOf":1,"b":[],"T"'),
    ],
    [
      "asks first",
      '{"asks":[["4.02","12.00000"]],"lastUpdateId":1027024,"E":1589436922972,"bids":[["4.00","431.00000"],["3.99","9"]]}',
    ],
    ["levels with a third element", GOOD.replace('"9"]', '"9",[]]')],
    ["with a nested field", GOOD.replace('"T"', '"x":{"bids":[]},"T"')],
  ])("%s", (_, text) => {
    expect(snapshotOf(text)).toEqual(READ);
  });

  test("without a time, as on spot, and with empty sides", () => {
    expect(snapshotOf('{"lastUpdateId":5,"bids":[],"asks":[]}')).toEqual({
      seq: 5,
      exchangeUs: 0,
      bidCount: 0,
      askCount: 0,
      ticks: [],
      lots: [],
    });
    expect(snapshotOf(' {"lastUpdateId":5,"E":"x","bids":[],"asks":[]}')).toMatchObject({
      exchangeUs: 0,
    });
  });

  test.each([
    ["an error", '{"code":-1121,"msg":"Invalid symbol."}'],
    ["an HTML page", "<html><body>503</body></html>"],
    ["nothing", ""],
    ["null", "null"],
    ["an array", "[]"],
    ["garbage behind it", `${GOOD}x`],
    ["two of them", `${GOOD}${GOOD}`],
    ["no id", GOOD.replace('"lastUpdateId":1027024,', "")],
    ["no bids", GOOD.replace('"bids"', '"offers"')],
    ["no asks", GOOD.replace('"asks"', '"offers"')],
    ["an id of text", GOOD.replace("1027024", '"1027024"')],
    ["an id above 2^53", GOOD.replace("1027024", "9007199254740993")],
    ["an id with an exponent", GOOD.replace("1027024", "1e6")],
    ["a negative id", GOOD.replace("1027024", "-5")],
    ["an id with a fraction", GOOD.replace("1027024", "1027024.5")],
    ["a side that is null", GOOD.replace('[["4.02","12.00000"]]', "null")],
    ["a level that is no array", GOOD.replace('["4.02","12.00000"]', '{"p":1}')],
    ["a price off tick", GOOD.replace("4.02", "4.021")],
    ["a price that is a number", GOOD.replace('"4.02"', "4.02")],
    ["a quantity of 40 digits", GOOD.replace("12.00000", "1".repeat(40))],
    ["a negative quantity", GOOD.replace("12.00000", "-12.00000")],
  ])("%s is refused whole", (_, text) => {
    expect(snapshotOf(text)).toBeUndefined();
    expect(snapshotOf(` ${text}`)).toBeUndefined();
  });

  test("cut at any byte it is refused", () => {
    const bytes = bytesOf(GOOD);
    for (let length = 0; length < bytes.length; length++) {
      expect(decoder.decodeSnapshot(bytes.subarray(0, length), instrument)).toBeUndefined();
    }
  });

  test("bytes that are no UTF-8 are refused by the patient reader", () => {
    const bytes = bytesOf(` ${GOOD}`);
    bytes[5] = 0xff;
    expect(decoder.decodeSnapshot(bytes, instrument)).toBeUndefined();
  });

  test("thousands of levels, compact or spaced, are the same numbers", () => {
    const levels = (from: number): string[][] =>
      Array.from({ length: 5000 }, (_, i) => [`${from + i}.25`, `${i}.00001`]);
    const body = { lastUpdateId: 1, bids: levels(1000), asks: levels(90_000) };
    const compact = snapshotOf(JSON.stringify(body));
    expect(compact).toEqual(snapshotOf(JSON.stringify(body, null, 1)));
    expect(compact).toMatchObject({ bidCount: 5000, askCount: 5000 });
    expect(compact?.ticks[4999]).toBe(naiveSteps("5999.25", 2, 1));
    expect(compact?.lots[9999]).toBe(naiveSteps("4999.00001", 5, 1));
  });
});

describe("rules", () => {
  const symbol = (name: string, filters: unknown, status = "TRADING") => ({
    symbol: name,
    status,
    filters,
  });
  const FILTERS = [
    { filterType: "PRICE_FILTER", tickSize: "0.10" },
    { filterType: "LOT_SIZE", stepSize: "0.001" },
  ];

  test("instruments with their steps, and the weight of a minute", () => {
    const body = {
      rateLimits: [
        { rateLimitType: "ORDERS", interval: "MINUTE", intervalNum: 1, limit: 1200 },
        { rateLimitType: "REQUEST_WEIGHT", interval: "MINUTE", intervalNum: 2, limit: 4801 },
      ],
      symbols: [symbol("BTCUSDT", FILTERS), symbol("OLD", FILTERS, "BREAK")],
    };
    const rules = parseRules(bytesOf(JSON.stringify(body)));
    expect(rules?.weightPerMinute).toBe(2400);
    expect(rules?.instruments).toMatchObject([
      {
        id: "binance-usdm:BTCUSDT",
        venue: "binance-usdm",
        symbol: "BTCUSDT",
        tickSize: "0.10",
        lotSize: "0.001",
        isTrading: true,
      },
      {
        id: "binance-usdm:OLD",
        venue: "binance-usdm",
        symbol: "OLD",
        tickSize: "0.10",
        lotSize: "0.001",
        isTrading: false,
      },
    ]);
  });

  test("an instrument without its filters is left out, and the others stay", () => {
    const broken = [
      symbol("A", undefined),
      symbol("B", [null, 5, { filterType: "PRICE_FILTER", tickSize: 0.1 }]),
      symbol("C", [{ filterType: "PRICE_FILTER", tickSize: "0.1" }]),
      { filters: FILTERS },
      null,
      "text",
    ];
    const rules = parseRules(
      bytesOf(JSON.stringify({ symbols: [...broken, symbol("GOOD", FILTERS)] })),
    );
    expect(rules?.instruments.map((row) => row.symbol)).toEqual(["GOOD"]);
    expect(rules?.weightPerMinute).toBe(0);
  });

  test.each([
    [[{ rateLimitType: "REQUEST_WEIGHT", interval: "SECOND", intervalNum: 1, limit: 5 }]],
    [[{ rateLimitType: "REQUEST_WEIGHT", interval: "MINUTE", intervalNum: 0, limit: 5 }]],
    [[{ rateLimitType: "REQUEST_WEIGHT", interval: "MINUTE", intervalNum: 1, limit: "5" }]],
    [[null]],
  ])("a weight that cannot be understood is no weight: %j", (rateLimits) => {
    expect(parseRules(bytesOf(JSON.stringify({ symbols: [], rateLimits })))?.weightPerMinute).toBe(
      0,
    );
  });

  test.each(["", "null", "[]", "{}", '{"symbols":{}}', "<html>", '{"symbols":'])(
    "%j is no exchange info",
    (text) => expect(parseRules(bytesOf(text))).toBeUndefined(),
  );
});

test("a clock is a whole number of milliseconds, or none", () => {
  expect(parseClock(bytesOf('{"serverTime":1499827319559}'))).toBe(1_499_827_319_559_000);
  for (const text of [
    '{"serverTime":"1"}',
    '{"serverTime":1.5}',
    '{"serverTime":1e300}',
    "{}",
    "<html>",
  ]) {
    expect(parseClock(bytesOf(text)), text).toBeUndefined();
  }
});

describe("a notice", () => {
  test.each([
    ['{"result":null,"id":7}', { type: "subscribed", requestId: 7 }],
    [
      '{"code":2,"msg":"Invalid request","id":7}',
      { type: "refused", requestId: 7, reason: "2 Invalid request" },
    ],
    [
      '{"error":{"code":3,"msg":"Invalid JSON"},"id":null}',
      { type: "refused", requestId: undefined, reason: "3 Invalid JSON" },
    ],
    [
      '{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1}}',
      { type: "shutdownAnnounced" },
    ],
    ['{"e":"serverShutdown","E":1}', { type: "shutdownAnnounced" }],
  ])("%s", (text, notice) => {
    expect(parseNotice(bytesOf(text))).toEqual(notice);
  });

  test.each([
    "",
    "nonsense",
    "null",
    "5",
    '{"result":["a"],"id":3}',
    '{"result":null,"id":"x"}',
    '{"error":null}',
    "[1]",
  ])("%j is unknown, and told in at most 200 letters", (text) => {
    expect(parseNotice(bytesOf(text + " ".repeat(500)))).toMatchObject({ type: "unknown" });
    const notice = parseNotice(bytesOf(text.padEnd(900)));
    expect(notice.type === "unknown" && notice.text.length <= 200).toBe(true);
  });

  test("whatever comes, it is one of the notices", () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map(bytesOf)), (bytes) => {
        expect(["subscribed", "refused", "shutdownAnnounced", "unknown"]).toContain(
          parseNotice(bytes).type,
        );
      }),
      { seed: 7, numRuns: 2000 },
    );
  });
});
