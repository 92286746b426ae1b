// Goal: the canceller can list and cancel and nothing else, whoever asks it.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  CANCEL_VENUES,
  isAllowed,
  isCancelVenue,
  VENUE_ENDPOINTS,
} from "../../../functions/cancel-all/endpoints.ts";
import {
  createVenueHttp,
  ForbiddenCallError,
  fieldsIn,
  VenueError,
} from "../../../functions/cancel-all/venue-http.ts";

const FOLDER = join(import.meta.dirname, "../../../functions/cancel-all");

/** What a thief would want, at each venue. */
const FORBIDDEN = [
  ["binance-spot", "POST", "/api/v3/order"],
  ["binance-spot", "PUT", "/api/v3/order/amend/keepPriority"],
  ["binance-spot", "POST", "/api/v3/order/cancelReplace"],
  ["binance-spot", "POST", "/api/v3/orderList/oco"],
  ["binance-spot", "POST", "/sapi/v1/capital/withdraw/apply"],
  ["binance-spot", "POST", "/sapi/v1/asset/transfer"],
  ["binance-spot", "POST", "/api/v3/sor/order"],
  ["binance-spot", "GET", "/api/v3/account"],
  ["binance-spot", "DELETE", "/api/v3/order/"],
  ["binance-spot", "DELETE", "/api/v3/order/../../sapi/v1/capital/withdraw/apply"],
  ["kraken", "POST", "/0/private/AddOrder"],
  ["kraken", "POST", "/0/private/AddOrderBatch"],
  ["kraken", "POST", "/0/private/EditOrder"],
  ["kraken", "POST", "/0/private/AmendOrder"],
  ["kraken", "POST", "/0/private/Withdraw"],
  ["kraken", "POST", "/0/private/WalletTransfer"],
  ["kraken", "POST", "/0/private/CancelAllOrdersAfter"],
  ["kraken", "GET", "/0/private/OpenOrders"],
  ["kucoin", "POST", "/api/v1/hf/orders"],
  ["kucoin", "POST", "/api/v1/hf/orders/sync"],
  ["kucoin", "POST", "/api/v1/hf/orders/alter"],
  ["kucoin", "POST", "/api/v3/withdrawals"],
  ["kucoin", "POST", "/api/v2/accounts/inner-transfer"],
  ["kucoin", "POST", "/api/v1/hf/orders/dead-cancel-all"],
  ["kucoin", "DELETE", "/api/v1/hf/orders/dead-cancel-all"],
  ["kucoin", "DELETE", "/api/v1/hf/orders/../../v3/withdrawals"],
] as const;

describe("the list of endpoints", () => {
  test.each(FORBIDDEN)("has not, at %s, %s %s", async (venue, method, path) => {
    expect(isAllowed(venue, method, path)).toBe(false);
    // The trap: nothing listens there, so a request that went out would be another error.
    const http = createVenueHttp(venue, "http://127.0.0.1:9");
    const call = { method: method as "POST", path, query: "", headers: {}, body: "" };
    await expect(http.ask(call)).rejects.toThrow(ForbiddenCallError);
    await http.close();
  });

  test("names one host for each venue, over https", () => {
    expect(CANCEL_VENUES.map((venue) => VENUE_ENDPOINTS[venue].origin)).toEqual([
      "https://api.binance.com",
      "https://api.kraken.com",
      "https://api.kucoin.com",
    ]);
    expect(isCancelVenue("binance-usdm")).toBe(false);
  });

  test("lets nobody but this machine stand in for a venue", () => {
    expect(() => createVenueHttp("kraken", "https://api.kraken.com.evil.test")).toThrow(
      ForbiddenCallError,
    );
  });

  test("is all that the sources of the canceller speak of", () => {
    const sources = readdirSync(FOLDER)
      .filter((name) => name.endsWith(".ts"))
      .map((name) => readFileSync(join(FOLDER, name), "utf8"))
      .join("\n");
    const code = sources.replace(/\/\*[\s\S]*?\*\//g, "");
    expect(code.match(/withdraw|transfer|AddOrder|"PUT"/gi)).toBeNull();
    const hosts = [...code.matchAll(/https?:\/\/([\w.-]+)/g)].map((match) => match[1]);
    expect(new Set(hosts)).toEqual(
      new Set(["api.binance.com", "api.kraken.com", "api.kucoin.com"]),
    );
  });
});

describe("an answer", () => {
  test("that is no JSON, or no object, is trouble at the venue", () => {
    expect(() => fieldsIn("kraken", { status: 502, text: "<html>" })).toThrow(VenueError);
    expect(() => fieldsIn("kraken", { status: 200, text: "[]" })).toThrow("without an object");
  });
});
