/** Goal: every kind of fault shows on the wire as itself, and is recorded when it begins and ends. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FaultRecord } from "../../../../local/venues/fault-desk.ts";
import type { FaultRequest } from "../../../../local/venues/fault-plan.ts";
import type { VenuesHandle } from "../../../../local/venues/handle.ts";
import { startVenues } from "../../../../local/venues/start.ts";
import { LocalBook, type Message, VenueClient } from "../venue-client.ts";

const SPOT = "binance-spot";
const BTC = "btcusdt@depth@100ms";
let venues: VenuesHandle;

beforeAll(async () => {
  venues = await startVenues({
    seed: 12,
    spotInstruments: 4,
    usdmInstruments: 1,
    diffsPerSecond: 500,
    levelsPerSide: 300,
    pingMs: 250,
    dialsMax: 100_000,
  });
});

afterAll(async () => {
  await venues.stop();
});

function dial(streams = BTC): Promise<VenueClient> {
  return new VenueClient(`${venues.endpoints[SPOT].ws}/stream?streams=${streams}`).opened();
}

async function dialed(streams = BTC): Promise<VenueClient> {
  const client = await dial(streams);
  await client.until(() => client.data(BTC).length >= 3, "three diffs");
  return client;
}

function inject(fault: Omit<FaultRequest, "venue">): FaultRecord {
  const injection = venues.inject({ venue: SPOT, ...fault });
  if (injection.kind === "refused") throw new Error(`${injection.field}: ${injection.reason}`);
  return injection.record;
}

/** Positions at which a diff does not follow the one before it. */
function gaps(client: VenueClient): number[] {
  const diffs = client.data(BTC);
  return diffs.flatMap((diff, at) =>
    at > 0 && diff.U !== Number(diffs[at - 1]?.u) + 1 ? [at] : [],
  );
}

async function ended(client: VenueClient, record: FaultRecord): Promise<void> {
  await client.until(() => record.endedUs !== null, "the fault ends");
}

async function snapshot(): Promise<Response> {
  return await fetch(`${venues.endpoints[SPOT].rest}/api/v3/depth?symbol=BTCUSDT&limit=5000`);
}

describe("faults of sessions", () => {
  it("cut: every session ends without a close frame, and a new one is sound", async () => {
    const clients = [await dialed(), await dialed()];
    const record = inject({ kind: "cut" });
    for (const client of clients) {
      await client.until(() => client.closeCode !== null, "cut");
      expect(client.closeCode).toBe(1_006);
    }
    expect(record).toMatchObject({ kind: "cut", venue: SPOT, symbol: null, sessionCount: 2 });
    expect(record.endedUs).toBeGreaterThanOrEqual(record.injectedUs);
    (await dialed()).close();
  });

  it("cut with a symbol: only the sessions that hear its depth end", async () => {
    const [mine, other] = [await dialed(), await dial("ethusdt@depth@100ms")];
    expect(inject({ kind: "cut", symbol: "BTCUSDT" }).sessionCount).toBe(1);
    await mine.until(() => mine.closeCode !== null, "cut");
    const heard = other.texts.length;
    await other.until(() => other.texts.length > heard, "still fed");
    other.close();
  });

  it("halfOpen: nothing comes any more, not even a pong, and the socket stays", async () => {
    const client = await dialed();
    inject({ kind: "halfOpen" });
    await sleep(20);
    const [texts, pings] = [client.texts.length, client.pings.length];
    client.socket.ping("there?");
    await sleep(300);
    expect([client.texts.length, client.pings.length]).toEqual([texts, pings]);
    expect(client.pongs).toEqual([]);
    expect(client.closeCode).toBeNull();
    client.close();
    (await dialed()).close();
  });

  it("silent: pings come and are answered, data does not", async () => {
    const client = await dialed();
    inject({ kind: "silent" });
    await sleep(20);
    const [texts, pings] = [client.texts.length, client.pings.length];
    client.socket.ping("there?");
    await client.until(() => client.pongs.length > 0, "a pong");
    await client.until(() => client.pings.length > pings, "a ping");
    await sleep(60);
    expect(client.texts.length).toBe(texts);
    client.close();
  });

  it("frozenTimestamps: E stands still while the updates go on, for old sessions only", async () => {
    const client = await dialed();
    inject({ kind: "frozenTimestamps" });
    await sleep(20);
    const before = client.data(BTC).length;
    await client.until(() => client.data(BTC).length >= before + 5, "more diffs");
    const after = client.data(BTC).slice(before);
    expect(new Set(after.map((diff) => diff.E)).size).toBe(1);
    expect(new Set(after.map((diff) => diff.u)).size).toBe(after.length);
    expect(gaps(client)).toEqual([]);
    const fresh = await dialed();
    await fresh.until(() => new Set(fresh.data(BTC).map((one) => one.E)).size > 2, "time goes on");
    for (const one of [client, fresh]) one.close();
  });

  it("delay: frames come late and in order, and catch up at the end", async () => {
    const client = await dialed();
    const record = inject({ kind: "delay", durationMs: 200, delayMs: 150 });
    await sleep(20);
    const before = client.texts.length;
    await sleep(80);
    expect(client.texts.length).toBe(before);
    await ended(client, record);
    expect((record.endedUs ?? 0) - record.injectedUs).toBeGreaterThanOrEqual(349_000);
    const atEnd = client.data(BTC).length;
    await client.until(() => client.data(BTC).length > atEnd + 3, "the stream goes on");
    expect(gaps(client)).toEqual([]);
    client.close();
  });

  it("burst: frames are held and come all at once, in order", async () => {
    const client = await dialed();
    const record = inject({ kind: "burst", durationMs: 200 });
    await sleep(20);
    const before = client.texts.length;
    await sleep(120);
    expect(client.texts.length).toBe(before);
    await ended(client, record);
    await client.until(() => client.texts.length > before + 10, "the burst");
    expect(gaps(client)).toEqual([]);
    client.close();
  });
});

describe("faults of the venue", () => {
  it("refuse: sessions end and dials are reset until it is over", async () => {
    const client = await dialed();
    const record = inject({ kind: "refuse", durationMs: 150 });
    await client.until(() => client.closeCode === 1_006, "cut");
    const refused = await dial();
    await refused.until(() => refused.closeCode === 1_006, "refused");
    expect((await snapshot()).status).toBe(200);
    expect(record.endedUs).toBeNull();
    await ended(client, record);
    (await dialed()).close();
  });

  it("venueRestart: both ports are down, then the same books go on under higher ids", async () => {
    const client = await dialed();
    const lastSeq = Number(client.data(BTC).at(-1)?.u);
    const record = inject({ kind: "venueRestart", durationMs: 150 });
    await client.until(() => client.closeCode === 1_006, "cut");
    await sleep(20);
    await expect(snapshot()).rejects.toThrow();
    await ended(client, record);
    const fresh = await dialed();
    expect(Number(fresh.data(BTC)[0]?.U)).toBeGreaterThan(lastSeq + 100_000);
    const body = (await (await snapshot()).json()) as Message;
    expect(Number(body.lastUpdateId)).toBeGreaterThan(lastSeq + 100_000);
    fresh.close();
  });

  it("serverShutdown: the notice comes first, then the cut; USD-M has none", async () => {
    const client = await dialed();
    inject({ kind: "serverShutdown", durationMs: 60 });
    const notice = await client.find((one) => one.stream === "!serverShutdown");
    expect(notice.data).toMatchObject({ e: "serverShutdown" });
    expect(client.closeCode).toBeNull();
    await client.until(() => client.closeCode !== null, "the cut");
    expect(venues.inject({ kind: "serverShutdown", venue: "binance-usdm" })).toMatchObject({
      kind: "refused",
      field: "kind",
    });
  });
});

describe("faults of one depth frame", () => {
  it("dropDiff: exactly one frame is missing", async () => {
    const client = await dialed();
    const record = inject({ kind: "dropDiff", symbol: "BTCUSDT" });
    await ended(client, record);
    await client.until(() => gaps(client).length === 1, "the gap");
    const heard = client.data(BTC).length;
    await client.until(() => client.data(BTC).length > heard + 5, "more diffs");
    expect(gaps(client)).toHaveLength(1);
    client.close();
  });

  it("duplicateDiff: one frame comes twice, byte for byte", async () => {
    const client = await dialed();
    await ended(client, inject({ kind: "duplicateDiff" }));
    const isTwice = () => client.texts.some((text, at) => at > 0 && text === client.texts[at - 1]);
    await client.until(isTwice, "a repeated frame");
    client.close();
  });

  it("malformedFrame: one frame is garbage in one of three ways, and the rest is whole", async () => {
    const client = await dialed();
    const ways = new Set<string>();
    for (let at = 1; at <= 12; at += 1) {
      await ended(client, inject({ kind: "malformedFrame" }));
    }
    const heard = client.data(BTC).length;
    await client.until(() => client.data(BTC).length > heard + 3, "more diffs");
    for (const text of client.texts) {
      if (text.includes('"1e999"')) ways.add("wrong inside");
      else if (!text.startsWith("{")) ways.add("not JSON");
      else if (!text.endsWith("}")) ways.add("cut short");
    }
    expect(ways).toEqual(new Set(["wrong inside", "not JSON", "cut short"]));
    client.close();
  });

  it("wrongSymbol: one frame in the right stream names another symbol", async () => {
    const client = await dialed();
    await ended(client, inject({ kind: "wrongSymbol" }));
    await client.until(() => client.data(BTC).some((one) => one.s !== "BTCUSDT"), "a stranger");
    const strangers = client.data(BTC).filter((one) => one.s !== "BTCUSDT");
    expect(strangers.map((one) => one.s)).toEqual(["ETHUSDT"]);
    client.close();
  });

  it("crossedBook: a bid above the best ask that nothing takes back, and the truth has not", async () => {
    const client = await dialed();
    const body = (await (await snapshot()).json()) as Message;
    const book = new LocalBook(body, { isSpot: true, digits: { price: 0, lot: 4 } });
    await ended(client, inject({ kind: "crossedBook" }));
    const heard = client.data(BTC).length;
    await client.until(() => client.data(BTC).length > heard + 10, "more diffs");
    for (const diff of client.data(BTC)) book.apply(diff);
    expect(book.isBroken).toBe(false);
    const [bid, ask] = [book.levels("bid")[0]?.[0] ?? 0, book.levels("ask")[0]?.[0] ?? 0];
    expect(bid).toBeGreaterThan(ask);
    const verdict = venues.compare({
      venue: SPOT,
      symbol: "BTCUSDT",
      seq: book.seq,
      bids: book.levels("bid").map(([ticks, lots]) => [ticks, lots]),
      asks: book.levels("ask").map(([ticks, lots]) => [ticks, lots]),
      bidHorizonTicks: null,
      askHorizonTicks: null,
    });
    expect(verdict?.differences).toEqual([
      { side: "bid", ticks: bid, lots: expect.any(Number), truthLots: 0 },
    ]);
    client.close();
  });

  it("need somebody who hears the symbol's depth", async () => {
    const client = await dialed();
    const injection = venues.inject({ kind: "dropDiff", venue: SPOT, symbol: "ETHUSDT" });
    expect(injection).toMatchObject({ kind: "refused", field: "symbol" });
    const drawn = inject({ kind: "dropDiff" });
    expect(drawn.symbol).toBe("BTCUSDT");
    await ended(client, drawn);
    client.close();
  });
});

describe("faults of snapshots", () => {
  it("oldSnapshot: the next one is older than the gap that comes with it, the one after is not", async () => {
    const client = await dialed();
    const record = inject({ kind: "oldSnapshot" });
    await client.until(() => gaps(client).length === 1, "a gap");
    const afterGap = Number(client.data(BTC)[gaps(client)[0] ?? 0]?.U);
    const old = (await (await snapshot()).json()) as Message;
    expect(Number(old.lastUpdateId)).toBeLessThan(afterGap - 100);
    await ended(client, record);
    const verdict = venues.compare({
      venue: SPOT,
      symbol: "BTCUSDT",
      seq: Number(old.lastUpdateId),
      ...levelsOf(old),
    });
    expect(verdict).toEqual({ verdict: "equal", differences: [] });
    const fresh = (await (await snapshot()).json()) as Message;
    expect(Number(fresh.lastUpdateId)).toBeGreaterThan(afterGap);
    client.close();
  });

  it("slowSnapshot: the next one takes its time, the one after does not", async () => {
    const client = await dialed();
    const record = inject({ kind: "slowSnapshot", durationMs: 250 });
    await client.until(() => gaps(client).length === 1, "a gap");
    await snapshot();
    expect((record.endedUs ?? 0) - record.injectedUs).toBeGreaterThanOrEqual(249_000);
    client.close();
  });

  it("snapshot503: as many as asked for fail with an HTML page, then all is well", async () => {
    const client = await dialed();
    const record = inject({ kind: "snapshot503", count: 2 });
    await client.until(() => gaps(client).length === 1, "a gap");
    for (const status of [503, 503, 200]) {
      const response = await snapshot();
      expect(response.status).toBe(status);
      const body = await response.text();
      expect(body.startsWith(status === 503 ? "<html>" : "{")).toBe(true);
    }
    await ended(client, record);
    client.close();
  });
});

function levelsOf(body: Message) {
  const book = new LocalBook(body, { isSpot: true, digits: { price: 0, lot: 4 } });
  const side = (name: "bid" | "ask"): [number, number][] =>
    book.levels(name).map(([ticks, lots]) => [ticks, lots]);
  return { bids: side("bid"), asks: side("ask"), bidHorizonTicks: null, askHorizonTicks: null };
}
