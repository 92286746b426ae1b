// Goal: each trade of an order of ours is told once, however often and by whom it is reported, and only where
// the plan says so.
import { describe, expect, test } from "vitest";
import { type RigOptions, SECOND, TradeRig } from "./rig.ts";

function underWay(options: RigOptions = { plan: { tellsFills: true } }): TradeRig {
  const rig = new TradeRig(options);
  rig.ready();
  rig.opportunity();
  return rig;
}

describe("a counted fill", () => {
  test("is told with its amounts, its order and its place in the cycle", () => {
    const rig = underWay();
    const orderId = rig.accept();
    const { order } = rig;
    rig.fill(1000, { order, ticks: order.priceTicks, tradeId: "77" });
    const fills = rig.all("recordFill").map(({ fill }) => fill);
    expect(fills).toHaveLength(1);
    expect(fills[0]).toMatchObject({
      venue: 0,
      instrument: order.instrument,
      clientId: order.clientId,
      orderId,
      tradeId: "77",
      side: order.side,
      priceTicks: order.priceTicks,
      lots: 1000,
      cycle: 1,
      leg: 0,
      isMaker: false,
      exchangeUs: rig.nowUs,
    });
    const held = rig.trade.orders.table.get(order.clientId)?.fills[0];
    expect(BigInt(Math.round(Number(fills[0]?.quote) * 1e8))).toBe(
      (held?.quote ?? 0n) / 10n ** 10n,
    );
    expect(fills[0]?.feeAsset).not.toBe("");
  });

  test("is told once when stream, query and reading all report it", () => {
    const rig = underWay();
    rig.accept();
    const event = rig.fill(1000, { tradeId: "78" });
    if (event.type !== "orderFilled") throw new Error("a fill was told");
    rig.event({ ...event, source: "answer" });
    rig.event({
      type: "orderQueried",
      ...rig.stamp(),
      requestId: 1,
      clientId: rig.order.clientId,
      outcome: "found",
      order: undefined,
      fills: [event.fill],
      reason: "",
    });
    rig.advance(31 * SECOND);
    rig.read({ USDT: "9000" }, { fills: [event.fill] });
    expect(rig.all("recordFill")).toHaveLength(1);
  });

  test("is told when a reading is the first to know it", () => {
    const rig = underWay();
    rig.accept();
    const probe = underWay();
    probe.accept();
    const event = probe.fill(1000, { tradeId: "79" });
    if (event.type !== "orderFilled") throw new Error("a fill was told");
    rig.advance(31 * SECOND);
    rig.read({ USDT: "9000" }, { fills: [{ ...event.fill, exchangeUs: rig.nowUs }] });
    expect(rig.all("recordFill").map(({ fill }) => fill.tradeId)).toEqual(["79"]);
  });

  test("of a stranger's order is an alarm, not a record", () => {
    const rig = underWay();
    rig.accept();
    rig.fill(10, { order: { ...rig.order, clientId: "somebody" } });
    expect(rig.all("recordFill")).toHaveLength(0);
    expect(rig.last("recordAlarm")?.alarm.kind).toBe("foreignFill");
  });

  test("is told when the order learns the name under which its fill came", () => {
    const rig = underWay();
    const event = rig.fill(1000, { order: { ...rig.order, clientId: "" } });
    if (event.type !== "orderFilled") throw new Error("a fill was told");
    rig.event({ ...event, fill: { ...event.fill, tradeId: "80", orderId: "1000" } });
    expect(rig.all("recordFill")).toHaveLength(0);
    rig.accept();
    expect(rig.all("recordFill").map(({ fill }) => fill.tradeId)).toEqual(["80"]);
  });

  test("is not told under a plan that is older than such records", () => {
    const rig = underWay({});
    rig.accept();
    rig.fill(1000);
    expect(rig.trade.counts.fills).toBe(1);
    expect(rig.all("recordFill")).toHaveLength(0);
    expect(rig.trade.orders.table.told).toHaveLength(0);
  });
});

test("a fill on paper is told like any other", () => {
  const rig = underWay({
    plan: { tellsFills: true },
    venue: { mode: "paper", paperBalances: { USDT: "10000" } },
  });
  expect(rig.order.isTest).toBe(true);
  rig.event({ type: "orderTested", ...rig.stamp(), clientId: rig.order.clientId });
  const [first] = rig.all("recordFill");
  expect(first?.fill.orderId).toMatch(/^paper-/);
  expect(rig.all("recordFill").length).toBe(rig.trade.counts.fills);
});
