// Goal: a read of the account is whole or it is a failure with its reason; and silence is told when asked for.
import { describe, expect, test } from "vitest";
import { kucoinExecution } from "../../../../../hotpath/venues/kucoin/execute.ts";
import { CLIENT_ID, DeskRig, KEYS, START_US } from "./desk-rig.ts";

const ORDER = {
  id: "670f",
  clientOid: CLIENT_ID,
  symbol: "BTC-USDT",
  side: "buy",
  price: "52000",
  size: "0.015",
  dealSize: "0.015",
  active: false,
  cancelExist: false,
  createdAt: 1_729_577_515_444,
};

function fill(tradeId: number) {
  return {
    id: tradeId,
    orderId: "670f",
    tradeId,
    symbol: "BTC-USDT",
    side: "buy",
    liquidity: "taker",
    price: "52000",
    size: "0.001",
    fee: "0.052",
    feeCurrency: "USDT",
    createdAt: 1_729_577_515_473,
  };
}

const QUERY = {
  type: "queryOrder",
  venue: 0,
  instrument: 3,
  clientId: CLIENT_ID,
  orderId: "",
  requestId: 4,
} as const;

function opened(): DeskRig {
  const rig = new DeskRig();
  rig.openAll();
  return rig;
}

describe("a query", () => {
  test("of an order without fills asks for none", () => {
    const rig = opened();
    rig.desk.execute(QUERY);
    rig.ok(/client-order/, { ...ORDER, dealSize: "0", active: true });
    expect(rig.told("orderQueried")).toMatchObject([
      { outcome: "found", order: { state: "open" }, fills: [] },
    ]);
    expect(rig.calls).toEqual([]);
  });

  test("pages through the fills, each under the order's own name", () => {
    const rig = opened();
    rig.desk.execute(QUERY);
    rig.ok(/client-order/, ORDER);
    const page = Array.from({ length: 100 }, (_, i) => fill(1000 - i));
    const first = rig.ok(/fills/, { items: page, lastId: 901 });
    expect(first.path).toBe("/api/v1/hf/fills?symbol=BTC-USDT&orderId=670f&limit=100");
    expect(rig.ok(/fills/, { items: [fill(900)], lastId: 900 }).path).toContain("&lastId=901");
    const [queried] = rig.told("orderQueried") as [{ fills: { clientId: string }[] }];
    expect(queried.fills).toHaveLength(101);
    expect(queried.fills.every(({ clientId }) => clientId === CLIENT_ID)).toBe(true);
  });

  test.each<[string, (rig: DeskRig) => unknown, string, string]>([
    [
      "the venue knows none",
      (rig) => rig.answer(/client-order/, { code: "400100", msg: "order not exist." }),
      "notFound",
      "order not exist",
    ],
    ["there is nothing", (rig) => rig.ok(/client-order/, null), "notFound", "no such order"],
    ["nothing is heard", (rig) => rig.fail(/client-order/), "failed", "ECONNRESET"],
    [
      "the venue is busy",
      (rig) => rig.answer(/client-order/, { code: "230005", msg: "System error" }),
      "failed",
      "230005",
    ],
    [
      "the answer is about another",
      (rig) => rig.ok(/client-order/, { ...ORDER, clientOid: "rk00001-00000007" }),
      "failed",
      "about",
    ],
    [
      "the order is unreadable",
      (rig) => rig.ok(/client-order/, { ...ORDER, active: "yes" }),
      "failed",
      "no state",
    ],
    ["the answer is no order", (rig) => rig.ok(/client-order/, [ORDER]), "failed", "no order"],
    [
      "a fill is of another order",
      (rig) => [
        rig.ok(/client-order/, ORDER),
        rig.ok(/fills/, { items: [{ ...fill(1), orderId: "670e" }] }),
      ],
      "failed",
      "another order",
    ],
    [
      "a fill is of another symbol",
      (rig) => [
        rig.ok(/client-order/, ORDER),
        rig.ok(/fills/, { items: [{ ...fill(1), symbol: "ETH-USDT" }] }),
      ],
      "failed",
      "another symbol",
    ],
    [
      "the fills are lost",
      (rig) => [rig.ok(/client-order/, ORDER), rig.fail(/fills/)],
      "failed",
      "ECONNRESET",
    ],
    [
      "the fills are no list",
      (rig) => [rig.ok(/client-order/, ORDER), rig.ok(/fills/, {})],
      "failed",
      "no list",
    ],
    [
      "a fill is unreadable",
      (rig) => [
        rig.ok(/client-order/, ORDER),
        rig.ok(/fills/, { items: [{ ...fill(1), fee: "?" }] }),
      ],
      "failed",
      "no fee",
    ],
  ])("%s: %s", (_, act, outcome, said) => {
    const rig = opened();
    rig.desk.execute(QUERY);
    act(rig);
    expect(rig.told("orderQueried")).toEqual([
      {
        type: "orderQueried",
        requestId: 4,
        clientId: CLIENT_ID,
        outcome,
        order: undefined,
        fills: [],
        reason: expect.stringContaining(said),
      },
    ]);
  });

  test("whose fills do not end is a failure", () => {
    const rig = opened();
    rig.desk.execute(QUERY);
    rig.ok(/client-order/, ORDER);
    const items = Array.from({ length: 100 }, (_, i) => fill(i + 1));
    for (let page = 0; page < 50; page++) rig.ok(/fills/, { items, lastId: 10_000 - page });
    expect(rig.told("orderQueried")).toMatchObject([
      { outcome: "failed", reason: "the fills do not end" },
    ]);
  });
});

describe("a read of the account", () => {
  const READ = { type: "readAccount", venue: 0, requestId: 8, tradesSinceUs: START_US } as const;
  const BALANCES = [
    { id: "1", currency: "USDT", type: "trade", balance: "10.5", available: "10", holds: "0.5" },
  ];

  test("brings balances, open orders and fills since a time, of every instrument", () => {
    const rig = opened();
    rig.desk.execute(READ);
    rig.ok(/accounts\?type=trade/, BALANCES);
    rig.ok(/active\/symbols/, { symbols: ["DOGE-USDT", "BTC-USDT"] });
    rig.ok(/active\?symbol=DOGE/, [{ ...ORDER, symbol: "DOGE-USDT", clientOid: "", active: true }]);
    rig.ok(/active\?symbol=BTC/, null);
    expect(rig.ok(/fills\?symbol=BTC/, { items: [fill(1)], lastId: 1 }).path).toContain(
      `startAt=${START_US / 1000}`,
    );
    rig.ok(/fills\?symbol=ETH/, { items: [], lastId: 0 });
    expect(rig.told("accountRead")).toMatchObject([
      {
        requestId: 8,
        outcome: "read",
        reason: "",
        balances: [{ asset: "USDT", free: "10", held: "0.5", total: "10.5" }],
        openOrders: [{ instrument: -1, state: "open" }],
        fills: [{ tradeId: "1", fee: "0.052" }],
      },
    ]);
  });

  test.each<[string, (rig: DeskRig) => unknown]>([
    ["balances that are no list", (rig) => rig.ok(/accounts/, {})],
    ["a balance without an amount", (rig) => rig.ok(/accounts/, [{ currency: "USDT" }])],
    ["lost balances", (rig) => rig.fail(/accounts/)],
    [
      "symbols that are no list",
      (rig) => [rig.ok(/accounts/, BALANCES), rig.ok(/symbols/, { symbols: [1] })],
    ],
    ["lost symbols", (rig) => [rig.ok(/accounts/, BALANCES), rig.fail(/symbols/)]],
    [
      "orders that are no list",
      (rig) => [
        rig.ok(/accounts/, BALANCES),
        rig.ok(/symbols/, { symbols: ["BTC-USDT"] }),
        rig.ok(/active\?/, "x"),
      ],
    ],
    [
      "an unreadable order",
      (rig) => [
        rig.ok(/accounts/, BALANCES),
        rig.ok(/symbols/, { symbols: ["BTC-USDT"] }),
        rig.ok(/active\?/, [{}]),
      ],
    ],
    [
      "lost fills",
      (rig) => [
        rig.ok(/accounts/, BALANCES),
        rig.ok(/symbols/, { symbols: [] }),
        rig.fail(/fills/),
      ],
    ],
  ])("with %s is a failure, and not half a picture", (_, act) => {
    const rig = opened();
    rig.desk.execute(READ);
    act(rig);
    expect(rig.told("accountRead")).toMatchObject([
      { outcome: "failed", balances: [], openOrders: [], fills: [] },
    ]);
  });
});

describe("fees", () => {
  test("are read of all instruments; one that is missing or absurd is a failure", () => {
    const rig = opened();
    rig.desk.execute({ type: "readFees", venue: 0 });
    const row = { symbol: "BTC-USDT", makerFeeRate: "0.0008", takerFeeRate: "0.001" };
    expect(rig.ok(/trade-fees/, [row, { ...row, symbol: "ETH-USDT" }]).path).toBe(
      "/api/v1/trade-fees?symbols=BTC-USDT,ETH-USDT",
    );
    expect(rig.told("feesRead")).toMatchObject([
      { fees: [{ instrument: 3, makerPpb: 800_000 }, { instrument: 4 }] },
    ]);
    rig.desk.execute({ type: "readFees", venue: 0 });
    rig.ok(/trade-fees/, [{ ...row, takerFeeRate: "NaN" }]);
    rig.desk.execute({ type: "readFees", venue: 0 });
    rig.fail(/trade-fees/);
    expect(rig.told("feesFailed")).toHaveLength(2);
  });
});

describe("the pool", () => {
  const headers = {
    "gw-ratelimit-limit": "4000",
    "gw-ratelimit-remaining": "0",
    "gw-ratelimit-reset": "2500",
  };

  test("is told from headers; a limit is silence until the window ends", () => {
    const rig = opened();
    rig.desk.execute({ type: "readFees", venue: 0 });
    rig.answer(
      /trade-fees/,
      { code: "429000", msg: "Too Many Requests" },
      { status: 429, headers },
    );
    expect(rig.told("usageReported")).toEqual([
      { type: "usageReported", rate: "spot30s", instrument: -1, used: 4000 },
    ]);
    expect(rig.told("venueSilenced")).toEqual([
      { type: "venueSilenced", untilUs: rig.nowUs + 2_500_000, isBan: false },
    ]);
  });

  test("behind Cloudflare's gate is silence for half a minute; an overload is none", () => {
    const rig = opened();
    rig.desk.execute({ type: "readFees", venue: 0 });
    rig.answer(/trade-fees/, "<html>error code: 1015</html>", { status: 403 });
    expect(rig.told("venueSilenced")).toEqual([
      { type: "venueSilenced", untilUs: rig.nowUs + 30_000_000, isBan: false },
    ]);
    rig.desk.execute({ type: "readFees", venue: 0 });
    rig.answer(/trade-fees/, { code: "429000", msg: "busy" }, { status: 429 });
    expect(rig.told("venueSilenced")).toHaveLength(1);
  });
});

describe("the rights of a key", () => {
  const parse = (data: unknown) =>
    kucoinExecution.parseKeyRights(
      new TextEncoder().encode(JSON.stringify({ code: "200000", data })),
    );

  test("are asked for with a signature", () => {
    const call = kucoinExecution.keyRightsCall?.(KEYS, START_US);
    expect(call).toMatchObject({ method: "GET", path: "/api/v1/user/api-key", kind: "read" });
    expect(call?.headers["KC-API-SIGN"]).toMatch(/^[\w+/]{43}=$/);
  });

  test.each([
    [
      { permission: "General,Spot", ipWhitelist: "1.2.3.4" },
      { mayTrade: true, mayWithdraw: false, isIpRestricted: true },
    ],
    [
      { permission: "General, Spot, Withdrawal", ipWhitelist: "" },
      { mayTrade: true, mayWithdraw: true, isIpRestricted: false },
    ],
    [
      { permission: "General,Transfer" },
      { mayTrade: false, mayWithdraw: true, isIpRestricted: false },
    ],
    [{}, { mayTrade: undefined, mayWithdraw: undefined, isIpRestricted: undefined }],
    [null, { mayTrade: undefined, mayWithdraw: undefined, isIpRestricted: undefined }],
  ])("%j", (data, rights) => {
    expect(parse(data)).toEqual(rights);
  });
});
