/** Goal: the market is the same for a seed, never crossed, and its truth can be told at any id. */
import { describe, expect, it } from "vitest";
import type { Level } from "../../../../local/venues/market/book.ts";
import { Book } from "../../../../local/venues/market/book.ts";
import { FairValues } from "../../../../local/venues/market/fair-values.ts";
import { ChangeFold } from "../../../../local/venues/market/fold.ts";
import { MarketInstrument } from "../../../../local/venues/market/instrument.ts";
import {
  assetValues,
  spotListings,
  usdmListings,
} from "../../../../local/venues/market/listings.ts";
import {
  LOG_CAPACITY_COUNT,
  Market,
  type SeqRule,
} from "../../../../local/venues/market/market.ts";
import type { Profile } from "../../../../local/venues/market/order-flow.ts";
import { Random } from "../../../../local/venues/market/random.ts";
import {
  bookAt,
  compareWithTruth,
  isSideTrue,
  oldestKnownSeq,
} from "../../../../local/venues/market/truth.ts";

const START_US = 1_795_000_000_000_000;
const STEP_US = 50_000;

function makeMarket(seed: number, seqRule: SeqRule = "perInstrument", profile: Profile = "quiet") {
  const fairValues = new FairValues(assetValues(), { seed, nowUs: START_US });
  const listings = spotListings(10, 300);
  const rules = { name: "test", seed, seqRule, listings, profile, stepsPerDiff: 1 };
  return new Market(fairValues, rules);
}

function run(market: Market, stepCount: number, onStep: (index: number, at: number) => void): void {
  for (let at = 0; at < stepCount; at += 1) {
    for (let index = 0; index < market.instruments.length; index += 1) {
      market.step(index, START_US + at * STEP_US);
      onStep(index, at);
    }
  }
}

function whole(market: Market, index: number): { bids: Level[]; asks: Level[] } {
  const { book } = market.instrumentAt(index);
  return { bids: book.levels("bid", 1e6), asks: book.levels("ask", 1e6) };
}

/** Writes each change of an instrument into a plain Map, and keeps the whole book now and then. */
function keepCopies(instrument: MarketInstrument): { seq: number; text: string }[] {
  const { book } = instrument;
  const sides = {
    bid: new Map(book.levels("bid", 1e6)),
    ask: new Map(book.levels("ask", 1e6)),
  };
  const kept: { seq: number; text: string }[] = [];
  const change = instrument.change.bind(instrument);
  instrument.change = (side, ticks, lots) => {
    change(side, ticks, lots);
    if (lots === 0) sides[side].delete(ticks);
    else sides[side].set(ticks, lots);
    if (instrument.log.headCount % 37 !== 0) return;
    const bids = [...sides.bid].sort((a, b) => b[0] - a[0]);
    const asks = [...sides.ask].sort((a, b) => a[0] - b[0]);
    kept.push({ seq: instrument.lastSeq, text: JSON.stringify({ bids, asks }) });
  };
  return kept;
}

describe("the market", () => {
  it("is the same for the same seed, and another for another", () => {
    const books = [7, 7, 8].map((seed) => {
      const market = makeMarket(seed);
      run(market, 40, () => {});
      return JSON.stringify(whole(market, 3));
    });
    expect(books[1]).toBe(books[0]);
    expect(books[2]).not.toBe(books[0]);
  });

  it.each(["quiet", "wide"] as const)("is never crossed and never empty (%s)", (profile) => {
    const market = makeMarket(11, "perInstrument", profile);
    run(market, 1_500, (index) => {
      const { book } = market.instrumentAt(index);
      expect(book.bestBidTicks).toBeGreaterThan(0);
      expect(book.bestAskTicks).toBeGreaterThan(book.bestBidTicks);
    });
    for (const { book, rules } of market.instruments) {
      // The number of levels stays about what was asked for, however long the market runs.
      expect(book.levelCount("bid")).toBeGreaterThan(rules.levelsPerSide * 0.5);
      expect(book.levelCount("ask")).toBeLessThan(rules.levelsPerSide * 2);
      expect(book.levels("bid", 1e6)).toHaveLength(book.levelCount("bid"));
      expect(book.levels("ask", 1e6)).toHaveLength(book.levelCount("ask"));
    }
  });

  it("keeps what the touch moved past out of the book between any two changes", () => {
    const market = makeMarket(5);
    const instrument = market.instrumentAt(0);
    const change = instrument.change.bind(instrument);
    let crossedCount = 0;
    let changeCount = 0;
    instrument.change = (side, ticks, lots) => {
      change(side, ticks, lots);
      changeCount += 1;
      const { bestBidTicks, bestAskTicks } = instrument.book;
      if (bestAskTicks !== 0 && bestBidTicks >= bestAskTicks) crossedCount += 1;
    };
    for (let at = 0; at < 2_000; at += 1) market.step(0, START_US + at * STEP_US);
    expect(changeCount).toBeGreaterThan(5_000);
    expect(crossedCount).toBe(0);
  });

  it("deletes about a third of the levels its diffs name, of which there are about six", () => {
    const market = makeMarket(3);
    const fold = new ChangeFold(1 << 16);
    const sizes: number[] = [];
    let [named, deleted, at] = [0, 0, market.instrumentAt(0).log.headCount];
    run(market, 1_000, (index) => {
      if (index !== 0) return;
      const instrument = market.instrumentAt(0);
      const { bidTicks, askTicks } = fold.fold(instrument, at);
      at = instrument.log.headCount;
      sizes.push(bidTicks.length + askTicks.length);
      named += bidTicks.length + askTicks.length;
      deleted += bidTicks.filter((ticks) => instrument.book.lotsAt("bid", ticks) === 0).length;
      deleted += askTicks.filter((ticks) => instrument.book.lotsAt("ask", ticks) === 0).length;
    });
    sizes.sort((a, b) => a - b);
    expect(sizes[500]).toBeGreaterThanOrEqual(5);
    expect(sizes[500]).toBeLessThanOrEqual(10);
    expect(deleted / named).toBeGreaterThan(0.2);
    expect(deleted / named).toBeLessThan(0.45);
  });

  it("lists triangles: every cross has both of its legs against the common quote", () => {
    const symbols = new Set(spotListings(24, 1_000).map((rules) => rules.symbol));
    expect(symbols.size).toBe(24);
    for (const triangle of [
      ["ETHBTC", "ETHUSDT", "BTCUSDT"],
      ["SOLBNB", "SOLUSDT", "BNBUSDT"],
    ]) {
      for (const symbol of triangle) expect(symbols).toContain(symbol);
    }
    expect(spotListings(500, 1_000).length).toBeGreaterThanOrEqual(60);
    expect(usdmListings(500, 1_000).length).toBeGreaterThanOrEqual(50);
    for (const rules of [...spotListings(500, 5_000), ...usdmListings(500, 5_000)]) {
      expect(rules.rangeTicks).toBeLessThan(rules.startTicks / 2);
      expect(rules.levelsPerSide).toBeGreaterThan(1_000);
    }
  });

  it("moves more in bursts, and comes back to its start in the long run", () => {
    const fairValues = new FairValues(assetValues(), { seed: 2, nowUs: START_US });
    let busySteps = 0;
    for (let at = 1; at <= 36_000; at += 1) {
      fairValues.advance(START_US + at * 100_000);
      if (fairValues.activity("BTC", "USDT") > 1) busySteps += 1;
    }
    expect(busySteps).toBeGreaterThan(100);
    expect(busySteps).toBeLessThan(12_000);
    const ratio = fairValues.price("BTC", "USDT") / 94_250;
    expect(Math.abs(Math.log(ratio))).toBeLessThan(0.1);
  });
});

describe("the truth", () => {
  it.each(["perInstrument", "global"] as const)(
    "taken back to any id equals a copy replayed to that id (%s)",
    (seqRule) => {
      const market = makeMarket(21, seqRule);
      const copies = market.instruments.map(keepCopies);
      run(market, 300, () => {});
      let comparedCount = 0;
      for (const [index, kept] of copies.entries()) {
        for (const { seq, text } of kept) {
          const told = bookAt(market.instrumentAt(index), seq);
          expect(JSON.stringify({ bids: told?.bids, asks: told?.asks })).toBe(text);
          comparedCount += 1;
        }
      }
      expect(comparedCount).toBeGreaterThan(300);
    },
  );

  it("is known for at least five thousand updates, and unknown before and after", () => {
    const market = makeMarket(4, "perInstrument", "wide");
    const instrument = market.instrumentAt(0);
    const { startSeq } = instrument;
    expect(bookAt(instrument, startSeq)?.seq).toBe(startSeq);
    expect(bookAt(instrument, startSeq - 1)).toBeUndefined();
    let at = 0;
    while (instrument.log.headCount < LOG_CAPACITY_COUNT + 1_000) {
      market.step(0, START_US + at * STEP_US);
      at += 1;
    }
    const oldest = oldestKnownSeq(instrument);
    expect(instrument.lastSeq - oldest).toBeGreaterThanOrEqual(5_000);
    expect(bookAt(instrument, oldest)).toBeDefined();
    expect(bookAt(instrument, oldest - 1)).toBeUndefined();
    expect(bookAt(instrument, instrument.lastSeq + 1)).toBeUndefined();
  });

  it("holds still while ids leap", () => {
    const market = makeMarket(9);
    run(market, 20, () => {});
    const instrument = market.instrumentAt(2);
    const before = JSON.stringify(whole(market, 2));
    const seqBefore = instrument.lastSeq;
    market.leap();
    expect(instrument.lastSeq).toBeGreaterThan(seqBefore + 1_000);
    const between = bookAt(instrument, seqBefore + 500);
    expect(JSON.stringify({ bids: between?.bids, asks: between?.asks })).toBe(before);
  });
});

describe("comparing a foreign book with the truth", () => {
  function small() {
    const rules = spotListings(1, 300)[0];
    if (rules === undefined) throw new Error("there is a first listing");
    const start = { startSeq: 100, nextSeq: (seq: number) => seq + 1, logCapacityCount: 8_192 };
    const instrument = new MarketInstrument(rules, start);
    instrument.rest("bid", 1_000, 5);
    instrument.rest("bid", 990, 7);
    instrument.rest("ask", 1_010, 4);
    instrument.change("bid", 1_001, 9);
    instrument.change("ask", 1_010, 0);
    instrument.change("ask", 1_011, 3);
    return instrument;
  }
  const none = { bidHorizonTicks: null, askHorizonTicks: null };

  it("finds an equal book equal at its own id, not only at the last one", () => {
    const bids: Level[] = [
      [1_001, 9],
      [1_000, 5],
      [990, 7],
    ];
    const book = { seq: 101, bids, asks: [[1_010, 4]] as Level[], ...none };
    expect(compareWithTruth(small(), book)).toEqual({ verdict: "equal", differences: [] });
    const late = compareWithTruth(small(), { ...book, seq: 103 });
    expect(late.verdict).toBe("different");
    expect(late.differences).toContainEqual({ side: "ask", ticks: 1_010, lots: 4, truthLots: 0 });
    expect(late.differences).toContainEqual({ side: "ask", ticks: 1_011, lots: 0, truthLots: 3 });
  });

  it("forgives unlisted levels beyond the horizon, and only those", () => {
    const book = {
      seq: 103,
      bids: [
        [1_001, 9],
        [1_000, 5],
      ] as Level[],
      asks: [[1_011, 3]] as Level[],
    };
    expect(compareWithTruth(small(), { ...book, ...none }).verdict).toBe("different");
    const at = (bidHorizonTicks: number) =>
      compareWithTruth(small(), { ...book, bidHorizonTicks, askHorizonTicks: 1_011 }).verdict;
    expect(at(991)).toBe("equal");
    expect(at(990)).toBe("different");
    const wrong = { ...book, bids: [...book.bids, [990, 8]] as Level[] };
    const verdict = compareWithTruth(small(), {
      ...wrong,
      bidHorizonTicks: 1_000,
      askHorizonTicks: null,
    });
    expect(verdict.differences).toEqual([{ side: "bid", ticks: 990, lots: 8, truthLots: 7 }]);
  });

  it("does not know ids that are yet to come or long gone, and lists ten differences at most", () => {
    const book = { bids: [] as Level[], asks: [] as Level[], ...none };
    expect(compareWithTruth(small(), { ...book, seq: 104 }).verdict).toBe("unknownSequence");
    expect(compareWithTruth(small(), { ...book, seq: 99 }).verdict).toBe("unknownSequence");
    const foreign: Level[] = Array.from({ length: 40 }, (_, i) => [500 + i, 1]);
    expect(
      compareWithTruth(small(), { ...book, seq: 103, bids: foreign }).differences,
    ).toHaveLength(10);
  });

  it("counts a price that is listed twice as a difference", () => {
    const bids: Level[] = [
      [1_001, 9],
      [1_001, 9],
      [1_000, 5],
      [990, 7],
    ];
    const twice = compareWithTruth(small(), { seq: 103, bids, asks: [[1_011, 3]], ...none });
    expect(twice.verdict).toBe("different");
  });
});

describe("the book's window", () => {
  it("finds the next best level when the best one goes, on both sides", () => {
    const book = new Book(1_024);
    for (const ticks of [100, 103, 110]) book.set("bid", ticks, 1);
    for (const ticks of [120, 127]) book.set("ask", ticks, 1);
    expect(book.set("bid", 110, 0)).toBe(1);
    expect(book.bestBidTicks).toBe(103);
    book.set("ask", 120, 0);
    expect(book.bestAskTicks).toBe(127);
    book.set("ask", 127, 0);
    expect(book.bestAskTicks).toBe(0);
    expect(book.set("bid", 50, 0)).toBe(0);
    expect(book.levels("bid", 5)).toEqual([
      [103, 1],
      [100, 1],
    ]);
  });

  it("refuses a price that would share a cell with another", () => {
    const book = new Book(1_024);
    book.set("bid", 5_000, 1);
    expect(book.covers("bid", 5_000 - 1_024)).toBe(false);
    expect(() => book.set("bid", 5_000 - 1_024, 1)).toThrow(/window/);
    expect(book.covers("ask", 0)).toBe(false);
  });
});

describe("seeded draws", () => {
  it("agree for a seed and a label, and differ by label", () => {
    const draws = (label: string) => {
      const random = new Random(42, label);
      return Array.from({ length: 5 }, () => random.next());
    };
    expect(draws("a")).toEqual(draws("a"));
    expect(draws("a")).not.toEqual(draws("b"));
  });

  it("have the means they claim", () => {
    const random = new Random(1, "means");
    let [uniform, normal, waiting] = [0, 0, 0];
    for (let i = 0; i < 20_000; i += 1) {
      uniform += random.between(2, 4) / 20_000;
      normal += random.normal() / 20_000;
      waiting += random.exponential(10) / 20_000;
    }
    expect(uniform).toBeCloseTo(3, 1);
    expect(Math.abs(normal)).toBeLessThan(0.05);
    expect(Math.abs(waiting - 10)).toBeLessThan(0.5);
    expect(new Set(Array.from({ length: 200 }, () => random.integer(3)))).toEqual(
      new Set([0, 1, 2]),
    );
  });
});

describe("one side against the truth", () => {
  /** Both ways of looking at a side of which `listed` is told, up to the horizon. */
  function looks(
    instrument: MarketInstrument,
    side: "bid" | "ask",
    told: { seq: number; listed: readonly Level[]; horizonTicks: number | null },
  ): readonly [boolean, boolean] {
    const { seq, listed, horizonTicks } = told;
    const truth = bookAt(instrument, seq);
    const ticks = Float64Array.from(listed, ([each]) => each);
    const lots = Float64Array.from(listed, ([, each]) => each);
    const book = {
      seq,
      bids: side === "bid" ? listed : (truth?.bids ?? []),
      asks: side === "ask" ? listed : (truth?.asks ?? []),
      bidHorizonTicks: side === "bid" ? horizonTicks : null,
      askHorizonTicks: side === "ask" ? horizonTicks : null,
    };
    return [
      isSideTrue(instrument, side, seq, { ticks, lots, count: listed.length, horizonTicks }),
      compareWithTruth(instrument, book).verdict === "equal",
    ];
  }

  /** What somebody might hold of a side at an id of the last few: true, short of a level, or otherwise spoiled. */
  function draw(instrument: MarketInstrument, side: "bid" | "ask", random: Random) {
    const seq = Math.max(oldestKnownSeq(instrument), instrument.lastSeq - random.integer(60));
    const truth = bookAt(instrument, seq);
    const levels = [...((side === "bid" ? truth?.bids : truth?.asks) ?? [])];
    const isWhole = random.next() < 0.3;
    const depth = isWhole ? levels.length : 1 + random.integer(levels.length);
    const horizonTicks = isWhole ? null : (levels[depth - 1]?.[0] ?? null);
    const listed = levels.slice(0, depth);
    const which = random.integer(listed.length);
    const [ticks = 0, lots = 0] = listed[which] ?? [];
    const kind = random.integer(5);
    if (kind === 0) listed.splice(which, 1);
    else if (kind === 1) listed[which] = [ticks, lots + 1];
    else if (kind === 2) listed.splice(which, 0, [ticks, lots]);
    return { seq, listed, horizonTicks };
  }

  it("says what the whole comparison says, at every depth and age, also of what is spoiled", () => {
    const market = makeMarket(11);
    const random = new Random(11, "looks");
    const counts = { equal: 0, different: 0 };
    run(market, 400, (index, at) => {
      if (at % 8 !== 0) return;
      const instrument = market.instrumentAt(index);
      const side = random.next() < 0.5 ? "bid" : "ask";
      const [quick, full] = looks(instrument, side, draw(instrument, side, random));
      expect(quick).toBe(full);
      counts[full ? "equal" : "different"] += 1;
    });
    expect(counts.equal).toBeGreaterThan(100);
    expect(counts.different).toBeGreaterThan(100);
  });

  it("leaves what is not known, and a side without a level, to the whole comparison", () => {
    const instrument = makeMarket(12).instrumentAt(0);
    const none = { ticks: new Float64Array(0), lots: new Float64Array(0), count: 0 };
    const told = { ...none, horizonTicks: null };
    expect(isSideTrue(instrument, "bid", instrument.lastSeq + 1, told)).toBe(false);
    expect(isSideTrue(instrument, "bid", instrument.lastSeq, told)).toBe(false);
  });
});
