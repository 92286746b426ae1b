// Goal: a kill stops what it names from the turn in which it is applied until a person releases it, over
// restarts, and nothing of ours releases one.
import { describe, expect, test } from "vitest";
import type { KillScope } from "../../../../contracts/trade.ts";
import { ANOMALIES } from "../../../../hotpath/core/order/change.ts";
import { CASES } from "../../../../hotpath/core/order/reconcile-cases.ts";
import {
  killAfterAnomaly,
  killAfterInvariant,
  killsDue,
} from "../../../../hotpath/core/risk/automatic.ts";
import { isPerson, type KillRequest, Kills } from "../../../../hotpath/core/risk/kill.ts";
import type { VenueRisk } from "../../../../hotpath/core/risk/venue-risk.ts";
import { atto, Bench, clientId, NOON_US } from "./bench.ts";

const HERE = ["binance-spot", "triangle", "binance-spot:BTCUSDT"] as const;

function request(scope: KillScope, target: string, by = "ann"): KillRequest {
  return { scope, target, by, reason: "drill" };
}

describe("a kill", () => {
  test.each<[KillScope, string, boolean]>([
    ["all", "", true],
    ["venue", "binance-spot", true],
    ["venue", "kraken", false],
    ["strategy", "triangle", true],
    ["strategy", "quotes", false],
    ["instrument", "binance-spot:BTCUSDT", true],
    ["instrument", "binance-spot:ETHUSDT", false],
  ])("of %s %s stops an order of ours: %s", (scope, target, isStopped) => {
    const kills = new Kills();
    expect(kills.isEmpty).toBe(true);
    expect(kills.blocking(...HERE, "open")).toBeUndefined();
    expect(kills.apply(request(scope, target), NOON_US)).toBe(true);
    for (const purpose of ["open", "finish", "exit"] as const) {
      expect(kills.blocking(...HERE, purpose) !== undefined).toBe(isStopped);
    }
  });

  test("is told once; the first reason and time stay", () => {
    const kills = new Kills();
    kills.apply(request("venue", "kraken"), NOON_US);
    expect(kills.apply(request("venue", "kraken", "bob"), NOON_US + 5)).toBe(false);
    expect(kills.list()).toEqual([{ ...request("venue", "kraken"), sinceUs: NOON_US }]);
    expect(kills.has("venue", "kraken")).toBe(true);
  });

  test("for losses lets exits out, and a person's kill after it does not", () => {
    const kills = new Kills();
    kills.apply(request("venue", "binance-spot", "control:PT10"), NOON_US);
    expect(kills.blocking(...HERE, "finish")).toBeDefined();
    expect(kills.blocking(...HERE, "exit")).toBeUndefined();
    // News, although the venue is stopped already: now the exits are as well.
    expect(kills.apply(request("venue", "binance-spot", "ann"), NOON_US + 1)).toBe(true);
    expect(kills.blocking(...HERE, "exit")?.by).toBe("ann");
    kills.apply(request("venue", "binance-spot", "control:PT11"), NOON_US + 2);
    expect(kills.blocking(...HERE, "exit")?.by).toBe("ann");
  });

  test("is released by a person, in its own scope, and by nothing else", () => {
    const kills = new Kills();
    kills.apply(request("venue", "kraken"), NOON_US);
    expect(kills.release("venue", "kraken", "control:PT10")).toBe("notByPerson");
    expect(kills.release("venue", "kraken", " ")).toBe("notByPerson");
    expect(kills.release("all", "", "ann")).toBe("notKilled");
    expect(kills.release("venue", "binance-spot", "ann")).toBe("notKilled");
    expect(kills.isEmpty).toBe(false);
    expect(kills.release("venue", "kraken", "ann")).toBe("released");
    expect(kills.release("venue", "kraken", "ann")).toBe("notKilled");
    expect(kills.isEmpty).toBe(true);
  });

  test("survives as text, and damaged text changes nothing", () => {
    const kills = new Kills();
    kills.apply(request("all", ""), NOON_US);
    kills.apply(request("instrument", "kraken:BTC/USD", "control:PT29"), NOON_US + 1);
    const text = JSON.stringify(kills.list());
    const after = new Kills();
    expect(after.importState(JSON.parse(text))).toBe(true);
    expect(after.list()).toEqual(kills.list());
    for (const damage of [null, {}, [1], [null], [{ ...kills.list()[0], scope: "moon" }]]) {
      expect(after.importState(damage)).toBe(false);
    }
    expect(after.importState([{ ...kills.list()[0], sinceUs: "today" }])).toBe(false);
    expect(after.importState([{ ...kills.list()[0], by: 7 }])).toBe(false);
    expect(after.list()).toEqual(kills.list());
  });

  test("knows a person by not being a control", () => {
    expect(isPerson("ann")).toBe(true);
    expect(isPerson("signal:SIGUSR1")).toBe(true);
    expect(isPerson("control:PT10")).toBe(false);
    expect(isPerson("")).toBe(false);
  });
});

describe("a control by itself", () => {
  const times = (count: number, step: () => void): void => {
    for (let i = 0; i < count; i++) step();
  };

  test.each<[string, (venue: VenueRisk) => void, (venue: VenueRisk) => void]>([
    [
      "PT10",
      ({ counters }) => counters.countResult(-atto("100"), NOON_US),
      ({ counters }) => counters.countResult(-1n, NOON_US),
    ],
    [
      "PT11",
      ({ counters }) => times(7, () => counters.countResult(-1n, NOON_US)),
      ({ counters }) => counters.countResult(-1n, NOON_US),
    ],
    [
      "PT11",
      ({ counters }) => {
        counters.countResult(atto("200"), NOON_US - 86_400_000_000);
        counters.countResult(-atto("200"), NOON_US - 86_400_000_000);
      },
      ({ counters }) => counters.countResult(-1n, NOON_US),
    ],
    [
      "PT14",
      ({ counters }) => times(499, () => counters.countCycle(1, NOON_US)),
      ({ counters }) => counters.countCycle(1, NOON_US),
    ],
    [
      "PT28",
      ({ counters }) => times(4, () => counters.countAnswer(true)),
      ({ counters }) => counters.countAnswer(true),
    ],
    [
      "E10",
      ({ portfolio }) => portfolio.update(27, 0, NOON_US),
      ({ portfolio }) => portfolio.update(28, 0, NOON_US),
    ],
  ])("%s stops the venue one unit above its limit", (control, before, after) => {
    const { gate, venue } = new Bench().make();
    before(venue);
    expect(killsDue("kraken", venue, gate.limits, NOON_US)).toEqual([]);
    after(venue);
    expect(killsDue("kraken", venue, gate.limits, NOON_US)).toMatchObject([
      { scope: "venue", target: "kraken", by: `control:${control}` },
    ]);
  });

  test("PT27 stops the venue with one unknown order too many", () => {
    const { gate, venue } = new Bench().make();
    for (let i = 0; i < 4; i++) {
      expect(killsDue("kraken", venue, gate.limits, NOON_US)).toEqual([]);
      const own = { clientId: clientId(i), instrument: 0, side: "buy", lots: 1 } as const;
      venue.exposure.add({ ...own, priceTicks: 1 }, 0n);
      venue.exposure.setUnknown(clientId(i), true);
    }
    expect(killsDue("kraken", venue, gate.limits, NOON_US)).toMatchObject([{ by: "control:PT27" }]);
  });

  test.each([
    ["fillWithoutOrder", "PT29"],
    ["overfill", "PT29"],
    ["twoOrderIds", "PT29"],
    ["neverFilled", "PT29"],
    ["openDiffers", "PT29"],
    ["foreignOrder", "PT39"],
    ["foreignOpen", "PT39"],
    ["newerFence", "PT31"],
    ["credentials", "O32"],
    ["banned", "I07"],
  ])("stops the venue after %s", (name, control) => {
    expect(killAfterAnomaly(name, "kraken", "trade 7")).toEqual({
      scope: "venue",
      target: "kraken",
      by: `control:${control}`,
      reason: `${name}: trade 7`,
    });
  });

  test("does not stop a venue for a text that it cannot read", () => {
    const told = ANOMALIES.filter((name) => killAfterAnomaly(name, "kraken", "") === undefined);
    expect(told).toEqual([
      "revived",
      "fillUnreadable",
      "fillElsewhere",
      "fillTooOld",
      "feeUnreadable",
      "feeAbsurd",
      "quoteAbsurd",
      "marksForced",
      "moveUnreadable",
    ]);
    for (const name of ["toString", "", "stranger"]) {
      expect(killAfterAnomaly(name, "kraken", "")).toBeUndefined();
    }
  });

  test("stops the venue after the readings that alarm most, but for balances, which block it", () => {
    const cases = Object.entries(CASES);
    expect(cases.length).toBe(24);
    for (const [name, { severity }] of cases) {
      const isKill = killAfterAnomaly(name, "kraken", "") !== undefined;
      if (severity === 1) expect([name, isKill]).toEqual([name, name !== "balanceDiffers"]);
      if (severity === 0) expect([name, isKill]).toEqual([name, false]);
    }
  });

  test("stops everything when our own state is broken", () => {
    expect(killAfterInvariant("two of one")).toMatchObject({ scope: "all", reason: "two of one" });
  });
});
