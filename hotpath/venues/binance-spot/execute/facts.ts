/**
 * Station: none; what Binance spot says about accounts: addresses, limits, fees, the rights of a key.
 *
 * Figures of the venue with their pages; nothing here is sent by itself.
 */
import { wordOf } from "../../../../contracts/word-of.ts";
import type { RateRule } from "../../../core/risk/rate-rule.ts";
import type {
  AccountAddresses,
  AccountKeys,
  DeskCall,
  Execution,
  KeyRights,
} from "../../execution.ts";
import { type Fields, parseFrame, textOf } from "./json.ts";
import { signedQuery, signerOf } from "./signing.ts";

/** "The API has a timeout of 10 seconds" between it and the matching engine (rest-api.md, 2026-07-21). */
export const BACK_END_US = 10_000_000;

/** web-socket-api.md and testnet/general-info.md, 2026-07-21. Order entry carries the user data too. */
export const ACCOUNT_ADDRESSES: Readonly<Record<"production" | "testnet", AccountAddresses>> = {
  production: {
    rest: "https://api.binance.com",
    stream: "wss://ws-api.binance.com:443/ws-api/v3",
    orders: "wss://ws-api.binance.com:443/ws-api/v3",
  },
  testnet: {
    rest: "https://testnet.binance.vision",
    stream: "wss://ws-api.testnet.binance.vision/ws-api/v3",
    orders: "wss://ws-api.testnet.binance.vision/ws-api/v3",
  },
};

/** 0.1 % for both sides of the book, the standard rate of an account without volume. */
export const PUBLIC_FEE: Execution["publicFee"] = {
  makerPpb: 1_000_000,
  takerPpb: 1_000_000,
  paidIn: "received",
};

const WEIGHT_RATE = "weight1m";
const ORDERS_RATE = "orders10s";
const ORDERS_DAY_RATE = "orders1d";

/** An order costs no weight when it succeeds and 1 when it fails (CHANGELOG.md 2026-03-27). */
const WEIGHT_COSTS: RateRule["costs"] = {
  placeOrder: 1,
  testOrder: 1,
  cancelOrder: 1,
  // Reading the open orders of every symbol.
  cancelAll: 80,
  queryOrder: 9,
  // Balances 20, open orders 80, trades 20 for each of a few instruments.
  readAccount: 180,
  readFees: 20,
};
const ORDER_COSTS: RateRule["costs"] = {
  placeOrder: 1,
  testOrder: 0,
  cancelOrder: 0,
  cancelAll: 0,
  queryOrder: 0,
  readAccount: 0,
  readFees: 0,
};

const windowRule = (
  name: string,
  limit: number,
  windowUs: number,
  costs: RateRule["costs"],
): RateRule => ({ name, kind: "window", scope: "account", limit, windowUs, decayPerS: 0, costs });

/** The published examples of rest-api.md "LIMITS"; windows are aligned to the clock. */
export const RATES: readonly RateRule[] = [
  windowRule(WEIGHT_RATE, 6000, 60_000_000, WEIGHT_COSTS),
  windowRule(ORDERS_RATE, 50, 10_000_000, ORDER_COSTS),
  windowRule(ORDERS_DAY_RATE, 160_000, 86_400_000_000, ORDER_COSTS),
];

const RATE_NAMES: ReadonlyMap<string, string> = new Map([
  ["REQUEST_WEIGHT 1 MINUTE", WEIGHT_RATE],
  ["ORDERS 10 SECOND", ORDERS_RATE],
  ["ORDERS 1 DAY", ORDERS_DAY_RATE],
]);

/** One row of `rateLimits` of an answer; undefined for limits that are not counted here. */
export function usageOf(
  limit: Fields,
): { readonly rate: string; readonly used: number } | undefined {
  const kind = `${textOf(limit.rateLimitType)} ${wordOf(limit.intervalNum)} ${textOf(limit.interval)}`;
  const rate = RATE_NAMES.get(kind);
  const used = limit.count;
  if (rate === undefined || typeof used !== "number" || !Number.isSafeInteger(used)) {
    return undefined;
  }
  return used < 0 ? undefined : { rate, used };
}

const US_PER_MS = 1000;
const RIGHTS_TIMEOUT_MS = 10_000;

/** `GET /sapi/v1/account/apiRestrictions` (wallet pages, "Get API Key Permission", 2026-07). */
export function keyRightsCall(keys: AccountKeys, nowUs: number): DeskCall {
  const query = `recvWindow=60000&timestamp=${Math.floor(nowUs / US_PER_MS)}`;
  return {
    method: "GET",
    path: `/sapi/v1/account/apiRestrictions?${signedQuery(signerOf(keys), query)}`,
    headers: { "X-MBX-APIKEY": keys.apiKey },
    body: "",
    timeoutMs: RIGHTS_TIMEOUT_MS,
    kind: "read",
    tag: { what: "keyRights" },
  };
}

/** Transfers out of the account count as withdrawals: both take money where no order can. */
export function parseKeyRights(body: Uint8Array): KeyRights {
  const fields = parseFrame(body) ?? {};
  const withdrawals = flagOf(fields.enableWithdrawals);
  return {
    mayTrade: flagOf(fields.enableSpotAndMarginTrading),
    // What is not told is not denied: a key without transfers may withdraw for all we know.
    mayWithdraw: fields.enableInternalTransfer === true ? true : withdrawals,
    isIpRestricted: flagOf(fields.ipRestrict),
  };
}

function flagOf(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}
