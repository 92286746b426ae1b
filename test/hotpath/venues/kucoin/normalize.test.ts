// Goal: every push that KuCoin documents becomes the right event, and nothing that is wrong becomes one.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DECODED } from "../../../../hotpath/core/decode/decoder.ts";
import { instrumentOf } from "../../../../hotpath/core/instrument.ts";
import { MARKET, MarketRing } from "../../../../hotpath/core/market-ring.ts";
import { kucoinDecoder } from "../../../../hotpath/venues/kucoin/normalize.ts";
import { bytesOf, ringOf, rowOf, STAMP } from "../frames.ts";

const STEPS = [
  ["BTC-USDT", "0.1", "0.00000001"],
  ["ETH-BTC", "0.000001", "0.0001"],
  ["ODD-USD", "0.05", "0.025"],
] as const;
const INSTRUMENTS = STEPS.map(([symbol, tickSize, lotSize], index) => {
  const rules = { id: `kucoin:${symbol}`, venue: "kucoin", symbol, tickSize, lotSize } as const;
  const instrument = instrumentOf(rules, index);
  if (instrument === undefined) throw new Error(`${symbol} has steps`);
  return instrument;
});

const DELTA =
  '{"topic":"/market/level2:BTC-USDT","type":"message","subject":"trade.l2update","data":{"changes":{"asks":[["67993.3","1.21427407","14701689783"]],"bids":[]},"sequenceEnd":14701689783,"sequenceStart":14701689783,"symbol":"BTC-USDT","time":1729816425625}}';
const MATCH =
  '{"topic":"/market/match:BTC-USDT","type":"message","subject":"trade.l3match","data":{"makerOrderId":"671b5007389355000701b1d3","price":"67523","sequence":"11067996711960577","side":"buy","size":"0.003","symbol":"BTC-USDT","takerOrderId":"671b50161777ff00074c168d","time":"1729843222921000000","tradeId":"11067996711960577","type":"match"}}';
const LEVEL1 =
  '{"topic":"/spotMarket/level1:BTC-USDT","type":"message","subject":"level1","data":{"asks":["68145.8","0.51987471"],"bids":["68145.7","1.29267802"],"timestamp":1729816058766}}';

function decodeOne(text: string) {
  const decoder = kucoinDecoder(INSTRUMENTS);
  const ring = ringOf();
  const decoded = decoder.decode(bytesOf(text), STAMP, ring);
  return { decoder, decoded, ring, row: decoded === DECODED.event ? rowOf(ring) : undefined };
}

describe("the documented pushes", () => {
  test("a delta brings its range, its time, and a sequence for each level", () => {
    const { row, ring, decoder } = decodeOne(DELTA);
    expect(row).toMatchObject({
      kind: MARKET.bookDelta,
      exchangeUs: 1_729_816_425_625_000,
      seqFirst: 14_701_689_783,
      seqLast: 14_701_689_783,
      bids: [],
      asks: [[679_933, 121_427_407]],
    });
    expect(ring.levelSeqs[0]).toBe(14_701_689_783);
    expect(decoder.fallbacks).toBe(0);
    expect(decoder.lastIsDelta).toBe(true);
  });

  test("asks come first on the wire and last in the ring, sequences with them", () => {
    const sides =
      '"asks":[["3","1","11"],["4","2","12"]],"bids":[["2","3","13"],["1","4","14"],["0.5","5","15"]]';
    const text = DELTA.replace(/"asks":.*"bids":\[\]/, sides);
    const { row, ring } = decodeOne(text);
    const lots = 100_000_000;
    expect(row?.bids).toEqual([
      [20, 3 * lots],
      [10, 4 * lots],
      [5, 5 * lots],
    ]);
    expect(row?.asks).toEqual([
      [30, lots],
      [40, 2 * lots],
    ]);
    expect([...ring.levelSeqs.subarray(0, 5)]).toEqual([13, 14, 15, 11, 12]);
  });

  test("a row of price 0 moves the sequence and is no level", () => {
    const text = DELTA.replace('["67993.3","1.21427407","14701689783"]', '["0","0","14701689783"]');
    expect(decodeOne(text).row).toMatchObject({ asks: [], bids: [], seqLast: 14_701_689_783 });
  });

  test("a trade's side is its taker's, its time nanoseconds, its sequence exact", () => {
    const { row, decoder } = decodeOne(MATCH);
    expect(row).toMatchObject({
      kind: MARKET.trade,
      exchangeUs: 1_729_843_222_921_000,
      seqLast: Number(11_067_996_711_960_577n % 2n ** 53n),
      flags: 0,
      bids: [[675_230, 300_000]],
    });
    expect(decodeOne(MATCH.replace('"buy"', '"sell"')).row?.flags).toBe(1);
    expect(decoder.fallbacks).toBe(0);
  });

  test("level1 and both tickers are quotes", () => {
    const quote = { kind: MARKET.quote, bids: [[681_457, 129_267_802]] };
    expect(decodeOne(LEVEL1).row).toMatchObject({ ...quote, exchangeUs: 1_729_816_058_766_000 });
    const all =
      '{"topic":"/market/ticker:all","type":"message","subject":"BTC-USDT","data":{"bestAsk":"67218.7","bestAskSize":"1.92318539","bestBid":"67218.6","bestBidSize":"0.01045638","price":"67220","sequence":"14691455768","size":"0.00004316","time":1729757723612}}';
    expect(decodeOne(all).row).toMatchObject({ kind: MARKET.quote, seqLast: 14_691_455_768 });
    const one =
      '{"type":"message","topic":"/market/ticker:BTC-USDT","subject":"trade.ticker","data":{"sequence":"1545896668986","price":"0.1","size":"0.011","bestAsk":"0.2","bestAskSize":"0.18","bestBid":"0.1","bestBidSize":"0.036","Time":1704873323416}}';
    expect(decodeOne(one).row).toMatchObject({
      exchangeUs: 1_704_873_323_416_000,
      asks: [[2, 18_000_000]],
    });
  });

  test("a quote with nobody on one side is of no use, and no fault", () => {
    expect(decodeOne(LEVEL1.replace('["68145.8","0.51987471"]', "[]")).decoded).toBe(
      DECODED.ignored,
    );
  });
});

describe("shapes", () => {
  test("keys in another order are read once by the patient reader, and by shape from then on", () => {
    const decoder = kucoinDecoder(INSTRUMENTS);
    const ring = ringOf();
    const odd = (seq: number): string =>
      `{"type":"message","topic":"/market/level2:ETH-BTC","data":{"symbol":"ETH-BTC","sequenceStart":${seq},"sequenceEnd":${seq},"changes":{"bids":[["0.031415","1.5","${seq}"]],"asks":[]},"note":"x${seq}"},"subject":"trade.l2update"}`;
    for (let seq = 5; seq < 9; seq++) {
      expect(decoder.decode(bytesOf(odd(seq)), STAMP, ring)).toBe(DECODED.event);
      expect(rowOf(ring)).toMatchObject({ seqLast: seq, bids: [[31_415, 15_000]] });
      ring.release();
    }
    expect(decoder.fallbacks).toBe(1);
  });

  test("white space, escapes and a key that comes twice are read by the patient reader", () => {
    for (const text of [
      DELTA.replace(',"type"', ', "type"'),
      DELTA.replace("trade.l2update", "trade.l2\\u0075pdate"),
      DELTA.replace('"symbol":"BTC-USDT"', '"symbol":"BTC-USDT","symbol":"BTC-USDT"'),
    ]) {
      const { row, decoder } = decodeOne(text);
      expect(row?.asks, text).toEqual([[679_933, 121_427_407]]);
      expect(decoder.fallbacks).toBe(1);
    }
  });

  test("both readers agree about every cut and every changed byte of a frame", () => {
    const decoder = kucoinDecoder(INSTRUMENTS);
    const patient = kucoinDecoder(INSTRUMENTS);
    const ring = new MarketRing(8, 65_536);
    const other = new MarketRing(8, 65_536);
    for (const text of [DELTA, MATCH, LEVEL1]) {
      for (let at = 0; at < text.length; at++) {
        for (const changed of [text.slice(0, at), `${text.slice(0, at)}7${text.slice(at + 1)}`]) {
          const one = decoder.decode(bytesOf(changed), STAMP, ring);
          // Leading white space keeps the other one from every shape.
          const two = patient.decode(bytesOf(` ${changed}`), STAMP, other);
          expect(one, changed).toBe(two);
          if (one !== DECODED.event) continue;
          expect(rowOf(ring), changed).toEqual(rowOf(other));
          ring.release();
          other.release();
        }
      }
    }
  });
});

describe("refusals", () => {
  test.each([
    ["a price off the tick", DELTA.replace("67993.3", "67993.35"), DECODED.offStep],
    ["a price beyond 2^53", DELTA.replace("67993.3", "99999999999999999"), DECODED.range],
    ["a size that is no text", DELTA.replace('"1.21427407"', "1.21427407"), DECODED.malformed],
    ["a row without a sequence", DELTA.replace(',"14701689783"]', "]"), DECODED.malformed],
    ["a range without an end", DELTA.replace('"sequenceEnd":14701689783,', ""), DECODED.malformed],
    [
      "another symbol inside",
      DELTA.replace('"symbol":"BTC-USDT"', '"symbol":"ETH-BTC"'),
      DECODED.wrongSymbol,
    ],
    ["a trade of no side", MATCH.replace('"buy"', '"bid"'), DECODED.malformed],
    [
      "a sequence of nineteen digits",
      MATCH.replace('"sequence":"11067996711960577"', '"sequence":"1106799671196057777"'),
      DECODED.malformed,
    ],
    ["a side without a list", DELTA.replace('"bids":[]', '"bids":{}'), DECODED.malformed],
  ])("%s", (_, text, wanted) => {
    const { decoded, ring } = decodeOne(text);
    expect(decoded).toBe(wanted);
    expect(ring.depth).toBe(0);
  });

  test("more levels than a frame may carry", () => {
    const rows = Array.from({ length: 16_385 }, (_, i) => `["${i + 1}","1","${i}"]`).join(",");
    const text = DELTA.replace('["67993.3","1.21427407","14701689783"]', rows);
    expect(decodeOne(text).decoded).toBe(DECODED.tooManyLevels);
  });

  test("what nobody asked for is ignored, and a full ring says so", () => {
    expect(decodeOne(DELTA.replaceAll("BTC-USDT", "DOGE-USDT")).decoded).toBe(DECODED.ignored);
    const candles = '{"topic":"/market/candles:BTC-USDT_1hour","type":"message","data":{}}';
    expect(decodeOne(candles).decoded).toBe(DECODED.ignored);
    const decoder = kucoinDecoder(INSTRUMENTS);
    const ring = ringOf();
    for (let i = 0; i < ring.capacity; i++) decoder.decode(bytesOf(DELTA), STAMP, ring);
    expect(decoder.decode(bytesOf(DELTA), STAMP, ring)).toBe(DECODED.ringFull);
    expect(decoder.lastInstrument).toBe(0);
    expect(decoder.decode(bytesOf('{"id":"1","type":"ack"}'), STAMP, ring)).toBe(DECODED.notice);
  });
});

describe("sizes finer than a lot", () => {
  test("are rounded down, and what is below one lot is no level", () => {
    const eth = DELTA.replaceAll("BTC-USDT", "ETH-BTC").replace("67993.3", "0.031415");
    expect(decodeOne(eth.replace("1.21427407", "1.23456789")).row?.asks).toEqual([
      [31_415, 12_345],
    ]);
    expect(decodeOne(eth.replace("1.21427407", "0.00009999")).row?.asks).toEqual([[31_415, 0]]);
    const odd = DELTA.replaceAll("BTC-USDT", "ODD-USD").replace("67993.3", "1.05");
    expect(decodeOne(odd.replace("1.21427407", "0.07")).row?.asks).toEqual([[21, 2]]);
    expect(decodeOne(odd.replace("1.21427407", "0.075")).row?.asks).toEqual([[21, 3]]);
  });
});

describe("notices", () => {
  test.each([
    ['{"id":"hQvf8jkno","type":"welcome"}', { type: "greeted" }],
    ['{"id":"1545910660739","type":"ack"}', { type: "subscribed", requestId: 1_545_910_660_739 }],
    ['{"id":"17","type":"pong"}', { type: "ponged", pingId: 17 }],
    [
      '{"id":"3","type":"error","code":404,"data":"topic /xx is not found"}',
      { type: "refused", requestId: 3, reason: "404 topic /xx is not found" },
    ],
    [
      '{"id":"ours","type":"error","code":401,"data":"token"}',
      { type: "refused", requestId: undefined, reason: "401 token" },
    ],
    ['{"id":"x","type":"ack"}', { type: "unknown", text: '{"id":"x","type":"ack"}' }],
    ["what", { type: "unknown", text: "what" }],
  ])("%s", (text, notice) => {
    const { decoder, decoded } = decodeOne(text);
    expect([DECODED.notice, DECODED.malformed]).toContain(decoded);
    expect(decoder.parseNotice(bytesOf(text))).toEqual(notice);
  });
});

const EXAMPLES = join(
  import.meta.dirname,
  "../../../../../shared/data/kucoin/message_examples.jsonl",
);

describe.skipIf(!existsSync(EXAMPLES))("the venue's own examples", () => {
  test("every public one is an event or of no use, and none is refused", () => {
    const lines = readFileSync(EXAMPLES, "utf8").trim().split("\n");
    const outcomes = lines.map((line) => {
      const { stream, raw } = JSON.parse(line) as { stream: string; raw: string };
      return [stream, decodeOne(raw).decoded] as const;
    });
    const events = outcomes.filter(([, decoded]) => decoded === DECODED.event);
    expect(events.length).toBeGreaterThan(2);
    for (const [stream, decoded] of outcomes) {
      // The single ticker shows prices finer than BTC-USDT's tick: an example, not a quote.
      if (stream === "sdk-sample:/market/ticker:BTC-USDT") continue;
      expect(decoded, stream).toBeGreaterThan(0);
    }
  });
});
