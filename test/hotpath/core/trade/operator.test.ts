// Goal: what a person asks for happens in the turn in which it was asked, in its scope and no further.
import { describe, expect, test } from "vitest";
import type { RiskLimits } from "../../../../contracts/risk-limits.ts";
import { isDrained } from "../../../../hotpath/core/trade/operator.ts";
import { type RigOptions, SECOND, TradeRig } from "./rig.ts";

/** A cycle whose first leg is out. */
function underWay(options: RigOptions = {}): TradeRig {
  const rig = new TradeRig(options);
  rig.ready();
  rig.opportunity();
  rig.accept();
  return rig;
}

/** The leg that is out is filled, and its end is told after whatever that led to. */
function fillLeg(rig: TradeRig): void {
  const { order } = rig;
  rig.fill(order.lots, { order });
  rig.end("filled", order.lots, order);
}

/** The limits in force, inside every ceiling. */
function limitsOf(rig: TradeRig): RiskLimits {
  return { ...rig.trade.risk.limits, jumpPpm: 200_000 };
}

function sees(rig: TradeRig): string {
  const before = rig.opportunities.length;
  rig.advance(SECOND);
  rig.fair("ETHUSDT");
  rig.opportunity();
  return rig.opportunities.slice(before).at(-1)?.reason ?? "not seen";
}

const SCOPES = [
  { scope: "all", target: "" },
  { scope: "venue", target: "binance-spot" },
  { scope: "strategy", target: "triangle" },
  { scope: "instrument", target: "binance-spot:BTCUSDT" },
] as const;

describe("limits", () => {
  test("a newer version holds for the next order, and the one under way keeps its own", () => {
    const rig = underWay();
    const limits = { ...limitsOf(rig), orderNotionalMax: "4000" };
    rig.event({ type: "limitsChanged", version: 4, limits, by: "risk", reason: "review" });
    fillLeg(rig);
    expect(rig.orders.map(({ limitsVersion }) => limitsVersion)).toEqual([3, 4]);
  });

  test.each([3, 2, 0, 1.5])("version %d over version 3 is refused with an alarm", (version) => {
    const rig = underWay();
    const limits = { ...limitsOf(rig), orderNotionalMax: "1" };
    rig.event({ type: "limitsChanged", version, limits, by: "risk", reason: "late" });
    expect(rig.last("recordAlarm")?.alarm).toMatchObject({ severity: 2, kind: "limitsRefused" });
    expect(rig.trade.risk.limits.orderNotionalMax).toBe("5000");
    expect(rig.trade.risk.limitsVersion).toBe(3);
  });

  test.each([
    ["orderNotionalMax", "-1"],
    ["orderNotionalMax", "200000"],
    ["edgePpmMax", Number.NaN],
    ["openOrdersMax", -1],
    ["ordersPerSecondMax", 999_999],
  ])("a version with %s of %s is refused and named", (field, value) => {
    const rig = underWay();
    const limits = { ...limitsOf(rig), [field]: value };
    rig.event({ type: "limitsChanged", version: 9, limits, by: "risk", reason: "typing" });
    expect(rig.last("recordAlarm")?.alarm.text).toContain(field);
    expect(rig.trade.risk.limitsVersion).toBe(3);
  });

  test("a reserve is kept free by the very next opportunity", () => {
    const rig = new TradeRig();
    rig.ready();
    const limits = { ...limitsOf(rig), reserve: { USDT: "9500" } };
    rig.event({ type: "limitsChanged", version: 4, limits, by: "risk", reason: "cash" });
    rig.opportunity();
    const spent = (rig.orders[0]?.lots ?? 0) * (rig.orders[0]?.priceTicks ?? 0) * 1e-7;
    expect(rig.orders).toHaveLength(1);
    expect(spent).toBeLessThanOrEqual(500);
  });

  test("a larger reserve than what is there leaves nothing to trade with", () => {
    const rig = new TradeRig();
    rig.ready();
    const limits = { ...limitsOf(rig), reserve: { USDT: "20000" } };
    rig.event({ type: "limitsChanged", version: 4, limits, by: "risk", reason: "cash" });
    rig.opportunity();
    expect(rig.orders).toHaveLength(0);
    expect(rig.opportunities).toMatchObject([{ decision: "tooSmall", reason: "noBudget" }]);
  });
});

describe("a kill", () => {
  test.each(SCOPES)("of $scope takes back what is out and lets nothing leave", (kill) => {
    const rig = underWay();
    rig.event({ type: "killRequested", ...kill, by: "operator", reason: "drill" });
    expect(rig.all("cancelOrder").map(({ clientId }) => clientId)).toEqual([rig.order.clientId]);
    expect(rig.last("recordKill")).toMatchObject({ ...kill, isKilled: true, by: "operator" });
    fillLeg(rig);
    rig.advance(3 * SECOND);
    expect(rig.orders).toHaveLength(1);
    expect(rig.cycles).toMatchObject([{ ending: "ABORTED", reason: "killed: drill" }]);
    expect(sees(rig)).toContain("PT32");
    rig.event({ type: "killReleased", ...kill, by: "operator", reason: "done" });
    // What stands over the threshold is looked at again by itself.
    rig.advance(3 * SECOND);
    expect(rig.orders.length).toBeGreaterThan(1);
  });

  test.each([
    { scope: "venue", target: "kraken" },
    { scope: "strategy", target: "quoting" },
    { scope: "instrument", target: "binance-spot:SOLUSDT" },
  ] as const)("of $scope $target does not touch what it does not name", (kill) => {
    const rig = underWay();
    rig.event({ type: "killRequested", ...kill, by: "operator", reason: "drill" });
    expect(rig.all("cancelOrder")).toEqual([]);
    fillLeg(rig);
    expect(rig.order.leg).toBe(1);
  });

  test("of a later leg's instrument: the leg is not sent, and the cycle gets out", () => {
    const rig = underWay();
    const target = "binance-spot:ETHBTC";
    rig.event({ type: "killRequested", scope: "instrument", target, by: "operator", reason: "x" });
    fillLeg(rig);
    rig.advance(4 * SECOND);
    expect(rig.order).toMatchObject({ purpose: "exit", instrument: 0, side: "sell" });
    rig.fillWhole();
    expect(rig.cycles).toHaveLength(1);
  });

  test("is told once, however often it is asked for, and released by a person alone", () => {
    const rig = underWay();
    const kill = { scope: "all", target: "", by: "operator", reason: "drill" } as const;
    rig.event({ type: "killRequested", ...kill });
    rig.event({ type: "killRequested", ...kill });
    expect(rig.all("recordKill")).toHaveLength(1);
    expect(rig.all("cancelOrder")).toHaveLength(1);
    for (const by of ["control:PT10", " "]) {
      rig.event({ type: "killReleased", ...kill, by, reason: "done" });
    }
    expect(rig.all("recordKill")).toHaveLength(1);
    rig.event({ type: "killReleased", ...kill, by: "operator", reason: "done" });
    rig.event({ type: "killReleased", ...kill, by: "operator", reason: "done" });
    expect(rig.all("recordKill").map(({ isKilled }) => isKilled)).toEqual([true, false]);
  });

  test.each([
    ["account", 1],
    ["instrument", 0],
    ["none", 0],
  ] as const)("asks a venue with cancel-all of %s for it %d times", (cancelAll, count) => {
    const rig = underWay({ venue: { cancelAll } });
    rig.event({ type: "killRequested", scope: "all", target: "", by: "operator", reason: "x" });
    expect(rig.all("cancelAll")).toHaveLength(count);
  });

  test("of one instrument takes back its orders alone, never everything there is", () => {
    const rig = underWay({ venue: { cancelAll: "account" } });
    const kill = { scope: "instrument", target: "binance-spot:BTCUSDT", reason: "drill" } as const;
    rig.event({ type: "killRequested", ...kill, by: "operator" });
    expect(rig.all("cancelOrder")).toHaveLength(1);
    expect(rig.all("cancelAll")).toEqual([]);
  });

  test("that a control makes is carried out in the same turn, and its exits may leave", () => {
    const rig = underWay({ limits: { rejectsInARowMax: 0 } });
    fillLeg(rig);
    rig.refuse("rejected");
    expect(rig.all("recordKill")).toMatchObject([{ scope: "venue", by: "control:PT28" }]);
    rig.advance(SECOND);
    expect(rig.order).toMatchObject({ purpose: "exit" });
    rig.fillWhole();
    expect(rig.cycles).toMatchObject([{ residual: {} }]);
    expect(sees(rig)).toContain("PT32");
  });

  test("of our own picture of the account lets not even exits leave", () => {
    const rig = underWay();
    const { clientId } = rig.order;
    rig.event({ type: "orderAccepted", ...rig.stamp(), clientId, orderId: "another" });
    expect(rig.last("recordKill")).toMatchObject({ by: "control:PT29" });
    fillLeg(rig);
    rig.advance(SECOND);
    expect(rig.orders).toHaveLength(1);
    expect(rig.last("recordAlarm")?.alarm.kind).toBe("residual");
  });
});

describe("draining", () => {
  test("nothing is drained that was not asked to", () => {
    expect(isDrained(new TradeRig().trade)).toBe(false);
  });

  test("by flatten ends when the cycle has got out and nothing is out any more", () => {
    const rig = underWay();
    rig.event({ type: "drainRequested", policy: "flatten", by: "SIGTERM" });
    expect(isDrained(rig.trade)).toBe(false);
    fillLeg(rig);
    expect(rig.order.purpose).toBe("exit");
    expect(isDrained(rig.trade)).toBe(false);
    rig.fillWhole();
    expect(isDrained(rig.trade)).toBe(true);
  });

  test("by handOver waits for no cycle, only for the order that is out", () => {
    const rig = underWay();
    rig.event({ type: "drainRequested", policy: "handOver", by: "SIGUSR2" });
    expect(isDrained(rig.trade)).toBe(false);
    rig.slot("ETHBTC").book.void();
    fillLeg(rig);
    expect(rig.trade.cycles).toHaveLength(1);
    expect(isDrained(rig.trade)).toBe(true);
  });

  test("the first policy holds: a second request changes nothing", () => {
    const rig = underWay();
    rig.event({ type: "drainRequested", policy: "handOver", by: "SIGUSR2" });
    rig.event({ type: "drainRequested", policy: "flatten", by: "SIGTERM" });
    expect(rig.trade.drain).toMatchObject({ policy: "handOver", by: "SIGUSR2" });
    expect(rig.trade.cycles[0]?.abortReason).toBe("");
  });

  test.each(["flatten", "handOver", "cancelOnly"] as const)("by %s begins no cycle", (policy) => {
    const rig = new TradeRig();
    rig.ready();
    rig.event({ type: "drainRequested", policy, by: "SIGTERM" });
    expect(isDrained(rig.trade)).toBe(true);
    rig.opportunity();
    expect(rig.orders).toEqual([]);
    expect(rig.opportunities.at(-1)?.reason).toBe("draining");
  });

  test("by cancelOnly sells nothing: what is held is a residual with a name", () => {
    const rig = underWay();
    rig.event({ type: "drainRequested", policy: "cancelOnly", by: "SIGTERM" });
    fillLeg(rig);
    expect(rig.orders).toHaveLength(1);
    expect(rig.cycles).toMatchObject([{ ending: "ABORTED", reason: "draining" }]);
    expect(Object.keys(rig.cycles[0]?.residual ?? {})).toEqual(["BTC"]);
    expect(isDrained(rig.trade)).toBe(true);
  });

  test("a canceled leg that policy would try again is not", () => {
    const rig = underWay({ plan: { singleLegPolicy: "proceed" } });
    fillLeg(rig);
    rig.event({ type: "drainRequested", policy: "flatten", by: "SIGTERM" });
    rig.refuse("rejected");
    expect(rig.order.purpose).toBe("exit");
  });
});
