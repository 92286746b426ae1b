/**
 * Triangles drawn by a seed, in two forms at once: as the production code has them (instruments, books,
 * a detector with fees), and as the oracle has them (fractions). Every side pattern, fee and filter.
 */
import { Book } from "../../../../hotpath/core/book/book.ts";
import { Budgets } from "../../../../hotpath/core/detect/budgets.ts";
import { type Detector, makeDetector } from "../../../../hotpath/core/detect/detector.ts";
import type { Fee } from "../../../../hotpath/core/detect/fee.ts";
import {
  type Instrument,
  instrumentOf,
  type OrderFilters,
} from "../../../../hotpath/core/instrument.ts";
import { amountToText } from "../../../../hotpath/core/money/amount.ts";
import { type Fraction, type OracleLeg, of } from "./oracle.ts";

export type TriangleShape = {
  /** Bit i: whether leg i buys. */
  readonly pattern: number;
  /** Largest quantity of a level, in lots. */
  readonly levelLotsMax: number;
  readonly levelsMax: number;
  /** Share of triangles with filters. */
  readonly filters: number;
  /** More decimals than safe integers can hold. */
  readonly isFine: boolean;
  /** Lots of the legs are worth much the same, so that quantities of all three matter. */
  readonly isEven: boolean;
  /** Most that the cycle gains before fees; it may also lose 1.5 %. */
  readonly gainMax: number;
};

export type Triangle = {
  readonly detector: Detector;
  readonly cycle: number;
  readonly books: readonly { readonly book: Book }[];
  readonly budgets: Budgets;
  readonly budget: bigint;
  readonly legs: readonly OracleLeg[];
};

const ATTO = 10n ** 18n;
const ASSETS = ["A", "B", "C"] as const;

/** An integer in [least, most]. */
export function between(random: () => number, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

export function pick<T>(random: () => number, values: readonly T[]): T {
  return values[Math.floor(random() * values.length)] as T;
}

/** Draws one triangle whose cycle A>B>C may be entered with A. */
export function drawTriangle(random: () => number, shape: TriangleShape): Triangle {
  // Of each asset in units of A; the last leg is off by the gain of the cycle.
  const values = [1, 10 ** (random() * 6 - 3), 10 ** (random() * 6 - 3)];
  const gain = 1 + random() * (shape.gainMax + 0.015) - 0.015;
  const isSameFee = random() < 0.5;
  const common = drawFee(random);
  const made = ASSETS.map((_, index) => {
    const isBuy = ((shape.pattern >> index) & 1) === 1;
    const from = values[index] as number;
    const to = (values[(index + 1) % 3] as number) / (index === 2 ? gain : 1);
    // What the leg gives in `to` for one of `from` is from / to: the price of a sell, or its inverse.
    const price = isBuy ? to / from : from / to;
    return drawLeg(
      random,
      shape,
      index,
      isBuy,
      price,
      isBuy ? to : from,
      isSameFee ? common : drawFee(random),
    );
  });
  const detector = makeDetector({
    instruments: made.map(({ instrument }) => instrument),
    startAssets: ["A"],
    edgePpmMin: 0,
  });
  for (const [index, { fee }] of made.entries()) detector.setFee(index, fee);
  const cycle = detector.cycles.findIndex(({ key }) => key === "A>B>C");
  const budget =
    BigInt(Math.floor(10 ** (random() * 6 - 1) * 1e6)) * 10n ** 12n +
    BigInt(between(random, 0, 999));
  const budgets = new Budgets();
  budgets.set("A", budget);
  const books = made.map(({ book }) => ({ book }));
  const legs = made.map(({ leg }, i) => ({
    ...leg,
    paidUnit: unitOf(made[i] as Drawn, made[(i + 2) % 3] as Drawn),
  }));
  return { detector, cycle, books, budgets, budget, legs };
}

/** The finest amount of an asset between the leg that pays with it and the leg that yields it. */
function unitOf(payer: Drawn, giver: Drawn): Fraction {
  const places = [placesOf(payer, payer.leg.isBuy), placesOf(giver, !giver.leg.isBuy)];
  if (payer.leg.isBuy && payer.fee.paidIn === "quote") places.push(payer.fee.decimals);
  const isOfTaken =
    giver.fee.paidIn === "received" || (giver.fee.paidIn === "quote" && !giver.leg.isBuy);
  if (isOfTaken) places.push(giver.fee.decimals);
  return of(1, 10n ** BigInt(Math.max(...places)));
}

function placesOf({ instrument }: Drawn, isQuote: boolean): number {
  const { priceDecimals, quantityDecimals } = instrument;
  return isQuote ? priceDecimals + quantityDecimals : quantityDecimals;
}

function drawFee(random: () => number): Fee {
  return {
    takerPpb: pick(random, [0, 1, 100_000, 750_000, 1_000_000, 2_600_000, 12_345_678]),
    paidIn: pick(random, ["quote", "received", "third"] as const),
    decimals: between(random, 5, 10),
    rounding: pick(random, ["floor", "ceil", "halfEven"] as const),
  };
}

type Drawn = {
  readonly instrument: Instrument;
  readonly book: Book;
  readonly fee: Fee;
  readonly leg: OracleLeg;
};

type Steps = {
  readonly tickUnits: number;
  readonly priceDecimals: number;
  readonly lotUnits: number;
  readonly quantityDecimals: number;
};

function drawSteps(
  random: () => number,
  { isFine, isEven }: TriangleShape,
  price: number,
  baseValue: number,
): Steps {
  const digits = Math.floor(Math.log10(price));
  const priceDecimals = clamp(between(random, 2, isFine ? 9 : 5) - digits, 0, 10);
  const most = Math.min(isFine ? 12 : 8, 18 - priceDecimals);
  const places = isEven ? 1 : between(random, isFine ? 4 : -1, isFine ? 9 : 3);
  return {
    tickUnits: pick(random, [1, 1, 1, 5, 25]),
    priceDecimals,
    lotUnits: pick(random, [1, 1, 1, 2, 5]),
    quantityDecimals: clamp(places + Math.floor(Math.log10(baseValue)), 0, most),
  };
}

/** Bounds in lots and in steps of the notional; 0 and undefined for none. */
type Bounds = Pick<OracleLeg, "lotsMin" | "lotsMax"> & {
  readonly stepsMin: bigint;
  readonly stepsMax: bigint | undefined;
};

function drawBounds(random: () => number, shape: TriangleShape, touch: number): Bounds {
  const has = (): boolean => random() < shape.filters;
  const steps = (most: number): bigint => BigInt(touch) * BigInt(between(random, 1, most));
  return {
    lotsMin: has() ? between(random, 1, 6) : 1,
    lotsMax: has() ? between(random, 1, 2 * shape.levelLotsMax) : Number.MAX_SAFE_INTEGER,
    stepsMin: has() ? steps(8) : 0n,
    stepsMax: has() ? steps(3 * shape.levelLotsMax) : undefined,
  };
}

function drawLeg(
  random: () => number,
  shape: TriangleShape,
  index: number,
  isBuy: boolean,
  price: number,
  baseValue: number,
  fee: Fee,
): Drawn {
  const steps = drawSteps(random, shape, price, baseValue);
  const next = (index + 1) % 3;
  const touch = Math.max(1, Math.round((price * 10 ** steps.priceDecimals) / steps.tickUnits));
  const levels = drawLevels(random, shape, touch, isBuy);
  const bounds = drawBounds(random, shape, touch);
  const tick = of(steps.tickUnits, 10n ** BigInt(steps.priceDecimals));
  const lot = of(steps.lotUnits, 10n ** BigInt(steps.quantityDecimals));
  const instrument = instrumentOf(
    {
      id: `binance-spot:I${index}`,
      venue: "binance-spot",
      symbol: `I${index}`,
      tickSize: stepText(steps.tickUnits, steps.priceDecimals),
      lotSize: stepText(steps.lotUnits, steps.quantityDecimals),
      baseAsset: ASSETS[isBuy ? next : index] as string,
      quoteAsset: ASSETS[isBuy ? index : next] as string,
      filters: filtersOf(bounds, tick, lot),
    },
    index,
  );
  if (instrument === undefined) throw new Error("drawn steps are decimals");
  const { lotsMin, lotsMax, stepsMin, stepsMax } = bounds;
  const notional = (count: bigint): Fraction => ({ n: count * tick.n * lot.n, d: tick.d * lot.d });
  const { takerPpb: ppb, paidIn, decimals, rounding } = fee;
  const leg: OracleLeg = {
    isBuy,
    tick,
    lot,
    levels,
    fee: { ppb, paidIn, decimals, rounding },
    paidUnit: of(1),
    lotsMin,
    lotsMax,
    notionalMin: notional(stepsMin),
    notionalMax: stepsMax === undefined ? undefined : notional(stepsMax),
  };
  return { instrument, book: bookOf(levels, isBuy), fee, leg };
}

/** The bounds as a venue would write them: exact, since the steps have at most 18 decimals together. */
function filtersOf(bounds: Bounds, tick: Fraction, lot: Fraction): OrderFilters {
  const step = (ATTO * tick.n * lot.n) / (tick.d * lot.d);
  const amount = (lots: number): string => amountToText((BigInt(lots) * ATTO * lot.n) / lot.d);
  const { lotsMin, lotsMax, stepsMin, stepsMax } = bounds;
  return {
    priceMin: "",
    priceMax: "",
    quantityMin: lotsMin === 1 ? "" : amount(lotsMin),
    quantityMax: lotsMax === Number.MAX_SAFE_INTEGER ? "" : amount(lotsMax),
    notionalMin: stepsMin === 0n ? "" : amountToText(stepsMin * step),
    notionalMax: stepsMax === undefined ? "" : amountToText(stepsMax * step),
  };
}

function drawLevels(
  random: () => number,
  shape: TriangleShape,
  touch: number,
  isBuy: boolean,
): [number, number][] {
  const count = between(random, 1, shape.levelsMax);
  const levels: [number, number][] = [];
  let ticks = touch;
  for (let i = 0; i < count && ticks > 0; i++) {
    levels.push([ticks, between(random, 1, shape.levelLotsMax)]);
    const apart = 1 + Math.floor(random() * touch * 0.004);
    ticks += isBuy ? apart : -apart;
  }
  return levels;
}

/** A book whose one side is given; the other is a single level that nobody trades with. */
function bookOf(levels: readonly (readonly [number, number])[], isBuy: boolean): Book {
  const away = isBuy ? Math.max(0, (levels[0]?.[0] ?? 0) - 1) : (levels[0]?.[0] ?? 0) + 1;
  const other: [number, number][] = away > 0 ? [[away, 1]] : [];
  const bids = isBuy ? other : levels;
  const asks = isBuy ? levels : other;
  const all = [...bids, ...asks];
  const book = new Book();
  book.load(
    {
      seq: 1,
      exchangeUs: 0,
      bidCount: bids.length,
      askCount: asks.length,
      ticks: Float64Array.from(all, ([ticks]) => ticks),
      lots: Float64Array.from(all, ([, lots]) => lots),
    },
    5000,
  );
  return book;
}

function stepText(units: number, decimals: number): string {
  const digits = String(units).padStart(decimals + 1, "0");
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
