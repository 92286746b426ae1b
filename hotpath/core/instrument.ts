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
 * What the venue demands of an order, as it writes it; "" or absent where it demands nothing (journals of
 * older runs lack the later ones). `filters.ts` reads them as numbers and checks orders against them.
 */
export type OrderFilters = {
  readonly priceMin: string;
  readonly priceMax: string;
  readonly quantityMin: string;
  readonly quantityMax: string;
  readonly notionalMin: string;
  readonly notionalMax?: string;
  /** Of market orders only; where absent, those of every order hold. */
  readonly marketQuantityMin?: string;
  readonly marketQuantityMax?: string;
  readonly marketLotSize?: string;
  /** A buy costs at most, and at least, so many times the reference price: "5", "0.2". */
  readonly buyPriceUp?: string;
  readonly buyPriceDown?: string;
  readonly sellPriceUp?: string;
  readonly sellPriceDown?: string;
};

/** Which orders the venue takes now. Only `trading` and `limitOnly` take the orders that we place. */
export const INSTRUMENT_STATUSES = [
  "trading",
  "limitOnly",
  "postOnly",
  "reduceOnly",
  "cancelOnly",
  "halted",
] as const;

export type InstrumentStatus = (typeof INSTRUMENT_STATUSES)[number];

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
  /** As the venue spells its assets; "" where no rules tell. A buy receives base and pays quote. */
  readonly baseAsset: string;
  readonly quoteAsset: string;
  /** Smallest step of an order told as an amount of quote; "" where the venue has none. */
  readonly quoteIncrement: string;
  readonly status: InstrumentStatus;
  /** When these rules were read from the venue; 0 where they are not from a venue now. */
  readonly rulesUs: number;
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
  readonly baseAsset?: string;
  readonly quoteAsset?: string;
  readonly quoteIncrement?: string;
  /** `trading` where it is left out. */
  readonly status?: InstrumentStatus;
  readonly rulesUs?: number;
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
    baseAsset: rules.baseAsset ?? "",
    quoteAsset: rules.quoteAsset ?? "",
    quoteIncrement: rules.quoteIncrement ?? "",
    status: rules.status ?? "trading",
    rulesUs: rules.rulesUs ?? 0,
    priceDecimals: tick.decimals,
    tickUnits: tick.units,
    quantityDecimals: lot.decimals,
    lotUnits: lot.units,
  };
}

/** What a refresh at run time may change: everything but the steps, in which the books are kept. */
export type RefreshedRules = {
  readonly filters: OrderFilters;
  readonly status: InstrumentStatus;
  readonly rulesUs: number;
};

/**
 * The instrument under newer rules, as a new value: whoever holds the old one sees either all of the
 * old rules or, once it is replaced, all of the new ones.
 */
export function refreshInstrument(instrument: Instrument, rules: RefreshedRules): Instrument {
  assert(rules.rulesUs >= instrument.rulesUs, "rules are replaced by newer ones only");
  return { ...instrument, ...rules };
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
