/** Goal: the REST side answers, charges and refuses as the venues' pages say. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { VenuesHandle } from "../../../../local/venues/handle.ts";
import { startVenues } from "../../../../local/venues/start.ts";
import type { Message } from "../venue-client.ts";

let venues: VenuesHandle;
let spot: string;
let usdm: string;

const SMALL = { spotInstruments: 3, usdmInstruments: 2, diffsPerSecond: 50 };

beforeAll(async () => {
  venues = await startVenues({ ...SMALL, seed: 8, levelsPerSide: 1_500 });
  spot = `${venues.endpoints["binance-spot"].rest}/api/v3`;
  usdm = `${venues.endpoints["binance-usdm"].rest}/fapi/v1`;
});

afterAll(async () => {
  await venues.stop();
});

function weightOf(response: Response): number {
  return Number(response.headers.get("X-MBX-USED-WEIGHT-1M"));
}

/** What a request costs: the second of two readings around it, tried again over a minute's end. */
async function costOf(url: string, root: string): Promise<number> {
  for (;;) {
    const before = weightOf(await fetch(`${root}/ping`));
    const after = weightOf(await fetch(url));
    if (after > before) return after - before;
  }
}

describe("weights", () => {
  it.each([
    ["/ping", 1],
    ["/time", 1],
    ["/exchangeInfo", 20],
    ["/depth?symbol=BTCUSDT", 5],
    ["/depth?symbol=BTCUSDT&limit=100", 5],
    ["/depth?symbol=BTCUSDT&limit=101", 25],
    ["/depth?symbol=BTCUSDT&limit=1000", 50],
    ["/depth?symbol=BTCUSDT&limit=5000", 250],
    ["/depth?symbol=BTCUSDT&limit=9999", 250],
  ])("of spot %s are %d", async (path, weight) => {
    expect(await costOf(`${spot}${path}`, spot)).toBe(weight);
  });

  it.each([
    ["/exchangeInfo", 1],
    ["/depth?symbol=BTCUSDT", 10],
    ["/depth?symbol=BTCUSDT&limit=50", 2],
    ["/depth?symbol=BTCUSDT&limit=100", 5],
    ["/depth?symbol=BTCUSDT&limit=1000", 20],
  ])("of USD-M %s are %d", async (path, weight) => {
    expect(await costOf(`${usdm}${path}`, usdm)).toBe(weight);
  });
});

describe("answers", () => {
  it("of depth have as many levels as asked for, best first, and USD-M has times", async () => {
    const body = (await (await fetch(`${spot}/depth?symbol=ETHUSDT&limit=1000`)).json()) as {
      lastUpdateId: number;
      bids: string[][];
      asks: string[][];
    };
    expect(Object.keys(body)).toEqual(["lastUpdateId", "bids", "asks"]);
    expect([body.bids.length, body.asks.length]).toEqual([1_000, 1_000]);
    const bids = body.bids.map(([price]) => Number(price));
    const asks = body.asks.map(([price]) => Number(price));
    expect(bids).toEqual([...bids].sort((a, b) => b - a));
    expect(asks).toEqual([...asks].sort((a, b) => a - b));
    expect(bids[0]).toBeLessThan(asks[0] ?? 0);
    const futures = (await (await fetch(`${usdm}/depth?symbol=ETHUSDT&limit=5`)).json()) as Message;
    expect(Object.keys(futures)).toEqual(["lastUpdateId", "E", "T", "bids", "asks"]);
  });

  it("of exchangeInfo carry the rules of every instrument, or of the one named", async () => {
    type Info = { rateLimits: Message[]; symbols: { symbol: string; filters: Message[] }[] };
    const info = (await (await fetch(`${spot}/exchangeInfo`)).json()) as Info;
    expect(info.rateLimits[0]).toMatchObject({ rateLimitType: "REQUEST_WEIGHT", limit: 6_000 });
    expect(info.symbols.map((one) => one.symbol)).toEqual(["BTCUSDT", "ETHUSDT", "ETHBTC"]);
    const types = info.symbols[0]?.filters.map((one) => one.filterType);
    for (const type of ["PRICE_FILTER", "LOT_SIZE", "MARKET_LOT_SIZE", "NOTIONAL"]) {
      expect(types).toContain(type);
    }
    expect(types).toContain("PERCENT_PRICE_BY_SIDE");
    const one = (await (await fetch(`${spot}/exchangeInfo?symbol=ETHBTC`)).json()) as Info;
    expect(one.symbols.map((each) => each.symbol)).toEqual(["ETHBTC"]);
    const list = encodeURIComponent('["ETHBTC","BTCUSDT","ETHBTC"]');
    const two = (await (await fetch(`${spot}/exchangeInfo?symbols=${list}`)).json()) as Info;
    expect(two.symbols.map((each) => each.symbol)).toEqual(["BTCUSDT", "ETHBTC"]);
    const futures = (await (await fetch(`${usdm}/exchangeInfo`)).json()) as Info;
    expect(futures.symbols[0]).toMatchObject({ symbol: "BTCUSDT", contractType: "PERPETUAL" });
    expect(futures.rateLimits[0]).toMatchObject({ limit: 2_400 });
  });

  it("of time are the time", async () => {
    const body = (await (await fetch(`${usdm}/time`)).json()) as { serverTime: number };
    expect(Math.abs(body.serverTime - Date.now())).toBeLessThan(1_000);
  });
});

describe("refusals", () => {
  it.each([
    ["/depth", 400, -1_102],
    ["/depth?symbol=NOSUCH", 400, -1_121],
    ["/depth?symbol=a%3Cb", 400, -1_100],
    ["/depth?symbol=BTCUSDT&limit=many", 400, -1_100],
    ["/depth?symbol=BTCUSDT&limit=0", 400, -1_130],
    ["/exchangeInfo?symbol=NOSUCH", 400, -1_121],
    ['/exchangeInfo?symbols=["BTCUSDT","NOSUCH"]', 400, -1_121],
    ["/exchangeInfo?symbols=BTCUSDT", 400, -1_100],
  ])("of spot %s are %d with code %d", async (path, status, code) => {
    const response = await fetch(`${spot}${path}`);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code, msg: expect.any(String) });
  });

  it("of USD-M name a depth limit that is not on its list", async () => {
    const response = await fetch(`${usdm}/depth?symbol=BTCUSDT&limit=7`);
    expect(await response.json()).toEqual({ code: -4_021, msg: "7 is not valid depth limit." });
  });

  it("of unknown paths and methods are not JSON guesses", async () => {
    expect((await fetch(`${spot}/nothing`)).status).toBe(404);
    expect((await fetch(spot.replace("/api/v3", "/fapi/v1/time"))).status).toBe(404);
    expect((await fetch(`${spot}/time`, { method: "POST" })).status).toBe(405);
  });

  it("above the weight are 429 with Retry-After, then 418", async () => {
    const poor = await startVenues({ ...SMALL, seed: 1, spotWeightPerMinute: 20 });
    const root = `${poor.endpoints["binance-spot"].rest}/api/v3`;
    const statuses: number[] = [];
    // The window is the clock's minute, so a run over its end sees a second allowance: go on until banned.
    while (!statuses.includes(418) && statuses.length < 60) {
      const response = await fetch(`${root}/depth?symbol=BTCUSDT`);
      statuses.push(response.status);
      if (response.status === 200) continue;
      expect(Number(response.headers.get("Retry-After"))).toBeGreaterThan(0);
      expect(await response.json()).toMatchObject({ code: -1_003 });
    }
    expect(statuses.slice(0, 4)).toEqual([200, 200, 200, 200]);
    expect(statuses.filter((one) => one === 429).length).toBeGreaterThanOrEqual(10);
    expect(statuses.at(-1)).toBe(418);
    const { venues: counters } = poor.stats();
    expect(counters["binance-spot"]).toMatchObject({ bannedCount: 1, weightLimit: 20 });
    await poor.stop();
  });
});
