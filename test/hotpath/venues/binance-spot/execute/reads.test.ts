// Goal: queries, cancels, accounts and fees are read whole or reported as failed, never in half.
import { describe, expect, test } from "vitest";
import type { AccountCommand } from "../../../../../hotpath/core/trade/commands.ts";
import { CLIENT_ID, DeskRig, order, START_US, spotInstrument } from "./desk-rig.ts";

const ORDER_ID = "12510053279";

/** An order as `order.status` tells it. */
const STATUS = {
  symbol: "BTCUSDT",
  orderId: 12510053279,
  orderListId: -1,
  clientOrderId: CLIENT_ID,
  price: "52000.00000000",
  origQty: "0.01000000",
  executedQty: "0.00500000",
  cummulativeQuoteQty: "260.00000000",
  status: "EXPIRED",
  timeInForce: "IOC",
  type: "LIMIT",
  side: "BUY",
  time: 1655716096498,
  updateTime: 1655716096505,
  isWorking: true,
};

const TRADE = {
  symbol: "BTCUSDT",
  id: 1650422481,
  orderId: 12510053279,
  orderListId: -1,
  price: "51999.50000000",
  qty: "0.00500000",
  quoteQty: "259.99750000",
  commission: "0.00000500",
  commissionAsset: "BTC",
  time: 1655716096505,
  isBuyer: true,
  isMaker: false,
  isBestMatch: true,
};

const NAME = { venue: 0, instrument: 3, clientId: CLIENT_ID, orderId: "" };
const QUERY: AccountCommand = { type: "queryOrder", ...NAME, requestId: 9 };
const READ: AccountCommand = {
  type: "readAccount",
  venue: 0,
  requestId: 5,
  tradesSinceUs: START_US - 60_000_000,
};

function openRig(...more: Parameters<typeof spotInstrument>[]): DeskRig {
  const rig = new DeskRig(
    undefined,
    more.map((each) => spotInstrument(...each)),
  );
  rig.open();
  rig.events.length = 0;
  return rig;
}

function answerLast(rig: DeskRig, method: string, result: unknown): void {
  rig.answer(rig.lastOf(method).id, result);
}

describe("queryOrder", () => {
  test("tells the order and its trades, by our client id", () => {
    const rig = openRig();
    rig.desk.execute(QUERY);
    expect(rig.last).toMatchObject({
      method: "order.status",
      params: { origClientOrderId: CLIENT_ID, symbol: "BTCUSDT", timestamp: START_US / 1000 },
    });
    answerLast(rig, "order.status", STATUS);
    expect(rig.last).toMatchObject({
      method: "myTrades",
      params: { orderId: 12510053279, symbol: "BTCUSDT" },
    });
    answerLast(rig, "myTrades", [TRADE]);
    expect(rig.told()).toEqual([
      {
        type: "orderQueried",
        requestId: 9,
        clientId: CLIENT_ID,
        outcome: "found",
        reason: "",
        order: {
          clientId: CLIENT_ID,
          orderId: ORDER_ID,
          instrument: 3,
          side: "buy",
          state: "expired",
          lots: 1000,
          filledLots: 500,
          priceTicks: 5_200_000,
          reason: "",
          exchangeUs: 1_655_716_096_505_000,
        },
        fills: [
          {
            clientId: CLIENT_ID,
            orderId: ORDER_ID,
            instrument: 3,
            tradeId: "1650422481",
            side: "buy",
            priceTicks: 5_199_950,
            lots: 500,
            quote: "259.99750000",
            fee: "0.00000500",
            feeAsset: "BTC",
            isMaker: false,
            exchangeUs: 1_655_716_096_505_000,
          },
        ],
      },
    ]);
  });

  test("an order of more trades than a page holds is asked for by its id on every page", () => {
    const rig = openRig();
    rig.desk.execute(QUERY);
    answerLast(rig, "order.status", STATUS);
    answerLast(
      rig,
      "myTrades",
      Array.from({ length: 1000 }, (_, i) => ({ ...TRADE, id: i + 1 })),
    );
    expect(rig.last.params).toMatchObject({ orderId: 12510053279, fromId: 1001 });
    answerLast(rig, "myTrades", [{ ...TRADE, id: 1001 }]);
    const [queried] = rig.told() as [{ outcome: string; fills: unknown[] }];
    expect(queried.outcome).toBe("found");
    expect(queried.fills).toHaveLength(1001);
  });

  test("an order id that is known is asked for, with all its digits", () => {
    const rig = openRig();
    rig.desk.execute({ ...QUERY, orderId: "9007199254740993" } as AccountCommand);
    expect(rig.texts.at(-1)).toContain('"orderId":9007199254740993,');
  });

  test("an order without a fill has no trades to ask for", () => {
    const rig = openRig();
    rig.desk.execute(QUERY);
    answerLast(rig, "order.status", { ...STATUS, executedQty: "0.00000000" });
    expect(rig.told()).toEqual([expect.objectContaining({ outcome: "found", fills: [] })]);
  });

  test("an order that the venue does not know is not found, which is no failure", () => {
    const rig = openRig();
    rig.desk.execute(QUERY);
    rig.refuse(rig.last.id, 400, -2013, "Order does not exist.");
    expect(rig.told()).toEqual([
      expect.objectContaining({
        outcome: "notFound",
        order: undefined,
        reason: "order.status: -2013 Order does not exist.",
      }),
    ]);
  });

  test.each([
    ["a refusal", (rig: DeskRig) => rig.refuse(rig.last.id, 400, -1100, "Illegal characters.")],
    [
      "a server error",
      (rig: DeskRig) => rig.refuse(rig.last.id, 500, -2013, "Order does not exist."),
    ],
    ["silence", (rig: DeskRig) => rig.runTo(5_100_000)],
    [
      "an order of another id",
      (rig: DeskRig) => rig.answer(rig.last.id, { ...STATUS, clientOrderId: "rk00001-00000002" }),
    ],
    [
      "an order of another symbol",
      (rig: DeskRig) => rig.answer(rig.last.id, { ...STATUS, symbol: "ETHUSDT" }),
    ],
    ["no order", (rig: DeskRig) => rig.answer(rig.last.id, [])],
  ])("%s in place of the order is a failure", (_what, answer) => {
    const rig = openRig();
    rig.desk.execute(QUERY);
    answer(rig);
    expect(rig.told("orderQueried")).toEqual([
      expect.objectContaining({ outcome: "failed", order: undefined, fills: [] }),
    ]);
  });

  test.each([
    ["no list", {}],
    ["trades of another order", [{ ...TRADE, orderId: 7 }]],
    ["trades of another symbol", [{ ...TRADE, symbol: "ETHUSDT" }]],
    ["trades without their side", [{ ...TRADE, isBuyer: undefined }]],
    ["a list of something else", [7]],
  ])("%s in place of its trades is a failure", (_what, result) => {
    const rig = openRig();
    rig.desk.execute(QUERY);
    answerLast(rig, "order.status", STATUS);
    answerLast(rig, "myTrades", result);
    expect(rig.told()).toEqual([expect.objectContaining({ outcome: "failed" })]);
  });

  test("what is answered after it was given up changes nothing", () => {
    const rig = openRig();
    rig.desk.execute(QUERY);
    const { id } = rig.last;
    rig.runTo(5_100_000);
    rig.answer(id, STATUS);
    expect(rig.told("orderQueried", "accountContradicted")).toHaveLength(1);
  });

  test("with the connection lost it failed", () => {
    const rig = openRig();
    rig.desk.execute(QUERY);
    rig.desk.onClosed(0, "gone");
    rig.desk.execute(QUERY);
    expect(rig.told("orderQueried")).toMatchObject([
      { outcome: "failed", reason: "order.status: closed" },
      { outcome: "failed", reason: "order.status: notOpen" },
    ]);
  });
});

describe("canceling", () => {
  const CANCELED = {
    ...STATUS,
    origClientOrderId: CLIENT_ID,
    clientOrderId: "pXLV6Hz6mprAcVYpVMTGgx",
    status: "CANCELED",
    transactTime: 1684804350068,
  };
  const CANCEL: AccountCommand = { type: "cancelOrder", ...NAME, stampUs: START_US + 7_000_000 };

  test("tells acceptance and the state, under our own id", () => {
    const rig = openRig();
    rig.desk.execute(CANCEL);
    expect(rig.last).toMatchObject({
      method: "order.cancel",
      params: { origClientOrderId: CLIENT_ID, symbol: "BTCUSDT", timestamp: 1_700_000_007_000 },
    });
    answerLast(rig, "order.cancel", CANCELED);
    expect(rig.told()).toMatchObject([
      { type: "cancelAccepted", clientId: CLIENT_ID },
      { type: "orderReported", order: { clientId: CLIENT_ID, state: "canceled", filledLots: 500 } },
    ]);
  });

  test("a refusal has its class, and silence is unknown", () => {
    const rig = openRig();
    rig.desk.execute(CANCEL);
    rig.refuse(rig.last.id, 400, -2011, "Unknown order sent.");
    rig.desk.execute(CANCEL);
    rig.runTo(5_100_000);
    expect(rig.told("cancelRefused")).toMatchObject([
      { clientId: CLIENT_ID, refusal: { class: "noSuchOrder", code: "-2011" } },
      { clientId: CLIENT_ID, refusal: { class: "unknown", code: "timeout" } },
    ]);
  });

  test("an answer about another order is a contradiction", () => {
    const rig = openRig();
    rig.desk.execute(CANCEL);
    answerLast(rig, "order.cancel", { ...CANCELED, origClientOrderId: "foreign" });
    expect(rig.told("accountContradicted", "orderReported")).toEqual([
      expect.objectContaining({ type: "accountContradicted" }),
    ]);
  });

  test("of everything takes our own orders and leaves foreign ones", () => {
    const rig = openRig();
    rig.desk.execute({ type: "cancelAll", venue: 0, instrument: -1 });
    expect(rig.last).toMatchObject({ method: "openOrders.status" });
    expect(rig.last.params).not.toHaveProperty("symbol");
    const open = { ...STATUS, status: "NEW", executedQty: "0.00000000" };
    answerLast(rig, "openOrders.status", [
      { ...open, orderId: 1 },
      { ...open, orderId: 2, clientOrderId: "web_1234" },
      { ...open, orderId: 3, clientOrderId: "rk00001-00000003", symbol: "ETHUSDT" },
      { ...open, orderId: 4, clientOrderId: "rk00001-00000004", symbol: "DOGEUSDT" },
    ]);
    const cancels = rig.requests.filter(({ method }) => method === "order.cancel");
    expect(cancels.map(({ params }) => [params.orderId, params.symbol])).toEqual([
      [1, "BTCUSDT"],
      [3, "ETHUSDT"],
    ]);
    expect(cancels[0]?.params.timestamp).toBe(START_US / 1000);
  });

  test("of one instrument asks for its symbol, and says when the list cannot be had", () => {
    const rig = openRig();
    rig.desk.execute({ type: "cancelAll", venue: 0, instrument: 4 });
    expect(rig.last.params).toMatchObject({ symbol: "ETHUSDT" });
    answerLast(rig, "openOrders.status", [{ ...STATUS, status: "?" }]);
    rig.desk.execute({ type: "cancelAll", venue: 0, instrument: 4 });
    answerLast(rig, "openOrders.status", {});
    rig.desk.execute({ type: "cancelAll", venue: 0, instrument: 4 });
    rig.refuse(rig.last.id, 400, -1003, "Too many requests.");
    expect(rig.told("accountGap")).toEqual(
      Array.from({ length: 3 }, () => ({
        type: "accountGap",
        reason: expect.stringMatching(/^cancelAll: openOrders\.status: /),
      })),
    );
  });
});

describe("readAccount", () => {
  const BALANCES = { balances: [{ asset: "BTC", free: "1.5", locked: "0.25" }] };

  test("tells balances, open orders, and the trades since", () => {
    const rig = openRig();
    rig.desk.execute(READ);
    answerLast(rig, "account.status", BALANCES);
    answerLast(rig, "openOrders.status", [{ ...STATUS, status: "PARTIALLY_FILLED" }]);
    const asked = rig.requests.filter(({ method }) => method === "myTrades");
    expect(asked.map(({ params }) => [params.symbol, params.startTime])).toEqual([
      ["BTCUSDT", START_US / 1000 - 60_000],
      ["ETHUSDT", START_US / 1000 - 60_000],
    ]);
    rig.answer(asked[0]?.id ?? "", [TRADE]);
    expect(rig.events).toEqual([]);
    rig.answer(asked[1]?.id ?? "", []);
    expect(rig.told()).toEqual([
      {
        type: "accountRead",
        requestId: 5,
        outcome: "read",
        balances: [{ asset: "BTC", free: "1.5", held: "0.25", total: "" }],
        openOrders: [expect.objectContaining({ clientId: CLIENT_ID, state: "partiallyFilled" })],
        fills: [expect.objectContaining({ orderId: ORDER_ID, tradeId: "1650422481" })],
        reason: "",
      },
    ]);
  });

  test("a fill of an order that we know carries our client id", () => {
    const rig = openRig();
    rig.desk.execute(order());
    rig.answer(CLIENT_ID, { ...STATUS, status: "NEW", executedQty: "0.00000000", transactTime: 1 });
    rig.events.length = 0;
    rig.desk.execute(READ);
    answerLast(rig, "account.status", BALANCES);
    answerLast(rig, "openOrders.status", []);
    for (const { id, method, params } of rig.requests) {
      if (method === "myTrades") rig.answer(id, params.symbol === "BTCUSDT" ? [TRADE] : []);
    }
    expect(rig.told()).toMatchObject([{ fills: [{ clientId: CLIENT_ID }] }]);
  });

  test("full pages are followed by the next, and too many are a failure", () => {
    const rig = openRig();
    rig.desk.execute(READ);
    answerLast(rig, "account.status", BALANCES);
    answerLast(rig, "openOrders.status", []);
    const page = (from: number): unknown[] =>
      Array.from({ length: 1000 }, (_, i) => ({ ...TRADE, id: from + i }));
    const first = rig.requests.find(
      ({ params }) => params.symbol === "BTCUSDT" && "startTime" in params,
    );
    rig.answer(first?.id ?? "", page(1));
    expect(rig.last.params).toMatchObject({ fromId: 1001, symbol: "BTCUSDT" });
    for (let i = 1; i < 20; i++) rig.answer(rig.last.id, page(i * 1000 + 1));
    expect(rig.told()).toMatchObject([
      { outcome: "failed", reason: "myTrades: more than 20 pages", balances: [], fills: [] },
    ]);
  });

  test("older trades than a day are left out, and that is said", () => {
    const rig = openRig();
    rig.desk.execute({ ...READ, tradesSinceUs: 0 } as AccountCommand);
    answerLast(rig, "account.status", BALANCES);
    answerLast(rig, "openOrders.status", []);
    for (const { id, method, params } of rig.requests) {
      if (method !== "myTrades") continue;
      expect(params.startTime).toBeGreaterThan(START_US / 1000 - 24 * 3_600_000);
      rig.answer(id, []);
    }
    expect(rig.told()).toMatchObject([{ outcome: "read", reason: "trades of the last 24 h only" }]);
  });

  test("of many instruments only those with orders are asked for trades", () => {
    const more = Array.from({ length: 60 }, (_, i) => [`A${i}USDT`, 10 + i] as [string, number]);
    const rig = openRig(...more);
    rig.desk.execute(order());
    rig.desk.execute(READ);
    answerLast(rig, "account.status", BALANCES);
    answerLast(rig, "openOrders.status", []);
    const asked = rig.requests.filter(({ method }) => method === "myTrades");
    expect(asked.map(({ params }) => params.symbol)).toEqual(["BTCUSDT"]);
  });

  test.each([
    [
      "balances that are none",
      "account.status",
      { balances: [{ asset: "BTC", free: "x", locked: "0" }] },
    ],
    ["no balances", "account.status", {}],
    ["orders that are none", "openOrders.status", [{}]],
    ["trades that are none", "myTrades", [{ ...TRADE, price: "x" }]],
  ])("%s make the whole a failure, once", (_what, method, result) => {
    const rig = openRig();
    rig.desk.execute(READ);
    const good: Readonly<Record<string, unknown>> = {
      "account.status": BALANCES,
      "openOrders.status": [],
      myTrades: [],
    };
    for (const each of ["account.status", "openOrders.status", "myTrades"]) {
      for (const request of rig.requests.filter((sent) => sent.method === each)) {
        rig.answer(request.id, each === method ? result : good[each]);
      }
    }
    expect(rig.told()).toEqual([
      expect.objectContaining({ outcome: "failed", reason: expect.stringContaining(method) }),
    ]);
  });

  test("without a connection it failed, once", () => {
    const rig = new DeskRig();
    rig.desk.execute(READ);
    expect(rig.told()).toEqual([
      expect.objectContaining({ outcome: "failed", reason: "account.status: notOpen" }),
    ]);
  });
});
