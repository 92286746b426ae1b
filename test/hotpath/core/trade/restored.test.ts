// Goal: what trading writes down is what it was, what was damaged is refused with a reason, and a snapshot
// with everything since gives the state that there was at the end.
import { describe, expect, test } from "vitest";
import { isTerminal, type Order } from "../../../../hotpath/core/order/order.ts";
import { importOrders } from "../../../../hotpath/core/order/order-state.ts";
import {
  foldTrading,
  readTrading,
  type TradingState,
} from "../../../../hotpath/core/trade/restored.ts";
import { orderOptionsOf } from "../../../../hotpath/core/trade/trading.ts";
import { exportTrading } from "../../../../hotpath/core/trade/trading-state.ts";
import { seeded } from "../order/fixture.ts";
import { BAD, begin, FLAWLESS, live, ModelVenue } from "./model-venue.ts";
import { RecordingRig } from "./recording-rig.ts";
import { MS, SECOND, TradeRig } from "./rig.ts";

const ROUNDS = process.env.RECKONER_LONG === "1" ? 300 : 25;

function stateOf(text: string): TradingState {
  const read = readTrading(text);
  if (!read.ok) throw new Error(read.reason);
  return read.state;
}

function optionsOf(rig: TradeRig): Parameters<typeof foldTrading>[1] {
  return orderOptionsOf(rig.trade.plan, rig.world);
}

type Known = {
  readonly orders: ReadonlyMap<string, Order>;
  readonly holdings: readonly unknown[];
};

/** What a state knows of money and orders. */
function knownOf(state: TradingState, rig: TradeRig): Known {
  const imported = importOrders(state.orders, optionsOf(rig));
  if (imported.kind === "damaged") throw new Error(imported.reason);
  const { table } = imported.orders;
  return {
    orders: new Map([...table.all()].map((order) => [order.clientId, order])),
    holdings: [...table.ledger.holdings(0)].map(([asset, { start, traded, fees, external }]) => [
      asset,
      start,
      traded,
      fees,
      external,
    ]),
  };
}

/** Every fill and end is the same; what was concluded from questions alone may be asked again. */
function compare(folded: Known, now: Known): void {
  expect(folded.holdings).toEqual(now.holdings);
  expect([...folded.orders.keys()]).toEqual([...now.orders.keys()]);
  for (const [clientId, order] of folded.orders) {
    const { fills, state } = now.orders.get(clientId) ?? order;
    expect(order.fills).toEqual(fills);
    const isAskedAgain = !isTerminal(order) && order.inquiry.dueUs > 0;
    if (isAskedAgain) expect(["sent", "unknown", "open", "notAccepted"]).toContain(state);
    else expect([clientId, order.state]).toEqual([clientId, state]);
  }
}

/** A state with a cycle under way, an order out, and dust. */
function busy(): TradeRig {
  const rig = new TradeRig({ plan: { singleLegPolicy: "hold" } });
  rig.ready();
  rig.opportunity();
  rig.fillWhole();
  rig.refuse("rejected");
  rig.advance(2 * SECOND);
  rig.fair("ETHUSDT");
  rig.opportunity();
  rig.accept();
  rig.fill(10);
  return rig;
}

describe("a saved state", () => {
  test("is read as it was written, and written again as it was read", () => {
    const rig = busy();
    const text = exportTrading(rig.trade);
    const state = stateOf(text);
    expect(state).toMatchObject({ version: 1, cycleCount: 2, openCycles: [2] });
    expect(Object.keys(state.dust)).toEqual(["0:BTC"]);
    const again = new TradeRig({ nowUs: rig.nowUs, plan: { restored: text } });
    expect(exportTrading(again.trade)).toBe(text);
    expect(again.total("BTC")).toBe(rig.total("BTC"));
  });

  test("keeps kills and counters: what was stopped stays stopped", () => {
    const rig = busy();
    rig.event({ type: "killRequested", scope: "all", target: "", by: "operator", reason: "drill" });
    const again = new TradeRig({ plan: { fence: 8, restored: exportTrading(rig.trade) } });
    expect(again.trade.risk.kills.list()).toMatchObject([{ scope: "all", reason: "drill" }]);
    expect(again.trade.risk.takeNewKills()).toEqual([]);
  });

  test("keeps the exposure of an order that ended with fills nobody has shown", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.opportunity();
    rig.accept();
    rig.end("canceled", 10);
    const again = new TradeRig({ plan: { fence: 8, restored: exportTrading(rig.trade) } });
    const { exposure } = again.trade.risk.venue(0);
    expect(exposure.ordersOf(rig.order.instrument)).toMatchObject([{ remainingLots: 10 }]);
  });

  test.each<readonly [string, (state: Record<string, unknown>) => unknown, string]>([
    ["another version", (state) => ({ ...state, version: 2 }), "version 2 is unknown"],
    ["no version", ({ version: _, ...state }) => state, "version undefined is unknown"],
    ["a list", () => [], "version undefined is unknown"],
    ["nothing", () => null, "is no record"],
    ["a number", () => 7, "is no record"],
    ["orders that are no text", (state) => ({ ...state, orders: {} }), "is damaged"],
    ["a count that is none", (state) => ({ ...state, cycleCount: 1.5 }), "is damaged"],
    ["a missing count", (state) => ({ ...state, opportunityCount: null }), "is damaged"],
    ["cycles that are no list", (state) => ({ ...state, openCycles: 3 }), "is damaged"],
    ["a cycle that is no number", (state) => ({ ...state, openCycles: ["2"] }), "is damaged"],
    ["dust that is no amount", (state) => ({ ...state, dust: { "0:BTC": "1e5" } }), "is damaged"],
    ["dust that is a number", (state) => ({ ...state, dust: { "0:BTC": 1 } }), "is damaged"],
    ["no dust", (state) => ({ ...state, dust: null }), "is damaged"],
  ])("with %s is refused", (_, damage, reason) => {
    const text = JSON.stringify(damage(JSON.parse(exportTrading(busy().trade))));
    const read = readTrading(text);
    expect(read.ok ? "read" : read.reason).toContain(reason);
    const rig = new TradeRig();
    expect(foldTrading(text, optionsOf(rig), [])).toEqual(read);
  });

  test("that was cut off is refused", () => {
    const text = exportTrading(busy().trade);
    expect(readTrading(text.slice(0, -5))).toEqual({
      ok: false,
      reason: "the saved state of trading is no JSON",
    });
  });

  test("with orders that are damaged is refused with the reason of the orders", () => {
    const state = stateOf(exportTrading(busy().trade));
    const orders = { ...JSON.parse(state.orders), live: ["rk00007-0000zzzz"] };
    const text = JSON.stringify({ ...state, orders: JSON.stringify(orders) });
    const read = foldTrading(text, optionsOf(new TradeRig()), []);
    expect(read.ok).toBe(false);
  });

  test("of a newer fence than this run's is refused", () => {
    const text = exportTrading(busy().trade);
    const older = new TradeRig({ plan: { fence: 6 } });
    const read = foldTrading(text, optionsOf(older), []);
    expect(read.ok ? "read" : read.reason).toContain("fence");
  });
});

describe("a snapshot and what came after", () => {
  test("of nothing is the beginning", () => {
    const read = foldTrading("", optionsOf(new TradeRig()), []);
    expect(read).toMatchObject({
      ok: true,
      state: { risk: null, cycleCount: 0, openCycles: [], opportunityCount: 0, dust: {} },
    });
  });

  test("an intent that only the intent log has is unknown, and its cycle is open", () => {
    const rig = busy();
    const text = exportTrading(rig.trade);
    const command = { ...rig.order, command: 9, clientId: "rk00007-00000009", cycle: 3 };
    const read = foldTrading(text, optionsOf(rig), [{ kind: "intent", command, nowUs: rig.nowUs }]);
    if (!read.ok) throw new Error(read.reason);
    expect(read.state).toMatchObject({ cycleCount: 3, openCycles: [2, 3] });
    expect(read.state.orders).toContain("foundInIntentLog");
  });

  test("the counters of risk are those of the snapshot, and cycles that ended are closed", () => {
    const rig = busy();
    const text = exportTrading(rig.trade);
    const { risk } = stateOf(text);
    const read = foldTrading(text, optionsOf(rig), [{ kind: "cycleEnded", cycle: 2 }]);
    expect(read).toMatchObject({ ok: true, state: { risk, openCycles: [] } });
  });

  test("give the state at the end, wherever the snapshot was taken", () => {
    let cycles = 0;
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const chance = seeded(seed);
      const rig = new RecordingRig({ plan: { slots: 2 } });
      const venue = new ModelVenue(rig, chance, FLAWLESS);
      begin(rig, venue, { USDT: "10000" });
      venue.badness = BAD;
      const cutAt = Math.floor(chance() * 12);
      let snapshot = "";
      let from = 0;
      for (let step = 0; step < 14; step++) {
        if (step === cutAt) {
          snapshot = exportTrading(rig.trade);
          from = rig.inputs.length;
        }
        rig.touch("ETHUSDT", 503_000 + step, 503_100 + step);
        live(rig, venue, Math.floor(chance() * 3000) * MS);
        rig.fair("ETHUSDT");
      }
      const now = stateOf(exportTrading(rig.trade));
      const read = foldTrading(snapshot, optionsOf(rig), rig.inputs.slice(from));
      if (!read.ok) throw new Error(read.reason);
      compare(knownOf(read.state, rig), knownOf(now, rig));
      expect(read.state.openCycles).toEqual(now.openCycles);
      expect(read.state.cycleCount).toBe(now.cycleCount);
      cycles += now.cycleCount;
    }
    expect(cycles).toBeGreaterThan(ROUNDS);
  });
});
