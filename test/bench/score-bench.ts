/**
 * Budgets 2 and 10: from a frame to the scores of every cycle that it touches, beside JSON.parse of the same
 * bytes, an object graph, and a re-score as bots do it; and what an exact evaluation at the best size costs.
 */
import { Book } from "../../hotpath/core/book/book.ts";
import { DECODED } from "../../hotpath/core/decode/decoder.ts";
import { Budgets } from "../../hotpath/core/detect/budgets.ts";
import { findCycles } from "../../hotpath/core/detect/cycles.ts";
import { type Detector, makeDetector } from "../../hotpath/core/detect/detector.ts";
import { Evaluator } from "../../hotpath/core/detect/evaluate.ts";
import { Evaluation } from "../../hotpath/core/detect/evaluation.ts";
import type { Fee } from "../../hotpath/core/detect/fee.ts";
import { instrumentOf } from "../../hotpath/core/instrument.ts";
import { type DecodeRig, keptSum, makeRig, wrongTouches } from "./decode-bench.ts";
import { type Profile, seeded } from "./frames.ts";
import {
  atLeast,
  atMost,
  type BenchOptions,
  collectGarbage,
  median,
  quantile,
  type Row,
  ratioOfRounds,
  timeNs,
} from "./measure.ts";
import { marketInstruments, marketPairs } from "./score-market.ts";
import { NaiveBot, ObjectGraph } from "./score-peers.ts";

const STAMP = { session: 0, epoch: 1, recvUs: 1, awayUs: 0, rawSeq: 0 };
const FEE: Fee = { takerPpb: 1_000_000, paidIn: "received", decimals: 8, rounding: "ceil" };
const START_ASSETS = ["USDT", "BTC", "ETH", "BNB", "USDC", "EUR"];
/** Nothing is over it, so that nothing but scoring is measured. */
const EDGE_PPM_NEVER = 1e15;
const FRAMES = 1000;

/** A detector over the books of the rig, its scores those of their first touches. */
function detectorOf({ set, books }: DecodeRig): Detector {
  const instruments = marketInstruments(set.symbols);
  const detector = makeDetector({
    instruments,
    startAssets: START_ASSETS,
    edgePpmMin: EDGE_PPM_NEVER,
  });
  for (const { index } of instruments) detector.setFee(index, FEE);
  for (const [index, book] of books.entries()) detector.onTouch(index, book);
  return detector;
}

let kept = 0;

function decodeApplyScore({ set, decoder, ring, books }: DecodeRig, detector: Detector): void {
  for (const frame of set.frames) {
    if (decoder.decode(frame, STAMP, ring) !== DECODED.event) {
      throw new Error("a frame was refused");
    }
    const row = ring.oldest;
    const index = ring.instrument[row] as number;
    const book = books[index] as Book;
    book.apply(
      ring.ticks,
      ring.lots,
      ring.levelStart[row] as number,
      ring.bidCount[row] as number,
      ring.askCount[row] as number,
      ring.seqLast[row] as number,
    );
    ring.release();
    kept += detector.onTouch(index, book);
  }
}

function parseOnly(frames: readonly Buffer[]): void {
  for (const frame of frames) {
    kept += (JSON.parse(frame.toString()) as { readonly data: { readonly u: number } }).data.u;
  }
}

function pathRow(profile: Profile, { isQuick }: BenchOptions): Row {
  const rig = makeRig(profile, marketPairs().length, FRAMES);
  const detector = detectorOf(rig);
  const { ratio, actNs, yardstickNs } = ratioOfRounds(
    isQuick ? 20 : 60,
    () => decodeApplyScore(rig, detector),
    () => parseOnly(rig.set.frames),
    rig.reload,
  );
  const wrong = wrongTouches(rig);
  if (wrong > 0) throw new Error(`${wrong} books ended with a wrong touch`);
  const per = (ns: number): string => (ns / FRAMES).toFixed(0);
  const note =
    `${per(actNs)} ns a frame, JSON.parse ${per(yardstickNs)} ns, ` +
    `${rig.books.length} books, ${detector.cycles.length} cycles`;
  return atMost(2, `decode + apply + score, ${profile}`, 0.3, ratio, "x JSON.parse", note);
}

export function pathScoreBench(options: BenchOptions): Row[] {
  return (["quiet", "wide"] as const).map((profile) => pathRow(profile, options));
}

type Move = { readonly instrument: number; readonly book: Book };

/** Moves over books whose touch steps to and fro, busy instruments more often than quiet ones. */
class Touches {
  readonly #books: readonly Book[];
  readonly #ticks = new Float64Array(1);
  readonly #lots = new Float64Array(1);
  readonly #isUp: Uint8Array;
  readonly moves: readonly Move[];
  readonly touched: number;

  constructor(detector: Detector, count: number) {
    const random = seeded(3);
    this.#books = detector.instruments.map(() => loadedBook(10_000, 10_010));
    this.#isUp = new Uint8Array(this.#books.length);
    // An instrument moves as often as it has cycles: those that everything hangs on are the busy ones.
    const weights = this.#books.map((_, i) => detector.cyclesThrough(i));
    const all = weights.reduce((sum, weight) => sum + weight, 0);
    this.moves = Array.from({ length: count }, () => {
      let rest = random() * all;
      const instrument = weights.findIndex((weight) => {
        rest -= weight;
        return rest < 0;
      });
      return { instrument, book: this.#books[instrument] as Book };
    });
    // Half of the cycles through an instrument use the side that moves.
    this.touched = this.moves.reduce(
      (sum, { instrument }) => sum + (weights[instrument] ?? 0) / 2,
      0,
    );
    for (const [index, book] of this.#books.entries()) detector.onTouch(index, book);
  }

  /** Steps the best bid of one book up by a tick, or back. */
  step({ instrument, book }: Move): void {
    const isUp = this.#isUp[instrument] === 0;
    this.#isUp[instrument] = isUp ? 1 : 0;
    this.#ticks[0] = 10_001;
    this.#lots[0] = isUp ? 5 : 0;
    book.bids.apply(this.#ticks, this.#lots, 0, 1);
  }
}

function loadedBook(bid: number, ask: number, levels = 20, apart = 1): Book {
  const book = new Book();
  const ticks = new Float64Array(2 * levels);
  for (let i = 0; i < levels; i++) {
    ticks[i] = bid - i * apart;
    ticks[levels + i] = ask + i * apart;
  }
  const lots = new Float64Array(2 * levels).fill(500_000);
  const snapshot = { seq: 1, exchangeUs: 0, bidCount: levels, askCount: levels, ticks, lots };
  book.load(snapshot, 5000);
  return book;
}

const MOVES = 20_000;

/** Evaluations timed together: the clock costs a tenth of one. */
const BATCH = 10;

/**
 * Time of the moves with and without what they are followed by, in turn. The lower decile of each: what
 * others take of the machine is no part of a few nanoseconds.
 */
function followedNs(rounds: number, touches: Touches, follow: (move: Move) => void): number {
  const followed: number[] = [];
  const alone: number[] = [];
  for (let round = 0; round < rounds; round++) {
    followed.push(
      timeNs(() => {
        for (const move of touches.moves) {
          touches.step(move);
          follow(move);
        }
      }),
    );
    alone.push(
      timeNs(() => {
        for (const move of touches.moves) touches.step(move);
      }),
    );
  }
  return quantile(followed, 0.1) - quantile(alone, 0.1);
}

export function scoreBench(options: BenchOptions): Row[] {
  const instruments = marketInstruments();
  const plan = { instruments, startAssets: START_ASSETS, edgePpmMin: EDGE_PPM_NEVER };
  const detector = makeDetector(plan);
  for (const { index } of instruments) detector.setFee(index, FEE);
  const touches = new Touches(detector, MOVES);
  collectGarbage();
  const rounds = options.isQuick ? 60 : 200;
  const own = followedNs(rounds, touches, ({ instrument, book }) => {
    kept += detector.onTouch(instrument, book);
  });
  const graph = new ObjectGraph(detector.cycles, FEE.takerPpb);
  const objects = followedNs(Math.ceil(rounds / 2), touches, ({ instrument, book }) => {
    kept += graph.touch(instrument, book.bids.bestTicks, book.asks.bestTicks);
  });
  const perCycle = own / touches.touched;
  const note =
    `${(own / MOVES).toFixed(0)} ns an update, ${(touches.touched / MOVES).toFixed(0)} cycles each, ` +
    `${detector.cycles.length} in all`;
  return [
    atMost(10, "scoring, one side moved", 3, perCycle, "ns a touched cycle", note),
    atLeast(
      10,
      "beside an object graph",
      15,
      objects / own,
      "x",
      `${(objects / MOVES).toFixed(0)} ns`,
    ),
    naiveRow(detector, touches, own / MOVES),
    enumerationRow(),
    ...evaluationRows(options),
  ];
}

/** Few moves: one of them costs as much as thousands of ours. */
function naiveRow(detector: Detector, touches: Touches, ownNs: number): Row {
  const instruments = marketInstruments();
  const bot = new NaiveBot(detector.cycles, instruments);
  for (const { index } of instruments) bot.setDepth(index, 100, 100.1);
  const times: number[] = [];
  for (const { instrument, book } of touches.moves.slice(0, 600)) {
    bot.setDepth(instrument, book.bids.bestTicks / 100, book.asks.bestTicks / 100);
    times.push(
      timeNs(() => {
        kept += bot.update(instrument);
      }),
    );
  }
  const note = `p50 ${(median(times) / 1000).toFixed(0)} us, five levels, three sizes`;
  return atLeast(10, "beside a re-score as bots do it", 500, median(times) / ownNs, "x", note);
}

function enumerationRow(): Row {
  const instruments = marketInstruments();
  // Seventy-one more, so that there are 500.
  for (let i = instruments.length; i < 500; i++) {
    const symbol = `M${i}USDT`;
    const rules = { id: `binance-spot:${symbol}`, venue: "binance-spot", symbol } as const;
    const steps = { tickSize: "0.01", lotSize: "0.01", baseAsset: `M${i}`, quoteAsset: "USDT" };
    const made = instrumentOf({ ...rules, ...steps }, i);
    if (made !== undefined) instruments.push(made);
  }
  const tookMs = timeNs(() => {
    kept += findCycles(instruments, START_ASSETS).cycles.length;
  });
  return atMost(10, "cycles of 500 instruments found (K01)", 100, tookMs / 1e6, "ms");
}

/** One triangle with an edge over several levels, and three hundred that share its first instrument. */
function evaluationRows({ isQuick }: BenchOptions): Row[] {
  const rig = makeOpportunity(1);
  const { detector, books, budgets } = rig;
  const evaluator = new Evaluator(detector);
  const into = new Evaluation();
  const limits = { edgePpmMin: 100, edgePpmMax: 100_000, depthSharePpm: 1e6, levelsMax: 32 };
  const times: number[] = [];
  const samples = isQuick ? 4000 : 20_000;
  for (let i = 0; i < samples; i++) {
    const ns = timeNs(() => {
      for (let j = 0; j < BATCH; j++) {
        if (!evaluator.evaluate(0, books, limits, budgets, into)) throw new Error(into.outcome);
      }
    });
    times.push(ns / BATCH);
  }
  kept += into.surplus;
  const warm = times.slice(samples / 2);
  return [
    atMost(
      10,
      "exact evaluation at the best size",
      2,
      quantile(warm, 0.5) / 1000,
      "us",
      `p99 ${(quantile(warm, 0.99) / 1000).toFixed(2)} us, ten at a time`,
    ),
    ...decisionRows(isQuick),
  ];
}

/** K06: an update that touches three hundred cycles, some of which pay and are evaluated. */
function decisionRows(isQuick: boolean): Row[] {
  const { detector, books, budgets } = makeOpportunity(300);
  const evaluator = new Evaluator(detector);
  const into = new Evaluation();
  const limits = { edgePpmMin: 100, edgePpmMax: 100_000, depthSharePpm: 1e6, levelsMax: 32 };
  const first = (books[0] as { readonly book: Book }).book;
  const ticks = new Float64Array([10_005]);
  const lots = new Float64Array(1);
  const times: number[] = [];
  for (let i = 0; i < (isQuick ? 3000 : 20_000); i++) {
    lots[0] = i % 2 === 0 ? 5 : 0;
    first.asks.apply(ticks, lots, 0, 1);
    times.push(
      timeNs(() => {
        const count = detector.onTouch(0, first);
        for (let at = 0; at < count; at++) {
          const cycle = detector.candidates[at] as number;
          kept += evaluator.evaluate(cycle, books, limits, budgets, into) ? 1 : 0;
        }
      }),
    );
  }
  const warm = times.slice(times.length / 2);
  const note = `${detector.cyclesThrough(0) / 2} cycles touched, some of them evaluated`;
  return [
    atMost(10, "update to decision (K06), p50", 50, quantile(warm, 0.5) / 1000, "us", note),
    atMost(10, "update to decision (K06), p99", 200, quantile(warm, 0.99) / 1000, "us", note),
  ];
}

/** `count` triangles over one first instrument; every sixtieth has half a percent in it. */
function makeOpportunity(count: number): {
  readonly detector: Detector;
  readonly books: readonly { readonly book: Book }[];
  readonly budgets: Budgets;
} {
  const pairs: (readonly [string, string])[] = [["BTC", "USDT"]];
  for (let i = 0; i < count; i++) pairs.push([`A${i}`, "BTC"], [`A${i}`, "USDT"]);
  const instruments = pairs.map(([baseAsset, quoteAsset], index) => {
    const symbol = `${baseAsset}${quoteAsset}`;
    const rules = { id: `binance-spot:${symbol}`, venue: "binance-spot", symbol } as const;
    const steps = { tickSize: "0.01", lotSize: "0.00001", baseAsset, quoteAsset };
    const made = instrumentOf({ ...rules, ...steps }, index);
    if (made === undefined) throw new Error("the steps are decimals");
    return made;
  });
  const detector = makeDetector({ instruments, startAssets: ["USDT"], edgePpmMin: 100 });
  for (const { index } of instruments) detector.setFee(index, FEE);
  // 100.00 USDT a BTC and a tenth of a BTC an asset, which is 10 USDT and sells for a little more or less.
  const books = pairs.map((_, index) => {
    if (index === 0) return { book: loadedBook(9990, 10_010) };
    if (index % 2 === 1) return { book: loadedBook(9900, 10_000, 20, 3) };
    const isGood = (index / 2) % 60 === 1;
    const bid = isGood ? 1_010_500 : 1_000_000;
    return { book: loadedBook(bid, bid + 9000, 20, 200) };
  });
  for (const [index, { book }] of books.entries()) detector.onTouch(index, book);
  const budgets = new Budgets();
  budgets.set("USDT", 1000n * 10n ** 18n);
  return { detector, books, budgets };
}

/** Keeps the work from being optimized away. */
export function scoreSum(): number {
  return kept + keptSum();
}
