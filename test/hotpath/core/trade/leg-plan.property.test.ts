// Goal: a leg passes on as much as fits and never more. Method: random books and amounts against a plain walk
// over integers, which is written down again here.
import { describe, expect, test } from "vitest";
import { Ladder } from "../../../../hotpath/core/book/ladder.ts";
import type { Instrument } from "../../../../hotpath/core/instrument.ts";
import { lotsToAmount, notionalAmount } from "../../../../hotpath/core/money/notional.ts";
import {
  collarTicks,
  LEVELS_MAX,
  lotsFor,
  PPB,
  planLeg,
} from "../../../../hotpath/core/trade/leg-plan.ts";
import { seeded } from "../order/fixture.ts";
import { TradeRig } from "./rig.ts";

const ROUNDS = process.env.RECKONER_LONG === "1" ? 300_000 : 20_000;

type Level = readonly [ticks: number, lots: number];

const { instruments } = new TradeRig().trade;

function ladderOf(levels: readonly Level[], isBid: boolean): Ladder {
  const ladder = new Ladder(isBid ? 1 : -1);
  const ticks = Float64Array.from(levels, ([tick]) => tick);
  const lots = Float64Array.from(levels, ([, lot]) => lot);
  ladder.apply(ticks, lots, 0, levels.length);
  return ladder;
}

/** What a buy of `lots` at its limit can cost at most: the hold of a venue. */
function holdOf(instrument: Instrument, ticks: number, lots: number, feePpb: number): bigint {
  const notional = notionalAmount(instrument, ticks, lots, "ceil");
  return notional * (PPB + BigInt(feePpb));
}

/** The plain walk: level after level until what is reachable is enough. */
function walk(
  instrument: Instrument,
  levels: readonly Level[],
  isBuy: boolean,
  input: bigint,
  feePpb: number,
  farthest: number,
): Level | undefined {
  let found: Level | undefined;
  let reachable = 0;
  for (const [ticks, available] of levels) {
    if (isBuy ? ticks > farthest : ticks < farthest) break;
    reachable += available;
    const lots = isBuy
      ? (input * PPB) / holdOf(instrument, ticks, 1, feePpb)
      : input / lotsToAmount(instrument, 1);
    found = [ticks, Number(lots)];
    if (reachable >= Number(lots)) break;
  }
  return found === undefined || found[1] === 0 ? undefined : found;
}

type Ask = {
  readonly isBuy: boolean;
  readonly levels: readonly Level[];
  readonly input: bigint;
  readonly feePpb: number;
  readonly collarPpm: number;
};

/** One plan against the walk; whether there was anything to plan. */
function judge(ladder: Ladder, { isBuy, levels, input, feePpb, collarPpm }: Ask): boolean {
  const instrument = instruments[1] as Instrument;
  const first = levels[0]?.[0] ?? 0;
  const side = isBuy ? "buy" : "sell";
  const plan = planLeg(instrument, side, ladder, input, feePpb, collarPpm);
  const farthest = collarTicks(first, side, collarPpm);
  const told = walk(instrument, levels, isBuy, input, feePpb, farthest);
  expect(plan?.lots).toBe(told?.[1]);
  if (plan === undefined || told === undefined) return false;
  const { lots, limitTicks } = plan;
  expect(plan.touchTicks).toBe(first);
  // A sell may go lower than it needs, because its size does not depend on it; a buy may not go higher.
  const isInside = isBuy ? limitTicks === told[0] : limitTicks <= told[0] && limitTicks >= farthest;
  expect(isInside).toBe(true);
  const fits = (count: number): boolean =>
    isBuy
      ? holdOf(instrument, limitTicks, count, feePpb) <= input * PPB
      : lotsToAmount(instrument, count) <= input;
  expect([fits(lots), fits(lots + 1)]).toEqual([true, false]);
  return true;
}

/** Up to twelve levels, best first. */
function randomLevels(chance: () => number, step: number): Level[] {
  const first = 3000 + Math.floor(chance() * 3000);
  const length = 1 + Math.floor(chance() * 12);
  return Array.from({ length }, (_, at) => [first + step * at, 1 + Math.floor(chance() * 400)]);
}

function randomAsk(chance: () => number, isBuy: boolean, levels: readonly Level[]): Ask {
  const input = BigInt(Math.floor(chance() * 1e9)) * 10n ** BigInt(Math.floor(chance() * 11));
  const feePpb = chance() < 0.5 ? 0 : Math.floor(chance() * 3_000_000);
  return { isBuy, levels, input, feePpb, collarPpm: Math.floor(chance() * 20_000) };
}

describe("a leg", () => {
  test("is sized as a plain walk over the book sizes it, and its hold fits", () => {
    const chance = seeded(11);
    let planned = 0;
    for (let round = 0; round < ROUNDS / 100; round++) {
      const isBuy = chance() < 0.5;
      const levels = randomLevels(chance, isBuy ? 3 : -3);
      const ladder = ladderOf(levels, !isBuy);
      for (let amount = 0; amount < 100; amount++) {
        if (judge(ladder, randomAsk(chance, isBuy, levels))) planned++;
      }
    }
    expect(planned).toBeGreaterThan(ROUNDS / 10);
  });

  test("of nothing, against nothing, or of less than a lot is none", () => {
    const instrument = instruments[1] as Instrument;
    const ladder = ladderOf([[5000, 10]], true);
    const empty = ladderOf([], true);
    const lot = lotsToAmount(instrument, 1);
    expect(planLeg(instrument, "sell", ladder, 0n, 0, 100)).toBeUndefined();
    expect(planLeg(instrument, "sell", ladder, -lot, 0, 100)).toBeUndefined();
    expect(planLeg(instrument, "sell", ladder, lot - 1n, 0, 100)).toBeUndefined();
    expect(planLeg(instrument, "sell", empty, lot, 0, 100)).toBeUndefined();
    expect(planLeg(instrument, "sell", ladder, lot, 0, 100)).toMatchObject({ lots: 1 });
  });

  test("reaches through so many levels and no further", () => {
    const levels = Array.from({ length: 2 * LEVELS_MAX }, (_, at): Level => [5000 - at, 1]);
    const instrument = instruments[1] as Instrument;
    const input = lotsToAmount(instrument, 1000);
    const plan = planLeg(instrument, "sell", ladderOf(levels, true), input, 0, 900_000);
    expect(plan?.lots).toBe(1000);
    const buy = Array.from({ length: 2 * LEVELS_MAX }, (_, at): Level => [5000 + at, 1]);
    const cost = notionalAmount(instrument, 5100, 1000);
    const bought = planLeg(instrument, "buy", ladderOf(buy, false), cost, 0, 900_000);
    expect(bought?.limitTicks).toBe(5000 + LEVELS_MAX - 1);
  });

  test("a sell may still fill a little below the touch, but never beyond its collar", () => {
    const instrument = instruments[1] as Instrument;
    const ladder = ladderOf([[100_000, 10]], true);
    const input = lotsToAmount(instrument, 5);
    expect(planLeg(instrument, "sell", ladder, input, 0, 10_000)?.limitTicks).toBe(99_800);
    expect(planLeg(instrument, "sell", ladder, input, 0, 1000)?.limitTicks).toBe(99_900);
  });

  test("a collar never reaches zero, and rounds towards the touch", () => {
    expect(collarTicks(10, "sell", 1_000_000)).toBe(1);
    expect(collarTicks(1000, "sell", 1500)).toBe(999);
    expect(collarTicks(1000, "buy", 1500)).toBe(1001);
  });

  test("more lots than can be counted are as many as can be", () => {
    const instrument = instruments[1] as Instrument;
    const lots = lotsFor(instrument, "sell", 10n ** 40n, 1, 0);
    expect(lots).toBe(Number.MAX_SAFE_INTEGER);
  });
});
