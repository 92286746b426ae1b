/**
 * Station: frames and depth bodies of Binance spot and USD-M -> fuzzers of their decoders.
 *
 * The plain reader takes the last of two equal keys, folds the case of symbols, and asks nothing of fields
 * that nobody reads: these are the decoder's own documented rules.
 */

import type { Instrument } from "../../../../hotpath/core/instrument.ts";
import { MARKET } from "../../../../hotpath/core/market-ring.ts";
import { VENUES } from "../../../../hotpath/venues/registry.ts";
import type { Bench, Fuzzer } from "../fuzzer.ts";
import { bareOf, itemsOf, memberOf, readTree, stringOf, type Tree } from "../oracle/json-tree.ts";
import { isWhole } from "../oracle/numbers.ts";
import {
  frameBench,
  fuzzInstruments,
  isSameFolded,
  judgeLevels,
  type RowSight,
  type WrittenLevel,
} from "./market-bench.ts";
import { snapshotBench } from "./snapshot-bench.ts";

type BinanceId = "binance-spot" | "binance-usdm";

const SYMBOLS = ["BTCUSDT", "ETH_BTC", "ODDUSD", "WHOLE", "1000TINY"];
const MS = 1000;

/** Fuzzers of one dialect: its frames, and the bodies of its snapshots. */
export function binanceFuzzers(venue: BinanceId): readonly Fuzzer[] {
  return [
    {
      name: `${venue} frames`,
      guards: "hotpath/venues/binance/stream-decoder.ts",
      prepare: () => framesOf(venue),
    },
    {
      name: `${venue} snapshots`,
      guards: "hotpath/venues/binance/snapshot.ts",
      prepare: () => bodiesOf(venue),
    },
  ];
}

function framesOf(venue: BinanceId): Bench {
  const instruments = fuzzInstruments(venue, SYMBOLS);
  const frames = instruments.flatMap((instrument) => framesOfInstrument(venue, instrument));
  return frameBench(
    frames,
    () => VENUES[venue].makeDecoder(instruments),
    (input, sight) => judgeFrame(venue, input, sight, instruments),
  );
}

/** Levels on the steps of each instrument, in the venue's print and in others. */
const LEVELS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  BTCUSDT: [
    ["100.10000000", "1.50000000"],
    ["99999.99000000", "0.00000000"],
    ["7.01", "12345.67891"],
  ],
  ETH_BTC: [
    ["0.1", "3.50000000"],
    ["12.3", "0.00000001"],
    ["4097.0", "1"],
  ],
  ODDUSD: [
    ["0.05", "0.025"],
    ["10.10", "1.050"],
  ],
  WHOLE: [
    ["1", "10"],
    ["70000", "0"],
  ],
  "1000TINY": [
    ["0.0000000001", "999999999999"],
    ["1.2345678901", "1"],
  ],
};

function sideText(symbol: string, count: number): string {
  const levels = LEVELS[symbol] ?? [];
  const picked = Array.from({ length: count }, (_, i) => levels[i % levels.length]);
  return JSON.stringify(picked);
}

function framesOfInstrument(venue: BinanceId, { symbol }: Instrument): string[] {
  const isUsdm = venue === "binance-usdm";
  const lower = symbol.toLowerCase();
  const [[price, quantity]] = LEVELS[symbol] as readonly [readonly [string, string]];
  const frame = (stream: string, data: string): string =>
    `{"stream":"${lower}@${stream}","data":{${data}}}`;
  const ids = isUsdm ? '"U":157,"u":160,"pu":149' : '"U":157,"u":160';
  const head = `"e":"depthUpdate","E":1672515782136,${isUsdm ? '"T":1672515782100,' : ""}"s":"${symbol}"`;
  const time = isUsdm ? '"e":"bookTicker","E":1568014460893,"T":1568014460891,' : "";
  const trade = `"s":"${symbol}","t":12345,"p":"${price}","q":"${quantity}","T":1672515782130,"m":true,"M":true`;
  const aggTrade = `"s":"${symbol}","a":5933014,"p":"${price}","q":"${quantity}","f":100,"l":105,"T":1672515782131,"m":false`;
  return [
    frame("depth@100ms", `${head},${ids},"b":${sideText(symbol, 3)},"a":${sideText(symbol, 2)}`),
    frame("depth", `${head},${ids},"b":[],"a":${sideText(symbol, 1)}`),
    frame("depth@100ms", `${head},${ids},"b":${sideText(symbol, 12)},"a":[]`),
    frame(
      "bookTicker",
      `${time}"u":400900217,"s":"${symbol}","b":"${price}","B":"${quantity}","a":"${price}","A":"${quantity}"`,
    ),
    frame("trade", `"e":"trade","E":1672515782136,${trade}`),
    frame("aggTrade", `"e":"aggTrade","E":1672515782136,${aggTrade}`),
    ...VENUES[venue].warmUpFrames(symbol, 3).filter(() => symbol === "BTCUSDT"),
  ];
}

type Judged = {
  readonly venue: BinanceId;
  readonly data: Tree;
  readonly instrument: Instrument;
  readonly sight: RowSight;
};

function judgeFrame(
  venue: BinanceId,
  input: Uint8Array,
  sight: RowSight,
  instruments: readonly Instrument[],
): string | undefined {
  const tree = readTree(input);
  const data = memberOf(tree, "data");
  const [name = "", channel] = (stringOf(memberOf(tree, "stream")) ?? "").split(/@(.*)/s);
  const instrument = instruments.find(({ symbol }) => isSameFolded(symbol, name));
  if (data === undefined || channel === undefined) return "what is no frame is taken for one";
  if (instrument === undefined) return "a frame is of no instrument";
  if (sight.ring.instrument[sight.row] !== instrument.index) return "it is of another instrument";
  const symbol = stringOf(memberOf(data, "s"));
  if (symbol === undefined || !isSameFolded(symbol, instrument.symbol)) {
    return "the data are of another symbol than their stream";
  }
  return judgeChannel(channel, { venue, data, instrument, sight });
}

function judgeChannel(channel: string, judged: Judged): string | undefined {
  if (channel.startsWith("d") && !/^.{5}\d/.test(channel)) return judgeDepth(judged);
  if (channel.startsWith("bo")) return judgeQuote(judged);
  if (channel.startsWith("tr")) return judgeTrade(judged, "t");
  if (channel.startsWith("ag")) return judgeTrade(judged, "a");
  return "a stream that nobody reads became an event";
}

/** Whether a number of the row is what stands under a key, times a factor. */
function isNumber(data: Tree, key: string, value: number | undefined, factor = 1): boolean {
  return isWhole(bareOf(memberOf(data, key)), value ?? -1, factor);
}

function judgeDepth({ venue, data, instrument, sight }: Judged): string | undefined {
  const { ring, row } = sight;
  if (ring.kind[row] !== MARKET.bookDelta) return "a delta became something else";
  if (!isNumber(data, "E", ring.exchangeUs[row], MS)) return "its time is not what was sent";
  if (!isNumber(data, "U", ring.seqFirst[row])) return "its first id is not what was sent";
  if (!isNumber(data, "u", ring.seqLast[row])) return "its last id is not what was sent";
  if (venue === "binance-usdm" && !isNumber(data, "pu", ring.seqPrevious[row])) {
    return "the id before it is not what was sent";
  }
  const bids = levelsOf(memberOf(data, "b"));
  const asks = levelsOf(memberOf(data, "a"));
  if (bids === undefined || asks === undefined) return "its sides are no lists of levels";
  return judgeLevels(sight, bids, asks, instrument);
}

function judgeQuote({ venue, data, instrument, sight }: Judged): string | undefined {
  const { ring, row } = sight;
  if (ring.kind[row] !== MARKET.quote) return "a quote became something else";
  if (venue === "binance-usdm" && !isNumber(data, "E", ring.exchangeUs[row], MS)) {
    return "its time is not what was sent";
  }
  if (!isNumber(data, "u", ring.seqFirst[row]) || ring.seqFirst[row] !== ring.seqLast[row]) {
    return "its id is not what was sent";
  }
  const level = (price: string, quantity: string): WrittenLevel => ({
    price: stringOf(memberOf(data, price)),
    quantity: stringOf(memberOf(data, quantity)),
  });
  return judgeLevels(sight, [level("b", "B")], [level("a", "A")], instrument);
}

function judgeTrade({ data, instrument, sight }: Judged, idKey: string): string | undefined {
  const { ring, row } = sight;
  if (ring.kind[row] !== MARKET.trade) return "a trade became something else";
  if (!isNumber(data, "E", ring.exchangeUs[row], MS)) return "its time is not what was sent";
  if (!isNumber(data, idKey, ring.seqFirst[row]) || ring.seqFirst[row] !== ring.seqLast[row]) {
    return "its id is not what was sent";
  }
  const flag = bareOf(memberOf(data, "m"));
  const isFlag = flag === "true" || flag === "false";
  if (!isFlag || ring.tradeFlags[row] !== (flag === "true" ? 1 : 0)) return "its side is guessed";
  const price = stringOf(memberOf(data, "p"));
  const quantity = stringOf(memberOf(data, "q"));
  return judgeLevels(sight, [{ price, quantity }], [], instrument);
}

function levelsOf(side: Tree | undefined): readonly WrittenLevel[] | undefined {
  return itemsOf(side)?.map((level) => {
    const items = itemsOf(level);
    return { price: stringOf(items?.[0]), quantity: stringOf(items?.[1]) };
  });
}

function bodiesOf(venue: BinanceId): Bench {
  const instruments = fuzzInstruments(venue, SYMBOLS);
  const corpus = instruments.flatMap((instrument) => {
    const { symbol } = instrument;
    const [bids, asks] = [sideText(symbol, 8), sideText(symbol, 3)];
    const times = venue === "binance-usdm" ? '"E":1589436922972,"T":1589436922959,' : "";
    return [
      { instrument, text: `{"lastUpdateId":1027024,${times}"bids":${bids},"asks":${asks}}` },
      { instrument, text: `{"lastUpdateId":7,${times}"bids":[],"asks":${asks}}` },
    ];
  });
  const decoder = VENUES[venue].makeDecoder(instruments);
  return snapshotBench(corpus, decoder, (tree) => {
    const bids = levelsOf(memberOf(tree, "bids"));
    const asks = levelsOf(memberOf(tree, "asks"));
    if (bids === undefined || asks === undefined) return undefined;
    const seq = bareOf(memberOf(tree, "lastUpdateId"));
    return { seq, ms: bareOf(memberOf(tree, "E")), bids, asks };
  });
}
