/**
 * All that the canceller can say to a venue, as data: list open orders, cancel one, cancel all.
 *
 * `venue-http.ts` sends nothing that does not stand here, whoever asks. A path that places, moves or withdraws
 * is not on the list, so a stolen or mistaken canceller can cost an opportunity and no money.
 */

/** Venues at which orders are placed. */
export const CANCEL_VENUES = ["binance-spot", "kraken", "kucoin"] as const;
export type CancelVenue = (typeof CANCEL_VENUES)[number];

export type Endpoint = { readonly method: "GET" | "POST" | "DELETE"; readonly path: RegExp };

export type VenueEndpoints = { readonly origin: string; readonly calls: readonly Endpoint[] };

/**
 * Paths by the venues' own pages: rest-api.md of Binance (2026-07-21), the REST reference of Kraken
 * (2026-08-22), docs-new of KuCoin (2026-11-20).
 */
export const VENUE_ENDPOINTS: Readonly<Record<CancelVenue, VenueEndpoints>> = {
  "binance-spot": {
    origin: "https://api.binance.com",
    calls: [
      { method: "GET", path: /^\/api\/v3\/openOrders$/ },
      { method: "DELETE", path: /^\/api\/v3\/openOrders$/ },
      { method: "DELETE", path: /^\/api\/v3\/order$/ },
    ],
  },
  kraken: {
    origin: "https://api.kraken.com",
    calls: [
      { method: "POST", path: /^\/0\/private\/OpenOrders$/ },
      { method: "POST", path: /^\/0\/private\/CancelOrder$/ },
      { method: "POST", path: /^\/0\/private\/CancelAll$/ },
    ],
  },
  kucoin: {
    origin: "https://api.kucoin.com",
    calls: [
      { method: "GET", path: /^\/api\/v1\/hf\/orders\/active\/symbols$/ },
      { method: "GET", path: /^\/api\/v1\/hf\/orders\/active$/ },
      { method: "DELETE", path: /^\/api\/v1\/hf\/orders\/cancelAll$/ },
      { method: "DELETE", path: /^\/api\/v1\/hf\/orders\/[0-9a-z]{1,40}$/ },
    ],
  },
};

/** Whether `method` and `path`, without its query, may be said to `venue`. */
export function isAllowed(venue: CancelVenue, method: string, path: string): boolean {
  return VENUE_ENDPOINTS[venue].calls.some(
    (call) => call.method === method && call.path.test(path),
  );
}

export function isCancelVenue(name: string): name is CancelVenue {
  return CANCEL_VENUES.some((venue) => venue === name);
}
