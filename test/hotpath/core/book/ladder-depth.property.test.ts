// Goal: a ladder that is cut to a depth after every message is the best levels of a map cut the same way,
// whatever the quantities, and says truly whether it has been touched. Method: against a sorted map.
import { describe, expect, test } from "vitest";
import { Ladder } from "../../../../hotpath/core/book/ladder.ts";
import { seeded } from "../true-book.ts";

const MESSAGES = process.env.RECKONER_LONG === "1" ? 300_000 : 2_000;

type Levels = readonly (readonly [ticks: number, lots: number])[];

const SHAPES = [
  ["ten levels in a narrow market", { depth: 10, spread: 24, drift: 1 }],
  ["a hundred levels with gaps", { depth: 100, spread: 3_000, drift: 4 }],
  ["levels beyond the window", { depth: 25, spread: 200_000, drift: 50 }],
  ["a market that runs away", { depth: 10, spread: 400, drift: 900 }],
] as const;

/** Quantities at and around what a cell of 32 bits can hold, and beyond. */
const SIZES = [1, 5, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1, 2 ** 32, 2 ** 48 + 1] as const;

function levelsOf(ladder: Ladder, max: number): Levels {
  const ticks = new Float64Array(max);
  const lots = new Float64Array(max);
  const count = ladder.copyLevels(ticks, lots, max);
  return Array.from({ length: count }, (_, i) => [ticks[i] as number, lots[i] as number]);
}

function sorted(model: ReadonlyMap<number, number>, sign: 1 | -1): Levels {
  return [...model].sort((a, b) => (b[0] - a[0]) * sign);
}

/** One to four changes, in the arrays and in the model. */
function message(
  model: Map<number, number>,
  fresh: () => number,
  chance: () => number,
): { ticks: Float64Array; lots: Float64Array } {
  const ticks = new Float64Array(1 + Math.floor(chance() * 4));
  const lots = ticks.map((_, i) => {
    const keys = [...model.keys()];
    const isKnown = chance() < 0.4 && keys.length > 0;
    const price = isKnown ? (keys[Math.floor(chance() * keys.length)] as number) : fresh();
    const size = chance() < 0.4 ? 0 : (SIZES[Math.floor(chance() * SIZES.length)] as number);
    ticks[i] = price;
    if (size === 0) model.delete(price);
    else model.set(price, size);
    return size;
  });
  return { ticks, lots };
}

describe.each([1, -1] as const)("sign %i", { timeout: 300_000 }, (sign) => {
  test.each(SHAPES)("%s", (_, { depth, spread, drift }) => {
    const chance = seeded(depth * 131 + spread);
    const ladder = new Ladder(sign);
    let model = new Map<number, number>();
    let mid = 2_000_000;
    for (let i = 0; i < MESSAGES; i++) {
      mid += Math.round((chance() - 0.45) * drift);
      const fresh = () => mid - sign * Math.floor(chance() * spread);
      const { ticks, lots } = message(model, fresh, chance);
      ladder.apply(ticks, lots, 0, ticks.length);
      ladder.truncate(depth);
      model = new Map(sorted(model, sign).slice(0, depth));
      expect(ladder.levelCount).toBe(model.size);
      expect(levelsOf(ladder, depth + 5)).toEqual(sorted(model, sign));
    }
    expect(ladder.levelCount).toBeGreaterThan(0);
  });

  test("what fits is not cut, and nothing is left of what is cut to nothing", () => {
    const ladder = new Ladder(sign);
    ladder.apply(Float64Array.of(10, 11, 12), Float64Array.of(1, 2 ** 40, 3), 0, 3);
    ladder.truncate(3);
    expect(ladder.levelCount).toBe(3);
    ladder.truncate(1);
    expect(levelsOf(ladder, 3)).toEqual(sign > 0 ? [[12, 3]] : [[10, 1]]);
    ladder.truncate(0);
    expect(ladder.isEmpty).toBe(true);
    ladder.apply(Float64Array.of(11), Float64Array.of(5), 0, 1);
    expect(levelsOf(ladder, 3)).toEqual([[11, 5]]);
  });

  test("a large quantity is replaced by a small one and back", () => {
    const ladder = new Ladder(sign);
    for (const size of [7, 2 ** 45, 9, 2 ** 45 + 2, 0, 3]) {
      ladder.apply(Float64Array.of(500), Float64Array.of(size), 0, 1);
      expect(ladder.lotsAt(500)).toBe(size);
    }
  });

  test("it says when it was touched, and stays silent otherwise", () => {
    const ladder = new Ladder(sign);
    const first = ladder.changes;
    ladder.apply(Float64Array.of(500), Float64Array.of(1), 0, 0);
    expect(ladder.changes).toBe(first);
    ladder.apply(Float64Array.of(500), Float64Array.of(1), 0, 1);
    const second = ladder.changes;
    expect(second).not.toBe(first);
    ladder.reset(0);
    expect(ladder.changes).not.toBe(second);
  });
});
