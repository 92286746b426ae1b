// Goal: a plain client of the simulated Kraken gets what the venue's pages promise, message for message.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startVenues, type VenuesHandle } from "../../../../local/venues/start.ts";
import { bookMessages, dial, get, microsOf, PlainBook } from "./book-client.ts";

let venues: VenuesHandle;

beforeAll(async () => {
  venues = await startVenues({
    seed: 7,
    spotInstruments: 1,
    usdmInstruments: 1,
    kucoinInstruments: 1,
    krakenInstruments: 4,
    diffsPerSecond: 700,
    levelsPerSide: 300,
  });
});

afterAll(async () => {
  await venues.stop();
});

function subscribe(channel: string, symbol: readonly string[], more: object = {}, id = 1) {
  return { method: "subscribe", params: { channel, symbol, ...more }, req_id: id };
}

describe("a book kept by the venue's own guide", () => {
  it.each([10, 25, 100])("of depth %i equals the truth and every checksum", async (depth) => {
    const client = await dial(venues);
    client.send(subscribe("book", ["BTC/USD"], { depth }));
    await client.until(() => bookMessages(client.texts).length >= 80, "eighty messages");
    client.close();
    const book = new PlainBook(depth);
    for (const message of bookMessages(client.texts)) {
      book.apply(message);
      expect(book.checksum).toBe(message.checksum);
      const seq = microsOf(message.timestamp);
      const told = venues.compare({ venue: "kraken", symbol: "BTC/USD", seq, ...book.sides });
      expect(told).toEqual({ verdict: "equal", differences: [] });
    }
    const { bids, asks } = book.sides;
    expect([bids.length, asks.length]).toEqual([depth, depth]);
    expect(bookMessages(client.texts)[0]?.type).toBe("snapshot");
  });

  it("begins with a snapshot behind one acknowledgement for each symbol", async () => {
    const client = await dial(venues);
    client.send(subscribe("book", ["BTC/USD", "ETH/USD"], { depth: 25 }, 42));
    await client.until(() => bookMessages(client.texts).length >= 2, "two snapshots");
    client.close();
    const answers = client.messages().filter(({ req_id }) => req_id === 42);
    expect(answers).toMatchObject([
      { method: "subscribe", success: true, result: { channel: "book", depth: 25 } },
      { method: "subscribe", success: true, result: { channel: "book", snapshot: true } },
    ]);
    expect(client.messages()[0]).toMatchObject({ channel: "status", type: "update" });
  });

  it("begins anew after an unsubscription, and is silent in between", async () => {
    const client = await dial(venues);
    client.send(subscribe("book", ["BTC/USD"], { depth: 10 }));
    await client.until(() => bookMessages(client.texts).length >= 5, "a few messages");
    client.send({
      method: "unsubscribe",
      params: { channel: "book", symbol: ["BTC/USD"], depth: 10 },
      req_id: 2,
    });
    await client.find(({ req_id }) => req_id === 2);
    const heard = bookMessages(client.texts).length;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(bookMessages(client.texts)).toHaveLength(heard);
    client.send(subscribe("book", ["BTC/USD"], { depth: 10 }, 3));
    await client.until(() => bookMessages(client.texts).length > heard, "a snapshot");
    expect(bookMessages(client.texts)[heard]?.type).toBe("snapshot");
    client.close();
  });
});

describe("refusals", () => {
  it.each([
    [subscribe("book", ["XBT/USD"]), "Currency pair not supported XBT/USD"],
    [subscribe("book", ["BTC/USD"], { depth: 11 }), "Depth not supported"],
    [subscribe("spread", ["BTC/USD"]), "Unsupported channel"],
    [subscribe("book", []), "Missing symbol"],
    [{ method: "dance", req_id: 1 }, "Unsupported method"],
    [
      { method: "unsubscribe", params: { channel: "book", symbol: ["BTC/USD"] }, req_id: 1 },
      "Subscription Not Found",
    ],
  ])("%j", async (request, error) => {
    const client = await dial(venues);
    client.send(request);
    expect(await client.find(({ success }) => success === false)).toMatchObject({ error });
    client.close();
  });

  it("a second subscription to the same book", async () => {
    const client = await dial(venues);
    for (const id of [1, 2]) client.send(subscribe("book", ["BTC/USD"], {}, id));
    const answer = await client.find(({ req_id }) => req_id === 2);
    expect(answer).toMatchObject({ success: false, error: "Already subscribed" });
    client.close();
  });

  it("a text that is no request, and a path that is none", async () => {
    const client = await dial(venues);
    client.send("{");
    expect(await client.find(({ success }) => success === false)).toMatchObject({
      error: "Malformed request",
    });
    client.close();
    const { ws = "" } = venues.endpoints.kraken ?? {};
    const answer = await fetch(`${ws.replace("ws", "http")}/v3`);
    expect(answer.status).toBeGreaterThanOrEqual(400);
  });
});

describe("beside books", () => {
  it("heartbeats come once something is subscribed to, and pings are answered at any time", async () => {
    const client = await dial(venues);
    client.send({ method: "ping", req_id: 9 });
    const pong = await client.find(({ method }) => method === "pong");
    expect(pong).toMatchObject({ req_id: 9 });
    expect(microsOf(String(pong.time_in))).toBeLessThanOrEqual(microsOf(String(pong.time_out)));
    expect(client.messages().some(({ channel }) => channel === "heartbeat")).toBe(false);
    client.send(subscribe("trade", ["BTC/USD"]));
    await client.find(({ channel }) => channel === "heartbeat");
    client.close();
  });

  it("trades, tickers and instruments are told", async () => {
    const client = await dial(venues);
    client.send(subscribe("trade", ["BTC/USD"]));
    client.send(subscribe("ticker", ["BTC/USD"], { event_trigger: "bbo" }));
    client.send({ method: "subscribe", params: { channel: "instrument" } });
    await client.find(({ channel, type }) => channel === "ticker" && type === "snapshot");
    await client.find(({ channel, type }) => channel === "ticker" && type === "update");
    await client.find(({ channel }) => channel === "trade");
    const { data } = await client.find(
      ({ channel, type }) => channel === "instrument" && type === "snapshot",
    );
    expect((data as { pairs: { symbol: string }[] }).pairs.map(({ symbol }) => symbol)).toContain(
      "BTC/USD",
    );
    client.close();
  });
});

describe("REST", () => {
  it("gives pairs under the old names", async () => {
    const { result } = await get(venues, "/0/public/AssetPairs");
    expect((result as Record<string, unknown>).XBTUSD).toMatchObject({
      wsname: "XBT/USD",
      status: "online",
    });
  });

  it("gives the time, the system's state and a book; and errors in a body of 200", async () => {
    expect(await get(venues, "/0/public/Time")).toMatchObject({ error: [] });
    expect(await get(venues, "/0/public/SystemStatus")).toMatchObject({
      result: { status: "online" },
    });
    const { result } = await get(venues, "/0/public/Depth?pair=XBTUSD&count=5");
    const [book] = Object.values(result as Record<string, { bids: unknown[] }>);
    expect(book?.bids).toHaveLength(5);
    expect(await get(venues, "/0/public/Depth?pair=NOTHING")).toEqual({
      error: ["EQuery:Unknown asset pair"],
    });
    expect(await get(venues, "/0/public/Nothing")).toEqual({ error: ["EGeneral:Unknown method"] });
  });
});
