/**
 * Station: everything that risk remembers of one venue's account, made together and stored together.
 *
 * Orders and positions are not stored from here: they are told anew from the order table and the ledger,
 * which are the only places where they are kept.
 */
import type { Instrument } from "../instrument.ts";
import { Breaker, type BreakerRules, type EndpointClass } from "./breaker.ts";
import { Congestion } from "./congestion.ts";
import { type CountersState, VenueCounters } from "./counters.ts";
import { VenueExposure } from "./exposure.ts";
import { Portfolio, type PortfolioState } from "./portfolio.ts";
import { RateLedger, type RatesState } from "./rate-ledger.ts";
import type { RateRule } from "./rate-rule.ts";
import { type TouchSum, Valuation } from "./valuation.ts";

export type VenueRiskOptions = {
  /** Those of this venue. */
  readonly instruments: readonly Instrument[];
  /** What the account is meant to hold: the assets that cycles begin and end with. */
  readonly homeAssets: readonly string[];
  readonly referenceAsset: string;
  readonly touchSum: TouchSum;
  readonly rates: readonly RateRule[];
  /** Mean round trip from which on the venue counts as congested. */
  readonly congestedUs?: number;
  readonly breaker?: BreakerRules;
};

/** Two seconds: the longest that the second leg of a cycle may take. */
const CONGESTED_US = 2_000_000;

export type VenueRisk = {
  readonly counters: VenueCounters;
  readonly exposure: VenueExposure;
  readonly valuation: Valuation;
  readonly rates: RateLedger;
  readonly breakers: Readonly<Record<EndpointClass, Breaker>>;
  /** The one of the endpoint that takes orders. */
  readonly orders: Breaker;
  readonly congestion: Congestion;
  readonly portfolio: Portfolio;
  /** When the account was first ready since the start of the process; NaN until then. */
  firstReadyUs: number;
};

export type VenueRiskState = {
  readonly counters: CountersState;
  readonly portfolio: PortfolioState;
  readonly rates: RatesState;
};

export function makeVenueRisk(options: VenueRiskOptions): VenueRisk {
  const { instruments, homeAssets, referenceAsset, touchSum, rates, breaker } = options;
  const valuation = new Valuation(referenceAsset, instruments, touchSum);
  const breakers = {
    orders: new Breaker(breaker),
    cancels: new Breaker(breaker),
    reads: new Breaker(breaker),
  };
  return {
    counters: new VenueCounters(),
    exposure: new VenueExposure(instruments, homeAssets, valuation),
    valuation,
    rates: new RateLedger(rates),
    breakers,
    orders: breakers.orders,
    congestion: new Congestion(options.congestedUs ?? CONGESTED_US),
    portfolio: new Portfolio(),
    firstReadyUs: Number.NaN,
  };
}

export function exportVenueRisk(venue: VenueRisk): VenueRiskState {
  return {
    counters: venue.counters.exportState(),
    portfolio: venue.portfolio.exportState(),
    rates: venue.rates.exportState(),
  };
}

/** Takes up what `exportVenueRisk` gave; false when it is damaged, and then nothing may be opened. */
export function importVenueRisk(venue: VenueRisk, state: unknown): boolean {
  if (typeof state !== "object" || state === null) return false;
  const { counters, portfolio, rates } = state as Readonly<Record<string, unknown>>;
  return (
    venue.counters.importState(counters) &&
    venue.portfolio.importState(portfolio) &&
    venue.rates.importState(rates)
  );
}
