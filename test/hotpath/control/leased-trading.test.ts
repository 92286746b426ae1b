// Goal: a run that holds a lease trades under its fence, its margin and its limits, with no stale picture.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { standardConfig } from "../../../hotpath/config.ts";
import { readTrading } from "../../../hotpath/core/trade/restored.ts";
import { orderOptionsOf } from "../../../hotpath/core/trade/trading.ts";
import { exportTrading } from "../../../hotpath/core/trade/trading-state.ts";
import { StateStore } from "../../../hotpath/io/trade/state-store.ts";
import {
  type LeaseShare,
  prepareTrading,
  type TradingPreparation,
} from "../../../hotpath/prepare-trading.ts";
import {
  knownFence,
  raiseFenceOf,
  successorState,
  tradingFiles,
} from "../../../hotpath/recover.ts";
import { riskLimitsOf } from "../../../hotpath/trading-plan.ts";
import { TradeRig } from "../core/trade/rig.ts";
import { planOf } from "../recorded-run.ts";

let root = "";
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), "reckoner-leased-"));
});
afterEach(() => {
  fs.rmSync(root, { recursive: true, force: true });
});

const KEY = { apiKey: "a", secret: "b", passphrase: "" };

function prepared(lease?: Partial<LeaseShare>): TradingPreparation {
  const standard = standardConfig();
  const spot = standard.venues["binance-spot"];
  if (spot === undefined) throw new Error("the standard follows Binance");
  const trading = { ...spot.trading, mode: "simulated" as const };
  const share = {
    runId: "run-9",
    fence: 40,
    marginUs: 7,
    stallUs: 5,
    isSuccessor: false,
    limits: undefined,
  };
  return prepareTrading(
    {
      ...standard,
      journal: { ...standard.journal, directory: root },
      venues: { "binance-spot": { ...spot, trading } },
    },
    planOf(["BTCUSDT"]),
    {
      "binance-spot": {
        rest: "http://m",
        ws: "ws://m",
        trading: { rest: "http://r", stream: "ws://s", orders: "ws://o", keys: { hmac: KEY } },
      },
    },
    {
      environment: {},
      isArmed: false,
      lease: lease === undefined ? undefined : { ...share, ...lease },
    },
  );
}

function planned(lease?: Partial<LeaseShare>) {
  const result = prepared(lease);
  if (!result.ok) throw new Error(result.reason);
  return result.plan.trading;
}

describe("a plan under a lease", () => {
  test("has the fence of the lease, in the file as well, and the base of the versions", () => {
    expect(planned({})).toMatchObject({
      fence: 40,
      limitsVersion: 0,
      lease: { marginUs: 7, stallUs: 5 },
    });
    expect(knownFence(root)).toEqual({ ok: true, fence: 40 });
    expect(planned({ fence: 41 })?.fence).toBe(41);
  });

  test("has the limits that were in force when the lease was won", () => {
    const limits = { ...riskLimitsOf(standardConfig().trading.limits), orderNotionalMax: "7" };
    const plan = planned({ limits: { version: 12, limits } });
    expect(plan).toMatchObject({ limitsVersion: 12, limits: { orderNotionalMax: "7" } });
  });

  test("is refused where a fence that high was used here already", () => {
    raiseFenceOf(root, 90);
    const result = prepared({});
    expect(result).toMatchObject({ ok: false, isOutside: true });
  });

  test("without one begins at version 1, one fence higher than the file", () => {
    raiseFenceOf(root, 5);
    const plan = planned();
    expect(plan).toMatchObject({ fence: 6, limitsVersion: 1 });
    expect(plan && "lease" in plan).toBe(false);
  });
});

describe("the fence that is known", () => {
  test("is 0 at first, and refused where its file is damaged", () => {
    expect(knownFence(root)).toEqual({ ok: true, fence: 0 });
    fs.writeFileSync(tradingFiles(root).fence, "12 00000000\n");
    expect(knownFence(root).ok).toBe(false);
  });
});

describe("the state of a successor", () => {
  test("keeps what risk has counted, and forgets orders and balances that others have moved", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.opportunity();
    rig.accept();
    const kill = { scope: "all", target: "", by: "anna", reason: "odd" } as const;
    rig.event({ type: "killRequested", ...kill });
    const text = exportTrading(rig.trade);
    const options = orderOptionsOf(
      { ...rig.trade.plan, fence: 9 },
      { instruments: rig.world.instruments, venues: rig.world.venues },
    );
    const before = readTrading(text);
    const after = readTrading(successorState(text, options));
    if (!before.ok || !after.ok) throw new Error("both are states");
    expect(before.state.orders).toContain(rig.order.clientId);
    expect(after.state.orders).not.toContain(rig.order.clientId);
    expect(after.state.openCycles).toEqual([]);
    expect(after.state.risk).toEqual(before.state.risk);
    expect(successorState("", options)).toBe("");
    // A trader can be made of it, and asks the venue what it has.
    const heir = new TradeRig({ plan: { fence: 9, restored: JSON.stringify(after.state) } });
    expect(heir.trade.orders.table.live.size).toBe(0);
    expect(heir.trade.risk.kills.has("all", "")).toBe(true);
  });

  test("is on the disk before the fence says that nobody else has traded since", () => {
    const store = new StateStore(tradingFiles(root).states);
    const before = { ...JSON.parse(exportTrading(new TradeRig().trade)), openCycles: [3] };
    store.save({ runId: "run-1", seq: 0, text: JSON.stringify(before) });
    const cycles = (plan: ReturnType<typeof planned>) =>
      JSON.parse(plan?.restored ?? "").openCycles;
    expect(cycles(planned({ fence: 39 }))).toEqual([3]);
    expect(cycles(planned({ isSuccessor: true, runId: "run-2" }))).toEqual([]);
    // That run ended before it began: the next one finds its own fence, and is nobody's successor.
    expect(cycles(planned({ fence: 41, runId: "run-3" }))).toEqual([]);
  });

  test("that cannot be saved starts nothing, and leaves the fence where it was", () => {
    const states = tradingFiles(root).states;
    const text = exportTrading(new TradeRig().trade);
    new StateStore(states).save({ runId: "run-1", seq: 0, text });
    fs.mkdirSync(path.join(states, "state-000000000002.tmp"));
    expect(prepared({ isSuccessor: true })).toMatchObject({
      ok: false,
      isOutside: true,
      reason: expect.stringContaining("was not saved"),
    });
    expect(knownFence(root)).toEqual({ ok: true, fence: 0 });
  });
});
