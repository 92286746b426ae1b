// Goal: a cycle ends exactly once, flat or with a residual that has a name, whatever the venue says.
import { describe, expect, test } from "vitest";
import { MS, SECOND, TradeRig } from "./rig.ts";

describe("a cycle that goes well", () => {
  test("fires its first leg in the turn of the touch, and ends FILLED as predicted", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.opportunity();
    expect(rig.orders).toHaveLength(1);
    expect(rig.opportunities.at(-1)).toMatchObject({ decision: "fired", triangle: "USDT>BTC>ETH" });
    expect(rig.order).toMatchObject({
      purpose: "open",
      leg: 0,
      timeInForce: "ioc",
      limitsVersion: 3,
    });
    expect(rig.order.books).toHaveLength(3);
    for (let leg = 0; leg < 3; leg++) {
      expect(rig.order.leg).toBe(leg);
      rig.fillWhole();
    }
    const [cycle] = rig.cycles;
    expect(rig.cycles).toHaveLength(1);
    expect(cycle).toMatchObject({ ending: "FILLED", reason: "", triangle: ["USDT", "BTC", "ETH"] });
    expect(cycle?.effectiveBps).toBe(cycle?.predictedBps);
    expect(Number(cycle?.profit)).toBeGreaterThan(0);
    expect(rig.trade.cycles).toHaveLength(0);
    expect(rig.trade.orders.table.live.size).toBe(0);
  });

  test("its record adds up: profit from the fills, attribution from gross to effective", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.opportunity();
    for (let leg = 0; leg < 3; leg++) rig.fillWhole();
    const [cycle] = rig.cycles;
    if (cycle === undefined) throw new Error("it has ended");
    const [first, , third] = cycle.legs;
    const made = rig.amount(third?.output ?? "") - rig.amount(first?.input ?? "");
    expect(rig.amount(cycle.profit)).toBe(made);
    const { gross, ...parts } = cycle.attribution;
    const units = (text: string): number => Math.round(Number(text) * 10_000);
    const explained = Object.values(parts).reduce((sum, part) => sum + units(part), 0);
    expect(units(gross) - explained).toBe(units(cycle.effectiveBps));
    expect(rig.total("USDT")).toBe(String(10_000 + Number(cycle.profit)));
  });

  test("fills before the acknowledgement, twice and out of order count once", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.opportunity();
    const { order } = rig;
    const half = Math.floor(order.lots / 2);
    rig.fill(order.lots - half, { order, tradeId: "b" });
    rig.fill(half, { order, tradeId: "a" });
    rig.fill(half, { order, tradeId: "a" });
    rig.accept(order);
    rig.end("filled", order.lots, order);
    expect(rig.orders.map(({ leg }) => leg)).toEqual([0, 1]);
    expect(rig.trade.counts.fills).toBe(2);
  });

  test("the same events give the same commands, byte for byte", () => {
    const run = (): string => {
      const rig = new TradeRig();
      rig.ready();
      rig.opportunity();
      rig.fillWhole();
      rig.refuse("unknown");
      rig.advance(3 * SECOND);
      return JSON.stringify(rig.out);
    };
    expect(run()).toBe(run());
  });
});

describe("a leg that does not fill", () => {
  test("the first: FAILED, and nothing is held", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.opportunity();
    rig.accept();
    rig.end("expired", 0);
    expect(rig.orders).toHaveLength(1);
    expect(rig.cycles).toMatchObject([{ ending: "FAILED", profit: "0", residual: {} }]);
  });

  test("the second is refused: what the first bought is sold again", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.opportunity();
    rig.fillWhole();
    rig.refuse("rejected");
    expect(rig.order).toMatchObject({ purpose: "exit", side: "sell", leg: 3 });
    rig.fillWhole();
    const [cycle] = rig.cycles;
    expect(cycle).toMatchObject({ ending: "FAILED", reason: "leg 1 was not filled: rejected" });
    expect(Number(cycle?.profit)).toBeLessThan(0);
    expect(rig.all("recordAlarm")).toHaveLength(0);
  });

  test("the second fills in part: the rest goes back, the part goes on", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.opportunity();
    rig.fillWhole();
    const { lots } = rig.order;
    rig.accept();
    rig.fill(Math.floor(lots / 2));
    rig.end("expired", Math.floor(lots / 2));
    expect(rig.order).toMatchObject({ leg: 2, purpose: "finish" });
    rig.fillWhole();
    expect(rig.order).toMatchObject({ purpose: "exit", side: "sell", instrument: 0 });
    rig.fillWhole();
    expect(rig.cycles).toHaveLength(1);
    expect(rig.trade.orders.table.live.size).toBe(0);
  });

  test("policy proceed tries the leg again on new data, under a new name", () => {
    const rig = new TradeRig({ plan: { singleLegPolicy: "proceed" } });
    rig.ready();
    rig.opportunity();
    rig.fillWhole();
    const refused = rig.order;
    rig.refuse("rejected");
    expect(rig.order).toMatchObject({ leg: 1, purpose: "finish" });
    expect(rig.order.clientId).not.toBe(refused.clientId);
    for (let tries = 0; tries < 3; tries++) rig.refuse("rejected");
    expect(rig.order.purpose).toBe("exit");
  });

  test("policy hold keeps it, names it, and wakes somebody", () => {
    const rig = new TradeRig({ plan: { singleLegPolicy: "hold" } });
    rig.ready();
    rig.opportunity();
    rig.fillWhole();
    rig.refuse("rejected");
    expect(rig.orders).toHaveLength(2);
    expect(Object.keys(rig.cycles[0]?.residual ?? {})).toEqual(["BTC"]);
    expect(rig.last("recordAlarm")?.alarm).toMatchObject({ severity: 1, kind: "residual" });
  });

  test("an exit that never fills is given up after its tries, with an alarm", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.opportunity();
    rig.fillWhole();
    rig.refuse("rejected");
    for (let tries = 0; tries < 3; tries++) {
      rig.accept();
      rig.end("expired", 0);
    }
    expect(rig.orders).toHaveLength(5);
    expect(rig.cycles).toHaveLength(1);
    expect(rig.last("recordAlarm")?.alarm.kind).toBe("residual");
  });
});

describe("a triangle whose cycle has ended", () => {
  test("rests for the cooldown, however long ago it was fired", () => {
    const rig = new TradeRig({ plan: { cooldownUs: SECOND / 2 } });
    rig.ready();
    rig.opportunity();
    rig.accept();
    rig.advance((3 * SECOND) / 4);
    rig.end("expired", 0);
    expect(rig.cycles).toHaveLength(1);
    rig.advance(SECOND / 2 - MS, MS);
    expect(rig.orders).toHaveLength(1);
    rig.advance(MS, MS);
    expect(rig.orders).toHaveLength(2);
  });
});

describe("an order that stays open", () => {
  test("is asked about when its time is up, and canceled when the venue still shows it", () => {
    const rig = new TradeRig({ plan: { fillTimeoutUs: SECOND / 5 } });
    rig.ready();
    rig.opportunity();
    const { clientId, instrument, side, lots, priceTicks } = rig.order;
    const orderId = rig.accept();
    rig.advance(SECOND / 5 - MS, MS);
    expect(rig.all("queryOrder")).toEqual([]);
    rig.advance(MS, MS);
    expect(rig.all("queryOrder")).toMatchObject([{ clientId }]);
    const said = { state: "open", filledLots: 0, reason: "", exchangeUs: rig.nowUs } as const;
    rig.event({
      type: "orderQueried",
      ...rig.stamp(),
      requestId: rig.last("queryOrder")?.requestId ?? 0,
      clientId,
      outcome: "found",
      order: { clientId, orderId, instrument, side, lots, priceTicks, ...said },
      fills: [],
      reason: "",
    });
    expect(rig.all("cancelOrder")).toMatchObject([{ clientId, orderId }]);
  });
});

describe("an unknown outcome", () => {
  test("holds the cycle where it is until the venue's truth moves it on", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.opportunity();
    const { clientId, lots, priceTicks } = rig.order;
    rig.refuse("unknown", "-1007");
    rig.advance(SECOND);
    expect(rig.orders).toHaveLength(1);
    const query = rig.last("queryOrder");
    expect(query).toMatchObject({ clientId });
    const fill = {
      clientId,
      orderId: "55",
      instrument: 0,
      tradeId: "9",
      side: "buy",
      priceTicks,
      lots,
      fee: "0",
      feeAsset: "BTC",
      isMaker: false,
      exchangeUs: rig.nowUs,
    } as const;
    rig.event({
      type: "orderQueried",
      ...rig.stamp(),
      requestId: query?.requestId ?? 0,
      clientId,
      outcome: "found",
      order: {
        clientId,
        orderId: "55",
        instrument: 0,
        side: "buy",
        state: "filled",
        lots,
        filledLots: lots,
        priceTicks,
        reason: "",
        exchangeUs: rig.nowUs,
      },
      fills: [fill],
      reason: "",
    });
    expect(rig.order).toMatchObject({ leg: 1 });
    expect(rig.orders.filter((order) => order.clientId === clientId)).toHaveLength(1);
  });

  test("not accepted only after the window, the back end and two answers that agree", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.opportunity();
    const { clientId } = rig.order;
    const sentUs = rig.nowUs;
    rig.refuse("unknown", "timeout");
    let answered = 0;
    while (rig.cycles.length === 0 && rig.nowUs - sentUs < 60 * SECOND) {
      rig.advance(SECOND / 2);
      const queries = rig.all("queryOrder");
      if (queries.length === answered) continue;
      answered = queries.length;
      const requestId = queries.at(-1)?.requestId ?? 0;
      rig.event({
        type: "orderQueried",
        ...rig.stamp(),
        requestId,
        clientId,
        outcome: "notFound",
        order: undefined,
        fills: [],
        reason: "",
      });
    }
    expect(rig.nowUs - sentUs).toBeGreaterThan(12 * SECOND);
    expect(rig.cycles).toMatchObject([{ ending: "FAILED" }]);
    expect(rig.last("recordOrder")?.order).toMatchObject({ state: "notAccepted", filledLots: 0 });
    expect(rig.orders).toHaveLength(1);
  });

  test("a fill after the cycle's end is counted, and told", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.opportunity();
    rig.accept();
    rig.end("expired", 0);
    expect(rig.cycles).toHaveLength(1);
    rig.fill(10, { order: rig.orders[0] });
    expect(rig.all("recordAlarm").map(({ alarm }) => alarm.kind)).toContain("lateFill");
    expect(rig.total("USDT")).not.toBe("10000");
  });
});

describe("what stops a cycle between its legs", () => {
  test("a kill: ABORTED, canceled, nothing leaves any more, until a person releases it", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.opportunity();
    rig.accept();
    rig.event({ type: "killRequested", scope: "all", target: "", by: "operator", reason: "drill" });
    expect(rig.last("cancelOrder")?.clientId).toBe(rig.order.clientId);
    expect(rig.last("recordKill")).toMatchObject({ isKilled: true, by: "operator" });
    rig.fill(rig.order.lots);
    rig.end("filled", rig.order.lots);
    expect(rig.orders).toHaveLength(1);
    expect(rig.cycles).toMatchObject([{ ending: "ABORTED", reason: "killed: drill" }]);
    expect(rig.last("recordAlarm")?.alarm.kind).toBe("residual");
    rig.advance(SECOND);
    rig.fair("ETHUSDT");
    rig.opportunity();
    expect(rig.opportunities.at(-1)?.reason).toContain("PT32");
    rig.event({
      type: "killReleased",
      scope: "all",
      target: "",
      by: "control:PT10",
      reason: "no person",
    });
    expect(rig.trade.risk.kills.isEmpty).toBe(false);
    rig.event({ type: "killReleased", scope: "all", target: "", by: "operator", reason: "done" });
    expect(rig.last("recordKill")).toMatchObject({ isKilled: false });
    rig.advance(6 * SECOND);
    rig.fair("ETHUSDT");
    rig.opportunity();
    expect(rig.orders).toHaveLength(2);
  });

  test("draining by flatten: no new cycle, and the one under way gets out", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.opportunity();
    rig.accept();
    rig.event({ type: "drainRequested", policy: "flatten", by: "SIGTERM" });
    rig.fill(rig.order.lots);
    rig.end("filled", rig.order.lots);
    expect(rig.order.purpose).toBe("exit");
    rig.fillWhole();
    expect(rig.cycles).toMatchObject([{ ending: "ABORTED", reason: "draining" }]);
    rig.advance(SECOND);
    rig.fair("ETHUSDT");
    rig.opportunity();
    expect(rig.opportunities.at(-1)).toMatchObject({ decision: "suppressed", reason: "draining" });
  });

  test("a book that went void: the leg waits, and goes on when the book is back", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.opportunity();
    rig.slot("ETHBTC").book.void();
    rig.fillWhole();
    expect(rig.orders).toHaveLength(1);
    rig.advance(SECOND / 2);
    expect(rig.orders).toHaveLength(1);
    rig.goLive("ETHBTC");
    rig.advance(SECOND);
    expect(rig.order).toMatchObject({ leg: 1, instrument: 1 });
    expect(rig.trade.counts.ordersOnInvalidBook).toBe(0);
  });

  test("a book that stays void: the cycle gets out the way it came", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.opportunity();
    rig.slot("ETHBTC").book.void();
    rig.fillWhole();
    rig.advance(4 * SECOND);
    expect(rig.order).toMatchObject({ purpose: "exit", instrument: 0, side: "sell" });
  });
});

describe("slots", () => {
  test("a second cycle that shares an instrument is suppressed, with the reason", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.opportunity();
    rig.touch("SOLUSDT", 20_200, 20_220);
    expect(rig.orders).toHaveLength(1);
    expect(rig.opportunities.at(-1)).toMatchObject({
      decision: "suppressed",
      reason: "an instrument is in use",
    });
  });

  test("the same triangle is not fired again while it cools down", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.opportunity();
    rig.accept();
    rig.end("expired", 0);
    rig.touch("ETHUSDT", 503_010, 503_110);
    expect(rig.orders).toHaveLength(1);
    rig.advance(SECOND);
    rig.touch("ETHUSDT", 503_000, 503_100);
    expect(rig.orders).toHaveLength(2);
  });
});

describe("what is no opportunity", () => {
  test("an edge too good to be true is a fault of the data, recorded and not traded", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.touch("ETHUSDT", 600_000, 600_100);
    expect(rig.orders).toHaveLength(0);
    expect(rig.opportunities).toMatchObject([{ decision: "implausible" }]);
  });

  test("without a fee that the venue has told, nothing is scored", () => {
    const rig = new TradeRig();
    rig.advance(1000, 1000);
    rig.event({ type: "accountReady", ...rig.stamp() });
    rig.read({ USDT: "10000" });
    rig.opportunity();
    expect(rig.opportunities).toHaveLength(0);
  });

  test("an account that is not ready is seen and not used", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.event({ type: "accountClosed", ...rig.stamp(), reason: "cut" });
    rig.opportunity();
    expect(rig.orders).toHaveLength(0);
    expect(rig.opportunities.at(-1)?.reason).toBe("the account is opening");
  });
});
