/**
 * Station: touches of books -> what is normal for each: the mean of the last minute, the move of the last
 * second, the usual move, the usual spread.
 *
 * One second is one sample; a book that stands still goes on counting with the price it stands at. All
 * state is flat and fixed in size, one column for each instrument, and an update inside the same second
 * costs a few comparisons. Prices here are doubles: they only ever say that something looks wrong.
 */
import { assert } from "../../../contracts/assert.ts";
import { US_PER_S } from "../../../contracts/time.ts";

/** Samples of the mean: a minute of seconds. */
const SECONDS = 60;
/** Samples before the usual move counts as known. */
const SAMPLES_KNOWN_MIN = 30;
/** Weight of a new second in the short (about 5 s) and the long (about 5 minutes) mean. */
const SHORT_WEIGHT = 1 / 5;
const LONG_WEIGHT = 1 / 300;
/**
 * A book that hardly ever moves makes every move look enormous: moves and spreads below these shares
 * (30 and 50 basis points) are never called unusual.
 */
const JUMP_FLOOR = 0.003;
const SPREAD_FLOOR = 0.005;

/** What is normal for an instrument, and how far from it the present is. Filled anew by each reading. */
export type ReferenceReading = {
  /** Mean of bid plus ask over the last minute, in ticks; NaN before the second sample. */
  meanSumTicks: number;
  /** Greatest move of the mid within the last one to two seconds, as a share of it; NaN if unknown. */
  jump: number;
  /** The same in multiples of the usual move of a second; 0 while that is unknown or the move is small. */
  jumpSigmas: number;
  /** Volatility or spread of the last seconds against the usual; 0 while that is unknown or small. */
  unrest: number;
};

export function emptyReferenceReading(): ReferenceReading {
  return { meanSumTicks: Number.NaN, jump: Number.NaN, jumpSigmas: 0, unrest: 0 };
}

export class References {
  /** Time in microseconds, set by the caller: as an argument it would be boxed, 16 bytes a message. */
  readonly clock = new Float64Array(1);
  readonly #second: Float64Array;
  readonly #samples: Float64Array;
  readonly #sampleCount: Float64Array;
  readonly #total: Float64Array;
  /** The present second. */
  readonly #last: Float64Array;
  readonly #spread: Float64Array;
  readonly #low: Float64Array;
  readonly #high: Float64Array;
  /** The second before it. */
  readonly #lowBefore: Float64Array;
  readonly #highBefore: Float64Array;
  readonly #lastBefore: Float64Array;
  readonly #shortVariance: Float64Array;
  readonly #longVariance: Float64Array;
  readonly #shortSpread: Float64Array;
  readonly #longSpread: Float64Array;

  constructor(instrumentCount: number) {
    const column = () => new Float64Array(instrumentCount);
    this.#second = column().fill(-1);
    this.#samples = new Float64Array(instrumentCount * SECONDS);
    this.#sampleCount = column();
    this.#total = column();
    this.#last = column().fill(Number.NaN);
    this.#spread = column();
    this.#low = column();
    this.#high = column();
    this.#lowBefore = column();
    this.#highBefore = column();
    this.#lastBefore = column();
    this.#shortVariance = column();
    this.#longVariance = column();
    this.#shortSpread = column();
    this.#longSpread = column();
  }

  /** The same as `observeNow` at a time of its own. */
  observe(instrument: number, bidTicks: number, askTicks: number, nowUs: number): void {
    this.clock[0] = nowUs;
    this.observeNow(instrument, bidTicks, askTicks);
  }

  /** Notes the touch of a live book at the time of `clock`. To be called for every change of it. */
  observeNow(instrument: number, bidTicks: number, askTicks: number): void {
    const nowUs = this.clock[0] as number;
    const sum = bidTicks + askTicks;
    if (!(sum > 0)) return;
    const second = Math.floor(nowUs / US_PER_S);
    if (this.#second[instrument] !== second) this.#advance(instrument, second, sum);
    this.#last[instrument] = sum;
    this.#spread[instrument] = (askTicks - bidTicks) / sum;
    if (sum < (this.#low[instrument] as number)) this.#low[instrument] = sum;
    if (sum > (this.#high[instrument] as number)) this.#high[instrument] = sum;
  }

  /**
   * The same as two calls for a book that an order is decided upon: what is read is also seen, so that a
   * quiet book becomes known by being asked about.
   */
  observeAndRead(
    instrument: number,
    book: { readonly isLive: boolean; readonly bidTicks: number; readonly askTicks: number },
    nowUs: number,
    into: ReferenceReading,
  ): void {
    if (book.isLive) this.observe(instrument, book.bidTicks, book.askTicks, nowUs);
    this.read(instrument, nowUs, into);
  }

  /** Forgets everything about a book: it was rebuilt after a time in which nothing was seen of it. */
  forget(instrument: number): void {
    this.#second[instrument] = -1;
    this.#sampleCount[instrument] = 0;
    this.#total[instrument] = 0;
    this.#last[instrument] = Number.NaN;
    this.#shortVariance[instrument] = 0;
    this.#longVariance[instrument] = 0;
  }

  read(instrument: number, nowUs: number, into: ReferenceReading): void {
    const last = this.#last[instrument] as number;
    if (!(last > 0)) {
      into.meanSumTicks = Number.NaN;
      into.jump = Number.NaN;
      into.jumpSigmas = 0;
      into.unrest = 0;
      return;
    }
    const second = Math.floor(nowUs / US_PER_S);
    if (this.#second[instrument] !== second) this.#advance(instrument, second, last);
    const count = this.#sampleCount[instrument] as number;
    into.meanSumTicks = count > 0 ? (this.#total[instrument] as number) / count : Number.NaN;
    const low = Math.min(this.#low[instrument] as number, this.#lowBefore[instrument] as number);
    const high = Math.max(this.#high[instrument] as number, this.#highBefore[instrument] as number);
    into.jump = count > 0 ? Math.max(last - low, high - last) / last : Number.NaN;
    const isKnown = count >= SAMPLES_KNOWN_MIN;
    const long = this.#longVariance[instrument] as number;
    into.jumpSigmas = isKnown && into.jump > JUMP_FLOOR ? into.jump / Math.sqrt(long) : 0;
    into.unrest = isKnown ? this.#unrest(instrument, long) : 0;
  }

  #unrest(instrument: number, longVariance: number): number {
    const short = Math.sqrt(this.#shortVariance[instrument] as number);
    const volatility = short > JUMP_FLOOR ? short / Math.sqrt(longVariance) : 0;
    const spread = this.#shortSpread[instrument] as number;
    const wide = spread > SPREAD_FLOOR ? spread / (this.#longSpread[instrument] as number) : 0;
    return Math.max(volatility, wide);
  }

  /** Closes the seconds that have passed, each with the last price of it, and begins `second`. */
  #advance(instrument: number, second: number, sum: number): void {
    const before = this.#second[instrument] as number;
    const last = this.#last[instrument] as number;
    this.#second[instrument] = second;
    if (before < 0 || !(last > 0)) {
      this.#begin(instrument, sum);
      return;
    }
    assert(second > before, "time does not run backwards");
    // After a minute of standing still every sample is the same, and more of them say nothing new.
    const passed = Math.min(second - before, SECONDS);
    for (let i = 0; i < passed; i++) this.#close(instrument, before + i, last);
    this.#lowBefore[instrument] = passed === 1 ? (this.#low[instrument] as number) : last;
    this.#highBefore[instrument] = passed === 1 ? (this.#high[instrument] as number) : last;
    this.#low[instrument] = Math.min(last, sum);
    this.#high[instrument] = Math.max(last, sum);
  }

  #begin(instrument: number, sum: number): void {
    this.#low[instrument] = sum;
    this.#high[instrument] = sum;
    this.#lowBefore[instrument] = sum;
    this.#highBefore[instrument] = sum;
    this.#lastBefore[instrument] = sum;
  }

  #close(instrument: number, second: number, last: number): void {
    const at = instrument * SECONDS + (second % SECONDS);
    const count = this.#sampleCount[instrument] as number;
    const replaced = count === SECONDS ? (this.#samples[at] as number) : 0;
    this.#samples[at] = last;
    this.#total[instrument] = (this.#total[instrument] as number) + last - replaced;
    this.#sampleCount[instrument] = Math.min(count + 1, SECONDS);
    const move = last / (this.#lastBefore[instrument] as number) - 1;
    this.#lastBefore[instrument] = last;
    const square = move * move;
    const spread = this.#spread[instrument] as number;
    const isFirst = count === 0;
    blend(this.#shortVariance, instrument, square, isFirst ? 1 : SHORT_WEIGHT);
    blend(this.#longVariance, instrument, square, isFirst ? 1 : LONG_WEIGHT);
    blend(this.#shortSpread, instrument, spread, isFirst ? 1 : SHORT_WEIGHT);
    blend(this.#longSpread, instrument, spread, isFirst ? 1 : LONG_WEIGHT);
  }
}

function blend(column: Float64Array, at: number, value: number, weight: number): void {
  const before = column[at] as number;
  column[at] = before + (value - before) * weight;
}
