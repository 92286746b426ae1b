// Goal: what REST says of an account is told exactly and whole, or not at all. Method: a desk with nothing
// behind it, answered in the venue's own forms.
import { describe, expect, test } from "vitest";
import { ppbOf } from "../../../../../hotpath/venues/kraken/execute/reads.ts";
import { DeskRig } from "./desk-rig.ts";

const CLIENT_ID = "rk00001-00000001";
const NAME = { venue: 4, instrument: 0, clientId: CLIENT_ID, orderId: "" } as const;
const START_S = 1_795_000_000;

const ORDER = {
  status: "canceled",
  opentm: START_S + 0.25,
  closetm: START_S + 0.5,
  vol: "1.20000000",
  vol_exec: "0.20000000",
  cl_ord_id: CLIENT_ID,
  reason: "User requested",
  trades: ["T1", "T2"],
  descr: { pair: "XBTUSD", type: "buy", price: "26500.4" },
};

function trade(changes: object = {}): object {
  return {
    ordertxid: "O1",
    pair: "XXBTZUSD",
    type: "buy",
    price: "26500.40000",
    vol: "0.10000000",
    fee: "1.10000",
    time: START_S + 0.5,
    maker: false,
    ...changes,
  };
}

const result = (value: object) => ({ error: [], result: value });
const failure = (text: string) => ({ error: [text] });

function opened(): DeskRig {
  const rig = new DeskRig().open();
  rig.told();
  return rig;
}

/** The path of a call, and what its body says beside the nonce. */
function asked({ path, body }: { path: string; body: string | undefined }): string {
  const params = new URLSearchParams(body ?? "");
  params.delete("nonce");
  return `${path.split("/").at(-1)}?${params.toString()}`;
}

describe("an order that is looked for", () => {
  const ask = (rig: DeskRig) => rig.desk.execute({ type: "queryOrder", requestId: 5, ...NAME });

  test("is among the open ones, then among the closed, and comes with its trades", () => {
    const rig = opened();
    ask(rig);
    expect(asked(rig.answer(result({ open: {} })))).toBe(
      `OpenOrders?cl_ord_id=${CLIENT_ID}&trades=true`,
    );
    expect(asked(rig.answer(result({ closed: { O1: ORDER } })))).toMatch(/^ClosedOrders/);
    expect(asked(rig.answer(result({ T1: trade(), T2: trade() })))).toBe(
      "QueryTrades?txid=T1%2CT2",
    );
    expect(rig.told()).toMatchObject([
      {
        type: "orderQueried",
        requestId: 5,
        outcome: "found",
        order: {
          orderId: "O1",
          state: "canceled",
          lots: 120_000_000,
          filledLots: 20_000_000,
          priceTicks: 265_004,
          exchangeUs: START_S * 1_000_000 + 500_000,
        },
        fills: [
          { tradeId: "T1", lots: 10_000_000, priceTicks: 265_004, fee: "1.10000", feeAsset: "USD" },
          { tradeId: "T2", clientId: CLIENT_ID },
        ],
      },
    ]);
  });

  test("is told as absent only where both lists say so", () => {
    const rig = opened();
    ask(rig);
    rig.answer(result({ open: { O9: { ...ORDER, cl_ord_id: "another" } } }));
    rig.answer(result({ closed: {} }));
    expect(rig.told()).toMatchObject([{ type: "orderQueried", outcome: "notFound" }]);
  });

  test.each([
    ["an answer without a list", result({})],
    ["an error", failure("EGeneral:Internal error")],
    ["a state nobody knows", result({ open: { O1: { ...ORDER, status: "dancing" } } })],
    ["a quantity off the step", result({ open: { O1: { ...ORDER, vol: "1.000000001" } } })],
    ["a page of a proxy", "<html>"],
  ])("is neither found nor absent after %s", (_name, body) => {
    const rig = opened();
    ask(rig);
    rig.answer(body);
    expect(rig.told()).toMatchObject([{ type: "orderQueried", outcome: "failed" }]);
  });

  test.each([
    ["closed orders without a list", [result({})]],
    ["a closed order that cannot be read", [result({ closed: { O1: { ...ORDER, vol: "x" } } })]],
    ["an error about its trades", [result({ closed: { O1: ORDER } }), failure("EGeneral:x")]],
    [
      "a trade that cannot be read",
      [result({ closed: { O1: ORDER } }), result({ T1: trade({ vol: "x" }), T2: trade() })],
    ],
    [
      "a trade of another order",
      [result({ closed: { O1: ORDER } }), result({ T1: trade({ ordertxid: "O2" }), T2: trade() })],
    ],
    [
      "an order of another instrument",
      [result({ closed: { O1: { ...ORDER, descr: { ...ORDER.descr, pair: "ADAUSD" } } } })],
    ],
  ])("is neither found nor absent after %s", (_name, answers) => {
    const rig = opened();
    ask(rig);
    rig.answer(result({ open: {} }));
    for (const body of answers) rig.answer(body);
    expect(rig.told()).toMatchObject([{ type: "orderQueried", outcome: "failed" }]);
  });

  test("that has no fills is found without asking for any", () => {
    const rig = opened();
    ask(rig);
    rig.answer(result({ open: { O1: { ...ORDER, status: "open", vol_exec: "0", trades: [] } } }));
    expect(rig.told()).toMatchObject([{ outcome: "found", order: { state: "open" }, fills: [] }]);
    expect(rig.calls).toEqual([]);
  });

  test("is not told with half its trades", () => {
    const rig = opened();
    ask(rig);
    rig.answer(result({ open: { O1: { ...ORDER, status: "open" } } }));
    rig.answer(result({ T1: trade() }));
    expect(rig.told()).toMatchObject([
      { outcome: "failed", reason: "its trades lack 10000000 lots" },
    ]);
  });
});

describe("an account", () => {
  const ask = (rig: DeskRig) =>
    rig.desk.execute({
      type: "readAccount",
      venue: 4,
      requestId: 8,
      tradesSinceUs: START_S * 1_000_000 + 999_999,
    });
  const balances = {
    XXBT: { balance: "1.2000000000", hold_trade: "0.2" },
    ZUSD: { balance: "100.5", hold_trade: "0", credit: "10", credit_used: "4.5" },
    ZETA: { balance: "7", hold_trade: "0" },
  };

  test("has balances under the house's names, what orders hold apart", () => {
    const rig = opened();
    ask(rig);
    expect(asked(rig.answer(result(balances)))).toBe("BalanceEx?");
    rig.answer(result({ open: {} }));
    expect(asked(rig.answer(result({ trades: { T1: trade() }, count: 1 })))).toBe(
      `TradesHistory?start=${START_S}&ofs=0`,
    );
    expect(rig.told()).toMatchObject([
      {
        type: "accountRead",
        requestId: 8,
        outcome: "read",
        balances: [
          { asset: "BTC", free: "1", held: "0.2", total: "1.2" },
          { asset: "USD", free: "106", held: "0", total: "100.5" },
          { asset: "ZETA", free: "7" },
        ],
        fills: [{ tradeId: "T1", orderId: "O1" }],
      },
    ]);
  });

  test("has every page of its trades, fifty at a time, without pairs that nobody follows", () => {
    const rig = opened();
    ask(rig);
    rig.answer(result({}));
    rig.answer(result({ open: {} }));
    const page = (from: number, count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, i) => [
          `T${from + i}`,
          trade(i === 0 ? { pair: "ADAUSD" } : {}),
        ]),
      );
    rig.answer(result({ trades: page(0, 50) }));
    expect(asked(rig.answer(result({ trades: page(50, 3) })))).toContain("ofs=50");
    const [event] = rig.told();
    expect(event).toMatchObject({ outcome: "read" });
    expect(event?.type === "accountRead" && event.fills.length).toBe(51);
  });

  test.each([
    ["balances", [result({ XXBT: { balance: "much" } })]],
    ["open orders", [result({}), result({ open: { O1: { ...ORDER, status: "?" } } })]],
    ["list of open orders", [result({}), result({})]],
    ["list of trades", [result({}), result({ open: {} }), result({})]],
    ["trades", [result({}), result({ open: {} }), result({ trades: { T1: trade({ vol: "x" }) } })]],
  ])("is not told without its %s", (_name, answers) => {
    const rig = opened();
    ask(rig);
    for (const body of answers) rig.answer(body);
    expect(rig.told()).toMatchObject([{ type: "accountRead", outcome: "failed" }]);
    expect(rig.calls).toEqual([]);
  });
});

describe("an account with more trades than are read", () => {
  test("is a failure, and no archive", () => {
    const rig = opened();
    rig.desk.execute({ type: "readAccount", venue: 4, requestId: 8, tradesSinceUs: 0 });
    rig.answer(result({}));
    rig.answer(result({ open: {} }));
    const page = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`T${i}`, trade()]));
    for (let pages = 0; pages < 20; pages++) rig.answer(result({ trades: page }));
    expect(rig.told()).toMatchObject([
      { outcome: "failed", reason: "TradesHistory: too many trades", fills: [] },
    ]);
  });
});

describe("open orders that are read", () => {
  test("give their trades our client ids", () => {
    const rig = opened();
    rig.desk.execute({ type: "readAccount", venue: 4, requestId: 8, tradesSinceUs: 0 });
    rig.answer(result({}));
    rig.answer(result({ open: { O1: { ...ORDER, status: "open" } } }));
    rig.answer(result({ trades: {} }));
    rig.told();
    rig.desk.execute({ type: "readAccount", venue: 4, requestId: 9, tradesSinceUs: 0 });
    rig.answer(result({}));
    rig.answer(result({ open: {} }));
    rig.answer(result({ trades: { T1: trade() } }));
    expect(rig.told()).toMatchObject([{ fills: [{ tradeId: "T1", clientId: CLIENT_ID }] }]);
  });
});

describe("fees", () => {
  test("that cannot be read are a failure", () => {
    const rig = opened();
    rig.desk.execute({ type: "readFees", venue: 4 });
    rig.answer(result({ fees: { XXBTZUSD: { fee: "free" } } }));
    rig.desk.execute({ type: "readFees", venue: 4 });
    rig.answer(failure("EGeneral:Internal error"));
    expect(rig.told()).toMatchObject([
      { type: "feesFailed", reason: "TradeVolume: a fee that cannot be read" },
      { type: "feesFailed", reason: "TradeVolume: EGeneral:Internal error" },
    ]);
  });

  test("are percentages of each pair, under any of its names", () => {
    const rig = opened();
    rig.desk.execute({ type: "readFees", venue: 4 });
    const call = rig.answer(
      result({
        currency: "ZUSD",
        fees: { XXBTZUSD: { fee: "0.2600" }, "ETH/BTC": { fee: 0.24 }, ADAUSD: { fee: "x" } },
        fees_maker: { XXBTZUSD: { fee: "0.1600" } },
      }),
    );
    expect(asked(call)).toBe("TradeVolume?pair=BTC%2FUSD%2CETH%2FBTC");
    expect(rig.told()).toMatchObject([
      {
        type: "feesRead",
        fees: [
          {
            instrument: 0,
            takerPpb: 2_600_000,
            makerPpb: 1_600_000,
            paidIn: "quote",
            feeAsset: "USD",
          },
          { instrument: 1, takerPpb: 2_400_000, makerPpb: 2_400_000, feeAsset: "BTC" },
        ],
      },
    ]);
  });

  test.each([
    ["0.2600", 2_600_000],
    ["0", 0],
    ["1", 10_000_000],
    ["0.00000001", 1],
    ["0.26000001", 2_600_001],
    ["0.2600000000", 2_600_000],
    ["-0.01", undefined],
    ["1e-3", undefined],
    [true, undefined],
  ])("%j percent", (text, ppb) => {
    expect(ppbOf(text)).toBe(ppb);
  });
});

describe("the queue of reads", () => {
  test("asks one thing at a time", () => {
    const rig = opened();
    rig.desk.execute({ type: "readFees", venue: 4 });
    rig.desk.execute({ type: "queryOrder", requestId: 5, ...NAME });
    expect(rig.calls).toHaveLength(1);
    rig.answer(result({ fees: {} }));
    expect(rig.calls.map(asked)).toEqual([`OpenOrders?cl_ord_id=${CLIENT_ID}&trades=true`]);
  });

  test("repeats a refused nonce with a greater one, three times in all", () => {
    const rig = opened();
    rig.desk.execute({ type: "readFees", venue: 4 });
    const nonces = [1, 2, 3].map(() => {
      const { body } = rig.answer(failure("EAPI:Invalid nonce"));
      return BigInt(new URLSearchParams(body ?? "").get("nonce") ?? "0");
    });
    expect(nonces[1]).toBeGreaterThan(nonces[0] as bigint);
    expect(nonces[2]).toBeGreaterThan(nonces[1] as bigint);
    expect(rig.calls).toEqual([]);
    expect(rig.told()).toMatchObject([{ type: "feesFailed" }]);
  });

  test("tells of a limit, and until when it is to be silent", () => {
    const rig = opened();
    rig.desk.execute({ type: "readFees", venue: 4 });
    rig.answer(failure("EAPI:Rate limit exceeded"));
    expect(rig.told()).toMatchObject([
      { type: "venueSilenced", untilUs: rig.nowUs + 5_000_000 },
      { type: "feesFailed" },
    ]);
  });

  test("goes on without the private connection, because a query needs none", () => {
    const rig = opened();
    rig.desk.execute({ type: "readFees", venue: 4 });
    rig.desk.execute({ type: "closeAccount", venue: 4, epoch: 1, reason: "test" });
    rig.told();
    rig.answer(result({ fees: {} }));
    expect(rig.told()).toMatchObject([{ type: "feesRead" }]);
  });
});
