// Goal: orders that reach a limit together are stopped where one by one they would be; limits that change in the
// middle hold for what comes after; what has to survive a restart does. Method: orders through one gate.
import { describe, expect, test } from "vitest";
import type { RiskLimits } from "../../../../contracts/risk-limits.ts";
import type { RiskGate } from "../../../../hotpath/core/risk/gate.ts";
import {
  exportVenueRisk,
  importVenueRisk,
  type VenueRisk,
} from "../../../../hotpath/core/risk/venue-risk.ts";
import type { Denial } from "../../../../hotpath/core/risk/view.ts";
import { atto, Bench, clientId, LIMITS, NOON_US } from "./bench.ts";

/** Sends up to `count` different orders in one turn; how many passed, and why the next one did not. */
function burst(
  bench: Bench,
  gate: RiskGate,
  count: number,
  from = 1,
): { readonly passed: number; readonly denial: Denial | undefined } {
  const command = from;
  for (let i = 0; i < count; i++) {
    const order = {
      ...bench.order,
      command: command + i,
      clientId: clientId(command + i),
      priceTicks: 5_000_000 - (command + i),
      limitsVersion: gate.limits.version,
    };
    const context = { ...bench.context, opportunity: command + i };
    const denial = gate.admit(order, context, bench.nowUs);
    if (denial !== undefined) return { passed: i, denial };
  }
  return { passed: count, denial: undefined };
}

/** Wide enough for a hundred orders; each test narrows one. */
const WIDE: Partial<RiskLimits> = {
  openOrdersPerInstrumentMax: 50,
  openOrdersMax: 500,
  openNotionalMax: "1000000",
  positionNotionalMax: "1000000",
  grossExposureMax: "2000000",
  ordersPerSecondMax: 500,
  duplicateWindowUs: 0,
};

function wideBench(change: Partial<RiskLimits>): Bench {
  const bench = new Bench();
  bench.setLimits({ ...WIDE, ...change });
  return bench;
}

describe("a hundred orders in one turn", () => {
  // Each is worth a little under 500 USDT and brings 0.01 BTC.
  test.each<[string, number, Partial<RiskLimits>]>([
    ["PT06", 5, { openOrdersPerInstrumentMax: 5 }],
    ["PT06", 7, { openOrdersPerInstrumentMax: 7, openOrdersMax: 7 }],
    ["PT07", 10, { openNotionalMax: "5000" }],
    ["PT08", 10, { positionNotionalMax: "5000" }],
    ["PT09", 20, { grossExposureMax: "10000" }],
    ["PT12", 20, { ordersPerSecondMax: 20 }],
    ["PT12", 30, { ordersPerMinuteMax: 30, ordersPerSecondMax: 30 }],
    ["PT14", 12, { cyclesPerHourMax: 12 }],
    ["PT14", 13, { cyclesPerHourMax: 13, cyclesPerDayMax: 13 }],
    ["PT15", 16, { duplicateWindowUs: 1000 }],
  ])("stop at %s after %d", (control, count, change) => {
    const bench = wideBench(change);
    const { passed, denial } = burst(bench, bench.make().gate, 40);
    expect([denial?.control, passed]).toEqual([control, count]);
  });

  test("leave the venue's limit its unused share and the cancels theirs", () => {
    const bench = wideBench({});
    bench.rates = bench.rates.map((rule) => ({ ...rule, limit: 50 }));
    const { gate, venue } = bench.make();
    // 50, of which four fifths are ours, of which one fifth is kept for cancels; and whoever begins a
    // cycle leaves room for the four orders that may follow.
    expect(burst(bench, gate, 40)).toMatchObject({ passed: 28, denial: { control: "I05" } });
    expect(venue.rates.maySpend("cancelOrder", 0, bench.nowUs)).toBe(true);
  });

  test("hold balances only as far as the ledger's reserve is read anew", () => {
    const bench = wideBench({});
    const { gate } = bench.make();
    bench.view.totals.set("USDT", atto("499"));
    expect(burst(bench, gate, 2)).toMatchObject({ passed: 0, denial: { control: "PT22" } });
  });

  test("are judged again as soon as one of them has ended", () => {
    const bench = wideBench({ openOrdersPerInstrumentMax: 5 });
    const { gate, venue } = bench.make();
    expect(burst(bench, gate, 9).passed).toBe(5);
    venue.exposure.end(clientId(2));
    expect(burst(bench, gate, 9, 6).passed).toBe(1);
  });
});

describe("limits that change in the middle", () => {
  test("hold for new orders only, which have to cite them", () => {
    const bench = wideBench({ openNotionalMax: "5000", openOrdersMax: 50 });
    const { gate, venue } = bench.make();
    expect(burst(bench, gate, 40).passed).toBe(10);
    const before = venue.exposure.openWorth;
    const raised = { ...bench.limits, openNotionalMax: "7500" };
    expect(gate.takeLimits(raised, 5).ok).toBe(true);
    expect(venue.exposure.openWorth).toBe(before);
    expect(burst(bench, gate, 40, 11).passed).toBe(5);
    expect(gate.takeLimits({ ...raised, openNotionalMax: "1000" }, 6).ok).toBe(true);
    // What is open stays open; nothing is added.
    expect(venue.exposure.openOrderCount).toBe(15);
    expect(burst(bench, gate, 40, 16)).toMatchObject({
      passed: 0,
      denial: { control: "PT07", limitsVersion: 6 },
    });
  });

  test.each<[string, number, Partial<RiskLimits>]>([
    ["version", 4, {}],
    ["version", 3, {}],
    ["orderNotionalMax", 5, { orderNotionalMax: "100000.000000000000000001" }],
    ["collarPpm", 5, { collarPpm: 50_001 }],
    ["collarPpm", 5, { collarPpm: Number.NaN }],
    ["dailyLossMax", 5, { dailyLossMax: "-1" }],
  ])("are refused by the name of the field: %s", (field, version, change) => {
    const { gate } = new Bench().make();
    const taken = gate.takeLimits({ ...LIMITS, ...change }, version);
    expect(taken).toMatchObject({ ok: false, fault: { field } });
    expect(gate.limits.version).toBe(4);
    expect(gate.limits.limits).toEqual(LIMITS);
  });
});

const STATE = exportVenueRisk(new Bench().make().venue);

describe("after a restart", () => {
  /** What was counted before, taken up by a venue made anew from text. */
  function restarted(bench: Bench, step: (venue: VenueRisk, gate: RiskGate) => void): Bench {
    const { gate, venue } = bench.make();
    step(venue, gate);
    const text = JSON.stringify(exportVenueRisk(venue));
    const after = new Bench();
    after.limits = bench.limits;
    after.nowUs = bench.nowUs;
    after.order = { ...bench.order, fence: 3 };
    after.context.opportunity = 1000;
    after.steps.push((fresh) => expect(importVenueRisk(fresh, JSON.parse(text))).toBe(true));
    return after;
  }

  test.each<[string, string, (venue: VenueRisk) => void]>([
    ["PT10", "the loss of the day", ({ counters }) => counters.countResult(-atto("101"), NOON_US)],
    [
      "PT11",
      "losses in a row",
      ({ counters }) => {
        for (let i = 0; i < 8; i++) counters.countResult(-1n, NOON_US);
      },
    ],
    [
      "PT14",
      "cycles of the hour",
      ({ counters }) => {
        for (let i = 0; i < 500; i++) counters.countCycle(1, NOON_US);
      },
    ],
    [
      "PT28",
      "refusals",
      ({ counters }) => {
        for (let i = 0; i < 10; i++) counters.countAnswer(i % 2 === 0);
        for (let i = 0; i < 40; i++) counters.countAnswer(i % 8 === 0);
      },
    ],
    ["E10", "a terminal portfolio", ({ portfolio }) => portfolio.update(28, 0, NOON_US)],
  ])("%s knows %s", (control, _about, step) => {
    expect(restarted(new Bench(), step).ask()?.control).toBe(control);
  });

  test("orders of a full day are a full day still, and a day later they are not", () => {
    const bench = new Bench();
    bench.setLimits({ ordersPerDayMax: 700, ordersPerMinuteMax: 700 });
    const after = restarted(bench, ({ counters }) => {
      for (let i = 0; i < 700; i++) counters.countOrder(2, i + 1, NOON_US - 3_600_000_000);
    });
    expect(after.ask()?.control).toBe("PT12");
    after.nowUs += 86_400_000_000;
    expect(after.ask()?.control).not.toBe("PT12");
  });

  test("an opportunity and a command that were used stay used", () => {
    const bench = new Bench();
    const after = restarted(bench, (_, gate) => {
      expect(gate.admit({ ...bench.order, command: 40 }, bench.context, NOON_US)).toBeUndefined();
    });
    after.nowUs += 1_000_000;
    after.context.opportunity = 1;
    expect(after.ask()?.control).toBe("PT15");
    after.context.opportunity = 2;
    expect(after.ask()).toBeUndefined();
    after.setOrder({ fence: 2, command: 40 });
    expect(after.ask()?.control).toBe("PT16");
    after.setOrder({ fence: 2, command: 41 });
    expect(after.ask()).toBeUndefined();
  });

  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["a text", "state"],
    ["no counters", { portfolio: { version: 1, isTerminal: false } }],
    ["no portfolio", { ...STATE, portfolio: null }],
    ["no rates", { ...STATE, rates: null }],
  ])("a state that is %s is refused", (_about, state) => {
    expect(importVenueRisk(new Bench().make().venue, state)).toBe(false);
  });
});

describe("a quiet book", () => {
  test("is known a second after an order was first asked for upon it", () => {
    const bench = new Bench();
    const { gate } = bench.make();
    gate.references.forget(2);
    expect(gate.check(bench.order, bench.context, NOON_US)?.control).toBe("PT18");
    expect(gate.check(bench.order, bench.context, NOON_US + 1_000_000)).toBeUndefined();
  });
});

describe("a private stream that is dialed anew", () => {
  test("is no new start: neither quarantine nor ramp begins again", () => {
    const bench = new Bench();
    const { gate } = bench.make();
    expect(gate.check(bench.order, bench.context, NOON_US)).toBeUndefined();
    bench.view.account.readySinceUs = NOON_US;
    expect(gate.check(bench.order, bench.context, NOON_US)).toBeUndefined();
  });
});

describe("an order of nothing that is known", () => {
  test.each([
    ["venue", { venue: 7 }],
    ["instrument", { instrument: 9 }],
  ])("is denied by its %s", (_about, change) => {
    const bench = new Bench();
    bench.setOrder(change);
    expect(bench.ask()).toMatchObject({ control: "PT20" });
  });

  test("is a fault of ours when it was not judged before it is counted", () => {
    const { gate } = new Bench().make();
    const bench = new Bench();
    expect(() => gate.countSent(bench.order, bench.context, NOON_US)).toThrow(/was judged last/);
    expect(() => gate.check({ ...bench.order, purpose: "cancel" }, bench.context, 0)).toThrow();
    expect(() => gate.venue(5)).toThrow(/the venue trades/);
  });
});

describe("an exit", () => {
  // Whatever would keep us in what we want to leave is no reason to stay.
  test("is let out under losses, storms, full books of orders and a young account", () => {
    const bench = new Bench();
    bench.setOrder({ purpose: "exit", side: "sell" });
    bench.setLimits({ orderNotionalMax: "1", legNotionalMax: "1" });
    bench.view.lots = 1;
    bench.view.account.deadMan = "disarmed";
    bench.view.account.clockOffsetUs = Number.NaN;
    bench.view.account.readySinceUs = NOON_US;
    for (const each of bench.view.instruments) {
      each.takerPpb = Number.NaN;
      each.rulesAgeUs = Number.NaN;
    }
    bench.context.edgePpm = Number.NaN;
    bench.steps.push((venue) => {
      venue.counters.countResult(-atto("1000"), NOON_US);
      for (let i = 0; i < 20; i++) venue.counters.countAnswer(true);
      for (let i = 0; i < 20; i++) venue.orders.onFailed(NOON_US);
      for (let i = 0; i < 50; i++) venue.congestion.observe(9_000_000);
      venue.portfolio.update(99, 50, NOON_US);
      for (let i = 0; i < 20; i++) {
        const own = { clientId: clientId(500 + i), instrument: 0, side: "sell", lots: 1 } as const;
        venue.exposure.add({ ...own, priceTicks: 6_000_000 }, atto("1000"));
        venue.exposure.setUnknown(own.clientId, true);
      }
    });
    expect(bench.ask()).toBeUndefined();
  });
});
