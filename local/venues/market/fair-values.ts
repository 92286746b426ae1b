/**
 * Station: time -> what each asset is worth, in one common unit.
 *
 * Every asset follows its own random walk, pulled softly back to its start (so that a week-long run
 * keeps its prices) and stirred by bursts. Instruments are priced from two assets, so all triangles
 * agree except for what each book adds of its own. Floating point is right here: this is nature, not
 * accounting. It never reads a clock.
 */
import { assert } from "../../../contracts/assert.ts";
import { US_PER_S } from "../../../contracts/time.ts";
import { Random } from "./random.ts";

/** Standard deviation of one second's log return: a calm major pair moves about a fifth of a bp. */
const SIGMA_PER_SQRT_S = 2e-5;
/** A burst multiplies the walk by this; a hundred bp within seconds is what a bad minute looks like. */
const BURST_SIGMA_FACTOR = 12;
const BURST_ACTIVITY_FACTOR = 3;
const BURST_GAP_MEAN_US = 40 * US_PER_S;
const BURST_LENGTH_MEAN_US = 1 * US_PER_S;
/** The pull back to the start; its time constant is about half an hour. */
const PULL_PER_S = 1 / 1_800;
/** Walks advance in steps of at least this, so that pricing stays cheap at any diff rate. */
const STEP_US_MIN = 5_000;
/** A pause (a suspended process) is one step of at most this, not an earthquake. */
const STEP_US_MAX = 1 * US_PER_S;

type AssetWalk = {
  readonly startValue: number;
  readonly random: Random;
  logOffset: number;
  value: number;
  burstFromUs: number;
  burstUntilUs: number;
};

/** The assets of the market and their values as of the last `advance`. */
export class FairValues {
  readonly #walks = new Map<string, AssetWalk>();
  #nowUs: number;

  constructor(startValues: ReadonlyMap<string, number>, options: { seed: number; nowUs: number }) {
    this.#nowUs = options.nowUs;
    for (const [asset, startValue] of startValues) {
      const random = new Random(options.seed, `fair value of ${asset}`);
      const burstFromUs = options.nowUs + random.exponential(BURST_GAP_MEAN_US);
      this.#walks.set(asset, {
        startValue,
        random,
        logOffset: 0,
        value: startValue,
        burstFromUs,
        burstUntilUs: burstFromUs + random.exponential(BURST_LENGTH_MEAN_US),
      });
    }
  }

  /** Lets every walk reach `nowUs`; earlier or hardly later times change nothing. */
  advance(nowUs: number): void {
    const elapsedUs = nowUs - this.#nowUs;
    if (elapsedUs < STEP_US_MIN) return;
    this.#nowUs = nowUs;
    const seconds = Math.min(elapsedUs, STEP_US_MAX) / US_PER_S;
    for (const walk of this.#walks.values()) {
      if (nowUs >= walk.burstUntilUs) {
        walk.burstFromUs = nowUs + walk.random.exponential(BURST_GAP_MEAN_US);
        walk.burstUntilUs = walk.burstFromUs + walk.random.exponential(BURST_LENGTH_MEAN_US);
      }
      const factor = nowUs >= walk.burstFromUs ? BURST_SIGMA_FACTOR : 1;
      const shock = SIGMA_PER_SQRT_S * factor * Math.sqrt(seconds) * walk.random.normal();
      walk.logOffset += shock - walk.logOffset * PULL_PER_S * seconds;
      walk.value = walk.startValue * Math.exp(walk.logOffset);
    }
  }

  /** What one `base` costs in `quote`. */
  price(base: string, quote: string): number {
    return this.#walk(base).value / this.#walk(quote).value;
  }

  /** How much busier than usual the books of these two assets are. */
  activity(base: string, quote: string): number {
    const isBursting =
      this.#nowUs >= this.#walk(base).burstFromUs || this.#nowUs >= this.#walk(quote).burstFromUs;
    return isBursting ? BURST_ACTIVITY_FACTOR : 1;
  }

  #walk(asset: string): AssetWalk {
    const walk = this.#walks.get(asset);
    assert(walk !== undefined, "every asset of a listing has a value");
    return walk;
  }
}
