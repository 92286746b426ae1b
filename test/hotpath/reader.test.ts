// Goal: the reader hands on what it can read, reports the rest once, and changes nothing else.
import { beforeEach, describe, expect, test } from "vitest";
import { RAW_FRAME } from "../../contracts/journal.ts";
import { BoundedRing } from "../../hotpath/core/bounded-ring.ts";
import { DECODED, type Decoded, type FrameDecoder } from "../../hotpath/core/decode/decoder.ts";
import type { ControlEvent } from "../../hotpath/core/events.ts";
import { MarketRing } from "../../hotpath/core/market-ring.ts";
import { ByteRing, createRingMemory } from "../../hotpath/io/byte-ring.ts";
import { Absence } from "../../hotpath/io/clock.ts";
import { Feed } from "../../hotpath/io/feed.ts";
import { JournalFeed } from "../../hotpath/io/journal-feed.ts";
import { dialOf } from "../../hotpath/io/web-socket.ts";
import { Reader } from "../../hotpath/reader.ts";
import { VENUES } from "../../hotpath/venues/registry.ts";
import { bytesOf, depthFrame, instrumentsOf } from "./venues/frames.ts";

const READ = { recvUs: 1_700_000_000_000_000, awayUs: 3 };

let events: ControlEvent[];
let market: MarketRing;
let control: BoundedRing<ControlEvent>;
let runs: number;

beforeEach(() => {
  events = [];
  runs = 0;
  market = new MarketRing(4, 65_536);
  control = new BoundedRing("controlEvents", 64);
});

function readerOf(decoder: FrameDecoder, recordFrame: () => number = () => 0, feed?: Feed): Reader {
  const source = { venue: 0, shard: 0, epoch: 0, recvUs: 0, awayUs: 0 };
  return new Reader([{ decoder, source, feed }], market, control, {
    recordFrame,
    run: () => {
      runs++;
      for (let event = control.shift(); event !== undefined; event = control.shift())
        events.push(event);
    },
  });
}

function spot(): FrameDecoder {
  return VENUES["binance-spot"].makeDecoder(instrumentsOf("binance-spot"));
}

/** A decoder that always answers the same, or throws. */
function stubborn(answer: Decoded | Error): FrameDecoder {
  return {
    ...spot(),
    lastInstrument: 0,
    lastIsDelta: true,
    fallbacks: 0,
    decode: () => {
      if (answer instanceof Error) throw answer;
      return answer;
    },
    parseNotice: () => ({ type: "unknown", text: "" }),
    decodeSnapshot: () => undefined,
  };
}

const FRAME = bytesOf(depthFrame("binance-spot"));

test("a good frame is one row, and the loop runs in the same turn", () => {
  const reader = readerOf(spot(), () => 41);
  reader.onFrame(0, 5, FRAME, READ);
  expect(market.depth).toBe(1);
  const row = market.newest;
  expect([market.epoch[row], market.recvUs[row], market.awayUs[row], market.rawSeq[row]]).toEqual([
    5,
    READ.recvUs,
    READ.awayUs,
    41,
  ]);
  expect(events).toEqual([]);
  expect(runs).toBe(1);
  expect([reader.frames, reader.bytes]).toEqual([1, FRAME.length]);
});

test.each([
  [DECODED.malformed, "malformed"],
  [DECODED.offStep, "offStep"],
  [DECODED.range, "range"],
  [DECODED.tooManyLevels, "tooManyLevels"],
  [DECODED.wrongSymbol, "wrongSymbol"],
  [new Error("a fault of ours"), "threw"],
] as const)("a refusal (%s) is exactly one control event: %s", (answer, reason) => {
  readerOf(stubborn(answer)).onFrame(0, 2, FRAME, READ);
  expect(events).toEqual([
    { type: "frameRefused", session: 0, epoch: 2, instrument: 0, isDelta: true, reason },
  ]);
  expect(market.depth).toBe(0);
  expect(runs).toBe(1);
});

test("after a decoder has thrown the next frame is read as if nothing had been", () => {
  const decoder = spot();
  let throws = true;
  const reader = readerOf({
    ...stubborn(DECODED.ignored),
    decode: (frame, stamp, ring) => {
      if (throws) {
        ring.reserve();
        throw new Error("once");
      }
      return decoder.decode(frame, stamp, ring);
    },
  });
  reader.onFrame(0, 1, FRAME, READ);
  throws = false;
  reader.onFrame(0, 1, FRAME, READ);
  expect(market.depth).toBe(1);
  expect(events).toHaveLength(1);
});

test("what nobody asked for is counted and nothing more", () => {
  const reader = readerOf(stubborn(DECODED.ignored));
  reader.onFrame(0, 1, FRAME, READ);
  expect([reader.ignored, events.length]).toEqual([1, 0]);
});

test("a full market ring is a declared gap of the instrument that lost its delta", () => {
  const reader = readerOf(spot());
  for (let i = 0; i < 5; i++) reader.onFrame(0, 1, FRAME, READ);
  expect(market.depth).toBe(4);
  expect(events).toEqual([
    { type: "gapDeclared", session: 0, epoch: 1, instrument: 0, ring: "marketEvents" },
  ]);
});

test("a frame that the recorder has no room for is not applied", () => {
  readerOf(spot(), () => -1).onFrame(0, 1, FRAME, READ);
  expect(market.depth).toBe(0);
  expect(events).toEqual([
    { type: "gapDeclared", session: 0, epoch: 1, instrument: 0, ring: "recorder" },
  ]);
});

test("a notice without a feed is nobody's", () => {
  readerOf(spot()).onFrame(0, 1, bytesOf('{"result":null,"id":1}'), READ);
  expect(events).toEqual([]);
  const feed = new Feed(
    0,
    { url: "ws://127.0.0.1:1", messageGapMs: 1, subscribeMessages: () => [] },
    dialOf(new Absence()),
    {
      emit: (event) => void events.push(event),
      onFrame: () => undefined,
      onSent: () => undefined,
    },
  );
  readerOf(spot(), () => 0, feed).onFrame(0, 1, bytesOf('{"result":null,"id":1}'), READ);
  expect(events).toEqual([]);
});

describe("the journal's feed", () => {
  const source = { venue: 0, shard: 2, epoch: 9, recvUs: 5, awayUs: 1 };

  test("numbers what it records, and says when there is no room", () => {
    const journal = new JournalFeed(new ByteRing(createRingMemory(64 * 1024)));
    expect(journal.recordRaw(RAW_FRAME, source, FRAME)).toBe(1);
    expect(journal.recordRaw(RAW_FRAME, source, FRAME)).toBe(2);
    readerOf(spot()).onFrame(0, 1, FRAME, READ);
    expect(journal.recordMarket(market, market.newest, 1)).toBe(true);
    expect(journal.seq).toBe(3);
    const large = new Uint8Array(8 * 1024);
    let recorded = 0;
    while (journal.recordRaw(RAW_FRAME, source, large) > 0) recorded++;
    expect(recorded).toBeGreaterThan(0);
    const { seq } = journal;
    expect(journal.recordRaw(RAW_FRAME, source, large)).toBe(-1);
    expect(journal.seq).toBe(seq);
  });

  test("keeps room for control records, and breaks the engine when even that is gone", () => {
    const journal = new JournalFeed(new ByteRing(createRingMemory(64 * 1024)));
    while (journal.recordRaw(RAW_FRAME, source, FRAME) > 0);
    readerOf(spot()).onFrame(0, 1, FRAME, READ);
    expect(journal.recordMarket(market, market.newest, 1)).toBe(false);
    const { seq } = journal;
    journal.recordCommand(1, 1, "{}");
    expect(journal.seq).toBe(seq + 1);
    expect(() => {
      for (let i = 0; i < 100_000; i++) journal.recordCommand(1, 1, "x".repeat(512));
    }).toThrow("keeps room for control records");
  });
});
