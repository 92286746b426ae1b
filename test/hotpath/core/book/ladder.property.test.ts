/**
 * Goal: whatever is applied to it, a ladder holds the same levels as a plain map. Method: random
 * walks of the touch with near, far, very large and vanishing quantities, compared level by level.
 */
import { describe, expect, it } from "vitest";
import { Ladder } from "../../../../hotpath/core/book/ladder.ts";
import { seeded } from "../../../bench/frames.ts";

const LEVELS_MAX = 4096;
const LARGE_LOTS = 2 ** 40;

type Walk = { readonly seed: number; readonly drift: number; readonly span: number };

/** One message of a few levels around `mid`; now and then far ones, large ones, or none at all. */
function message(random: () => number, mid: number, span: number): (readonly [number, number])[] {
  const count = 1 + Math.floor(random() * 8);
  return Array.from({ length: count }, () => {
    const reach = random() < 0.05 ? span * 40 : span;
    const ticks = mid + Math.round((random() - 0.5) * reach);
    if (random() < 0.4) return [ticks, 0];
    const size = random() < 0.1 ? LARGE_LOTS : 1000;
    return [ticks, 1 + Math.floor(random() * size)];
  });
}

function levelsOf(ladder: Ladder): (readonly [number, number])[] {
  const ticks = new Float64Array(LEVELS_MAX);
  const lots = new Float64Array(LEVELS_MAX);
  const count = ladder.copyLevels(ticks, lots, LEVELS_MAX);
  return Array.from({ length: count }, (_, i) => [ticks[i] ?? Number.NaN, lots[i] ?? Number.NaN]);
}

function walk(sign: 1 | -1, { seed, drift, span }: Walk): void {
  const random = seeded(seed);
  const ladder = new Ladder(sign);
  const truth = new Map<number, number>();
  let mid = 5_000_000;
  for (let step = 0; step < 400; step++) {
    mid += Math.round((random() - 0.5) * drift);
    const levels = message(random, mid, span);
    for (const [ticks, lots] of levels) {
      if (lots === 0) truth.delete(ticks);
      else truth.set(ticks, lots);
    }
    ladder.apply(
      Float64Array.from(levels, ([ticks]) => ticks),
      Float64Array.from(levels, ([, lots]) => lots),
      0,
      levels.length,
    );
    const wanted = [...truth].sort((a, b) => (b[0] - a[0]) * sign);
    expect(ladder.levelCount).toBe(wanted.length);
    expect(ladder.isEmpty).toBe(wanted.length === 0);
    if (step % 10 === 0) expect(levelsOf(ladder)).toEqual(wanted);
    const [best] = wanted;
    if (best !== undefined) expect([ladder.bestTicks, ladder.bestLots]).toEqual(best);
    for (const [ticks] of levels) expect(ladder.lotsAt(ticks)).toBe(truth.get(ticks) ?? 0);
  }
  ladder.reset(span);
  expect(ladder.isEmpty).toBe(true);
  expect(ladder.levelCount).toBe(0);
}

describe("a ladder equals a map of its levels", () => {
  const walks: readonly Walk[] = [
    { seed: 1, drift: 4, span: 200 },
    { seed: 2, drift: 300, span: 1500 },
    { seed: 3, drift: 20_000, span: 3000 },
    { seed: 4, drift: 2, span: 6 },
  ];
  for (const one of walks) {
    it(`for bids with a drift of ${one.drift} and a span of ${one.span}`, () => walk(1, one));
    it(`for asks with a drift of ${one.drift} and a span of ${one.span}`, () => walk(-1, one));
  }

  it("a level 2^32 ticks away is far, and not another level of the window", () => {
    const ladder = new Ladder(1);
    const far = 5000 - 2 ** 32;
    ladder.apply(Float64Array.of(5000, far), Float64Array.of(7, 9), 0, 2);
    expect(ladder.bestLots).toBe(7);
    expect(ladder.lotsAt(far)).toBe(9);
    expect(ladder.levelCount).toBe(2);
  });
});
