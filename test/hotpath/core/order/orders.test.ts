// Goal: whatever a venue says of an order, in whatever order, has one outcome, and every fill counts once.
import { describe, expect, test } from "vitest";
import {
  isSettled,
  missingLots,
  residueLots,
  tradedLots,
} from "../../../../hotpath/core/order/order.ts";
import type { RefusalClass } from "../../../../hotpath/core/trade/events.ts";
import {
  ATTO,
  accepted,
  anomalies,
  balances,
  cancelRefused,
  FENCE,
  filled,
  id,
  makeOrders,
  place,
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

describe("an order on its way", () => {
  test("keeps back its worst case until it is known what became of it", () => {
    const orders = makeOrders();
    placed(orders);
    expect(orders.table.ledger.reserved(0, "USDT")).toBe(USDT("0.1"));
    expect(orders.table.ledger.free(0, "USDT")).toBe(USDT("999.9"));
    orders.applyEvent(refused(1, "rejected"), START_US);
    expect(orders.table.ledger.reserved(0, "USDT")).toBe(0n);
  });

  test("keeps back the fee as well where it is paid in quote", () => {
    const orders = makeOrders();
    orders.applyEvent(
      { type: "feesRead", venue: 0, epoch: 1, recvUs: START_US, fees: [QUOTE_FEE] },
      START_US,
    );
    placed(orders);
    expect(orders.table.ledger.reserved(0, "USDT")).toBe(USDT("0.1001"));
  });

  test("of a sale keeps back what is sold", () => {
    const orders = makeOrders();
    placed(orders, 1, { side: "sell" });
    expect(orders.table.ledger.reserved(0, "BTC")).toBe(ATTO / 1000n);
  });

  test("is placed once", () => {
    const orders = makeOrders();
    placed(orders);
    expect(() => placed(orders)).toThrow(/once/);
  });

  test("becomes open by its answer, and a second answer changes nothing", () => {
    const orders = makeOrders();
    const order = placed(orders);
    expect(orders.applyEvent(accepted(), START_US)).toMatchObject({ becameOpen: true });
    expect(order).toMatchObject({ state: "open", orderId: "v1", ackUs: START_US });
    expect(orders.applyEvent(accepted(), START_US)).toMatchObject({
      becameOpen: false,
      isAbsorbed: true,
    });
  });

  test("that did not leave is at its end", () => {
    const orders = makeOrders();
    const order = placed(orders);
    const change = orders.applyEvent(
      { ...accepted(), type: "orderNotSent", clientId: id(1), reason: "closed" },
      START_US,
    );
    expect(change).toMatchObject({ becameTerminal: true, becameSettled: true });
    expect(order).toMatchObject({ state: "notSent", cause: "closed" });
  });

  const classes: readonly (readonly [RefusalClass, string, boolean])[] = [
    ["rejected", "rejected", false],
    ["throttled", "rejected", false],
    ["clock", "rejected", false],
    ["credentials", "rejected", false],
    ["halted", "rejected", false],
    ["duplicate", "unknown", true],
    ["noSuchOrder", "unknown", true],
    ["unknown", "unknown", true],
  ];
  test.each(classes)("that is refused as %s is %s", (refusal, state, mustQuery) => {
    const orders = makeOrders();
    const order = placed(orders);
    const change = orders.applyEvent(refused(1, refusal), START_US);
    expect(order).toMatchObject({ state, cause: `code-${refusal}` });
    expect(change.mustQuery).toBe(mustQuery);
    expect(orders.takeDue(START_US, [])).toEqual(mustQuery ? [order] : []);
    expect(orders.table.ledger.reserved(0, "USDT") > 0n).toBe(mustQuery);
  });

  test("that is refused after it was seen open stays open, alarms and is asked about", () => {
    const orders = makeOrders();
    const order = placed(orders);
    orders.applyEvent(reported(1), START_US);
    const change = orders.applyEvent(refused(1, "rejected"), START_US);
    expect(order.state).toBe("open");
    expect(anomalies(change)).toEqual(["contradiction"]);
    expect(orders.takeDue(START_US, [])).toEqual([order]);
  });

  test("that is refused with fills was canceled, not refused", () => {
    const orders = makeOrders();
    const order = placed(orders);
    orders.applyEvent(filled(1, "a"), START_US);
    const change = orders.applyEvent(reported(1, { state: "rejected" }), START_US);
    expect(order).toMatchObject({ state: "canceled", filledLots: 5 });
    expect(anomalies(change)).toEqual(["contradiction"]);
  });
});

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

describe("a report", () => {
  test("NEW that comes after FILLED changes nothing", () => {
    const orders = makeOrders();
    const order = placed(orders);
    orders.applyEvent(filled(1, "a", { lots: 10 }), START_US);
    const change = orders.applyEvent(reported(1, { state: "open", filledLots: 0 }), START_US);
    expect(change).toMatchObject({ isAbsorbed: true, mustQuery: false });
    expect(order.state).toBe("filled");
  });

  test("filled before its trades ends the order, which is settled when they come", () => {
    const orders = makeOrders();
    const order = placed(orders);
    const end = orders.applyEvent(reported(1, { state: "filled", filledLots: 10 }), START_US);
    expect(end).toMatchObject({ becameTerminal: true, becameSettled: false });
    expect(missingLots(order)).toBe(10);
    expect(orders.table.ledger.reserved(0, "USDT")).toBe(USDT("0.1"));
    expect(orders.nextDueUs()).toBeGreaterThan(START_US);
    const settled = orders.applyEvent(filled(1, "a", { lots: 10 }), START_US);
    expect(settled).toMatchObject({ becameTerminal: false, becameSettled: true });
    expect(orders.table.ledger.reserved(0, "USDT")).toBe(0n);
    expect(orders.nextDueUs()).toBe(Number.POSITIVE_INFINITY);
  });

  test("filled with fewer lots than ordered is an end, and the residue is known", () => {
    const orders = makeOrders();
    const order = placed(orders);
    orders.applyEvent(filled(1, "a", { lots: 9 }), START_US);
    orders.applyEvent(reported(1, { state: "filled", filledLots: 9 }), START_US);
    expect(order.state).toBe("filled");
    expect(isSettled(order)).toBe(true);
    expect(residueLots(order)).toBe(1);
  });

  test("filled that names no number means all of it, until a query says otherwise", () => {
    const orders = makeOrders();
    const order = placed(orders);
    orders.applyEvent(filled(1, "a", { lots: 9 }), START_US);
    orders.applyEvent(reported(1, { state: "filled" }), START_US);
    expect(missingLots(order)).toBe(1);
    orders.markQuery(order, START_US);
    const found = { order: view(1, { state: "filled", filledLots: 9 }), fills: [] };
    const change = orders.applyEvent(queried(order, "found", found), START_US);
    expect(change.becameSettled).toBe(true);
    expect(residueLots(order)).toBe(1);
  });

  test("with another size than ordered is a contradiction", () => {
    const orders = makeOrders();
    placed(orders);
    expect(anomalies(orders.applyEvent(reported(1, { lots: 11 }), START_US))).toEqual([
      "contradiction",
    ]);
  });

  test("of more than was ordered is an overfill", () => {
    const orders = makeOrders();
    placed(orders);
    const change = orders.applyEvent(reported(1, { filledLots: 11 }), START_US);
    expect(anomalies(change)).toEqual(["overfill"]);
  });

  test("with the other side is not about this order", () => {
    const orders = makeOrders();
    const order = placed(orders);
    const change = orders.applyEvent(reported(1, { side: "sell", state: "canceled" }), START_US);
    expect(anomalies(change)).toEqual(["contradiction"]);
    expect(order.state).toBe("sent");
    expect(change.mustQuery).toBe(true);
  });

  test("of a second order under the same name is the alarm of alarms, and moves nothing", () => {
    const orders = makeOrders();
    const order = placed(orders);
    orders.applyEvent(accepted(1, "v1"), START_US);
    const change = orders.applyEvent(reported(1, { orderId: "w1", state: "filled" }), START_US);
    expect(anomalies(change)).toEqual(["twoOrderIds"]);
    expect(order).toMatchObject({ state: "open", orderId: "v1" });
    expect(anomalies(orders.applyEvent(accepted(1, "w1"), START_US))).toEqual(["twoOrderIds"]);
  });

  test("of a foreign order is seen once and watched until it ends", () => {
    const orders = makeOrders();
    const foreign = { clientId: "web-1", orderId: "f" };
    expect(anomalies(orders.applyEvent(reported(0, foreign), START_US))).toEqual(["foreignOrder"]);
    expect(anomalies(orders.applyEvent(reported(0, foreign), START_US))).toEqual([]);
    expect(orders.table.foreign.size).toBe(1);
    orders.applyEvent(reported(0, { ...foreign, state: "canceled" }), START_US);
    expect(orders.table.foreign.size).toBe(0);
  });

  test("of an older fence's open order adopts it for its exposure", () => {
    const orders = makeOrders();
    const clientId = id(3, FENCE - 1);
    const change = orders.applyEvent(reported(3, { clientId }), START_US);
    expect(anomalies(change)).toEqual(["unknownOwnOrder"]);
    expect(orders.table.get(clientId)).toMatchObject({ state: "open", isAdopted: true });
    expect(orders.table.ledger.reserved(0, "USDT")).toBe(USDT("0.1"));
  });

  test("of a newer fence means that the account has another owner", () => {
    const orders = makeOrders();
    const change = orders.applyEvent(reported(3, { clientId: id(3, FENCE + 1) }), START_US);
    expect(anomalies(change)).toEqual(["newerFence"]);
    expect(orders.table.count).toBe(0);
  });

  test("of an own open order that says too little is alarmed without being adopted", () => {
    const orders = makeOrders();
    const sparse = { clientId: id(3), side: undefined, lots: -1 };
    const change = orders.applyEvent(reported(3, sparse), START_US);
    expect(anomalies(change)).toEqual(["unknownOwnOrder"]);
    expect(change.mustReadAccount).toBe(true);
    expect(orders.table.count).toBe(0);
  });

  test("of an order that ended long ago and was forgotten is nothing new", () => {
    const orders = makeOrders({ endedMax: 1 });
    for (const command of [1, 2]) {
      placed(orders, command);
      orders.applyEvent(refused(command, "rejected"), START_US);
    }
    expect(orders.table.get(id(1))).toBeUndefined();
    const change = orders.applyEvent(reported(1, { state: "rejected" }), START_US);
    expect(anomalies(change)).toEqual([]);
    expect(change.isAbsorbed).toBe(true);
  });

  test("of another venue is not about our order", () => {
    const orders = makeOrders();
    const order = placed(orders);
    const change = orders.applyEvent({ ...accepted(), venue: 1 }, START_US);
    expect(order.state).toBe("sent");
    expect(change).toMatchObject({ order: undefined, mustReadAccount: true });
    const report = orders.applyEvent({ ...reported(1), venue: 1 }, START_US);
    expect(anomalies(report)).toEqual(["contradiction"]);
  });
});

describe("a cancel", () => {
  test("that is accepted ends nothing; only the order's own end does", () => {
    const orders = makeOrders();
    const order = placed(orders, 1, { timeInForce: "gtc" });
    orders.applyEvent(accepted(), START_US);
    orders.markCancel(order, START_US);
    orders.applyEvent({ ...accepted(), type: "cancelAccepted", clientId: id(1) }, START_US);
    expect(order).toMatchObject({ state: "open", cancelUs: START_US });
    // The report may be lost: the order is asked about soon, and not at the pace of one that rests.
    expect(orders.nextDueUs()).toBeLessThanOrEqual(START_US + 2 * S);
    orders.applyEvent(reported(1, { state: "canceled", filledLots: 0 }), START_US);
    expect(order.state).toBe("canceled");
  });

  test("that is refused because the venue knows no such order is asked about", () => {
    const orders = makeOrders();
    const order = placed(orders);
    orders.applyEvent(accepted(), START_US);
    orders.markCancel(order, START_US);
    const change = orders.applyEvent(cancelRefused(1, "noSuchOrder"), START_US);
    expect(order.state).toBe("open");
    expect(change.mustQuery).toBe(true);
    expect(orders.takeDue(START_US, [])).toEqual([order]);
  });

  test("of an order that we do not have asks for a reading", () => {
    const orders = makeOrders();
    const change = orders.applyEvent(cancelRefused(9, "noSuchOrder"), START_US);
    expect(change).toMatchObject({ order: undefined, mustReadAccount: true });
  });

  test("of an order that is over is our own mistake", () => {
    const orders = makeOrders();
    const order = placed(orders);
    orders.applyEvent(refused(1, "rejected"), START_US);
    expect(() => orders.markCancel(order, START_US)).toThrow();
  });
});

describe("what is said to be filled", () => {
  test("stands in at the limit price until the trades come, and is then replaced", () => {
    const orders = makeOrders();
    orders.table.rates[0] = QUOTE_FEE;
    const order = placed(orders);
    orders.markQuery(order, START_US);
    const said = { order: view(1, { state: "filled", filledLots: 10 }), fills: [] };
    orders.applyEvent(queried(order, "found", said), START_US);
    expect(order).toMatchObject({ state: "filled", filledLots: 10, syntheticLots: 10 });
    expect(orders.table.ledger.position(0, "USDT")).toBe(-USDT("0.1001"));
    expect(isSettled(order)).toBe(false);
    // The trades were better than the limit.
    orders.applyEvent(filled(1, "a", { lots: 4, priceTicks: 9_000 }), START_US);
    expect(order).toMatchObject({ filledLots: 10, syntheticLots: 6 });
    expect(tradedLots(order)).toBe(4);
    orders.applyEvent(filled(1, "b", { lots: 6, priceTicks: 9_000 }), START_US);
    expect(order).toMatchObject({ filledLots: 10, syntheticLots: 0 });
    expect(orders.table.ledger.position(0, "USDT")).toBe(-USDT("0.09") - USDT("0.002"));
    expect(orders.table.ledger.position(0, "BTC")).toBe(ATTO / 1000n);
    expect(isSettled(order)).toBe(true);
  });
});

describe("a paper order", () => {
  test("is open once its test has passed, and a real answer to it is an alarm", () => {
    const orders = makeOrders();
    const order = placed(orders, 1, { isTest: true });
    orders.applyEvent({ ...accepted(), type: "orderTested", clientId: id(1) }, START_US);
    expect(order.state).toBe("open");
    expect(anomalies(orders.applyEvent(accepted(), START_US))).toEqual(["testMixedUp"]);
  });

  test("that was a real one leaves an unknown order behind", () => {
    const orders = makeOrders();
    const order = placed(orders);
    const tested = { ...accepted(), type: "orderTested" as const, clientId: id(1) };
    expect(anomalies(orders.applyEvent(tested, START_US))).toEqual(["testMixedUp"]);
    expect(order.state).toBe("unknown");
  });
});

describe("the account", () => {
  const of = { venue: 0, epoch: 1, recvUs: START_US };

  test("that has lost words is read again, and its orders are asked about", () => {
    const orders = makeOrders();
    const order = placed(orders);
    const change = orders.applyEvent({ ...of, type: "accountGap", reason: "seq" }, START_US);
    expect(change.mustReadAccount).toBe(true);
    expect(orders.takeDue(START_US, [])).toEqual([order]);
  });

  test("counts a deposit as an outside move", () => {
    const orders = makeOrders();
    const moved = { ...of, type: "balanceReported" as const, exchangeUs: 0 };
    const [usdt] = balances({ USDT: "" });
    const deposit = { ...moved, balances: usdt === undefined ? [] : [usdt] };
    orders.applyEvent({ ...deposit, cause: "transfer", delta: "5" }, START_US);
    orders.applyEvent({ ...deposit, cause: "transfer", delta: "-2" }, START_US);
    orders.applyEvent({ ...deposit, cause: "trade", delta: "" }, START_US);
    expect(orders.table.ledger.holding(0, "USDT").external).toBe(3n * ATTO);
    const vague = orders.applyEvent({ ...deposit, cause: "transfer", delta: "" }, START_US);
    expect(vague.mustReadAccount).toBe(true);
    const bad = orders.applyEvent({ ...deposit, cause: "transfer", delta: "1e3" }, START_US);
    expect(anomalies(bad)).toEqual(["moveUnreadable"]);
  });

  test("that contradicts itself is told on", () => {
    const change = makeOrders().applyEvent(
      { ...of, type: "accountContradicted", reason: "another account" },
      START_US,
    );
    expect(anomalies(change)).toEqual(["accountContradicted"]);
  });

  test.each([
    { ...of, type: "accountReady" as const },
    { ...of, type: "accountHeard" as const },
    { ...of, type: "accountClosed" as const, reason: "" },
    { ...of, type: "feesFailed" as const, reason: "" },
    { ...of, type: "usageReported" as const, rate: "orders", instrument: -1, used: 1 },
    { ...of, type: "venueSilenced" as const, untilUs: START_US, isBan: false },
  ])("says nothing of orders with $type", (event) => {
    const orders = makeOrders();
    const order = placed(orders);
    const change = orders.applyEvent(event, START_US);
    expect(change).toMatchObject({ order: undefined, mustQuery: false, mustReadAccount: false });
    expect(order.state).toBe("sent");
  });
});

describe("an intent from the intent log", () => {
  test("is unknown, keeps its worst case, and is asked about at once", () => {
    const orders = makeOrders();
    const order = orders.adoptIntent(place(1), START_US);
    expect(order).toMatchObject({ state: "unknown", isAdopted: true });
    expect(orders.table.ledger.reserved(0, "USDT")).toBe(USDT("0.1"));
    expect(orders.takeDue(START_US, [])).toEqual([order]);
    expect(orders.adoptIntent(place(1), START_US)).toBeUndefined();
  });
});
