// Goal: good frames of either venue become exact numbers, and nothing else ever does.
import { beforeEach, describe, expect, test } from "vitest";
import type { VenueId } from "../../../contracts/ids.ts";
import { DECODED, type Decoded, type FrameDecoder } from "../../../hotpath/core/decode/decoder.ts";
import { FRAME_LEVELS_MAX, MARKET, type MarketRing } from "../../../hotpath/core/market-ring.ts";
import { VENUES } from "../../../hotpath/venues/registry.ts";
import {
  bytesOf,
  depthFields,
  depthFrame,
  frameOf,
  instrumentsOf,
  ringOf,
  rowOf,
  STAMP,
} from "./frames.ts";

const BOTH: readonly VenueId[] = ["binance-spot", "binance-usdm"];

let decoder: FrameDecoder;
let ring: MarketRing;

/** Decodes text; whatever is refused must leave nothing in the ring. */
function decode(text: string | Uint8Array): Decoded {
  const bytes = typeof text === "string" ? bytesOf(text) : text;
  const before = ring.depth;
  const decoded = decoder.decode(bytes, STAMP, ring);
  expect(ring.depth - before).toBe(decoded === DECODED.event ? 1 : 0);
  return decoded;
}

describe.each(BOTH)("%s", (venue) => {
  const isUsdm = venue === "binance-usdm";

  beforeEach(() => {
    decoder = VENUES[venue].makeDecoder(instrumentsOf(venue));
    ring = ringOf();
  });

  const depthRow = {
    kind: MARKET.bookDelta,
    instrument: 0,
    exchangeUs: 1_700_000_000_123_000,
    seqFirst: 101,
    seqLast: 105,
    seqPrevious: isUsdm ? 100 : 0,
    flags: 0,
    bids: [[10_010, 100_000]],
    asks: [[10_020, 0]],
  };

  test("a depth frame becomes one row, with the stamps of its reader", () => {
    expect(decode(depthFrame(venue))).toBe(DECODED.event);
    expect(rowOf(ring)).toEqual(depthRow);
    const row = ring.newest;
    expect([ring.session[row], ring.epoch[row], ring.rawSeq[row]]).toEqual([3, 7, 9]);
    expect([ring.recvUs[row], ring.awayUs[row]]).toEqual([STAMP.recvUs, STAMP.awayUs]);
    expect(decoder.fallbacks).toBe(0);
  });

  test("the venue's own example of a depth frame", () => {
    const previous = isUsdm ? '"pu":149,' : "";
    const time = isUsdm ? '"T":123456788,' : "";
    const tail = isUsdm ? ',"ps":"TINY","st":1' : "";
    const text = `{"stream":"tiny@depth","data":{"e":"depthUpdate","E":123456789,${time}"s":"TINY","U":157,"u":160,${previous}"b":[["0.0024","10"]],"a":[["0.0026","100"]]${tail}}}`;
    expect(decode(text)).toBe(DECODED.event);
    expect(rowOf(ring)).toMatchObject({
      seqFirst: 157,
      seqLast: 160,
      bids: [[24_000_000, 10]],
      asks: [[26_000_000, 100]],
    });
  });

  test("fields in any order, and fields nobody knows, change nothing", () => {
    const fields = depthFields(venue, {
      extra: [
        '"st":1',
        '"ps":"BTCUSDT"',
        '"xy":null',
        '"longName":false',
        '"z":-1.5e3',
        '"n":[1,{"b":[]}]',
      ],
    });
    for (let turn = 0; turn < fields.length; turn++) {
      const turned = [...fields.slice(turn), ...fields.slice(0, turn)];
      expect(decode(frameOf("btcusdt@depth@100ms", turned))).toBe(DECODED.event);
      expect(rowOf(ring)).toEqual(depthRow);
      ring.release();
    }
    expect(decode(frameOf("btcusdt@depth@100ms", [...fields].reverse()))).toBe(DECODED.event);
    expect(rowOf(ring)).toEqual(depthRow);
  });

  test("whitespace, escapes and further fields of the wrapper are read by the patient reader", () => {
    const plain = depthFrame(venue);
    const variants = [
      JSON.stringify(JSON.parse(plain), null, 2),
      `${plain}\n`,
      ` ${plain}`,
      plain.replace('"s":"BTCUSDT"', '"s":"\\u0042TCUSDT"'),
      plain.replace('"100.10"', '"\\u0031\\u00300.10"'),
      plain.replace('{"stream"', '{"id":null,"stream"'),
      `${plain.slice(0, -1)},"extra":1}`,
      plain.replace(/\{"stream":("[^"]*"),"data":(.*)\}$/, '{"data":$2,"stream":$1}'),
    ];
    for (const variant of variants) {
      expect(JSON.parse(variant)).toBeTruthy();
      expect(decode(variant), variant).toBe(DECODED.event);
      expect(rowOf(ring)).toEqual(depthRow);
      ring.release();
    }
    expect(decoder.fallbacks).toBe(variants.length);
  });

  test("a quote and both kinds of trade", () => {
    const time = isUsdm ? '"E":1700000000123,' : "";
    expect(
      decode(
        `{"stream":"ethbtc@bookTicker","data":{"u":400,${time}"s":"ETHBTC","b":"0.071234","B":"1.5","a":"0.071235","A":"2"}}`,
      ),
    ).toBe(DECODED.event);
    expect(rowOf(ring)).toEqual({
      kind: MARKET.quote,
      instrument: 1,
      exchangeUs: isUsdm ? 1_700_000_000_123_000 : 0,
      seqFirst: 400,
      seqLast: 400,
      seqPrevious: 0,
      flags: 0,
      bids: [[71_234, 15_000]],
      asks: [[71_235, 20_000]],
    });
    for (const [kind, key] of [
      ["trade", "t"],
      ["aggTrade", "a"],
    ] as const) {
      for (const isMaker of [true, false]) {
        const text = `{"stream":"btcusdt@${kind}","data":{"e":"${kind}","E":1700000000123,"s":"BTCUSDT","${key}":77,"p":"0.01","q":"0.00001","T":1700000000120,"m":${isMaker},"M":true}}`;
        expect(decode(text)).toBe(DECODED.event);
        expect(rowOf(ring)).toMatchObject({
          kind: MARKET.trade,
          seqLast: 77,
          flags: isMaker ? 1 : 0,
          bids: [[1, 1]],
          asks: [],
        });
      }
    }
  });

  test("what nobody asked for is ignored, and what is no market data is a notice", () => {
    const ignored = [
      depthFrame(venue, { symbol: "DOGEUSDT" }),
      depthFrame(venue).replace("@depth@100ms", "@depth5@100ms"),
      depthFrame(venue).replace("@depth@100ms", "@depth20"),
      depthFrame(venue).replace("@depth@100ms", "@kline_1m"),
      depthFrame(venue).replace("@depth@100ms", "@blockTrade"),
      depthFrame(venue).replace("@depth@100ms", "@ticker"),
      depthFrame(venue).replace("@depth@100ms", "@avgPrice"),
      depthFrame(venue).replace("@depth@100ms", "@"),
      ` ${depthFrame(venue, { symbol: "DOGEUSDT" })}`,
    ];
    for (const text of ignored) expect(decode(text), text).toBe(DECODED.ignored);
    const notices = [
      '{"result":null,"id":1}',
      '{"code":2,"msg":"no","id":1}',
      '{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}',
      '{"stream":"nothing","data":{}}',
      '{ "stream":"nothing","data":{}}',
      "{}",
      "[]",
    ];
    for (const text of notices) expect(decode(text), text).toBe(DECODED.notice);
  });

  test.each([
    ["no number", '[["NaN","1"]]', DECODED.malformed],
    ["infinity", '[["Infinity","1"]]', DECODED.malformed],
    ["an exponent", '[["1e3","1"]]', DECODED.malformed],
    ["a negative price", '[["-1.00","1"]]', DECODED.malformed],
    ["a negative quantity", '[["1.00","-1"]]', DECODED.malformed],
    ["a plus sign", '[["+1.00","1"]]', DECODED.malformed],
    ["an empty price", '[["","1"]]', DECODED.malformed],
    ["a price without its whole part", '[[".50","1.00000"]]', DECODED.malformed],
    ["a point alone", '[[".","1"]]', DECODED.malformed],
    ["two points", '[["1.0.0","1"]]', DECODED.malformed],
    ["a comma", '[["1,00","1"]]', DECODED.malformed],
    ["a space", '[[" 1.00","1"]]', DECODED.malformed],
    ["hexadecimal", '[["0x10","1"]]', DECODED.malformed],
    ["a price that is a JSON number", '[[1.00,"1"]]', DECODED.malformed],
    ["a price that is null", '[[null,"1"]]', DECODED.malformed],
    ["a letter that folds to a digit", '[["\u0131\u013000.00","1"]]', DECODED.malformed],
    ["full-width digits", '[["\uff11\uff10.00","1"]]', DECODED.malformed],
    ["40 digits", `[["${"9".repeat(40)}","1"]]`, DECODED.range],
    ["400 digits", `[["${"9".repeat(400)}","1"]]`, DECODED.range],
    ["2^53 units", '[["90071992547409.92","1"]]', DECODED.range],
    ["off tick", '[["1.001","1"]]', DECODED.offStep],
    ["off lot", '[["1.00","0.000001"]]', DECODED.offStep],
    ["a level without a quantity", '[["1.00"]]', DECODED.malformed],
    ["an empty level", "[[]]", DECODED.malformed],
    ["a level that is an object", '[{"p":"1"}]', DECODED.malformed],
    ["a side that is an object", "{}", DECODED.malformed],
    ["a side that is text", '"1"', DECODED.malformed],
    ["a side that is null", "null", DECODED.malformed],
    ["a trailing comma", '[["1.00","1"],]', DECODED.malformed],
    ["levels without commas", '[["1.00","1"]["2.00","1"]]', DECODED.malformed],
  ] as const)("%s is refused, by the fast reader and by the patient one", (_, bids, expected) => {
    const text = depthFrame(venue, { bids });
    const first = decode(text);
    const second = decode(` ${text}`);
    expect(first).toBeLessThan(0);
    expect(second).toBeLessThan(0);
    if (bids.length < 80) expect([first, second]).toContain(expected);
    // The same after the shape of this stream has been learned.
    expect(decode(depthFrame(venue))).toBe(DECODED.event);
    expect(decode(depthFrame(venue))).toBe(DECODED.event);
    expect(decode(text)).toBe(first);
  });

  test.each([
    ["2^53", "9007199254740992"],
    ["2^53 + 1", "9007199254740993"],
    ["40 digits", "1".repeat(40)],
    ["400 digits", "1".repeat(400)],
    ["a fraction", "105.5"],
    ["a fraction of nothing", "105.0"],
    ["an exponent", "1e3"],
    ["a negative exponent", "1000E-1"],
    ["negative", "-5"],
    ["minus zero", "-0"],
    ["text", '"105"'],
    ["null", "null"],
    ["true", "true"],
    ["nothing", ""],
    ["no number", "NaN"],
    ["an array", "[105]"],
    ["an object", "{}"],
  ])("an id that is %s is refused by both readers", (_, last) => {
    const text = depthFrame(venue, { last });
    expect(decode(text)).toBeLessThan(0);
    expect(decode(` ${text}`)).toBeLessThan(0);
    expect(decode(depthFrame(venue))).toBe(DECODED.event);
    expect(decode(text)).toBeLessThan(0);
  });

  test("the largest exact id is read exactly", () => {
    expect(decode(depthFrame(venue, { last: "9007199254740991" }))).toBe(DECODED.event);
    expect(rowOf(ring).seqLast).toBe(Number.MAX_SAFE_INTEGER);
  });

  test("a missing field, whichever it is, refuses the frame", () => {
    const fields = depthFields(venue).filter((field) => !field.startsWith('"e"'));
    for (const missing of fields) {
      const text = frameOf(
        "btcusdt@depth@100ms",
        depthFields(venue).filter((field) => field !== missing),
      );
      expect(decode(text), missing).toBe(DECODED.malformed);
      expect(decode(` ${text}`), missing).toBe(DECODED.malformed);
    }
  });

  test("a frame cut at any byte is refused or ignored, never applied", () => {
    for (const text of [depthFrame(venue), ` ${depthFrame(venue)}`]) {
      const bytes = bytesOf(text);
      for (let length = 0; length < bytes.length; length++) {
        expect(decode(bytes.subarray(0, length)), `cut at ${length}`).not.toBe(DECODED.event);
      }
      // Learned, and cut again.
      expect(decode(text)).toBe(DECODED.event);
      ring.release();
      for (let length = 0; length < bytes.length; length++) {
        expect(decode(bytes.subarray(0, length)), `cut at ${length}`).not.toBe(DECODED.event);
      }
    }
  });

  test("a symbol other than the stream's is a fault of its own", () => {
    const text = depthFrame(venue, { named: "ETHBTC" });
    expect(decode(text)).toBe(DECODED.wrongSymbol);
    expect(decode(` ${text}`)).toBe(DECODED.wrongSymbol);
    expect(decoder.lastInstrument).toBe(0);
    expect(decoder.lastIsDelta).toBe(true);
    // A letter whose low byte is a "B" is not a "B".
    expect(decode(depthFrame(venue, { named: "\u0142TCUSDT" }))).toBe(DECODED.wrongSymbol);
    expect(decode(` ${depthFrame(venue, { named: "\u0142TCUSDT" })}`)).toBe(DECODED.wrongSymbol);
    expect(decode(` ${depthFrame(venue, { symbol: "\u0142TCUSDT" })}`)).toBe(DECODED.ignored);
  });

  test("of a field that is said twice the last one counts, as in JSON; levels too", () => {
    const twice = depthFrame(venue, { extra: ['"u":106'] });
    expect(decode(twice)).toBe(DECODED.event);
    expect(rowOf(ring).seqLast).toBe(106);
    expect(decode(depthFrame(venue, { extra: ['"b":[["7.00","1"]]'] }))).toBe(DECODED.event);
    expect(rowOf(ring).bids).toEqual([[700, 100_000]]);
    expect(rowOf(ring).asks).toEqual([[10_020, 0]]);
  });

  test("a prototype is a field like any other", () => {
    const text = depthFrame(venue, { extra: ['"__proto__":{"U":1}', '"constructor":1'] });
    expect(decode(text)).toBe(DECODED.event);
    expect(rowOf(ring)).toEqual(depthRow);
    const bare = `{"stream":"btcusdt@depth","data":{"__proto__":${JSON.stringify({ U: 1 })}}}`;
    expect(decode(bare)).toBe(DECODED.malformed);
    expect(({} as Record<string, unknown>).U).toBeUndefined();
  });

  test("a byte that is no text is not taken for a letter", () => {
    const bytes = bytesOf(depthFrame(venue, { extra: ['"u":999'] }));
    const at = Buffer.from(bytes).lastIndexOf('"u":999') + 1;
    // 0xf5 is "u" with the high bit set.
    bytes[at] = 0xf5;
    const decoded = decode(bytes);
    if (decoded === DECODED.event) expect(rowOf(ring).seqLast).toBe(105);
  });

  test("nesting ten thousand deep is refused in peace", () => {
    const deep = "[".repeat(10_000) + "]".repeat(10_000);
    expect(decode(depthFrame(venue, { bids: deep }))).toBe(DECODED.malformed);
    expect(decode(depthFrame(venue, { extra: [`"x":${"[".repeat(100_000)}`] }))).toBeLessThan(0);
    expect(decode("[".repeat(100_000))).toBeLessThan(0);
  });

  test("more levels than a frame may carry are refused by both readers", () => {
    const many = `[${'["1.00","1"],'.repeat(FRAME_LEVELS_MAX)}["1.00","1"]]`;
    expect(decode(depthFrame(venue, { bids: many }))).toBe(DECODED.tooManyLevels);
    expect(decode(` ${depthFrame(venue, { bids: many })}`)).toBe(DECODED.tooManyLevels);
    const most = `[${'["1.00","1"],'.repeat(FRAME_LEVELS_MAX - 2)}["1.00","1"]]`;
    expect(decode(depthFrame(venue, { bids: most }))).toBe(DECODED.event);
    expect(rowOf(ring).bids).toHaveLength(FRAME_LEVELS_MAX - 1);
  });

  test("a full ring is said, with the instrument that lost its delta", () => {
    for (let i = 0; i < ring.capacity; i++) expect(decode(depthFrame(venue))).toBe(DECODED.event);
    expect(decode(depthFrame(venue, { symbol: "WHOLE", bids: '[["7","20"]]', asks: "[]" }))).toBe(
      DECODED.ringFull,
    );
    expect(decoder.lastInstrument).toBe(3);
    expect(decode(` ${depthFrame(venue)}`)).toBe(DECODED.ringFull);
    expect(decoder.lastInstrument).toBe(0);
  });

  test("empty sides are a frame like any other", () => {
    expect(decode(depthFrame(venue, { bids: "[]", asks: "[]" }))).toBe(DECODED.event);
    expect(rowOf(ring)).toMatchObject({ bids: [], asks: [] });
  });

  test("a decoder of no instruments ignores everything", () => {
    decoder = VENUES[venue].makeDecoder([]);
    expect(decode(depthFrame(venue))).toBe(DECODED.ignored);
  });
});
