/**
 * Station: frames of Kraken's WebSocket v2 -> a fuzzer of their decoder.
 *
 * Prices and quantities are bare numbers here whose text counts, exponents included. Of a message about
 * several symbols nothing is taken, and the trades of one message are one row.
 */

import type { Instrument } from "../../../../hotpath/core/instrument.ts";
import { MARKET } from "../../../../hotpath/core/market-ring.ts";
import { VENUES } from "../../../../hotpath/venues/registry.ts";
import type { Bench, Fuzzer } from "../fuzzer.ts";
import { bareOf, itemsOf, memberOf, readTree, stringOf, type Tree } from "../oracle/json-tree.ts";
import { isWhole, microsOf } from "../oracle/numbers.ts";
import {
  frameBench,
  fuzzInstruments,
  isSameFolded,
  judgeLevels,
  type RowSight,
  type WrittenLevel,
} from "./market-bench.ts";

const SYMBOLS = ["BTC/USD", "ETH/EUR", "ODD/USD", "WHO/LE", "TINY/X"];

export const krakenFrames: Fuzzer = {
  name: "kraken frames",
  guards: "hotpath/venues/kraken/normalize.ts",
  prepare: framesBench,
};

function framesBench(): Bench {
  const instruments = fuzzInstruments("kraken", SYMBOLS);
  return frameBench(
    instruments.flatMap(framesOf),
    () => VENUES.kraken.makeDecoder(instruments),
    (input, sight) => judgeFrame(input, sight, instruments),
  );
}

/** Levels on the steps of each instrument. */
const LEVELS: readonly (readonly (readonly [string, string])[])[] = [
  [
    ["45283.50", "0.10000000"],
    ["45283.4", "1.54582015"],
    ["7.01", "0.00001"],
  ].map(([price = "", quantity = ""]) => [price, quantity.slice(0, 7)] as const),
  [
    ["45283.5", "0.10000000"],
    ["45283.4", "1.54582015"],
    ["100000.0", "0.00000000"],
  ],
  [
    ["0.05", "0.025"],
    ["10.10", "1.050"],
  ],
  [
    ["1", "10"],
    ["70000", "0"],
  ],
  [
    ["1e-10", "999999999999"],
    ["1.2345678901", "1"],
    ["0.0000000001", "2"],
  ],
];

function sideText(index: number, count: number): string {
  const levels = LEVELS[index] ?? [];
  const rows = Array.from({ length: count }, (_, i) => levels[i % levels.length]);
  return `[${rows.map((row) => `{"price":${row?.[0]},"qty":${row?.[1]}}`).join(",")}]`;
}

function framesOf({ symbol, index }: Instrument): string[] {
  const [[price, quantity]] = LEVELS[index] as readonly [readonly [string, string]];
  const book = (type: string, bids: number, asks: number, time: string): string =>
    `{"channel":"book","type":"${type}","data":[{"symbol":"${symbol}","bids":${sideText(index, bids)},"asks":${sideText(index, asks)},"checksum":2439117997${time}}]}`;
  const trade = (side: string, id: number): string =>
    `{"symbol":"${symbol}","side":"${side}","price":${price},"qty":${quantity},"ord_type":"limit","trade_id":${id},"timestamp":"2023-09-25T07:49:37.708706Z"}`;
  const touch = `"symbol":"${symbol}","bid":${price},"bid_qty":${quantity},"ask":${price},"ask_qty":${quantity}`;
  const day = `"last":0.1,"volume":997038.98383185,"vwap":0.1,"low":0.09,"high":0.11,"change":-0.00017,"change_pct":-0.17`;
  const time = ',"timestamp":"2023-10-06T17:35:55.440295Z"';
  return [
    book("update", 3, 2, time),
    book("update", 0, 1, ',"timestamp":"2023-10-06T17:35:56Z"'),
    book("snapshot", 10, 10, ""),
    book("snapshot", 4, 4, time),
    `{"channel":"ticker","type":"update","data":[{${touch},${day}${time}}]}`,
    `{"channel":"ticker","type":"snapshot","data":[{${touch},${day}}]}`,
    `{"channel":"trade","type":"update","data":[${trade("buy", 4665846)}]}`,
    `{"channel":"trade","type":"update","data":[${trade("buy", 4665846)},${trade("sell", 4665847)},${trade("sell", 4665848)}]}`,
  ];
}

type Judged = {
  readonly entries: readonly Tree[];
  readonly instrument: Instrument;
  readonly sight: RowSight;
};

function judgeFrame(
  input: Uint8Array,
  sight: RowSight,
  instruments: readonly Instrument[],
): string | undefined {
  const tree = readTree(input);
  const entries = itemsOf(memberOf(tree, "data"));
  const type = stringOf(memberOf(tree, "type"));
  const first = stringOf(memberOf(entries?.[0], "symbol"));
  if (entries === undefined || first === undefined) return "what is no frame is taken for one";
  if (type !== "update" && type !== "snapshot") return "a message of no known type is taken";
  const instrument = instruments.find(({ symbol }) => isSameFolded(symbol, first));
  if (instrument === undefined) return "a frame is of no instrument";
  if (sight.ring.instrument[sight.row] !== instrument.index) return "it is of another instrument";
  const judged = { entries, instrument, sight };
  switch (stringOf(memberOf(tree, "channel"))) {
    case "book":
      return judgeBook(judged, type);
    case "ticker":
      return judgeQuote(judged);
    case "trade":
      return type === "update" ? judgeTrades(judged) : "past trades are taken for new ones";
    default:
      return "a channel that nobody reads became an event";
  }
}

/** The venue's time, which is the sequence of books and quotes as well; 0 where none is sent. */
function isTimed(entry: Tree | undefined, { ring, row }: RowSight): boolean {
  const said = memberOf(entry, "timestamp");
  const us = said === undefined ? 0 : microsOf(stringOf(said));
  return us === ring.exchangeUs[row];
}

function judgeBook({ entries, instrument, sight }: Judged, type: string): string | undefined {
  const { ring, row } = sight;
  const [entry] = entries;
  const kind = type === "update" ? MARKET.bookDelta : MARKET.bookSnapshot;
  if (ring.kind[row] !== kind) return "a book's message became something else";
  if (entries.length !== 1) return "of several books one was taken";
  const isSequence = ring.seqFirst[row] === ring.exchangeUs[row] && isSameSeq(sight);
  if (!isTimed(entry, sight) || !isSequence) return "its time is not what was sent";
  const checksum = (ring.checksum[row] as number) >>> 0;
  if (!isWhole(bareOf(memberOf(entry, "checksum")), checksum)) return "its checksum is another";
  const bids = levelsOf(memberOf(entry, "bids"));
  const asks = levelsOf(memberOf(entry, "asks"));
  if (bids === undefined || asks === undefined) return "its sides are no lists of levels";
  return judgeLevels(sight, bids, asks, instrument);
}

function isSameSeq({ ring, row }: RowSight): boolean {
  return ring.seqFirst[row] === ring.seqLast[row];
}

function judgeQuote({ entries, instrument, sight }: Judged): string | undefined {
  const { ring, row } = sight;
  const [entry] = entries;
  if (ring.kind[row] !== MARKET.quote) return "a quote became something else";
  if (entries.length !== 1) return "of several quotes one was taken";
  if (!isTimed(entry, sight) || !isSameSeq(sight)) return "its time is not what was sent";
  const level = (price: string, quantity: string): WrittenLevel => ({
    price: bareOf(memberOf(entry, price)),
    quantity: bareOf(memberOf(entry, quantity)),
  });
  return judgeLevels(sight, [level("bid", "bid_qty")], [level("ask", "ask_qty")], instrument);
}

function judgeTrades({ entries, instrument, sight }: Judged): string | undefined {
  const { ring, row } = sight;
  if (ring.kind[row] !== MARKET.trade) return "trades became something else";
  for (const entry of entries) {
    const symbol = stringOf(memberOf(entry, "symbol")) ?? "";
    if (!isSameFolded(symbol, instrument.symbol)) return "trades of two symbols became one row";
    const said = stringOf(memberOf(entry, "side"));
    if (said !== "buy" && said !== "sell") return "the side of a trade is guessed";
    if (microsOf(stringOf(memberOf(entry, "timestamp"))) === undefined)
      return "a trade has no time";
  }
  const idOf = (entry: Tree | undefined) => bareOf(memberOf(entry, "trade_id"));
  const last = entries.at(-1);
  if (!isWhole(idOf(entries[0]), ring.seqFirst[row] as number)) return "its first id is another";
  if (!isWhole(idOf(last), ring.seqLast[row] as number)) return "its last id is another";
  if (!isTimed(last, sight)) return "its time is not what was sent";
  const flag = stringOf(memberOf(last, "side")) === "buy" ? 0 : 1;
  if (ring.tradeFlags[row] !== flag) return "its side is not what was sent";
  return judgeLevels(sight, entries.map(levelOf), [], instrument);
}

function levelOf(level: Tree): WrittenLevel {
  return { price: bareOf(memberOf(level, "price")), quantity: bareOf(memberOf(level, "qty")) };
}

function levelsOf(side: Tree | undefined): readonly WrittenLevel[] | undefined {
  return itemsOf(side)?.map(levelOf);
}
