// Goal: a venue is asked and told no more than it allows, and what earlier processes left there is known.
import { describe, expect, test } from "vitest";
import { exportTrading } from "../../../../hotpath/core/trade/trading-state.ts";
import { MS, SECOND, TradeRig } from "./rig.ts";
import { weight } from "./weight.ts";

const BALANCES = { USDT: "10000" };

function phaseOf(rig: TradeRig): string | undefined {
  return rig.trade.accounts[0]?.phase;
}

/** Logs on; the reading is still to be answered. */
function loggedOn(rig: TradeRig): TradeRig {
  rig.advance(MS, MS);
  rig.event({ type: "accountReady", ...rig.stamp() });
  return rig;
}

describe("a venue that asks for silence", () => {
  test("is asked nothing until then, and everything after", () => {
    const rig = new TradeRig({ plan: { reconcileIntervalUs: 2 * SECOND } });
    rig.ready();
    rig.read(BALANCES);
    rig.read(BALANCES);
    const before = rig.all("readAccount").length;
    const untilUs = rig.nowUs + 10 * SECOND;
    rig.event({ type: "venueSilenced", ...rig.stamp(), untilUs, isBan: false });
    rig.advance(9 * SECOND);
    expect(rig.all("readAccount")).toHaveLength(before);
    rig.opportunity();
    expect(rig.orders).toHaveLength(0);
    expect(rig.opportunities.at(-1)?.reason).toContain("silence");
    rig.advance(4 * SECOND);
    expect(rig.all("readAccount").length).toBeGreaterThan(before);
  });

  test("is not told of the dead man's switch either, until then", () => {
    const rig = new TradeRig({ venue: { hasDeadMan: true } });
    rig.ready();
    const untilUs = rig.nowUs + 30 * SECOND;
    rig.event({ type: "venueSilenced", ...rig.stamp(), untilUs, isBan: false });
    rig.advance(29 * SECOND, SECOND);
    expect(rig.all("armDeadMan")).toHaveLength(1);
    rig.advance(2 * SECOND, SECOND);
    expect(rig.all("armDeadMan")).toHaveLength(2);
  });

  test("is not even asked about an order whose fate nobody knows", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.opportunity();
    const untilUs = rig.nowUs + 10 * SECOND;
    rig.event({ type: "venueSilenced", ...rig.stamp(), untilUs, isBan: false });
    rig.advance(9 * SECOND);
    expect(rig.all("queryOrder")).toEqual([]);
    rig.advance(2 * SECOND);
    expect(rig.last("queryOrder")?.clientId).toBe(rig.order.clientId);
  });

  test("is not dialed before either, and an earlier end does not shorten the silence", () => {
    const rig = new TradeRig();
    rig.ready();
    const untilUs = rig.nowUs + 10 * SECOND;
    rig.event({ type: "venueSilenced", ...rig.stamp(), untilUs, isBan: false });
    rig.event({ type: "venueSilenced", ...rig.stamp(), untilUs: rig.nowUs + 1, isBan: false });
    rig.event({ type: "accountClosed", ...rig.stamp(), reason: "cut" });
    rig.advance(9 * SECOND);
    expect(phaseOf(rig)).toBe("closed");
    rig.advance(2 * SECOND);
    expect(phaseOf(rig)).toBe("opening");
  });

  test("is obeyed though the connection that told of it is over", () => {
    const rig = new TradeRig();
    rig.ready();
    const stamp = rig.stamp();
    rig.event({ type: "accountClosed", ...stamp, reason: "cut" });
    const untilUs = rig.nowUs + 10 * SECOND;
    rig.event({ type: "venueSilenced", ...stamp, untilUs, isBan: true });
    expect(rig.last("recordKill")).toMatchObject({ by: "control:I07" });
    rig.event({ type: "accountClosed", ...rig.stamp(), reason: "refused" });
    rig.advance(9 * SECOND);
    expect(rig.all("openAccount")).toHaveLength(2);
    rig.advance(2 * SECOND);
    expect(rig.all("openAccount")).toHaveLength(3);
  });

  test("is obeyed by an account that is closed and about to be dialed", () => {
    const rig = new TradeRig({ plan: { backoffInitialUs: SECOND } });
    rig.advance(MS, MS);
    const stamp = rig.stamp();
    for (let i = 0; i < 2; i++) {
      rig.event({ type: "accountClosed", ...rig.stamp(), reason: "refused" });
    }
    expect(phaseOf(rig)).toBe("closed");
    rig.event({ type: "venueSilenced", ...stamp, untilUs: rig.nowUs + 10 * SECOND, isBan: false });
    rig.advance(9 * SECOND);
    expect(phaseOf(rig)).toBe("closed");
  });

  test("a ban stops the venue until a person has looked", () => {
    const rig = new TradeRig();
    rig.ready();
    const untilUs = rig.nowUs + SECOND;
    rig.event({ type: "venueSilenced", ...rig.stamp(), untilUs, isBan: true });
    expect(rig.last("recordKill")).toMatchObject({ scope: "venue", by: "control:I07" });
  });
});

describe("rates of the venue", () => {
  const used = (rig: TradeRig) => rig.trade.risk.venue(0).rates.usage(rig.nowUs).weight?.[0];

  test("are charged for the first reading of an account, which no timer asks for", () => {
    const rig = loggedOn(
      new TradeRig({ venue: { rates: [weight({ readAccount: 6, readFees: 1 })] } }),
    );
    expect(rig.all("readAccount")).toHaveLength(1);
    expect(rig.all("readFees")).toHaveLength(1);
    expect(used(rig)).toBe(7);
  });

  test("are charged for what a kill takes back", () => {
    const costs = { cancelOrder: 1, cancelAll: 10 };
    const rig = new TradeRig({ venue: { cancelAll: "account", rates: [weight(costs)] } });
    rig.ready();
    rig.opportunity();
    rig.event({ type: "killRequested", scope: "all", target: "", by: "operator", reason: "drill" });
    expect(rig.all("cancelOrder")).toHaveLength(1);
    expect(rig.all("cancelAll")).toHaveLength(1);
    expect(used(rig)).toBe(11);
  });

  test("hold up a question that they have no room for", () => {
    const rig = new TradeRig({ venue: { rates: [weight({ queryOrder: 30 })] } });
    rig.ready();
    rig.opportunity();
    rig.advance(20 * SECOND);
    expect(rig.all("queryOrder")).toHaveLength(2);
    rig.advance(60 * SECOND, SECOND);
    expect(rig.all("queryOrder").length).toBeGreaterThan(2);
  });
});

describe("a limit that questions about orders can use up", () => {
  /** As Kraken counts: 20, falling by a half a second. */
  const calls = {
    ...weight({ queryOrder: 3, readAccount: 6 }),
    kind: "decay",
    limit: 20,
    windowUs: 0,
    decayPerS: 0.5,
  } as const;

  test("leaves room for a reading, which the account has to wait for", () => {
    const before = new TradeRig();
    before.ready();
    before.opportunity();
    const restored = exportTrading(before.trade);
    const plan = { fence: 8, restored };
    const rig = loggedOn(new TradeRig({ nowUs: before.nowUs, plan, venue: { rates: [calls] } }));
    rig.read(BALANCES, { outcome: "failed", reason: "no answer" });
    let asked = 0;
    for (let second = 0; second < 60; second++) {
      rig.advance(SECOND);
      const { clientId } = before.order;
      for (const { requestId } of rig.all("queryOrder").slice(asked)) {
        asked++;
        const none = { order: undefined, fills: [], reason: "no answer" };
        rig.event({
          type: "orderQueried",
          ...rig.stamp(),
          clientId,
          requestId,
          outcome: "failed",
          ...none,
        });
      }
    }
    expect(rig.all("readAccount").length).toBeGreaterThan(1);
    // And the question is not forgotten over it.
    expect(asked).toBeGreaterThan(3);
  });
});

describe("a cancel that left with a connection that is over", () => {
  test("is said again over the next one", () => {
    const rig = new TradeRig({ plan: { fillTimeoutUs: SECOND } });
    rig.ready();
    rig.opportunity();
    rig.accept();
    const { clientId } = rig.order;
    // The venue says when it is asked that the order rests, so it is canceled.
    const rests = () => {
      const requestId = rig.last("queryOrder")?.requestId ?? 0;
      const { instrument, side, priceTicks, lots } = rig.order;
      const order = { clientId, orderId: "1000", instrument, side, priceTicks, lots } as const;
      rig.event({
        type: "orderQueried",
        ...rig.stamp(),
        clientId,
        requestId,
        outcome: "found",
        order: { ...order, filledLots: 0, state: "open", reason: "", exchangeUs: rig.nowUs },
        fills: [],
        reason: "",
      });
    };
    rig.advance(2 * SECOND);
    rests();
    rig.advance(SECOND);
    expect(rig.all("cancelOrder")).toHaveLength(1);
    rig.event({ type: "accountClosed", ...rig.stamp(), reason: "cut" });
    rig.advance(SECOND);
    rig.event({ type: "accountReady", ...rig.stamp() });
    rests();
    rig.advance(SECOND);
    expect(rig.all("cancelOrder")).toHaveLength(2);
  });
});

describe("an order that the last process sent", () => {
  test("is resolved before its account is ready", () => {
    const before = new TradeRig();
    before.ready();
    before.opportunity();
    before.accept();
    const restored = exportTrading(before.trade);
    const rig = loggedOn(new TradeRig({ nowUs: before.nowUs, plan: { fence: 8, restored } }));
    rig.read(BALANCES);
    expect(phaseOf(rig)).toBe("reconciling");
    rig.end("canceled", 0, before.order);
    rig.advance(2 * SECOND);
    rig.read(BALANCES);
    expect(phaseOf(rig)).toBe("ready");
  });
});

describe("an order of an earlier fence that a later reading shows", () => {
  test("counts as exposure until the venue has taken it back", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.advance(31 * SECOND, SECOND);
    const late = {
      clientId: "rk00006-00000009",
      orderId: "77",
      instrument: 0,
      side: "buy",
      lots: 1000,
      filledLots: 0,
      priceTicks: 9_000_000,
      reason: "",
      exchangeUs: rig.nowUs,
    } as const;
    rig.read(BALANCES, { openOrders: [{ ...late, state: "open" }] });
    const { exposure } = rig.trade.risk.venue(0);
    expect(rig.last("cancelOrder")?.clientId).toBe(late.clientId);
    expect(exposure.ordersOf(0)).toMatchObject([{ clientId: late.clientId, remainingLots: 1000 }]);
    const order = { ...late, state: "canceled" } as const;
    rig.event({ type: "orderReported", ...rig.stamp(), source: "stream", order });
    expect(exposure.ordersOf(0)).toEqual([]);
  });
});
