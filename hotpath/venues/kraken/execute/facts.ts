/**
 * Station: what Kraken documents about its accounts: addresses, rates, fees, times.
 *
 * Each number with its page; what depends on the tier of an account is the lowest one's, because a limit
 * taken too low only makes us slower.
 */
import type { RateRule } from "../../../core/risk/rate-rule.ts";
import type { Execution } from "../../execution.ts";

/**
 * Kraken has no test network for spot, and its beta streams run on the production engine: what is written
 * there is an order. The names ending in `.invalid` can never be dialed (RFC 2606).
 */
export const ACCOUNT_ADDRESSES: Execution["addresses"] = {
  production: {
    rest: "https://api.kraken.com",
    stream: "wss://ws-auth.kraken.com/v2",
    orders: "wss://ws-auth.kraken.com/v2",
  },
  testnet: {
    rest: "https://testnet.kraken.invalid",
    stream: "wss://testnet.kraken.invalid",
    orders: "wss://testnet.kraken.invalid",
  },
};

/** `deadline`: "now+500 ms … now+60 s" (add_order, 2026-08-22). */
export const WINDOW_US_MIN = 500_000;
export const WINDOW_US_MAX = 60_000_000;

/** An engine that has the order answers within its deadline; what it tells may take this long to come. */
export const BACK_END_US = 5_000_000;

/** The public schedule without volume, of 2021-04-17's AssetPairs; an account's own is read. */
export const PUBLIC_FEE: Execution["publicFee"] = {
  makerPpb: 1_600_000,
  takerPpb: 2_600_000,
  paidIn: "quote",
};

const NOTHING = {
  placeOrder: 0,
  testOrder: 0,
  cancelOrder: 0,
  cancelAll: 0,
  queryOrder: 0,
  readAccount: 0,
  readFees: 0,
} as const;

/** "EOrder:Rate limit exceeded" names no time: the starter tier's counter falls by one order in it. */
export const THROTTLED_US = 1_000_000;

/**
 * Of each pair: starter tier, 60 and falling by one a second; an order costs 1 and a cancel within five
 * seconds 8 (spot-ratelimits). Of the key: 20 and falling by a half a second; history costs 4, all other
 * reads 1 (spot-rest-ratelimits, both 2026-08-22).
 */
export const RATES: readonly RateRule[] = [
  {
    name: "engine",
    kind: "decay",
    scope: "instrument",
    limit: 60,
    windowUs: 0,
    decayPerS: 1,
    costs: { ...NOTHING, placeOrder: 1, testOrder: 1, cancelOrder: 8, cancelAll: 8 },
  },
  {
    name: "rest",
    kind: "decay",
    scope: "account",
    limit: 20,
    windowUs: 0,
    decayPerS: 0.5,
    costs: { ...NOTHING, cancelAll: 1, queryOrder: 3, readAccount: 6, readFees: 1 },
  },
];
