// Goal: KuCoin is asked for the right things in the right doses, and what it hands out is believed only
// as far as it makes sense.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { targetOf } from "../../../../hotpath/venues/kucoin/execute/ticket.ts";
import { budgetOf, depthPath, planShards } from "../../../../hotpath/venues/kucoin/ingest.ts";
import {
  parseKucoinClock,
  parseKucoinRules,
} from "../../../../hotpath/venues/kucoin/instruments.ts";
import { bytesOf } from "../frames.ts";

const SERVER = {
  endpoint: "wss://ws-api-spot.kucoin.com/",
  encrypt: true,
  protocol: "websocket",
  pingInterval: 18_000,
  pingTimeout: 10_000,
};

function ticket(data: unknown, code = "200000"): Uint8Array {
  return bytesOf(JSON.stringify({ code, data }));
}

describe("a ticket", () => {
  test("names the address, the token, our name for the connection, and the pace of pings", () => {
    const target = targetOf(ticket({ token: "a+b==", instanceServers: [SERVER] }), "0-1-2");
    expect(target?.url).toBe("wss://ws-api-spot.kucoin.com/?token=a%2Bb%3D%3D&connectId=0-1-2");
    expect(target?.pings).toMatchObject({ intervalMs: 18_000, timeoutMs: 10_000 });
    expect(JSON.parse(target?.pings?.text(7) ?? "")).toEqual({ id: "7", type: "ping" });
  });

  test.each([
    ["an error", ticket({ token: "t", instanceServers: [SERVER] }, "400100")],
    ["no token", ticket({ instanceServers: [SERVER] })],
    ["half a character", ticket({ token: "t\ud800", instanceServers: [SERVER] })],
    ["no server", ticket({ token: "t", instanceServers: [] })],
    [
      "an address of another kind",
      ticket({ token: "t", instanceServers: [{ ...SERVER, endpoint: "http://x/" }] }),
    ],
    [
      "an address with a query",
      ticket({ token: "t", instanceServers: [{ ...SERVER, endpoint: "wss://x/?a=b" }] }),
    ],
    [
      "an address that cannot be dialed",
      ticket({ token: "t", instanceServers: [{ ...SERVER, endpoint: "wss://x:99999/" }] }),
    ],
    [
      "a pace of nothing",
      ticket({ token: "t", instanceServers: [{ ...SERVER, pingInterval: 0 }] }),
    ],
    ["no JSON", bytesOf("<html>")],
  ])("%s is none", (_, body) => {
    expect(targetOf(body, "x")).toBeUndefined();
  });
});

describe("topics", () => {
  test("are at most 300 a connection and 100 a message, an instrument's together", () => {
    const symbols = Array.from({ length: 250 }, (_, i) => `S${i}-USDT`);
    const streams = { depth: "", quotes: true, trades: true };
    const shards = planShards("wss://x", symbols, streams, 1024);
    expect(shards.map(({ books }) => books.length)).toEqual([100, 100, 50]);
    const messages = shards[0]?.protocol.subscribeMessages(5) ?? [];
    expect(messages.map(({ id }) => id)).toEqual([5, 6, 7]);
    for (const { text } of messages) {
      const { topic, type, response, privateChannel } = JSON.parse(text);
      expect(topic.split(",")).toHaveLength(100);
      expect({ type, response, privateChannel }).toEqual({
        type: "subscribe",
        response: true,
        privateChannel: false,
      });
    }
    expect(planShards("wss://x", symbols, streams, 3)).toHaveLength(250);
  });
});

describe("the budget", () => {
  const budget = (headers: Record<string, string>) => budgetOf((name) => headers[`${name}`]);

  test("is what the headers leave, and silence only when nothing is left", () => {
    const head = { "gw-ratelimit-limit": "2000", "gw-ratelimit-reset": "1500" };
    expect(budget({ ...head, "gw-ratelimit-remaining": "1990" })).toEqual({
      weightUsed: 10,
      retryAfterUs: 0,
    });
    expect(budget({ ...head, "gw-ratelimit-remaining": "0" })).toEqual({
      weightUsed: 2000,
      retryAfterUs: 1_500_000,
    });
  });

  test("is not believed when it is missing or makes no sense", () => {
    expect(budget({})).toEqual({ weightUsed: -1, retryAfterUs: 0 });
    const wrong = {
      "gw-ratelimit-limit": "10",
      "gw-ratelimit-remaining": "20",
      "gw-ratelimit-reset": "1",
    };
    expect(budget(wrong)).toEqual({ weightUsed: -1, retryAfterUs: 0 });
  });

  test("of a snapshot: twenty levels, a hundred, or the signed whole", () => {
    expect(depthPath("A-B", 20)).toBe("/api/v1/market/orderbook/level2_20?symbol=A-B");
    expect(depthPath("A-B", 50)).toBe("/api/v1/market/orderbook/level2_100?symbol=A-B");
    expect(depthPath("A-B", 5000)).toBe("/api/v3/market/orderbook/level2?symbol=A-B");
  });
});

describe("instruments", () => {
  const BTC = {
    symbol: "BTC-USDT",
    name: "XBT-USDT",
    baseCurrency: "BTC",
    quoteCurrency: "USDT",
    baseMinSize: "0.00001",
    quoteMinSize: "0.1",
    baseMaxSize: "10000000000",
    quoteMaxSize: "99999999",
    baseIncrement: "0.00000001",
    quoteIncrement: "0.000001",
    priceIncrement: "0.1",
    priceLimitRate: "0.05",
    minFunds: "0.2",
    enableTrading: true,
    callauctionIsEnabled: false,
  };
  const parsed = (change: Record<string, unknown>) =>
    parseKucoinRules(ticket([{ ...BTC, ...change }]))?.instruments[0];

  test("have their steps, bounds and assets, and are known by their symbol", () => {
    expect(parsed({})).toMatchObject({
      id: "kucoin:BTC-USDT",
      tickSize: "0.1",
      lotSize: "0.00000001",
      isTrading: true,
      baseAsset: "BTC",
      quoteAsset: "USDT",
      quoteIncrement: "0.000001",
      filters: {
        notionalMin: "0.2",
        quantityMin: "0.00001",
        buyPriceUp: "1.05",
        sellPriceDown: "0.95",
      },
    });
  });

  test("do not trade when switched off, nor during an auction", () => {
    expect(parsed({ enableTrading: false })).toMatchObject({ isTrading: false, status: "halted" });
    expect(parsed({ callauctionIsEnabled: true })).toMatchObject({ isTrading: false });
  });

  test("without steps are left out; a strange band is none", () => {
    expect(parsed({ priceIncrement: 0.1 })).toBeUndefined();
    expect(parsed({ priceLimitRate: "1" })?.filters).toMatchObject({
      buyPriceUp: "",
      sellPriceDown: "",
    });
    expect(parseKucoinRules(ticket({}, "200000"))).toBeUndefined();
    expect(parseKucoinRules(ticket([null, 1]))?.instruments).toEqual([]);
  });

  test("the clock is milliseconds, and an error is none", () => {
    expect(parseKucoinClock(ticket(1_729_100_692_873))).toBe(1_729_100_692_873_000);
    expect(parseKucoinClock(ticket("1729100692873"))).toBeUndefined();
    expect(parseKucoinClock(ticket(1, "400100"))).toBeUndefined();
  });
});

const SYMBOLS = join(
  import.meta.dirname,
  "../../../../../shared/data/kucoin/symbols_20210425.json.gz",
);

test.skipIf(!existsSync(SYMBOLS))("all 634 symbols of 2021 are read", () => {
  const rules = parseKucoinRules(gunzipSync(readFileSync(SYMBOLS)));
  expect(rules?.instruments).toHaveLength(634);
});
