/**
 * Goal: what a decoder has learned of a stream changes its speed and nothing else. Method: each frame,
 * good or damaged, goes through a decoder that knows the stream and through one that has just been made,
 * which reads byte by byte; both must say the same and leave the same row.
 */
import { describe, expect, it } from "vitest";
import {
  DECODED,
  type Decoded,
  type FrameDecoder,
} from "../../../../hotpath/core/decode/decoder.ts";
import { type Instrument, instrumentOf } from "../../../../hotpath/core/instrument.ts";
import { MarketRing } from "../../../../hotpath/core/market-ring.ts";
import { spotDecoder } from "../../../../hotpath/venues/binance-spot/normalize.ts";
import { usdmDecoder } from "../../../../hotpath/venues/binance-usdm/normalize.ts";
import { makeFrames, seeded } from "../../../bench/frames.ts";

const STAMP = { session: 0, epoch: 1, recvUs: 5, awayUs: 0, rawSeq: 9 };
const LEARN_FRAMES = 3;

type Seen = { readonly decoded: Decoded; readonly row: readonly unknown[] };

function instrument(symbol: string, tickSize: string, lotSize: string): Instrument {
  const venue = "binance-spot";
  const made = instrumentOf({ id: `${venue}:${symbol}`, venue, symbol, tickSize, lotSize }, 0);
  if (made === undefined) throw new Error("the steps of a fixture are decimals");
  return made;
}

function seen(decoder: FrameDecoder, ring: MarketRing, frame: Uint8Array): Seen {
  const decoded = decoder.decode(frame, STAMP, ring);
  if (decoded !== DECODED.event) return { decoded, row: [decoder.lastInstrument] };
  const row = ring.oldest;
  const start = ring.levelStart[row] ?? 0;
  const end = start + (ring.bidCount[row] ?? 0) + (ring.askCount[row] ?? 0);
  const numbers = [
    decoder.lastInstrument,
    decoder.lastIsDelta,
    ring.kind[row],
    ring.instrument[row],
    ring.bidCount[row],
    ring.askCount[row],
    ring.exchangeUs[row],
    ring.seqFirst[row],
    ring.seqLast[row],
    ring.seqPrevious[row],
    ring.rawSeq[row],
    ring.tradeFlags[row],
    ...ring.ticks.subarray(start, end),
    ...ring.lots.subarray(start, end),
  ];
  ring.release();
  return { decoded, row: numbers };
}

/** Bytes that turn up where they hurt: quotes, points, brackets, digits' neighbors, and high bits. */
const SPITEFUL = Uint8Array.from('0123456789".,[]{}:;/-+eE \\\u0000\u007f', (c) => c.charCodeAt(0));

function damaged(frame: Uint8Array, random: () => number): Uint8Array {
  const copy = Uint8Array.from(frame);
  const at = Math.floor(random() * copy.length);
  const kind = random();
  if (kind < 0.15) return copy.subarray(0, at);
  if (kind < 0.3) return Uint8Array.from([...copy.subarray(0, at), ...copy.subarray(at + 1)]);
  if (kind < 0.45) return Uint8Array.from([...copy.subarray(0, at), 48, ...copy.subarray(at)]);
  const byte = SPITEFUL[Math.floor(random() * SPITEFUL.length)] ?? 0;
  copy[at] = kind < 0.95 ? byte : (copy[at] ?? 0) | 128;
  return copy;
}

type Fixture = {
  readonly name: string;
  readonly instrument: Instrument;
  readonly makeDecoder: (instruments: readonly Instrument[]) => FrameDecoder;
  readonly frames: readonly string[];
};

const simulated = makeFrames({ profile: "quiet", books: 1, levels: 200, frames: 40 });
const levels = (price: string, size: string): string => `"b":[["${price}","${size}"]],"a":[]`;

function spotDepth(symbol: string, body: string): string {
  return (
    `{"stream":"${symbol.toLowerCase()}@depth@100ms","data":{"e":"depthUpdate","E":1700000000001,` +
    `"s":"${symbol}","U":157,"u":160,${body}}}`
  );
}

const FIXTURES: readonly Fixture[] = [
  {
    name: "spot diffs of a simulated book",
    instrument: instrument(simulated.symbols[0] ?? "", "0.01", "0.00001"),
    makeDecoder: spotDecoder,
    frames: simulated.frames.map(String),
  },
  {
    name: "prices that change their width, and quantities of every length",
    instrument: instrument("ABUSDT", "0.01", "0.001"),
    makeDecoder: spotDecoder,
    frames: [
      ...["9.99", "10.00", "99.90", "100.00", "1000.01", "123456.78", "1234567.89", "12345678.90"],
      ...["0.01", "0.00"],
    ].flatMap((price) =>
      ["0.000", "1.500", "12.345", "123.456", "1234.567", "12345.678", "1234567.891"].map((size) =>
        spotDepth("ABUSDT", levels(`${price}000000`, `${size}00000`)),
      ),
    ),
  },
  {
    name: "eight decimals, and whole lots",
    instrument: instrument("SHIBDOGE", "0.00000001", "1"),
    makeDecoder: spotDecoder,
    frames: ["0.00000001", "0.12345678", "9.87654321", "12.00000001"].flatMap((price) =>
      ["0.00000000", "7.00000000", "9999.00000000", "1234567890123.00000000"].map((size) =>
        spotDepth("SHIBDOGE", levels(price, size)),
      ),
    ),
  },
  {
    name: "steps that are no power of ten",
    instrument: instrument("STEPUSDT", "0.05", "0.5"),
    makeDecoder: spotDecoder,
    frames: ["1.05", "1.10", "1.11"].map((price) => spotDepth("STEPUSDT", levels(price, "2.5"))),
  },
  {
    name: "USD-M diffs, whose decimals are those of the step",
    instrument: instrument("XYUSDT", "0.10", "1"),
    makeDecoder: usdmDecoder,
    frames: ["1000.10", "1000.2", "999.90", "65000.00"].flatMap((price) =>
      ["0", "5", "12", "1234", "12345678"].map(
        (size) =>
          '{"stream":"xyusdt@depth@0ms","data":{"e":"depthUpdate","E":1700000000001,' +
          '"T":1700000000000,"s":"XYUSDT","U":157,"u":160,"pu":149,' +
          `${levels(price, size).replace("[]", `[["${price}","${size}"]]`)}}}`,
      ),
    ),
  },
  {
    name: "quotes and trades",
    instrument: instrument("QTUSDT", "0.01", "0.001"),
    makeDecoder: spotDecoder,
    frames: [
      '{"stream":"qtusdt@bookTicker","data":{"u":400900217,"s":"QTUSDT","b":"25.35000000","B":"31.21000000","a":"25.36000000","A":"40.66000000"}}',
      '{"stream":"qtusdt@bookTicker","data":{"u":4009002171234567,"s":"QTUSDT","b":"125.35000000","B":"0.00000000","a":"125.36","A":"4.1"}}',
      '{"stream":"qtusdt@aggTrade","data":{"e":"aggTrade","E":1700000000001,"s":"QTUSDT","a":12345,"p":"25.35000000","q":"1.00000000","f":100,"l":105,"T":1700000000000,"m":true,"M":true}}',
      '{"stream":"qtusdt@aggTrade","data":{"e":"aggTrade","E":1700000000002,"s":"QTUSDT","a":12346,"p":"25.36000000","q":"2.00000000","f":106,"l":106,"T":1700000000000,"m":false,"M":true}}',
      '{"stream":"qtusdt@trade","data":{"e":"trade","E":1700000000001,"s":"QTUSDT","t":12345,"p":"25.35","q":"1","T":1700000000000,"m":true,"M":true}}',
    ],
  },
];

describe("a decoder that knows the stream reads as one that does not", () => {
  for (const { name, instrument: of, makeDecoder, frames } of FIXTURES) {
    const bytes = frames.map((text) => Buffer.from(text));
    const ring = new MarketRing(16, 65_536);
    const known = makeDecoder([of]);
    const compare = (frame: Uint8Array): Seen => {
      const wanted = seen(makeDecoder([of]), ring, frame);
      const got = seen(known, ring, frame);
      expect(got, Buffer.from(frame).toString("latin1")).toEqual(wanted);
      return got;
    };

    it(`${name}: whole frames`, () => {
      let events = 0;
      for (let round = 0; round < LEARN_FRAMES; round++) {
        for (const frame of bytes) if (compare(frame).decoded === DECODED.event) events++;
      }
      expect(events).toBeGreaterThan(0);
    });

    it(`${name}: damaged frames`, () => {
      const random = seeded(name.length);
      let refused = 0;
      for (let i = 0; i < 3000; i++) {
        const frame = bytes[i % bytes.length] ?? Buffer.alloc(0);
        const { decoded } = compare(damaged(frame, random));
        if (decoded < 0) refused++;
      }
      expect(refused).toBeGreaterThan(0);
    });
  }

  it("a frame cut short is not completed by what the frame before it left behind", () => {
    const { instrument: of, frames } = FIXTURES[0] as Fixture;
    const ring = new MarketRing(16, 65_536);
    const decoder = spotDecoder([of]);
    const frame = Buffer.from(frames[0] ?? "");
    for (let round = 0; round < LEARN_FRAMES; round++) {
      expect(seen(decoder, ring, frame).decoded).toBe(DECODED.event);
    }
    for (let length = 0; length < frame.length; length++) {
      expect(seen(decoder, ring, frame.subarray(0, length)).decoded).not.toBe(DECODED.event);
    }
  });
});
