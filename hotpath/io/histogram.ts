/**
 * Station: durations of the hot path -> quantiles, without an object or an allocation per value.
 *
 * Log-linear buckets: exact to 64 us, then 32 to an octave, so a quantile is off by at most 3 %. Counts
 * only grow; a window is the difference of two moments.
 */

const LINEAR_MAX = 64;
const SUB_BITS = 5;
const SUB_BUCKETS = 1 << SUB_BITS;
/** 2^31 us is 35 minutes: whatever took longer is counted there. */
const VALUE_MAX = 2 ** 31 - 1;
const BUCKETS = LINEAR_MAX + (31 - 6) * SUB_BUCKETS;

export type Quantiles = {
  readonly count: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly maxUs: number;
};

export class Histogram {
  readonly #counts = new Float64Array(BUCKETS);
  readonly #before = new Float64Array(BUCKETS);
  #maxUs = 0;

  /** Counts one duration in microseconds; a negative one counts as 0. */
  record(us: number): void {
    const value = us > VALUE_MAX ? VALUE_MAX : us > 0 ? us | 0 : 0;
    const at = bucketOf(value);
    this.#counts[at] = (this.#counts[at] as number) + 1;
    if (value > this.#maxUs) this.#maxUs = value;
  }

  /** Quantiles of what came since the last call, and begins the next window. */
  takeWindow(): Quantiles {
    const quantiles = this.#quantiles();
    this.#before.set(this.#counts);
    this.#maxUs = 0;
    return quantiles;
  }

  #quantiles(): Quantiles {
    let count = 0;
    for (let i = 0; i < BUCKETS; i++) count += this.#inWindow(i);
    return {
      count,
      p50Us: this.#quantile(count, 0.5),
      p99Us: this.#quantile(count, 0.99),
      p999Us: this.#quantile(count, 0.999),
      maxUs: this.#maxUs,
    };
  }

  #inWindow(bucket: number): number {
    return (this.#counts[bucket] as number) - (this.#before[bucket] as number);
  }

  #quantile(count: number, share: number): number {
    const wanted = Math.ceil(count * share);
    let seen = 0;
    for (let i = 0; i < BUCKETS; i++) {
      seen += this.#inWindow(i);
      if (seen >= wanted && seen > 0) return Math.min(upperOf(i), this.#maxUs);
    }
    return 0;
  }
}

function bucketOf(value: number): number {
  if (value < LINEAR_MAX) return value;
  const shift = 31 - Math.clz32(value) - SUB_BITS;
  return LINEAR_MAX + (shift - 1) * SUB_BUCKETS + ((value >>> shift) - SUB_BUCKETS);
}

/** Largest value of a bucket. */
function upperOf(bucket: number): number {
  if (bucket < LINEAR_MAX) return bucket;
  const shift = ((bucket - LINEAR_MAX) >>> SUB_BITS) + 1;
  const sub = ((bucket - LINEAR_MAX) & (SUB_BUCKETS - 1)) + SUB_BUCKETS;
  return (sub + 1) * 2 ** shift - 1;
}
