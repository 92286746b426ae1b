/**
 * Station: touches of books -> what is normal for each: the mean of the last minute, the move of the last
 * second, the usual move, the usual spread.
 *
 * One second is one sample; a book that stands still goes on counting with the price it stands at. All
 * state is flat and fixed in size, one row for each instrument, and an update inside the same second
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

/**
 * Numbers of one instrument, side by side: a touch reads one line of the cache, and a reading of it two. The
 * first eight are the present second and the one before it; `total` sums the samples of the mean.
 */
const AT = {
  second: 0,
  last: 1,
  spread: 2,
  low: 3,
  high: 4,
  lowBefore: 5,
  highBefore: 6,
  total: 7,
  sampleCount: 8,
  lastBefore: 9,
  shortVariance: 10,
  longVariance: 11,
  shortSpread: 12,
  longSpread: 13,
} as const;
const STRIDE = 16;

export class References {
  /** Time in microseconds, set by the caller: as an argument it would be boxed, 16 bytes a message. */
  readonly clock = new Float64Array(1);
  readonly #state: Float64Array;
  readonly #samples: Float64Array;

  constructor(instrumentCount: number) {
    this.#state = new Float64Array(instrumentCount * STRIDE);
    this.#samples = new Float64Array(instrumentCount * SECONDS);
    for (let instrument = 0; instrument < instrumentCount; instrument++) this.forget(instrument);
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
    if (this.#state[instrument * STRIDE + AT.second] !== second)
      this.#advance(instrument, second, sum);
    this.#state[instrument * STRIDE + AT.last] = sum;
    this.#state[instrument * STRIDE + AT.spread] = (askTicks - bidTicks) / sum;
    if (sum < (this.#state[instrument * STRIDE + AT.low] as number))
      this.#state[instrument * STRIDE + AT.low] = sum;
    if (sum > (this.#state[instrument * STRIDE + AT.high] as number))
      this.#state[instrument * STRIDE + AT.high] = sum;
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

  /** Everything about a book as if it had never been seen. */
  forget(instrument: number): void {
    this.#state[instrument * STRIDE + AT.second] = -1;
    this.#state[instrument * STRIDE + AT.sampleCount] = 0;
    this.#state[instrument * STRIDE + AT.total] = 0;
    this.#state[instrument * STRIDE + AT.last] = Number.NaN;
  }

  read(instrument: number, nowUs: number, into: ReferenceReading): void {
    const last = this.#state[instrument * STRIDE + AT.last] as number;
    if (!(last > 0)) {
      into.meanSumTicks = Number.NaN;
      into.jump = Number.NaN;
      into.jumpSigmas = 0;
      into.unrest = 0;
      return;
    }
    const second = Math.floor(nowUs / US_PER_S);
    if (this.#state[instrument * STRIDE + AT.second] !== second)
      this.#advance(instrument, second, last);
    const count = this.#state[instrument * STRIDE + AT.sampleCount] as number;
    into.meanSumTicks =
      count > 0 ? (this.#state[instrument * STRIDE + AT.total] as number) / count : Number.NaN;
    const low = Math.min(
      this.#state[instrument * STRIDE + AT.low] as number,
      this.#state[instrument * STRIDE + AT.lowBefore] as number,
    );
    const high = Math.max(
      this.#state[instrument * STRIDE + AT.high] as number,
      this.#state[instrument * STRIDE + AT.highBefore] as number,
    );
    into.jump = count > 0 ? Math.max(last - low, high - last) / last : Number.NaN;
    const isKnown = count >= SAMPLES_KNOWN_MIN;
    const long = this.#state[instrument * STRIDE + AT.longVariance] as number;
    into.jumpSigmas = isKnown && into.jump > JUMP_FLOOR ? into.jump / Math.sqrt(long) : 0;
    into.unrest = isKnown ? this.#unrest(instrument, long) : 0;
  }

  #unrest(instrument: number, longVariance: number): number {
    const short = Math.sqrt(this.#state[instrument * STRIDE + AT.shortVariance] as number);
    const volatility = short > JUMP_FLOOR ? short / Math.sqrt(longVariance) : 0;
    const spread = this.#state[instrument * STRIDE + AT.shortSpread] as number;
    const wide =
      spread > SPREAD_FLOOR
        ? spread / (this.#state[instrument * STRIDE + AT.longSpread] as number)
        : 0;
    return Math.max(volatility, wide);
  }

  /** Closes the seconds that have passed, each with the last price of it, and begins `second`. */
  #advance(instrument: number, second: number, sum: number): void {
    const before = this.#state[instrument * STRIDE + AT.second] as number;
    const last = this.#state[instrument * STRIDE + AT.last] as number;
    this.#state[instrument * STRIDE + AT.second] = second;
    if (before < 0 || !(last > 0)) {
      this.#begin(instrument, sum);
      return;
    }
    assert(second > before, "time does not run backwards");
    // After a minute of standing still every sample is the same, and more of them say nothing new.
    const passed = Math.min(second - before, SECONDS);
    for (let i = 0; i < passed; i++) this.#close(instrument, before + i, last);
    this.#state[instrument * STRIDE + AT.lowBefore] =
      passed === 1 ? (this.#state[instrument * STRIDE + AT.low] as number) : last;
    this.#state[instrument * STRIDE + AT.highBefore] =
      passed === 1 ? (this.#state[instrument * STRIDE + AT.high] as number) : last;
    this.#state[instrument * STRIDE + AT.low] = Math.min(last, sum);
    this.#state[instrument * STRIDE + AT.high] = Math.max(last, sum);
  }

  #begin(instrument: number, sum: number): void {
    this.#state[instrument * STRIDE + AT.low] = sum;
    this.#state[instrument * STRIDE + AT.high] = sum;
    this.#state[instrument * STRIDE + AT.lowBefore] = sum;
    this.#state[instrument * STRIDE + AT.highBefore] = sum;
    this.#state[instrument * STRIDE + AT.lastBefore] = sum;
  }

  #close(instrument: number, second: number, last: number): void {
    const at = instrument * SECONDS + (second % SECONDS);
    const count = this.#state[instrument * STRIDE + AT.sampleCount] as number;
    const replaced = count === SECONDS ? (this.#samples[at] as number) : 0;
    this.#samples[at] = last;
    this.#state[instrument * STRIDE + AT.total] =
      (this.#state[instrument * STRIDE + AT.total] as number) + last - replaced;
    this.#state[instrument * STRIDE + AT.sampleCount] = Math.min(count + 1, SECONDS);
    const move = last / (this.#state[instrument * STRIDE + AT.lastBefore] as number) - 1;
    this.#state[instrument * STRIDE + AT.lastBefore] = last;
    const square = move * move;
    const spread = this.#state[instrument * STRIDE + AT.spread] as number;
    const isFirst = count === 0;
    blend(this.#state, instrument * STRIDE + AT.shortVariance, square, isFirst ? 1 : SHORT_WEIGHT);
    blend(this.#state, instrument * STRIDE + AT.longVariance, square, isFirst ? 1 : LONG_WEIGHT);
    blend(this.#state, instrument * STRIDE + AT.shortSpread, spread, isFirst ? 1 : SHORT_WEIGHT);
    blend(this.#state, instrument * STRIDE + AT.longSpread, spread, isFirst ? 1 : LONG_WEIGHT);
  }
}

function blend(column: Float64Array, at: number, value: number, weight: number): void {
  const before = column[at] as number;
  column[at] = before + (value - before) * weight;
}
