// Goal: an operator's mode, a flatten and a cancel of everything hold in the turn that took them, for all venues.
import { describe, expect, test } from "vitest";
import type { Mode } from "../../../../contracts/status.ts";
import { modeAt } from "../../../../hotpath/core/trade/standing.ts";
import { type RigOptions, SECOND, TradeRig } from "./rig.ts";

const BY = { by: "anna", reason: "news at ten" } as const;

function underWay(options: RigOptions = {}): TradeRig {
  const rig = new TradeRig(options);
  rig.ready();
  rig.opportunity();
  rig.accept();
  return rig;
}

function mode(rig: TradeRig, wanted: Mode): void {
  rig.event({ type: "modeRequested", mode: wanted, ...BY });
}

describe("the operator's mode", () => {
  test.each([
    ["noNewPositions", "active", "noNewPositions"],
    ["noNewPositions", "suspended", "suspended"],
    ["exitsOnly", "noNewPositions", "exitsOnly"],
    ["active", "exitsOnly", "exitsOnly"],
  ] as const)("%s over a venue in %s is %s", (modeMax, own, counted) => {
    const { standing } = new TradeRig().trade;
    expect(modeAt({ ...standing, modeMax }, own)).toBe(counted);
  });

  test("forbids to open, names itself in the denial, and is told with who and why", () => {
    const rig = new TradeRig();
    rig.ready();
    mode(rig, "noNewPositions");
    rig.opportunity();
    expect(rig.orders).toHaveLength(0);
    expect(rig.opportunities.at(-1)?.reason).toContain("noNewPositions");
    expect(rig.last("recordAlarm")?.alarm).toMatchObject({
      severity: 3,
      kind: "operatorMode",
      text: "active -> noNewPositions by anna: news at ten",
    });
  });

  test("lets a cycle under way finish, and is undone by a looser one", () => {
    const rig = underWay();
    mode(rig, "noNewPositions");
    rig.fill(rig.order.lots, { order: rig.order });
    rig.end("filled", rig.order.lots, rig.order);
    expect(rig.orders).toHaveLength(2);
    mode(rig, "active");
    expect(rig.trade.standing.modeMax).toBe("active");
  });

  test("asked for twice is told once", () => {
    const rig = new TradeRig();
    mode(rig, "exitsOnly");
    mode(rig, "exitsOnly");
    expect(rig.all("recordAlarm")).toHaveLength(1);
  });
});

describe("a flatten", () => {
  test("takes back what is out, gets out of what is held, and begins nothing until it is undone", () => {
    const rig = underWay();
    const leg = rig.order;
    rig.event({ type: "flattenRequested", ...BY });
    expect(rig.all("cancelOrder").map(({ clientId }) => clientId)).toEqual([leg.clientId]);
    rig.fill(leg.lots, { order: leg });
    rig.end("filled", leg.lots, leg);
    expect(rig.orders.map(({ purpose }) => purpose)).toEqual(["open", "exit"]);
    rig.fill(rig.order.lots, { order: rig.order });
    rig.end("filled", rig.order.lots, rig.order);
    expect(rig.cycles).toMatchObject([{ ending: "ABORTED", reason: "flattened: news at ten" }]);
    rig.advance(3 * SECOND);
    rig.fair("ETHUSDT");
    rig.opportunity();
    expect(rig.orders).toHaveLength(2);
    mode(rig, "active");
    rig.advance(3 * SECOND);
    expect(rig.orders.length).toBeGreaterThan(2);
  });

  test("does not loosen a stricter mode", () => {
    const rig = underWay();
    mode(rig, "suspended");
    rig.event({ type: "flattenRequested", ...BY });
    expect(rig.trade.standing.modeMax).toBe("suspended");
  });
});

describe("a cancel of everything", () => {
  test.each([
    ["", 1],
    ["binance-spot", 1],
    ["kraken", 0],
  ])("at venue %j cancels %d of our orders, and no cycle", (venue, count) => {
    const rig = underWay();
    rig.event({ type: "cancelAllRequested", venue, ...BY });
    expect(rig.all("cancelOrder")).toHaveLength(count);
    expect(rig.trade.cycles.every(({ abortReason }) => abortReason === "")).toBe(true);
    expect(rig.all("cancelAll")).toEqual([]);
  });

  test("asks a venue that has it to cancel the whole account, whatever we know of", () => {
    const rig = new TradeRig({ venue: { cancelAll: "account" } });
    rig.ready();
    rig.event({ type: "cancelAllRequested", venue: "", ...BY });
    expect(rig.all("cancelAll")).toMatchObject([{ venue: 0, instrument: -1 }]);
  });

  test("asks nothing for an account on paper", () => {
    const rig = new TradeRig({ venue: { cancelAll: "account", mode: "paper" } });
    rig.event({ type: "cancelAllRequested", venue: "", ...BY });
    expect(rig.all("cancelAll")).toEqual([]);
  });
});
