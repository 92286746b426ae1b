// Goal: which control plane an engine belongs to is told by file and environment, and refused where it is unsafe.
import { describe, expect, test } from "vitest";
import { LEASE_TIMES } from "../../../contracts/lease.ts";
import { type Config, parseConfig } from "../../../contracts/schema/config.ts";
import { controlPlanOf, leaseTimesOf } from "../../../hotpath/control/control-plan.ts";

const CLOUD = { AWS_REGION: "eu-west-1" };

function config(data: object = {}): Config {
  const parsed = parseConfig(data);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.config;
}

describe("the plan of control", () => {
  test("is none without a prefix, whatever the environment holds", () => {
    expect(controlPlanOf(config(), {})).toEqual({ ok: true, control: undefined });
  });

  test("takes prefix and place from the environment before the file", () => {
    const file = { instance: "paper", control: { prefix: "file", leaseAccount: "desk" } };
    const environment = {
      ...CLOUD,
      RECKONER_CONTROL_PREFIX: "reckoner",
      RECKONER_BUCKET_PLACE: "1-eu",
    };
    expect(controlPlanOf(config(file), environment)).toEqual({
      ok: true,
      control: {
        prefix: "reckoner",
        bucketPlace: "1-eu",
        engine: "paper",
        account: "desk",
        times: LEASE_TIMES,
        isLocal: false,
      },
    });
    const planned = controlPlanOf(config(file), CLOUD);
    expect(planned).toMatchObject({ control: { prefix: "file", bucketPlace: "local" } });
  });

  test("names the lease after the engine, and is off by an empty variable", () => {
    const file = { instance: "paper", control: { prefix: "file" } };
    expect(controlPlanOf(config(file), CLOUD)).toMatchObject({ control: { account: "paper" } });
    const planned = controlPlanOf(config(file), { RECKONER_CONTROL_PREFIX: "" });
    expect(planned).toEqual({ ok: true, control: undefined });
  });

  test.each([
    ["a prefix that no table can have", {}, { ...CLOUD, RECKONER_CONTROL_PREFIX: "A b" }, true],
    [
      "a name that no key can hold",
      { instance: `e-${"x".repeat(50)}` },
      { ...CLOUD, RECKONER_CONTROL_PREFIX: "p" },
      false,
    ],
    ["no region", {}, { RECKONER_CONTROL_PREFIX: "p" }, true],
    [
      "an endpoint beyond this machine in local mode",
      {},
      { ...CLOUD, RECKONER_CONTROL_PREFIX: "p", RECKONER_LOCAL: "1" },
      true,
    ],
  ])("is refused with %s", (_, file, environment, isOutside) => {
    expect(controlPlanOf(config(file), environment)).toMatchObject({ ok: false, isOutside });
  });

  test("is refused where a venue's own window leaves no room in the lease", () => {
    const file = config({
      control: { prefix: "p", leaseTimeDivisor: 10 },
      venues: { kraken: { trading: { mode: "simulated", referenceAsset: "USD" } } },
      trading: { requestWindowMs: 100, clockErrorMs: 50 },
    });
    expect(controlPlanOf(file, CLOUD)).toMatchObject({ ok: false, isOutside: false });
  });
});

describe("the times of the lease", () => {
  test("are those of the widest window and the slowest back end that trade", () => {
    const venues = { "binance-spot": { trading: { mode: "simulated" } } };
    const trading = { requestWindowMs: 1500, clockErrorMs: 100, unknown: { backEndMs: 2000 } };
    expect(leaseTimesOf(config({ venues, trading }))).toMatchObject({
      windowUs: 1_500_000,
      clockErrorUs: 100_000,
      backEndUs: 10_000_000,
      ttlUs: 10_000_000,
    });
    const off = { "binance-spot": {} };
    expect(leaseTimesOf(config({ venues: off, trading })).backEndUs).toBe(2_000_000);
  });
});
