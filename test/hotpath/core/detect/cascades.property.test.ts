// Goal: safe integers and bigints say the same of every size of every cycle, and their inverses hold.
import { describe, expect, test } from "vitest";
import { LegDepth } from "../../../../hotpath/core/detect/depth.ts";
import { type Depths, NarrowCascade } from "../../../../hotpath/core/detect/narrow.ts";
import { type CycleTerms, termsOf } from "../../../../hotpath/core/detect/terms.ts";
import { WideCascade } from "../../../../hotpath/core/detect/wide.ts";
import { seeded } from "../true-book.ts";
import { between, drawTriangle } from "./random-triangle.ts";

const COUNT = process.env.RECKONER_LONG === "1" ? 100_000 : 10_000;
const PPM = 1_000_000;

type Both = {
  readonly narrow: NarrowCascade;
  readonly wide: WideCascade;
  readonly depths: Depths;
};

/** A drawn cycle in both forms; undefined when it is too large for safe integers. */
function draw(random: () => number, i: number): Both | undefined {
  const triangle = drawTriangle(random, {
    pattern: i % 8,
    levelLotsMax: i % 3 === 0 ? 50_000 : 60,
    levelsMax: 5,
    filters: 0.3,
    isFine: false,
    isEven: i % 2 === 0,
    gainMax: 0.05,
  });
  const cycle = triangle.detector.cycles[triangle.cycle];
  const terms = cycle === undefined ? undefined : termsOf(cycle, triangle.detector);
  if (terms === undefined) throw new Error("a drawn cycle has its fees");
  const depths = readDepths(terms, triangle.books);
  const narrow = new NarrowCascade();
  const wide = new WideCascade();
  const edgePpm = between(random, -20_000, 20_000);
  narrow.begin(terms, depths, edgePpm);
  wide.begin(terms, depths, edgePpm);
  return narrow.isOver ? undefined : { narrow, wide, depths };
}

function readDepths(terms: CycleTerms, books: Parameters<typeof drawBook>[0]): Depths {
  const depths: Depths = [new LegDepth(), new LegDepth(), new LegDepth()];
  for (const [leg, depth] of depths.entries()) {
    const ofLeg = terms.legs[leg];
    if (ofLeg !== undefined) depth.read(drawBook(books, leg), ofLeg, PPM, 32, 1e300);
  }
  return depths;
}

function drawBook(
  books: ReturnType<typeof drawTriangle>["books"],
  leg: number,
): ReturnType<typeof drawTriangle>["books"][number]["book"] {
  const found = books[leg];
  if (found === undefined) throw new Error("a leg has its book");
  return found.book;
}

/** What differs at one size; "" for nothing. */
function difference({ narrow, wide }: Both, lots: number): string {
  const isRun = narrow.run(lots);
  if (isRun !== wide.run(lots)) return "whether it runs";
  if (!isRun) return "";
  const wholes = (values: ArrayLike<number>): bigint[] => Array.from(values, BigInt);
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ["lots", [...narrow.lots], wide.lots],
    ["limits", [...narrow.limitTicks], wide.limitTicks],
    ["paid", wholes(narrow.paid), wide.paid],
    ["received", wholes(narrow.received), wide.received],
    ["fees", wholes(narrow.fees), wide.fees],
    ["profit", BigInt(narrow.profit), wide.profit],
    ["surplus", BigInt(narrow.surplus), wide.surplus],
  ];
  return pairs.find(([, one, other]) => String(one) !== String(other))?.[0] ?? "";
}

/** What is wrong about the sizes that an inverse names; "" for nothing. */
function inverseFault({ narrow, wide }: Both, leg: 0 | 1 | 2, lots: number): string {
  const needed = narrow.lots0For(leg, lots);
  if (!Object.is(needed, wide.lots0For(leg, lots))) return "other lots are needed";
  if (Number.isNaN(needed) || !narrow.run(needed)) return "";
  return (narrow.lots[leg] ?? 0) >= lots ? "" : `leg ${leg} does not reach its lots`;
}

describe("both cascades", { timeout: 600_000 }, () => {
  test("agree on every amount of every size, and reach the lots they were asked for", () => {
    const random = seeded(31);
    let runs = 0;
    for (let i = 0; i < COUNT; i++) {
      const both = draw(random, i);
      if (both === undefined) continue;
      const [first] = both.depths;
      const most = first.lotsTo[first.count - 1] ?? 0;
      const leg = (i % 3) as 0 | 1 | 2;
      const depth = both.depths[leg];
      const lots = between(random, 1, depth.lotsTo[depth.count - 1] ?? 1);
      const wrong =
        difference(both, between(random, 1, most)) ||
        inverseFault(both, leg, lots) ||
        (Object.is(both.narrow.leastLots0(), both.wide.leastLots0()) ? "" : "another least size");
      if (wrong !== "") expect(`cycle ${i}: ${wrong}`).toBe("");
      runs++;
    }
    expect(runs).toBeGreaterThan(COUNT / 2);
  });
});
