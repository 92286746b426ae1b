/** Goal: a plain client of either venue gets what the venue's pages promise, message for message. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { VenuesHandle } from "../../../../local/venues/handle.ts";
import { startVenues } from "../../../../local/venues/start.ts";
import { type Digits, digitsOf, LocalBook, type Message, VenueClient } from "../venue-client.ts";

const SPOT = "binance-spot";
const USDM = "binance-usdm";
let venues: VenuesHandle;

beforeAll(async () => {
  venues = await startVenues({
    seed: 5,
    spotInstruments: 6,
    usdmInstruments: 3,
    diffsPerSecond: 1_800,
    levelsPerSide: 300,
  });
});

afterAll(async () => {
  await venues.stop();
});

function dial(venue: typeof SPOT | typeof USDM, path: string): Promise<VenueClient> {
  return new VenueClient(`${venues.endpoints[venue].ws}${path}`).opened();
}

/** Subscribes, buffers, fetches, applies: the procedure of the pages, for `diffCount` diffs. */
async function followBook(venue: typeof SPOT | typeof USDM, diffCount: number) {
  const isSpot = venue === SPOT;
  const [symbol, limit] = ["BTCUSDT", isSpot ? 5_000 : 1_000];
  const root = `${venues.endpoints[venue].rest}${isSpot ? "/api/v3" : "/fapi/v1"}`;
  const digits = await digitsOf(root, symbol);
  const streams = "btcusdt@depth@100ms/btcusdt@bookTicker";
  const client = await dial(venue, `${isSpot ? "" : "/public"}/stream?streams=${streams}`);
  await client.until(() => client.data("depthUpdate").length >= 2, "two diffs");
  const response = await fetch(`${root}/depth?symbol=${symbol}&limit=${limit}`);
  const book = new LocalBook((await response.json()) as Message, { isSpot, digits });
  await client.until(() => client.data("depthUpdate").length >= diffCount, `${diffCount} diffs`);
  client.close();
  return { client, book, digits, symbol };
}

function compare(venue: typeof SPOT | typeof USDM, symbol: string, book: LocalBook) {
  const [bids, asks] = [book.levels("bid"), book.levels("ask")].map((side) => [...side]);
  return venues.compare({
    venue,
    symbol,
    seq: book.seq,
    bids: (bids ?? []).map(([ticks, lots]) => [ticks, lots]),
    asks: (asks ?? []).map(([ticks, lots]) => [ticks, lots]),
    bidHorizonTicks: null,
    askHorizonTicks: null,
  });
}

describe("a book built by the venue's own procedure", () => {
  it.each([SPOT, USDM] as const)("equals the truth after every diff (%s)", async (venue) => {
    const { client, book, symbol } = await followBook(venue, 60);
    let compared = 0;
    for (const diff of client.data("depthUpdate")) {
      book.apply(diff);
      expect(book.isBroken).toBe(false);
      expect(compare(venue, symbol, book)).toEqual({ verdict: "equal", differences: [] });
      compared += 1;
    }
    expect(compared).toBeGreaterThanOrEqual(60);
  });

  it.each([SPOT, USDM] as const)("has the touch that bookTicker says (%s)", async (venue) => {
    const { client, book, digits } = await followBook(venue, 80);
    const tickers = client.messages().map((message) => message.data as Message);
    let compared = 0;
    for (const diff of client.data("depthUpdate")) {
      const before = book.seq;
      book.apply(diff);
      const said = tickers.filter((one) => one.B !== undefined && Number(one.u) <= book.seq);
      const last = said.at(-1);
      // Only a ticker of the span just applied speaks of the state the book has now.
      if (last === undefined || Number(last.u) <= before) continue;
      expect(touchOf(book, digits)).toEqual([last.b, last.B, last.a, last.A].map(Number));
      compared += 1;
    }
    expect(compared).toBeGreaterThan(20);
  });
});

function touchOf(book: LocalBook, digits: Digits): number[] {
  const [bid, ask] = [book.levels("bid")[0] ?? [0, 0], book.levels("ask")[0] ?? [0, 0]];
  const at = (units: number, count: number) => Number((units / 10 ** count).toFixed(count));
  const { price, lot } = digits;
  return [at(bid[0], price), at(bid[1], lot), at(ask[0], price), at(ask[1], lot)];
}

describe("sequence ids", () => {
  it("of spot are contiguous from diff to diff, for each cadence by itself", async () => {
    const client = await dial(SPOT, "/stream?streams=ethusdt@depth@100ms/ethusdt@depth");
    await client.until(() => client.data("ethusdt@depth").length >= 2, "two slow diffs");
    for (const stream of ["ethusdt@depth@100ms", "ethusdt@depth"]) {
      const diffs = client.data(stream);
      for (const [at, diff] of diffs.entries()) {
        expect(Number(diff.u)).toBeGreaterThanOrEqual(Number(diff.U));
        if (at > 0) expect(diff.U).toBe(Number(diffs[at - 1]?.u) + 1);
      }
    }
    expect(client.data("ethusdt@depth@100ms").length).toBeGreaterThan(10);
    client.close();
  });

  it("of USD-M jump, and chain by pu for each cadence by itself", async () => {
    const names = ["btcusdt@depth@100ms", "btcusdt@depth", "btcusdt@depth@500ms"];
    const client = await dial(USDM, `/public/stream?streams=${names.join("/")}`);
    await client.until(() => client.data("btcusdt@depth@500ms").length >= 2, "two slow diffs");
    let jumps = 0;
    for (const name of names) {
      const diffs = client.data(name);
      for (const [at, diff] of diffs.entries()) {
        if (at === 0) continue;
        expect(diff.pu).toBe(diffs[at - 1]?.u);
        if (Number(diff.U) > Number(diff.pu) + 1) jumps += 1;
      }
    }
    expect(jumps).toBeGreaterThan(5);
    client.close();
  });
});

describe("the text of messages", () => {
  it("of spot has eight digits, the fields of the page, and bids downward", async () => {
    const client = await dial(SPOT, "/ws/btcusdt@depth@100ms");
    await client.until(() => client.texts.length >= 12, "diffs");
    const text = client.texts.find((one) => /"b":\[\[.*\],\[.*\]\],"a":\[\[/.test(one)) ?? "";
    const [bid, ask] = ['"b":\\[(\\["\\d+\\.\\d{8}","\\d+\\.\\d{8}"\\],?)*\\]', '"a":\\['];
    expect(text).toMatch(
      new RegExp(`^{"e":"depthUpdate","E":\\d{13},"s":"BTCUSDT","U":\\d+,"u":\\d+,${bid},${ask}`),
    );
    const prices = (JSON.parse(text) as { b: string[][] }).b.map(([price]) => Number(price));
    expect(prices).toEqual([...prices].sort((a, b) => b - a));
    client.close();
  });

  it("of USD-M has the digits of its steps, E and T, pu, ps and st, and bids upward", async () => {
    const client = await dial(USDM, "/public/ws/ethusdt@depth@100ms");
    const digits = await digitsOf(`${venues.endpoints[USDM].rest}/fapi/v1`, "ETHUSDT");
    const diff = await client.find((one) => (one.b as unknown[]).length > 1);
    const keys = ["e", "E", "T", "s", "U", "u", "pu", "b", "a", "ps", "st"];
    expect(Object.keys(diff)).toEqual(keys);
    const [price = "", lots = ""] = (diff.b as string[][])[0] ?? [];
    expect(price.split(".")[1] ?? "").toHaveLength(digits.price);
    expect(lots.split(".")[1] ?? "").toHaveLength(digits.lot);
    const prices = (diff.b as string[][]).map((level) => Number(level[0]));
    expect(prices).toEqual([...prices].sort((a, b) => a - b));
    client.close();
  });

  it("of trades adds up: the fills of an aggregate are its ids and its quantity", async () => {
    const client = await dial(SPOT, "/stream?streams=btcusdt@trade/btcusdt@aggTrade");
    await client.until(() => client.data("aggTrade").length >= 4, "four aggregates", 10_000);
    const trades = client.data("trade");
    const [aggregate] = client.data("aggTrade");
    const fills = trades.filter(
      (one) => Number(one.t) >= Number(aggregate?.f) && Number(one.t) <= Number(aggregate?.l),
    );
    expect(fills.length).toBe(Number(aggregate?.l) - Number(aggregate?.f) + 1);
    const sum = fills.reduce((total, one) => total + Math.round(Number(one.q) * 1e8), 0);
    expect(sum).toBe(Math.round(Number(aggregate?.q) * 1e8));
    for (const fill of fills) expect([fill.p, fill.m]).toEqual([aggregate?.p, aggregate?.m]);
    client.close();
  });

  it("of the mark price comes each second on the market door", async () => {
    const client = await dial(USDM, "/market/ws/btcusdt@markPrice@1s");
    const mark = await client.find((one) => one.e === "markPriceUpdate");
    expect(mark).toMatchObject({ s: "BTCUSDT", r: "0.00010000", st: 1 });
    expect(Number(mark.p)).toBeGreaterThan(50_000);
    client.close();
  });
});

describe("control messages on the wire", () => {
  it("subscribe, list, set the envelope, and unsubscribe", async () => {
    const client = await dial(SPOT, "/ws");
    const params = ["btcusdt@bookTicker", "btcusdt@depth@100ms"];
    expect(await client.ask({ method: "SUBSCRIBE", params, id: 1 })).toEqual({
      result: null,
      id: 1,
    });
    await client.find((one) => one.e === "depthUpdate");
    expect(await client.ask({ method: "LIST_SUBSCRIPTIONS", id: 2 })).toEqual({
      result: params,
      id: 2,
    });
    await client.ask({ method: "SET_PROPERTY", params: ["combined", true], id: 3 });
    const wrapped = await client.find((one) => one.stream === "btcusdt@depth@100ms");
    expect(wrapped.data).toMatchObject({ e: "depthUpdate", s: "BTCUSDT" });
    expect(await client.ask({ method: "UNSUBSCRIBE", params, id: 4 })).toEqual({
      result: null,
      id: 4,
    });
    const heard = client.texts.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(client.texts.length).toBe(heard);
    client.close();
  });

  it("say the error of the page when they are wrong", async () => {
    const client = await dial(SPOT, "/ws");
    client.send("{not json");
    expect(await client.find((one) => one.code === 3)).toMatchObject({ code: 3 });
    const unknown = await client.ask({ method: "SUBSCRIB", params: [], id: 9 });
    expect(unknown).toMatchObject({ code: 2, id: 9 });
    expect(unknown.msg).toMatch(/^Invalid request: unknown variant `SUBSCRIB`, expected one of/);
    client.close();
  });

  it("are acknowledged on the wrong door, which then delivers nothing", async () => {
    const client = await dial(USDM, "/market/ws");
    const params = ["btcusdt@depth@100ms", "nosuch@depth"];
    expect(await client.ask({ method: "SUBSCRIBE", params, id: 1 })).toEqual({
      result: null,
      id: 1,
    });
    expect((await client.ask({ method: "LIST_SUBSCRIPTIONS", id: 2 })).result).toEqual(params);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(client.data("depthUpdate")).toEqual([]);
    client.close();
  });

  it.each([
    [SPOT, 5],
    [USDM, 10],
  ] as const)("above the rate of %s end the session", async (venue, max) => {
    const client = await dial(venue, venue === SPOT ? "/ws" : "/public/ws");
    for (let id = 1; id <= max; id += 1) client.send({ method: "LIST_SUBSCRIPTIONS", id });
    await client.find((one) => one.id === max);
    expect(client.closeCode).toBeNull();
    client.send({ method: "LIST_SUBSCRIPTIONS", id: max + 1 });
    await client.until(() => client.closeCode !== null, "the session ends");
    expect(client.closeCode).toBe(1_008);
  });

  it("for more than 1024 streams end the session", async () => {
    const client = await dial(SPOT, "/ws");
    const names = Array.from({ length: 1_024 }, (_, at) => `x${at}@depth`);
    await client.ask({ method: "SUBSCRIBE", params: names, id: 1 });
    client.send({ method: "SUBSCRIBE", params: ["btcusdt@depth"], id: 2 });
    await client.until(() => client.closeCode === 1_008, "the session ends");
  });

  it("are answered with a pong when they are a ping", async () => {
    const client = await dial(SPOT, "/ws");
    client.socket.ping("hello");
    await client.until(() => client.pongs.length > 0, "a pong");
    expect(client.pongs).toEqual(["hello"]);
    client.close();
  });
});

describe("doors", () => {
  it.each([
    [USDM, "/ws/btcusdt@depth"],
    [USDM, "/stream?streams=btcusdt@depth"],
    [SPOT, "/public/ws"],
    [SPOT, "/"],
  ] as const)("that do not exist refuse the dial (%s %s)", async (venue, path) => {
    const client = await dial(venue, path);
    await client.until(() => client.closeCode !== null, "refused");
    expect(client.texts).toEqual([]);
    expect(client.closeCode).toBe(1_006);
  });

  it("answer a plain HTTP request with 426", async () => {
    const url = venues.endpoints[SPOT].ws.replace("ws:", "http:");
    expect((await fetch(url)).status).toBe(426);
  });
});
