// Goal: no run starts with a key that could empty its account, and no live one with a key of unknown rights.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { HotPlan } from "../../../hotpath/plan.ts";
import { unsafeKeys } from "../../../hotpath/preflight/unsafe-keys.ts";
import type { AccountKeys } from "../../../hotpath/venues/execution.ts";
import { startVenues, type VenuesHandle } from "../../../local/venues/start.ts";
import { planOf } from "../recorded-run.ts";

let venues: VenuesHandle;
let keys: AccountKeys;

beforeAll(async () => {
  venues = await startVenues({
    seed: 5,
    spotInstruments: 3,
    usdmInstruments: 1,
    faultsPerMinute: 0,
  });
  const handed = venues.endpoints["binance-spot"].trading?.keys.hmac;
  if (handed === undefined) throw new Error("the venue hands out keys");
  keys = handed;
});

beforeEach(() => {
  venues.changeKeys("binance-spot", {
    ipRestrict: true,
    enableWithdrawals: false,
    isRevoked: false,
  });
});

afterAll(async () => venues.stop());

/** As much of a plan as is looked at: one account in this mode. */
function plan(mode: "simulated" | "live", rest?: string): HotPlan {
  const { trading } = venues.endpoints["binance-spot"];
  if (trading === undefined) throw new Error("the venue trades");
  const account = { rest: rest ?? trading.rest, stream: "", orders: "" };
  const base = planOf(["BTCUSDT"]);
  return {
    ...base,
    venues: base.venues.map((share) => ({ ...share, account })),
    trading: { venues: [{ venue: 0, mode }] },
  } as unknown as HotPlan;
}

test("a run without accounts may start", async () => {
  expect(await unsafeKeys(planOf(["BTCUSDT"]), {})).toBe("");
});

test.each(["simulated", "live"] as const)("a key in order may start a %s account", async (mode) => {
  expect(await unsafeKeys(plan(mode), { "binance-spot": keys })).toBe("");
});

test.each([
  [{ enableWithdrawals: true }, /^binance-spot: the key can withdraw/],
  [{ ipRestrict: false }, /^binance-spot: the key works from any address/],
])("%j starts nothing in any mode", async (change, reason) => {
  venues.changeKeys("binance-spot", change);
  for (const mode of ["simulated", "live"] as const) {
    const said = await unsafeKeys(plan(mode), { "binance-spot": keys });
    expect(said).toMatch(reason);
    expect(said).not.toContain(keys.apiKey);
  }
});

test("rights that cannot be read hold up a live account only", async () => {
  venues.changeKeys("binance-spot", { isRevoked: true });
  expect(await unsafeKeys(plan("live"), { "binance-spot": keys })).toMatch(/cannot be read/);
  expect(await unsafeKeys(plan("simulated"), { "binance-spot": keys })).toBe("");
  expect(await unsafeKeys(plan("live", "http://127.0.0.1:1"), { "binance-spot": keys })).toMatch(
    /ECONNREFUSED/,
  );
});

test("an error with a status of 200 tells no rights", async () => {
  const server = createServer((_, response) => {
    response.end('{"code":"400003","msg":"KC-API-KEY not exists."}');
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const rest = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const said = await unsafeKeys(plan("live", rest), { "binance-spot": keys });
  server.closeAllConnections();
  server.close();
  expect(said).toMatch(/cannot be read \(HTTP 200 .*KC-API-KEY not exists/);
});
