/**
 * What a world of one control is made of; see `scenarios.ts`, which holds them all.
 */
import type { VenueRisk } from "../../../../hotpath/core/risk/venue-risk.ts";
import type { PlacePurpose } from "../../../../hotpath/core/risk/view.ts";
import type { Bench } from "./bench.ts";

export type Setup = (bench: Bench) => void;

export type Scenario = {
  readonly control: string;
  readonly about: string;
  readonly purpose?: PlacePurpose;
  /** Undefined where the control knows no amount, only yes and no. */
  readonly atLimit?: Setup;
  readonly above: Setup;
  readonly missing?: Setup;
  /** Another control that would block it too; a price of nothing is also far from any mid. */
  readonly alsoBy?: string;
};

/** Orders that live already, of one lot each and far below the market. */
export function openOrders(count: number, instrument: number, worth = 0n): Setup {
  return (bench) =>
    bench.steps.push((venue) => {
      for (let i = 0; i < count; i++) {
        const name = `rk00001-${instrument}-${i}`;
        venue.exposure.add(
          { clientId: name, instrument, side: "buy", priceTicks: 100, lots: 1 },
          worth,
        );
      }
    });
}

export function onVenue(step: (venue: VenueRisk) => void): Setup {
  return (bench) => bench.steps.push(step);
}

export function times(count: number, step: (i: number) => void): void {
  for (let i = 0; i < count; i++) step(i);
}

export function book(
  bench: Bench,
  change: Partial<Bench["view"]["books"][number]>,
  index = 0,
): void {
  Object.assign(bench.view.books[index] ?? {}, change);
}

/** The order is worth 500 USDT to the last digit: at the mid, so that no rounding is in the way. */
export const WORTH: Setup = (bench) => bench.setOrder({ priceTicks: 5_000_000, lots: 1000 });
