// Goal: what the fuzzers once found in the decoders of market data stays mended; each input with its sentence.
import { describe, expect, test } from "vitest";
import type { VenueId } from "../../../contracts/ids.ts";
import { DECODED, type FrameDecoder } from "../../../hotpath/core/decode/decoder.ts";
import { type Instrument, instrumentOf } from "../../../hotpath/core/instrument.ts";
import type { MarketRing } from "../../../hotpath/core/market-ring.ts";
import { VENUES } from "../../../hotpath/venues/registry.ts";
import { bytesOf, depthFrame, frameOf, instrumentsOf, ringOf, rowOf, STAMP } from "./frames.ts";

const BOTH: readonly VenueId[] = ["binance-spot", "binance-usdm"];

function read(decoder: FrameDecoder, ring: MarketRing, text: string): number {
  while (ring.depth > 0) ring.release();
  return decoder.decode(bytesOf(text), STAMP, ring);
}

function instrumentNamed(venue: VenueId, symbol: string, index = 0): Instrument {
  const steps = { tickSize: "0.01", lotSize: "0.00001" };
  const instrument = instrumentOf({ id: `${venue}:${symbol}`, venue, symbol, ...steps }, index);
  if (instrument === undefined) throw new Error(`${symbol} has steps`);
  return instrument;
}

describe.each(BOTH)("%s", (venue) => {
  const instruments = instrumentsOf(venue);
  const fresh = (): FrameDecoder => VENUES[venue].makeDecoder(instruments);

  test("a shape that only the patient reader knew is not learned, so no number stays unread", () => {
    const decoder = fresh();
    const ring = ringOf();
    // The walk of the lesson stopped at the space, and all behind it was compared as text and never read.
    const spaced = (first: number): string =>
      depthFrame(venue, { first: String(first) }).replace(',"u":', ', "u":');
    const other = depthFrame(venue, { bids: '[["7.00","3"]]', asks: "[]" });
    expect(read(decoder, ring, spaced(101))).toBe(DECODED.event);
    const good = rowOf(ring);
    expect(read(decoder, ring, other)).toBe(DECODED.event);
    expect(read(decoder, ring, spaced(101))).toBe(DECODED.event);
    expect(rowOf(ring)).toEqual(good);
  });

  test("data that begin with anything but a brace are no frame", () => {
    const text = depthFrame(venue);
    for (const mark of ["k", "9", "", "["]) {
      expect(read(fresh(), ringOf(), text.replace('"data":{', `"data":${mark}`))).toBeLessThan(0);
    }
  });

  test("a stream whose name ends in a backslash has not ended", () => {
    const text = depthFrame(venue).replace("@100ms", "@100ms\\");
    expect(read(fresh(), ringOf(), text)).toBe(DECODED.malformed);
  });

  test("a flag is one of two words, whole", () => {
    const trade = (flag: string): string =>
      frameOf("btcusdt@aggTrade", [
        '"E":1700000000123,"s":"BTCUSDT","a":5,"p":"7.00","q":"1"',
        `"T":1700000000123,"m":${flag}`,
      ]);
    expect(read(fresh(), ringOf(), trade("false"))).toBe(DECODED.event);
    for (const flag of ["fanse", "truu", "t;ue", "falsE", "truefalse", "1.5"]) {
      expect(read(fresh(), ringOf(), trade(flag)), flag).toBe(DECODED.malformed);
      expect(read(fresh(), ringOf(), ` ${trade(flag)}`), flag).toBe(DECODED.malformed);
    }
  });

  test("a time that is no exact number of microseconds is out of range", () => {
    for (const eventMs of ["16725157282136", "9007199254741", "9007199254740991"]) {
      expect(read(fresh(), ringOf(), depthFrame(venue, { eventMs }))).toBe(DECODED.range);
    }
    const last = depthFrame(venue, { eventMs: "9007199254740" });
    expect(read(fresh(), ringOf(), last)).toBe(DECODED.event);
  });

  test("an empty key does not lend its value's quote to the next one", () => {
    const text = depthFrame(venue, { extra: ['"":":5,"'] });
    const ring = ringOf();
    expect(read(fresh(), ring, text)).toBe(DECODED.event);
    expect(rowOf(ring).seqLast).toBe(105);
    const hidden = depthFrame(venue, { extra: ['"":":5,","u":","x":1'] });
    expect(() => JSON.parse(hidden)).toThrow();
    expect(read(fresh(), ring, hidden)).toBe(DECODED.malformed);
  });

  test("a control character is not the letter that it shares five bits with", () => {
    const named = ["BTC_USDT", "1000PEPE"].map((symbol, i) => instrumentNamed(venue, symbol, i));
    for (const [symbol, twin] of [
      ["BTC_USDT", "BTC\u007fUSDT"],
      ["1000PEPE", "\u0011000PEPE"],
    ] as const) {
      const good = depthFrame(venue, { symbol });
      expect(read(VENUES[venue].makeDecoder(named), ringOf(), good)).toBe(DECODED.event);
      const renamed = depthFrame(venue, { symbol, named: twin });
      expect(read(VENUES[venue].makeDecoder(named), ringOf(), renamed)).toBeLessThan(0);
      const streamed = good.replace(symbol.toLowerCase(), twin.toLowerCase());
      const verdict = read(VENUES[venue].makeDecoder(named), ringOf(), streamed);
      expect(verdict).not.toBe(DECODED.event);
    }
  });

  test("a snapshot's time that is none is absent", () => {
    const [instrument] = instruments;
    const body = (ms: string): string =>
      `{"lastUpdateId":7,"E":${ms},"bids":[],"asks":[["4.00","1"]]}`;
    for (const ms of ["15879436922972", "9007199254740991"]) {
      for (const text of [body(ms), ` ${body(ms)}`]) {
        const levels = fresh().decodeSnapshot(bytesOf(text), instrument as Instrument);
        expect(levels).toMatchObject({ seq: 7, exchangeUs: 0 });
      }
    }
  });

  test("a notice whose words are objects is told without asking them", () => {
    const odd = '{"toString":1}';
    for (const text of [
      `{"id":1,"error":{"code":${odd},"msg":${odd}}}`,
      `{"code":${odd},"id":2}`,
    ]) {
      expect(fresh().parseNotice(bytesOf(text))).toMatchObject({ type: "refused" });
    }
    const long = fresh().parseNotice(bytesOf(`{"code":1,"msg":"${"x".repeat(5000)}"}`));
    expect(long.type === "refused" && long.reason.length).toBe(200);
  });
});

describe("kraken", () => {
  const instruments = [instrumentNamed("kraken", "BTC/USD")];
  const fresh = (): FrameDecoder => VENUES.kraken.makeDecoder(instruments);
  const TICKER =
    '{"channel":"ticker","type":"update","data":[{"symbol":"BTC/USD","bid":45283.50,"bid_qty":0.1,"ask":45283.60,"ask_qty":0.2,"last":0.1,"volume":997038.98,"low":0.09,"timestamp":"2023-10-06T17:35:55.440295Z"}]}';

  test("of a field of the ticker that is said twice the last one counts, by both readers", () => {
    for (const [field, twin] of [
      ["bid", '"bid":7'],
      ["ask_qty", '"ask_qty":7'],
      ["timestamp", '"timestamp":"2024-01-01T00:00:00Z"'],
    ]) {
      const text = TICKER.replace('"low"', `${twin},"low"`);
      const ring = ringOf();
      const plain = ringOf();
      const fast = read(fresh(), ring, text);
      expect(read(fresh(), plain, ` ${text}`)).toBe(fast);
      if (fast === DECODED.event) expect(rowOf(ring), field).toEqual(rowOf(plain));
    }
    const bid = ringOf();
    expect(read(fresh(), bid, TICKER.replace('"low"', '"bid":7,"low"'))).toBe(DECODED.event);
    expect(rowOf(bid).bids).toEqual([[700, 10_000]]);
    expect(read(fresh(), ringOf(), TICKER.replace('"last"', '"symbol":"X","last"'))).toBeLessThan(
      4,
    );
  });

  test("what nobody reads is skipped as fields, and not as any four words", () => {
    for (const [from, to] of [
      ['"volume":9', '"volume","volume":9'],
      ['"low":', '"low"8640000000000001:'],
      ['"low":', '"low"_'],
      ['"low":0.09', "low:0.09"],
    ] as const) {
      const text = TICKER.replace(from, to);
      expect(text).not.toBe(TICKER);
      expect(read(fresh(), ringOf(), text), to).toBe(DECODED.malformed);
    }
  });

  test("a time that is no text, and none of this calendar, is no time", () => {
    const time = '"2023-10-06T17:35:55.440295Z"';
    for (const other of ["007", "0.1", '"4023-09-25T07:49:37Z"', '"2023-02-29T00:00:00Z"']) {
      expect(read(fresh(), ringOf(), TICKER.replace(time, other)), other).toBe(DECODED.malformed);
    }
  });

  test("a frame that is cut is not completed by the one before it", () => {
    const decoder = fresh();
    const ring = ringOf();
    const heartbeat = '{"channel":"heartbeat"}';
    expect(read(decoder, ring, heartbeat)).toBe(DECODED.ignored);
    for (let length = 0; length < heartbeat.length; length++) {
      expect(read(decoder, ring, heartbeat.slice(0, length))).toBe(DECODED.malformed);
      expect(read(decoder, ring, heartbeat)).toBe(DECODED.ignored);
    }
    expect(read(decoder, ring, `${heartbeat}x`)).toBe(DECODED.malformed);
    expect(read(decoder, ring, TICKER)).toBe(DECODED.event);
    expect(read(decoder, ring, TICKER.slice(0, 60))).toBe(DECODED.malformed);
    expect(decoder.lastInstrument).toBe(-1);
  });

  test("a refusal whose reason is an object is told without asking it", () => {
    const text = '{"method":"subscribe","success":false,"error":{"toString":1},"req_id":4}';
    expect(fresh().parseNotice(bytesOf(text))).toEqual({
      type: "refused",
      requestId: 4,
      reason: "an object",
    });
  });
});

describe("kucoin", () => {
  const instruments = [instrumentNamed("kucoin", "BTC-USDT")];
  const fresh = (): FrameDecoder => VENUES.kucoin.makeDecoder(instruments);
  const DELTA =
    '{"topic":"/market/level2:BTC-USDT","type":"message","subject":"trade.l2update","data":{"changes":{"asks":[["67993.3","1.2","18"]],"bids":[]},"sequenceEnd":18,"sequenceStart":18,"symbol":"BTC-USDT","time":1729816425625}}';

  test("a time that is no exact number of microseconds is out of range", () => {
    const text = DELTA.replace("1729816425625", "17298164256250");
    expect(read(fresh(), ringOf(), text)).toBe(DECODED.range);
    expect(read(fresh(), ringOf(), ` ${text}`)).toBe(DECODED.range);
    const match =
      '{"topic":"/market/match:BTC-USDT","type":"message","subject":"trade.l3match","data":{"makerOrderId":"6","price":"2","sequence":"18","side":"buy","size":"1","symbol":"BTC-USDT","takerOrderId":"6","time":"9999999999999999999","tradeId":"18","type":"match"}}';
    expect(read(fresh(), ringOf(), match)).toBe(DECODED.range);
    expect(read(fresh(), ringOf(), ` ${match}`)).toBe(DECODED.range);
  });

  test("a size of which only the first digits are a number is none", () => {
    for (const size of ["1.234567x", "1.2345678.9", "1.2345678 ", "1.23456[", "0.000001-"]) {
      expect(read(fresh(), ringOf(), DELTA.replace('"1.2"', `"${size}"`)), size).toBeLessThan(0);
    }
    expect(read(fresh(), ringOf(), DELTA.replace('"1.2"', '"1.2345678"'))).toBe(DECODED.event);
  });

  test("a carriage return is no hyphen", () => {
    const text = DELTA.replaceAll("BTC-USDT", "BTC\rUSDT");
    expect(read(fresh(), ringOf(), text)).toBe(DECODED.malformed);
    const decoder = fresh();
    const ring = ringOf();
    expect(read(decoder, ring, DELTA)).toBe(DECODED.event);
    expect(read(decoder, ring, text)).toBe(DECODED.malformed);
  });

  test("a subject or a reason that is an object is not asked for its text", () => {
    const odd = '{"toString":1}';
    const all = `{"topic":"/market/ticker:all","type":"message","subject":${odd},"data":{}}`;
    expect(read(fresh(), ringOf(), all)).toBe(DECODED.ignored);
    const error = `{"id":"3","type":"error","code":${odd},"data":${odd}}`;
    const notice = { type: "refused", requestId: 3, reason: "an object an object" };
    expect(fresh().parseNotice(bytesOf(error))).toEqual(notice);
  });

  test("a frame with a number that JSON does not know is no frame, odd though numbers may be", () => {
    const type = (code: string) =>
      fresh().parseNotice(bytesOf(`{"id":"3","type":"error","code":${code},"data":"x"}`)).type;
    for (const code of ["01.5", "-01.5", "01e5", "00.5"]) expect(type(code), code).toBe("unknown");
    for (const code of ["1.5", "-0.5", "0e5", "-10.25e-3"]) expect(type(code)).toBe("refused");
  });

  test("a side that is a number is no empty side, and a time that is none is absent", () => {
    const [instrument] = instruments;
    const body = (bids: string, time: string): string =>
      `{"code":"200000","data":{"time":${time},"sequence":"18","bids":${bids},"asks":[]}}`;
    const decode = (text: string) =>
      fresh().decodeSnapshot(bytesOf(text), instrument as Instrument);
    for (const bids of ["1.5", "-0", "1e308", "0.0000000000000000001"]) {
      expect(decode(body(bids, "5")), bids).toBeUndefined();
    }
    expect(decode(body("null", "5"))).toMatchObject({ bidCount: 0, exchangeUs: 5000 });
    for (const time of ["-5", "17291762738590", "1.5", '"5"', "9".repeat(40)]) {
      expect(decode(body("null", time)), time).toMatchObject({ exchangeUs: 0 });
    }
  });
});
