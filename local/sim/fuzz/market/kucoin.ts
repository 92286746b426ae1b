/**
 * Station: pushes and depth bodies of KuCoin -> fuzzers of their decoders.
 *
 * Sizes finer than a lot are cut off, rows without a price move the sequence only, and sequences of trades
 * are taken modulo 2^53: the decoder's own documented rules.
 */

import type { Instrument } from "../../../../hotpath/core/instrument.ts";
import { MARKET } from "../../../../hotpath/core/market-ring.ts";
import { VENUES } from "../../../../hotpath/venues/registry.ts";
import type { Bench, Fuzzer } from "../fuzzer.ts";
import { bareOf, itemsOf, memberOf, readTree, stringOf, type Tree } from "../oracle/json-tree.ts";
import { exactOf, isWhole } from "../oracle/numbers.ts";
import {
  frameBench,
  fuzzInstruments,
  isSameFolded,
  judgeLevels,
  type RowSight,
  type WrittenLevel,
} from "./market-bench.ts";
import { snapshotBench } from "./snapshot-bench.ts";

const SYMBOLS = ["BTC-USDT", "ETH-BTC", "ODD-USD", "WHO-LE", "TINY-X"];
const MS = 1000;
const TWO_53 = 2n ** 53n;

export const kucoinFuzzers: readonly Fuzzer[] = [
  {
    name: "kucoin frames",
    guards: "hotpath/venues/kucoin/normalize.ts",
    prepare: framesBench,
  },
  {
    name: "kucoin snapshots",
    guards: "hotpath/venues/kucoin/snapshot.ts",
    prepare: bodiesBench,
  },
];

function framesBench(): Bench {
  const instruments = fuzzInstruments("kucoin", SYMBOLS);
  return frameBench(
    instruments.flatMap(framesOf),
    () => VENUES.kucoin.makeDecoder(instruments),
    (input, sight) => judgeFrame(input, sight, instruments),
  );
}

/** Prices on the steps of each instrument; sizes may be finer than a lot. */
const LEVELS: readonly (readonly (readonly [string, string])[])[] = [
  [
    ["67523.01", "0.00035"],
    ["67523", "1.23456789"],
    ["0", "0"],
  ],
  [
    ["12.3", "3.5"],
    ["4097", "0"],
  ],
  [
    ["0.05", "0.024"],
    ["10.1", "1.051"],
  ],
  [
    ["1", "15"],
    ["70000", "0"],
  ],
  [
    ["0.0000000001", "999999999999"],
    ["1.2345678901", "1"],
  ],
];

function rowsText(index: number, count: number): string {
  const levels = LEVELS[index] ?? [];
  const rows = Array.from({ length: count }, (_, i) => levels[i % levels.length]);
  return `[${rows.map((row, i) => `["${row?.[0]}","${row?.[1]}","${14610502970 + i}"]`).join(",")}]`;
}

function framesOf({ symbol, index }: Instrument): string[] {
  const [[price, size]] = LEVELS[index] as readonly [readonly [string, string]];
  const delta = (asks: number, bids: number): string =>
    `{"topic":"/market/level2:${symbol}","type":"message","subject":"trade.l2update","data":{"changes":{"asks":${rowsText(index, asks)},"bids":${rowsText(index, bids)}},"sequenceEnd":14610502971,"sequenceStart":14610502970,"symbol":"${symbol}","time":1729816425625}}`;
  const old = `{"data":{"sequenceStart":1545896669145,"symbol":"${symbol}","changes":{"asks":${rowsText(index, 1)},"bids":[]},"sequenceEnd":1545896669145},"subject":"trade.l2update","topic":"/market/level2:${symbol}","type":"message"}`;
  const match = `"makerOrderId":"671b5007389355000701b1d3","price":"${price}","sequence":"11067996711960577","side":"buy","size":"${size}","symbol":"${symbol}","takerOrderId":"671b50161777ff00074c168d","time":"1729843222921000000","tradeId":"11067996711960577","type":"match"`;
  const ticker = `"bestAsk":"${price}","bestAskSize":"${size}","bestBid":"${price}","bestBidSize":"${size}","price":"${price}","sequence":"14610502971","size":"1","time":1729757723612`;
  return [
    delta(3, 2),
    delta(0, 1),
    delta(1, 0),
    delta(8, 9),
    old,
    `{"topic":"/spotMarket/level1:${symbol}","type":"message","subject":"level1","data":{"asks":["${price}","${size}"],"bids":["${price}","${size}"],"timestamp":1729816058766}}`,
    `{"topic":"/market/match:${symbol}","type":"message","subject":"trade.l3match","data":{${match}}}`,
    `{"topic":"/market/match:${symbol}","type":"message","subject":"trade.l3match","data":{${match.replace("buy", "sell")}}}`,
    `{"topic":"/market/ticker:${symbol}","type":"message","subject":"trade.ticker","data":{${ticker}}}`,
    `{"topic":"/market/ticker:all","type":"message","subject":"${symbol}","data":{${ticker}}}`,
  ];
}

type Judged = {
  readonly data: Tree;
  readonly instrument: Instrument;
  readonly sight: RowSight;
};

const TOPICS: readonly (readonly [string, (judged: Judged) => string | undefined])[] = [
  ["/market/level2:", judgeDelta],
  ["/spotMarket/level1:", judgeTouch],
  ["/market/ticker:", judgeTicker],
  ["/market/match:", judgeTrade],
];

function judgeFrame(
  input: Uint8Array,
  sight: RowSight,
  instruments: readonly Instrument[],
): string | undefined {
  const tree = readTree(input);
  const data = memberOf(tree, "data");
  const topic = stringOf(memberOf(tree, "topic")) ?? "";
  if (data === undefined || stringOf(memberOf(tree, "type")) !== "message") {
    return "what is no push is taken for one";
  }
  const found = TOPICS.find(([beginning]) => topic.startsWith(beginning));
  if (found === undefined) return "a topic that nobody reads became an event";
  const [beginning, judge] = found;
  const isAll = topic === "/market/ticker:all";
  const name = isAll ? stringOf(memberOf(tree, "subject")) : topic.slice(beginning.length);
  const instrument = instruments.find(({ symbol }) => isSameFolded(symbol, name ?? ""));
  if (instrument === undefined) return "a push is of no instrument";
  if (sight.ring.instrument[sight.row] !== instrument.index) return "it is of another instrument";
  const symbol = stringOf(memberOf(data, "symbol")) ?? "";
  const isNamed = beginning === "/market/level2:" || beginning === "/market/match:";
  if (isNamed && !isSameFolded(symbol, instrument.symbol)) {
    return "the data are of another symbol than their topic";
  }
  return judge({ data, instrument, sight });
}

/** Digits, bare or in quotes: sequences and times come either way. */
function digitsOf(tree: Tree | undefined): string | undefined {
  return bareOf(tree) ?? stringOf(tree);
}

function isTimed(data: Tree, keys: readonly string[], { ring, row }: RowSight): boolean {
  const said = keys.map((key) => memberOf(data, key)).filter((each) => each !== undefined);
  if (said.length === 0) return ring.exchangeUs[row] === 0;
  return isWhole(digitsOf(said.at(-1)), ring.exchangeUs[row] as number, MS);
}

function judgeDelta({ data, instrument, sight }: Judged): string | undefined {
  const { ring, row } = sight;
  if (ring.kind[row] !== MARKET.bookDelta) return "a delta became something else";
  const [first, last] = [ring.seqFirst[row] as number, ring.seqLast[row] as number];
  if (!isWhole(digitsOf(memberOf(data, "sequenceStart")), first)) return "its start is another";
  if (!isWhole(digitsOf(memberOf(data, "sequenceEnd")), last)) return "its end is another";
  if (!isTimed(data, ["time"], sight)) return "its time is not what was sent";
  const changes = memberOf(data, "changes");
  const bids = rowsOf(memberOf(changes, "bids"));
  const asks = rowsOf(memberOf(changes, "asks"));
  if (bids === undefined || asks === undefined) return "its sides are no lists of rows";
  const start = ring.levelStart[row] as number;
  const isNumbered = [...bids, ...asks].every(({ seq }, i) =>
    isWhole(seq, ring.levelSeqs[start + i] as number),
  );
  if (ring.hasLevelSeqs[row] !== 1 || !isNumbered) return "a level bears another sequence";
  return judgeLevels(sight, bids, asks, instrument);
}

type WrittenRow = WrittenLevel & { readonly seq: string | undefined };

/** Rows that have a price; the others move the sequence only. */
function rowsOf(side: Tree | undefined): readonly WrittenRow[] | undefined {
  return itemsOf(side)
    ?.map((row) => {
      const items = itemsOf(row);
      const [price, quantity, seq] = [0, 1, 2].map((i) => stringOf(items?.[i]));
      return { price, quantity, seq, isFloored: true };
    })
    .filter(({ price }) => exactOf(price)?.units !== 0n);
}

function judgeTouch({ data, instrument, sight }: Judged): string | undefined {
  if (sight.ring.kind[sight.row] !== MARKET.quote) return "a quote became something else";
  if (sight.ring.seqLast[sight.row] !== 0) return "a quote without a sequence has one";
  if (!isTimed(data, ["timestamp"], sight)) return "its time is not what was sent";
  const level = (key: string): WrittenLevel => {
    const items = itemsOf(memberOf(data, key));
    return { price: stringOf(items?.[0]), quantity: stringOf(items?.[1]), isFloored: true };
  };
  return judgeLevels(sight, [level("bids")], [level("asks")], instrument);
}

function judgeTicker({ data, instrument, sight }: Judged): string | undefined {
  const { ring, row } = sight;
  if (ring.kind[row] !== MARKET.quote) return "a quote became something else";
  if (!isWhole(digitsOf(memberOf(data, "sequence")), ring.seqLast[row] as number)) {
    return "its sequence is not what was sent";
  }
  if (!isTimed(data, ["time", "Time"], sight)) return "its time is not what was sent";
  const level = (side: string): WrittenLevel => ({
    price: stringOf(memberOf(data, `best${side}`)),
    quantity: stringOf(memberOf(data, `best${side}Size`)),
    isFloored: true,
  });
  return judgeLevels(sight, [level("Bid")], [level("Ask")], instrument);
}

function judgeTrade({ data, instrument, sight }: Judged): string | undefined {
  const { ring, row } = sight;
  if (ring.kind[row] !== MARKET.trade) return "a trade became something else";
  const sequence = stringOf(memberOf(data, "sequence")) ?? "";
  const isSequence = /^\d{1,18}$/.test(sequence);
  if (!isSequence || BigInt(sequence) % TWO_53 !== BigInt(ring.seqLast[row] as number)) {
    return "its sequence is not what was sent";
  }
  const nanos = stringOf(memberOf(data, "time")) ?? "";
  const isTime = /^\d{19}$/.test(nanos);
  if (!isTime || BigInt(nanos) / 1000n !== BigInt(ring.exchangeUs[row] as number)) {
    return "its time is not what was sent";
  }
  const side = stringOf(memberOf(data, "side"));
  if (side !== "buy" && side !== "sell") return "its side is guessed";
  if (ring.tradeFlags[row] !== (side === "sell" ? 1 : 0)) return "its side is not what was sent";
  const price = stringOf(memberOf(data, "price"));
  const quantity = stringOf(memberOf(data, "size"));
  return judgeLevels(sight, [{ price, quantity, isFloored: true }], [], instrument);
}

function bodiesBench(): Bench {
  const instruments = fuzzInstruments("kucoin", SYMBOLS);
  const corpus = instruments.flatMap((instrument) => {
    const rows = JSON.stringify(LEVELS[instrument.index]);
    const body = (bids: string, asks: string): string =>
      `{"code":"200000","data":{"time":1729176273859,"sequence":"14610502970","bids":${bids},"asks":${asks}}}`;
    return [body(rows, rows), body("null", rows), body(rows, "[]")].map((text) => ({
      instrument,
      text,
    }));
  });
  return snapshotBench(corpus, VENUES.kucoin.makeDecoder(instruments), (tree) => {
    const data = memberOf(tree, "data");
    if (stringOf(memberOf(tree, "code")) !== "200000") return undefined;
    const bids = bodyRows(memberOf(data, "bids"));
    const asks = bodyRows(memberOf(data, "asks"));
    if (bids === undefined || asks === undefined) return undefined;
    const seq = stringOf(memberOf(data, "sequence"));
    return { seq, ms: bareOf(memberOf(data, "time")), bids, asks };
  });
}

/** A side without a level comes as an empty list or as null. */
function bodyRows(side: Tree | undefined): readonly WrittenLevel[] | undefined {
  if (bareOf(side) === "null") return [];
  return itemsOf(side)?.map((row) => {
    const items = itemsOf(row);
    return { price: stringOf(items?.[0]), quantity: stringOf(items?.[1]), isFloored: true };
  });
}
