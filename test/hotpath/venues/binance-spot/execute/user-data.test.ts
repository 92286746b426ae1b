// Goal: every event of the user data is told in our words, or as a gap when it cannot be read.
// Method: the official samples of user-data-stream.md, 2026-07-21, with the fields that differ.
import { describe, expect, test } from "vitest";
import { CLIENT_ID, DeskRig } from "./desk-rig.ts";

const NEW = {
  e: "executionReport",
  E: 1499405658658,
  s: "ETHUSDT",
  c: CLIENT_ID,
  S: "BUY",
  o: "LIMIT",
  f: "GTC",
  q: "1.00000000",
  p: "1026.44000000",
  P: "0.00000000",
  F: "0.00000000",
  g: -1,
  C: "",
  x: "NEW",
  X: "NEW",
  r: "NONE",
  i: 4293153,
  l: "0.00000000",
  z: "0.00000000",
  L: "0.00000000",
  n: "0",
  N: null,
  T: 1499405658657,
  t: -1,
  I: 8641984,
  w: true,
  m: false,
  M: false,
  O: 1499405658657,
  Z: "0.00000000",
  Y: "0.00000000",
  Q: "0.00000000",
  W: 1499405658657,
  V: "NONE",
};

const PARTIAL = {
  x: "TRADE",
  X: "PARTIALLY_FILLED",
  l: "0.40000000",
  z: "0.40000000",
  L: "1026.44000000",
  n: "0.00040000",
  N: "ETH",
  t: 1001,
  Y: "410.57600000",
  m: true,
};

function told(event: unknown): readonly unknown[] {
  const rig = new DeskRig();
  rig.open();
  rig.events.length = 0;
  rig.event(event);
  return rig.told();
}

describe("executionReport", () => {
  test("NEW is an open order", () => {
    expect(told(NEW)).toEqual([
      {
        type: "orderReported",
        source: "stream",
        order: {
          clientId: CLIENT_ID,
          orderId: "4293153",
          instrument: 4,
          side: "buy",
          state: "open",
          lots: 10_000,
          filledLots: 0,
          priceTicks: 102_644,
          reason: "",
          exchangeUs: 1_499_405_658_657_000,
        },
      },
    ]);
  });

  test("a trade is a fill, and then the order's new state", () => {
    expect(told({ ...NEW, ...PARTIAL })).toEqual([
      {
        type: "orderFilled",
        source: "stream",
        fill: {
          clientId: CLIENT_ID,
          orderId: "4293153",
          instrument: 4,
          tradeId: "1001",
          side: "buy",
          priceTicks: 102_644,
          lots: 4000,
          quote: "410.57600000",
          fee: "0.00040000",
          feeAsset: "ETH",
          isMaker: true,
          exchangeUs: 1_499_405_658_657_000,
        },
      },
      expect.objectContaining({
        order: expect.objectContaining({ state: "partiallyFilled", filledLots: 4000 }),
      }),
    ]);
  });

  test.each([
    ["PENDING_NEW", "received"],
    ["FILLED", "filled"],
    ["CANCELED", "canceled"],
    ["REJECTED", "rejected"],
    ["EXPIRED", "expired"],
    ["EXPIRED_IN_MATCH", "expired"],
  ])("%s is %s", (X, state) => {
    expect(told({ ...NEW, X })).toMatchObject([{ order: { state } }]);
  });

  test("a cancel is told under the order's own id, not the cancel's", () => {
    const canceled = { x: "CANCELED", X: "CANCELED", c: "cancelReqId1", C: CLIENT_ID };
    expect(told({ ...NEW, ...canceled })).toMatchObject([{ order: { clientId: CLIENT_ID } }]);
  });

  test("an ending has the venue's reason", () => {
    expect(
      told({ ...NEW, x: "EXPIRED", X: "EXPIRED", eR: "UNFILLED_IOC_QUANTITY_EXPIRED" }),
    ).toMatchObject([{ order: { reason: "UNFILLED_IOC_QUANTITY_EXPIRED" } }]);
    expect(
      told({ ...NEW, x: "REJECTED", X: "REJECTED", r: "INSUFFICIENT_BALANCES" }),
    ).toMatchObject([{ order: { reason: "INSUFFICIENT_BALANCES" } }]);
  });

  test("an order of an instrument that we do not follow is told without steps", () => {
    expect(told({ ...NEW, ...PARTIAL, s: "DOGEUSDT", c: "web_1" })).toMatchObject([
      { type: "orderReported", order: { clientId: "web_1", instrument: -1, lots: -1 } },
    ]);
  });

  test.each([
    ["a fill without an id", { ...PARTIAL, t: -1 }],
    ["a fill of nothing", { ...PARTIAL, l: "0.00000000" }],
    ["a fill beyond all fills of its order", { ...PARTIAL, l: "0.50000000" }],
    ["a fill without a fee", { ...PARTIAL, n: null }],
    ["more filled than ordered", { z: "1.50000000" }],
    ["a price off its steps", { p: "1026.445" }],
  ])("%s is a contradiction", (_what, change) => {
    expect(told({ ...NEW, ...change })).toContainEqual(
      expect.objectContaining({ type: "accountContradicted" }),
    );
  });

  test("a status that is not known is a gap as well", () => {
    expect(told({ ...NEW, X: "SOMETHING" })).toContainEqual(
      expect.objectContaining({ type: "accountGap" }),
    );
  });
});

describe("balances", () => {
  test("a position tells what is free and held", () => {
    const event = {
      e: "outboundAccountPosition",
      E: 1564034571105,
      u: 1564034571073,
      B: [{ a: "ETH", f: "10000.000000", l: "0.500000" }],
    };
    expect(told(event)).toEqual([
      {
        type: "balanceReported",
        balances: [{ asset: "ETH", free: "10000.000000", held: "0.500000", total: "" }],
        cause: "unknown",
        delta: "",
        exchangeUs: 1_564_034_571_073_000,
      },
    ]);
  });

  test("an update is a transfer of so much", () => {
    const event = { e: "balanceUpdate", E: 1, a: "BTC", d: "-100.00000000", T: 1573200697068 };
    expect(told(event)).toEqual([
      {
        type: "balanceReported",
        balances: [{ asset: "BTC", free: "", held: "", total: "" }],
        cause: "transfer",
        delta: "-100.00000000",
        exchangeUs: 1_573_200_697_068_000,
      },
    ]);
  });

  test.each([
    [
      "a lock by another system",
      { e: "externalLockUpdate", E: 1, a: "NEO", d: "10.00000000", T: 1 },
    ],
    ["a position without a list", { e: "outboundAccountPosition", u: 1 }],
    ["a position without amounts", { e: "outboundAccountPosition", u: 1, B: [{ a: "ETH" }] }],
    ["a position without a time", { e: "outboundAccountPosition", B: [] }],
    ["an update without an amount", { e: "balanceUpdate", a: "BTC", T: 1 }],
    ["an event of a new kind", { e: "somethingNew" }],
    ["an event without a kind", {}],
  ])("%s means that everything must be read again", (_what, event) => {
    expect(told(event)).toEqual([expect.objectContaining({ type: "accountGap" })]);
  });

  test("the state of an order list says nothing that its orders do not", () => {
    expect(
      told({ e: "listStatus", g: 1, c: "OCO", l: "EXEC_STARTED", L: "EXECUTING", O: [] }),
    ).toEqual([]);
  });
});
