/**
 * Station: none; what KuCoin says about accounts: addresses, limits, fees, the rights of a key.
 *
 * Figures of the venue with their pages; nothing here is sent by itself.
 */
import type { RateRule } from "../../../core/risk/rate-rule.ts";
import type {
  AccountAddresses,
  AccountKeys,
  DeskCall,
  Execution,
  KeyRights,
} from "../../execution.ts";
import { fieldsOf, parseFields, textOf } from "./json.ts";
import { signedHeaders } from "./signing.ts";

/**
 * Addresses of docs-new, 2026; the stream's is handed out with its ticket. There is no test network: the
 * names ending in `.invalid` can never be dialed (RFC 2606).
 */
export const ACCOUNT_ADDRESSES: Readonly<Record<"production" | "testnet", AccountAddresses>> = {
  production: {
    rest: "https://api.kucoin.com",
    stream: "",
    orders: "wss://wsapi.kucoin.com",
  },
  testnet: {
    rest: "https://sandbox.kucoin.invalid",
    stream: "",
    orders: "wss://sandbox.kucoin.invalid",
  },
};

/** 0.1 % for both sides, level 0; always taken in `feeCurrency`, which is the quote asset. */
export const PUBLIC_FEE: Execution["publicFee"] = {
  makerPpb: 1_000_000,
  takerPpb: 1_000_000,
  paidIn: "quote",
};

export const POOL_RATE = "spot30s";
/** VIP 0 has 4000 in 30 s from its first request on (docs-new/rate-limit, 2025-11). */
const POOL_LIMIT = 4000;
/** Ours are aligned to the clock: two halves of them may fall into one of the venue's. */
const WINDOWS = 2;

/** Weights of client libraries of 2026; the lists that a read of the account makes are many. */
const COSTS: RateRule["costs"] = {
  placeOrder: 1,
  testOrder: 1,
  cancelOrder: 1,
  cancelAll: 30,
  queryOrder: 4,
  readAccount: 120,
  readFees: 12,
};

export const RATES: readonly RateRule[] = [
  {
    name: POOL_RATE,
    kind: "window",
    scope: "account",
    limit: POOL_LIMIT / WINDOWS,
    windowUs: 30_000_000,
    decayPerS: 0,
    costs: COSTS,
  },
];

const US_PER_MS = 1000;
const RIGHTS_TIMEOUT_MS = 10_000;
const RIGHTS_PATH = "/api/v1/user/api-key";

/** `GET /api/v1/user/api-key` (docs-new, "Get Apikey Info"). */
export function keyRightsCall(keys: AccountKeys, nowUs: number): DeskCall {
  const timeMs = Math.floor(nowUs / US_PER_MS);
  const request = { method: "GET", target: RIGHTS_PATH, body: "", timeMs };
  return {
    method: "GET",
    path: RIGHTS_PATH,
    headers: signedHeaders(keys, request),
    body: "",
    timeoutMs: RIGHTS_TIMEOUT_MS,
    kind: "read",
    tag: { what: "keyRights" },
  };
}

/** Permissions are one text with commas; "Withdrawal" and "Transfer" both take money where no order can. */
export function parseKeyRights(body: Uint8Array): KeyRights {
  const data = fieldsOf(parseFields(body)?.data);
  const permission = data?.permission;
  if (typeof permission !== "string") {
    return { mayTrade: undefined, mayWithdraw: undefined, isIpRestricted: undefined };
  }
  const rights = permission.split(",").map((right) => right.trim());
  return {
    mayTrade: rights.includes("Spot"),
    mayWithdraw: rights.some((right) => /^(?:Withdraw|Transfer)/i.test(right)),
    isIpRestricted: textOf(data?.ipWhitelist) !== "",
  };
}
