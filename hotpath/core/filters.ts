/**
 * Station: instrument + order -> the filter of the venue that it would violate, or none.
 *
 * The venue would refuse such an order; knowing it first saves the round trip and the request weight. All
 * comparisons are of integers. Percent-price filters need a reference price, which the caller knows as
 * far as the venue tells it; the venue's own may be newer, so its word stays the last.
 */
import type { Side } from "../../contracts/trade.ts";
import { type Instrument, parseStep } from "./instrument.ts";
import { ATTO_DECIMALS, parseAmount } from "./money/amount.ts";
import { mulDivCeil, mulDivFloor } from "./money/mul-div.ts";
import { lotAmount } from "./money/notional.ts";
import { divideRounded, type Rounding } from "./money/rounding.ts";

/** Which demand of the venue an order does not meet. */
export type FilterViolation =
  | "status"
  | "unreadable"
  | "priceMin"
  | "priceMax"
  | "percentPrice"
  | "quantityMin"
  | "quantityMax"
  | "notionalMin"
  | "notionalMax";

export type OrderShape = {
  readonly side: Side;
  readonly priceTicks: number;
  readonly lots: number;
  /** Whether the bounds of market orders hold too. Absent for every order that this house places. */
  readonly isMarket?: boolean;
};

/**
 * The filters of one instrument in its own steps. `NO_MAX` stands for no upper bound. A bound of the
 * notional beyond 2^53 steps is a double rounded to the strict side: it may deny what is within 1e-15
 * of the bound, and lets nothing pass.
 */
export type OrderBounds = {
  readonly isReadable: boolean;
  readonly ticksMin: number;
  readonly ticksMax: number;
  readonly lotsMin: number;
  readonly lotsMax: number;
  readonly marketLotsMin: number;
  readonly marketLotsMax: number;
  /** Notional in ticks times lots. */
  readonly stepsMin: number;
  readonly stepsMax: number;
  readonly buy: PriceBand;
  readonly sell: PriceBand;
};

/** Multiples of the reference price as a fraction; `down` 0 and `up` 0 stand for none. */
export type PriceBand = {
  readonly upUnits: number;
  readonly upPer: number;
  readonly downUnits: number;
  readonly downPer: number;
};

/** Stands for no upper bound; finite, because JSON knows no infinity. */
export const NO_MAX = Number.MAX_VALUE;

/** Binance writes a maximum of zero where it sets none: "price >= minPrice ... disabled on == 0". */
const DISABLED = 0n;

const known = new WeakMap<Instrument, OrderBounds>();

/** The bounds of an instrument, worked out once for each value of it. */
export function boundsOf(instrument: Instrument): OrderBounds {
  const found = known.get(instrument);
  if (found !== undefined) return found;
  const made = readBounds(instrument);
  known.set(instrument, made);
  return made;
}

/**
 * The first filter that the order violates; undefined when it meets all. `referenceTicks` is the price
 * that percent-price filters refer to, 0 where none is known: then those are left to the venue.
 */
export function checkFilters(
  instrument: Instrument,
  order: OrderShape,
  referenceTicks: number,
): FilterViolation | undefined {
  const bounds = boundsOf(instrument);
  const { side, priceTicks, lots, isMarket = false } = order;
  if (instrument.status !== "trading" && instrument.status !== "limitOnly") return "status";
  if (instrument.status === "limitOnly" && isMarket) return "status";
  if (!bounds.isReadable) return "unreadable";
  // Written so that what is no number meets nothing.
  if (!(priceTicks >= bounds.ticksMin)) return "priceMin";
  if (!(priceTicks <= bounds.ticksMax)) return "priceMax";
  if (!isInBand(priceTicks, referenceTicks, side === "buy" ? bounds.buy : bounds.sell)) {
    return "percentPrice";
  }
  const least = isMarket ? Math.max(bounds.lotsMin, bounds.marketLotsMin) : bounds.lotsMin;
  const most = isMarket ? Math.min(bounds.lotsMax, bounds.marketLotsMax) : bounds.lotsMax;
  if (!(lots >= least)) return "quantityMin";
  if (!(lots <= most)) return "quantityMax";
  return checkNotional(bounds, priceTicks * lots);
}

/**
 * `steps` may have been rounded, and the comparison is exact all the same while the bound is a safe
 * integer: rounding never carries a product across a number that doubles represent.
 */
function checkNotional(bounds: OrderBounds, steps: number): FilterViolation | undefined {
  const { stepsMin, stepsMax } = bounds;
  if (steps < stepsMin) return "notionalMin";
  if (steps > stepsMax) return "notionalMax";
  if (steps <= Number.MAX_SAFE_INTEGER) return undefined;
  if (steps === stepsMin) return "notionalMin";
  return steps === stepsMax ? "notionalMax" : undefined;
}

function isInBand(ticks: number, reference: number, band: PriceBand): boolean {
  if (!(reference > 0)) return true;
  const { upUnits, upPer, downUnits, downPer } = band;
  if (upUnits > 0 && ticks > mulDivFloor(reference, upUnits, upPer)) return false;
  return downUnits === 0 || ticks >= mulDivCeil(reference, downUnits, downPer);
}

function readBounds(instrument: Instrument): OrderBounds {
  const { filters } = instrument;
  const reader = new BoundReader();
  const tick =
    BigInt(instrument.tickUnits) * 10n ** BigInt(ATTO_DECIMALS - instrument.priceDecimals);
  const lot = lotAmount(instrument);
  // One tick times one lot, as a fraction of an amount: amounts have 18 places, this product 36.
  const step = tick * lot;
  const wide = 10n ** BigInt(ATTO_DECIMALS);
  return {
    ticksMin: reader.least(filters.priceMin, 1n, tick),
    ticksMax: reader.most(filters.priceMax, 1n, tick),
    lotsMin: reader.least(filters.quantityMin, 1n, lot),
    lotsMax: reader.most(filters.quantityMax, 1n, lot),
    marketLotsMin: reader.least(filters.marketQuantityMin, 1n, lot),
    marketLotsMax: reader.most(filters.marketQuantityMax, 1n, lot),
    stepsMin: reader.least(filters.notionalMin, wide, step),
    stepsMax: reader.most(filters.notionalMax, wide, step),
    buy: reader.band(filters.buyPriceUp, filters.buyPriceDown),
    sell: reader.band(filters.sellPriceUp, filters.sellPriceDown),
    isReadable: reader.isReadable,
  };
}

class BoundReader {
  isReadable = true;

  /** The smallest whole number of steps that reaches the bound; at least one. */
  least(text: string | undefined, factor: bigint, step: bigint): number {
    const amount = this.#amount(text);
    if (amount === undefined) return 1;
    return Math.max(1, strict(this.#steps(amount * factor, step, "ceil"), "ceil"));
  }

  /** The largest whole number of steps within the bound. */
  most(text: string | undefined, factor: bigint, step: bigint): number {
    const amount = this.#amount(text);
    if (amount === undefined || amount === DISABLED) return NO_MAX;
    return strict(this.#steps(amount * factor, step, "floor"), "floor");
  }

  band(up: string | undefined, down: string | undefined): PriceBand {
    const above = this.#multiplier(up);
    const below = this.#multiplier(down);
    return {
      upUnits: above.units,
      upPer: 10 ** above.decimals,
      downUnits: below.units,
      downPer: 10 ** below.decimals,
    };
  }

  #steps(amount: bigint, step: bigint, rounding: Rounding): bigint {
    return divideRounded(amount, step, rounding);
  }

  #multiplier(text: string | undefined): { readonly units: number; readonly decimals: number } {
    if (text === undefined || text === "" || /^0(\.0*)?$/.test(text)) {
      return { units: 0, decimals: 0 };
    }
    const step = parseStep(text);
    if (step === undefined) this.isReadable = false;
    return step ?? { units: 0, decimals: 0 };
  }

  #amount(text: string | undefined): bigint | undefined {
    if (text === undefined || text === "") return undefined;
    const amount = parseAmount(text);
    if (amount === undefined || amount < 0n) {
      this.isReadable = false;
      return undefined;
    }
    return amount;
  }
}

/** A bound as a double: exact up to 2^53, and beyond it the neighbor on the strict side. */
function strict(bound: bigint, rounding: "floor" | "ceil"): number {
  const value = Number(bound);
  if (Number.isSafeInteger(value)) return value;
  const isStrict = rounding === "floor" ? BigInt(value) <= bound : BigInt(value) >= bound;
  if (isStrict) return value;
  const ulp = 2 ** (Math.floor(Math.log2(value)) - 52);
  return rounding === "floor" ? value - ulp : value + ulp;
}
