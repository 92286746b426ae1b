// Goal: what KuCoin says of orders, trades and money is read to the last digit, or is a fault with a name.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Instrument, instrumentOf } from "../../../../../hotpath/core/instrument.ts";
import {
  type Fields,
  fieldsOf,
  parseFields,
} from "../../../../../hotpath/venues/kucoin/execute/json.ts";
import { eventsOfPush } from "../../../../../hotpath/venues/kucoin/execute/pushes.ts";
import {
  balanceOfRow,
  feeOfRow,
  fillOfRow,
  orderOfAnswer,
  ppbOf,
} from "../../../../../hotpath/venues/kucoin/execute/reports.ts";

function instrument(symbol: string, index: number, tickSize: string, lotSize: string): Instrument {
  const rules = {
    id: `kucoin:${symbol}`,
    venue: "kucoin",
    symbol,
    tickSize,
    lotSize,
    quoteAsset: "USDT",
  } as const;
  const made = instrumentOf({ ...rules, id: `kucoin:${symbol}` }, index);
  if (made === undefined) throw new Error("the steps are good");
  return made;
}

const KCS = instrument("KCS-USDT", 2, "0.00001", "0.01");
const BTC = instrument("BTC-USDT", 5, "0.1", "0.00000001");
const SYMBOLS = new Map([
  ["KCS-USDT", KCS],
  ["BTC-USDT", BTC],
]);

function fieldsIn(text: string): Fields {
  const fields = parseFields(new TextEncoder().encode(text));
  if (fields === undefined) throw new Error(`no fields in ${text}`);
  return fields;
}

const MATCH =
  '{"type":"message","topic":"/spotMarket/tradeOrdersV2","subject":"orderChange","channelType":"private","data":{"symbol":"KCS-USDT","orderType":"limit","side":"sell","orderId":"5efab07953bdea00089965fa","liquidity":"taker","type":"match","feeType":"takerFee","orderTime":1670329987026,"size":"0.1","filledSize":"0.1","price":"0.938","matchPrice":"0.96738","matchSize":"0.1","tradeId":"5efab07a4ee4c7000a82d6d9","clientOid":"1593487481000313","remainSize":"0","status":"match","ts":1670329987311000000}}';

describe("pushes of orders", () => {
  test("a match is a trade, then the state it leads to; its fee is not told", () => {
    const [fill, report, ...rest] = eventsOfPush(fieldsIn(MATCH), SYMBOLS);
    expect(rest).toEqual([]);
    expect(fill).toEqual({
      type: "orderFilled",
      source: "stream",
      fill: {
        clientId: "1593487481000313",
        orderId: "5efab07953bdea00089965fa",
        instrument: 2,
        tradeId: "5efab07a4ee4c7000a82d6d9",
        side: "sell",
        priceTicks: 96_738,
        lots: 10,
        fee: "",
        feeAsset: "",
        isMaker: false,
        exchangeUs: 1_670_329_987_311_000,
      },
    });
    expect(report).toMatchObject({
      type: "orderReported",
      order: { state: "filled", lots: 10, filledLots: 10 },
    });
  });

  test("what is charged decides who made, not what liquidity says", () => {
    const maker = MATCH.replace('"feeType":"takerFee"', '"feeType":"makerFee"');
    expect(eventsOfPush(fieldsIn(maker), SYMBOLS)[0]).toMatchObject({ fill: { isMaker: true } });
    const untold = MATCH.replace('"feeType":"takerFee",', "").replace(
      '"liquidity":"taker"',
      '"liquidity":"maker"',
    );
    expect(eventsOfPush(fieldsIn(untold), SYMBOLS)[0]).toMatchObject({ fill: { isMaker: true } });
  });

  test.each([
    ["received", '"originSize":"0.1"', { state: "received", lots: 10, filledLots: 0 }],
    ["open", '"originSize":"0.1","size":"0.1","filledSize":"0"', { state: "open", filledLots: 0 }],
    [
      "update",
      '"originSize":"0.1","oldSize":"0.1","size":"0.06","filledSize":"0"',
      { state: "open", lots: 6 },
    ],
    [
      "update",
      '"size":"0.06","filledSize":"0.02"',
      { state: "partiallyFilled", lots: 6, filledLots: 2 },
    ],
    ["filled", '"originSize":"0.1","size":"0.1","filledSize":"0.1"', { state: "filled" }],
    [
      "canceled",
      '"originSize":"0.1","size":"0.1","filledSize":"0.04"',
      { state: "canceled", filledLots: 4 },
    ],
  ])("%s with %s", (type, sizes, wanted) => {
    const data = `{"symbol":"KCS-USDT","side":"buy","orderId":"a1","clientOid":"c","price":"0.937","type":"${type}",${sizes},"ts":1593487481893140844}`;
    const push = fieldsIn(`{"topic":"/spotMarket/tradeOrdersV2","data":${data}}`);
    expect(eventsOfPush(push, SYMBOLS)).toEqual([
      {
        type: "orderReported",
        source: "stream",
        order: expect.objectContaining({
          ...wanted,
          priceTicks: 93_700,
          exchangeUs: 1_593_487_481_893_140,
        }),
      },
    ]);
  });

  test("an order of an instrument that we do not follow is told without its steps", () => {
    const foreign = fieldsIn(MATCH.replaceAll("KCS-USDT", "DOGE-USDT"));
    expect(eventsOfPush(foreign, SYMBOLS)).toMatchObject([
      { type: "orderReported", order: { instrument: -1, lots: -1 } },
    ]);
  });

  test.each([
    ["no data", '{"topic":"/spotMarket/tradeOrdersV2"}', "has no data"],
    ["a topic nobody asked for", '{"topic":"/x","data":{}}', "nobody asked for"],
    ["an unknown type", MATCH.replace('"type":"match"', '"type":"melt"'), "no known type"],
    [
      "no order id",
      MATCH.replace('"orderId":"5efab07953bdea00089965fa"', '"orderId":""'),
      "has no id",
    ],
    ["no side", MATCH.replace('"side":"sell"', '"side":"long"'), "neither a buy nor a sell"],
    [
      "a fill beyond its order",
      MATCH.replace('"filledSize":"0.1"', '"filledSize":"0.2"'),
      "beyond its quantity",
    ],
    [
      "a size off the steps",
      MATCH.replace('"filledSize":"0.1"', '"filledSize":"0.015"'),
      "off the steps",
    ],
    [
      "a trade without an id",
      MATCH.replace('"tradeId":"5efab07a4ee4c7000a82d6d9"', '"tradeId":""'),
      "has no id",
    ],
    ["a trade of nothing", MATCH.replace('"matchSize":"0.1"', '"matchSize":"0"'), "off the steps"],
    [
      "an unreadable balance",
      '{"topic":"/account/balance","data":{"currency":"USDT"}}',
      "unreadable",
    ],
  ])("%s is a contradiction", (_, text, said) => {
    const [first] = eventsOfPush(fieldsIn(text), SYMBOLS);
    expect(first).toMatchObject({
      type: "accountContradicted",
      reason: expect.stringContaining(said),
    });
  });
});

describe("balances", () => {
  const push = (relationEvent: string): Fields =>
    fieldsIn(
      `{"topic":"/account/balance","data":{"currency":"USDT","total":"21.133773386762","available":"20.132773386762","hold":"1.001","relationEvent":"${relationEvent}","time":"1730269283892"}}`,
    );

  test.each([
    ["trade.hold", "trade"],
    ["trade.setted", "trade"],
    ["trade_hf.hold", "trade"],
    ["trade.transfer", "transfer"],
    ["main.deposit", "transfer"],
    ["trade.other", "unknown"],
  ])("%s is %s", (event, cause) => {
    expect(eventsOfPush(push(event), SYMBOLS)).toEqual([
      {
        type: "balanceReported",
        cause,
        delta: "",
        exchangeUs: 1_730_269_283_892_000,
        balances: [
          { asset: "USDT", free: "20.132773386762", held: "1.001", total: "21.133773386762" },
        ],
      },
    ]);
  });

  test("a row without an amount is none", () => {
    expect(balanceOfRow({ currency: "USDT", available: "1", holds: "x" })).toBeUndefined();
    expect(balanceOfRow({ available: "1", holds: "0" })).toBeUndefined();
  });
});

describe("answers", () => {
  const ORDER =
    '{"id":"6717422bd51c29000775ea03","clientOid":"c","symbol":"BTC-USDT","side":"buy","price":"70000","size":"0.00001","dealSize":"0.00001","dealFunds":"0.677176","cancelExist":false,"active":false,"createdAt":1729577515444,"lastUpdatedAt":1729577515481}';

  test.each([
    ["filled", ORDER, "filled"],
    [
      "open",
      ORDER.replace('"active":false', '"active":true').replace(
        '"dealSize":"0.00001"',
        '"dealSize":"0"',
      ),
      "open",
    ],
    [
      "partly filled",
      ORDER.replace('"active":false', '"active":true').replace(
        '"dealSize":"0.00001"',
        '"dealSize":"0.000001"',
      ),
      "partiallyFilled",
    ],
    [
      "filled in part and then canceled",
      ORDER.replace('"dealSize":"0.00001"', '"dealSize":"0.000001"'),
      "canceled",
    ],
  ])("an order that is %s", (_, text, state) => {
    const reading = orderOfAnswer(fieldsIn(text), SYMBOLS);
    expect(reading.view).toMatchObject({
      state,
      lots: 1000,
      priceTicks: 700_000,
      exchangeUs: 1_729_577_515_481_000,
    });
  });

  test("without a state there is no order", () => {
    expect(
      orderOfAnswer(fieldsIn(ORDER.replace('"active":false', '"active":"no"')), SYMBOLS).view,
    ).toBeUndefined();
  });

  test("a fill keeps a trade id beyond 2^53, and the venue's own fee", () => {
    const row = fieldsIn(
      '{"id":19814995255305,"orderId":"6717422bd51c29000775ea03","tradeId":11029373945659393,"symbol":"BTC-USDT","side":"buy","liquidity":"taker","price":"67717.6","size":"0.00001","fee":"0.000677176","feeCurrency":"USDT","createdAt":1729577515473}',
    );
    expect(fillOfRow(row, BTC, "c")).toEqual({
      view: {
        clientId: "c",
        orderId: "6717422bd51c29000775ea03",
        instrument: 5,
        tradeId: "11029373945659393",
        side: "buy",
        priceTicks: 677_176,
        lots: 1000,
        fee: "0.000677176",
        feeAsset: "USDT",
        isMaker: false,
        exchangeUs: 1_729_577_515_473_000,
      },
    });
    expect(fillOfRow({ ...row, fee: undefined }, BTC, "c").view).toBeUndefined();
  });

  test.each([
    ["0.001", 1_000_000],
    ["0.00080", 800_000],
    ["-0.00005", -50_000],
    ["0", 0],
    ["0.0000000001", undefined],
    ["1e-3", undefined],
    ["12", undefined],
    ["", undefined],
  ])("a rate of %s is %s parts per billion", (text, ppb) => {
    expect(ppbOf(text)).toBe(ppb);
  });

  test("fees are of instruments that we follow", () => {
    const row = { symbol: "BTC-USDT", makerFeeRate: "0.0008", takerFeeRate: "0.001" };
    expect(feeOfRow(row, SYMBOLS)).toEqual({
      instrument: 5,
      makerPpb: 800_000,
      takerPpb: 1_000_000,
      paidIn: "quote",
      feeAsset: "USDT",
    });
    expect(feeOfRow({ ...row, symbol: "X" }, SYMBOLS)).toBeUndefined();
    expect(feeOfRow({ ...row, takerFeeRate: "absurd" }, SYMBOLS)).toBeUndefined();
  });
});

const EXAMPLES = join(
  import.meta.dirname,
  "../../../../../../shared/data/kucoin/message_examples.jsonl",
);

describe.skipIf(!existsSync(EXAMPLES))("the venue's own private examples", () => {
  const lines = existsSync(EXAMPLES) ? readFileSync(EXAMPLES, "utf8").trim().split("\n") : [];
  const samples = lines
    .map((line) => JSON.parse(line) as { stream: string; raw: string })
    .filter(({ stream }) => /tradeOrdersV2|account\/balance/.test(stream));

  test("there are some", () => {
    expect(samples.length).toBeGreaterThan(8);
  });

  test.each(samples.map(({ stream, raw }) => [stream, raw] as const))(
    "%s is read",
    (stream, raw) => {
      // One of them lacks its last brace, as the page prints it.
      const fields =
        parseFields(new TextEncoder().encode(raw)) ??
        fieldsOf(parseFields(new TextEncoder().encode(`${raw}}`)));
      if (fields === undefined) throw new Error(`${stream} is no JSON`);
      const events = eventsOfPush(fields, SYMBOLS);
      expect(events.length).toBeGreaterThan(0);
      expect(events.filter(({ type }) => type === "accountContradicted")).toEqual([]);
    },
  );
});
