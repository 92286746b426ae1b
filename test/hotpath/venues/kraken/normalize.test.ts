// Goal: every message of Kraken becomes one row or one refusal, and both readers agree on which. Method:
// the venue's own samples, then the same damaged in every way; whitespace sends them to the second reader.
import { describe, expect, test } from "vitest";
import { DECODED } from "../../../../hotpath/core/decode/decoder.ts";
import { type Instrument, instrumentOf } from "../../../../hotpath/core/instrument.ts";
import { MARKET, MarketRing } from "../../../../hotpath/core/market-ring.ts";
import { krakenDecoder } from "../../../../hotpath/venues/kraken/normalize.ts";

function instrument(symbol: string, tickSize: string, index: number): Instrument {
  const rules = { id: `kraken:${symbol}`, venue: "kraken", symbol } as const;
  return instrumentOf({ ...rules, tickSize, lotSize: "0.00000001" }, index) as Instrument;
}

const INSTRUMENTS = [
  instrument("MATIC/USD", "0.0001", 0),
  instrument("BTC/USD", "0.1", 1),
  instrument("ODD/USD", "0.05", 2),
];
const STAMP = { session: 3, epoch: 7, recvUs: 11, awayUs: 5, rawSeq: 9 };
const TIME_US = Date.UTC(2023, 9, 6, 17, 35, 55) * 1000 + 440_295;
const TIME = "2023-10-06T17:35:55.440295Z";

type Row = Readonly<Record<string, unknown>>;

/** What became of a frame: the code, and the row if there is one. */
function decode(
  text: string,
  ring = new MarketRing(64, 65_536),
): { code: number; row: Row; fallbacks: number; lastInstrument: number; lastIsDelta: boolean } {
  const decoder = krakenDecoder(INSTRUMENTS);
  const code = decoder.decode(new TextEncoder().encode(text), STAMP, ring);
  const { fallbacks, lastInstrument, lastIsDelta } = decoder;
  if (code !== DECODED.event) return { code, row: {}, fallbacks, lastInstrument, lastIsDelta };
  const at = ring.newest;
  const start = ring.levelStart[at] as number;
  const end = start + (ring.bidCount[at] as number) + (ring.askCount[at] as number);
  const row = {
    kind: ring.kind[at],
    instrument: ring.instrument[at],
    session: ring.session[at],
    epoch: ring.epoch[at],
    bidCount: ring.bidCount[at],
    askCount: ring.askCount[at],
    checksum: (ring.checksum[at] as number) >>> 0,
    exchangeUs: ring.exchangeUs[at],
    seqFirst: ring.seqFirst[at],
    seqLast: ring.seqLast[at],
    flags: ring.tradeFlags[at],
    ticks: [...ring.ticks.subarray(start, end)],
    lots: [...ring.lots.subarray(start, end)],
  };
  return { code, row, fallbacks, lastInstrument, lastIsDelta };
}

/** The same message with a space in it, which the byte scanner leaves to the second reader. */
function spaced(text: string): string {
  return text.replace(/^\{/, "{ ");
}

const UPDATE =
  `{"channel":"book","type":"update","data":[{"symbol":"MATIC/USD","bids":[{"price":0.5657,` +
  `"qty":1098.3947558}],"asks":[{"price":0.5668,"qty":0.00000000},{"price":0.567,"qty":49844.89424998}],` +
  `"checksum":2114181697,"timestamp":"${TIME}"}]}`;
const SNAPSHOT = UPDATE.replace('"update"', '"snapshot"');
const TICKER =
  `{"channel":"ticker","type":"update","data":[{"symbol":"MATIC/USD","bid":0.1002,"bid_qty":740.0,` +
  `"ask":0.1003,"ask_qty":741.5,"last":0.1003,"volume":997038.98383185,"vwap":0.10148,"low":0.09979,` +
  `"high":0.10285,"change":-0.00017,"change_pct":-0.17,"timestamp":"${TIME}"}]}`;
const TRADE =
  `{"channel":"trade","type":"update","data":[{"symbol":"MATIC/USD","side":"sell","price":0.5117,` +
  `"qty":40.0,"ord_type":"market","trade_id":4665906,"timestamp":"${TIME}"}]}`;
const TRADES = TRADE.replace(
  "]}",
  `,{"symbol":"MATIC/USD","side":"buy","price":0.5118,"qty":1.5,"ord_type":"limit","trade_id":4665907,"timestamp":"${TIME}"}]}`,
);

const BOOK_ROW = {
  instrument: 0,
  session: 3,
  epoch: 7,
  bidCount: 1,
  askCount: 2,
  checksum: 2_114_181_697,
  exchangeUs: TIME_US,
  seqFirst: TIME_US,
  seqLast: TIME_US,
  ticks: [5657, 5668, 5670],
  lots: [109_839_475_580, 0, 4_984_489_424_998],
};

describe("the venue's own samples", () => {
  test.each([
    ["an update", UPDATE, { kind: MARKET.bookDelta, ...BOOK_ROW }],
    ["a snapshot", SNAPSHOT, { kind: MARKET.bookSnapshot, ...BOOK_ROW }],
    [
      "a quote",
      TICKER,
      {
        kind: MARKET.quote,
        bidCount: 1,
        askCount: 1,
        ticks: [1002, 1003],
        lots: [74_000_000_000, 74_150_000_000],
        exchangeUs: TIME_US,
      },
    ],
    [
      "a trade against a bid",
      TRADE,
      {
        kind: MARKET.trade,
        seqFirst: 4_665_906,
        seqLast: 4_665_906,
        flags: 1,
        ticks: [5117],
        lots: [4_000_000_000],
      },
    ],
    [
      "two trades in one message",
      TRADES,
      {
        kind: MARKET.trade,
        seqFirst: 4_665_906,
        seqLast: 4_665_907,
        flags: 0,
        ticks: [5117, 5118],
      },
    ],
  ])("%s, by both readers alike", (_what, text, wanted) => {
    const fast = decode(text);
    expect(fast).toMatchObject({ code: DECODED.event, fallbacks: 0, row: wanted });
    const slow = decode(spaced(text));
    expect(slow.fallbacks).toBe(1);
    expect(slow.row).toEqual(fast.row);
  });

  test("a message without a time, as snapshots of older versions were", () => {
    const bare = SNAPSHOT.replace(`,"timestamp":"${TIME}"`, "");
    expect(decode(bare)).toMatchObject({
      code: DECODED.event,
      fallbacks: 0,
      row: { exchangeUs: 0, seqLast: 0 },
    });
    expect(decode(spaced(bare)).row).toEqual(decode(bare).row);
  });

  test("keys in another order, and numbers with an exponent, are read by the second reader", () => {
    const turned =
      `{"channel":"book","type":"update","data":[{"asks":[],"bids":[{"qty":1e-08,"price":5.657e-1}],` +
      `"timestamp":"${TIME}","checksum":1,"symbol":"MATIC/USD"}]}`;
    expect(decode(turned)).toMatchObject({ fallbacks: 1, row: { ticks: [5657], lots: [1] } });
  });

  test("a trade whose type of order is no text is read by the second reader", () => {
    const untyped = TRADE.replace('"market"', "null");
    expect(decode(untyped)).toMatchObject({ fallbacks: 1, row: decode(TRADE).row });
  });

  test("prices of a step that is no power of ten", () => {
    const odd = UPDATE.replace("MATIC/USD", "ODD/USD")
      .replace("0.5657", "10.35")
      .replace("0.5668", "10.4")
      .replace("0.567", "10.45");
    expect(decode(odd)).toMatchObject({
      fallbacks: 0,
      row: { instrument: 2, ticks: [207, 208, 209] },
    });
  });

  test("an empty update of both sides", () => {
    const empty = `{"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[],"asks":[],"checksum":4294967295,"timestamp":"${TIME}"}]}`;
    expect(decode(empty)).toMatchObject({
      fallbacks: 0,
      row: { instrument: 1, bidCount: 0, askCount: 0, checksum: 4_294_967_295 },
    });
  });
});

describe("what is no market data of ours", () => {
  test.each([
    ['{"channel":"heartbeat"}', DECODED.ignored],
    ['{ "channel":"heartbeat"}', DECODED.ignored],
    ['{"method":"subscribe","result":{},"success":true}', DECODED.notice],
    ['{"channel":"status","data":[{"system":"online"}],"type":"update"}', DECODED.notice],
    ['{"channel":"ohlc","type":"update","data":[]}', DECODED.ignored],
    [UPDATE.replace("MATIC/USD", "DOGE/USD"), DECODED.ignored],
    [TRADE.replace('"update"', '"snapshot"'), DECODED.ignored],
    [TRADES.replace('"MATIC/USD","side":"buy"', '"BTC/USD","side":"buy"'), DECODED.ignored],
  ])("%s", (text, code) => {
    expect(decode(text).code).toBe(code);
  });
});

describe("what is refused, by both readers alike", () => {
  test.each([
    ["a price between two steps", UPDATE.replace("0.5657", "0.56575"), DECODED.offStep],
    ["a quantity finer than a lot", UPDATE.replace("1098.3947558", "1.000000001"), DECODED.offStep],
    [
      "a quantity above all bounds",
      UPDATE.replace("1098.3947558", "99999999999999999"),
      DECODED.range,
    ],
    ["a checksum above 32 bits", UPDATE.replace("2114181697", "4294967296"), DECODED.range],
    ["a negative price", UPDATE.replace("0.5657", "-0.5657"), DECODED.malformed],
    ["a price in quotes", UPDATE.replace("0.5657", '"0.5657"'), DECODED.malformed],
    ["a price that is absent", UPDATE.replace('"price":0.5657,', ""), DECODED.malformed],
    ["a checksum that is absent", UPDATE.replace('"checksum":2114181697,', ""), DECODED.malformed],
    ["a time that is none", UPDATE.replace(TIME, "yesterday"), DECODED.malformed],
    ["an unknown type", UPDATE.replace('"update"', '"delta"'), DECODED.malformed],
    [
      "levels that are no list",
      UPDATE.replace(/"bids":\[[^\]]*\]/, '"bids":null'),
      DECODED.malformed,
    ],
    [
      "levels that are no objects",
      UPDATE.replace(/"bids":\[[^\]]*\]/, '"bids":[1]'),
      DECODED.malformed,
    ],
    ["a number that overflows a double", UPDATE.replace("0.5657", "1e999"), DECODED.malformed],
    [
      "two books in one message",
      UPDATE.replace("]}", `,{"symbol":"MATIC/USD"}]}`),
      DECODED.malformed,
    ],
    ["a trade without a side", TRADE.replace('"sell"', '"hold"'), DECODED.malformed],
    ["a trade without a time", TRADE.replace(TIME, ""), DECODED.malformed],
    [
      "a type of order whose quote is escaped",
      TRADE.replace("market", "market\\"),
      DECODED.malformed,
    ],
    ["a quote without a bid", TICKER.replace('"bid":0.1002,', ""), DECODED.malformed],
    ["data that is no list", '{"channel":"book","type":"update","data":{}}', DECODED.malformed],
    ["a channel that is no text", '{"channel":5}', DECODED.malformed],
    ["no object", "[]", DECODED.malformed],
  ])("%s", (_what, text, code) => {
    expect(decode(text).code).toBe(code);
    expect(decode(spaced(text)).code).toBe(code);
  });

  test("a frame cut off anywhere", () => {
    for (const text of [UPDATE, TICKER, TRADES]) {
      for (let length = 0; length < text.length; length++) {
        expect(decode(text.slice(0, length)).code, text.slice(0, length)).toBeLessThan(0);
      }
    }
  });

  test("something behind the end", () => {
    expect(decode(`${UPDATE}x`).code).toBe(DECODED.malformed);
    expect(decode(`${TRADE}}`).code).toBe(DECODED.malformed);
  });

  test("the book whose message was refused is named, so that it is void at once", () => {
    const bad = decode(UPDATE.replace("0.5657", "0.56575"));
    expect(bad).toMatchObject({ lastInstrument: 0, lastIsDelta: true });
    const slow = decode(spaced(UPDATE.replace("0.5657", "0.56575")));
    expect(slow).toMatchObject({ lastInstrument: 0, lastIsDelta: true });
    expect(decode(TRADE.replace("0.5117", "0.51175"))).toMatchObject({
      lastInstrument: 0,
      lastIsDelta: false,
    });
  });

  test("a ring without room is not the frame's fault", () => {
    const ring = new MarketRing(2, 65_536);
    for (let i = 0; i < 2; i++) expect(decode(UPDATE, ring).code).toBe(DECODED.event);
    for (const text of [UPDATE, SNAPSHOT, TICKER, TRADE, spaced(UPDATE)]) {
      expect(decode(text, ring).code).toBe(DECODED.ringFull);
    }
  });

  test("more levels than a row can have", () => {
    const level = '{"price":0.5657,"qty":1.00000000},';
    const many = level.repeat(16_400).slice(0, -1);
    const text = UPDATE.replace(/"bids":\[[^\]]*\]/, `"bids":[${many}]`);
    expect(decode(text).code).toBe(DECODED.tooManyLevels);
  });
});

describe("replies", () => {
  const notice = (text: string) =>
    krakenDecoder(INSTRUMENTS).parseNotice(new TextEncoder().encode(text));

  test("an acknowledgement, a refusal, a pong with the venue's time", () => {
    expect(
      notice('{"method":"subscribe","req_id":4,"result":{"symbol":"A/B"},"success":true}'),
    ).toEqual({
      type: "subscribed",
      requestId: 4,
    });
    expect(
      notice('{"error":"Already subscribed","method":"subscribe","req_id":4,"success":false}'),
    ).toEqual({
      type: "refused",
      requestId: 4,
      reason: "Already subscribed",
    });
    expect(notice(`{"method":"pong","req_id":5,"time_in":"${TIME}","time_out":"${TIME}"}`)).toEqual(
      {
        type: "ponged",
        pingId: 5,
        venueUs: TIME_US,
      },
    );
    expect(notice('{"method":"pong","req_id":5,"time_in":"?"}')).toEqual({
      type: "ponged",
      pingId: 5,
    });
  });

  test.each([
    '{"method":"unsubscribe","req_id":4,"success":true}',
    '{"method":"pong"}',
    '{"channel":"status","data":[{"connection_id":13834774380200032777,"system":"maintenance"}]}',
    "not JSON",
  ])("%s is nothing that the feed waits for", (text) => {
    expect(notice(text)).toMatchObject({ type: "unknown" });
  });

  test("no body of REST is ever a snapshot here", () => {
    const decoder = krakenDecoder(INSTRUMENTS);
    const body = new TextEncoder().encode('{"error":[],"result":{}}');
    expect(decoder.decodeSnapshot(body, INSTRUMENTS[0] as Instrument)).toBeUndefined();
  });
});
