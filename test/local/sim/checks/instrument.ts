/**
 * An instrument for tests of checkers: one tick is a cent, one lot a unit.
 */
import { type Instrument, NO_FILTERS } from "../../../../hotpath/core/instrument.ts";

/** ETH in dollars at Kraken. */
export function instrumentOf(): Instrument {
  return {
    id: "kraken:ETH/USD",
    venue: "kraken",
    symbol: "ETH/USD",
    index: 0,
    tickSize: "0.01",
    lotSize: "1",
    filters: NO_FILTERS,
    baseAsset: "ETH",
    quoteAsset: "USD",
    quoteIncrement: "",
    status: "trading",
    rulesUs: 0,
    priceDecimals: 2,
    tickUnits: 1,
    quantityDecimals: 0,
    lotUnits: 1,
  };
}
