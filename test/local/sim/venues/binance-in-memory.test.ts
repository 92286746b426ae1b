// Goal: Binance's simulated venues say in memory what they say over sockets: streams, snapshots, orders, faults.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { VenueId } from "../../../../contracts/ids.ts";
import { type Params, signature } from "../../venues/binance/trading/trading-client.ts";
import { type Digits, LocalBook } from "../../venues/venue-client.ts";
import { MemoryRig, type MemorySession, type Message } from "./memory-rig.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const DOORS = { "binance-spot": "/ws", "binance-usdm": "/public/ws" } as const;
const DEPTH = {
  "binance-spot": "/api/v3/depth?symbol=BTCUSDT&limit=1000",
  "binance-usdm": "/fapi/v1/depth?symbol=BTCUSDT&limit=1000",
} as const;

function digitsOf(rig: MemoryRig, venue: VenueId): Digits {
  const { market } = rig.venues.model(venue);
  const { rules } = market.instrumentAt(market.indexOf("BTCUSDT") ?? 0);
  return { price: rules.priceDigits, lot: rules.lotDigits };
}

describe.each(["binance-spot", "binance-usdm"] as const)("the streams of %s", (venue) => {
  it("and a snapshot make a book that equals the truth, delta after delta", () => {
    const rig = new MemoryRig({ seed: 11 }, [venue]);
    const session = rig.dial(venue, DOORS[venue]);
    session.say({ method: "SUBSCRIBE", params: ["btcusdt@depth@100ms"], id: 1 });
    expect(session.texts).toEqual(['{"result":null,"id":1}']);
    rig.run(500);
    const snapshot = rig.body(venue, `GET ${DEPTH[venue]}`);
    const book = new LocalBook(snapshot, {
      isSpot: venue === "binance-spot",
      digits: digitsOf(rig, venue),
    });
    let appliedCount = 1;
    for (let second = 0; second < 3; second += 1) {
      rig.run(1_000);
      for (const message of session.messages().slice(appliedCount)) book.apply(message);
      appliedCount = session.texts.length;
      expect(book.isBroken).toBe(false);
      const verdict = rig.venues.built.compare({
        venue,
        symbol: "BTCUSDT",
        seq: book.seq,
        bids: book.levels("bid").map(([ticks, lots]) => [ticks, lots]),
        asks: book.levels("ask").map(([ticks, lots]) => [ticks, lots]),
        bidHorizonTicks: null,
        askHorizonTicks: null,
      });
      expect(verdict?.verdict).toBe("equal");
    }
    expect(session.messages().length).toBeGreaterThan(20);
  });
});

/** One session of the WebSocket API that signs as the venue's pages say. */
class Api {
  readonly session: MemorySession;
  readonly #rig: MemoryRig;
  #id = 0;

  constructor(rig: MemoryRig) {
    this.#rig = rig;
    const { trading } = rig.venues.model("binance-spot").endpoints;
    this.session = rig.dial("binance-spot", trading?.orders ?? "");
  }

  signed(params: Params, kind = "hmac"): Params {
    const key = this.#rig.venues.model("binance-spot").endpoints.trading?.keys[kind];
    if (key === undefined) throw new Error(`no ${kind} key`);
    const timestamp = Math.floor(this.#rig.nowUs / 1_000);
    const all: Record<string, string | number | boolean> = {
      timestamp,
      ...params,
      apiKey: key.apiKey,
    };
    const names = Object.keys(all).sort();
    const payload = names.map((name) => `${name}=${String(all[name])}`).join("&");
    return { ...all, signature: signature(key, payload) };
  }

  /** What answered a signed request at once. */
  ask(method: string, params: Params = {}, kind = "hmac"): Message | undefined {
    this.#id += 1;
    this.session.say({ id: this.#id, method, params: this.signed(params, kind) });
    return this.session.messages().find(({ id }) => id === this.#id);
  }

  events(): Message[] {
    return this.session.messages().flatMap(({ event }) => (event ? [event as Message] : []));
  }
}

describe("orders of binance-spot", () => {
  function prices(rig: MemoryRig): { bid: number; ask: number } {
    const depth = rig.body("binance-spot", "GET /api/v3/depth?symbol=BTCUSDT&limit=5");
    const { bids, asks } = depth as unknown as { bids: string[][]; asks: string[][] };
    return { bid: Number(bids[0]?.[0]), ask: Number(asks[0]?.[0]) };
  }

  const LIMIT = { symbol: "BTCUSDT", side: "BUY", type: "LIMIT", quantity: "0.01" } as const;

  it("are placed, filled, told of and canceled with the venue's own texts and signatures", () => {
    const rig = new MemoryRig({ seed: 4 }, ["binance-spot"]);
    rig.run(100);
    const api = new Api(rig);
    expect(api.ask("userDataStream.subscribe.signature")).toMatchObject({ status: 200 });
    const { bid, ask } = prices(rig);
    const ioc = { ...LIMIT, timeInForce: "IOC", price: String(ask + 30), newClientOrderId: "a1" };
    expect(api.ask("order.place", ioc)).toMatchObject({
      status: 200,
      result: { clientOrderId: "a1", status: "FILLED" },
    });
    const gtc = { ...LIMIT, timeInForce: "GTC", price: String(bid - 400), newClientOrderId: "a2" };
    expect(api.ask("order.place", gtc, "ed25519")).toMatchObject({ status: 200 });
    const side = rig.venues.model("binance-spot").trading;
    expect(side?.exchange.log.openOrders("main", null)).toHaveLength(1);
    const cancel = { symbol: "BTCUSDT", origClientOrderId: "a2" };
    expect(api.ask("order.cancel", cancel)).toMatchObject({ result: { status: "CANCELED" } });
    expect(side?.exchange.log.openOrders("main", null)).toEqual([]);
    const reports = api.events().filter(({ e }) => e === "executionReport");
    expect(reports.map(({ c, x }) => [c, x])).toEqual([
      ["a1", "NEW"],
      ["a1", "TRADE"],
      ["a2", "NEW"],
      [expect.any(String), "CANCELED"],
    ]);
  });

  it("are asked after by signed REST, and refused with a false signature", () => {
    const rig = new MemoryRig({ seed: 4 }, ["binance-spot"]);
    rig.run(20);
    const keys = rig.venues.model("binance-spot").endpoints.trading?.keys;
    const key = keys?.hmac ?? { apiKey: "", secret: "", passphrase: "" };
    const query = `symbol=BTCUSDT&timestamp=${Math.floor(rig.nowUs / 1_000)}`;
    const headers = { "x-mbx-apikey": key.apiKey };
    const good = `GET /api/v3/openOrders?${query}&signature=${signature(key, query)}`;
    const answered = rig.ask("binance-spot", good, { headers }).answers[0];
    expect(answered).toMatchObject({ status: 200, body: "[]" });
    expect(Number(answered?.headers["X-MBX-USED-WEIGHT-1M"])).toBeGreaterThan(0);
    const bad = `GET /api/v3/openOrders?${query}&signature=${"0".repeat(64)}`;
    expect(rig.body("binance-spot", bad, { headers })).toMatchObject({ code: -1_022 });
  });

  it("whose answer is lost are never answered, and truth knows what became of them", () => {
    const rig = new MemoryRig({ seed: 4 }, ["binance-spot"]);
    rig.run(20);
    const api = new Api(rig);
    const order = { ...LIMIT, timeInForce: "GTC", price: String(prices(rig).bid - 400) };
    const { desk } = rig.venues.built.trading;
    expect(desk.inject({ venue: "binance-spot", kind: "ackLost" })).toMatchObject({ kind: "done" });
    expect(api.ask("order.place", { ...order, newClientOrderId: "b1" })).toBeUndefined();
    desk.inject({ venue: "binance-spot", kind: "requestLost" });
    expect(api.ask("order.place", { ...order, newClientOrderId: "b2" })).toBeUndefined();
    rig.run(500);
    const open = rig.venues.model("binance-spot").trading?.exchange.log.openOrders("main", null);
    expect(open?.map(({ clientOrderId }) => clientOrderId)).toEqual(["b1"]);
  });
});
