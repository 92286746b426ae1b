// Goal: no two cycles under way ever share what they must not. Method: random taking and giving back, 10^5
// always, 10^6 with RECKONER_LONG=1, against rules that are written down again here.
import { describe, expect, test } from "vitest";
import type { Cycle } from "../../../../hotpath/core/trade/cycle.ts";
import { type SlotClaim, slotConflict } from "../../../../hotpath/core/trade/slots.ts";
import { seeded } from "../order/fixture.ts";
import { TradeRig } from "./rig.ts";

const ROUNDS = process.env.RECKONER_LONG === "1" ? 1_000_000 : 100_000;
const ASSETS = ["USDT", "BTC", "EUR"];

/** A cycle as far as slots look at it, made from a real one. */
function cycleFrom(model: Cycle, claim: SlotClaim, hasPlan: boolean): Cycle {
  const [planned] = model.planned;
  const [order] = model.orders;
  if (planned === undefined || order === undefined) throw new Error("it is under way");
  const { venue, key, startAsset, instruments } = claim;
  return {
    ...model,
    venue,
    key,
    startAsset,
    planned: hasPlan ? instruments.map((instrument) => ({ ...planned, instrument })) : [],
    orders: hasPlan ? [] : instruments.map((instrument) => ({ ...order, instrument })),
  };
}

function model(): Cycle {
  const rig = new TradeRig();
  rig.ready();
  rig.opportunity();
  const [cycle] = rig.trade.cycles;
  if (cycle === undefined) throw new Error("it is under way");
  return cycle;
}

function instrumentsOf(cycle: Cycle): readonly number[] {
  return [...cycle.planned, ...cycle.orders].map(({ instrument }) => instrument);
}

/** The rules once more, in one expression. */
function mayBegin(
  active: readonly Cycle[],
  claim: SlotClaim,
  { slots, isolation }: Parameters<typeof slotConflict>[2],
): boolean {
  const near = active.filter(({ venue }) => venue === claim.venue);
  const isTwin = near.some(({ key }) => key === claim.key);
  const isSameStart = near.some(({ startAsset }) => startAsset === claim.startAsset);
  const used = new Set(near.flatMap(instrumentsOf));
  const isShared = claim.instruments.some((each) => used.has(each));
  const isBlocked = (isolation.primaryQuote && isSameStart) || (isolation.instrument && isShared);
  return active.length < slots && !isTwin && !isBlocked;
}

describe.each([
  { instrument: true, primaryQuote: false },
  { instrument: true, primaryQuote: true },
  { instrument: false, primaryQuote: false },
  { instrument: false, primaryQuote: true },
])("isolation by instrument $instrument, by start asset $primaryQuote", (isolation) => {
  test("holds at all times, and refuses nothing without a reason", () => {
    const chance = seeded(3);
    const draw = (count: number): number => Math.floor(chance() * count);
    const base = model();
    const plan = { slots: 6, isolation };
    let active: Cycle[] = [];
    const reasons = new Set<string>();
    for (let round = 0; round < ROUNDS / 4; round++) {
      if (chance() < 0.4) {
        const gone = draw(active.length);
        active = active.filter((_, at) => at !== gone);
        continue;
      }
      const claim: SlotClaim = {
        venue: draw(2),
        key: draw(12),
        startAsset: ASSETS[draw(3)] ?? "USDT",
        instruments: [draw(30), 30 + draw(30), 60 + draw(30)],
      };
      const conflict = slotConflict(active, claim, plan);
      if ((conflict === "") !== mayBegin(active, claim, plan)) {
        throw new Error(`${JSON.stringify(claim)}: "${conflict}"`);
      }
      reasons.add(conflict);
      if (conflict === "") active = [...active, cycleFrom(base, claim, chance() < 0.8)];
    }
    expect(reasons).toContain("");
    expect(reasons).toContain("no slot is free");
    expect(reasons).toContain("the triangle is under way");
    expect(reasons.has("an instrument is in use")).toBe(isolation.instrument);
    expect(reasons.has("its start asset is in use")).toBe(isolation.primaryQuote);
  });
});
