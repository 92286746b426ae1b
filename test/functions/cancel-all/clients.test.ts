// Goal: whatever a venue answers, the canceller takes it for what it is: an order that is gone, a wish for silence,
// or trouble; never for an account that is clean.

import { generateKeyPairSync, verify } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { binanceClient } from "../../../functions/cancel-all/binance.ts";
import type { CancelClient, CancelKeys } from "../../../functions/cancel-all/client.ts";
import { CANCEL_VENUES, type CancelVenue } from "../../../functions/cancel-all/endpoints.ts";
import { krakenClient } from "../../../functions/cancel-all/kraken.ts";
import { kucoinClient } from "../../../functions/cancel-all/kucoin.ts";
import {
  createVenueHttp,
  VenueError,
  type VenueHttp,
} from "../../../functions/cancel-all/venue-http.ts";

const KEYS: CancelKeys = { apiKey: "k", secret: "c2VjcmV0", passphrase: "p" };
const ORDER = { orderId: "abc1", clientId: "rk1", symbol: "BTCUSDT" };
const MAKE = { "binance-spot": binanceClient, kraken: krakenClient, kucoin: kucoinClient };

type Answer = { readonly status?: number; readonly body: unknown; readonly retryAfter?: string };

let server: Server;
let origin: string;
/** The next answers, in order; then the last again. */
let answers: Answer[];
const asked: { readonly line: string; readonly body: string }[] = [];
const open: VenueHttp[] = [];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    asked.push({ line: `${request.method} ${request.url}`, body });
    const next = answers.length > 1 ? answers.shift() : answers[0];
    const headers = next?.retryAfter === undefined ? {} : { "Retry-After": next.retryAfter };
    response.writeHead(next?.status ?? 200, headers);
    response.end(typeof next?.body === "string" ? next.body : JSON.stringify(next?.body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await Promise.all(open.map((http) => http.close()));
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  asked.length = 0;
});

function clientOf(venue: CancelVenue, keys = KEYS, nowMs = () => 1_600_000_000_000): CancelClient {
  const http = createVenueHttp(venue, origin);
  open.push(http);
  return MAKE[venue](http, keys, nowMs);
}

const kraken = (error: string): unknown => ({ error: [error] });
const kucoin = (code: string, msg = ""): unknown => ({ code, msg });

describe("a list of open orders", () => {
  test.each([
    ["binance-spot", { status: 400, body: { code: -1021, msg: "late" } }, "status 400, code -1021"],
    ["binance-spot", { body: [{ symbol: "BTCUSDT" }] }, "an order that cannot be read"],
    ["binance-spot", { status: 502, body: "<html>" }, "status 502 without JSON"],
    ["kraken", { body: kraken("EAPI:Invalid nonce") }, "EAPI:Invalid nonce"],
    ["kraken", { body: { error: [], result: {} } }, "an answer without orders"],
    ["kraken", { body: { error: [], result: null } }, "an answer without orders"],
    ["kraken", { body: { result: { open: {} } } }, "no list of errors"],
    ["kraken", { body: { error: [{}] } }, "an error without words"],
    ["kraken", { body: [] }, "without an object"],
    ["kucoin", { body: kucoin("400003") }, "code 400003"],
    ["kucoin", { body: { code: "200000", data: {} } }, "an answer without symbols"],
    ["kucoin", { body: { code: "200000" } }, "an answer without symbols"],
  ] as const)("at %s is trouble when it is %j", async (venue, answer, words) => {
    answers = [answer];
    const list = clientOf(venue).list();
    await expect(list).rejects.toThrow(VenueError);
    await expect(list).rejects.toThrow(words);
  });

  test("at KuCoin is trouble when one symbol has none, or an order cannot be read", async () => {
    const symbols = { body: { code: "200000", data: { symbols: ["BTC-USDT"] } } };
    answers = [symbols, { body: { code: "200000", data: {} } }];
    await expect(clientOf("kucoin").list()).rejects.toThrow("an answer without orders");
    answers = [symbols, { body: { code: "200000", data: [{ id: "1" }] } }];
    await expect(clientOf("kucoin").list()).rejects.toThrow("an order that cannot be read");
  });

  test("has foreign orders without a name as well", async () => {
    answers = [{ body: { error: [], result: { open: { O1: { descr: { pair: "XBTUSD" } } } } } }];
    expect(await clientOf("kraken").list()).toEqual([
      { orderId: "O1", clientId: "", symbol: "XBTUSD" },
    ]);
  });
});

describe("a cancel", () => {
  test.each([
    ["binance-spot", { status: 400, body: { code: -2011, msg: "Unknown order sent." } }],
    ["kraken", { body: kraken("EOrder:Unknown order") }],
    ["kucoin", { body: kucoin("100004") }],
    ["kucoin", { body: kucoin("400100", "order not exist.") }],
  ] as const)("at %s of an order that is gone is no trouble: %j", async (venue, answer) => {
    answers = [answer];
    expect(await clientOf(venue).cancel(ORDER)).toBe("gone");
  });

  test.each([
    ["binance-spot", { status: 401, body: { code: -2015 } }],
    ["kraken", { body: kraken("EGeneral:Permission denied") }],
    ["kucoin", { body: kucoin("400100", "symbol is wrong") }],
  ] as const)("at %s that is refused is trouble: %j", async (venue, answer) => {
    answers = [answer];
    await expect(clientOf(venue).cancel(ORDER)).rejects.toThrow(VenueError);
  });

  test.each([
    ["binance-spot", { status: 400, body: { code: -2015 } }],
    ["kraken", { body: kraken("EGeneral:Permission denied") }],
    ["kucoin", { body: kucoin("400007") }],
  ] as const)("of everything at %s that is refused is trouble: %j", async (venue, answer) => {
    answers = [answer];
    await expect(clientOf(venue).cancelEverything([ORDER])).rejects.toThrow(VenueError);
  });

  test("of everything at Binance asks once a symbol, and an empty symbol is no trouble", async () => {
    answers = [{ status: 400, body: { code: -2011 } }, { body: [] }];
    const orders = [ORDER, ORDER, { ...ORDER, symbol: "ETHBTC" }];
    await clientOf("binance-spot").cancelEverything(orders);
    expect(asked.map(({ line }) => line.split("&")[0])).toEqual([
      "DELETE /api/v3/openOrders?symbol=BTCUSDT",
      "DELETE /api/v3/openOrders?symbol=ETHBTC",
    ]);
  });
});

describe("a wish for silence", () => {
  test.each(CANCEL_VENUES)("of %s is heard as long as it says", async (venue) => {
    answers = [{ status: 429, body: "", retryAfter: "7" }];
    await expect(clientOf(venue).list()).rejects.toMatchObject({ waitMs: 7_000 });
    answers = [{ status: 418, body: "", retryAfter: "never" }];
    await expect(clientOf(venue).list()).rejects.toMatchObject({ waitMs: 1_000 });
  });

  test("can stand in the words of an answer", async () => {
    answers = [{ body: kraken("EAPI:Rate limit exceeded") }];
    await expect(clientOf("kraken").list()).rejects.toMatchObject({ waitMs: 2_000 });
    answers = [{ body: kucoin("429000") }];
    await expect(clientOf("kucoin").list()).rejects.toMatchObject({ waitMs: 1_000 });
  });
});

describe("what is signed", () => {
  test("at Binance with an Ed25519 key is the query as it is sent", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const secret = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
    answers = [{ body: [] }];
    await clientOf("binance-spot", { ...KEYS, secret }).list();
    const query = asked[0]?.line.split("?")[1] ?? "";
    const [text = "", signature = ""] = query.split("&signature=");
    const bytes = Buffer.from(decodeURIComponent(signature), "base64");
    expect(verify(null, Buffer.from(text), publicKey, bytes)).toBe(true);
    expect(text).toContain("recvWindow=5000&timestamp=1600000000000");
  });

  test("at Kraken has a nonce that grows while the clock stands still", async () => {
    answers = [{ body: { error: [], result: { open: {} } } }];
    const client = clientOf("kraken");
    await client.list();
    await client.list();
    const nonces = asked.map(({ body }) => Number(new URLSearchParams(body).get("nonce")));
    expect(nonces).toEqual([1_600_000_000_000_000, 1_600_000_000_000_001]);
  });

  test("at Kraken goes out one call after another, so that no nonce overtakes another", async () => {
    let atOnce = 0;
    let most = 0;
    const ask = async () => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise((resolve) => setImmediate(resolve));
      atOnce -= 1;
      return { status: 200, text: '{"error":[],"result":{"open":{}}}' };
    };
    const client = krakenClient({ ask, close: async () => undefined }, KEYS, () => 1);
    await Promise.all([client.cancel(ORDER), client.cancel(ORDER), client.list()]);
    expect(most).toBe(1);
  });
});
