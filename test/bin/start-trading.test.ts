// Goal: nobody trades real money by accident, and a start without a file trades what is simulated.
import { describe, expect, test } from "vitest";
import { planStart } from "../../bin/start-plan.ts";
import { armRefusal } from "../../bin/start-trading.ts";
import type { VenueId } from "../../contracts/ids.ts";
import type { Config } from "../../contracts/schema/config.ts";
import { readConfig, standardConfig } from "../../hotpath/config.ts";
import { VENUES } from "../../hotpath/venues/registry.ts";

function configOf(text: string): Config {
  const reading = readConfig(text);
  if (!reading.ok) throw new Error(reading.faults[0]?.message);
  return reading.config;
}

function canTrade(id: VenueId): boolean {
  return VENUES[id].execution !== undefined;
}

function modesOf(given: Readonly<Record<string, string>>, text?: string): Record<string, string> {
  const flags = new Map(Object.entries(given));
  const config = text === undefined ? standardConfig() : configOf(text);
  const plan = planStart(flags, config, text === undefined ? null : "f.yaml");
  expect(readConfig(JSON.stringify(plan.config)).ok).toBe(true);
  return Object.fromEntries(
    Object.entries(plan.config.venues).map(([id, venue]) => [id, venue.trading.mode]),
  );
}

describe("without a file", () => {
  test("accounts trade at simulated venues, one on paper, futures not at all", () => {
    expect(modesOf({})).toEqual({
      "binance-spot": "simulated",
      "binance-usdm": "off",
      kucoin: canTrade("kucoin") ? "simulated" : "off",
      kraken: canTrade("kraken") ? "paper" : "off",
    });
  });

  test("trading begins soon enough to be seen, from the asset of the venue", () => {
    const { config } = planStart(new Map(), standardConfig(), null);
    expect(config.trading.limits).toMatchObject({ quarantineS: 1, rampMinutes: 0 });
    expect(config.venues.kraken?.trading).toMatchObject({ referenceAsset: "USD" });
    expect(config.venues.kucoin?.trading).toMatchObject({ referenceAsset: "USDT" });
  });

  test.each(["paper", "simulated"])("--mode %s holds for every venue that can trade", (mode) => {
    expect(modesOf({ mode })).toEqual({
      "binance-spot": mode,
      "binance-usdm": "off",
      kucoin: canTrade("kucoin") ? mode : "off",
      kraken: canTrade("kraken") ? mode : "off",
    });
  });

  test("a live feed is only watched", () => {
    expect(Object.values(modesOf({ feed: "live" }))).toEqual(["off", "off", "off", "off"]);
  });
});

describe("with a file", () => {
  const text = `venues:
  binance-spot: {environment: production, trading: {mode: live}}
  binance-usdm: {}
  kucoin: {trading: {mode: simulated}}
`;

  test("its modes hold", () => {
    expect(modesOf({}, text)).toEqual({
      "binance-spot": "live",
      "binance-usdm": "off",
      kucoin: "simulated",
    });
  });

  test("--mode takes a live account back to paper", () => {
    expect(modesOf({ mode: "paper" }, text)).toMatchObject({ "binance-spot": "paper" });
  });

  test("live is refused unless it is armed, and arming unless something is live", () => {
    expect(armRefusal(configOf(text), false)).toBe(
      "venues.binance-spot.trading.mode: live (binance-spot) trades real money; it wants --arm",
    );
    expect(armRefusal(configOf(text), true)).toBe("");
    expect(armRefusal(standardConfig(), true)).toBe(
      "flag --arm: no venue of the configuration has mode live",
    );
    expect(armRefusal(standardConfig(), false)).toBe("");
  });
});
