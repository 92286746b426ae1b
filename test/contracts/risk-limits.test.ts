// Goal: limits of whatever origin are held to their bounds, ceilings and each other, each fault by its name.
// Method: every field is walked across both of its bounds.
import { describe, expect, test } from "vitest";
import {
  AMOUNT_CEILINGS,
  isAmountAbove,
  limitsFault,
  NUMBER_BOUNDS,
  ORDERED_AMOUNTS,
  ORDERED_NUMBERS,
  type RiskLimits,
} from "../../contracts/risk-limits.ts";
import { LIMITS } from "../hotpath/core/risk/bench.ts";

const numbers = Object.entries(NUMBER_BOUNDS);
const amounts = Object.entries(AMOUNT_CEILINGS);

/** Every limit that another may not be above is as wide as it can be, so that no pair is contradicted. */
function withField(field: string, value: unknown): Record<string, unknown> {
  const limits: Record<string, unknown> = { ...LIMITS };
  for (const [, upper] of ORDERED_NUMBERS) limits[upper] = BOUND_OF[upper]?.max;
  for (const [, upper] of ORDERED_AMOUNTS) limits[upper] = String(AMOUNT_OF[upper]);
  return { ...limits, [field]: value };
}
const AMOUNT_OF: Readonly<Record<string, number>> = AMOUNT_CEILINGS;
const BOUND_OF: Readonly<Record<string, { readonly max: number }>> = NUMBER_BOUNDS;

describe("limits", () => {
  test("have nothing wrong with them when they have not", () => {
    expect(limitsFault(LIMITS)).toBeUndefined();
    expect(limitsFault(JSON.parse(JSON.stringify(LIMITS)))).toBeUndefined();
    expect(numbers.length + amounts.length).toBe(Object.keys(LIMITS).length - 2);
  });

  test.each(numbers)("%s has two bounds, and beyond them nothing", (field, { min, max }) => {
    expect(limitsFault(withField(field, max))).toBeUndefined();
    expect(limitsFault({ ...LIMITS, [field]: max + 1 })).toEqual({
      field,
      reason: `is above its ceiling: ${max + 1} > ${max}`,
    });
    expect(limitsFault({ ...LIMITS, [field]: min - 1 })?.field).toBe(field);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1, "5", null, undefined, {}]) {
      expect(limitsFault({ ...LIMITS, [field]: value })?.field).toBe(field);
    }
  });

  test.each(amounts)("%s has a ceiling, to the last digit", (field, ceiling) => {
    expect(limitsFault(withField(field, `${ceiling}`))).toBeUndefined();
    expect(limitsFault(withField(field, `${ceiling}.000`))).toBeUndefined();
    for (const value of [
      `${ceiling}.000000000000000001`,
      `${ceiling + 1}`,
      "-1",
      "NaN",
      "Infinity",
      "1e3",
      "1,000",
      "",
      " 1",
      "0.0000000000000000001",
      "01",
      1000,
      null,
      undefined,
    ]) {
      expect(limitsFault({ ...LIMITS, [field]: value })?.field).toBe(field);
    }
  });

  test.each(["ordersPerSecondMax", "slots", "jumpPpm"])("%s is whole or unknown", (field) => {
    expect(limitsFault({ ...LIMITS, [field]: 10.5 })?.field).toBe(field);
  });

  test.each(["volatilityFactor", "jumpSigmas"])("%s may have a fraction", (field) => {
    expect(limitsFault({ ...LIMITS, [field]: 2.5 })).toBeUndefined();
  });

  test.each([...ORDERED_NUMBERS])("%s is at most %s", (lower, upper) => {
    const value = Math.min(NUMBER_BOUNDS[lower].max, LIMITS[upper] + 1);
    expect(limitsFault({ ...LIMITS, [lower]: value, [upper]: value })).toBeUndefined();
    expect(limitsFault({ ...LIMITS, [lower]: value, [upper]: value - 1 })).toEqual({
      field: lower,
      reason: `must be at most ${upper}`,
    });
  });

  test.each([...ORDERED_AMOUNTS])("%s is at most %s", (lower, upper) => {
    const same: Partial<RiskLimits> = { [lower]: "500.5", [upper]: "500.50" };
    expect(limitsFault({ ...LIMITS, ...same })?.field).not.toBe(lower);
    expect(limitsFault({ ...LIMITS, ...same, [lower]: "500.500000000000000001" })?.field).toBe(
      lower,
    );
  });

  test.each<[string, unknown]>([
    ["", undefined],
    ["", null],
    ["", []],
    ["", "limits"],
    ["stranger", { ...LIMITS, stranger: 1 }],
    ["toString", { ...LIMITS, toString: 1 }],
    ["reserve", { ...LIMITS, reserve: undefined }],
    ["reserve", { ...LIMITS, reserve: [] }],
    ["reserve", { ...LIMITS, reserve: { "a b": "1" } }],
    ["reserve.USDT", { ...LIMITS, reserve: { USDT: "-1" } }],
    ["reserve.USDT", { ...LIMITS, reserve: { USDT: 1 } }],
    [
      "reserve",
      {
        ...LIMITS,
        reserve: Object.fromEntries(Array.from({ length: 257 }, (_, i) => [`A${i}`, "1"])),
      },
    ],
    ["allowlist", { ...LIMITS, allowlist: "all" }],
    ["allowlist", { ...LIMITS, allowlist: [7] }],
    ["allowlist", { ...LIMITS, allowlist: ["a b"] }],
    ["allowlist", { ...LIMITS, allowlist: Array.from({ length: 4097 }, (_, i) => `a:${i}`) }],
  ])("are refused for %s", (field, limits) => {
    const fault = limitsFault(limits);
    expect(fault?.field).toBe(field);
    expect(fault?.reason).not.toBe("");
  });

  test("compare amounts as text means them", () => {
    expect(isAmountAbove("10", "9.999999999999999999")).toBe(true);
    expect(isAmountAbove("10", "10.000000000000000000")).toBe(false);
    expect(isAmountAbove("0.1", "0.09")).toBe(true);
  });
});
