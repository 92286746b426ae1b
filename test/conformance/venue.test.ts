// Goal: every venue of the house keeps the same promises. One suite, run for each of VENUE_IDS.
import { describe, expect, test } from "vitest";
import { VENUE_IDS } from "../../contracts/ids.ts";
import { CONTINUITY } from "../../hotpath/core/book/continuity.ts";
import { DECODED } from "../../hotpath/core/decode/decoder.ts";
import { type Instrument, instrumentOf } from "../../hotpath/core/instrument.ts";
import { MARKET, MarketRing } from "../../hotpath/core/market-ring.ts";
import { VENUES } from "../../hotpath/venues/registry.ts";

/** No venue of ours allows more on one connection. */
const STREAMS_MAX = 1024;
const MESSAGES_PER_SECOND_MAX = 10;
const MESSAGE_BYTES_MAX = 4096;
const STAMP = { session: 0, epoch: 1, recvUs: 1, awayUs: 0, rawSeq: 0 };

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

  test("its warm-up frames are all events, form a chain, and cover every kind", () => {
    const decoder = venue.makeDecoder([instrument]);
    const ring = new MarketRing(64, 65_536);
    const kinds = new Set<number>();
    let seq = 0;
    for (let step = 1; step < 200; step++) {
      for (const text of venue.warmUpFrames("WARMUP", step)) {
        expect(decoder.decode(new TextEncoder().encode(text), STAMP, ring), text).toBe(
          DECODED.event,
        );
        const row = ring.newest;
        kinds.add(ring.kind[row] as number);
        if (ring.kind[row] === MARKET.bookDelta) {
          const numbers = [
            ring.seqFirst[row],
            ring.seqLast[row],
            ring.seqPrevious[row],
          ] as number[];
          const [first, last, previous] = numbers as [number, number, number];
          if (seq > 0)
            expect(venue.continuity(seq, false, first, last, previous)).toBe(CONTINUITY.next);
          seq = last;
        }
        ring.release();
      }
    }
    expect([...kinds].sort()).toEqual(Object.values(MARKET).sort());
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

  test("its continuity rule drops the past, joins a bridge, and sees a gap", () => {
    expect(venue.continuity(100, true, 90, 99, 89)).toBe(CONTINUITY.stale);
    expect(venue.continuity(100, true, 95, 110, 94)).toBe(CONTINUITY.next);
    expect(venue.continuity(100, true, 150, 160, 149)).toBe(CONTINUITY.gap);
    expect(venue.continuity(100, false, 101, 110, 100)).toBe(CONTINUITY.next);
    expect(venue.continuity(100, false, 150, 160, 149)).toBe(CONTINUITY.gap);
    expect(venue.continuity(100, false, 120, 110, 100)).toBe(CONTINUITY.broken);
  });

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
        expect(1000 / protocol.messageGapMs).toBeLessThan(MESSAGES_PER_SECOND_MAX);
        const messages = protocol.subscribeMessages(41);
        expect(messages.map((message) => message.id)).toEqual(messages.map((_, i) => 41 + i));
        let onThisOne = 0;
        for (const { id: messageId, text } of messages) {
          expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(MESSAGE_BYTES_MAX);
          const message = JSON.parse(text) as { method: string; params: string[]; id: number };
          expect(message).toMatchObject({ method: "SUBSCRIBE", id: messageId });
          onThisOne += message.params.length;
          for (const name of message.params) {
            expect(name).toBe(
              name
                .toLowerCase()
                .replace("aggtrade", "aggTrade")
                .replace("bookticker", "bookTicker"),
            );
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
      protocol
        .subscribeMessages(1)
        .flatMap(({ text }) => (JSON.parse(text) as { params: string[] }).params),
    );
    expect(names).toEqual(["btcusdt@depth"]);
  });

  test("a deeper snapshot never weighs less, and the deepest is within what may be asked", () => {
    let before = 0;
    for (let levels = 5; levels <= venue.depthLevelsMax; levels += 5) {
      const weight = venue.depthWeight(levels);
      expect(weight).toBeGreaterThanOrEqual(before);
      before = weight;
    }
    expect(venue.depthPath("A&B=C", 100)).toContain("symbol=A%26B%3DC&limit=100");
    expect(venue.dialsMax).toBeGreaterThan(0);
    expect(venue.weightWindowUs).toBe(60_000_000);
  });
});
