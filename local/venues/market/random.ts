/**
 * Station: seed -> every accident of the simulated market.
 *
 * One small generator (sfc32, 128 bits of state), so that a seed and a label name a sequence of draws
 * for ever. Each purpose takes a generator of its own by label: adding a draw in one place then
 * leaves every other sequence as it was. It never reads a clock and never draws from the host.
 */
import { assert } from "../../../contracts/assert.ts";

const TWO_TO_32 = 4_294_967_296;
/** Draws thrown away at the start, so that near seeds part (twelve is the author's own advice). */
const WARM_UP_COUNT = 15;

/** FNV-1a over the label: cheap, stable, and good enough to tell a dozen labels apart. */
function hashLabel(label: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < label.length; i += 1) {
    hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

/** A seeded stream of draws; two with the same seed and label agree for ever. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  constructor(seed: number, label: string) {
    assert(Number.isSafeInteger(seed), `the seed is an integer, was ${seed}`);
    this.#a = seed | 0;
    this.#b = Math.floor(seed / TWO_TO_32) | 0;
    this.#c = hashLabel(label) | 0;
    this.#counter = 1;
    for (let i = 0; i < WARM_UP_COUNT; i += 1) this.next();
  }

  /** A draw in [0, 1). */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / TWO_TO_32;
  }

  /** An integer in [0, count). */
  integer(count: number): number {
    assert(count >= 1, "there is something to draw from");
    return Math.floor(this.next() * count);
  }

  /** A number in [min, max). */
  between(min: number, max: number): number {
    return min + (max - min) * this.next();
  }

  /** A draw from the standard normal distribution (Box and Muller; the second value is not kept). */
  normal(): number {
    // `1 - next()` lies in (0, 1], so the logarithm is finite.
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  /** A waiting time whose mean is `mean`, in the unit of `mean`. */
  exponential(mean: number): number {
    return -Math.log(1 - this.next()) * mean;
  }
}
