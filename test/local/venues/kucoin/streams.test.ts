// Goal: a plain client of the simulated KuCoin gets what the venue's pages promise, message for message.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startVenues, type VenuesHandle } from "../../../../local/venues/start.ts";
import { dial, get, greeted, KucoinBook, pushes, signed, subscribe } from "./kucoin-client.ts";

let venues: VenuesHandle;

beforeAll(async () => {
  venues = await startVenues({
    seed: 7,
    spotInstruments: 1,
    usdmInstruments: 1,
    krakenInstruments: 1,
    kucoinInstruments: 6,
    diffsPerSecond: 900,
    levelsPerSide: 300,
  });
});

afterAll(async () => {
  await venues.stop();
});

type Symbol = { symbol: string; priceIncrement: string; baseIncrement: string };

async function digitsOf(symbol: string) {
  const { data } = await get(venues, "/api/v2/symbols");
  const row = (data as Symbol[]).find((one) => one.symbol === symbol);
  const digits = (text = "1") => text.split(".")[1]?.length ?? 0;
  return { price: digits(row?.priceIncrement), lot: digits(row?.baseIncrement) };
}

describe("a book built by the venue's own procedure", () => {
  it("equals the truth after every delta, bare sequences included", async () => {
    const client = await greeted(venues);
    const topic = "/market/level2:BTC-USDT";
    expect(await subscribe(client, 1, topic)).toEqual({ id: "1", type: "ack" });
    await client.until(() => pushes(client, topic).length >= 2, "two deltas");
    const snapshot = await signed(venues, "GET", "/api/v3/market/orderbook/level2?symbol=BTC-USDT");
    const book = new KucoinBook(
      snapshot.envelope.data as ConstructorParameters<typeof KucoinBook>[0],
    );
    await client.until(() => pushes(client, topic).length >= 80, "eighty deltas");
    client.close();
    const { price, lot } = await digitsOf("BTC-USDT");
    let compared = 0;
    for (const push of pushes(client, topic)) {
      book.apply(push);
      expect(book.isBroken).toBe(false);
      if (Number(push.sequenceEnd) !== book.sequence) continue;
      const sides = {
        bids: book.levels("bids", price, lot),
        asks: book.levels("asks", price, lot),
      };
      const horizon = { bidHorizonTicks: null, askHorizonTicks: null };
      const told = venues.compare({
        venue: "kucoin",
        symbol: "BTC-USDT",
        seq: book.sequence,
        ...sides,
        ...horizon,
      });
      expect(told).toEqual({ verdict: "equal", differences: [] });
      compared += 1;
    }
    expect(compared).toBeGreaterThan(50);
    const rows = pushes(client, topic).flatMap(
      (push) => (push.changes as { asks: string[][] }).asks,
    );
    expect(rows.some(([first]) => first === "0")).toBe(true);
  });

  it("of a hundred levels is the best of the same book, and twenty are the best of those", async () => {
    const shallow = await get(venues, "/api/v1/market/orderbook/level2_20?symbol=ETH-USDT");
    const deeper = await get(venues, "/api/v1/market/orderbook/level2_100?symbol=ETH-USDT");
    const count = ({ data }: { data?: unknown }) => (data as { bids: unknown[] }).bids.length;
    expect([count(shallow), count(deeper)]).toEqual([20, 100]);
  });
});

describe("the other topics", () => {
  it("level1 is flat, and trades count beyond 2^53", async () => {
    const client = await greeted(venues);
    await subscribe(client, 1, "/spotMarket/level1:BTC-USDT,ETH-USDT");
    await subscribe(client, 2, "/market/match:BTC-USDT,ETH-USDT");
    const touch = await client.find(({ subject }) => subject === "level1");
    expect(touch.data).toEqual({
      asks: [expect.any(String), expect.any(String)],
      bids: [expect.any(String), expect.any(String)],
      timestamp: expect.any(Number),
    });
    const match = await client.find(({ subject }) => subject === "trade.l3match");
    const { sequence, time, side } = match.data as Record<string, string>;
    expect(BigInt(sequence ?? "0") > 2n ** 53n).toBe(true);
    expect(time).toMatch(/^\d{19}$/);
    expect(["buy", "sell"]).toContain(side);
    client.close();
  });

  it("are left by unsubscribing", async () => {
    const client = await greeted(venues);
    await subscribe(client, 1, "/spotMarket/level1:BTC-USDT");
    await client.find(({ subject }) => subject === "level1");
    client.send({
      id: 2,
      type: "unsubscribe",
      topic: "/spotMarket/level1:BTC-USDT",
      response: true,
    });
    await client.find(({ id, type }) => id === "2" && type === "ack");
    const heard = client.texts.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(client.texts.length).toBe(heard);
    client.close();
  });
});

describe("the rules of the push side", () => {
  it.each([
    ["no topic", { id: 1, type: "subscribe" }, 406],
    ["an unknown type", { id: 2, type: "shout" }, 415],
    [
      "a topic of no instrument",
      { id: 3, type: "subscribe", topic: "/market/level2:NO-SUCH" },
      404,
    ],
    [
      "a private topic",
      { id: 4, type: "subscribe", topic: "/account/balance", privateChannel: true },
      403,
    ],
    [
      "too many topics at once",
      {
        id: 5,
        type: "subscribe",
        topic: `/market/level2:${Array.from({ length: 101 }, (_, i) => `A${i}`).join(",")}`,
      },
      509,
    ],
  ])("%s is an error with its code", async (_, message, code) => {
    const client = await greeted(venues);
    client.send(message);
    expect(await client.find(({ type }) => type === "error")).toMatchObject({
      id: String(message.id),
      code,
    });
    client.close();
  });

  it("text that is no JSON is an error", async () => {
    const client = await greeted(venues);
    client.send("{");
    expect(await client.find(({ type }) => type === "error")).toMatchObject({ code: 400 });
    client.send("7");
    await client.until(
      () => client.messages().filter(({ type }) => type === "error").length === 2,
      "two",
    );
    client.close();
  });

  it("a ping is answered under its id", async () => {
    const client = await greeted(venues);
    client.send({ id: "17", type: "ping" });
    expect(await client.find(({ type }) => type === "pong")).toEqual({ id: "17", type: "pong" });
    client.close();
  });

  it("a bad ticket is told so, and the session ends", async () => {
    const client = await dial(venues, "stolen");
    expect(await client.find(({ type }) => type === "error")).toMatchObject({
      id: "me",
      code: 401,
    });
    await client.until(() => client.closeCode !== null, "the end");
  });

  it("more than a hundred messages in ten seconds end the session", async () => {
    const client = await greeted(venues);
    for (let i = 0; i < 101; i++) client.send({ id: i, type: "ping" });
    expect(await client.find(({ type }) => type === "error")).toMatchObject({ code: 509 });
    await client.until(() => client.closeCode !== null, "the end");
  });
});

describe("REST", () => {
  it("tells time, status and the pool", async () => {
    const { data } = await get(venues, "/api/v1/timestamp");
    expect(Math.abs(Number(data) - Date.now())).toBeLessThan(2000);
    expect(await get(venues, "/api/v1/status")).toEqual({
      code: "200000",
      data: { status: "open", msg: "" },
    });
    const { headers } = await signed(venues, "GET", "/api/v1/accounts?type=trade");
    expect(headers.get("gw-ratelimit-limit")).toBe("4000");
    expect(Number(headers.get("gw-ratelimit-remaining"))).toBeLessThan(4000);
  });

  it("answers what it does not know with a code", async () => {
    expect(await get(venues, "/api/v1/nothing")).toMatchObject({ code: "404000" });
    expect(await get(venues, "/api/v1/market/orderbook/level2_100?symbol=NO")).toMatchObject({
      code: "900001",
    });
  });

  it.each([
    ["a key that is none", { "KC-API-KEY": "x" }, "400003"],
    ["no key", { "KC-API-KEY": "" }, "400001"],
    ["a wrong passphrase", { "KC-API-PASSPHRASE": "x" }, "400004"],
    ["a wrong signature", { "KC-API-SIGN": "x" }, "400005"],
    ["an old timestamp", { "KC-API-TIMESTAMP": "1547015186532" }, "400002"],
  ])("%s is refused", async (_, spoil, code) => {
    const { envelope, status } = await signed(venues, "GET", "/api/v1/accounts?type=trade", {
      spoil,
    });
    expect([status, envelope.code]).toEqual([401, code]);
  });
});
