// Goal: what the fuzzers once found in the readers of rules, clocks and private messages stays mended.
import { describe, expect, test } from "vitest";
import { limitsFault } from "../../../contracts/risk-limits.ts";
import { wordOf } from "../../../contracts/word-of.ts";
import { parseExactJson } from "../../../hotpath/core/decode/exact-json.ts";
import { type Instrument, instrumentOf } from "../../../hotpath/core/instrument.ts";
import { importOrders } from "../../../hotpath/core/order/order-state.ts";
import { readTrading } from "../../../hotpath/core/trade/restored.ts";
import { feesOf } from "../../../hotpath/venues/binance-spot/execute/commission.ts";
import { parseKeyRights, usageOf } from "../../../hotpath/venues/binance-spot/execute/facts.ts";
import {
  decimalOf,
  exchangeUsOf,
  fieldsOf,
  idOf,
  parseFrame,
  textOf,
} from "../../../hotpath/venues/binance-spot/execute/json.ts";
import { orderOfAnswer } from "../../../hotpath/venues/binance-spot/execute/reports.ts";
import { eventsOfUserData } from "../../../hotpath/venues/binance-spot/execute/user-data.ts";
import { pairIndex } from "../../../hotpath/venues/kraken/execute/asset-names.ts";
import { KnownOrders } from "../../../hotpath/venues/kraken/execute/executions.ts";
import { bodyOf, fillOfRow, orderOfRow } from "../../../hotpath/venues/kraken/execute/reads.ts";
import { exchangeUsOf as kucoinUs } from "../../../hotpath/venues/kucoin/execute/json.ts";
import { VENUES } from "../../../hotpath/venues/registry.ts";
import { DeskRig, openRig, START_US } from "./binance-spot/execute/desk-rig.ts";
import { bytesOf } from "./frames.ts";

const ODD = { toString: 1 };

function instrumentNamed(id: `${"binance-spot" | "kraken"}:${string}`): Instrument {
  const [venue = "", symbol = ""] = id.split(":");
  const rules = { id, venue: venue as "kraken", symbol, tickSize: "0.1", lotSize: "0.001" };
  const instrument = instrumentOf(rules, 0);
  if (instrument === undefined) throw new Error("the steps are good");
  return instrument;
}

describe("published rules and clocks", () => {
  test.each([
    ["binance-spot", '{"serverTime":%}', "1672515782136", 1_672_515_782_136_000],
    ["kraken", '{"error":[],"result":{"unixtime":%}}', "1616336594", 1_616_336_594_000_000],
    ["kucoin", '{"code":"200000","data":%}', "1729100692873", 1_729_100_692_873_000],
  ] as const)(
    "%s: a time that no whole number of microseconds holds exactly is none",
    (venue, body, good, us) => {
      const { parseClock } = VENUES[venue];
      expect(parseClock(bytesOf(body.replace("%", good)))).toBe(us);
      for (const time of [
        "-5",
        "0",
        "9007199254740991",
        `${good}999`,
        "9".repeat(40),
        "8.00000000000000001",
        "8e1",
      ]) {
        expect(parseClock(bytesOf(body.replace("%", time))), time).toBeUndefined();
      }
    },
  );

  test("a budget without end is no budget", () => {
    const body = (limit: string, minutes: string): string =>
      `{"symbols":[],"rateLimits":[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":${minutes},"limit":${limit}}]}`;
    const weight = (limit: string, minutes = "1") =>
      VENUES["binance-spot"].parseRules(bytesOf(body(limit, minutes)))?.weightPerMinute;
    expect(weight("6000", "2")).toBe(3000);
    for (const limit of ["1e309", "-6000", "6000.5", "9007199254740993"]) {
      expect(weight(limit), limit).toBe(0);
    }
    expect(weight("6000", "1e-300")).toBe(0);
  });

  test("where no price may cross the market at all, a sale may not fall to a tenth of it", () => {
    const rules = (rate: string) => {
      const row = `{"symbol":"A-B","priceIncrement":"0.1","baseIncrement":"1","priceLimitRate":"${rate}"}`;
      const body = bytesOf(`{"code":"200000","data":[${row}]}`);
      return VENUES.kucoin.parseRules(body)?.instruments[0]?.filters;
    };
    expect(rules("0.05")).toMatchObject({ buyPriceUp: "1.05", sellPriceDown: "0.95" });
    expect(rules("0.00")).toMatchObject({ buyPriceUp: "1.00", sellPriceDown: "1" });
  });
});

describe("binance-spot", () => {
  const bitcoin = instrumentNamed("binance-spot:BTCUSDT");
  const symbols = new Map([[bitcoin.symbol, bitcoin]]);
  const order = {
    symbol: "BTCUSDT",
    orderId: 5,
    clientOrderId: "x",
    side: "BUY",
    status: "NEW",
    origQty: "1.000",
    executedQty: "0.000",
    price: "2.0",
    time: 1_660_801_715_639,
  };

  test("an order whose number is below nothing has none: it could not be asked about", () => {
    expect(orderOfAnswer(order, symbols).view?.orderId).toBe("5");
    for (const orderId of [-1, "-1", "", "5x"]) {
      expect(orderOfAnswer({ ...order, orderId }, symbols).view, String(orderId)).toBeUndefined();
    }
  });

  test("a time that no whole number of microseconds holds exactly is none", () => {
    expect(exchangeUsOf(1_660_801_715_639)).toBe(1_660_801_715_639_000);
    for (const ms of [0, -1, 16_608_017_715_793, Number.MAX_SAFE_INTEGER, "5"]) {
      expect(exchangeUsOf(ms), String(ms)).toBe(-1);
    }
  });

  test("a number that is kept as text is no name, no price and no object", () => {
    const fields = parseFrame(
      bytesOf('{"a":9007199254740993, "b":1e-400,"c":5.0,"d":[ 18446744073709551616],"e":12}'),
    );
    expect(idOf(fields?.a)).toBe("9007199254740993");
    for (const key of ["a", "b", "c"]) {
      expect(textOf(fields?.[key]), key).toBe("");
      expect(decimalOf(fields?.[key]), key).toBeUndefined();
      expect(fieldsOf(fields?.[key]), key).toBeUndefined();
      expect(exchangeUsOf(fields?.[key]), key).toBe(-1);
    }
    // Worth nothing, or five; but not what a venue writes for an id.
    expect(idOf(fields?.b)).toBe("");
    expect(idOf(fields?.c)).toBe("");
    expect(fields?.e).toBe(12);
  });

  test("a right to withdraw that nobody spoke of is not denied", () => {
    const rights = (fields: object) => parseKeyRights(bytesOf(JSON.stringify(fields))).mayWithdraw;
    expect(rights({ enableInternalTransfer: false })).toBeUndefined();
    expect(rights({ enableInternalTransfer: true })).toBe(true);
    expect(rights({ enableWithdrawals: false, enableInternalTransfer: true })).toBe(true);
    expect(rights({ enableWithdrawals: true, enableInternalTransfer: false })).toBe(true);
    expect(rights({ enableWithdrawals: false })).toBe(false);
  });

  test("a side's own commission that cannot be read is not taken for none", () => {
    const commission = (buyer: unknown) => ({
      standardCommission: { maker: "0.001", taker: "0.002", buyer, seller: "0.003" },
    });
    expect(feesOf(commission("0.004"), bitcoin).view).toMatchObject({ makerPpb: 5_000_000 });
    for (const buyer of ["1e-3", "", null, 0.004, "0,004"]) {
      expect(feesOf(commission(buyer), bitcoin).view, String(buyer)).toBeUndefined();
    }
  });

  test("objects in place of words are named, not asked", () => {
    expect(eventsOfUserData({ e: ODD }, symbols)[0]).toMatchObject({ type: "accountGap" });
    expect(usageOf({ rateLimitType: "ORDERS", intervalNum: ODD, interval: "DAY" })).toBeUndefined();
    const rig = openRig();
    rig.hear({ id: ODD, status: 200 });
    rig.hear({ subscriptionId: ODD, event: { e: "listStatus" } });
    expect(rig.told("accountContradicted")).toHaveLength(2);
  });

  test("a silence that the venue orders ends after its longest ban", () => {
    const rig = new DeskRig();
    rig.open();
    rig.events.length = 0;
    const error = {
      code: -1003,
      msg: "",
      data: { serverTime: 0, retryAfter: 9_007_199_254_740_991 },
    };
    rig.hear({ id: "x", status: 418, error });
    expect(rig.told("venueSilenced")).toEqual([
      { type: "venueSilenced", isBan: true, untilUs: START_US + 259_200_000_000 },
    ]);
  });
});

describe("kraken", () => {
  const bitcoin = instrumentNamed("kraken:BTC/USD");
  const pairs = pairIndex([bitcoin]);
  const exact = (text: string) => parseExactJson(bytesOf(text));
  const row = (vol: string, time: string) =>
    exact(`{"pair":"XBTUSD","type":"buy","price":"5.0","vol":"${vol}","time":${time}}`);

  test("a trade of nothing, or without a name, is none", () => {
    expect(fillOfRow("T", row("1.000", "5"), pairs, String)).toMatchObject({ lots: 1000 });
    expect(fillOfRow("T", row("0.000", "5"), pairs, String)).toBeUndefined();
    expect(fillOfRow("", row("1.000", "5"), pairs, String)).toBeUndefined();
    const stream = (quantity: string) =>
      new KnownOrders([bitcoin]).read(
        exact(
          `{"order_id":"O","symbol":"BTC/USD","side":"buy","exec_type":"trade","exec_id":"T","last_qty":${quantity},"last_price":5.0}`,
        ) ?? {},
      );
    expect(stream("1.000")[0]).toMatchObject({ type: "orderFilled" });
    expect(stream("0.000")[0]).toMatchObject({ type: "accountGap" });
  });

  test("a time that no microseconds hold exactly is absent", () => {
    const timeOf = (time: string) => {
      const fill = fillOfRow("T", row("1.000", time), pairs, String);
      return typeof fill === "object" ? fill.exchangeUs : undefined;
    };
    expect(timeOf("1616667796.8802")).toBe(1_616_667_796_880_200);
    for (const time of ["-1", '"-1"', "16166677968802", "9".repeat(400), "null"]) {
      expect(timeOf(time), time).toBe(0);
    }
  });

  test("a list is no object: its places are not the names of orders", () => {
    const listed = exact(
      '{"status":"open","descr":{"pair":"XBTUSD","type":"buy","price":"5.0"},"vol":"1","vol_exec":"0"}',
    );
    expect(orderOfRow("O", listed, pairs)?.order.orderId).toBe("O");
    expect(orderOfRow("", listed, pairs)).toBeUndefined();
    expect(bodyOf(bytesOf('{"error":[],"result":[{"open":{}}]}'))).toEqual({
      kind: "error",
      text: "",
    });
  });

  test("a status that is an object is a gap, told without asking it", () => {
    const entry = { order_id: "O", symbol: "BTC/USD", order_status: ODD };
    const [told] = new KnownOrders([bitcoin]).read(entry);
    expect(told).toEqual({ type: "accountGap", reason: "order status an object" });
  });
});

test("kucoin: a time that no microseconds hold exactly is absent, as the saved state wants it", () => {
  expect(kucoinUs("1729577515473")).toBe(1_729_577_515_473_000);
  expect(kucoinUs("1730206271616000000")).toBe(1_730_206_271_616_000);
  for (const time of ["9999999999999", "9999999999999999", "9".repeat(19), "", "5", undefined]) {
    expect(kucoinUs(time), String(time)).toBe(0);
  }
});

describe("words of what is no word", () => {
  test("are never asked for", () => {
    expect([ODD, [ODD], null, undefined, 5, "x", true].map(wordOf)).toEqual([
      "an object",
      "a list",
      "null",
      "undefined",
      "5",
      "x",
      "true",
    ]);
  });

  test("limits and saved states are refused with a sentence", () => {
    expect(limitsFault({ orderDepthSharePpm: ODD })?.reason).toContain("an object");
    const state = { version: ODD };
    expect(readTrading(JSON.stringify(state))).toMatchObject({ ok: false });
    const options = { fence: 1, instruments: [], venues: [] };
    expect(importOrders(JSON.stringify(state), options)).toMatchObject({ kind: "damaged" });
    const sets = { live: [ODD], unsettled: [ODD], ended: [ODD] };
    const lists = { heldCycles: [], venues: [], rates: [], orders: [], orphans: [], foreign: [] };
    const whole = { version: 1, fence: 0, requestCount: 0, commandMax: 0, ...lists, ...sets };
    expect(importOrders(JSON.stringify(whole), options)).toEqual({
      kind: "damaged",
      reason: "order an object is written",
    });
  });
});
