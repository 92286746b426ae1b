// Goal: the section control is off by itself, and refuses what would make the lease unsafe.
import { describe, expect, test } from "vitest";
import { parseConfig } from "../../../contracts/schema/config.ts";

function rulesOf(data: object): string[] {
  const parsed = parseConfig(data);
  return parsed.ok ? [] : parsed.issues.map(({ path, kind }) => `${path.join(".")} ${kind}`);
}

const DRILL = { requestWindowMs: 100, clockErrorMs: 50 };

describe("the section control", () => {
  test("names no control plane by default", () => {
    const parsed = parseConfig({});
    if (!parsed.ok) throw new Error("an empty file is refused");
    expect(parsed.config.control).toEqual({
      prefix: "",
      bucketPlace: "local",
      leaseAccount: "",
      leaseTimeDivisor: 1,
      keys: "environment",
    });
  });

  test.each([
    [{ prefix: "reckoner-paper" }],
    [{ prefix: "reckoner", leaseAccount: "desk-1", bucketPlace: "123456789012-eu-west-1" }],
  ])("takes %j", (control) => {
    expect(rulesOf({ control })).toEqual([]);
  });

  test.each([
    [{ prefix: "Reckoner" }, "control.prefix form"],
    [{ prefix: "-" }, "control.prefix form"],
    [{ leaseAccount: "a#b" }, "control.leaseAccount form"],
    [{ bucketPlace: "a/b" }, "control.bucketPlace form"],
    [{ leaseTimeDivisor: 11 }, "control.leaseTimeDivisor form"],
  ])("refuses %j by its form", (control, refused) => {
    expect(rulesOf({ control })[0]?.replace(" rule", " form")).toBe(refused);
  });

  test("wants a name of the engine that a key can hold", () => {
    const instance = `engine-${"x".repeat(40)}`;
    expect(rulesOf({ instance })).toEqual([]);
    expect(rulesOf({ instance, control: { prefix: "reckoner" } })).toEqual(["instance rule"]);
  });

  test("divides the lease's times in drills alone, and keeps room for two lost renewals", () => {
    const control = { prefix: "reckoner", leaseTimeDivisor: 10 };
    expect(rulesOf({ control, trading: DRILL })).toEqual([]);
    expect(rulesOf({ control })).toEqual(["trading.requestWindowMs rule"]);
    const live = { "binance-spot": { environment: "production", trading: { mode: "paper" } } };
    expect(rulesOf({ control, trading: DRILL, venues: live })).toEqual([
      "control.leaseTimeDivisor rule",
    ]);
  });
});
