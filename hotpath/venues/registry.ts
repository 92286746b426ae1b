/** Every venue we know. A name in `VENUE_IDS` without a row here does not compile. */
import type { VenueId } from "../../contracts/ids.ts";
import { binanceSpot } from "./binance-spot/index.ts";
import { binanceUsdm } from "./binance-usdm/index.ts";
import { kraken } from "./kraken/index.ts";
import { kucoin } from "./kucoin/index.ts";
import type { Venue } from "./venue.ts";

export const VENUES: Readonly<Record<VenueId, Venue>> = {
  "binance-spot": binanceSpot,
  "binance-usdm": binanceUsdm,
  kucoin,
  kraken,
};
