// Goal: what is asked to go wrong goes wrong, once, on the wire only, and never in the truth.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startVenues, type VenuesHandle } from "../../../../local/venues/start.ts";
import type { VenueClient } from "../venue-client.ts";
import { type BookMessage, bookMessages, dial, microsOf, PlainBook } from "./book-client.ts";

let venues: VenuesHandle;
const SYMBOL = "BTC/USD";

beforeEach(async () => {
  venues = await startVenues({
    seed: 3,
    spotInstruments: 1,
    usdmInstruments: 1,
    kucoinInstruments: 1,
    krakenInstruments: 3,
    diffsPerSecond: 600,
    levelsPerSide: 100,
  });
});

afterEach(async () => {
  await venues.stop();
});

const ask = (client: VenueClient, id = 1) =>
  client.send({
    method: "subscribe",
    params: { channel: "book", symbol: [SYMBOL], depth: 10 },
    req_id: id,
  });

async function heard(): Promise<VenueClient> {
  const client = await dial(venues);
  ask(client);
  await client.until(() => bookMessages(client.texts).length > 5, "updates");
  return client;
}

type Kind = Parameters<VenuesHandle["inject"]>[0]["kind"];

/** Injects, waits until it has happened, and then for some more messages. */
async function behind(client: VenueClient, kind: Kind): Promise<readonly BookMessage[]> {
  expect(venues.inject({ kind, venue: "kraken", symbol: SYMBOL }).kind).toBe("injected");
  await client.until(() => venues.faults().at(-1)?.endedUs !== null, "the fault");
  const count = bookMessages(client.texts).length;
  await client.until(() => bookMessages(client.texts).length > count + 5, "messages behind it");
  return bookMessages(client.texts);
}

/** How many checksums did not agree. */
function mismatches(messages: readonly BookMessage[]): number {
  const book = new PlainBook(10);
  return messages.filter((message) => {
    book.apply(message);
    return book.checksum !== message.checksum;
  }).length;
}

describe("faults of one message", () => {
  it("a wrong checksum is wrong once, over a book that is right", async () => {
    const client = await heard();
    expect(mismatches(await behind(client, "wrongChecksum"))).toBe(1);
    client.close();
  });

  it("a doubled message is the same text and time twice", async () => {
    const client = await heard();
    const messages = await behind(client, "duplicateDiff");
    const times = messages.map(({ timestamp }) => timestamp);
    expect(new Set(times).size).toBe(times.length - 1);
    client.close();
  });

  it("a lost one is found by a checksum, unless the next one undid it", async () => {
    const client = await heard();
    let lost = 0;
    for (let i = 0; i < 6; i++) lost = mismatches(await behind(client, "dropDiff"));
    expect(lost).toBeGreaterThan(0);
    client.close();
  });

  it("a crossing bid is signed, and a foreign symbol is not the book's", async () => {
    const client = await heard();
    const messages = await behind(client, "crossedBook");
    const book = new PlainBook(10);
    let crossed = 0;
    for (const message of messages) {
      book.apply(message);
      if (!book.isCrossed) continue;
      if (crossed === 0) expect(book.checksum).toBe(message.checksum);
      crossed++;
    }
    expect(crossed).toBeGreaterThan(0);
    const foreign = await behind(client, "wrongSymbol");
    expect(foreign.filter(({ symbol }) => symbol !== SYMBOL)).toHaveLength(1);
    client.close();
  });

  it("a damaged one cannot be read, or holds what is no number", async () => {
    const client = await heard();
    const before = client.texts.length;
    for (let i = 0; i < 6; i++) await behind(client, "malformedFrame");
    const isDamaged = (text: string) =>
      text.includes("1e999") || !text.endsWith("}") || text.includes("upstream");
    expect(client.texts.slice(before).filter(isDamaged)).toHaveLength(6);
    client.close();
  });
});

describe("faults of the head of a subscription, which are asked for while somebody listens", () => {
  it("an old snapshot does not have its own checksum", async () => {
    const client = await heard();
    venues.inject({ kind: "oldSnapshot", venue: "kraken", symbol: SYMBOL });
    const again = await heard();
    const [snapshot] = bookMessages(again.texts);
    expect(snapshot?.type).toBe("snapshot");
    expect(mismatches(snapshot === undefined ? [] : [snapshot])).toBe(1);
    client.close();
    again.close();
  });

  it("a refused one is refused by text, so often, and the next one is not", async () => {
    const client = await heard();
    venues.inject({ kind: "snapshot503", venue: "kraken", symbol: SYMBOL, count: 2 });
    const again = await dial(venues);
    for (const id of [1, 2, 3]) ask(again, id);
    for (const id of [1, 2]) {
      expect(await again.find(({ req_id }) => req_id === id)).toMatchObject({
        success: false,
        error: "EService:Unavailable",
      });
    }
    expect(await again.find(({ req_id }) => req_id === 3)).toMatchObject({ success: true });
    client.close();
    again.close();
  });

  it("a slow one comes late", async () => {
    const client = await heard();
    venues.inject({ kind: "slowSnapshot", venue: "kraken", symbol: SYMBOL, durationMs: 80 });
    const again = await dial(venues);
    const started = Date.now();
    ask(again);
    await again.until(() => bookMessages(again.texts).length > 0, "the snapshot");
    expect(Date.now() - started).toBeGreaterThanOrEqual(70);
    client.close();
    again.close();
  });
});

describe("faults of sessions and of the venue", () => {
  it("a cut ends the session, and whoever dials again has a snapshot", async () => {
    const client = await heard();
    venues.inject({ kind: "cut", venue: "kraken", symbol: SYMBOL });
    await client.until(() => client.closeCode !== null, "the cut");
    const again = await heard();
    expect(bookMessages(again.texts)[0]?.type).toBe("snapshot");
    again.close();
  });

  it("a clock that stands still stands in the book's messages", async () => {
    const client = await heard();
    venues.inject({ kind: "frozenTimestamps", venue: "kraken", symbol: SYMBOL, durationMs: 500 });
    const count = bookMessages(client.texts).length;
    await client.until(() => bookMessages(client.texts).length > count + 8, "messages");
    const times = bookMessages(client.texts).slice(count + 1, count + 8);
    expect(new Set(times.map(({ timestamp }) => microsOf(timestamp))).size).toBe(1);
    client.close();
  });

  it("a fault of checksums is refused where there are none", () => {
    const told = venues.inject({ kind: "wrongChecksum", venue: "kucoin" });
    expect(told).toMatchObject({ kind: "refused", field: "kind" });
  });
});
