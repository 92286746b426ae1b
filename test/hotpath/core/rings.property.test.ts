// Goal: the rings give back what was put in, in order, and say when they are full; nothing is overwritten.
// Method: against plain arrays, with random reservations, retractions and releases.
import { describe, expect, test } from "vitest";
import { BoundedRing } from "../../../hotpath/core/bounded-ring.ts";
import { FRAME_LEVELS_MAX, MarketRing } from "../../../hotpath/core/market-ring.ts";
import { seeded } from "./true-book.ts";

type Kept = { readonly seq: number; readonly ticks: readonly number[] };

function oldestOf(ring: MarketRing): Kept {
  const row = ring.oldest;
  const start = ring.levelStart[row] as number;
  const count = (ring.bidCount[row] as number) + (ring.askCount[row] as number);
  return {
    seq: ring.seqLast[row] as number,
    ticks: [...ring.ticks.subarray(start, start + count)],
  };
}

/** Writes a row of `levels` levels; false when the ring is full. */
function put(ring: MarketRing, seq: number, levels: number): boolean {
  const row = ring.reserve();
  if (row < 0) return false;
  const { sink } = ring;
  expect(sink.limit - sink.start).toBeGreaterThanOrEqual(levels);
  expect([ring.seqPrevious[row], ring.exchangeUs[row], ring.tradeFlags[row]]).toEqual([0, 0, 0]);
  for (let i = 0; i < levels; i++) ring.ticks[sink.start + i] = seq * 100_000 + i;
  ring.seqLast[row] = seq;
  ring.seqPrevious[row] = 5;
  ring.exchangeUs[row] = 5;
  ring.tradeFlags[row] = 1;
  ring.bidCount[row] = Math.floor(levels / 2);
  ring.askCount[row] = levels - Math.floor(levels / 2);
  ring.commit(row);
  return true;
}

function kept(seq: number, levels: number): Kept {
  return { seq, ticks: Array.from({ length: levels }, (_, i) => seq * 100_000 + i) };
}

/** One random act on the ring and on the model; what was refused is counted. */
function act(ring: MarketRing, model: Kept[], seq: number, levels: number, roll: number): number {
  if (roll < 0.5) {
    if (!put(ring, seq, levels)) return 1;
    model.push(kept(seq, levels));
    return 0;
  }
  if (model.length === 0) return 0;
  if (roll < 0.92) {
    expect(oldestOf(ring)).toEqual(model[0]);
    ring.release();
    model.shift();
  } else {
    expect(ring.seqLast[ring.newest]).toBe(model.at(-1)?.seq);
    ring.retract();
    model.pop();
  }
  return 0;
}

describe("the market ring", () => {
  test.each([
    ["small frames", 64, 40, 1],
    ["the largest frames", 64, FRAME_LEVELS_MAX, 2],
    ["frames of every size", 256, FRAME_LEVELS_MAX, 3],
    ["frames without levels", 16, 1, 4],
  ] as const)("%s: first in, first out, over many rounds", (_, capacity, levelsMax, seed) => {
    const ring = new MarketRing(capacity, FRAME_LEVELS_MAX * 3);
    const chance = seeded(seed);
    const model: Kept[] = [];
    const rounds = levelsMax > 1000 ? 1500 : 20_000;
    let refused = 0;
    for (let seq = 1; seq < rounds; seq++) {
      refused += act(ring, model, seq, Math.floor(chance() * chance() * levelsMax), chance());
      // A row that is reserved and not committed leaves nothing behind.
      if (chance() < 0.2) ring.reserve();
      expect(ring.depth).toBe(model.length);
    }
    for (const one of model) {
      expect(oldestOf(ring)).toEqual(one);
      ring.release();
    }
    expect(ring.depth).toBe(0);
    expect(ring.highWater).toBeLessThanOrEqual(ring.capacity);
    expect(ring.overflows).toBeGreaterThanOrEqual(refused);
  });

  test("a full ring refuses, counts, and takes again when there is room", () => {
    const ring = new MarketRing(4, FRAME_LEVELS_MAX * 2);
    for (let seq = 1; seq <= 4; seq++) expect(put(ring, seq, 1)).toBe(true);
    expect(put(ring, 5, 1)).toBe(false);
    expect(ring.overflows).toBe(1);
    ring.release();
    expect(put(ring, 6, 1)).toBe(true);
    expect(ring.highWater).toBe(4);
  });

  test("levels alone can fill it", () => {
    const ring = new MarketRing(64, FRAME_LEVELS_MAX * 2);
    expect(put(ring, 1, FRAME_LEVELS_MAX)).toBe(true);
    expect(put(ring, 2, FRAME_LEVELS_MAX)).toBe(true);
    expect(put(ring, 3, 1)).toBe(false);
    expect(oldestOf(ring)).toEqual(kept(1, FRAME_LEVELS_MAX));
  });

  test("what its users may not do is refused", () => {
    expect(() => new MarketRing(3)).toThrow("power of two");
    expect(() => new MarketRing(4, FRAME_LEVELS_MAX)).toThrow("two of the largest frames");
    const ring = new MarketRing(4, FRAME_LEVELS_MAX * 2);
    expect(() => ring.release()).toThrow("released");
    expect(() => ring.retract()).toThrow("retracted");
  });
});

describe("a bounded ring", () => {
  test("is a queue over any number of turns", () => {
    const ring = new BoundedRing<number>("test", 8);
    const model: number[] = [];
    const chance = seeded(9);
    for (let i = 0; i < 10_000; i++) {
      if (chance() < 0.5 && model.length < 8) {
        ring.push(i);
        model.push(i);
      } else expect(ring.shift()).toBe(model.shift());
      expect(ring.depth).toBe(model.length);
    }
    expect(ring.highWater).toBe(8);
  });

  test("one that is full is our own broken state, and says which", () => {
    const ring = new BoundedRing<number>("controlEvents", 2);
    ring.push(1);
    ring.push(2);
    expect(() => ring.push(3)).toThrow("controlEvents holds fewer than 2");
    expect(() => new BoundedRing("x", 3)).toThrow("power of two");
  });
});
