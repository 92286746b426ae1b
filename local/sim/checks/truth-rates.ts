/**
 * Station: the venues' own books -> what one unit of an asset is worth in the reference asset of its venue.
 *
 * For checkers of amounts: by the middle of one book, or of two; where none leads there, nothing is claimed.
 */
import type { VenueId } from "../../../contracts/ids.ts";

/** What the checkers ask; amounts are whole units. */
export type Rates = {
  /** 0 where no book says. */
  readonly rateOf: (venue: VenueId, asset: string) => number;
  readonly bidOf: (venue: VenueId, symbol: string) => number;
};

type RatedBook = {
  readonly rules: {
    readonly symbol: string;
    readonly base: string;
    readonly quote: string;
    readonly priceDigits: number;
  };
  readonly book: { readonly bestBidTicks: number; readonly bestAskTicks: number };
};

export type RatedVenue = {
  readonly market: { readonly instruments: readonly RatedBook[] };
  readonly reference: string;
};

/** Rates of the present, by the books of these venues. */
export function ratesOf(venues: ReadonlyMap<VenueId, RatedVenue>): Rates {
  return {
    rateOf: (venue, asset) => {
      const rated = venues.get(venue);
      return rated === undefined ? 0 : rateIn(rated, asset, rated.reference);
    },
    bidOf: (venue, symbol) => {
      const found = venues
        .get(venue)
        ?.market.instruments.find(({ rules }) => rules.symbol === symbol);
      return found === undefined ? 0 : found.book.bestBidTicks / 10 ** found.rules.priceDigits;
    },
  };
}

function rateIn(rated: RatedVenue, asset: string, reference: string): number {
  const direct = hop(rated.market, asset, reference);
  if (direct > 0) return direct;
  for (const { rules } of rated.market.instruments) {
    const between = rules.base === asset ? rules.quote : rules.quote === asset ? rules.base : "";
    if (between === "") continue;
    const rate = hop(rated.market, asset, between) * hop(rated.market, between, reference);
    if (rate > 0) return rate;
  }
  return 0;
}

/** By the middle of the book of the two; 0 where they have none. */
function hop({ instruments }: RatedVenue["market"], from: string, to: string): number {
  if (from === to) return 1;
  for (const { rules, book } of instruments) {
    const mid = (book.bestBidTicks + book.bestAskTicks) / 2 / 10 ** rules.priceDigits;
    if (!(mid > 0)) continue;
    if (rules.base === from && rules.quote === to) return mid;
    if (rules.base === to && rules.quote === from) return 1 / mid;
  }
  return 0;
}
