// Goal: a ladder is a map from ticks to lots with a best level, through any drift, gap and deletion.
// Method: against a Map, over 10^5 seeded updates of several market shapes.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Book } from "../../../../hotpath/core/book/book.ts";
import { DeltaBuffer } from "../../../../hotpath/core/book/delta-buffer.ts";
import { FarLevels } from "../../../../hotpath/core/book/far-levels.ts";
import { Ladder } from "../../../../hotpath/core/book/ladder.ts";
import { seeded } from "../true-book.ts";

const UPDATES = process.env.RECKONER_LONG === "1" ? 2_000_000 : 25_000;

function levelsOf(ladder: Ladder): [number, number][] {
  const ticks = new Float64Array(ladder.levelCount);
  const lots = new Float64Array(ladder.levelCount);
  const count = ladder.copyLevels(ticks, lots, ladder.levelCount);
  expect(count).toBe(ladder.levelCount);
  return Array.from({ length: count }, (_, i) => [ticks[i] as number, lots[i] as number]);
}

/** The best levels as sizing reads them: near ones, then far ones, without allocating. */
function bestOf(ladder: Ladder, max: number): [number, number][] {
  const ticks = new Float64Array(max);
  const lots = new Float64Array(max);
  const near = ladder.copyNear(ticks, lots, max);
  const count = ladder.copyFar(ticks, lots, near, max);
  return Array.from({ length: count }, (_, i) => [ticks[i] as number, lots[i] as number]);
}

function sortedOf(model: ReadonlyMap<number, number>, sign: 1 | -1): [number, number][] {
  return [...model].sort((a, b) => (b[0] - a[0]) * sign);
}

type Shape = {
  readonly centre: number;
  readonly drift: number;
  readonly spread: number;
  readonly deletes: number;
};

const SHAPES: readonly (readonly [string, Shape])[] = [
  ["a market that stays", { centre: 50_000, drift: 0, spread: 40, deletes: 0.4 }],
  ["one that rises without end", { centre: 10_000, drift: 3, spread: 300, deletes: 0.5 }],
  ["one that falls without end", { centre: 9_000_000, drift: -3, spread: 300, deletes: 0.5 }],
  [
    "one with levels far beyond the window",
    { centre: 1_000_000, drift: 0, spread: 60_000, deletes: 0.5 },
  ],
  ["one that jumps", { centre: 5_000_000, drift: 900, spread: 500, deletes: 0.6 }],
  ["one that nearly empties", { centre: 70_000, drift: 1, spread: 8, deletes: 0.9 }],
  ["ticks above 2^31", { centre: 2 ** 40, drift: -2, spread: 5_000, deletes: 0.5 }],
  ["ticks near 2^52", { centre: 2 ** 52, drift: 1, spread: 2_000, deletes: 0.5 }],
];

/** Four changes around `mid`, in the arrays from 2 on and in the model. */
function changes(
  model: Map<number, number>,
  mid: number,
  sign: 1 | -1,
  shape: Shape,
  chance: () => number,
): { ticks: Float64Array; lots: Float64Array } {
  const ticks = new Float64Array(8);
  const lots = new Float64Array(8);
  for (let i = 2; i < 6; i++) {
    const keys = chance() < 0.3 ? [...model.keys()] : [];
    const known = keys[Math.floor(chance() * keys.length)];
    const price = known ?? mid - sign * Math.floor(chance() * chance() * shape.spread);
    const size = chance() < shape.deletes ? 0 : 1 + Math.floor(chance() * 1e9);
    ticks[i] = price;
    lots[i] = size;
    if (size > 0) model.set(price, size);
    else model.delete(price);
  }
  return { ticks, lots };
}

function expectSameTouch(ladder: Ladder, model: ReadonlyMap<number, number>, sign: 1 | -1): void {
  expect(ladder.isEmpty).toBe(model.size === 0);
  expect(ladder.levelCount).toBe(model.size);
  if (model.size === 0) return;
  const best = sign > 0 ? Math.max(...model.keys()) : Math.min(...model.keys());
  expect(ladder.bestTicks).toBe(best);
  expect(ladder.bestLots).toBe(model.get(best));
  expect(ladder.lotsAt(best - sign)).toBe(model.get(best - sign) ?? 0);
}

/** A book that only grows would be slow to compare: the far side is swept now and then. */
function sweep(ladder: Ladder, model: Map<number, number>, sign: 1 | -1): void {
  if (model.size <= 400) return;
  for (const [price] of sortedOf(model, sign).slice(300)) {
    model.delete(price);
    ladder.apply(Float64Array.of(price), Float64Array.of(0), 0, 1);
  }
}

describe.each([1, -1] as const)("sign %i", { timeout: 300_000 }, (sign) => {
  test.each(SHAPES)("%s", (_, shape) => {
    const chance = seeded(shape.centre % 65_537);
    const ladder = new Ladder(sign);
    const model = new Map<number, number>();
    let mid = shape.centre;
    let seen = 0;
    for (let update = 0; update < UPDATES; update += 4) {
      mid += Math.round((chance() * 2 - 0.5) * shape.drift);
      const { ticks, lots } = changes(model, mid, sign, shape, chance);
      ladder.apply(ticks, lots, 2, 4);
      seen += Math.min(1, model.size);
      expectSameTouch(ladder, model, sign);
      if (update % 1000 === 0) expect(levelsOf(ladder)).toEqual(sortedOf(model, sign));
      if (update % 200 === 0) {
        for (const max of [1, 6, 32]) {
          expect(bestOf(ladder, max)).toEqual(sortedOf(model, sign).slice(0, max));
        }
      }
      sweep(ladder, model, sign);
    }
    expect(seen).toBeGreaterThan(100);
    expect(levelsOf(ladder)).toEqual(sortedOf(model, sign));
  });

  test("emptied, filled again elsewhere, reset, and filled again", () => {
    const ladder = new Ladder(sign);
    for (const price of [100, 1_000_000, 5, 2 ** 33, 42]) {
      ladder.apply(Float64Array.of(price, price + 1), Float64Array.of(7, 9), 0, 2);
      expect(ladder.bestTicks).toBe(sign > 0 ? price + 1 : price);
      ladder.apply(Float64Array.of(price, price + 1), Float64Array.of(0, 0), 0, 2);
      expect(ladder.isEmpty).toBe(true);
      expect(ladder.levelCount).toBe(0);
    }
    ladder.apply(Float64Array.of(10, 99_000), Float64Array.of(1, 2), 0, 2);
    for (const span of [0, 100, 5000, 1e6, -7, 1]) {
      ladder.reset(span);
      expect(ladder.isEmpty).toBe(true);
      expect(ladder.lotsAt(10)).toBe(0);
      expect(ladder.lotsAt(99_000)).toBe(0);
      ladder.apply(Float64Array.of(10, 99_000), Float64Array.of(1, 2), 0, 2);
      expect(levelsOf(ladder)).toEqual(
        sortedOf(
          new Map([
            [10, 1],
            [99_000, 2],
          ]),
          sign,
        ),
      );
    }
  });

  test("an empty side has no best level: asking is our own mistake", () => {
    const ladder = new Ladder(sign);
    expect(() => ladder.bestTicks).toThrow("no best level");
    expect(() => ladder.bestLots).toThrow("no best level");
  });
});

type FarOperation = readonly [what: "set" | "drop" | "drain" | "clear", key: number, lots: number];

/** Does one thing to the table and to the model, and compares what it answers. */
function operate(
  far: FarLevels,
  model: Map<number, number>,
  [what, key, lots]: FarOperation,
): void {
  if (what === "set" || what === "drop") {
    const value = what === "set" ? lots : 0;
    const before = model.size;
    if (value > 0) model.set(key, value);
    else model.delete(key);
    expect(far.set(key, value)).toBe(model.size - before);
    return;
  }
  if (lots > 0) return;
  if (what === "clear") {
    far.clear();
    model.clear();
    return;
  }
  const drained = new Map<number, number>();
  far.drainInto(key, key + 500, (at, size) => drained.set(at, size));
  const wanted = [...model].filter(([at]) => at >= key && at < key + 500);
  expect([...drained].sort()).toEqual(wanted.sort());
  for (const [at] of wanted) model.delete(at);
}

test("the far table is a map, whatever is set, taken and drained", () => {
  const what = fc.constantFrom("set", "set", "set", "drop", "drain", "clear" as const);
  const operation = fc.tuple(what, fc.integer({ min: -3000, max: 3000 }), fc.nat(9));
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 900 }), (operations) => {
      const far = new FarLevels();
      const model = new Map<number, number>();
      for (const one of operations) {
        operate(far, model, one as FarOperation);
        expect(far.size).toBe(model.size);
        expect(far.get(one[1])).toBe(model.get(one[1]) ?? 0);
      }
      expect([...far.keysDescending()]).toEqual([...model.keys()].sort((a, b) => b - a));
      if (model.size > 0) expect(far.highest()).toBe(Math.max(...model.keys()));
    }),
    { seed: 11, numRuns: 150 },
  );
});

describe("a book", () => {
  const snapshot = (bids: number[], asks: number[], seq = 10) => ({
    seq,
    exchangeUs: 0,
    ticks: Float64Array.from([...bids, ...asks]),
    lots: new Float64Array(bids.length + asks.length).fill(3),
    bidCount: bids.length,
    askCount: asks.length,
  });

  test("a snapshot cut off at its depth knows no more than that", () => {
    const book = new Book();
    book.load(snapshot([100, 99, 90], [101, 102]), 3);
    expect([book.horizonBidTicks, book.horizonAskTicks]).toEqual([90, 0]);
    book.load(snapshot([100], [101, 150, 152]), 3);
    expect([book.horizonBidTicks, book.horizonAskTicks]).toEqual([0, 152]);
    book.load(snapshot([], []), 3);
    expect([book.horizonBidTicks, book.horizonAskTicks]).toEqual([0, 0]);
    expect(book.isSound).toBe(false);
  });

  test("a snapshot leaves nothing of what was there before", () => {
    const book = new Book();
    book.load(snapshot([100, 50, 9], [200, 9000]), 1000);
    book.load(snapshot([60], [70], 20), 1000);
    expect(levelsOf(book.bids)).toEqual([[60, 3]]);
    expect(levelsOf(book.asks)).toEqual([[70, 3]]);
    expect([book.seq, book.isBridging]).toEqual([20, true]);
  });

  test("locked is crossed, and a side alone is not sound", () => {
    const book = new Book();
    book.load(snapshot([100], [100]), 1000);
    expect(book.isSound).toBe(false);
    book.load(snapshot([100], []), 1000);
    expect(book.isSound).toBe(false);
    book.load(snapshot([99], [100]), 1000);
    expect(book.isSound).toBe(true);
  });

  test("goes live only from buffering and only when sound", () => {
    const book = new Book();
    expect(() => book.goLive(1)).toThrow("only a buffering book goes live");
    book.startBuffering();
    expect(() => book.goLive(1)).toThrow("two sides");
    book.load(snapshot([99], [100]), 1000);
    const { version } = book;
    book.goLive(4);
    expect([book.state, book.epoch]).toEqual(["live", 4]);
    expect(book.version).toBeGreaterThan(version);
    expect(() => book.startBuffering()).toThrow("voided before");
    book.void();
    expect(book.state).toBe("void");
  });
});

describe("the delta buffer", () => {
  test("gives back what was put in, in order, however it grew", () => {
    const buffer = new DeltaBuffer(3000, 100_000);
    const chance = seeded(5);
    const wanted: number[][] = [];
    for (let i = 0; i < 3000; i++) {
      const bidCount = Math.floor(chance() * 20);
      const askCount = Math.floor(chance() * 10);
      const ticks = Float64Array.from({ length: 40 }, () => Math.floor(chance() * 1e6));
      const lots = Float64Array.from({ length: 40 }, () => Math.floor(chance() * 1e6));
      expect(buffer.push(i * 3, i * 3 + 2, i * 3 - 1, ticks, lots, 5, bidCount, askCount)).toBe(
        true,
      );
      const from = 5;
      const to = from + bidCount + askCount;
      wanted.push([...ticks.subarray(from, to), ...lots.subarray(from, to)]);
    }
    for (let i = 0; i < 3000; i++) {
      const start = buffer.start[i] as number;
      const end = start + (buffer.bidCount[i] as number) + (buffer.askCount[i] as number);
      expect([...buffer.ticks.subarray(start, end), ...buffer.lots.subarray(start, end)]).toEqual(
        wanted[i],
      );
      expect([buffer.seqFirst[i], buffer.seqLast[i], buffer.seqPrevious[i]]).toEqual([
        i * 3,
        i * 3 + 2,
        i * 3 - 1,
      ]);
    }
  });

  test("refuses what is beyond its bounds and keeps what it has", () => {
    const levels = new Float64Array(100);
    const buffer = new DeltaBuffer(3, 50);
    expect(buffer.push(1, 1, 0, levels, levels, 0, 30, 10)).toBe(true);
    expect(buffer.push(2, 2, 1, levels, levels, 0, 10, 1)).toBe(false);
    expect(buffer.count).toBe(1);
    expect(buffer.push(2, 2, 1, levels, levels, 0, 10, 0)).toBe(true);
    expect(buffer.push(3, 3, 2, levels, levels, 0, 0, 0)).toBe(true);
    expect(buffer.push(4, 4, 3, levels, levels, 0, 0, 0)).toBe(false);
    buffer.clear();
    expect(buffer.count).toBe(0);
    expect(buffer.push(9, 9, 8, levels, levels, 0, 50, 0)).toBe(true);
  });

  test("gives large arrays back when it is emptied", () => {
    const levels = new Float64Array(1000);
    const buffer = new DeltaBuffer(5000, 1_000_000);
    for (let i = 0; i < 1000; i++) buffer.push(i, i, 0, levels, levels, 0, 500, 500);
    expect(buffer.ticks.length).toBeGreaterThanOrEqual(1_000_000);
    buffer.clear();
    expect(buffer.ticks.length).toBeLessThanOrEqual(4096);
    expect(buffer.seqFirst.length).toBeLessThanOrEqual(256);
  });
});
