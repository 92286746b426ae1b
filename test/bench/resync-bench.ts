/**
 * Budgets 15 and 16: what a resync costs in process (bytes of a snapshot and of the deltas kept meanwhile,
 * to a right book), and what a book weighs.
 */
import { Book } from "../../hotpath/core/book/book.ts";
import { DECODED } from "../../hotpath/core/decode/decoder.ts";
import type { Instrument } from "../../hotpath/core/instrument.ts";
import { MarketRing } from "../../hotpath/core/market-ring.ts";
import { spotDecoder } from "../../hotpath/venues/binance-spot/normalize.ts";
import { instrumentsOf } from "./decode-bench.ts";
import { type FrameSet, makeFrames } from "./frames.ts";
import {
  atMost,
  type BenchOptions,
  collectGarbage,
  median,
  type Row,
  ratioOfRounds,
  timeNs,
} from "./measure.ts";

const DEPTH_LIMIT = 5000;
const STAMP = { session: 0, epoch: 1, recvUs: 1, awayUs: 0, rawSeq: 0 };
const MANY_BOOKS = 400;
const WEIGHED_BOOKS = 500;
const NS_PER_MS = 1e6;

type Repair = {
  readonly set: FrameSet;
  readonly instrument: Instrument;
  readonly rebuild: () => Book;
};

function repairOf(levels: number, deltas: number): Repair {
  const set = makeFrames({ profile: "wide", books: 1, levels, frames: deltas });
  const [instrument] = instrumentsOf(set.symbols);
  const [body] = set.snapshots;
  if (instrument === undefined || body === undefined) throw new Error("there is one book");
  const decoder = spotDecoder([instrument]);
  const ring = new MarketRing(1024);
  const book = new Book();
  const rebuild = (): Book => {
    const snapshot = decoder.decodeSnapshot(body, instrument);
    if (snapshot === undefined) throw new Error("a made-up snapshot is good");
    book.load(snapshot, DEPTH_LIMIT);
    for (const frame of set.frames) {
      if (decoder.decode(frame, STAMP, ring) !== DECODED.event) throw new Error("refused");
      const row = ring.oldest;
      const start = ring.levelStart[row] as number;
      const [bids, asks] = [ring.bidCount[row] as number, ring.askCount[row] as number];
      book.apply(ring.ticks, ring.lots, start, bids, asks, ring.seqLast[row] as number);
      ring.release();
    }
    return book;
  };
  return { set, instrument, rebuild };
}

/** Keeps results alive; read by nobody but the optimizer. */
const kept = new Float64Array(1);

function ratioRow(levels: number, deltas: number, limit: number, { isQuick }: BenchOptions): Row {
  const { set, rebuild } = repairOf(levels, deltas);
  const texts = [...set.snapshots, ...set.frames];
  const { ratio, actNs, yardstickNs } = ratioOfRounds(
    isQuick ? 30 : 100,
    () => {
      kept[0] = rebuild().seq;
    },
    () => {
      for (const text of texts) kept[0] = Object.keys(JSON.parse(text.toString()) as object).length;
    },
  );
  const book = rebuild();
  const touch = set.touches[0];
  if (book.bids.bestTicks !== touch?.bid) throw new Error("the rebuilt book has a wrong touch");
  const note = `${(actNs / NS_PER_MS).toFixed(2)} ms, JSON.parse ${(yardstickNs / NS_PER_MS).toFixed(2)} ms`;
  const what = `resync in process, ${levels} levels a side + ${deltas} deltas`;
  return atMost(15, what, limit, ratio, "x JSON.parse", note);
}

function manyRow(): Row {
  const { rebuild } = repairOf(1000, 20);
  const times: number[] = [];
  for (let round = 0; round < 3; round++) {
    times.push(
      timeNs(() => {
        for (let i = 0; i < MANY_BOOKS; i++) kept[0] = rebuild().seq;
      }) / NS_PER_MS,
    );
  }
  return atMost(15, `${MANY_BOOKS} books of 1000 levels a side rebuilt`, 100, median(times), "ms");
}

export function resyncBench(options: BenchOptions): Row[] {
  return [ratioRow(5000, 100, 0.7, options), ratioRow(1000, 20, 0.3, options), manyRow()];
}

/** Weighs live books of 1000 levels a side; typed arrays live outside the heap and are counted too. */
export function memoryBench(): Row[] {
  const set = makeFrames({ profile: "wide", books: 20, levels: 1000, frames: 1 });
  const instruments = instrumentsOf(set.symbols);
  const decoder = spotDecoder(instruments);
  const snapshots = instruments.map((instrument, i) =>
    decoder.decodeSnapshot(set.snapshots[i] as Buffer, instrument),
  );
  const weigh = (): number => {
    collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = weigh();
  const books = Array.from({ length: WEIGHED_BOOKS }, (_, i) => {
    const book = new Book();
    const snapshot = snapshots[i % snapshots.length];
    if (snapshot !== undefined) book.load(snapshot, DEPTH_LIMIT);
    return book;
  });
  const perBookKb = (weigh() - before) / books.length / 1000;
  const note = `${WEIGHED_BOOKS} books ${((perBookKb * WEIGHED_BOOKS) / 1000).toFixed(0)} MB`;
  return [atMost(16, "memory of a book of 1000 levels a side", 100, perBookKb, "kB", note)];
}
