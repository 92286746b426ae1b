// Goal: what random scripts of words have shown wrong in the state of orders stays right. Method: the shortest
// form of each, told to a table of orders.
import { describe, expect, test } from "vitest";
import { exportOrders, importOrders } from "../../../../hotpath/core/order/order-state.ts";
import {
  ATTO,
  accepted,
  anomalies,
  filled,
  id,
  makeOrders,
  OPTIONS,
  placed,
  reported,
  START_US,
} from "./fixture.ts";

describe("an order of ours that only the venue knew", () => {
  test("is asked about where the fills that it found waiting are fewer than was told", () => {
    const orders = makeOrders();
    orders.applyEvent(filled(3, "t1", { lots: 4 }), START_US);
    const change = orders.applyEvent(reported(3, { lots: 4, filledLots: 5 }), START_US);
    expect(change.order).toMatchObject({ state: "filled", filledLots: 4, reportedLots: 5 });
    expect(orders.table.unsettled.size).toBe(1);
    expect(orders.nextDueUs()).toBeLessThan(Number.POSITIVE_INFINITY);
  });

  test("owns no fill of a stranger because neither has a name at the venue", () => {
    const orders = makeOrders();
    orders.applyEvent(filled(0, "t1", { clientId: "web_1", orderId: "" }), START_US);
    const change = orders.applyEvent(reported(3, { orderId: "" }), START_US);
    expect(change.order).toMatchObject({ state: "open", fills: [] });
    expect(orders.table.orphans.size).toBe(1);
  });
});

describe("the venue's name of one order", () => {
  test("is not given to a second one, whoever says it, and the second is not moved", () => {
    const orders = makeOrders();
    const [one, two] = [placed(orders, 1), placed(orders, 2)];
    orders.applyEvent(accepted(1, "v1"), START_US);
    for (const event of [accepted(2, "v1"), reported(2, { orderId: "v1", state: "filled" })]) {
      const change = orders.applyEvent(event, START_US);
      expect(anomalies(change)).toEqual(["contradiction"]);
      expect(change.mustReadAccount).toBe(true);
    }
    expect(two).toMatchObject({ state: "sent", orderId: "" });
    expect(orders.table.byOrderId(0, 0, "v1")).toBe(one);
    // And it is no stranger's either.
    expect(orders.table.foreign.size).toBe(0);
  });

  test("names the same order after a restart", () => {
    const orders = makeOrders();
    placed(orders, 1);
    placed(orders, 2);
    orders.applyEvent(accepted(2, "v1"), START_US);
    orders.applyEvent(accepted(1, "v1"), START_US);
    const read = importOrders(exportOrders(orders), OPTIONS);
    expect(read).toMatchObject({ kind: "orders" });
    for (const each of read.kind === "orders" ? [orders, read.orders] : []) {
      const change = each.applyEvent(filled(0, "t1", { orderId: "v1" }), START_US);
      expect(change.order?.clientId).toBe(id(2));
    }
  });
});

describe("a trade told again with its fee, under the name of an order that it cannot be of", () => {
  const ONE = { clientId: "", orderId: "", fee: "", feeAsset: "" } as const;
  const FEE = { fee: "0.5", feeAsset: "USDT" } as const;

  test.each([
    { of: "another market", place: {}, elsewhere: { instrument: 1 } },
    { of: "the other side", place: {}, elsewhere: { side: "sell" } },
    { of: "another venue", place: { venue: 1 }, elsewhere: {} },
  ] as const)(
    "of $of: the fee is its own, and not that of the order's trade of the same id",
    (way) => {
      const orders = makeOrders();
      const order = placed(orders, 1, way.place);
      const own = filled(1, "t1", { fee: "", feeAsset: "" });
      orders.applyEvent({ ...own, venue: order.venue }, START_US);
      const ownFee = order.fills[0]?.fee;
      orders.applyEvent(filled(0, "t1", { ...ONE, ...way.elsewhere }), START_US);

      const change = orders.applyEvent(filled(1, "t1", { ...FEE, ...way.elsewhere }), START_US);
      expect(change).toMatchObject({ newFills: [], isFeeMended: true });
      expect(order.fills).toMatchObject([{ fee: ownFee, isFeeWorkedOut: true }]);
      const [orphan] = orders.table.orphans.values();
      expect(orphan?.fill).toMatchObject({ fee: ATTO / 2n, isFeeWorkedOut: false });
    },
  );
});
