// Goal: the simulated KuCoin says in memory what it says over sockets: tickets, books, orders by both doors.
import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { KucoinBook } from "../../venues/kucoin/kucoin-client.ts";
import { MemoryRig, type MemorySession, type Message } from "./memory-rig.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const SYMBOL = "BTC-USDT";

function rigOf(seed: number): MemoryRig {
  return new MemoryRig({ seed, kucoinInstruments: 3 }, ["kucoin"]);
}

function hmac(rig: MemoryRig, text: string): string {
  const { secret = "" } = keyOf(rig);
  return createHmac("sha256", secret).update(text).digest("base64");
}

function keyOf(rig: MemoryRig) {
  const key = rig.venues.model("kucoin").endpoints.trading?.keys.hmac;
  return key ?? { apiKey: "", secret: "", passphrase: "" };
}

/** A signed call as the venue's page on authentication has it. */
function call(rig: MemoryRig, method: string, target: string, fields?: object): Message {
  const body = fields === undefined ? "" : JSON.stringify(fields);
  const { answers } = ask(rig, method, target, body);
  return JSON.parse(answers[0]?.body ?? "null") as Message;
}

function ask(rig: MemoryRig, method: string, target: string, body: string) {
  const { apiKey, passphrase } = keyOf(rig);
  const timeMs = Math.floor(rig.nowUs / 1_000);
  const headers = {
    "KC-API-KEY": apiKey,
    "KC-API-SIGN": hmac(rig, `${timeMs}${method}${target}${body}`),
    "KC-API-TIMESTAMP": String(timeMs),
    "KC-API-PASSPHRASE": hmac(rig, passphrase),
    "KC-API-KEY-VERSION": "3",
  };
  return rig.ask("kucoin", `${method} ${target}`, { headers, body });
}

/** Takes a ticket, dials where it says, and is welcome. */
function greeted(rig: MemoryRig): MemorySession {
  const { data } = rig.body("kucoin", "POST /api/v1/bullet-public") as {
    data: { token: string; instanceServers: { endpoint: string }[] };
  };
  const { endpoint = "" } = data.instanceServers[0] ?? {};
  expect(rig.venues.venueAt(endpoint)).toBe("kucoin");
  const session = rig.dial("kucoin", `${endpoint}?token=${data.token}&connectId=me`);
  rig.run(2);
  expect(session.last()).toMatchObject({ type: "welcome" });
  return session;
}

describe("the books of KuCoin", () => {
  it("made of a signed snapshot and deltas equal the truth, delta after delta", () => {
    const rig = rigOf(5);
    const session = greeted(rig);
    const topic = `/market/level2:${SYMBOL}`;
    session.say({ id: 1, type: "subscribe", topic, privateChannel: false, response: true });
    expect(session.last()).toMatchObject({ id: "1", type: "ack" });
    rig.run(300);
    const path = `/api/v3/market/orderbook/level2?symbol=${SYMBOL}`;
    const { data } = call(rig, "GET", path) as {
      data: { sequence: string; bids: string[][]; asks: string[][] };
    };
    const book = new KucoinBook(data);
    rig.run(3_000);
    const pushes = session.messages().filter((one) => one.topic === topic);
    expect(pushes.length).toBeGreaterThan(20);
    const { market } = rig.venues.model("kucoin");
    const { rules } = market.instrumentAt(market.indexOf(SYMBOL) ?? 0);
    for (const push of pushes) {
      book.apply(push.data as Message);
      expect(book.isBroken).toBe(false);
      const verdict = rig.venues.built.compare({
        venue: "kucoin",
        symbol: SYMBOL,
        seq: book.sequence,
        bids: book.levels("bids", rules.priceDigits, rules.lotDigits),
        asks: book.levels("asks", rules.priceDigits, rules.lotDigits),
        bidHorizonTicks: null,
        askHorizonTicks: null,
      });
      expect(verdict?.verdict).toBe("equal");
    }
  });

  it("are not for who has no ticket, and end for who sends no ping", () => {
    const rig = rigOf(5);
    const stranger = rig.dial("kucoin", "/?token=none&connectId=me");
    expect(stranger.last()).toMatchObject({ type: "error", code: 401 });
    expect(stranger.events).toEqual(["open", "close 1008 token is invalid", "end"]);
    const mute = greeted(rig);
    rig.run(28_000);
    expect(mute.events.slice(1)).toEqual(["close 1008 ping timeout", "end"]);
  });
});

describe("orders of KuCoin", () => {
  function resting(rig: MemoryRig, clientOid: string): object {
    const { market } = rig.venues.model("kucoin");
    const { book, rules } = market.instrumentAt(market.indexOf(SYMBOL) ?? 0);
    const price = ((book.bestBidTicks - 60) / 10 ** rules.priceDigits).toFixed(rules.priceDigits);
    const order = { clientOid, symbol: SYMBOL, side: "buy", type: "limit", timeInForce: "GTC" };
    return { ...order, price, size: "0.001" };
  }

  it("by order entry are challenged, welcomed, placed and canceled", () => {
    const rig = rigOf(9);
    rig.run(20);
    const { apiKey, passphrase } = keyOf(rig);
    const timestamp = String(Math.floor(rig.nowUs / 1_000));
    const query = new URLSearchParams({
      apikey: apiKey,
      timestamp,
      sign: hmac(rig, `${apiKey}${timestamp}`),
      passphrase: hmac(rig, passphrase),
    });
    const { orders = "" } = rig.venues.model("kucoin").endpoints.trading ?? {};
    const session = rig.dial("kucoin", `${orders}/v1/private?${query.toString()}`);
    session.say(hmac(rig, session.texts[0] ?? ""));
    expect(session.last()).toMatchObject({ data: "welcome" });
    session.say({ id: "p", op: "spot.order", args: resting(rig, "rk-1") });
    expect(session.last()).toMatchObject({ id: "p", code: "200000", data: { clientOid: "rk-1" } });
    const log = rig.venues.model("kucoin").trading?.exchange.log;
    expect(log?.openOrders("main", null)).toHaveLength(1);
    const args = { symbol: SYMBOL, clientOid: "rk-1" };
    session.say({ id: "c", op: "spot.cancel", args });
    expect(session.last()).toMatchObject({ id: "c", code: "200000" });
    expect(log?.openOrders("main", null)).toEqual([]);
  });

  it("by signed REST are answered, refused, or never answered where the back end loses them", () => {
    const rig = rigOf(9);
    rig.run(20);
    const placed = call(rig, "POST", "/api/v1/hf/orders", resting(rig, "rk-2"));
    expect(placed).toMatchObject({ code: "200000", data: { clientOid: "rk-2" } });
    const target = `/api/v1/hf/orders/client-order/rk-2?symbol=${SYMBOL}`;
    expect(call(rig, "GET", target)).toMatchObject({ data: { clientOid: "rk-2", active: true } });
    rig.venues.built.changeKeys("kucoin", { isRevoked: true });
    expect(call(rig, "GET", target)).toMatchObject({ code: "400003" });
    rig.venues.built.changeKeys("kucoin", { isRevoked: false });
    rig.venues.built.trading.desk.inject({ venue: "kucoin", kind: "cancelAckLost" });
    const lost = ask(rig, "DELETE", target, "");
    rig.run(1_000);
    expect(lost).toEqual({ answers: [], isTaken: true });
    expect(rig.venues.model("kucoin").trading?.exchange.log.openOrders("main", null)).toEqual([]);
  });
});
