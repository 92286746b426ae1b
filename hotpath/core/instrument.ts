/**
 * Station: venue metadata -> instrument. Steps of price and quantity, as integers.
 *
 * Inside the house a price is a number of ticks and a quantity a number of lots; decimal text exists
 * only on wires. The steps come from the venue's own rules (or, for old recordings whose instruments no
 * rules list any more, are inferred from the texts seen).
 */
import { assert } from "../../contracts/assert.ts";
import type { InstrumentId, VenueId } from "../../contracts/ids.ts";
import type { Scale } from "./decode/scan.ts";

/** Steps finer than this do not occur on any venue and would overflow 2^53 too soon. */
export const DECIMALS_MAX = 12;

/**
 * What the venue demands of an order, as it writes it; "" where it demands nothing. Order entry will need
 * them; market data carries them along.
 */
export type OrderFilters = {
  readonly priceMin: string;
  readonly priceMax: string;
  readonly quantityMin: string;
  readonly quantityMax: string;
  readonly notionalMin: string;
};

export type Instrument = Scale & {
  readonly id: InstrumentId;
  readonly venue: VenueId;
  /** The venue's spelling. */
  readonly symbol: string;
  /** Row of this instrument in every array of the world. */
  readonly index: number;
  /** As the venue writes them. */
  readonly tickSize: string;
  readonly lotSize: string;
  readonly filters: OrderFilters;
};

/** Where no rules are at hand: a recording, a test. */
export const NO_FILTERS: OrderFilters = {
  priceMin: "",
  priceMax: "",
  quantityMin: "",
  quantityMax: "",
  notionalMin: "",
};

/** A step such as "0.05" as its decimals (2) and its units of the last decimal (5). */
export type Step = { readonly decimals: number; readonly units: number };

/** Parses a positive decimal step; undefined when the text is none. */
export function parseStep(text: string): Step | undefined {
  const match = /^(\d{1,15})(?:\.(\d+))?$/.exec(text);
  if (match === null) return undefined;
  const fraction = (match[2] ?? "").replace(/0+$/, "");
  if (fraction.length > DECIMALS_MAX) return undefined;
  const units = Number((match[1] ?? "") + fraction);
  if (!Number.isSafeInteger(units) || units <= 0) return undefined;
  return { decimals: fraction.length, units };
}

export type InstrumentRules = {
  readonly id: InstrumentId;
  readonly venue: VenueId;
  readonly symbol: string;
  readonly tickSize: string;
  readonly lotSize: string;
  readonly filters?: OrderFilters;
};

/** Builds an instrument; undefined when a step is not a positive decimal of at most 12 places. */
export function instrumentOf(rules: InstrumentRules, index: number): Instrument | undefined {
  const tick = parseStep(rules.tickSize);
  const lot = parseStep(rules.lotSize);
  if (tick === undefined || lot === undefined) return undefined;
  return {
    id: rules.id,
    venue: rules.venue,
    symbol: rules.symbol,
    index,
    tickSize: rules.tickSize,
    lotSize: rules.lotSize,
    filters: rules.filters ?? NO_FILTERS,
    priceDecimals: tick.decimals,
    tickUnits: tick.units,
    quantityDecimals: lot.decimals,
    lotUnits: lot.units,
  };
}

/** Decimal text of `steps` of a step: the exact inverse of scanning it. */
export function stepsToText(steps: number, decimals: number, units: number): string {
  assert(Number.isSafeInteger(steps), "steps are a safe integer");
  const total = BigInt(steps) * BigInt(units);
  const digits = (total < 0n ? -total : total).toString().padStart(decimals + 1, "0");
  const sign = total < 0n ? "-" : "";
  if (decimals === 0) return sign + digits;
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** Decimal text of a price in ticks. */
export function ticksToText(instrument: Instrument, ticks: number): string {
  return stepsToText(ticks, instrument.priceDecimals, instrument.tickUnits);
}

/** Decimal text of a quantity in lots. */
export function lotsToText(instrument: Instrument, lots: number): string {
  return stepsToText(lots, instrument.quantityDecimals, instrument.lotUnits);
}
