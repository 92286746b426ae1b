// Goal: the record of a cycle is right to the last digit, by numbers that were worked out by hand.
import { describe, expect, test } from "vitest";
import type { Side } from "../../../../contracts/trade.ts";
import { parseAmount } from "../../../../hotpath/core/money/amount.ts";
import type { Cycle, CycleOrder } from "../../../../hotpath/core/trade/cycle.ts";
import { bpsText, cycleRecord, type ReportContext } from "../../../../hotpath/core/trade/report.ts";
import { TradeRig } from "./rig.ts";

const ASSETS = ["USDT", "BTC", "ETH"] as const;
/** What goes into each leg and comes out after a fee of 10 bp: halved, halved, quadrupled. */
const INPUTS = ["100", "49.95", "24.950025"] as const;
const OUTPUTS = ["49.95", "24.950025", "99.7002999"] as const;
const FEES = ["0.05", "0.024975", "0.0998001"] as const;
/** Quote over base, fees taken off: a buy's is what went in over what came out, a sell's the reverse. */
const AVERAGES = {
  buy: ["2.002002002002", "2.002002002002", "0.25025025025"],
  sell: ["0.4995", "0.4995", "3.996"],
} as const;

const CONTEXT: ReportContext = { mode: "simulated", nowUs: 0, valueOf: () => undefined };

function amount(text: string): bigint {
  const value = parseAmount(text);
  if (value === undefined) throw new Error(text);
  return value;
}

/** A real cycle and its first order, to be filled in with numbers of our own. */
function model(): { readonly cycle: Cycle; readonly order: CycleOrder } {
  const rig = new TradeRig();
  rig.ready();
  rig.opportunity();
  const [cycle] = rig.trade.cycles;
  const order = cycle?.orders[0];
  if (cycle === undefined || order === undefined) throw new Error("it is under way");
  return { cycle: { ...cycle, step: "exit", grossBps: 0, depthBps: 0, signalUs: 1000 }, order };
}

const { cycle: CYCLE, order: ORDER } = model();

function legsOf(sides: readonly Side[]): CycleOrder[] {
  return sides.map((side, leg) => {
    const outputAsset = ASSETS[(leg + 1) % 3] ?? "";
    return {
      ...ORDER,
      leg,
      side,
      clientId: `rk00007-0000000${leg + 1}`,
      inputAsset: ASSETS[leg] ?? "",
      outputAsset,
      input: amount(INPUTS[leg] ?? ""),
      output: amount(OUTPUTS[leg] ?? ""),
      fees: new Map([[outputAsset, amount(FEES[leg] ?? "")]]),
      state: "filled",
      firedUs: 1000 + 100 * leg,
      ackUs: 1020 + 100 * leg,
      fillUs: 1030 + 100 * leg,
      endUs: 1040 + 100 * leg,
    };
  });
}

const PATTERNS: Side[][] = Array.from({ length: 8 }, (_, bits) =>
  [1, 2, 4].map((bit): Side => ((bits & bit) === 0 ? "buy" : "sell")),
);

/** The parts of an attribution add up to gross less effective, in units of the last digit. */
function expectToAddUp(record: ReturnType<typeof cycleRecord>): void {
  const units = (text: string): bigint => BigInt(text.replace(".", ""));
  const { gross, ...parts } = record.attribution;
  const explained = Object.values(parts).reduce((sum, part) => sum + units(part), 0n);
  expect(units(gross) - explained).toBe(units(record.effectiveBps));
}

describe("the record of a cycle", () => {
  test.each(PATTERNS)("%s, %s, %s: profit, prices, fees and times", (...sides) => {
    const orders = legsOf(sides);
    const holdings = new Map([["USDT", amount("-0.2997001")]]);
    const record = cycleRecord({ ...CYCLE, orders, holdings }, { ...CONTEXT, nowUs: 1300 });
    expect(record).toMatchObject({
      ending: "FILLED",
      profit: "-0.2997001",
      profitAsset: "USDT",
      effectiveBps: "-29.9700",
      residual: {},
      residualValue: "0",
      totalUs: 300,
    });
    expect(record.legs.map(({ averagePrice }) => averagePrice)).toEqual(
      sides.map((side, leg) => AVERAGES[side][leg]),
    );
    expect(record.legs.map(({ input }) => input)).toEqual(INPUTS);
    expect(record.legs.map(({ output }) => output)).toEqual(OUTPUTS);
    expect(record.legs.map(({ fees }) => Object.values(fees)[0])).toEqual(FEES);
    expect(record.legs.map(({ timings }) => timings)).toEqual([
      { firedUs: 0, ackUs: 20, fillUs: 30, endUs: 40 },
      { firedUs: 100, ackUs: 20, fillUs: 30, endUs: 40 },
      { firedUs: 200, ackUs: 20, fillUs: 30, endUs: 40 },
    ]);
    // Ten basis points a leg; that they do not simply add up is what is left over.
    expect(record.attribution).toEqual({
      gross: "0.0000",
      depth: "0.0000",
      fees: "30.0000",
      rounding: "0.0000",
      spread: "0.0000",
      latency: "-0.0300",
    });
    expectToAddUp(record);
  });

  test("a fee paid with what goes in is a share of what was bought with the rest", () => {
    const [first] = legsOf(["buy"]);
    if (first === undefined) throw new Error("there is one");
    const order = { ...first, input: amount("100.1"), fees: new Map([["USDT", amount("0.1")]]) };
    const holdings = new Map([["USDT", amount("-100.1")]]);
    const record = cycleRecord({ ...CYCLE, orders: [order], holdings }, CONTEXT);
    expect(record.attribution.fees).toBe("10.0000");
    expectToAddUp(record);
  });

  test("a fee in a third asset is valued by the books, and is a residual of its own", () => {
    const orders = legsOf(["buy", "buy", "sell"]).map((order) => {
      return { ...order, fees: new Map([["BNB", amount("0.0001")]]) };
    });
    const holdings = new Map([
      ["USDT", amount("1")],
      ["BNB", amount("-0.0003")],
    ]);
    const worthOf = (asset: string, value: bigint): bigint | undefined =>
      asset === "BNB" ? value * 500n : undefined;
    const record = cycleRecord({ ...CYCLE, orders, holdings }, { ...CONTEXT, valueOf: worthOf });
    expect(record).toMatchObject({
      effectiveBps: "100.0000",
      residual: { BNB: "-0.0003" },
      residualValue: "-0.15",
      attribution: { fees: "15.0000", rounding: "-15.0000" },
    });
    expectToAddUp(record);
  });

  test("an asset that no book values counts nothing, and keeps its name", () => {
    const holdings = new Map([["XYZ", amount("3")]]);
    const record = cycleRecord({ ...CYCLE, orders: legsOf(["buy"]), holdings }, CONTEXT);
    expect(record).toMatchObject({ residual: { XYZ: "3" }, residualValue: "0", profit: "0" });
  });

  test("books that moved against us between signal and order are spread, for either side", () => {
    const orders = legsOf(["buy", "sell", "sell"]).map((order) => {
      const fireTicks = order.side === "buy" ? 10_010 : 9_990;
      return { ...order, signalTicks: 10_000, fireTicks };
    });
    // What gets out of an asset explains nothing of the way from the signal.
    const exit = { ...ORDER, leg: 3, signalTicks: 10_000, fireTicks: 20_000, fees: new Map() };
    const record = cycleRecord({ ...CYCLE, orders: [...orders, exit] }, CONTEXT);
    expect(record.attribution.spread).toBe("30.0000");
    expectToAddUp(record);
  });

  test("what never came is -1, and what was never spent has no share", () => {
    const order = { ...ORDER, input: 0n, output: 0n, ackUs: 0, fillUs: 0, endUs: 0 };
    const record = cycleRecord(
      { ...CYCLE, orders: [order], holdings: new Map(), failure: "leg 0 was not filled: expired" },
      CONTEXT,
    );
    expect(record).toMatchObject({ ending: "FAILED", effectiveBps: "0.0000", profit: "0" });
    expect(record.legs[0]).toMatchObject({
      averagePrice: "0",
      timings: { ackUs: -1, fillUs: -1, endUs: -1 },
    });
    expectToAddUp(record);
  });

  test("numbers for show that are none are told as nothing", () => {
    const cycle = { ...CYCLE, orders: legsOf(["buy"]), grossBps: Number.NaN };
    expect(cycleRecord(cycle, CONTEXT).attribution.gross).toBe("0.0000");
  });

  test("a reason to cancel goes before a reason to fail", () => {
    const cycle = { ...CYCLE, orders: [], failure: "leg 1", abortReason: "killed: drill" };
    expect(cycleRecord(cycle, CONTEXT)).toMatchObject({
      ending: "ABORTED",
      reason: "killed: drill",
    });
  });
});

test.each([
  [1n, 3n, "3333.3333"],
  [-1n, 3n, "-3333.3333"],
  [1n, 200_000_000n, "0.0000"],
  [3n, 200_000_000n, "0.0002"],
  [-1n, 10_000n, "-1.0000"],
  [5n, 0n, "0.0000"],
  [5n, -1n, "0.0000"],
])("%d of %d are %s basis points", (part, whole, text) => {
  expect(bpsText(part, whole)).toBe(text);
});
