// Goal: what a key may do is asked for with a good signature and read as the venue tells it.
import { describe, expect, test } from "vitest";
import { signerOf } from "../../../../../hotpath/venues/binance-spot/execute/signing.ts";
import { binanceSpotExecution } from "../../../../../hotpath/venues/binance-spot/execute.ts";
import { HMAC_KEYS, START_US } from "./desk-rig.ts";

const { keyRightsCall, parseKeyRights, rates, features } = binanceSpotExecution;

describe("rights of a key", () => {
  test("are asked for by a signed read", () => {
    const call = keyRightsCall?.(HMAC_KEYS, START_US);
    const query = `recvWindow=60000&timestamp=${START_US / 1000}`;
    expect(call).toMatchObject({
      method: "GET",
      path: `/sapi/v1/account/apiRestrictions?${query}&signature=${signerOf(HMAC_KEYS).sign(query)}`,
      headers: { "X-MBX-APIKEY": HMAC_KEYS.apiKey },
      kind: "read",
    });
  });

  test.each([
    [
      {
        ipRestrict: true,
        enableWithdrawals: false,
        enableInternalTransfer: false,
        enableSpotAndMarginTrading: true,
      },
      { mayTrade: true, mayWithdraw: false, isIpRestricted: true },
    ],
    [{ enableWithdrawals: true, enableInternalTransfer: false }, { mayWithdraw: true }],
    [{ enableWithdrawals: false, enableInternalTransfer: true }, { mayWithdraw: true }],
    [{ enableWithdrawals: false }, { mayWithdraw: false, isIpRestricted: undefined }],
    [
      { ipRestrict: "yes" },
      { mayTrade: undefined, mayWithdraw: undefined, isIpRestricted: undefined },
    ],
  ])("%j", (body, rights) => {
    expect(parseKeyRights(new TextEncoder().encode(JSON.stringify(body)))).toMatchObject(rights);
  });

  test("a body that is none tells nothing", () => {
    expect(parseKeyRights(new TextEncoder().encode("<html>"))).toEqual({
      mayTrade: undefined,
      mayWithdraw: undefined,
      isIpRestricted: undefined,
    });
  });
});

test("every rate has a bound, a window and a cost for orders or for requests", () => {
  for (const rate of rates) {
    expect(rate.limit).toBeGreaterThan(0);
    expect(rate.windowUs).toBeGreaterThan(0);
    expect(Object.values(rate.costs).some((cost) => cost > 0)).toBe(true);
  }
  expect(features.windowUsMin).toBeLessThan(features.windowUsMax);
});
