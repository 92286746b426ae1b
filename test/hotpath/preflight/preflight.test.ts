// Goal: an account that should not trade is told apart by the check that says why.
// Method: the production checks over real sockets against a simulated venue whose keys can be made to lie.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { standardConfig } from "../../../hotpath/config.ts";
import { findAccounts, type SimulatedAccounts } from "../../../hotpath/preflight/accounts.ts";
import {
  type Check,
  type CheckName,
  type PreflightOptions,
  preflight,
} from "../../../hotpath/preflight/preflight.ts";
import type { Execution } from "../../../hotpath/venues/execution.ts";
import { startVenues, type VenuesHandle } from "../../../local/venues/start.ts";

let venues: VenuesHandle;
let simulated: SimulatedAccounts;
let account: PreflightOptions;

beforeAll(async () => {
  venues = await startVenues({
    seed: 3,
    spotInstruments: 6,
    usdmInstruments: 1,
    faultsPerMinute: 0,
  });
  const endpoint = venues.endpoints["binance-spot"];
  const keys = endpoint.trading?.keys.hmac;
  if (endpoint.trading === undefined || keys === undefined) throw new Error("it hands out keys");
  simulated = { "binance-spot": { market: endpoint, account: endpoint.trading, keys } };
  const found = await findAccounts(standardConfig(), simulated, {});
  const first = found.ok ? found.accounts[0] : undefined;
  if (first === undefined) throw new Error("the simulated venue has an account");
  account = first;
});

beforeEach(() => {
  venues.changeKeys("binance-spot", {
    ipRestrict: true,
    enableWithdrawals: false,
    isRevoked: false,
  });
});

afterAll(async () => venues.stop());

async function check(name: CheckName, change: Partial<PreflightOptions> = {}): Promise<Check> {
  const { checks } = await preflight({ ...account, ...change });
  const found = checks.find((each) => each.name === name);
  if (found === undefined) throw new Error(`${name} was not checked: ${JSON.stringify(checks)}`);
  return found;
}

function withExecution(change: Partial<Execution>): Partial<PreflightOptions> {
  return { execution: { ...account.execution, ...change } };
}

describe("an account in order", () => {
  test("is good in every check, with its balances and fees", async () => {
    const report = await preflight(account);
    expect(report.checks.map(({ name, result }) => [name, result])).toEqual([
      ["keyRights", "good"],
      ["clock", "good"],
      ["account", "good"],
      ["balances", "good"],
      ["filters", "good"],
      ["fees", "good"],
      ["orderTest", "good"],
    ]);
    expect(report.balances.length).toBeGreaterThan(1);
    expect(report.fees[0]).toMatchObject({ takerPpb: 1_000_000, paidIn: "received" });
    expect(JSON.stringify(report)).not.toContain(account.keys.secret);
  });

  test("leaves no order behind", async () => {
    await preflight(account);
    const { orders } = venues.trading.orders("binance-spot") as { orders: readonly unknown[] };
    expect(orders).toEqual([]);
  });
});

describe("a key", () => {
  test("that can withdraw is bad", async () => {
    venues.changeKeys("binance-spot", { enableWithdrawals: true });
    expect(await check("keyRights")).toMatchObject({
      result: "bad",
      text: expect.stringContaining("can withdraw"),
    });
  });

  test("that works from anywhere is bad", async () => {
    venues.changeKeys("binance-spot", { ipRestrict: false });
    expect(await check("keyRights")).toMatchObject({
      result: "bad",
      text: expect.stringContaining("any address"),
    });
  });

  test("that is revoked opens no account, and nothing further is asked", async () => {
    venues.changeKeys("binance-spot", { isRevoked: true });
    const { checks, balances } = await preflight(account);
    expect(checks.at(-1)).toMatchObject({
      name: "account",
      result: "bad",
      text: expect.stringContaining("-2015"),
    });
    expect(checks[0]).toMatchObject({ name: "keyRights", result: "bad" });
    expect(balances).toEqual([]);
  });

  test.each([
    ["is not told of at all", { keyRightsCall: undefined }, "does not tell"],
    ["is told of in part", { parseKeyRights: () => RIGHTS }, "restricted to addresses: not told"],
  ])("whose rights the venue %s is neither good nor bad", async (_what, change, text) => {
    expect(await check("keyRights", withExecution(change))).toMatchObject({
      result: "unknown",
      text: expect.stringContaining(text),
    });
  });

  test("that may not trade is bad", async () => {
    const parseKeyRights = (): typeof RIGHTS => ({ ...RIGHTS, mayTrade: false as never });
    expect(await check("keyRights", withExecution({ parseKeyRights }))).toMatchObject({
      result: "bad",
    });
  });

  test.each([
    ["http://127.0.0.1:1", "ECONNREFUSED"],
    ["http://venue.test", "without encryption"],
  ])("whose rights are asked for at %s is bad", async (rest, text) => {
    expect(await check("keyRights", { account: { ...account.account, rest } })).toMatchObject({
      result: "bad",
      text: expect.stringContaining(text),
    });
  });
});

const RIGHTS = { mayTrade: true, mayWithdraw: false, isIpRestricted: undefined } as const;

describe("everything else", () => {
  test("a clock too far away is bad, and so is none", async () => {
    const parseClock = (body: Uint8Array): number | undefined => {
      const us = account.venue.parseClock(body);
      return us === undefined ? undefined : us + 60_000_000;
    };
    expect(await check("clock", { venue: { ...account.venue, parseClock } })).toMatchObject({
      result: "bad",
      text: expect.stringMatching(/behind the venue.*more than/),
    });
    const clockPath = "/nowhere";
    expect(await check("clock", { venue: { ...account.venue, clockPath } })).toMatchObject({
      result: "bad",
    });
  });

  test("an order that the venue would not take is bad, in the venue's words", async () => {
    const [first] = account.instruments;
    if (first === undefined) throw new Error("there are instruments");
    // A least quantity of ours that is above the venue's most.
    const filters = { ...first.filters, quantityMin: "9000000" };
    expect(await check("orderTest", { instruments: [{ ...first, filters }] })).toMatchObject({
      result: "bad",
      text: expect.stringContaining("-1013"),
    });
  });

  test("an instrument without a book, filters or fees is bad", async () => {
    const [first] = account.instruments;
    if (first === undefined) throw new Error("there are instruments");
    const depthPath = (): string => "/nowhere";
    expect(await check("orderTest", { venue: { ...account.venue, depthPath } })).toMatchObject({
      result: "bad",
      text: expect.stringContaining("no book"),
    });
    const unlisted = { ...first, symbol: "NOSUCH", filters: { ...first.filters, priceMin: "x" } };
    const instruments = [unlisted];
    expect(await check("filters", { instruments })).toMatchObject({ result: "bad" });
    expect(await check("fees", { instruments })).toMatchObject({
      result: "bad",
      text: expect.stringContaining("1 of 1 are not known"),
    });
  });

  test("a venue without an order test is not held against it", async () => {
    const features = { ...account.execution.features, orderTest: false };
    expect(await check("orderTest", withExecution({ features }))).toMatchObject({
      result: "unknown",
    });
  });
});

describe("finding accounts", () => {
  const { venues: standard, ...rest } = standardConfig();
  const spot = standard["binance-spot"];
  if (spot === undefined) throw new Error("the defaults have Binance spot");
  const KEYS = {
    RECKONER_BINANCE_SPOT_API_KEY: "k",
    RECKONER_BINANCE_SPOT_SECRET: "hidden-secret",
  };
  const find = (change: Partial<typeof spot>, env: Record<string, string>) =>
    findAccounts({ ...rest, venues: { "binance-spot": { ...spot, ...change } } }, {}, env);

  test("a venue that neither trades nor has keys has none", async () => {
    expect(await find({ environment: "production" }, {})).toMatchObject({
      ok: false,
      isOutside: false,
      reason: expect.stringContaining("no account"),
    });
  });

  test("a venue that trades without keys is refused by its field", async () => {
    const trading = { ...spot.trading, mode: "live" as const };
    expect(await find({ environment: "testnet", trading }, {})).toMatchObject({
      ok: false,
      reason: expect.stringContaining("venues.binance-spot.trading.mode"),
    });
  });

  test("half a key is refused by its variable", async () => {
    const read = await find(
      { environment: "testnet" },
      { RECKONER_BINANCE_SPOT_SECRET: "hidden-secret" },
    );
    expect(read).toMatchObject({
      reason: expect.stringContaining("RECKONER_BINANCE_SPOT_API_KEY"),
    });
    expect(JSON.stringify(read)).not.toContain("hidden");
  });

  test("a custom venue has no addresses of accounts", async () => {
    const custom = {
      environment: "custom" as const,
      restUrl: "http://127.0.0.1:1",
      wsUrl: "ws://127.0.0.1:1",
    };
    expect(await find(custom, KEYS)).toMatchObject({
      ok: false,
      reason: expect.stringContaining("custom has no addresses"),
    });
  });

  test("a venue that cannot be reached is the world's fault", async () => {
    const nowhere = { rest: "http://127.0.0.1:1", ws: "ws://127.0.0.1:1" };
    const there = simulated["binance-spot"];
    if (there === undefined) throw new Error("there is a simulated account");
    const found = await findAccounts(
      { ...rest, venues: { "binance-spot": spot } },
      { "binance-spot": { ...there, market: nowhere } },
      {},
    );
    expect(found).toMatchObject({ ok: false, isOutside: true });
  });
});
