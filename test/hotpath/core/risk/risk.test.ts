// Goal: what happens to orders reaches exposure, counters, breakers, kills and the stored state in the turn in
// which it happens. Method: the real order table beside the risk of one venue; every event through both.
import { describe, expect, test } from "vitest";
import { riskStatusOf } from "../../../../hotpath/core/risk/risk-status.ts";
import type { RefusalClass } from "../../../../hotpath/core/trade/events.ts";
import { atto, INSTRUMENTS, LIMITS, NOON_US } from "./bench.ts";

import { Rig, S } from "./rig.ts";

describe("an order's life", () => {
  test("is exposure while it may fill, position as far as it has, and nothing when it has ended", () => {
    const rig = new Rig();
    const { exposure } = rig.risk.venue(0);
    expect(rig.send()).toBeUndefined();
    expect(exposure.openWorth).toBe(atto("500.5"));
    expect(exposure.asset("BTC").incoming).toBe(atto("0.01001"));
    rig.accept();
    rig.fill(401);
    expect(exposure.asset("BTC").incoming).toBe(atto("0.006"));
    expect(exposure.asset("BTC").held).toBe(atto("0.00401"));
    expect(exposure.grossWorth).toBeCloseTo(500.5, 6);
    rig.expire(401);
    expect(exposure.openOrderCount).toBe(0);
    expect(exposure.openWorth).toBe(0n);
    expect(exposure.asset("BTC").held).toBe(atto("0.00401"));
  });

  test("keeps its worst case while nobody knows what became of it", () => {
    const rig = new Rig();
    const { exposure } = rig.risk.venue(0);
    rig.send();
    rig.refuse("unknown");
    expect(exposure.unknownOrderCount).toBe(1);
    expect(exposure.openWorth).toBe(atto("500.5"));
    rig.accept();
    expect(exposure.unknownOrderCount).toBe(0);
  });

  test("that ended with fills which were said and not shown still counts for those", () => {
    const rig = new Rig();
    const { exposure } = rig.risk.venue(0);
    rig.send();
    rig.accept();
    rig.expire(1);
    const left = exposure.asset("BTC").incoming + exposure.asset("BTC").held;
    expect(left).toBe(atto("0.00001"));
  });

  test("that was refused and lives all the same counts again, until it has ended", () => {
    const rig = new Rig();
    const { exposure } = rig.risk.venue(0);
    rig.send();
    rig.refuse("rejected");
    expect(exposure.openOrderCount).toBe(0);
    rig.accept();
    expect(exposure.openOrderCount).toBe(1);
    expect(exposure.asset("BTC").incoming).toBe(atto("0.01001"));
    rig.risk.onTimer(rig.nowUs + S);
    expect(exposure.openWorth).toBe(atto("500.5"));
    rig.expire(0);
    expect(exposure.openOrderCount).toBe(0);
    expect(exposure.openWorth).toBe(0n);
  });

  test("is followed once when an answer comes twice", () => {
    const rig = new Rig();
    rig.send();
    rig.refuse("rejected");
    rig.refuse("rejected");
    expect(rig.risk.venue(0).counters.rejectsInARow).toBe(1);
    expect(rig.risk.venue(0).exposure.openOrderCount).toBe(0);
  });
});

describe("answers of the venue", () => {
  test.each<[RefusalClass, number, number]>([
    ["rejected", 0, 1],
    ["halted", 0, 1],
    ["clock", 0, 1],
    ["throttled", 1, 1],
    ["unknown", 1, 0],
  ])("of class %s count %d as failures and %d as refusals", (refusal, failures, rejects) => {
    const rig = new Rig();
    rig.send();
    rig.refuse(refusal);
    const { breakers, counters } = rig.risk.venue(0);
    expect([breakers.orders.failures, counters.rejectsInARow]).toEqual([failures, rejects]);
  });

  test("about cancels, queries and readings tell of their own endpoints", () => {
    const rig = new Rig();
    const { breakers } = rig.risk.venue(0);
    const refusal = { class: "unknown", code: "timeout", text: "", isListed: true } as const;
    rig.send();
    rig.accept();
    const name = { clientId: rig.id() };
    rig.hear({ ...rig.of, ...name, type: "cancelRefused", refusal });
    expect(breakers.cancels.failures).toBe(1);
    rig.hear({ ...rig.of, ...name, type: "cancelAccepted" });
    expect(breakers.cancels.failures).toBe(0);
    rig.hear({ ...rig.of, ...name, type: "cancelRefused", refusal });
    rig.hear({
      ...rig.of,
      ...name,
      type: "cancelRefused",
      refusal: { ...refusal, class: "noSuchOrder" },
    });
    expect(breakers.cancels.failures).toBe(0);
    const query = { requestId: 1, order: undefined, fills: [], reason: "" };
    rig.hear({ ...rig.of, ...name, ...query, type: "orderQueried", outcome: "failed" });
    rig.hear({ ...rig.of, type: "feesFailed", reason: "timeout" });
    expect(breakers.reads.failures).toBe(2);
    rig.hear({ ...rig.of, type: "feesRead", fees: [] });
    rig.hear({ ...rig.of, type: "feesFailed", reason: "timeout" });
    expect(breakers.reads.failures).toBe(1);
    rig.hear({ ...rig.of, ...name, ...query, type: "orderQueried", outcome: "notFound" });
    expect(breakers.reads.failures).toBe(0);
    expect(breakers.orders.failures).toBe(0);
  });

  test("are timed from the moment their order left", () => {
    const rig = new Rig();
    rig.send();
    rig.nowUs += 70_000;
    rig.accept();
    expect(rig.risk.venue(0).congestion.meanUs).toBe(70_000);
  });

  test("are shown as they stand", () => {
    const rig = new Rig();
    rig.send();
    rig.nowUs += 70_000;
    rig.refuse("unknown");
    rig.risk.onCycleEnded(0, "USDT", -atto("2.5"), rig.nowUs);
    for (let i = 0; i < 4; i++) rig.risk.venue(0).orders.onFailed(rig.nowUs);
    expect(riskStatusOf(rig.risk.venue(0), rig.nowUs)).toEqual({
      breakers: { orders: "open", cancels: "closed", reads: "closed" },
      portfolio: "healthy",
      portfolioReason: "",
      isCongested: false,
      roundTripUs: 70_000,
      dayResult: "-2.5",
      lossesInARow: 1,
      rates: { orders: [1, 1000] },
    });
  });

  test("pauses of breakers are shorter in a drill", () => {
    for (const [timeDivisor, pauseUs] of [
      [undefined, 60 * S],
      [10, 6 * S],
    ] as const) {
      const { orders } = new Rig(timeDivisor === undefined ? {} : { timeDivisor }).risk.venue(0);
      for (let i = 0; i < 5; i++) orders.onFailed(NOON_US);
      expect(orders.mayPass(NOON_US + pauseUs - 1)).toBe(false);
      expect(orders.mayPass(NOON_US + pauseUs)).toBe(true);
    }
  });

  test("five refusals in a row stop the venue, exits let out, until a person has looked", () => {
    const rig = new Rig();
    for (let i = 0; i < 5; i++) {
      expect(rig.send()).toBeUndefined();
      rig.refuse("rejected");
    }
    expect(rig.risk.takeNewKills()).toMatchObject([
      { scope: "venue", target: "binance-spot", by: "control:PT28" },
    ]);
    expect(rig.risk.takeNewKills()).toEqual([]);
    expect(rig.send()?.control).toBe("PT32");
    const [btc] = INSTRUMENTS;
    expect(btc === undefined || rig.risk.mayNotExit(0, btc)).toBe(false);
    expect(rig.send({ purpose: "exit" })).toBeUndefined();
    rig.refuse("rejected");
    expect(rig.risk.release("venue", "binance-spot", "control:PT28")).toBe("notByPerson");
    expect(rig.risk.release("venue", "kraken", "ann")).toBe("notKilled");
    expect(rig.risk.release("venue", "binance-spot", "ann")).toBe("released");
    expect(rig.send()).toBeUndefined();
  });
});

describe("anomalies", () => {
  test("a fill of an order that is not known stops the venue, for exits as well", () => {
    const rig = new Rig();
    rig.send();
    rig.accept();
    rig.fill(5, { clientId: "rk00002-00000zzz", orderId: "elsewhere" });
    expect(rig.risk.takeNewKills()).toMatchObject([{ by: "control:PT29" }]);
    expect(rig.send({ purpose: "exit" })?.control).toBe("PT32");
    const [btc] = INSTRUMENTS;
    expect(btc !== undefined && rig.risk.mayNotExit(0, btc)).toBe(true);
  });

  test("credentials that are refused stop the venue", () => {
    const rig = new Rig();
    rig.send();
    rig.refuse("credentials");
    expect(rig.risk.kills.has("venue", "binance-spot")).toBe(true);
  });

  test("a ban stops the venue even when its time is over; a silence does not", () => {
    const rig = new Rig();
    rig.risk.onSilenced(0, rig.nowUs + S, false, rig.nowUs);
    expect(rig.risk.kills.isEmpty).toBe(true);
    expect(rig.send()?.control).toBe("I05");
    rig.nowUs += S;
    rig.see(rig.nowUs);
    expect(rig.send()).toBeUndefined();
    rig.risk.onSilenced(0, rig.nowUs, true, rig.nowUs);
    expect(rig.risk.takeNewKills()).toMatchObject([{ by: "control:I07" }]);
    rig.risk.release("venue", "binance-spot", "ann");
    expect(rig.send()).toBeUndefined();
  });

  test("what the venue's orders contradict stops it, and what only cannot be read does not", () => {
    const rig = new Rig();
    rig.risk.onAnomaly(0, "feeUnreadable", "x", rig.nowUs);
    expect(rig.risk.kills.isEmpty).toBe(true);
    rig.risk.onAnomaly(0, "openDiffers", "7 lots", rig.nowUs);
    expect(rig.risk.kills.list()).toMatchObject([{ by: "control:PT29" }]);
  });

  test("a broken invariant stops everything", () => {
    const rig = new Rig();
    rig.risk.onInvariantBroken("the books do not balance", rig.nowUs);
    expect(rig.send({ purpose: "exit" })?.control).toBe("PT32");
  });
});

describe("results", () => {
  test("in another asset are valued; while nothing values them they wait and are not lost", () => {
    const rig = new Rig();
    const { counters } = rig.risk.venue(0);
    rig.risk.onCycleEnded(0, "BTC", -atto("0.0001"), rig.nowUs);
    expect(counters.dayResult(rig.nowUs)).toBe(-atto("5"));
    const [btc] = rig.bench.view.books;
    if (btc === undefined) throw new Error("there is a first");
    btc.isLive = false;
    for (const book of rig.bench.view.books) book.isLive = false;
    rig.risk.onCycleEnded(0, "BTC", -atto("0.002"), rig.nowUs);
    expect(counters.dayResult(rig.nowUs)).toBe(-atto("5"));
    for (const book of rig.bench.view.books) book.isLive = true;
    rig.risk.onTimer(rig.nowUs);
    expect(counters.dayResult(rig.nowUs)).toBe(-atto("105"));
    expect(rig.risk.takeNewKills()).toMatchObject([{ by: "control:PT10" }]);
  });

  test("that could never be valued stop everything before they fill the memory", () => {
    const rig = new Rig();
    for (let i = 0; i <= 10_000; i++) rig.risk.onCycleEnded(0, "DOGE", 1n, rig.nowUs);
    expect(rig.risk.kills.has("all", "")).toBe(true);
  });

  test("move equity: home assets and what was made of others, not what else the account holds", () => {
    const rig = new Rig();
    const { view } = rig.bench;
    const [btc] = view.books;
    if (btc === undefined) throw new Error("there is a first");
    rig.risk.onTimer(rig.nowUs);
    // The one BTC that the account began with falls by a third; trading has no part in it.
    btc.bidTicks = 3_300_000;
    btc.askTicks = 3_300_001;
    view.total = () => atto("89999");
    rig.risk.onTimer(rig.nowUs + S - 1);
    expect(rig.risk.venue(0).portfolio.level).toBe("healthy");
    expect(rig.risk.dueUs(rig.nowUs)).toBe(rig.nowUs + S);
    view.position = (_, asset) => (asset === "BTC" ? atto("0.2") : 0n);
    rig.risk.onTimer(rig.nowUs + S);
    // 89,999 and 6,600 of 100,000.
    expect(rig.risk.venue(0).portfolio.level).toBe("healthy");
    view.position = () => undefined;
    view.total = () => undefined;
    rig.risk.onTimer(rig.nowUs + 2 * S);
    expect(rig.risk.venue(0).portfolio.level).toBe("healthy");
    view.position = () => 0n;
    view.total = () => atto("89999");
    rig.risk.onTimer(rig.nowUs + 3 * S);
    expect(rig.risk.venue(0).portfolio.level).toBe("critical");
  });
});

describe("requests that are no orders", () => {
  test("are counted, and cancels leave through an open breaker while readings do not", () => {
    const rig = new Rig();
    const { breakers, counters, rates } = rig.risk.venue(0);
    for (const kind of ["cancelOrder", "cancelAll", "queryOrder", "readAccount"] as const) {
      expect(rig.risk.mayNotSpend(0, kind, -1, rig.nowUs)).toBe(false);
      rig.risk.onSpent(0, kind, -1, rig.nowUs);
    }
    expect(counters.in("cancelsPerRatio", rig.nowUs)).toBe(2);
    expect(rates.usedOf("orders", -1, rig.nowUs)).toBe(4);
    for (let i = 0; i < 5; i++) breakers.reads.onFailed(rig.nowUs);
    for (let i = 0; i < 5; i++) breakers.cancels.onFailed(rig.nowUs);
    expect(rig.risk.mayNotSpend(0, "readAccount", -1, rig.nowUs)).toBe(true);
    expect(rig.risk.mayNotSpend(0, "cancelAll", -1, rig.nowUs)).toBe(false);
    // What is unknown has to be found out, whatever the endpoint did before.
    expect(rig.risk.mayNotSpend(0, "queryOrder", -1, rig.nowUs)).toBe(false);
    rig.risk.onUsage(0, "orders", -1, 1000, rig.nowUs);
    expect(rig.risk.mayNotSpend(0, "cancelAll", -1, rig.nowUs)).toBe(true);
  });
});

describe("filters", () => {
  test("that sizing did not know are faults of sizing", () => {
    const rig = new Rig();
    rig.bench.view.filter = "notionalMin";
    for (let i = 0; i < 3; i++) expect(rig.send()?.control).toBe("PT23");
    rig.risk.onTimer(rig.nowUs);
    expect(rig.risk.venue(0).portfolio.level).toBe("caution");
  });

  test("tell dust from what can be sold", () => {
    const rig = new Rig();
    const [btc] = INSTRUMENTS;
    if (btc === undefined) throw new Error("there is a first");
    const filters = { ...btc.filters, notionalMin: "10", quantityMin: "0.0001" };
    const strict = { ...btc, filters };
    const limitTicks = 5_000_000;
    expect(rig.risk.isBelowMinimum(strict, "sell", { lots: 20, limitTicks })).toBe(false);
    expect(rig.risk.isBelowMinimum(strict, "sell", { lots: 19, limitTicks })).toBe(true);
    expect(rig.risk.isBelowMinimum(strict, "sell", { lots: 9, limitTicks })).toBe(true);
    rig.risk.onInstrument(strict);
    expect(rig.risk.venue(0).exposure.instrument(0)).toBe(strict);
    rig.risk.onInstrument({ ...strict, index: 77 });
    expect(rig.risk.venue(0).exposure.instrument(77)).toBeUndefined();
  });
});

describe("a restart", () => {
  test("knows kills, limits, counters and live orders, and values what it could not at first", () => {
    const before = new Rig();
    before.send();
    before.refuse("unknown");
    const raised = { ...LIMITS, orderNotionalMax: "2000", reserve: { USDT: "7" } };
    expect(before.risk.takeLimits(raised, 9).ok).toBe(true);
    expect(
      before.risk.kill(
        { scope: "instrument", target: "binance-spot:ETHUSDT", by: "ann", reason: "" },
        NOON_US,
      ),
    ).toBe(true);
    const text = JSON.stringify(before.risk.exportState());

    const after = new Rig({}, 3);
    for (const book of after.bench.view.books) book.isLive = false;
    expect(after.risk.importState(JSON.parse(text))).toBe(true);
    for (const order of before.orders.table.live) {
      after.risk.adopt(order);
      after.risk.adopt(order);
    }
    expect(after.risk.limitsVersion).toBe(9);
    expect(after.risk.reserveOf("USDT")).toBe(atto("7"));
    expect(after.risk.reserveOf("BTC")).toBe(0n);
    expect(after.risk.kills.list()).toEqual(before.risk.kills.list());
    const { exposure } = after.risk.venue(0);
    expect([exposure.openOrderCount, exposure.unknownOrderCount]).toEqual([1, 1]);
    expect(exposure.unvaluedOrderCount).toBe(1);
    for (const book of after.bench.view.books) book.isLive = true;
    expect(after.send()?.control).toBe("PT07");
    after.risk.onTimer(after.nowUs);
    expect(exposure.openWorth).toBe(atto("500.5"));
    expect(after.send()).toBeUndefined();
    expect(after.send({ fence: 2, command: 1 })?.control).toBe("PT16");
  });

  test("adopts nothing of a venue or an instrument that is not traded any more", () => {
    const rig = new Rig();
    rig.send();
    const order = rig.orders.table.get(rig.id());
    if (order === undefined) throw new Error("it was sent");
    const other = new Rig({}, 3);
    for (const change of [{ venue: 1 }, { instrument: 9 }]) {
      other.risk.adopt({ ...order, ...change });
      other.risk.follow({ ...order, ...change });
    }
    expect(other.risk.venue(0).exposure.openOrderCount).toBe(0);
  });

  test("adopts nothing that has ended", () => {
    const rig = new Rig();
    rig.send();
    const order = rig.orders.table.get(rig.id());
    rig.refuse("rejected");
    const other = new Rig({}, 3);
    if (order !== undefined) other.risk.adopt(order);
    expect(other.risk.venue(0).exposure.openOrderCount).toBe(0);
  });

  test("keeps newer limits of the file over older ones of the state", () => {
    const before = new Rig();
    const after = new Rig({ limits: { ...LIMITS, orderNotionalMax: "7" }, limitsVersion: 5 });
    expect(after.risk.importState(before.risk.exportState())).toBe(true);
    expect([after.risk.limitsVersion, after.risk.limits.orderNotionalMax]).toEqual([5, "7"]);
  });

  test("of a venue that did not trade before begins with nothing", () => {
    const state = { ...new Rig().risk.exportState(), venues: {} };
    expect(new Rig().risk.importState(state)).toBe(true);
  });

  const good = new Rig().risk.exportState();
  test.each<[string, unknown]>([
    ["nothing", null],
    ["another version", { ...good, version: 2 }],
    ["no venues", { ...good, venues: null }],
    ["no version of limits", { ...good, limitsVersion: "4" }],
    [
      "limits above a ceiling",
      { ...good, limitsVersion: 9, limits: { ...LIMITS, collarPpm: 1e9 } },
    ],
    ["damaged kills", { ...good, kills: [{}] }],
    ["a damaged venue", { ...good, venues: { "binance-spot": {} } }],
  ])("with a state of %s is told so", (_about, state) => {
    expect(new Rig().risk.importState(state)).toBe(false);
  });
});
