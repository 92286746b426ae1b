// Goal: every fill counts once, in ledger and order, and every fee is the venue's where it tells one.
import { describe, expect, test } from "vitest";
import { isSettled } from "../../../../hotpath/core/order/order.ts";
import {
  ATTO,
  accepted,
  anomalies,
  filled,
  makeOrders,
  placed,
  QUOTE_FEE,
  queried,
  refused,
  reported,
  S,
  START_US,
  trade,
  view,
} from "./fixture.ts";

const USDT = (text: string): bigint => (BigInt(Math.round(Number(text) * 1e6)) * ATTO) / 1_000_000n;

describe("a fill", () => {
  test("before the answer opens the order, and the answer then changes nothing", () => {
    const orders = makeOrders();
    const order = placed(orders);
    const change = orders.applyEvent(filled(1, "a"), START_US);
    expect(change).toMatchObject({ becameOpen: true });
    expect(change.newFills).toHaveLength(1);
    orders.applyEvent(accepted(), START_US);
    expect(order).toMatchObject({ state: "open", filledLots: 5, firstFillUs: START_US });
    orders.applyEvent(filled(1, "b"), START_US);
    expect(order).toMatchObject({ state: "filled", filledLots: 10 });
    expect(isSettled(order)).toBe(true);
  });

  test("counts once, whoever repeats it", () => {
    const orders = makeOrders();
    const order = placed(orders);
    orders.applyEvent(filled(1, "a"), START_US);
    const total = orders.table.ledger.total(0, "USDT");
    const again = orders.applyEvent(filled(1, "a"), START_US);
    expect(again.newFills).toEqual([]);
    orders.markQuery(order, START_US);
    orders.applyEvent(
      queried(order, "found", { order: view(1, { filledLots: 5 }), fills: [trade(1, "a")] }),
      START_US,
    );
    expect(order.filledLots).toBe(5);
    expect(orders.table.ledger.total(0, "USDT")).toBe(total);
    expect(total).toBe(USDT("1000") - USDT("0.05") - USDT("0.001"));
    expect(orders.table.ledger.total(0, "BTC")).toBe(ATTO + (5n * ATTO) / 10_000n);
  });

  test("of the same trade id on the other instrument is another fill", () => {
    const orders = makeOrders();
    placed(orders);
    const other = placed(orders, 2, { instrument: 1 });
    orders.applyEvent(filled(1, "a"), START_US);
    orders.applyEvent(filled(2, "a", { instrument: 1 }), START_US);
    expect(other.filledLots).toBe(5);
  });

  test("after the order was canceled counts, and fills it when nothing is left", () => {
    const orders = makeOrders();
    const order = placed(orders);
    orders.applyEvent(reported(1, { state: "canceled", filledLots: 0 }), START_US);
    const late = orders.applyEvent(filled(1, "a"), START_US);
    expect(order).toMatchObject({ state: "canceled", filledLots: 5 });
    expect(late.mustQuery).toBe(true);
    expect(orders.takeDue(START_US, [])).toEqual([order]);
    orders.applyEvent(filled(1, "b"), START_US);
    expect(order).toMatchObject({ state: "filled", filledLots: 10 });
    expect(orders.table.ledger.reserved(0, "USDT")).toBe(0n);
  });

  test("of an order that was never accepted brings it back, with an alarm", () => {
    const orders = makeOrders();
    const order = placed(orders);
    orders.applyEvent(refused(1, "rejected"), START_US);
    const change = orders.applyEvent(filled(1, "a"), START_US);
    expect(order).toMatchObject({ state: "open", filledLots: 5 });
    expect(anomalies(change)).toEqual(["revived"]);
    expect(orders.table.live.has(order)).toBe(true);
  });

  test("beyond the order's size is believed, and alarms", () => {
    const orders = makeOrders();
    const order = placed(orders);
    orders.applyEvent(filled(1, "a", { lots: 10 }), START_US);
    const change = orders.applyEvent(filled(1, "b", { lots: 3 }), START_US);
    expect(anomalies(change)).toEqual(["overfill"]);
    expect(order).toMatchObject({ state: "filled", filledLots: 13 });
    expect(change.mustReadAccount).toBe(true);
  });

  test("without a known order is booked, alarmed, and joins its order when the name is learned", () => {
    const orders = makeOrders();
    const order = placed(orders);
    const early = orders.applyEvent(filled(0, "a", { orderId: "v1" }), START_US);
    expect(anomalies(early)).toEqual(["fillWithoutOrder"]);
    const total = orders.table.ledger.total(0, "USDT");
    expect(total).toBe(USDT("1000") - USDT("0.051"));
    const change = orders.applyEvent(accepted(1, "v1"), START_US);
    expect(change.newFills).toHaveLength(1);
    expect(order).toMatchObject({ state: "open", filledLots: 5 });
    expect(orders.table.ledger.total(0, "USDT")).toBe(total);
    expect(orders.table.orphans.size).toBe(0);
    orders.applyEvent(filled(0, "a", { orderId: "v1" }), START_US);
    expect(order.filledLots).toBe(5);
  });

  test("of somebody else's order changes the account and is told apart", () => {
    const orders = makeOrders();
    const change = orders.applyEvent(filled(0, "a", { clientId: "web-1", orderId: "x" }), START_US);
    expect(anomalies(change)).toEqual(["foreignFill"]);
    expect(orders.table.ledger.position(0, "BTC")).toBe((5n * ATTO) / 10_000n);
  });

  test.each([
    { lots: 0 },
    { lots: -1 },
    { lots: 1.5 },
    { lots: Number.NaN },
    { priceTicks: 0 },
    { tradeId: "" },
  ])("that cannot be read is refused: %j", (changes) => {
    const orders = makeOrders();
    const order = placed(orders);
    const change = orders.applyEvent(filled(1, "a", changes), START_US);
    expect(anomalies(change)).toEqual(["fillUnreadable"]);
    expect(order.filledLots).toBe(0);
  });

  test("of an instrument that we do not follow is refused and alarmed", () => {
    const orders = makeOrders();
    const change = orders.applyEvent(filled(0, "a", { instrument: -1 }), START_US);
    expect(anomalies(change)).toEqual(["fillElsewhere"]);
  });

  test("of the wrong side or instrument is not taken for the order's", () => {
    const orders = makeOrders();
    const order = placed(orders);
    const side = orders.applyEvent(filled(1, "a", { side: "sell" }), START_US);
    expect(anomalies(side)).toEqual(["contradiction"]);
    orders.applyEvent(filled(1, "b", { instrument: 1 }), START_US);
    expect(order.filledLots).toBe(0);
  });

  test("older than what is remembered is refused, not counted twice", () => {
    const orders = makeOrders();
    const order = placed(orders);
    orders.table.marksOf(0).startAt(START_US);
    const change = orders.applyEvent(filled(1, "a", { exchangeUs: START_US - 1 }), START_US);
    expect(anomalies(change)).toEqual(["fillTooOld"]);
    expect(order.filledLots).toBe(0);
    orders.applyEvent(filled(1, "b", { exchangeUs: 0 }), START_US);
    expect(order.filledLots).toBe(5);
  });

  test("that makes a full memory forget says so", () => {
    const orders = makeOrders({ marks: { countMax: 2, keepUs: S } });
    placed(orders, 1, { lots: 100 });
    const names = ["a", "b", "c"].flatMap((name, i) =>
      anomalies(orders.applyEvent(filled(1, name, { exchangeUs: START_US + i }), START_US)),
    );
    expect(names).toEqual(["marksForced"]);
  });
});

describe("a fee", () => {
  test("that the venue does not tell is worked out by the rate and mended by a query", () => {
    const orders = makeOrders();
    orders.table.rates[0] = QUOTE_FEE;
    const order = placed(orders);
    orders.applyEvent(filled(1, "a", { fee: "", lots: 10 }), START_US);
    expect(order.fills[0]).toMatchObject({ fee: USDT("0.0001"), isFeeWorkedOut: true });
    const change = orders.applyEvent(filled(1, "a", { fee: "0.0002", lots: 10 }), START_US);
    expect(change).toMatchObject({ isFeeMended: true });
    expect(order.fills[0]).toMatchObject({ fee: USDT("0.0002"), isFeeWorkedOut: false });
    expect(orders.table.ledger.holding(0, "USDT").fees).toBe(USDT("0.0002"));
    // Once the venue has spoken, its second word is only a repetition.
    orders.applyEvent(filled(1, "a", { fee: "0.0003", lots: 10 }), START_US);
    expect(orders.table.ledger.holding(0, "USDT").fees).toBe(USDT("0.0002"));
  });

  test("in what is received lowers what is received", () => {
    const orders = makeOrders();
    orders.table.rates[0] = { ...QUOTE_FEE, paidIn: "received", feeAsset: "" };
    placed(orders);
    orders.applyEvent(filled(1, "a", { fee: "", lots: 10 }), START_US);
    // 0.001 BTC less a thousandth of it.
    expect(orders.table.ledger.position(0, "BTC")).toBe((999n * ATTO) / 1_000_000n);
  });

  test("in a third asset, or by no known rate, is left open until it is told", () => {
    const orders = makeOrders();
    const order = placed(orders);
    orders.applyEvent(filled(1, "a", { fee: "", feeAsset: "" }), START_US);
    expect(order.fills[0]).toMatchObject({ fee: 0n, isFeeWorkedOut: true });
    orders.applyEvent(filled(1, "a", { fee: "0.01", feeAsset: "BNB" }), START_US);
    expect(orders.table.ledger.position(0, "BNB")).toBe(-USDT("0.01"));
  });

  test("that cannot be read is worked out, and alarmed", () => {
    const orders = makeOrders();
    orders.table.rates[0] = QUOTE_FEE;
    placed(orders);
    const change = orders.applyEvent(filled(1, "a", { fee: "1e-3", lots: 10 }), START_US);
    expect(anomalies(change)).toEqual(["feeUnreadable"]);
    expect(orders.table.ledger.holding(0, "USDT").fees).toBe(USDT("0.0001"));
  });

  test.each([
    ["USDT", "0.05"],
    ["BTC", "0.0005"],
  ])("that is absurd in %s counts, and is alarmed", (feeAsset, fee) => {
    const orders = makeOrders();
    placed(orders);
    const change = orders.applyEvent(filled(1, "a", { fee, feeAsset }), START_US);
    expect(anomalies(change)).toEqual(["feeAbsurd"]);
    expect(orders.table.ledger.holding(0, feeAsset).fees).toBe(USDT(fee));
  });

  test("that is a rebate is paid to us", () => {
    const orders = makeOrders();
    placed(orders);
    orders.applyEvent(filled(1, "a", { fee: "-0.001" }), START_US);
    expect(orders.table.ledger.total(0, "USDT")).toBe(USDT("1000") - USDT("0.05") + USDT("0.001"));
  });

  test("rate that makes no sense is not taken", () => {
    const orders = makeOrders();
    const fees = [
      { ...QUOTE_FEE, takerPpb: 200_000_000 },
      { ...QUOTE_FEE, instrument: 99 },
      { ...QUOTE_FEE, instrument: 1, makerPpb: Number.NaN },
    ];
    orders.applyEvent({ type: "feesRead", venue: 0, epoch: 1, recvUs: 0, fees }, START_US);
    expect(orders.table.rates).toEqual([undefined, undefined]);
  });
});
