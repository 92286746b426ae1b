// Goal: what a cycle holds between is got out of as soon as it can be, and has a name when it cannot.
import { describe, expect, test } from "vitest";
import { MS, SECOND, TradeRig } from "./rig.ts";

/** The first leg is filled, the way out is as `spoil` leaves it, and the second leg is refused. */
function stuck(spoil: (rig: TradeRig) => void, lots?: number): TradeRig {
  const rig = new TradeRig();
  rig.ready();
  rig.opportunity();
  const { order } = rig;
  if (lots === undefined) rig.fillWhole();
  else {
    rig.accept();
    rig.fill(lots, { order });
    rig.end("expired", lots, order);
  }
  spoil(rig);
  if (rig.order !== order) rig.refuse("rejected");
  return rig;
}

function alarms(rig: TradeRig): string[] {
  return rig.all("recordAlarm").map(({ alarm }) => alarm.kind);
}

describe("a way out whose book is void", () => {
  test("is waited for, and taken when the book is back", () => {
    const rig = stuck((each) => each.slot("BTCUSDT").book.void());
    rig.advance(2 * SECOND);
    expect(rig.orders).toHaveLength(2);
    rig.goLive("BTCUSDT");
    rig.fair("BTCUSDT");
    rig.advance(SECOND);
    expect(rig.order).toMatchObject({ purpose: "exit", side: "sell", instrument: 0 });
    rig.fillWhole();
    expect(rig.cycles).toMatchObject([{ ending: "FAILED", residual: {} }]);
    expect(rig.trade.counts.ordersOnInvalidBook).toBe(0);
  });

  test("is looked at ever more rarely, up to twice a second", () => {
    const rig = stuck((each) => each.slot("BTCUSDT").book.void());
    const pauses: number[] = [];
    let beforeUs = rig.nowUs;
    while (rig.nowUs < beforeUs + SECOND && pauses.length < 7) {
      const nextUs = rig.trade.cycles[0]?.retryUs ?? 0;
      rig.advance(10 * MS, 10 * MS);
      if (rig.trade.cycles[0]?.retryUs === nextUs) continue;
      pauses.push((rig.nowUs - beforeUs) / MS);
      beforeUs = rig.nowUs;
    }
    expect(pauses).toEqual([20, 40, 80, 160, 320, 500, 500]);
  });

  test("is not waited for for ever: what is held gets a name, and wakes somebody", () => {
    const rig = stuck((each) => each.slot("BTCUSDT").book.void());
    rig.advance(29 * SECOND);
    expect(rig.cycles).toEqual([]);
    rig.advance(3 * SECOND);
    const [cycle] = rig.cycles;
    expect(Object.keys(cycle?.residual ?? {})).toEqual(["BTC"]);
    expect(alarms(rig)).toContain("residual");
    const [first] = cycle?.legs ?? [];
    expect(rig.trade.dust.get("0:BTC")).toBe(rig.amount(first?.output ?? ""));
  });
});

describe("what is too little to be sold", () => {
  test("is dust: it keeps its name, and wakes nobody", () => {
    const rig = stuck(() => undefined, 3);
    rig.advance(4 * SECOND);
    const [cycle] = rig.cycles;
    expect(cycle).toMatchObject({ ending: "FAILED" });
    expect(Object.keys(cycle?.residual ?? {})).toEqual(["BTC"]);
    expect(alarms(rig)).not.toContain("residual");
    expect(rig.trade.dust.size).toBe(1);
  });
});

describe("an exit that the gate blocks", () => {
  test("is told once, counted each time, and leaves when it may", () => {
    const rig = stuck((each) => {
      const limits = { ...each.trade.risk.limits, jumpPpm: 200_000, bookAgeUsMax: 1000 };
      each.event({ type: "limitsChanged", version: 4, limits, by: "risk", reason: "drill" });
      each.world.nowUs += 5 * SECOND;
      each.nowUs = each.world.nowUs;
      each.hear = () => undefined;
    });
    const denials = (): number => rig.all("recordDenial").length;
    rig.advance(SECOND);
    expect(rig.orders.filter(({ purpose }) => purpose === "exit")).toEqual([]);
    expect(denials()).toBe(1);
    expect(rig.trade.counts.denials).toBeGreaterThan(2);
    rig.hear = TradeRig.prototype.hear;
    rig.advance(SECOND);
    expect(rig.order.purpose).toBe("exit");
  });
});
