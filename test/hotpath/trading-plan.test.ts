// Goal: the plan of trading says in the core's units what the file says in a person's, and nothing trades that
// is off; the file's trading sections are held to their bounds, ceilings and each other.
import { describe, expect, test } from "vitest";
import { limitsFault, NUMBER_BOUNDS } from "../../contracts/risk-limits.ts";
import { type Config, parseConfig } from "../../contracts/schema/config.ts";
import { readConfig, standardConfig } from "../../hotpath/config.ts";
import { riskLimitsOf, type TradingVenue, tradingPlanOf } from "../../hotpath/trading-plan.ts";

const EXECUTION: TradingVenue["execution"] = {
  features: {
    orderTest: true,
    deadManSwitch: false,
    dialsToOpen: 2,
    cancelAll: "instrument",
    windowUsMin: 500_000,
    windowUsMax: 60_000_000,
    backEndUs: 10_000_000,
  },
  rates: [],
  feeRounding: { decimals: 8, rounding: "floor" },
};

function configOf(data: unknown): Config {
  const parsed = parseConfig(data);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.config;
}

function planOf(trading: unknown, venue: unknown, execution = EXECUTION) {
  const config = configOf({ venues: { "binance-spot": { trading: venue } }, trading });
  const own = config.venues["binance-spot"]?.trading;
  if (own === undefined) throw new Error("the venue is there");
  return tradingPlanOf({
    config,
    venues: [{ index: 3, config: own, execution }],
    fence: 9,
    limitsVersion: 2,
    restored: "",
  });
}

describe("a plan", () => {
  test("is none while no account trades, which is the standard", () => {
    expect(planOf({}, {})).toBeUndefined();
    const { config } = { config: standardConfig() };
    expect(Object.values(config.venues).map(({ trading }) => trading.mode)).not.toContain("live");
    expect(tradingPlanOf({ config, venues: [], fence: 1, limitsVersion: 1, restored: "" })).toBe(
      undefined,
    );
  });

  test("counts in the core's units", () => {
    const plan = planOf(
      {
        thresholdBps: 5.5,
        safetyBufferBps: 2,
        cooldownMs: 7,
        fillTimeoutMs: 800,
        awaitBalanceMs: 30,
        exitCollarBps: 150,
        clockErrorMs: 40,
        reconcileIntervalS: 20,
        accountSilenceMs: 9000,
        timeDivisor: 10,
        unknown: { backEndMs: 8000, agreeGapMs: 900, quietMs: 700 },
      },
      { mode: "paper", startAmounts: { USDT: "250.5" }, paperBalances: { USDT: "5000" } },
    );
    expect(plan).toMatchObject({
      fence: 9,
      limitsVersion: 2,
      edgePpmMin: 750,
      cooldownUs: 7000,
      fillTimeoutUs: 800_000,
      awaitBalanceUs: 30_000,
      exitCollarPpm: 15_000,
      clockErrorUs: 40_000,
      reconcileIntervalUs: 20_000_000,
      accountSilenceUs: 9_000_000,
      timeDivisor: 10,
      isolation: { instrument: true, primaryQuote: false },
      inquiry: {
        clockErrorUs: 40_000,
        backEndUs: 10_000_000,
        agreeGapUs: 900_000,
        quietUs: 700_000,
      },
    });
    expect(plan?.venues).toMatchObject([
      {
        venue: 3,
        mode: "paper",
        startAmounts: { USDT: "250.5" },
        paperBalances: { USDT: "5000" },
        referenceAsset: "USDT",
        hasOrderTest: true,
        hasDeadMan: false,
        dialsToOpen: 2,
        cancelAll: "instrument",
        windowUs: 1_000_000,
        // The venue's own word is the larger one.
        backEndUs: 10_000_000,
      },
    ]);
  });

  test("gives no paper balances to an account that is not on paper", () => {
    expect(planOf({}, { mode: "simulated" })?.venues[0]?.paperBalances).toEqual({});
  });

  test.each([
    [100, 500_000],
    [1000, 1_000_000],
    [60_000, 60_000_000],
  ])("keeps a window of %d ms within what the venue allows", (requestWindowMs, windowUs) => {
    const plan = planOf({ requestWindowMs }, { mode: "paper" });
    expect(plan?.venues[0]?.windowUs).toBe(windowUs);
  });

  test("holds limits that the gate takes up, from the standard file and from its widest", () => {
    expect(limitsFault(riskLimitsOf(standardConfig().trading.limits))).toBeUndefined();
    const limits = riskLimitsOf(standardConfig().trading.limits);
    expect(limits).toMatchObject({
      orderNotionalMax: "1000",
      orderDepthSharePpm: 250_000,
      collarPpm: 5000,
      periodCollarPpm: 20_000,
      bookAgeUsMax: 500_000,
      queueDelayUsMax: 50_000,
      duplicateWindowUs: 250_000,
      rulesAgeUsMax: 3_600_000_000,
      quarantineUs: 60_000_000,
      rampUs: 3_600_000_000,
      rampSizePpm: 100_000,
      rejectShareOf50Max: 9,
      legTimeUsMax: 2_000_000,
      clockOffsetUsMax: 250_000,
    });
    expect(Object.keys(limits).length).toBe(Object.keys(NUMBER_BOUNDS).length + 9);
  });
});

describe("a file is refused by the name of its field", () => {
  test.each<[string, string, string]>([
    [
      "an amount without quotes",
      "limits: { orderNotionalMax: 100 }",
      "trading.limits.orderNotionalMax",
    ],
    ["an amount below zero", 'limits: { dailyLossMax: "-5" }', "trading.limits.dailyLossMax"],
    ["an amount that is none", 'limits: { dailyLossMax: "NaN" }', "trading.limits.dailyLossMax"],
    ["a number that is none", "limits: { collarBps: .nan }", "trading.limits.collarBps"],
    [
      "a negative number",
      "limits: { ordersPerSecondMax: -1 }",
      "trading.limits.ordersPerSecondMax",
    ],
    ["a number above its ceiling", "limits: { edgeBpsMax: 501 }", "trading.limits.edgeBpsMax"],
    [
      "an amount above its ceiling",
      'limits: { orderNotionalMax: "100000.01" }',
      "trading.limits.orderNotionalMax",
    ],
    [
      "a limit above another",
      "limits: { openOrdersPerInstrumentMax: 21 }",
      "trading.limits.openOrdersPerInstrumentMax",
    ],
    ["a collar above the period's", "limits: { collarBps: 300 }", "trading.limits.collarBps"],
    [
      "an amount above another",
      'limits: { positionNotionalMax: "10000.01" }',
      "trading.limits.positionNotionalMax",
    ],
    ["a reserve that is none", "limits: { reserve: { USDT: all } }", "trading.limits.reserve.USDT"],
    [
      "an instrument without a venue",
      "limits: { allowlist: [BTCUSDT] }",
      "trading.limits.allowlist.0",
    ],
    [
      "a backoff above its cap",
      "unknown: { queryBackoffMs: 6000 }",
      "trading.unknown.queryBackoffMs",
    ],
    ["exits beyond the collar of exits", "exitCollarBps: 201", "trading.exitCollarBps"],
    ["a word that is none", "singleLegPolicy: pray", "trading.singleLegPolicy"],
    ["a field that is none", "slotz: 3", "trading.slotz"],
    ["a secret", "apiKey: abc", "trading.apiKey"],
  ])("for %s", (_about, line, field) => {
    const reading = readConfig(`trading:\n  ${line}\n`);
    expect(reading.ok ? [] : reading.faults.map((each) => each.field)).toEqual([field]);
  });

  const venue = (environment: string, trading: string) =>
    readConfig(
      `venues:\n  binance-spot:\n    environment: ${environment}\n    trading: ${trading}\n`,
    );

  test.each<[string, string, string | undefined]>([
    ["production", "{ mode: live }", undefined],
    ["testnet", "{ mode: live }", undefined],
    ["simulated", "{ mode: live }", "mode"],
    ["production", "{ mode: simulated }", "mode"],
    ["testnet", "{ mode: simulated }", "mode"],
    ["simulated", "{ mode: simulated }", undefined],
    ["production", "{ mode: paper }", undefined],
    ["production", "{ mode: off }", undefined],
    ["simulated", "{ mode: paper, startAmounts: {} }", "startAmounts"],
    ["simulated", "{ mode: off, startAmounts: {} }", undefined],
    ["simulated", "{ startAmounts: { USDT: -1 } }", "startAmounts.USDT"],
    ["simulated", "{ startAmounts: { usd$: '1' } }", "startAmounts"],
  ])("environment %s with %s: %s", (environment, trading, field) => {
    const reading = venue(environment, trading);
    const faults = reading.ok ? [] : reading.faults.map((each) => each.field);
    const wanted = field === undefined ? [] : [`venues.binance-spot.trading.${field}`];
    if (field === "startAmounts" && trading.includes("$")) wanted[0] += ".usd$";
    expect(faults).toEqual(wanted);
  });

  test("a drill's divisor is for simulated venues only", () => {
    const at = (environment: string, mode: string) =>
      readConfig(
        `trading: { timeDivisor: 10 }\nvenues:\n  kraken:\n    environment: ${environment}\n    trading: { mode: ${mode} }\n`,
      );
    expect(at("simulated", "simulated").ok).toBe(true);
    expect(at("production", "off").ok).toBe(true);
    const refused = at("production", "live");
    expect(refused.ok ? "" : refused.faults[0]?.field).toBe("trading.timeDivisor");
  });
});
