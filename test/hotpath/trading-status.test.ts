// Goal: what the engine says of its trading is what is, in text that has no double of money.
import { describe, expect, test } from "vitest";
import { tradingStatus } from "../../hotpath/trading-status.ts";
import { type RigOptions, TradeRig } from "./core/trade/rig.ts";

function underWay(options: RigOptions = {}): TradeRig {
  const rig = new TradeRig(options);
  rig.ready();
  rig.opportunity();
  return rig;
}

function statusOf(rig: TradeRig) {
  return tradingStatus(rig.world, rig.trade);
}

describe("the status of trading", () => {
  test("of nothing yet is empty, and says so", () => {
    const status = statusOf(new TradeRig());
    expect(status).toMatchObject({ fence: 7, limitsVersion: 3, orders: [], kills: [], profit: {} });
    expect(status.accounts).toMatchObject([
      {
        venue: "binance-spot",
        phase: "closed",
        balances: {},
        openOrders: 0,
        instrumentsWithFees: 0,
      },
    ]);
    expect(status.isDraining).toBe(false);
  });

  test("lists the order that is out, and what it keeps back", () => {
    const rig = underWay();
    const { clientId, lots, side } = rig.order;
    const status = statusOf(rig);
    expect(status.orders).toEqual([
      {
        venue: "binance-spot",
        instrument: "binance-spot:BTCUSDT",
        clientId,
        side,
        state: "sent",
        lots,
        filledLots: 0,
        cycle: 1,
        leg: 0,
      },
    ]);
    const [account] = status.accounts;
    expect(account?.balances.USDT?.[0]).toBe("10000");
    expect(rig.amount(account?.balances.USDT?.[1] ?? "")).toBeGreaterThan(0n);
    expect(status.counts).toMatchObject({ cyclesOpen: 1, orders: 1, fills: 0, unknownOpen: 0 });
  });

  test("counts an order of unknown fate, for the whole and for its account", () => {
    const rig = underWay();
    rig.refuse("unknown", "timeout");
    const status = statusOf(rig);
    expect(status.counts.unknownOpen).toBe(1);
    expect(status.accounts[0]).toMatchObject({ openOrders: 1, unknownOrders: 1 });
  });

  test("tells profit and what was traded once the cycle has ended, exactly", () => {
    const rig = underWay();
    for (let leg = 0; leg < 3; leg++) rig.fillWhole();
    const status = statusOf(rig);
    const profit = rig.cycles[0]?.profit ?? "";
    expect(status.counts).toMatchObject({
      filled: 1,
      failed: 0,
      aborted: 0,
      cyclesOpen: 0,
      fills: 3,
    });
    expect(status.profit).toEqual({ "binance-spot:USDT": profit });
    expect(status.accounts[0]?.traded.USDT).toBe(profit);
    expect(status.orders).toEqual([]);
  });

  test("names denials by their control, kills by who asked, and that it drains", () => {
    const rig = underWay();
    rig.event({ type: "killRequested", scope: "all", target: "", by: "operator", reason: "drill" });
    rig.event({ type: "drainRequested", policy: "flatten", by: "SIGTERM" });
    rig.fill(rig.order.lots);
    const status = statusOf(rig);
    expect(status.kills).toMatchObject([{ scope: "all", by: "operator", reason: "drill" }]);
    expect(status.isDraining).toBe(true);
    const sum = Object.values(status.counts.denialsByControl).reduce((a, b) => a + b, 0);
    expect(sum).toBe(status.counts.denials);
    expect(JSON.parse(JSON.stringify(status))).toEqual(status);
  });
});
