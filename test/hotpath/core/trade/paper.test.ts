// Goal: a paper account trades like a real one, except that its orders only ever go to the order test.
import { describe, expect, test } from "vitest";
import type { RefusalClass } from "../../../../hotpath/core/trade/events.ts";
import { paperEvents, paperOrderId } from "../../../../hotpath/core/trade/paper.ts";
import type { TradingPlan } from "../../../../hotpath/core/trade/plan.ts";
import { SECOND, TradeRig } from "./rig.ts";

const STAMP = { venue: 0, epoch: 1, recvUs: 5 } as const;

function onPaper(plan: Partial<TradingPlan> = {}): TradeRig {
  const rig = new TradeRig({ plan, venue: { mode: "paper", paperBalances: { USDT: "10000" } } });
  // What the venue shows of its own account means nothing here.
  rig.ready({ USDT: "3", BTC: "5" });
  return rig;
}

function tested(rig: TradeRig): void {
  rig.event({ type: "orderTested", ...rig.stamp(), clientId: rig.order.clientId });
}

describe("a paper account", () => {
  test("goes from its first order to FILLED by tests alone, as predicted", () => {
    const rig = onPaper();
    expect(rig.total("USDT")).toBe("10000");
    expect(rig.total("BTC")).toBe("0");
    rig.opportunity();
    for (let leg = 0; leg < 3; leg++) {
      expect(rig.order).toMatchObject({ leg, isTest: true });
      tested(rig);
    }
    expect(rig.orders.every(({ isTest }) => isTest)).toBe(true);
    const [cycle] = rig.cycles;
    expect(cycle).toMatchObject({ ending: "FILLED", mode: "paper" });
    expect(cycle?.effectiveBps).toBe(cycle?.predictedBps);
    expect(rig.total("USDT")).toBe(String(10_000 + Number(cycle?.profit)));
    expect(rig.all("recordAlarm")).toEqual([]);
  });

  test("takes each level of the book at its own price, down to its limit", () => {
    const rig = onPaper();
    rig.book(
      "BTCUSDT",
      [[9_999_900, 10_000_000]],
      [
        [10_000_100, 500],
        [10_000_200, 10_000_000],
      ],
    );
    rig.opportunity();
    const { lots, priceTicks } = rig.order;
    expect(priceTicks).toBe(10_000_200);
    tested(rig);
    const order = rig.trade.orders.table.get(rig.orders[0]?.clientId ?? "");
    expect(order?.fills.map((fill) => [fill.priceTicks, fill.lots])).toEqual([
      [10_000_100, 500],
      [10_000_200, lots - 500],
    ]);
  });

  test("a book that has moved away fills what is left of it, and expires the rest", () => {
    const rig = onPaper();
    rig.opportunity();
    const [first] = rig.orders;
    rig.book(
      "BTCUSDT",
      [[9_999_900, 10_000_000]],
      [
        [10_000_100, 100],
        [10_100_000, 10_000_000],
      ],
    );
    tested(rig);
    const order = rig.trade.orders.table.get(first?.clientId ?? "");
    expect(order).toMatchObject({ state: "expired", filledLots: 100 });
    expect(rig.order).not.toBe(first);
  });

  test("a book that is void when the answer comes fills nothing", () => {
    const rig = onPaper();
    rig.opportunity();
    rig.slot("BTCUSDT").book.void();
    tested(rig);
    expect(rig.cycles).toMatchObject([{ ending: "FAILED", profit: "0" }]);
    expect(rig.last("recordOrder")?.order).toMatchObject({ state: "expired", filledLots: 0 });
  });

  test.each<RefusalClass>(["rejected", "throttled", "halted", "clock"])(
    "a test that is refused as %s ends the cycle with nothing held",
    (refusalClass) => {
      const rig = onPaper();
      rig.opportunity();
      rig.refuse(refusalClass);
      expect(rig.cycles).toMatchObject([{ ending: "FAILED", profit: "0", residual: {} }]);
      expect(rig.total("USDT")).toBe("10000");
    },
  );

  test("a test that is answered twice fills once, whatever the book does in between", () => {
    const rig = onPaper();
    rig.opportunity();
    const [first] = rig.orders;
    const clientId = first?.clientId ?? "";
    rig.book(
      "BTCUSDT",
      [[9_999_900, 10_000_000]],
      [
        [10_000_100, 100],
        [10_100_000, 10_000_000],
      ],
    );
    rig.event({ type: "orderTested", ...rig.stamp(), clientId });
    const held = rig.total("BTC");
    rig.book(
      "BTCUSDT",
      [[9_999_800, 10_000_000]],
      [
        [9_999_900, 50],
        [10_000_100, 10_000_000],
      ],
    );
    rig.event({ type: "orderTested", ...rig.stamp(), clientId });
    expect(rig.trade.orders.table.get(clientId)).toMatchObject({ filledLots: 100 });
    expect(rig.total("BTC")).toBe(held);
    expect(rig.all("recordAlarm")).toEqual([]);
  });

  test("the answer to a test of nobody is passed by", () => {
    const rig = onPaper();
    rig.event({ type: "orderTested", ...rig.stamp(), clientId: "rk00007-0000zzzz" });
    expect(rig.trade.counts.fills).toBe(0);
  });

  test("a real order that is answered as a test is not filled, but alarmed and asked about", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.opportunity();
    tested(rig);
    expect(rig.trade.counts.fills).toBe(0);
    expect(rig.all("recordAlarm").map(({ alarm }) => alarm.kind)).toContain("testMixedUp");
    rig.advance(SECOND);
    expect(rig.last("queryOrder")?.clientId).toBe(rig.order.clientId);
  });

  test("waits for no word on a balance, because none will come", () => {
    const rig = onPaper({ awaitBalanceUs: SECOND });
    rig.opportunity();
    tested(rig);
    expect(rig.order.leg).toBe(1);
  });

  test("trades are remembered for minutes and not for ever: the memory never has to forget by force", () => {
    const rig = onPaper();
    rig.opportunity();
    tested(rig);
    const marks = rig.trade.orders.table.marksOf(0);
    expect(marks.count).toBe(1);
    for (let i = 0; i < 12; i++) {
      rig.event({ type: "accountHeard", ...rig.stamp() });
      rig.advance(31 * SECOND, SECOND);
      rig.read({});
    }
    expect(marks.count).toBe(0);
    expect(marks.forcedCount).toBe(0);
  });

  test("a kill takes nothing back: there is nothing at the venue", () => {
    const rig = onPaper();
    rig.opportunity();
    rig.event({ type: "killRequested", scope: "all", target: "", by: "operator", reason: "drill" });
    expect(rig.all("cancelOrder")).toEqual([]);
    tested(rig);
    expect(rig.orders).toHaveLength(1);
    expect(rig.cycles).toMatchObject([{ ending: "ABORTED" }]);
  });
});

describe("an account that waits for the venue's word on a balance", () => {
  test("sells what it bought when the word comes", () => {
    const rig = new TradeRig({ plan: { awaitBalanceUs: SECOND } });
    rig.ready();
    rig.opportunity();
    rig.fillWhole();
    expect(rig.orders).toHaveLength(1);
    rig.event({
      type: "balanceReported",
      ...rig.stamp(),
      balances: [],
      cause: "trade",
      delta: "",
      exchangeUs: rig.nowUs,
    });
    expect(rig.order).toMatchObject({ leg: 1, purpose: "finish" });
  });

  test("passes on no more than is there, whatever the cycle has received", () => {
    const rig = new TradeRig({ plan: { awaitBalanceUs: SECOND } });
    rig.ready();
    rig.opportunity();
    rig.fillWhole();
    rig.event({
      type: "balanceReported",
      ...rig.stamp(),
      balances: [{ asset: "BTC", free: "", held: "", total: "" }],
      cause: "transfer",
      delta: "-0.005",
      exchangeUs: rig.nowUs,
    });
    expect(rig.order).toMatchObject({ leg: 1, purpose: "finish" });
    const left = rig.trade.orders.table.ledger.free(0, "BTC");
    expect(left >= 0n && left < rig.amount("0.0001")).toBe(true);
  });

  test("goes on by its own count when the word does not come in time", () => {
    const rig = new TradeRig({ plan: { awaitBalanceUs: SECOND } });
    rig.ready();
    rig.opportunity();
    rig.fillWhole();
    rig.advance(SECOND / 2);
    expect(rig.orders).toHaveLength(1);
    expect(rig.trader.dueUs()).toBeLessThanOrEqual(rig.nowUs + SECOND / 2);
    rig.advance(SECOND / 2);
    expect(rig.order).toMatchObject({ leg: 1 });
  });

  test.each(["flatten", "cancelOnly"] as const)("does not go on when it drains by %s", (policy) => {
    const rig = new TradeRig({ plan: { awaitBalanceUs: SECOND } });
    rig.ready();
    rig.opportunity();
    rig.fillWhole();
    rig.event({ type: "drainRequested", policy, by: "SIGTERM" });
    rig.advance(2 * SECOND);
    expect(rig.orders.filter(({ purpose }) => purpose === "finish")).toEqual([]);
  });
});

describe("what becomes of an order on paper", () => {
  const order = {
    clientId: "rk00007-00000001",
    instrument: 0,
    side: "sell",
    priceTicks: 100,
    lots: 30,
  } as const;

  test("its id can never be one of a venue", () => {
    expect(paperOrderId(order)).toBe("paper-rk00007-00000001");
  });

  test("it is accepted and expires against nothing", () => {
    const [accepted, ended] = paperEvents(order, undefined, STAMP);
    expect(accepted).toMatchObject({ type: "orderAccepted", ...STAMP });
    expect(ended).toMatchObject({ order: { state: "expired", filledLots: 0, lots: 30 } });
  });

  test("the same order against the same book gives the same words", () => {
    const rig = new TradeRig();
    const { bids } = rig.slot("BTCUSDT").book;
    expect(paperEvents(order, bids, STAMP)).toEqual(paperEvents(order, bids, STAMP));
    expect(paperEvents(order, bids, STAMP)).toMatchObject([
      { type: "orderAccepted" },
      { type: "orderFilled", fill: { lots: 30, priceTicks: 9_999_900 } },
      { type: "orderReported", order: { state: "filled", filledLots: 30 } },
    ]);
  });
});
