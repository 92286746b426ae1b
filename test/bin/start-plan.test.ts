// Goal: flags and configuration together say what is started, and flags never loosen a file.
import { describe, expect, test } from "vitest";
import { FAULTS_PER_MINUTE_STANDARD, planStart } from "../../bin/start-plan.ts";
import type { Config } from "../../contracts/schema/config.ts";
import { readConfig, standardConfig } from "../../hotpath/config.ts";
import { parseOptions } from "../../local/venues/options.ts";

function configOf(text: string): Config {
  const reading = readConfig(text);
  if (!reading.ok) throw new Error(reading.faults[0]?.message);
  return reading.config;
}

const flags = (given: Readonly<Record<string, string>>) => new Map(Object.entries(given));

describe("without a file", () => {
  test("all venues are simulated, with faults, on any free port, until it is ended", () => {
    const plan = planStart(flags({}), standardConfig(), null);
    expect(plan).toMatchObject({ adminPort: 0, forMs: null, plain: false });
    expect(plan.venuesArgs?.slice(0, 7)).toEqual([
      "--with-parent",
      "--seed",
      "1",
      "--faults-per-minute",
      String(FAULTS_PER_MINUTE_STANDARD),
      "--triangles-per-minute",
      "60",
    ]);
    const parsed = parseOptions(plan.venuesArgs ?? []);
    expect(parsed).toMatchObject({ kind: "ok", options: { tradingFaults: { ackLost: 0.01 } } });
  });

  test("a live feed is production with instruments that are never asleep, and no simulated venue", () => {
    const plan = planStart(flags({ feed: "live" }), standardConfig(), null);
    expect(plan.venuesArgs).toBeNull();
    const spot = plan.config.venues["binance-spot"];
    expect(spot?.environment).toBe("production");
    expect(spot?.instruments).toContain("ETHBTC");
    expect(plan.config.venues["binance-usdm"]?.environment).toBe("production");
  });

  test("flags reach the venues", () => {
    const given = {
      seed: "9",
      instruments: "30",
      "faults-per-minute": "0",
      for: "30s",
      plain: "true",
    };
    const plan = planStart(flags({ ...given, "admin-port": "9999" }), standardConfig(), null);
    expect(plan).toMatchObject({ adminPort: 9999, forMs: 30_000, plain: true });
    const args = plan.venuesArgs?.join(" ");
    expect(args).toContain("--with-parent --seed 9 --faults-per-minute 0 ");
    expect(args).toContain(
      "--spot-instruments 9 --usdm-instruments 7 --kucoin-instruments 7 --kraken-instruments 7",
    );
  });

  test("a fault plan takes the place of random faults, unless both are asked for", () => {
    const alone = planStart(flags({ faults: "p.json" }), standardConfig(), null).venuesArgs?.join(
      " ",
    );
    expect(alone).toContain("--faults-per-minute 0 --fault-plan p.json");
    expect(alone).not.toContain("--trading-faults");
    const both = flags({ faults: "p.json", "faults-per-minute": "5" });
    expect(planStart(both, standardConfig(), null).venuesArgs?.join(" ")).toContain(
      "--faults-per-minute 5 --fault-plan p.json",
    );
  });
});

describe("with a file", () => {
  const text = `admin: {port: 9500}
venues:
  binance-spot: {environment: production, instruments: [BTCUSDT]}
  binance-usdm: {environment: testnet}
`;

  test("its environments, instruments and port hold", () => {
    const plan = planStart(flags({}), configOf(text), "f.yaml");
    expect(plan.venuesArgs).toBeNull();
    expect(plan.adminPort).toBe(9500);
    expect(plan.config).toEqual(configOf(text));
  });

  test("a live feed keeps testnet and turns only what is simulated into production", () => {
    const mixed = configOf(
      "venues: {binance-spot: {instruments: [BTCUSDT]}, binance-usdm: {environment: testnet}}",
    );
    const { venues } = planStart(flags({ feed: "live" }), mixed, "f.yaml").config;
    expect(venues["binance-spot"]).toMatchObject({
      environment: "production",
      instruments: ["BTCUSDT"],
    });
    expect(venues["binance-usdm"]?.environment).toBe("testnet");
  });

  test("a simulated feed leaves no real address behind", () => {
    const custom = configOf(
      "venues: {binance-spot: {environment: custom, restUrl: 'https://example.org', wsUrl: 'wss://example.org'}}",
    );
    const plan = planStart(flags({ feed: "simulated" }), custom, "f.yaml");
    expect(plan.venuesArgs).not.toBeNull();
    expect(plan.config.venues["binance-spot"]).not.toHaveProperty("restUrl");
    expect(readConfig(JSON.stringify(plan.config)).ok).toBe(true);
  });

  test("one simulated venue is enough to start them", () => {
    const mixed = configOf("venues: {binance-spot: {}, binance-usdm: {environment: testnet}}");
    expect(planStart(flags({}), mixed, "f.yaml").venuesArgs).not.toBeNull();
  });

  test("what the engine is given is again a good file", () => {
    const plan = planStart(flags({ feed: "live" }), standardConfig(), null);
    expect(readConfig(JSON.stringify(plan.config, null, 2)).ok).toBe(true);
  });
});
