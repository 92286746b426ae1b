// Goal: the simulated Kraken says in memory what it says over sockets: books, signed calls, orders by stream.
import { createHash, createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bookMessages, microsOf, PlainBook } from "../../venues/kraken/book-client.ts";
import { MemoryRig, type MemorySession, type Message } from "./memory-rig.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const DEPTH = 10;

function rigOf(seed: number): MemoryRig {
  return new MemoryRig({ seed, krakenInstruments: 3 }, ["kraken"]);
}

describe("the books of Kraken", () => {
  it("carry their checksums and equal the truth, message after message", () => {
    const rig = rigOf(6);
    const session = rig.dial("kraken", "/v2");
    expect(session.messages()).toMatchObject([{ channel: "status" }]);
    const { rules } = rig.venues.model("kraken").market.instrumentAt(0);
    const { symbol } = rules;
    const params = { channel: "book", symbol: [symbol], depth: DEPTH };
    session.say({ method: "subscribe", params, req_id: 3 });
    expect(session.messages()[1]).toMatchObject({ req_id: 3, success: true });
    rig.run(2_500);
    const book = new PlainBook(DEPTH);
    const messages = bookMessages(session.texts);
    expect(messages.length).toBeGreaterThan(20);
    for (const message of messages) {
      book.apply(message);
      expect(book.checksum).toBe(message.checksum);
      const verdict = rig.venues.built.compare({
        venue: "kraken",
        symbol,
        seq: microsOf(message.timestamp),
        ...book.sides,
      });
      expect(verdict?.verdict).toBe("equal");
    }
    // Heartbeats come by the global timers, which are false ones here.
    expect(session.messages().filter(({ channel }) => channel === "heartbeat")).toHaveLength(2);
    session.link?.receivePing("mine");
    expect(session.events).toEqual(["open", "pong mine"]);
  });

  it("end for who says nothing for a minute", () => {
    const rig = rigOf(6);
    const session = rig.dial("kraken", "/v2");
    rig.run(60_000);
    expect(session.events).toEqual(["open", "close 1001 Idle", "end"]);
  });
});

/** A signed call as the venue's page on authentication has it. */
function call(rig: MemoryRig, method: string, nonce: number, spoil = ""): Message {
  const { trading } = rig.venues.model("kraken").endpoints;
  const { apiKey = "", secret = "" } = trading?.keys.hmac ?? {};
  const target = `/0/private/${method}`;
  const body = `nonce=${nonce}`;
  const digest = createHash("sha256").update(`${nonce}${body}`).digest();
  const signature = createHmac("sha512", Buffer.from(secret, "base64"))
    .update(target)
    .update(digest)
    .digest("base64");
  const headers = { "API-Key": apiKey, "API-Sign": spoil + signature };
  return rig.body("kraken", `POST ${target}`, { headers, body });
}

function enter(rig: MemoryRig): { session: MemorySession; token: string } {
  const { result } = call(rig, "GetWebSocketsToken", 1) as { result?: { token: string } };
  const session = rig.dial("kraken", rig.venues.model("kraken").endpoints.trading?.stream ?? "");
  return { session, token: result?.token ?? "" };
}

describe("orders of Kraken", () => {
  it("are placed, told of and canceled with a token of a signed call", () => {
    const rig = rigOf(8);
    rig.run(20);
    const { session, token } = enter(rig);
    session.say({ method: "subscribe", params: { channel: "executions", token }, req_id: 1 });
    const { market, trading } = rig.venues.model("kraken");
    const { book, rules } = market.instrumentAt(0);
    const scale = 10 ** rules.priceDigits;
    const order = {
      token,
      symbol: rules.symbol,
      side: "buy",
      order_type: "limit",
      limit_price: (book.bestBidTicks - 60) / scale,
      order_qty: Math.ceil(rules.medianLots / 10) / 10 ** rules.lotDigits,
      cl_ord_id: "rk-1",
    };
    session.say({ method: "add_order", params: order, req_id: 2 });
    expect(session.messages().find(({ req_id }) => req_id === 2)).toMatchObject({
      success: true,
      result: { cl_ord_id: "rk-1" },
    });
    expect(trading?.exchange.log.openOrders("main", null)).toHaveLength(1);
    session.say({ method: "cancel_order", params: { token, cl_ord_id: ["rk-1"] }, req_id: 4 });
    expect(session.messages().find(({ req_id }) => req_id === 4)).toMatchObject({ success: true });
    const told = session
      .messages()
      .filter(({ channel, type }) => channel === "executions" && type === "update")
      .flatMap(({ data }) => data as { exec_type: string }[]);
    expect(told.map(({ exec_type }) => exec_type)).toEqual(["pending_new", "new", "canceled"]);
    expect(call(rig, "OpenOrders", 2)).toEqual({ error: [], result: { open: {} } });
  });

  it("want a key's own signature, growing nonces, a token and a POST", () => {
    const rig = rigOf(8);
    expect(call(rig, "BalanceEx", 5, "x")).toEqual({ error: ["EAPI:Invalid signature"] });
    expect(call(rig, "BalanceEx", 5)).toMatchObject({ error: [] });
    expect(call(rig, "BalanceEx", 5)).toEqual({ error: ["EAPI:Invalid nonce"] });
    const { answers } = rig.ask("kraken", "GET /0/private/BalanceEx");
    expect(answers).toMatchObject([{ status: 405 }]);
    const { session } = enter(rig);
    session.say({ method: "add_order", params: { token: "none" }, req_id: 9 });
    expect(session.last()).toMatchObject({ req_id: 9, success: false });
  });
});
