/**
 * Station: indexes, ticks and lots of a journal -> names and decimal text, by the plan in the run's header.
 *
 * An index that the plan does not have becomes "": the record is told all the same, because a fact without
 * a name is better than no fact.
 */
import type { InstrumentId, VenueId } from "../../contracts/ids.ts";
import type { TradingMode } from "../../contracts/trade.ts";
import { type Instrument, lotsToText, ticksToText } from "../core/instrument.ts";
import type { TradingPlan } from "../core/trade/plan.ts";

/** What of a run's header facts are made with. */
export type FactPlan = {
  readonly version: number;
  readonly venues: readonly { readonly id: VenueId }[];
  readonly instruments: readonly Instrument[];
  readonly trading?: TradingPlan;
};

export class Names {
  readonly plan: FactPlan;

  constructor(plan: FactPlan) {
    this.plan = plan;
  }

  /** Null for a record that concerns no single venue. */
  venue(index: number): VenueId | null {
    return this.plan.venues[index]?.id ?? null;
  }

  instrument(index: number): InstrumentId | "" {
    return this.plan.instruments[index]?.id ?? "";
  }

  price(instrument: number, ticks: number): string {
    const found = this.plan.instruments[instrument];
    return found === undefined ? "" : ticksToText(found, ticks);
  }

  quantity(instrument: number, lots: number): string {
    const found = this.plan.instruments[instrument];
    return found === undefined ? "" : lotsToText(found, lots);
  }

  mode(venue: number): TradingMode {
    return this.plan.trading?.venues.find((each) => each.venue === venue)?.mode ?? "off";
  }
}
