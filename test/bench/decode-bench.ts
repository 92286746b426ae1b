/**
 * Budgets 1, 7 and 8: bytes to levels to books, with JSON.parse of the same bytes in the same round.
 *
 * A thousand frames go round, so that a frame is in the cache when it is read, as one that the kernel has
 * just copied is. Books are loaded, survive two collections and are then measured: new arrays flatter.
 */
import { Book } from "../../hotpath/core/book/book.ts";
import { DECODED, type FrameDecoder } from "../../hotpath/core/decode/decoder.ts";
import { type Instrument, instrumentOf } from "../../hotpath/core/instrument.ts";
import { MarketRing } from "../../hotpath/core/market-ring.ts";
import { spotDecoder } from "../../hotpath/venues/binance-spot/normalize.ts";
import { type FrameSet, makeFrames, type Profile } from "./frames.ts";
import {
  atMost,
  type BenchOptions,
  collectGarbage,
  median,
  type Row,
  ratioOfRounds,
  timeNs,
} from "./measure.ts";

const BOOKS = 20;
const LEVELS = 1000;
const FRAMES = 1000;
const DEPTH_LIMIT = 5000;
const STAMP = { session: 0, epoch: 1, recvUs: 1, awayUs: 0, rawSeq: 0 };

export type DecodeRig = {
  readonly set: FrameSet;
  readonly instruments: readonly Instrument[];
  readonly decoder: FrameDecoder;
  readonly ring: MarketRing;
  readonly books: readonly Book[];
  readonly reload: () => void;
};

/** Instruments with the steps of the made-up frames. */
export function instrumentsOf(symbols: readonly string[]): Instrument[] {
  return symbols.map((symbol, index) => {
    const id = `binance-spot:${symbol}` as const;
    const rules = { id, venue: "binance-spot", symbol } as const;
    const instrument = instrumentOf({ ...rules, tickSize: "0.01", lotSize: "0.00001" }, index);
    if (instrument === undefined) throw new Error("the steps of the made-up frames are decimals");
    return instrument;
  });
}

export function makeRig(profile: Profile, books = BOOKS, frames = FRAMES): DecodeRig {
  const set = makeFrames({ profile, books, levels: LEVELS, frames });
  const instruments = instrumentsOf(set.symbols);
  const decoder = spotDecoder(instruments);
  const snapshots = set.snapshots.map((body, i) => {
    const levels = decoder.decodeSnapshot(body, instruments[i] as Instrument);
    if (levels === undefined) throw new Error("a made-up snapshot is good");
    return levels;
  });
  const made = snapshots.map(() => new Book());
  const reload = (): void => {
    for (const [i, book] of made.entries()) {
      const levels = snapshots[i];
      if (levels !== undefined) book.load(levels, DEPTH_LIMIT);
    }
  };
  reload();
  collectGarbage();
  return { set, instruments, decoder, ring: new MarketRing(1024), books: made, reload };
}

function decodeOnly({ set, decoder, ring }: DecodeRig): void {
  for (const frame of set.frames) {
    if (decoder.decode(frame, STAMP, ring) !== DECODED.event)
      throw new Error("a frame was refused");
    ring.release();
  }
}

/** What the reader and the loop do with a frame, without recording it. */
export function decodeAndApply({ set, decoder, ring, books }: DecodeRig): void {
  for (const frame of set.frames) {
    if (decoder.decode(frame, STAMP, ring) !== DECODED.event)
      throw new Error("a frame was refused");
    const row = ring.oldest;
    (books[ring.instrument[row] as number] as Book).apply(
      ring.ticks,
      ring.lots,
      ring.levelStart[row] as number,
      ring.bidCount[row] as number,
      ring.askCount[row] as number,
      ring.seqLast[row] as number,
    );
    ring.release();
  }
}

let kept = 0;

function parseOnly(frames: readonly Buffer[]): void {
  for (const frame of frames) {
    const message = JSON.parse(frame.toString()) as { readonly data: { readonly u: number } };
    kept += message.data.u;
  }
}

/** Books whose touch is not the simulator's after the last frame. */
export function wrongTouches({ books, set }: DecodeRig): number {
  return books.filter((book, i) => {
    const touch = set.touches[i];
    return book.bids.bestTicks !== touch?.bid || book.asks.bestTicks !== touch.ask;
  }).length;
}

function decodeRow(profile: Profile, { isQuick }: BenchOptions): Row {
  const rig = makeRig(profile);
  const { ratio, actNs, yardstickNs } = ratioOfRounds(
    isQuick ? 40 : 150,
    () => decodeAndApply(rig),
    () => parseOnly(rig.set.frames),
    rig.reload,
  );
  const wrong = wrongTouches(rig);
  if (wrong > 0) throw new Error(`${wrong} books ended with a wrong touch`);
  const per = (ns: number): string => (ns / FRAMES).toFixed(0);
  const note = `${per(actNs)} ns a frame, JSON.parse ${per(yardstickNs)} ns`;
  const what = `decode + apply, ${profile}`;
  return atMost(1, what, 0.25, ratio, "x JSON.parse", note);
}

function bookRows(profile: Profile, { isQuick }: BenchOptions): Row[] {
  const rig = makeRig(profile);
  const rounds = isQuick ? 40 : 150;
  const perLevel: number[] = [];
  const bestNs: number[] = [];
  let levels = 0;
  for (const frame of rig.set.frames) levels += frame.toString().split('"],').length;
  const reads = 100_000;
  for (let round = 0; round < rounds; round++) {
    rig.reload();
    const both = timeNs(() => decodeAndApply(rig));
    perLevel.push((both - timeNs(() => decodeOnly(rig))) / levels);
    bestNs.push(
      timeNs(() => {
        for (let i = 0; i < reads; i++) {
          const book = rig.books[i % BOOKS] as Book;
          kept += book.bids.bestTicks + book.asks.bestTicks;
        }
      }) /
        (2 * reads),
    );
  }
  const limit = profile === "wide" ? 20 : 40;
  const rows = [
    atMost(7, `book, ${profile} diffs, old books`, limit, median(perLevel), "ns a level"),
  ];
  if (profile === "wide") rows.push(atMost(7, "best level read", 15, median(bestNs), "ns"));
  return rows;
}

function quoteFrames(count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => {
    const symbol = `SIM${String.fromCharCode(65 + (i % 20))}${i % 20}USDT`;
    const bid = `${60_000 + (i % 90)}.${10 + (i % 89)}000000`;
    const ask = `${60_001 + (i % 90)}.${10 + (i % 89)}000000`;
    return Buffer.from(
      `{"stream":"${symbol.toLowerCase()}@bookTicker","data":{"u":${40_090_021_700 + i},"s":"${symbol}",` +
        `"b":"${bid}","B":"${i % 30}.21000000","a":"${ask}","A":"${i % 47}.66000000"}}`,
    );
  });
}

function quoteRow({ isQuick }: BenchOptions): Row {
  const made = makeRig("quiet", BOOKS, 1);
  const rig: DecodeRig = { ...made, set: { ...made.set, frames: quoteFrames(FRAMES) } };
  const { ratio, actNs, yardstickNs } = ratioOfRounds(
    isQuick ? 60 : 300,
    () => decodeOnly(rig),
    () => parseOnly(rig.set.frames),
  );
  const note = `${(actNs / FRAMES).toFixed(0)} ns, JSON.parse ${(yardstickNs / FRAMES).toFixed(0)} ns`;
  return atMost(8, "bookTicker decode", 0.15, ratio, "x JSON.parse", note);
}

export function decodeBench(options: BenchOptions): Row[] {
  return (["quiet", "wide"] as const).map((profile) => decodeRow(profile, options));
}

export function bookBench(options: BenchOptions): Row[] {
  return [...bookRows("quiet", options), ...bookRows("wide", options)];
}

export function quoteBench(options: BenchOptions): Row[] {
  return [quoteRow(options)];
}

/** Keeps the yardstick's work from being optimized away. */
export function keptSum(): number {
  return kept;
}
