/**
 * Station: instruments of one venue -> every closed loop of three of them, each once per direction.
 *
 * Assets are the nodes of a graph and instruments its edges; a triangle is two neighbors of an asset that
 * are neighbors of each other. Worked out once at the start, and again when instruments come or go.
 */
import type { Instrument } from "../instrument.ts";
import { isNotionalExact } from "../money/notional.ts";

/** One order of a cycle: a buy pays quote and receives base, a sell the other way round. */
export type CycleLeg = {
  /** Index in the world. */
  readonly instrument: number;
  readonly isBuy: boolean;
};

export type Cycle = {
  /** Position in every array of the detector. */
  readonly index: number;
  /** Its assets in the order of trading, "USDT>BTC>ETH"; instruments are added where those are not enough. */
  readonly key: string;
  /** What leg 0, 1 and 2 begin with; leg 2 ends in the first. */
  readonly assets: readonly [string, string, string];
  readonly legs: readonly [CycleLeg, CycleLeg, CycleLeg];
};

export type CyclesFound = {
  readonly cycles: readonly Cycle[];
  /** Triangles without any asset to start with, which nobody can enter. */
  readonly withoutStart: number;
  /** Instruments that no cycle may use: assets unknown, or steps too fine for exact amounts. */
  readonly leftOut: readonly number[];
};

type Triangle = readonly [Instrument, Instrument, Instrument];

/**
 * All three-legged cycles. Of the three places where a loop can begin, it begins with the first of
 * `startAssets` that is in it; a loop with none of them is counted and left out.
 */
export function findCycles(
  instruments: readonly Instrument[],
  startAssets: readonly string[],
): CyclesFound {
  const usable = instruments.filter(isUsable);
  const leftOut = instruments.filter((one) => !isUsable(one)).map(({ index }) => index);
  const found: Omit<Cycle, "index">[] = [];
  let withoutStart = 0;
  for (const triangle of findTriangles(usable)) {
    const assets = new Set(triangle.flatMap((one) => [one.baseAsset, one.quoteAsset]));
    const start = startAssets.find((asset) => assets.has(asset));
    if (start === undefined) withoutStart++;
    else found.push(walk(triangle, start, 0), walk(triangle, start, 1));
  }
  return { cycles: withKeys(found, instruments), withoutStart, leftOut };
}

function isUsable(instrument: Instrument): boolean {
  const { baseAsset, quoteAsset } = instrument;
  if (baseAsset === "" || quoteAsset === "" || baseAsset === quoteAsset) return false;
  return isNotionalExact(instrument);
}

/** Which instruments join an asset to each of its neighbors. */
type Joins = ReadonlyMap<string, ReadonlyMap<string, readonly Instrument[]>>;

/** Every three instruments whose assets close a loop, none twice. */
function findTriangles(instruments: readonly Instrument[]): Triangle[] {
  const joins = new Map<string, Map<string, Instrument[]>>();
  for (const one of instruments) {
    join(joins, one.baseAsset, one.quoteAsset, one);
    join(joins, one.quoteAsset, one.baseAsset, one);
  }
  const ranks = new Map([...joins.keys()].map((asset, rank) => [asset, rank]));
  // Assets in rising rank only: each loop is met once, from its lowest.
  const isAbove = (asset: string, other: string): boolean =>
    (ranks.get(asset) ?? 0) > (ranks.get(other) ?? 0);
  return [...joins].flatMap(([a, fromA]) =>
    [...fromA.keys()].filter((b) => isAbove(b, a)).flatMap((b) => closeLoops(joins, a, b, isAbove)),
  );
}

/** Loops over `a` and `b` whose third asset ranks above both. */
function closeLoops(
  joins: Joins,
  a: string,
  b: string,
  isAbove: (asset: string, other: string) => boolean,
): Triangle[] {
  const ofAb = joins.get(a)?.get(b) ?? [];
  const triangles: Triangle[] = [];
  for (const [c, ofBc] of joins.get(b) ?? []) {
    const ofCa = isAbove(c, b) ? joins.get(a)?.get(c) : undefined;
    if (ofCa !== undefined) triangles.push(...product(ofAb, ofBc, ofCa));
  }
  return triangles;
}

function join(
  joins: Map<string, Map<string, Instrument[]>>,
  from: string,
  to: string,
  instrument: Instrument,
): void {
  const neighbors = joins.get(from) ?? new Map<string, Instrument[]>();
  joins.set(from, neighbors);
  neighbors.set(to, [...(neighbors.get(to) ?? []), instrument]);
}

/** Two assets may be joined by more than one instrument; each choice is a loop of its own. */
function product(
  first: readonly Instrument[],
  second: readonly Instrument[],
  third: readonly Instrument[],
): Triangle[] {
  return first.flatMap((a) => second.flatMap((b) => third.map((c): Triangle => [a, b, c])));
}

/** Goes round the triangle from `start`; `direction` says which of its two instruments comes first. */
function walk(triangle: Triangle, start: string, direction: 0 | 1): Omit<Cycle, "index"> {
  const rest = [...triangle];
  const step = (from: string, choice: number): { readonly leg: CycleLeg; readonly to: string } => {
    const options = rest.filter((one) => one.baseAsset === from || one.quoteAsset === from);
    const taken = options[Math.min(choice, options.length - 1)] as Instrument;
    rest.splice(rest.indexOf(taken), 1);
    const isBuy = taken.quoteAsset === from;
    const to = isBuy ? taken.baseAsset : taken.quoteAsset;
    return { leg: { instrument: taken.index, isBuy }, to };
  };
  const first = step(start, direction);
  const second = step(first.to, 0);
  const third = step(second.to, 0);
  const assets = [start, first.to, second.to] as const;
  return { key: assets.join(">"), assets, legs: [first.leg, second.leg, third.leg] };
}

/** Numbers the cycles, and tells those apart that go through the same assets. */
function withKeys(
  found: readonly Omit<Cycle, "index">[],
  instruments: readonly Instrument[],
): Cycle[] {
  const symbols = new Map(instruments.map((one) => [one.index, one.symbol]));
  const count = new Map<string, number>();
  for (const { key } of found) count.set(key, (count.get(key) ?? 0) + 1);
  return found.map((cycle, index) => {
    if (count.get(cycle.key) === 1) return { ...cycle, index };
    const via = cycle.legs.map(({ instrument }) => symbols.get(instrument)).join(",");
    return { ...cycle, index, key: `${cycle.key}(${via})` };
  });
}
