// Goal: nothing trades without keys, a fence and what the last life left; and no key gets into the plan.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Config } from "../../contracts/schema/config.ts";
import { readConfig } from "../../hotpath/config.ts";
import { INTENT_OPTIONS, IntentLog, intentFileName } from "../../hotpath/io/trade/intent-log.ts";
import type { HotPlan } from "../../hotpath/plan.ts";
import type { SimulatedAddresses } from "../../hotpath/prepare.ts";
import { prepareTrading, type TradingOptions } from "../../hotpath/prepare-trading.ts";
import { tradingFiles } from "../../hotpath/recover.ts";
import { planOf } from "./recorded-run.ts";
import { order } from "./venues/binance-spot/execute/desk-rig.ts";

let folder = "";
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "reckoner-prepare-"));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

const KEY = { apiKey: "an-api-key", secret: "a-secret", passphrase: "a-phrase" };
const TRADING = { rest: "http://r", stream: "ws://s", orders: "ws://o" };
const SIMULATED: SimulatedAddresses = {
  "binance-spot": {
    rest: "http://m",
    ws: "ws://m",
    trading: { ...TRADING, keys: { hmac: { ...KEY, apiKey: "other" }, ed25519: KEY } },
  },
};

function configOf(venue: string): Config {
  const text = `journal: {directory: ${path.join(folder, "journal")}}\nvenues: {${venue}}\n`;
  const reading = readConfig(text);
  if (!reading.ok) throw new Error(reading.faults[0]?.message);
  return reading.config;
}

function prepared(
  venue: string,
  options: Partial<TradingOptions> = {},
  simulated = SIMULATED,
  plan: HotPlan = planOf(["BTCUSDT"]),
) {
  return prepareTrading(configOf(venue), plan, simulated, {
    environment: {},
    isArmed: false,
    ...options,
  });
}

function planned(...args: Parameters<typeof prepared>) {
  const result = prepared(...args);
  if (!result.ok) throw new Error(result.reason);
  return result;
}

describe("an account at a simulated venue", () => {
  const venue = "binance-spot: {trading: {mode: simulated}}";

  test("is planned with its address, a key beside the plan, and a fence", () => {
    const { plan, keys } = planned(venue);
    expect(plan.venues[0]?.account).toEqual(TRADING);
    expect(plan.trading).toMatchObject({ fence: 1, limitsVersion: 1, restored: "" });
    expect(plan.trading?.venues).toMatchObject([{ venue: 0, mode: "simulated" }]);
    expect(keys).toEqual({ "binance-spot": KEY });
    expect(JSON.stringify(plan)).not.toContain(KEY.secret);
    expect(JSON.stringify(plan)).not.toContain(KEY.apiKey);
  });

  test("has a higher fence at each start", () => {
    planned(venue);
    expect(planned(venue).plan.trading?.fence).toBe(2);
  });

  test("takes whatever key there is where the usual ones are not", () => {
    const spot = { rest: "", ws: "", trading: { ...TRADING, keys: { rsa: KEY } } };
    expect(planned(venue, {}, { "binance-spot": spot }).keys).toEqual({ "binance-spot": KEY });
  });

  test.each([
    ["takes no orders", { "binance-spot": { rest: "", ws: "" } }, "takes no orders", false],
    [
      "has handed out no key",
      { "binance-spot": { rest: "", ws: "", trading: { ...TRADING, keys: {} } } },
      "has handed out no key",
      true,
    ],
  ] as const)("that %s is refused", (_name, simulated, words, isOutside) => {
    const result = prepared(venue, {}, simulated);
    expect(result).toMatchObject({ ok: false, isOutside });
    expect(result.ok ? "" : result.reason).toContain(words);
  });

  test("is refused where the fence is damaged", () => {
    const files = tradingFiles(path.join(folder, "journal"));
    fs.mkdirSync(path.dirname(files.fence), { recursive: true });
    fs.writeFileSync(files.fence, "two");
    expect(prepared(venue)).toMatchObject({ ok: false, isOutside: true });
  });

  test("is refused where what is left cannot be read, unless the venues are new too", () => {
    const run = path.join(folder, "journal", "run-1");
    fs.mkdirSync(run, { recursive: true });
    fs.writeFileSync(path.join(run, "head"), "nothing of ours");
    expect(prepared(venue)).toMatchObject({ ok: false, isOutside: true });
    expect(planned(venue, { isFresh: true }).recovered).toEqual({
      folded: 0,
      adopted: 0,
      damaged: [],
    });
  });

  test("tells of snapshots that cannot be used", () => {
    const { states } = tradingFiles(path.join(folder, "journal"));
    fs.mkdirSync(states, { recursive: true });
    fs.writeFileSync(path.join(states, "state-000000000001"), "torn");
    expect(planned(venue).recovered?.damaged[0]).toContain("state-000000000001");
  });

  test("tells of intents that a dead machine has taken", () => {
    const { intents } = tradingFiles(path.join(folder, "journal"));
    const log = new IntentLog({ ...INTENT_OPTIONS, folder: intents, fence: 1 });
    for (const command of [1, 2]) log.append(order({ command, isTest: true }));
    log.close();
    const file = path.join(intents, intentFileName(1, 1));
    fs.writeFileSync(file, fs.readFileSync(file).fill(0, 0, 32));
    expect(planned(venue).recovered?.damaged).toEqual([
      expect.stringContaining("has lost 128 bytes at byte 0"),
    ]);
  });
});

describe("an account at a real venue", () => {
  const live = "binance-spot: {environment: production, trading: {mode: live}}";
  const environment = {
    RECKONER_BINANCE_SPOT_API_KEY: KEY.apiKey,
    RECKONER_BINANCE_SPOT_SECRET: KEY.secret,
  };

  test("takes its keys from the environment when it is armed", () => {
    const { plan, keys } = planned(live, { isArmed: true, environment });
    expect(keys).toEqual({ "binance-spot": { ...KEY, passphrase: "" } });
    expect(plan.venues[0]?.account?.orders).toContain("wss://");
    expect(JSON.stringify(plan)).not.toContain(KEY.secret);
  });

  test.each([
    ["not armed", live, { environment }, "wants --arm"],
    ["without keys", live, { isArmed: true }, "live wants keys"],
    [
      "with half a key",
      live,
      { isArmed: true, environment: { RECKONER_BINANCE_SPOT_API_KEY: "x" } },
      "RECKONER_BINANCE_SPOT_SECRET is not set",
    ],
    [
      "on paper without keys",
      "binance-spot: {environment: production, trading: {mode: paper}}",
      {},
      "paper wants keys",
    ],
  ] as const)("is refused when it is %s", (_name, venue, options, words) => {
    const result = prepared(venue, options);
    expect(result.ok ? "" : result.reason).toContain(words);
    expect(result.ok ? "" : result.reason).not.toContain(KEY.secret);
  });

  test("of one's own addresses is dialed there", () => {
    const custom =
      "binance-spot: {environment: custom, restUrl: 'http://a', wsUrl: 'ws://b', trading: {mode: simulated}}";
    const { plan } = planned(custom, { environment });
    expect(plan.venues[0]?.account).toEqual({
      rest: "http://a",
      stream: "ws://b",
      orders: "ws://b",
    });
  });
});

describe("where nothing trades", () => {
  test("nothing is added to the plan, and nothing is written", () => {
    const plan = planOf(["BTCUSDT"]);
    expect(planned("binance-spot: {}", {}, SIMULATED, plan)).toEqual({
      ok: true,
      plan,
      keys: {},
      recovered: undefined,
    });
    expect(fs.existsSync(path.join(folder, "journal"))).toBe(false);
  });

  test("a venue at which nothing can be ordered is refused by name", () => {
    const [share] = planOf(["BTCUSDT"]).venues;
    if (share === undefined) throw new Error("a plan has a venue");
    const plan: HotPlan = { ...planOf(["BTCUSDT"]), venues: [{ ...share, id: "binance-usdm" }] };
    const result = prepared("binance-usdm: {trading: {mode: simulated}}", {}, SIMULATED, plan);
    expect(result).toMatchObject({
      ok: false,
      reason: "venues.binance-usdm.trading.mode: nothing can be ordered at binance-usdm",
    });
  });
});
