/**
 * Station: live books -> what an amount of any asset is worth in the reference asset of its venue.
 *
 * The way from an asset to the reference is one instrument (either way round) or two; the first way of
 * which every book is live is taken, direct ones first. Where there is none, there is no value: whoever
 * asks has to refuse. The double is for screening and showing, the exact integer decides.
 */
import { assert } from "../../../contracts/assert.ts";
import type { Instrument } from "../instrument.ts";

/** One conversion at the mid of one book. */
type Hop = {
  readonly instrument: number;
  /** From quote to base: divide by the price. */
  readonly isInverse: boolean;
  /** Price of one tick of the sum of bid and ask, halved: sum * ticksToUnits / 2 is the mid. */
  readonly tickUnits: bigint;
  readonly pow10: bigint;
  readonly midOfSum: number;
};

type Way = readonly Hop[];

/** More ways than this from one asset are not looked at; the first ones are the direct ones. */
const WAYS_MAX = 8;

/** Best bid plus best ask in ticks of a live book; NaN for any other. */
export type TouchSum = (instrument: number) => number;

/** Values of one venue's assets. Made anew when its instruments change. */
export class Valuation {
  readonly reference: string;
  readonly #ways: ReadonlyMap<string, readonly Way[]>;
  readonly #touchSum: TouchSum;

  constructor(reference: string, instruments: readonly Instrument[], touchSum: TouchSum) {
    this.reference = reference;
    this.#touchSum = touchSum;
    this.#ways = waysTo(reference, instruments);
  }

  /** Reference units for one unit of `asset`, as a double; NaN where no live way leads there. */
  rate(asset: string): number {
    if (asset === this.reference) return 1;
    const ways = this.#ways.get(asset);
    if (ways === undefined) return Number.NaN;
    for (const way of ways) {
      const rate = this.#rateOf(way);
      // NaN compares with nothing, so a way with a dead book is passed over.
      if (rate > 0) return rate;
    }
    return Number.NaN;
  }

  #rateOf(way: Way): number {
    let rate = 1;
    for (const hop of way) {
      const mid = this.#touchSum(hop.instrument) * hop.midOfSum;
      rate = hop.isInverse ? rate / mid : rate * mid;
    }
    return rate;
  }

  /**
   * What `amount` is worth, exact and rounded up (away from zero) at each hop; undefined where no live way
   * leads to the reference. An exposure that is valued a hair too high is the safe mistake.
   */
  value(asset: string, amount: bigint): bigint | undefined {
    if (asset === this.reference || amount === 0n) return amount;
    const way = this.#ways.get(asset)?.find((each) => this.#rateOf(each) > 0);
    if (way === undefined) return undefined;
    let value = amount < 0n ? -amount : amount;
    for (const hop of way) {
      const sum = BigInt(this.#touchSum(hop.instrument));
      const price = sum * hop.tickUnits;
      const scale = 2n * hop.pow10;
      value = hop.isInverse ? divideUp(value * scale, price) : divideUp(value * price, scale);
    }
    return amount < 0n ? -value : value;
  }
}

function divideUp(amount: bigint, divisor: bigint): bigint {
  assert(divisor > 0n, "a live book has a price above zero");
  return (amount + divisor - 1n) / divisor;
}

function waysTo(
  reference: string,
  instruments: readonly Instrument[],
): ReadonlyMap<string, readonly Way[]> {
  const direct = new Map<string, Hop[]>();
  for (const instrument of instruments) {
    const { baseAsset, quoteAsset } = instrument;
    if (baseAsset === "" || quoteAsset === "") continue;
    if (quoteAsset === reference) add(direct, baseAsset, hopOf(instrument, false));
    if (baseAsset === reference) add(direct, quoteAsset, hopOf(instrument, true));
  }
  const ways = new Map<string, Way[]>();
  for (const [asset, hops] of direct) ways.set(asset, hops.map((hop) => [hop]).slice(0, WAYS_MAX));
  for (const instrument of instruments) {
    const { baseAsset, quoteAsset } = instrument;
    if (baseAsset === "" || quoteAsset === "") continue;
    extend(ways, baseAsset, hopOf(instrument, false), direct.get(quoteAsset), reference);
    extend(ways, quoteAsset, hopOf(instrument, true), direct.get(baseAsset), reference);
  }
  return ways;
}

function extend(
  ways: Map<string, Way[]>,
  from: string,
  first: Hop,
  seconds: readonly Hop[] | undefined,
  reference: string,
): void {
  if (seconds === undefined || from === reference) return;
  const known = ways.get(from) ?? [];
  for (const second of seconds) if (known.length < WAYS_MAX) known.push([first, second]);
  if (known.length > 0) ways.set(from, known);
}

function add(map: Map<string, Hop[]>, key: string, hop: Hop): void {
  const hops = map.get(key);
  if (hops === undefined) map.set(key, [hop]);
  else hops.push(hop);
}

function hopOf(instrument: Instrument, isInverse: boolean): Hop {
  const pow10 = 10n ** BigInt(instrument.priceDecimals);
  return {
    instrument: instrument.index,
    isInverse,
    tickUnits: BigInt(instrument.tickUnits),
    pow10,
    midOfSum: instrument.tickUnits / (2 * Number(pow10)),
  };
}
