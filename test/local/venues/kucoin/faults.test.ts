// Goal: what is asked to go wrong goes wrong, once, on the wire only, and never in the truth; and limits hold.
import { afterEach, describe, expect, it } from "vitest";
import { startVenues, type VenuesHandle } from "../../../../local/venues/start.ts";
import { dial, endpointsOf, get, greeted, pushes, subscribe } from "./kucoin-client.ts";

let venues: VenuesHandle;
const TOPIC = "/market/level2:BTC-USDT";

async function start(options: Parameters<typeof startVenues>[0] = {}): Promise<void> {
  venues = await startVenues({
    seed: 3,
    spotInstruments: 1,
    usdmInstruments: 1,
    krakenInstruments: 1,
    kucoinInstruments: 3,
    diffsPerSecond: 600,
    levelsPerSide: 100,
    ...options,
  });
}

afterEach(async () => {
  await venues.stop();
});

async function heard() {
  const client = await greeted(venues);
  await subscribe(client, 1, TOPIC);
  await client.until(() => pushes(client, TOPIC).length > 0, "a delta");
  return client;
}

describe("faults of one delta", () => {
  it("a dropped one leaves a gap, a doubled one comes twice", async () => {
    await start();
    const client = await heard();
    expect(venues.inject({ kind: "dropDiff", venue: "kucoin", symbol: "BTC-USDT" }).kind).toBe(
      "injected",
    );
    const hasGap = () =>
      pushes(client, TOPIC).some(
        ({ sequenceStart }, i, all) =>
          i > 0 && Number(sequenceStart) > Number(all[i - 1]?.sequenceEnd) + 1,
      );
    await client.until(hasGap, "a gap");
    venues.inject({ kind: "duplicateDiff", venue: "kucoin", symbol: "BTC-USDT" });
    const isTwice = () =>
      client.texts.some(
        (text, i) => i > 0 && text === client.texts[i - 1] && text.includes("l2update"),
      );
    await client.until(isTwice, "the same twice");
    client.close();
  });

  it("a foreign symbol and a crossing bid are only said", async () => {
    await start();
    const client = await heard();
    venues.inject({ kind: "wrongSymbol", venue: "kucoin", symbol: "BTC-USDT" });
    await client.until(
      () => pushes(client, TOPIC).some(({ symbol }) => symbol !== "BTC-USDT"),
      "a foreign symbol",
    );
    venues.inject({ kind: "crossedBook", venue: "kucoin", symbol: "BTC-USDT" });
    await client.until(() => venues.faults().at(-1)?.endedUs !== null, "the crossing bid");
    const { data } = await get(venues, "/api/v1/market/orderbook/level2_20?symbol=BTC-USDT");
    const { bids, asks } = data as { bids: string[][]; asks: string[][] };
    expect(Number(bids[0]?.[0])).toBeLessThan(Number(asks[0]?.[0]));
    client.close();
  });

  it("a damaged one is no message any more, or not this one", async () => {
    await start();
    const client = await heard();
    const before = client.texts.length;
    for (let i = 0; i < 6; i++)
      venues.inject({ kind: "malformedFrame", venue: "kucoin", symbol: "BTC-USDT" });
    await client.until(
      () => venues.faults().every(({ endedUs }) => endedUs !== null),
      "six damaged frames",
    );
    const later = client.texts.slice(before);
    const isDamaged = (text: string) =>
      text.includes("1e999") || !text.endsWith("}") || text.includes("upstream");
    expect(later.filter(isDamaged).length).toBeGreaterThan(0);
    client.close();
  });
});

describe("faults of snapshots", () => {
  it("old ones are old, refused ones are pages, slow ones come late", async () => {
    await start();
    const client = await heard();
    await client.until(() => pushes(client, TOPIC).length > 40, "some deltas");
    const url = "/api/v1/market/orderbook/level2_100?symbol=BTC-USDT";
    venues.inject({ kind: "oldSnapshot", venue: "kucoin", symbol: "BTC-USDT" });
    const last = () => Number(pushes(client, TOPIC).at(-1)?.sequenceEnd);
    const old = (await get(venues, url)).data as { sequence: string };
    expect(Number(old.sequence)).toBeLessThan(last());
    venues.inject({ kind: "snapshot503", venue: "kucoin", symbol: "BTC-USDT" });
    expect((await fetch(`${endpointsOf(venues).rest}${url}`)).status).toBe(503);
    venues.inject({ kind: "slowSnapshot", venue: "kucoin", symbol: "BTC-USDT", durationMs: 40 });
    const started = Date.now();
    await get(venues, url);
    expect(Date.now() - started).toBeGreaterThanOrEqual(30);
    client.close();
  });
});

describe("faults of the venue", () => {
  it("a cut ends the session; a restart forgets tickets and lets the sequences leap", async () => {
    await start();
    const client = await heard();
    const before = Number(pushes(client, TOPIC).at(-1)?.sequenceEnd);
    venues.inject({ kind: "cut", venue: "kucoin", symbol: "BTC-USDT" });
    await client.until(() => client.closeCode !== null, "the cut");
    venues.inject({ kind: "venueRestart", venue: "kucoin", durationMs: 50 });
    await new Promise((resolve) => setTimeout(resolve, 150));
    const again = await heard();
    expect(Number(pushes(again, TOPIC)[0]?.sequenceStart)).toBeGreaterThan(before + 1000);
    again.close();
  });

  it("refuses dials while it refuses, and announces no shutdown", async () => {
    await start();
    expect(venues.inject({ kind: "serverShutdown", venue: "kucoin" })).toMatchObject({
      kind: "refused",
      field: "kind",
    });
    venues.inject({ kind: "refuse", venue: "kucoin", durationMs: 60 });
    const client = await dial(venues);
    expect(client.messages()).toEqual([]);
    await client.until(() => client.closeCode !== null, "the refusal");
  });
});

describe("limits", () => {
  it("a silent client is told of its ping and cut", async () => {
    await start({ pingMs: 50, pongTimeoutMs: 50 });
    const client = await greeted(venues);
    expect(await client.find(({ type }) => type === "error")).toMatchObject({
      code: 400,
      data: "ping timeout",
    });
    await client.until(() => client.closeCode !== null, "the end");
  });

  it("a session ends with its ticket", async () => {
    await start({ sessionLifeMs: 150 });
    const client = await greeted(venues);
    await client.until(() => client.closeCode !== null, "the end");
    expect(client.closeCode).toBe(1001);
  });

  it("thirty dials a minute, and then 429", async () => {
    await start();
    const clients = await Promise.all(Array.from({ length: 30 }, () => greeted(venues)));
    const { ws } = endpointsOf(venues);
    const refused = await fetch(`${ws.replace("ws", "http")}/?token=x`);
    expect(refused.status).toBe(426);
    const stats = () => venues.stats().venues.kucoin;
    const last = await dial(venues);
    await last.until(() => last.closeCode !== null, "the refusal");
    expect(last.messages()).toEqual([]);
    expect(stats()?.dialRefusedCount).toBeGreaterThan(0);
    for (const client of clients) client.close();
  });

  it("the public pool is spent, and says when it is full again", async () => {
    await start();
    const rest = endpointsOf(venues).rest;
    let answer = await fetch(`${rest}/api/v2/symbols`);
    for (let i = 0; i < 520 && answer.status === 200; i++)
      answer = await fetch(`${rest}/api/v2/symbols`);
    expect(answer.status).toBe(429);
    expect(await answer.json()).toMatchObject({ code: "429000" });
    expect(Number(answer.headers.get("gw-ratelimit-reset"))).toBeGreaterThan(0);
    expect(venues.stats().venues.kucoin?.tooManyCount).toBeGreaterThan(0);
  });
});
