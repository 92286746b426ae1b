/**
 * Station: random snapshots and deltas under each venue's rules -> the engine's book beside a Map.
 *
 * Sequence rules are stated once more as what they mean: a delta covers an interval of a counter, and a book ends
 * somewhere on it. Kraken's checksum is reckoned from the text that its page describes.
 */
import { crc32 } from "node:zlib";
import { Book } from "../../../../hotpath/core/book/book.ts";
import { CONTINUITY, type Continuity } from "../../../../hotpath/core/book/continuity.ts";
import type { Ladder } from "../../../../hotpath/core/book/ladder.ts";
import { keepNewer } from "../../../../hotpath/core/book/newer-levels.ts";
import type { Instrument } from "../../../../hotpath/core/instrument.ts";
import { VENUES } from "../../../../hotpath/venues/registry.ts";
import type { Fuzzer, Subject } from "../fuzzer.ts";
import { fuzzInstruments } from "../market/market-bench.ts";
import { firstBroken } from "../oracle/claims.ts";
import { ByteOps } from "./byte-ops.ts";
import { scriptBench } from "./script-bench.ts";

const IDS = ["binance-spot", "binance-usdm", "kraken", "kucoin"] as const;
type Id = (typeof IDS)[number];

const DEPTH = 10;
const LEVELS_MAX = 12;
const MID = 40_000;
/** The whole books are compared once in so many deltas, and their best levels after each. */
const WHOLE_EVERY = 16;

type Delta = {
  readonly isSnapshot: boolean;
  readonly first: number;
  readonly last: number;
  readonly previous: number;
  readonly ticks: Float64Array;
  readonly lots: Float64Array;
  readonly levelSeqs: Float64Array;
  readonly bidCount: number;
  readonly askCount: number;
};

const FIRST: Delta = {
  ...{ isSnapshot: true, first: 1000, last: 1000, previous: 0, bidCount: 0, askCount: 0 },
  ...{ ticks: new Float64Array(), lots: new Float64Array(), levelSeqs: new Float64Array() },
};

/** One venue's book in the engine's hands, and the same in plain Maps. */
class Pair {
  readonly book = new Book();
  readonly bids = new Map<number, number>();
  readonly asks = new Map<number, number>();
  readonly id: Id;
  readonly #checksum: ((book: Book) => number) | undefined;
  seq = 1000;
  isBridging = false;
  deltas = 0;
  /** What the engine made of the last delta. */
  verdict: Continuity = CONTINUITY.next;

  constructor(id: Id, instrument: Instrument) {
    this.id = id;
    this.#checksum = VENUES[id].inStream?.makeChecksum(instrument);
    this.run(FIRST);
    this.#applyPlain(FIRST);
  }

  /** The engine's side alone. */
  run(delta: Delta): boolean {
    const { book } = this;
    const { first, last, previous } = delta;
    // The engine packs what it keeps into the arrays that it was given.
    const [ticks, lots] = [delta.ticks.slice(), delta.lots.slice()];
    const packed = { ticks, lots, levelSeqs: delta.levelSeqs.slice() };
    let { bidCount, askCount } = delta;
    if (delta.isSnapshot) {
      book.load({ seq: last, exchangeUs: 0, ticks, lots, bidCount, askCount }, DEPTH);
      this.verdict = CONTINUITY.next;
      return true;
    }
    this.verdict = VENUES[this.id].continuity(book.seq, book.isBridging, first, last, previous);
    if (this.verdict !== CONTINUITY.next) return false;
    if (this.id === "kucoin" && first <= book.seq) {
      const asks = { from: bidCount, count: askCount };
      bidCount = keepNewer(packed, { from: 0, count: bidCount, to: 0 }, book.seq);
      askCount = keepNewer(packed, { ...asks, to: bidCount }, book.seq);
    }
    book.apply(ticks, lots, 0, bidCount, askCount, last);
    if (this.id !== "kraken") return true;
    book.bids.truncate(DEPTH);
    book.asks.truncate(DEPTH);
    return true;
  }

  /** The plain side, and what is wrong with the engine's. */
  judge(delta: Delta): string | undefined {
    const expected = this.#plainVerdict(delta);
    if (this.verdict !== expected) return `${this.id}: a delta is judged otherwise`;
    if (expected === CONTINUITY.next) this.#applyPlain(delta);
    this.deltas++;
    const isWhole = this.deltas % WHOLE_EVERY === 0;
    const { bids, asks } = this.book;
    return firstBroken([
      [this.book.seq === this.seq, `${this.id}: the book ends elsewhere`],
      [isSameTop(bids, this.bids, 1), `${this.id}: another best bid`],
      [isSameTop(asks, this.asks, -1), `${this.id}: another best ask`],
      [!isWhole || isSameSide(bids, this.bids, 1), `${this.id}: other bids`],
      [!isWhole || isSameSide(asks, this.asks, -1), `${this.id}: other asks`],
      [this.#isSigned(), `${this.id}: another checksum`],
    ]);
  }

  /** By what an interval of a counter means to somebody who stands at `seq`. */
  #plainVerdict({ isSnapshot, first, last, previous }: Delta): Continuity {
    const { seq } = this;
    if (isSnapshot || this.id === "kraken") return CONTINUITY.next;
    const isEmpty = last < first;
    if (isEmpty) return CONTINUITY.broken;
    if (this.id === "binance-usdm") return this.#plainChained(first, last, previous);
    const bringsNew = last > seq;
    const touches = first - seq <= 1;
    if (!bringsNew) return CONTINUITY.stale;
    return touches ? CONTINUITY.next : CONTINUITY.gap;
  }

  /** Where each names its predecessor; the first after a snapshot only has to reach over its end. */
  #plainChained(first: number, last: number, previous: number): Continuity {
    const { seq } = this;
    if (last < seq) return CONTINUITY.stale;
    const holdsSnapshot = first <= seq || (previous > 0 && previous <= seq);
    if (this.isBridging) return holdsSnapshot ? CONTINUITY.next : CONTINUITY.gap;
    if (last === seq) return CONTINUITY.stale;
    if (previous === seq) return CONTINUITY.next;
    return previous < seq ? CONTINUITY.broken : CONTINUITY.gap;
  }

  #applyPlain({
    isSnapshot,
    first,
    last,
    ticks,
    lots,
    levelSeqs,
    bidCount,
    askCount,
  }: Delta): void {
    if (isSnapshot) {
      this.bids.clear();
      this.asks.clear();
    }
    const isOverlap = this.id === "kucoin" && !isSnapshot && first <= this.seq;
    for (let i = 0; i < bidCount + askCount; i++) {
      if (isOverlap && (levelSeqs[i] as number) <= this.seq) continue;
      const side = i < bidCount ? this.bids : this.asks;
      const [tick, quantity] = [ticks[i] as number, lots[i] as number];
      if (quantity === 0) side.delete(tick);
      else side.set(tick, quantity);
    }
    this.seq = last;
    this.isBridging = isSnapshot;
    if (this.id !== "kraken" || isSnapshot) return;
    cut(this.bids, 1);
    cut(this.asks, -1);
  }

  #isSigned(): boolean {
    if (this.#checksum === undefined) return true;
    const texts = [sorted(this.asks, -1), sorted(this.bids, 1)].flatMap((levels) =>
      levels.slice(0, DEPTH).map(([tick, quantity]) => `${tick}${quantity}`),
    );
    return this.#checksum(this.book) >>> 0 === crc32(texts.join(""));
  }
}

type Level = readonly [tick: number, lots: number];

/** Best first: the highest bid, the lowest ask. */
function sorted(side: ReadonlyMap<number, number>, sign: number): Level[] {
  return [...side].sort((a, b) => (b[0] - a[0]) * sign);
}

function cut(side: Map<number, number>, sign: number): void {
  for (const [tick] of sorted(side, sign).slice(DEPTH)) side.delete(tick);
}

function isSameTop(ladder: Ladder, side: ReadonlyMap<number, number>, sign: number): boolean {
  if (ladder.levelCount !== side.size || ladder.isEmpty !== (side.size === 0)) return false;
  let best: Level | undefined;
  for (const level of side) if (best === undefined || (level[0] - best[0]) * sign > 0) best = level;
  if (best === undefined) return true;
  return ladder.bestTicks === best[0] && ladder.bestLots === best[1];
}

function isSameSide(ladder: Ladder, side: ReadonlyMap<number, number>, sign: number): boolean {
  const ticks = new Float64Array(side.size + 1);
  const lots = new Float64Array(side.size + 1);
  const count = ladder.copyLevels(ticks, lots, side.size + 1);
  const levels = sorted(side, sign);
  const isListed = levels.every(([tick, quantity], i) => ticks[i] === tick && lots[i] === quantity);
  return count === levels.length && isListed && levels.every(([t, q]) => ladder.lotsAt(t) === q);
}

/** Reads a delta for a book that ends at `seq`: mostly the one that is due, sometimes another. */
function deltaFrom(ops: ByteOps, { seq, bids, asks }: Pair): Delta {
  const isSnapshot = ops.below(64) === 0 || bids.size + asks.size > 4000;
  const way = ops.below(16);
  const length = 1 + ops.below(4);
  const first = way === 0 ? seq + 2 + ops.below(4) : way < 4 ? seq - ops.below(4) : seq + 1;
  const last = way === 1 ? first - 1 : first + length - 1;
  const previous = way === 2 ? seq - 1 : way === 0 ? seq + 1 : seq;
  const bidCount = ops.below(LEVELS_MAX);
  const askCount = ops.below(LEVELS_MAX);
  const count = bidCount + askCount;
  const ticks = new Float64Array(count);
  const lots = new Float64Array(count);
  const levelSeqs = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    ticks[i] = tickFrom(ops, i < bidCount ? -1 : 1);
    lots[i] = lotsFrom(ops);
    levelSeqs[i] = first + ops.below(length);
  }
  // In a snapshot levels come best first, each once, and none of them is empty.
  if (isSnapshot) {
    tidy(ticks, lots, 0, bidCount, 1);
    tidy(ticks, lots, bidCount, count, -1);
  }
  return { isSnapshot, first, last, previous, ticks, lots, levelSeqs, bidCount, askCount };
}

function tidy(
  ticks: Float64Array,
  lots: Float64Array,
  from: number,
  end: number,
  sign: number,
): void {
  const start = MID - sign;
  for (let i = from; i < end; i++) {
    ticks[i] = start - sign * (i - from) * 3;
    lots[i] = Math.max(1, lots[i] as number);
  }
}

/** Near the middle, far from it, and where no market ever was. */
function tickFrom(ops: ByteOps, sign: number): number {
  const way = ops.below(32);
  if (way < 24) return MID + sign * (1 + ops.below(40));
  if (way < 30) return Math.max(1, MID + sign * (1 + (ops.word() % 30_000)));
  return way === 30 ? ops.below(3) : Number.MAX_SAFE_INTEGER - ops.below(3);
}

function lotsFrom(ops: ByteOps): number {
  const way = ops.below(8);
  if (way < 2) return 0;
  return way === 7 ? ops.count() : 1 + ops.word();
}

function begin(): Subject {
  const ops = new ByteOps();
  const pairs = IDS.map((id) => {
    const [instrument] = fuzzInstruments(id, ["A/B", "C/D", "E/F", "G/H", "I/J"]);
    return new Pair(id, instrument as Instrument);
  });
  let pair = pairs[0] as Pair;
  let delta: Delta | undefined;
  return {
    run: (input) => {
      ops.begin(input);
      pair = pairs[ops.below(pairs.length)] as Pair;
      delta = deltaFrom(ops, pair);
      return pair.run(delta);
    },
    judge: () => (delta === undefined ? undefined : pair.judge(delta)),
  };
}

export const books: Fuzzer = {
  name: "books beside maps",
  guards: "hotpath/core/book/ladder.ts",
  prepare: () =>
    scriptBench({
      corpus: [Uint8Array.of(0, 0, 5, 1, 3, 3), Uint8Array.of(2, 1, 9, 1, 2, 2, 1, 1, 3, 9, 1)],
      begin,
    }),
};
