// Goal: the checksum of a book is the venue's own. Method: the page's vectors, and text as the oracle.
import { crc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import { Book } from "../../../../hotpath/core/book/book.ts";
import { CONTINUITY } from "../../../../hotpath/core/book/continuity.ts";
import { type Instrument, instrumentOf } from "../../../../hotpath/core/instrument.ts";
import { krakenChecksum, krakenContinuity } from "../../../../hotpath/venues/kraken/continuity.ts";
import { BTC_USD, bookOf, instrumentFor, MATIC_USD, setLevel } from "./vectors.ts";

describe("the official vectors", () => {
  test.each([BTC_USD, MATIC_USD])("$symbol", (vector) => {
    const checksum = krakenChecksum(instrumentFor(vector));
    expect(checksum(bookOf(vector)) >>> 0).toBe(vector.checksum);
  });

  test("MATIC/USD after its update of one bid", () => {
    const book = bookOf(MATIC_USD);
    const checksum = krakenChecksum(instrumentFor(MATIC_USD));
    expect(checksum(book) >>> 0).toBe(MATIC_USD.checksum);
    setLevel(book, MATIC_USD, "bid", "0.5657:1098.3947558");
    expect(checksum(book) >>> 0).toBe(2_114_181_697);
  });

  test("BTC/USD with an ask more, which pushes the tenth out, and with one less, which leaves nine", () => {
    const grown = bookOf(BTC_USD);
    const checksum = krakenChecksum(instrumentFor(BTC_USD));
    setLevel(grown, BTC_USD, "ask", "45284.9:0.50000000");
    expect(checksum(grown) >>> 0).toBe(2_274_789_772);
    grown.asks.truncate(10);
    expect(grown.asks.levelCount).toBe(10);
    expect(checksum(grown) >>> 0).toBe(2_274_789_772);
    const shrunk = bookOf(BTC_USD);
    setLevel(shrunk, BTC_USD, "ask", "45285.2:0");
    expect(krakenChecksum(instrumentFor(BTC_USD))(shrunk) >>> 0).toBe(1_182_027_464);
  });
});

describe("a precision finer than the step", () => {
  test("is printed all the same: a step of 0.50 shows two decimals", () => {
    const rules = { tickSize: "0.50", lotSize: "0.010" };
    const instrument = instrumentOf(
      { id: "kraken:A/B", venue: "kraken", symbol: "A/B", ...rules },
      0,
    ) as Instrument;
    const book = new Book();
    const ticks = Float64Array.of(199, 201);
    const lots = Float64Array.of(3, 250);
    book.load({ seq: 1, exchangeUs: 0, ticks, lots, bidCount: 1, askCount: 1 }, 10);
    // Ask 100.50 x 2.500 and bid 99.50 x 0.030, without points and leading zeros.
    expect(krakenChecksum(instrument)(book) >>> 0).toBe(crc32("100502500" + "995030"));
  });
});

let seed = 11;

function draw(below: number): number {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
  return (seed >>> 8) % below;
}

type Drawn = { readonly isBid: boolean; readonly ticks: number; readonly lots: number };

/** A level near the touch of the vector: gone, small, or too large for an int32. */
function drawLevel(width: number): Drawn {
  const isBid = draw(2) === 0;
  const ticks = isBid ? 452_835 - draw(width) : 452_852 + draw(width);
  const lots = 1 + draw(1_000_000) * (draw(9) === 0 ? 1_000_000 : 1);
  return { isBid, ticks, lots: draw(3) === 0 ? 0 : lots };
}

describe("what was computed before", () => {
  // A book of few prices has often less than ten levels, and loses its worst one.
  test.each([
    [90, () => bookOf(BTC_USD)],
    [12, () => new Book()],
  ] as const)(
    "never shows in what is computed now: random messages at %d prices against text",
    (width, make) => {
      const instrument = instrumentFor(BTC_USD);
      const checksum = krakenChecksum(instrument);
      const book = make();
      const out = { ticks: new Float64Array(10), lots: new Float64Array(10) };
      const side = (ladder: typeof book.asks): string => {
        const count = ladder.copyLevels(out.ticks, out.lots, 10);
        return Array.from({ length: count }, (_, i) => `${out.ticks[i]}${out.lots[i]}`).join("");
      };
      for (let message = 0; message < 10_000; message++) {
        const { isBid, ticks, lots } = drawLevel(width);
        const levels = [Float64Array.of(ticks), Float64Array.of(lots)] as const;
        book.apply(...levels, 0, isBid ? 1 : 0, isBid ? 0 : 1, message + 2);
        book.bids.truncate(25);
        book.asks.truncate(25);
        expect(checksum(book) >>> 0).toBe(crc32(side(book.asks) + side(book.bids)));
      }
    },
  );

  test("an empty side adds nothing", () => {
    const book = new Book();
    expect(krakenChecksum(instrumentFor(BTC_USD))(book) >>> 0).toBe(0);
  });
});

test("updates are not numbered: each follows the one before", () => {
  expect(krakenContinuity(100, false, 5, 5, 0)).toBe(CONTINUITY.next);
});
