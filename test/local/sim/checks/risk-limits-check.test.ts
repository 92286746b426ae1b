// Goal: every limit that is exceeded in flight is told, at one above it and not at it. Method: ten dollars an order.
import { describe, expect, test } from "vitest";
import type { RiskLimits } from "../../../../contracts/risk-limits.ts";
import type { PlaceOrder } from "../../../../hotpath/core/trade/commands.ts";
import { RiskLimitsCheck } from "../../../../local/sim/checks/risk-limits-check.ts";
import { standardLimits } from "../../../fixtures/limits/limits-fixture.ts";
import { instrumentOf } from "./instrument.ts";
import { placed } from "./placed.ts";

const WIDE: RiskLimits = {
  ...standardLimits(),
  orderNotionalMax: "1000",
  openNotionalMax: "1000",
  legNotionalMax: "1000",
};
const HOUR_US = 3_600_000_000;

function bench(limits: Partial<RiskLimits>) {
  const found: string[] = [];
  const rates = { rateOf: () => 1, bidOf: () => 2 };
  const check = new RiskLimitsCheck(rates, (invariant, sentence) => {
    found.push(`${invariant}: ${sentence}`);
  });
  check.onLife({ ...WIDE, ...limits }, 1);
  let number = 0;
  const decide = (change: Partial<PlaceOrder> = {}, nowUs = 1) => {
    number++;
    const order = placed({ clientId: `rk${number}`, ...change });
    check.onDecided({ order, venue: "kraken", rules: instrumentOf(), nowUs });
  };
  return { found, check, decide };
}

describe("limits of amounts", () => {
  test.each([
    ["orderNotionalMax", "9"],
    ["legNotionalMax", "9"],
    ["openNotionalMax", "9"],
  ] as const)("%s is broken by one order that is worth more", (name, most) => {
    const { found, decide } = bench({ [name]: most });
    decide();
    expect(found).toEqual([`12: rk1: ${name} is 10 > ${9 * 1.05}`]);
  });

  test("what is open adds up until it is over", () => {
    const { found, check, decide } = bench({ openNotionalMax: "20" });
    decide();
    decide();
    check.onOver("rk1");
    decide();
    expect(found).toEqual([]);
    decide();
    expect(found).toEqual(["12: rk4: openNotionalMax is 30 > 21"]);
  });

  test("a sell is worth the bid that it may meet", () => {
    const { found, decide } = bench({ orderNotionalMax: "15" });
    decide({ side: "sell" });
    expect(found).toEqual(["12: rk1: orderNotionalMax is 20 > 15.75"]);
  });
});

describe("limits of counts", () => {
  test.each(["openOrdersMax", "openOrdersPerInstrumentMax"] as const)(
    "%s is broken by one more than it",
    (name) => {
      const { found, decide } = bench({ [name]: 2 });
      decide();
      decide();
      expect(found).toEqual([]);
      decide();
      expect(found).toEqual([`12: rk3: ${name} is 3 > 2`]);
    },
  );

  test.each([
    ["ordersPerSecondMax", 1_000_000],
    ["ordersPerMinuteMax", 60_000_000],
    ["ordersPerDayMax", 24 * HOUR_US],
  ] as const)("%s is broken within its window, and not beyond", (name, lengthUs) => {
    const { found, decide } = bench({ [name]: 1 });
    decide({}, lengthUs - 1);
    decide({}, lengthUs);
    expect(found).toEqual([]);
    decide({}, 2 * lengthUs - 1);
    expect(found).toEqual([`12: rk3: ${name} is 2 > 1`]);
  });

  test("exits are counted and not judged, and test orders are neither", () => {
    const { found, decide } = bench({ ordersPerDayMax: 1 });
    decide({ isTest: true });
    decide({ purpose: "exit" });
    decide({ purpose: "exit" });
    expect(found).toEqual([]);
    decide();
    expect(found).toEqual(["12: rk4: ordersPerDayMax is 3 > 1"]);
  });
});

describe("versions", () => {
  test("an order that cites another version than the one in force breaks invariant 26", () => {
    const { found, check, decide } = bench({});
    check.onChanged(WIDE, 2);
    decide({ limitsVersion: 2 });
    expect(found).toEqual([]);
    decide({ limitsVersion: 1 });
    expect(found).toEqual(["26: rk2 cites limits 1, in force are 2"]);
  });

  test("that are being given may be cited, and from then on nothing else", () => {
    const { found, check, decide } = bench({});
    check.onChanging(WIDE, 2);
    decide();
    decide({ limitsVersion: 2 });
    expect(found).toEqual([]);
    decide();
    check.onChanged(WIDE, 2);
    decide({ limitsVersion: 2 });
    expect(found).toEqual(["26: rk3 cites limits 1, in force are 2"]);
  });

  test("of before are those up to the one in force", () => {
    const { check } = bench({});
    check.onChanged(WIDE, 2);
    expect(check.versionBefore(() => 0)?.version).toBe(1);
    expect(check.versionBefore(() => 1)?.version).toBe(2);
    check.onLife(WIDE, 1);
    expect(check.versionBefore(() => 1)).toBeUndefined();
  });

  test("that a life begins by are its plan's, or such as were given", () => {
    const { found, check } = bench({});
    check.onChanged({ ...WIDE, openOrdersMax: 3 }, 2);
    check.onLife(WIDE, 1, 1);
    check.onChanged({ ...WIDE, openOrdersMax: 4 }, 2);
    check.onLife({ ...WIDE, openOrdersMax: 4 }, 2, 1);
    expect(found).toEqual([]);
    check.onLife({ ...WIDE, openOrdersMax: 3 }, 2, 1);
    expect(found).toEqual(["26: a life begins by limits 2, which nobody has given like that"]);
  });
});
