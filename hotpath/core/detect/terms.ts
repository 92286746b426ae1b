/**
 * Station: instruments and fees of one cycle -> the constants of its arithmetic.
 *
 * Each asset of a cycle is counted in the coarsest unit in which all of its amounts are whole: quantities
 * and notionals of the legs that touch it, and its fees. Most amounts are then safe integers; a cycle
 * whose constants are not is marked wide and evaluated with bigints from the start.
 */
import { boundsOf, type OrderBounds } from "../filters.ts";
import type { Instrument } from "../instrument.ts";
import type { Rounding } from "../money/rounding.ts";
import type { Cycle } from "./cycles.ts";
import { type Fee, PPB } from "./fee.ts";

/** Where a fee is taken: from what is paid, from what is received, or from an asset outside the cycle. */
export type FeeSide = "paid" | "received" | "third";

export type LegTerms = {
  readonly instrument: number;
  readonly isBuy: boolean;
  /** Units of quote in one tick times one lot. */
  readonly quoteUnits: number;
  /** Units of base in one lot. */
  readonly baseUnits: number;
  readonly feePpb: number;
  readonly feeSide: FeeSide;
  readonly feeRounding: Rounding;
  /** Units to which the amount of a fee is rounded. */
  readonly feeStep: number;
  /** By how much a rounded fee may exceed the exact one rounded up to a unit: a step less that unit. */
  readonly feeSlack: number;
  readonly bounds: OrderBounds;
};

export type CycleTerms = {
  readonly legs: readonly [LegTerms, LegTerms, LegTerms];
  /** Places of the units in which leg 0, 1 and 2 pay; leg 2 receives in those of leg 0. */
  readonly decimals: readonly [number, number, number];
  /** Fees charged elsewhere, as shares of what is paid at first and received at last. */
  readonly thirdPaidPpb: number;
  readonly thirdReceivedPpb: number;
  /** Whether the constants themselves are too large for safe integers. */
  readonly isWide: boolean;
};

type Tables = {
  readonly instruments: readonly (Instrument | undefined)[];
  feeOf(instrument: number): Fee;
};

type Row = { readonly instrument: Instrument; readonly fee: Fee; readonly isBuy: boolean };

/** Undefined while a fee of the cycle is unknown. */
export function termsOf(cycle: Cycle, tables: Tables): CycleTerms | undefined {
  const rows: Row[] = [];
  for (const { instrument: index, isBuy } of cycle.legs) {
    const instrument = tables.instruments[index];
    const fee = tables.feeOf(index);
    if (instrument === undefined || fee.takerPpb < 0) return undefined;
    rows.push({ instrument, fee, isBuy });
  }
  const [a, b, c] = rows as [Row, Row, Row];
  // Asset i is paid by leg i and received by the leg before it.
  const decimals = [decimalsOf(a, c), decimalsOf(b, a), decimalsOf(c, b)] as const;
  const legs = [
    legTerms(a, decimals[0], decimals[1]),
    legTerms(b, decimals[1], decimals[2]),
    legTerms(c, decimals[2], decimals[0]),
  ] as const;
  return {
    legs,
    decimals,
    thirdPaidPpb: thirdPpb(legs[0]) + thirdPpb(legs[1]),
    thirdReceivedPpb: thirdPpb(legs[2]),
    isWide: legs.some(isWideLeg),
  };
}

/** Places that the asset between two legs needs: the one that pays with it, and the one that yields it. */
function decimalsOf(payer: Row, giver: Row): number {
  return Math.max(
    payer.isBuy ? quoteDecimals(payer) : payer.instrument.quantityDecimals,
    giver.isBuy ? giver.instrument.quantityDecimals : quoteDecimals(giver),
    feeSideOf(payer) === "paid" ? payer.fee.decimals : 0,
    feeSideOf(giver) === "received" ? giver.fee.decimals : 0,
  );
}

function quoteDecimals({ instrument }: Row): number {
  return instrument.priceDecimals + instrument.quantityDecimals;
}

function feeSideOf({ fee, isBuy }: Row): FeeSide {
  if (fee.paidIn === "third") return "third";
  return fee.paidIn === "quote" && isBuy ? "paid" : "received";
}

function legTerms(row: Row, paidDecimals: number, receivedDecimals: number): LegTerms {
  const { instrument, fee, isBuy } = row;
  const { tickUnits, lotUnits, quantityDecimals } = instrument;
  const ofQuote = isBuy ? paidDecimals : receivedDecimals;
  const ofBase = isBuy ? receivedDecimals : paidDecimals;
  const feeSide = feeSideOf(row);
  const ofFee = feeSide === "paid" ? paidDecimals : receivedDecimals;
  const feeStep = feeSide === "third" ? 1 : 10 ** (ofFee - fee.decimals);
  return {
    instrument: instrument.index,
    isBuy,
    quoteUnits: tickUnits * lotUnits * 10 ** (ofQuote - quoteDecimals(row)),
    baseUnits: lotUnits * 10 ** (ofBase - quantityDecimals),
    feePpb: fee.takerPpb,
    feeSide,
    feeRounding: fee.rounding,
    feeStep,
    feeSlack: fee.rounding === "floor" || fee.takerPpb === 0 ? 0 : feeStep - 1,
    bounds: boundsOf(instrument),
  };
}

function thirdPpb({ feeSide, feePpb }: LegTerms): number {
  return feeSide === "third" ? feePpb : 0;
}

function isWideLeg({ quoteUnits, baseUnits, feeStep }: LegTerms): boolean {
  return Math.max(quoteUnits, baseUnits, feeStep * PPB) > Number.MAX_SAFE_INTEGER;
}
