/**
 * Station: cycles that ended -> what was made of each day, mode and asset; how well they were executed.
 *
 * Sums are exact: amounts are decimal text, never doubles. Residuals are not profit and are left out; they
 * stand in the cycles themselves. What cannot be read in a fact is an error, not a zero.
 */
import { dayOf } from "../../contracts/calendar.ts";
import { shareOf, sumDecimals } from "../../contracts/decimal.ts";
import type { CycleFact, LegFact } from "../../contracts/history.ts";
import type { HistoryRecord } from "../../contracts/history-filter.ts";

const RATE_PLACES = 6;
const BPS_PLACES = 4;

export type DayProfit = {
  readonly day: string;
  readonly mode: string;
  readonly asset: string;
  readonly profit: string;
  /** Cycles by their ending. */
  readonly cycles: Readonly<Record<string, number>>;
  /** Fees of all legs by asset, also where the cycle failed. */
  readonly fees: Readonly<Record<string, string>>;
};

export type TotalProfit = Pick<DayProfit, "mode" | "asset" | "profit">;

type CycleAt = { readonly day: string; readonly cycle: CycleFact };

function cyclesOf(records: readonly HistoryRecord[]): CycleAt[] {
  // Facts were held to their schema before they were put.
  return records.map(({ observed_at, payload }) => {
    return { day: dayOf(observed_at), cycle: payload as unknown as CycleFact };
  });
}

/** Profit by day, mode and asset, in that order, and the same over all days. */
export function profitOf(records: readonly HistoryRecord[]): {
  readonly days: readonly DayProfit[];
  readonly totals: readonly TotalProfit[];
} {
  const groups = grouped(cyclesOf(records), ({ day, cycle }) => [
    day,
    cycle.mode,
    cycle.profitAsset,
  ]);
  const days = groups.map(({ names: [day = "", mode = "", asset = ""], items }): DayProfit => {
    return {
      day,
      mode,
      asset,
      profit: sumDecimals(items.map(({ cycle }) => cycle.profit)),
      cycles: countsOf(items.map(({ cycle }) => cycle.ending)),
      fees: feesOf(items.flatMap(({ cycle }) => cycle.legs)),
    };
  });
  const totals = grouped(days, ({ mode, asset }) => [mode, asset]).map(
    ({ names: [mode = "", asset = ""], items }): TotalProfit => {
      return { mode, asset, profit: sumDecimals(items.map(({ profit }) => profit)) };
    },
  );
  return { days, totals };
}

type Group<Item> = { readonly names: readonly string[]; readonly items: Item[] };

function grouped<Item>(
  items: readonly Item[],
  namesOf: (item: Item) => readonly string[],
): Group<Item>[] {
  const groups = new Map<string, Group<Item>>();
  for (const item of items) {
    const names = namesOf(item);
    const key = JSON.stringify(names);
    const group = groups.get(key) ?? { names, items: [] };
    group.items.push(item);
    groups.set(key, group);
  }
  return [...groups].sort(([first], [second]) => (first < second ? -1 : 1)).map(([, each]) => each);
}

function countsOf(names: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    grouped(names, (name) => [name]).map(({ items }) => [items[0] ?? "", items.length]),
  );
}

function feesOf(legs: readonly LegFact[]): Record<string, string> {
  const fees = legs.flatMap((leg) => Object.entries(leg.fees));
  return Object.fromEntries(
    grouped(fees, ([asset]) => [asset]).map(({ names, items }) => [
      names[0] ?? "",
      sumDecimals(items.map(([, amount]) => amount)),
    ]),
  );
}

export type TriangleExecution = {
  readonly triangle: string;
  readonly mode: string;
  readonly cycles: number;
  readonly filled: number;
  readonly fillRate: string;
  /** Means over the cycles that were filled; what was lost between the two is the slippage. */
  readonly predictedBps: string;
  readonly effectiveBps: string;
  readonly slippageBps: string;
};

export type LegExecution = {
  readonly triangle: string;
  readonly mode: string;
  readonly leg: number;
  readonly orders: number;
  readonly filled: number;
  readonly fillRate: string;
  /** Means from the order's leaving; null where nothing was acknowledged or filled. */
  readonly ackUsMean: number | null;
  readonly fillUsMean: number | null;
};

/** How well cycles and their legs were executed, by triangle and mode. */
export function executionOf(records: readonly HistoryRecord[]): {
  readonly triangles: readonly TriangleExecution[];
  readonly legs: readonly LegExecution[];
} {
  const cycles = cyclesOf(records).map(({ cycle }) => cycle);
  const byTriangle = grouped(cycles, ({ triangle, mode }) => [triangle, mode]);
  return {
    triangles: byTriangle.map(({ names, items }) => triangleOf(names, items)),
    legs: byTriangle.flatMap(({ names, items }) => {
      const byLeg = grouped(
        items.flatMap(({ legs }) => legs),
        ({ leg }) => [String(leg)],
      );
      return byLeg.map(({ items: legs }) => legOf(names, legs));
    }),
  };
}

function triangleOf(
  [triangle = "", mode = ""]: readonly string[],
  cycles: readonly CycleFact[],
): TriangleExecution {
  const filled = cycles.filter(({ ending }) => ending === "FILLED");
  const predicted = sumDecimals(filled.map(({ predictedBps }) => predictedBps));
  const effective = sumDecimals(filled.map(({ effectiveBps }) => effectiveBps));
  const lost = sumDecimals([
    predicted,
    effective.startsWith("-") ? effective.slice(1) : `-${effective}`,
  ]);
  return {
    triangle,
    mode,
    cycles: cycles.length,
    filled: filled.length,
    fillRate: shareOf(String(filled.length), String(cycles.length), RATE_PLACES),
    predictedBps: shareOf(predicted, String(filled.length), BPS_PLACES),
    effectiveBps: shareOf(effective, String(filled.length), BPS_PLACES),
    slippageBps: shareOf(lost, String(filled.length), BPS_PLACES),
  };
}

function legOf(
  [triangle = "", mode = ""]: readonly string[],
  legs: readonly LegFact[],
): LegExecution {
  const filled = legs.filter(({ state }) => state === "filled");
  return {
    triangle,
    mode,
    leg: legs[0]?.leg ?? 0,
    orders: legs.length,
    filled: filled.length,
    fillRate: shareOf(String(filled.length), String(legs.length), RATE_PLACES),
    ackUsMean: meanSince(legs, ({ ackUs }) => ackUs),
    fillUsMean: meanSince(legs, ({ fillUs }) => fillUs),
  };
}

/** Mean from firing to `endOf`, over the legs that have both. */
function meanSince(legs: readonly LegFact[], endOf: (leg: LegFact) => number): number | null {
  const spans = legs
    .filter((leg) => leg.firedUs > 0 && endOf(leg) >= leg.firedUs)
    .map((leg) => endOf(leg) - leg.firedUs);
  if (spans.length === 0) return null;
  return Math.round(spans.reduce((sum, span) => sum + span, 0) / spans.length);
}
