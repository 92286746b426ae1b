// Goal: every venue of the house keeps the same promises. One suite, run for each of VENUE_IDS.
import { describe, expect, test } from "vitest";
import { VENUE_IDS } from "../../contracts/ids.ts";
import { Book } from "../../hotpath/core/book/book.ts";
import { CONTINUITY } from "../../hotpath/core/book/continuity.ts";
import { DECODED } from "../../hotpath/core/decode/decoder.ts";
import { type Instrument, instrumentOf } from "../../hotpath/core/instrument.ts";
import { MARKET, MarketRing } from "../../hotpath/core/market-ring.ts";
import { VENUES } from "../../hotpath/venues/registry.ts";
import type { Venue } from "../../hotpath/venues/venue.ts";

/** No venue of ours allows more on one connection. */
const STREAMS_MAX = 1024;
const MESSAGES_PER_SECOND_MAX = 10;
const MESSAGE_BYTES_MAX = 4096;
const STAMP = { session: 0, epoch: 1, recvUs: 1, awayUs: 0, rawSeq: 0 };

/** What a subscribe message asks for, whichever way its venue writes that. */
function requestOf(text: string): { id: unknown; streams: readonly string[] } {
  const message = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const { params, topic } = message;
  if (Array.isArray(params)) return { id: message.id, streams: params as string[] };
  if (typeof topic === "string") {
    const colon = topic.indexOf(":");
    const symbols = topic.slice(colon + 1).split(",");
    return { id: message.id, streams: symbols.map((symbol) => topic.slice(0, colon + 1) + symbol) };
  }
  const { channel, symbol } = params as { channel: string; symbol: string[] };
  return { id: message.req_id, streams: symbol.map((one) => `${channel}:${one}`) };
}

/**
 * Whether each row follows the one before it: by the venue's continuity rule, or by the checksum of a book
 * that has applied them all.
 */
function followerOf(
  venue: Venue,
  instrument: Instrument,
): (ring: MarketRing, row: number) => boolean {
  const checksum = venue.inStream?.makeChecksum(instrument);
  const book = new Book();
  let seq = 0;
  return (ring, row) => {
    const kind = ring.kind[row];
    if (kind !== MARKET.bookDelta && kind !== MARKET.bookSnapshot) return true;
    const numbers = [ring.seqFirst[row], ring.seqLast[row], ring.seqPrevious[row]] as number[];
    const [first, last, previous] = numbers as [number, number, number];
    if (checksum === undefined) {
      const isNext =
        seq === 0 || venue.continuity(seq, false, first, last, previous) === CONTINUITY.next;
      seq = last;
      return isNext;
    }
    const start = ring.levelStart[row] as number;
    const bidCount = ring.bidCount[row] as number;
    const askCount = ring.askCount[row] as number;
    if (kind === MARKET.bookSnapshot) {
      const ticks = ring.ticks.subarray(start);
      const lots = ring.lots.subarray(start);
      book.load({ seq: last, exchangeUs: 0, ticks, lots, bidCount, askCount }, bidCount);
      seq = last;
    } else if (seq === 0) return true;
    else book.apply(ring.ticks, ring.lots, start, bidCount, askCount, last);
    return checksum(book) === ring.checksum[row];
  };
}

describe.each(VENUE_IDS)("%s", (id) => {
  const venue = VENUES[id];
  const rules = {
    id: `${id}:WARMUP`,
    venue: id,
    symbol: "WARMUP",
    tickSize: "0.01",
    lotSize: "0.01",
  } as const;
  const instrument = instrumentOf(rules, 0) as Instrument;

  test("is registered under its own name", () => {
    expect(venue.id).toBe(id);
  });

  test("lives at safe addresses, in production and on the testnet", () => {
    for (const addresses of Object.values(venue.addresses)) {
      if (addresses === undefined) continue;
      const { rest, ws } = addresses;
      expect(new URL(rest).protocol).toBe("https:");
      expect(new URL(ws).protocol).toBe("wss:");
    }
    expect(venue.addresses.testnet).not.toEqual(venue.addresses.production);
  });

  test("what is called a testnet is no way to the production engine", () => {
    const accounts = venue.execution?.addresses;
    const hosts = (urls: Readonly<Record<string, string>> | undefined): string[] =>
      Object.values(urls ?? {}).flatMap((url) => (url === "" ? [] : [new URL(url).hostname]));
    const real = new Set([...hosts(venue.addresses.production), ...hosts(accounts?.production)]);
    const test = [...hosts(venue.addresses.testnet), ...hosts(accounts?.testnet)];
    expect(test.filter((host) => real.has(host))).toEqual([]);
    // Where a venue has none, its account has only names that can never be dialed (RFC 2606).
    const isNone = venue.addresses.testnet === undefined;
    expect(test.filter((host) => isNone && !host.endsWith(".invalid"))).toEqual([]);
  });

  test("its warm-up frames are all events, follow one another, and cover every kind", () => {
    const decoder = venue.makeDecoder([instrument]);
    const ring = new MarketRing(64, 65_536);
    const kinds = new Set<number>();
    const follows = followerOf(venue, instrument);
    for (let step = 1; step < 200; step++) {
      for (const text of venue.warmUpFrames("WARMUP", step)) {
        expect(decoder.decode(new TextEncoder().encode(text), STAMP, ring), text).toBe(
          DECODED.event,
        );
        const row = ring.newest;
        kinds.add(ring.kind[row] as number);
        expect(follows(ring, row), text).toBe(true);
        ring.release();
      }
    }
    const { bookSnapshot, ...others } = MARKET;
    const wanted = venue.inStream === undefined ? others : { ...others, bookSnapshot };
    expect([...kinds].sort()).toEqual(Object.values(wanted).sort());
    expect(decoder.fallbacks).toBe(0);
  });

  test("its decoder refuses what is no frame, and never throws", () => {
    const decoder = venue.makeDecoder([instrument]);
    const ring = new MarketRing(64, 65_536);
    for (const text of [
      "",
      "{",
      "null",
      "[]",
      "{}",
      '{"stream":1}',
      "\u0000",
      '{"stream":"x@y","data":1}',
    ]) {
      expect(decoder.decode(new TextEncoder().encode(text), STAMP, ring)).not.toBe(DECODED.event);
      expect(decoder.decodeSnapshot(new TextEncoder().encode(text), instrument)).toBeUndefined();
      expect(venue.parseRules(new TextEncoder().encode(text))).toBeUndefined();
      expect(venue.parseClock(new TextEncoder().encode(text))).toBeUndefined();
    }
    expect(ring.depth).toBe(0);
  });

  test.skipIf(venue.inStream !== undefined)(
    "its continuity rule drops the past, joins a bridge, and sees a gap",
    () => {
      expect(venue.continuity(100, true, 90, 99, 89)).toBe(CONTINUITY.stale);
      expect(venue.continuity(100, true, 95, 110, 94)).toBe(CONTINUITY.next);
      expect(venue.continuity(100, true, 150, 160, 149)).toBe(CONTINUITY.gap);
      expect(venue.continuity(100, false, 101, 110, 100)).toBe(CONTINUITY.next);
      expect(venue.continuity(100, false, 150, 160, 149)).toBe(CONTINUITY.gap);
      expect(venue.continuity(100, false, 120, 110, 100)).toBe(CONTINUITY.broken);
    },
  );

  test.skipIf(venue.inStream === undefined)(
    "its checksum tells every book from the one that misses a message",
    () => {
      const decoder = venue.makeDecoder([instrument]);
      const ring = new MarketRing(64, 65_536);
      const follows = followerOf(venue, instrument);
      let missed = 0;
      for (let step = 1; step < 200; step++) {
        const [text = ""] = venue.warmUpFrames("WARMUP", step);
        decoder.decode(new TextEncoder().encode(text), STAMP, ring);
        const row = ring.newest;
        // Of every block one message is not applied: the next that is must show it.
        const isSkipped = step % 8 === 4;
        if (!isSkipped && !follows(ring, row)) missed++;
        ring.release();
      }
      // Some of the messages left out change nothing of the top ten.
      expect(missed).toBeGreaterThan(12);
    },
  );

  test.each([1, 50, 341, 2000])(
    "%i instruments are spread over sessions within the limits",
    (count) => {
      const symbols = Array.from({ length: count }, (_, i) => `SYM${i}USDT`);
      const streams = { depth: "100ms", quotes: true, trades: true };
      const shards = venue.planShards("wss://example.test", symbols, streams, 200);
      expect(shards.map(({ shard }) => shard)).toEqual(shards.map((_, i) => i));
      const books = shards.flatMap((shard) => shard.books);
      expect([...books].sort((a, b) => a - b)).toEqual(symbols.map((_, i) => i));
      const names = new Set<string>();
      for (const { protocol } of shards) {
        expect(protocol.url.startsWith("wss://example.test/")).toBe(true);
        // A venue without a documented limit is still not flooded.
        const mostPerSecond = venue.inStream === undefined ? MESSAGES_PER_SECOND_MAX : 50;
        expect(1000 / protocol.messageGapMs).toBeLessThan(mostPerSecond);
        const messages = protocol.subscribeMessages(41);
        expect(messages.map((message) => message.id)).toEqual(messages.map((_, i) => 41 + i));
        let onThisOne = 0;
        for (const { id: messageId, text } of messages) {
          expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(MESSAGE_BYTES_MAX);
          const request = requestOf(text);
          expect(request.id).toBe(messageId);
          onThisOne += request.streams.length;
          for (const name of request.streams) {
            expect(names.has(`${protocol.url} ${name}`)).toBe(false);
            names.add(`${protocol.url} ${name}`);
          }
        }
        expect(onThisOne).toBeLessThanOrEqual(Math.min(200, STREAMS_MAX));
      }
      expect(names.size).toBe(count * 3);
    },
  );

  test("streams that nobody wants are not asked for", () => {
    const shards = venue.planShards(
      "wss://x.test",
      ["BTCUSDT"],
      { depth: "", quotes: false, trades: false },
      200,
    );
    const names = shards.flatMap(({ protocol }) =>
      protocol.subscribeMessages(1).flatMap(({ text }) => requestOf(text).streams),
    );
    expect(names).toHaveLength(1);
    expect(names[0]?.toUpperCase()).toContain("BTCUSDT");
  });

  test.skipIf(venue.inStream === undefined)("one book is ended and begun anew under one id", () => {
    const [shard] = venue.planShards(
      "wss://x.test",
      ["A/B", "C/D"],
      { depth: "", quotes: true, trades: true, levels: 25 },
      200,
    );
    const requests = shard?.protocol.resubscribeMessages?.("C/D", 7).map(requestOf) ?? [];
    expect(requests.map(({ id }) => id)).toEqual([7, 7]);
    expect(requests.map(({ streams }) => streams.length)).toEqual([1, 1]);
    expect(requests.every(({ streams }) => streams[0]?.endsWith("C/D"))).toBe(true);
  });

  test("a deeper snapshot never weighs less, and the deepest is within what may be asked", () => {
    let before = 0;
    for (let levels = 5; levels <= venue.depthLevelsMax; levels += 5) {
      const weight = venue.depthWeight(levels);
      expect(weight).toBeGreaterThanOrEqual(before);
      before = weight;
    }
    expect(venue.depthPath("A&B=C", 100)).toContain("=A%26B%3DC");
    expect(venue.depthPath("A&B=C", 100)).toContain("100");
    expect(venue.dialsMax).toBeGreaterThan(0);
    expect(venue.weightWindowUs).toBeGreaterThan(0);
  });
});
