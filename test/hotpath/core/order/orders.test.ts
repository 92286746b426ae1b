// Goal: whatever a venue says of an order, in whatever order, has one outcome, and every fill counts once.

import { describe, expect, test } from "vitest";
import { PAPER_ORDER_ID_PREFIX } from "../../../../hotpath/core/order/client-id.ts";
import { isSettled, missingLots, tradedLots } from "../../../../hotpath/core/order/order.ts";
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
      placed(orders, command, { cycle: 0 });
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

  test("that is filled on paper is no alarm", () => {
    const orders = makeOrders();
    placed(orders, 1, { isTest: true });
    orders.applyEvent({ ...accepted(), type: "orderTested", clientId: id(1) }, START_US);
    const onPaper = accepted(1, `${PAPER_ORDER_ID_PREFIX}${id(1)}`);
    expect(anomalies(orders.applyEvent(onPaper, START_US))).toEqual([]);
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

describe("ended orders", () => {
  const LATER_US = START_US + 121 * S;

  test("are forgotten after a while, but for those of a cycle under way", () => {
    const orders = makeOrders();
    for (const [command, cycle] of [
      [1, 0],
      [2, 5],
      [3, 6],
    ] as const) {
      placed(orders, command, { cycle });
      orders.applyEvent(refused(command, "rejected"), START_US);
    }
    orders.releaseCycle(6);
    orders.applyPlace(place(4, { cycle: 0 }), LATER_US - 2 * S);
    expect(orders.table.count).toBe(4);
    orders.applyPlace(place(5, { cycle: 0 }), LATER_US);
    expect([...orders.table.all()].map(({ command }) => command)).toEqual([2, 4, 5]);
    orders.releaseCycle(5);
    orders.applyPlace(place(6, { cycle: 0 }), LATER_US);
    expect(orders.table.get(id(2))).toBeUndefined();
  });

  test("are forgotten when there are too many, but for those of a cycle under way", () => {
    const orders = makeOrders({ endedMax: 2 });
    for (const [command, cycle] of [
      [1, 5],
      [2, 0],
      [3, 0],
      [4, 0],
    ] as const) {
      placed(orders, command, { cycle });
      orders.applyEvent(refused(command, "rejected"), START_US);
    }
    expect([...orders.table.all()].map(({ command }) => command)).toEqual([1, 4]);
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
