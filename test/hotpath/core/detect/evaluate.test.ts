// Goal: every outcome of an evaluation has its name and its cause, and limits bind where they should.
import { describe, expect, test } from "vitest";
import { Book } from "../../../../hotpath/core/book/book.ts";
import { Budgets } from "../../../../hotpath/core/detect/budgets.ts";
import { type Detector, makeDetector } from "../../../../hotpath/core/detect/detector.ts";
import { Evaluator, type SizeLimits } from "../../../../hotpath/core/detect/evaluate.ts";
import {
  averagePrice,
  Evaluation,
  edgeFraction,
  paidAmount,
  profitAmount,
  receivedAmount,
} from "../../../../hotpath/core/detect/evaluation.ts";
import { type Fee, UNKNOWN_FEE } from "../../../../hotpath/core/detect/fee.ts";
import {
  type InstrumentRules,
  instrumentOf,
  NO_FILTERS,
} from "../../../../hotpath/core/instrument.ts";

const UNIT = 10n ** 18n;
const NO_FEE: Fee = { takerPpb: 0, paidIn: "quote", decimals: 8, rounding: "ceil" };
const LIMITS: SizeLimits = {
  edgePpmMin: 0,
  edgePpmMax: 500_000,
  depthSharePpm: 1_000_000,
  levelsMax: 32,
};

type Level = readonly [ticks: number, lots: number];

function bookOf(bids: readonly Level[], asks: readonly Level[], depthLimit = 5000): Book {
  const all = [...bids, ...asks];
  const book = new Book();
  const ticks = Float64Array.from(all, ([at]) => at);
  const lots = Float64Array.from(all, ([, count]) => count);
  const sides = { bidCount: bids.length, askCount: asks.length };
  book.load({ seq: 1, exchangeUs: 0, ticks, lots, ...sides }, depthLimit);
  return book;
}

type Rig = {
  readonly detector: Detector;
  readonly books: { book: Book }[];
  readonly budgets: Budgets;
  readonly run: (limits?: Partial<SizeLimits>) => Evaluation;
};

/**
 * USDT > BTC > ETH with steps of one cent and a hundredth: a BTC costs 100, an ETH a tenth of a BTC, and
 * sells for 10.20 on the first level, for less on the next two.
 */
function makeRig(change: Readonly<Record<number, Partial<InstrumentRules>>> = {}): Rig {
  const pairs = [
    ["BTC", "USDT"],
    ["ETH", "BTC"],
    ["ETH", "USDT"],
  ] as const;
  const instruments = pairs.map(([baseAsset, quoteAsset], index) => {
    const symbol = `${baseAsset}${quoteAsset}`;
    const rules = { id: `binance-spot:${symbol}`, venue: "binance-spot", symbol } as const;
    const steps = { tickSize: "0.01", lotSize: "0.01", baseAsset, quoteAsset };
    const made = instrumentOf({ ...rules, ...steps, ...change[index] }, index);
    if (made === undefined) throw new Error("the steps are decimals");
    return made;
  });
  const detector = makeDetector({ instruments, startAssets: ["USDT"], edgePpmMin: 0 });
  for (const index of [0, 1, 2]) detector.setFee(index, NO_FEE);
  const books = [
    bookOf([[9990, 500]], [[10_000, 1000]]),
    bookOf([[9, 9000]], [[10, 9000]]),
    bookOf(
      [
        [1020, 300],
        [1010, 300],
        [990, 9000],
      ],
      [[1030, 500]],
    ),
  ].map((book) => ({ book }));
  const budgets = new Budgets();
  budgets.set("USDT", 1000n * UNIT);
  const evaluator = new Evaluator(detector);
  const into = new Evaluation();
  const run = (limits: Partial<SizeLimits> = {}): Evaluation => {
    evaluator.evaluate(0, books, { ...LIMITS, ...limits }, budgets, into);
    return into;
  };
  return { detector, books, budgets, run };
}

const lotsOf = ({ lots }: Evaluation): number[] => [...lots];

describe("an opportunity", () => {
  test("goes as deep as each further lot still earns", () => {
    const { run } = makeRig();
    const found = run();
    expect(found.outcome).toBe("opportunity");
    // Six ETH gain, 3 at 10.20 and 3 at 10.10; for the next the venue pays 9.90.
    expect(lotsOf(found)).toEqual([60, 600, 600]);
    expect([...found.limitTicks]).toEqual([10_000, 10, 1010]);
    expect(paidAmount(found, 0)).toBe(60n * UNIT);
    expect(receivedAmount(found, 2)).toBe((609n * UNIT) / 10n);
    expect(profitAmount(found)).toBe((9n * UNIT) / 10n);
    expect(edgeFraction(found)).toEqual({ numerator: 3n, denominator: 200n });
    expect(found.edgeBps).toBeCloseTo(150, 9);
    expect(averagePrice(found, 2)).toEqual({ numerator: 203n, denominator: 20n });
  });

  test("stops where a further lot would not earn the least edge itself", () => {
    expect(lotsOf(makeRig().run({ edgePpmMin: 15_000 }))).toEqual([30, 300, 300]);
  });

  test("may be entered at a loss when the least edge allows one", () => {
    const found = makeRig().run({ edgePpmMin: -20_000 });
    expect(found.outcome).toBe("opportunity");
    expect(found.lots[2]).toBeGreaterThan(600);
  });

  test("takes no more than the budget, the share of the depth and the levels allow", () => {
    const { run, budgets } = makeRig();
    expect(lotsOf(run({ levelsMax: 1 }))).toEqual([30, 300, 300]);
    // Two in a hundred of the 9000 lots on the middle leg bind first.
    expect(lotsOf(run({ depthSharePpm: 20_000 }))).toEqual([18, 180, 180]);
    budgets.set("USDT", 25n * UNIT);
    expect(lotsOf(run())).toEqual([25, 250, 250]);
    budgets.set("USDT", 26n * UNIT - 1n);
    expect(lotsOf(run())).toEqual([25, 250, 250]);
  });

  test("takes nothing beyond what the snapshot has shown", () => {
    const { run, books } = makeRig();
    // Two levels were asked for: a third came by an update and what lies between is unknown.
    const book = bookOf(
      [
        [1020, 300],
        [1015, 300],
      ],
      [[1030, 5]],
      2,
    );
    book.bids.apply(new Float64Array([1012]), new Float64Array([900]), 0, 1);
    books[2] = { book };
    expect(lotsOf(run())).toEqual([60, 600, 600]);
  });

  test("keeps to the filters of every leg", () => {
    const max = makeRig({ 1: { filters: { ...NO_FILTERS, quantityMax: "2.5" } } });
    expect(max.run().lots[1]).toBe(250);
    const notional = makeRig({ 0: { filters: { ...NO_FILTERS, notionalMax: "42" } } });
    expect(notional.run().lots[0]).toBe(42);
    const price = makeRig({ 2: { filters: { ...NO_FILTERS, priceMin: "10.15" } } });
    expect(price.run().limitTicks[2]).toBe(1020);
  });

  test("is enlarged to a minimum that still pays", () => {
    const rig = makeRig({ 2: { filters: { ...NO_FILTERS, quantityMin: "6.5" } } });
    // Half an ETH at 9.90 loses less than the six before it have gained.
    expect(lotsOf(rig.run())).toEqual([65, 650, 650]);
    expect(profitAmount(rig.run())).toBe((85n * UNIT) / 100n);
  });
});

describe("no opportunity", () => {
  test("is a cycle with a fee that nobody has told", () => {
    const { run, detector } = makeRig();
    detector.setFee(1, UNKNOWN_FEE);
    expect(run().outcome).toBe("unknownFee");
    detector.setFee(1, NO_FEE);
    expect(run().outcome).toBe("opportunity");
  });

  test("is one whose fees eat the edge", () => {
    const { run, detector } = makeRig();
    for (const index of [0, 1, 2]) detector.setFee(index, { ...NO_FEE, takerPpb: 7_000_000 });
    expect(run().outcome).toBe("belowEdge");
  });

  test("is one that promises too much to be true", () => {
    const { run, books } = makeRig();
    expect(run({ edgePpmMax: 19_000 }).outcome).toBe("implausible");
    expect(run({ edgePpmMax: 21_000 }).outcome).toBe("opportunity");
    books[2] = { book: bookOf([[1600, 1]], [[1700, 1]]) };
    expect(run().outcome).toBe("implausible");
  });

  test("is one without a budget, or with one that buys no lot", () => {
    const { run, budgets } = makeRig();
    for (const amount of [0n, -5n * UNIT, UNIT - 1n]) {
      budgets.set("USDT", amount);
      expect(run().outcome).toBe("noBudget");
    }
    budgets.set("USDT", UNIT);
    expect(run().outcome).toBe("opportunity");
  });

  test("is one whose book has an empty side", () => {
    const { run, books } = makeRig();
    books[1] = { book: bookOf([[9, 5]], []) };
    expect(run().outcome).toBe("noDepth");
  });

  test("is one that no allowed size would make pay", () => {
    const min = makeRig({ 2: { filters: { ...NO_FILTERS, quantityMin: "90" } } });
    expect(min.run().outcome).toBe("belowEdge");
    const none = makeRig({ 2: { filters: { ...NO_FILTERS, quantityMin: "5000" } } });
    expect(none.run().outcome).toBe("belowMinimum");
    const notional = makeRig({ 0: { filters: { ...NO_FILTERS, notionalMin: "100000" } } });
    expect(notional.run().outcome).toBe("belowMinimum");
  });

  test("is fired on a least edge that is no whole number of parts per million", () => {
    expect(() => makeRig().run({ edgePpmMin: 0.5 })).toThrow("whole parts per million");
  });
});

describe("amounts too large for safe integers", () => {
  test("give the same cycle, told exactly", () => {
    const { run, budgets, books } = makeRig();
    const many = 9_000_000_000_000_000;
    budgets.set("USDT", 10n ** 40n);
    books[0] = { book: bookOf([[9990, 5]], [[10_000, many]]) };
    books[1] = { book: bookOf([[9, 5]], [[10, many]]) };
    books[2] = { book: bookOf([[1020, many]], [[1030, 5]]) };
    const found = run();
    expect([found.outcome, found.isWide]).toEqual(["opportunity", true]);
    // The second leg is the one that ends first: it buys every lot there is.
    expect(lotsOf(found)).toEqual([many / 10, many, many]);
    expect(paidAmount(found, 0)).toBe((BigInt(many) / 10n) * UNIT);
    expect(profitAmount(found)).toBe((BigInt(many) * UNIT) / 500n);
    expect(found.edgeBps).toBeCloseTo(200, 9);
  });

  test("have minimums and thresholds like any other", () => {
    const { run, budgets, books } = makeRig({
      2: { filters: { ...NO_FILTERS, quantityMin: "95" } },
    });
    budgets.set("USDT", 10n ** 40n);
    books[0] = { book: bookOf([[9990, 5]], [[10_000, 9_000_000_000_000_000]]) };
    expect(run().isWide).toBe(true);
    expect(run().outcome).toBe("belowMinimum");
    expect(run({ edgePpmMin: 30_000 }).outcome).toBe("belowEdge");
  });
});

describe("a fee in a third asset", () => {
  test("is charged to the profit at its share of what is paid and received", () => {
    const { run, detector } = makeRig();
    const third: Fee = { takerPpb: 750_000, paidIn: "third", decimals: 8, rounding: "ceil" };
    for (const index of [0, 1, 2]) detector.setFee(index, third);
    const found = run();
    expect(lotsOf(found)).toEqual([60, 600, 600]);
    // 0.075 % of 60 twice, and of 60.90: 0.135675, rounded up to the unit of 10^-4.
    expect(profitAmount(found)).toBe((7643n * UNIT) / 10_000n);
    expect([...found.fees]).toEqual([0, 0, 0]);
  });
});
