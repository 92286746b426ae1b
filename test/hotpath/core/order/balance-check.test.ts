// Goal: a balance that differs closes its venue once two readings agree on it, and whatever explains it opens it.
import { describe, expect, test } from "vitest";
import { acceptDifference, explainVenue } from "../../../../hotpath/core/order/balance-check.ts";
import { totalOf } from "../../../../hotpath/core/order/ledger.ts";
import type { Orders } from "../../../../hotpath/core/order/orders.ts";
import { reconcile } from "../../../../hotpath/core/order/reconcile.ts";
import { isBlocked } from "../../../../hotpath/core/order/reconcile-run.ts";
import {
  ATTO,
  accepted,
  balances,
  filled,
  makeOrders,
  placed,
  QUOTE_FEE,
  reading,
  S,
  START_US,
  trade,
  view,
} from "./fixture.ts";

/** Long enough after everything that absence may be judged. */
const LATER_US = START_US + 60 * S;
const OF_ACCOUNT = { venue: 0, epoch: 1, recvUs: START_US };
const TOTALS = { USDT: "1000", BTC: "1", ETH: "10" };

const open = (orders: Orders): void => {
  placed(orders);
  orders.applyEvent(accepted(), START_US);
};

describe("balances", () => {
  test("of the first reading are the start, and hold every trade up to there", () => {
    const orders = makeOrders();
    const first = reading(LATER_US, {
      balances: balances({ USDT: "5" }),
      fills: [trade(0, "old", { exchangeUs: LATER_US - 1 }), trade(0, "older", { instrument: -1 })],
    });
    const event = { ...first.event, venue: 1 };
    expect(reconcile(orders, { ...first, event })).toEqual([]);
    expect(totalOf(orders.table.ledger.holding(1, "USDT"))).toBe(5n * ATTO);
    expect(reconcile(orders, { ...first, event })).toEqual([]);
  });

  test("that cannot be read open nothing, and close what is open", () => {
    const orders = makeOrders();
    const bad = balances({ ...TOTALS, USDT: "many" });
    const first = reading(LATER_US, { balances: bad });
    const event = { ...first.event, venue: 1 };
    expect(reconcile(orders, { ...first, event })).toEqual([]);
    expect(orders.table.ledger.isOpen(1)).toBe(false);
    const outcomes = reconcile(orders, first);
    expect(outcomes.map((outcome) => outcome.case)).toEqual(["balanceDiffers"]);
    expect(reconcile(orders, first)).toEqual([]);
    explainVenue(orders.table, 0);
    expect(isBlocked(orders.table, 0)).toBe(false);
  });

  test("may differ by what live orders and the last fills have done", () => {
    const orders = makeOrders();
    open(orders);
    for (const totals of [
      { ...TOTALS, USDT: "999.9", BTC: "1.001" },
      { ...TOTALS, USDT: "999.95" },
    ]) {
      const shows = { openOrders: [view(1)], balances: balances(totals) };
      reconcile(orders, reading(LATER_US, shows));
      reconcile(orders, reading(LATER_US + 10 * S, shows));
      expect(isBlocked(orders.table, 0)).toBe(false);
    }
    orders.applyEvent(filled(1, "a", { lots: 10 }, LATER_US + 11 * S), LATER_US + 11 * S);
    const lagging = { balances: balances(TOTALS) };
    reconcile(orders, reading(LATER_US + 11 * S, lagging));
    reconcile(orders, reading(LATER_US + 14 * S, lagging));
    expect(isBlocked(orders.table, 0)).toBe(false);
    // Once the fills are old, a balance without them is wrong.
    reconcile(orders, reading(LATER_US + 30 * S, lagging));
    const outcomes = reconcile(orders, reading(LATER_US + 40 * S, lagging));
    expect(outcomes.map((outcome) => outcome.case)).toEqual(["balanceDiffers", "balanceDiffers"]);
  });

  test("that orders in flight might explain agree with nothing, and take no doubt away", () => {
    const orders = makeOrders();
    const moved = { openOrders: [view(1)], balances: balances({ ...TOTALS, USDT: "999.95" }) };
    reconcile(orders, reading(LATER_US, { balances: moved.balances }));
    const { doubts, unprovenSinceUs } = orders.table;
    expect([doubts[0]?.has("USDT"), unprovenSinceUs[0]]).toEqual([true, 0]);
    open(orders);
    reconcile(orders, reading(LATER_US + 10 * S, moved));
    expect([doubts[0]?.has("USDT"), unprovenSinceUs[0]]).toEqual([true, LATER_US + 10 * S]);
    expect(isBlocked(orders.table, 0)).toBe(false);
    reconcile(orders, reading(LATER_US + 20 * S, { ...moved, balances: balances(TOTALS) }));
    expect([doubts[0]?.has("USDT"), unprovenSinceUs[0]]).toEqual([false, 0]);
  });

  test("that prove nothing for long close the venue, until one proves something", () => {
    const orders = makeOrders();
    open(orders);
    const masked = { openOrders: [view(1)], balances: balances({ ...TOTALS, USDT: "999.95" }) };
    for (const at of [0, 10, 19]) reconcile(orders, reading(LATER_US + at * S, masked));
    expect(isBlocked(orders.table, 0)).toBe(false);
    reconcile(orders, reading(LATER_US + 20 * S, masked));
    expect([...(orders.table.blocks[0]?.values() ?? [])].join()).toContain("in flight may explain");
    reconcile(orders, reading(LATER_US + 30 * S, { ...masked, balances: balances(TOTALS) }));
    expect(isBlocked(orders.table, 0)).toBe(false);
  });

  test("may fall by a fee in a third asset while an order lives that would pay it", () => {
    const orders = makeOrders();
    const rate = { ...QUOTE_FEE, paidIn: "third", feeAsset: "ETH" } as const;
    orders.applyEvent({ ...OF_ACCOUNT, type: "feesRead", fees: [rate] }, START_US);
    open(orders);
    const paid = { openOrders: [view(1)], balances: balances({ ...TOTALS, ETH: "9.9" }) };
    const given = { openOrders: [view(1)], balances: balances({ ...TOTALS, ETH: "10.1" }) };
    for (const [at, shows] of [paid, paid, given].entries()) {
      reconcile(orders, reading(LATER_US + at * 10 * S, shows));
      expect(isBlocked(orders.table, 0)).toBe(false);
    }
    const outcomes = reconcile(orders, reading(LATER_US + 30 * S, given));
    expect(outcomes.map((outcome) => outcome.case)).toContain("balanceDiffers");
  });

  test("that an operator accepts become an outside move", () => {
    const orders = makeOrders();
    expect(acceptDifference(orders.table, 0, "USDT")).toBe(false);
    const shows = { balances: balances({ ...TOTALS, USDT: "1200" }) };
    reconcile(orders, reading(LATER_US, shows));
    reconcile(orders, reading(LATER_US + 10 * S, shows));
    expect(isBlocked(orders.table, 0)).toBe(true);
    expect(acceptDifference(orders.table, 0, "USDT")).toBe(true);
    expect(isBlocked(orders.table, 0)).toBe(false);
    expect(orders.table.ledger.holding(0, "USDT").external).toBe(200n * ATTO);
    expect(reconcile(orders, reading(LATER_US + 20 * S, shows))).toEqual([]);
  });

  test("that closed a venue are accepted by whoever opens it, and no others", () => {
    const orders = makeOrders();
    const shows = { balances: balances({ ...TOTALS, USDT: "1200" }) };
    reconcile(orders, reading(LATER_US, shows));
    reconcile(orders, reading(LATER_US + 10 * S, shows));
    const two = { balances: balances({ ...TOTALS, USDT: "1200", ETH: "9" }) };
    reconcile(orders, reading(LATER_US + 20 * S, two));
    explainVenue(orders.table, 0);
    expect(isBlocked(orders.table, 0)).toBe(false);
    expect(orders.table.ledger.holding(0, "USDT").external).toBe(200n * ATTO);
    expect(orders.table.ledger.holding(0, "ETH").external).toBe(0n);
    const outcomes = reconcile(orders, reading(LATER_US + 30 * S, two));
    expect(outcomes.map((outcome) => outcome.case)).toEqual(["balanceDiffers"]);
  });

  test("of a deposit that the venue tells of explain the difference", () => {
    const orders = makeOrders();
    const shows = { balances: balances({ ...TOTALS, ETH: "11" }) };
    reconcile(orders, reading(LATER_US, shows));
    reconcile(orders, reading(LATER_US + 10 * S, shows));
    orders.applyEvent(
      {
        type: "balanceReported",
        venue: 0,
        epoch: 1,
        recvUs: LATER_US,
        balances: balances({ ETH: "" }),
        cause: "transfer",
        delta: "1",
        exchangeUs: 0,
      },
      LATER_US,
    );
    const outcomes = reconcile(orders, reading(LATER_US + 20 * S, shows));
    expect(outcomes.map((outcome) => outcome.case)).toEqual(["balanceExplained"]);
  });

  test("of a paper account are not compared", () => {
    const orders = makeOrders();
    expect(reconcile(orders, reading(LATER_US))).toEqual([]);
  });
});
