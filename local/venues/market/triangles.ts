/**
 * Station: time -> now and then a triangle whose round trip pays, and the record of it.
 *
 * A triangle is planted by letting everybody at one of its instruments be wrong about the value for a
 * while: the touch walks there by the flow's own steps, with its usual depth, and walks back. So books
 * are never crossed, and what was planted is known: which cycle, which way round, from when to when, and
 * the best gross edge that the touches really gave. It never reads a clock.
 */
import type { Market } from "./market.ts";
import type { Random } from "./random.ts";

const MINUTE_US = 60_000_000;
/** The edge left after three taker fees, and for how long from its first moment. */
const NET_EDGE_BPS: readonly [number, number] = [10, 40];
const HOLD_US: readonly [number, number] = [400_000, 2_500_000];
/** A lean that never pays, because the market moves against it, ends after this. */
const LEAN_US_MAX = 10_000_000;
/** Where another one keeps the cycle paying, the record is closed after this all the same. */
const WALK_BACK_US_MAX = 3_000_000;
/** Up to this rate one after the other is enough; above it, one more at once for each of these. */
const ALONE_PER_MINUTE = 20;
/** Spreads of three books and the noise of their touches, which the lean must overcome as well. */
const SPREAD_ALLOWANCE_BPS = 6;
const BPS = 10_000;
const RECORDS_COUNT_MAX = 100_000;

/** One leg of a cycle: which instrument, and whether its base is bought or sold. */
export type CycleLeg = { readonly index: number; readonly side: "buy" | "sell" };

/** Three legs that lead from an asset back to it. */
export type Cycle = { readonly assets: readonly string[]; readonly legs: readonly CycleLeg[] };

export type PlantedTriangle = {
  /** Assets in the order in which the paying direction passes them, the first one again at the end. */
  readonly cycle: readonly string[];
  readonly symbols: readonly string[];
  readonly sides: readonly string[];
  /** The instrument that leans. */
  readonly leaningSymbol: string;
  readonly wantedNetBps: number;
  readonly startUs: number;
  /** When the lean ended; null while it lasts. */
  endUs: number | null;
  /** First and last moment at which the touches paid more than three fees; null for never. */
  firstPaidUs: number | null;
  lastPaidUs: number | null;
  /** The best gross edge of the touches so far, in bps, fees not taken off. */
  bestGrossBps: number;
};

type Active = {
  readonly record: PlantedTriangle;
  readonly cycle: Cycle;
  readonly leaning: number;
  readonly holdUs: number;
};

/** Every cycle of three instruments of a market, in both directions, from every asset. */
export function cyclesOf(market: Market): Cycle[] {
  const cycles: Cycle[] = [];
  const legs = market.instruments.flatMap(({ rules }, index) => [
    { index, side: "buy" as const, from: rules.quote, to: rules.base },
    { index, side: "sell" as const, from: rules.base, to: rules.quote },
  ]);
  for (const first of legs) {
    for (const second of legs) {
      if (second.from !== first.to || second.to === first.from) continue;
      const third = legs.find((one) => one.from === second.to && one.to === first.from);
      if (third === undefined) continue;
      const assets = [first.from, first.to, second.to, first.from];
      cycles.push({
        assets,
        legs: [first, second, third].map(({ index, side }) => ({ index, side })),
      });
    }
  }
  return cycles;
}

/** What a round trip at the touches returns for one unit, fees not taken off. */
export function grossFactor(market: Market, cycle: Cycle): number {
  let factor = 1;
  for (const { index, side } of cycle.legs) {
    const { book, rules } = market.instrumentAt(index);
    const ticks = side === "buy" ? book.bestAskTicks : book.bestBidTicks;
    if (ticks === 0) return 0;
    const price = ticks / 10 ** rules.priceDigits;
    factor *= side === "buy" ? 1 / price : price;
  }
  return factor;
}

/** Plants triangles in one market at a mean rate; several at once only where the rate asks for it. */
export class TrianglePlanter {
  readonly records: PlantedTriangle[] = [];
  readonly #market: Market;
  readonly #random: Random;
  readonly #cycles: readonly Cycle[];
  readonly #feeBps: number;
  readonly #perMinute: number;
  readonly #atOnceMax: number;
  #active: readonly Active[] = [];
  #nextUs: number | null = null;

  constructor(market: Market, options: { random: Random; perMinute: number; takerFeeBps: number }) {
    this.#market = market;
    this.#random = options.random;
    this.#perMinute = options.perMinute;
    this.#feeBps = options.takerFeeBps * 3;
    this.#cycles = cyclesOf(market);
    // At most a third of the instruments lean at once, or there would be no fair price to lean from.
    const roomCount = Math.floor(market.instruments.length / 3);
    this.#atOnceMax = Math.max(
      1,
      Math.min(roomCount, Math.ceil(this.#perMinute / ALONE_PER_MINUTE)),
    );
  }

  /** Begins, watches and ends planted triangles. Call it after the market's own steps. */
  tick(nowUs: number): void {
    if (this.#perMinute <= 0 || this.#cycles.length === 0) return;
    if (this.#active.length > 0) {
      this.#active = this.#active.filter((active) => this.#watch(active, nowUs));
    }
    this.#nextUs ??= nowUs + this.#random.exponential(MINUTE_US / this.#perMinute);
    if (this.#active.length >= this.#atOnceMax || nowUs < this.#nextUs) return;
    this.#nextUs = nowUs + this.#random.exponential(MINUTE_US / this.#perMinute);
    this.#plant(nowUs);
  }

  #plant(nowUs: number): void {
    const cycle = this.#cycles[this.#random.integer(this.#cycles.length)];
    const leg = cycle?.legs[this.#random.integer(3)];
    if (cycle === undefined || leg === undefined) return;
    if (this.#active.some(({ leaning }) => leaning === leg.index)) return;
    const wantedNetBps = this.#random.between(...NET_EDGE_BPS);
    const leanBps = wantedNetBps + this.#feeBps + SPREAD_ALLOWANCE_BPS;
    // Who buys wants a lower price there, who sells a higher one.
    const factor = leg.side === "buy" ? 1 - leanBps / BPS : 1 + leanBps / BPS;
    this.#market.lean(leg.index, factor);
    const symbolAt = (index: number) => this.#market.instrumentAt(index).rules.symbol;
    const record: PlantedTriangle = {
      cycle: cycle.assets,
      symbols: cycle.legs.map(({ index }) => symbolAt(index)),
      sides: cycle.legs.map(({ side }) => side),
      leaningSymbol: symbolAt(leg.index),
      wantedNetBps,
      startUs: nowUs,
      endUs: null,
      firstPaidUs: null,
      lastPaidUs: null,
      bestGrossBps: Number.NEGATIVE_INFINITY,
    };
    if (this.records.length < RECORDS_COUNT_MAX) this.records.push(record);
    const holdUs = Math.round(this.#random.between(...HOLD_US));
    this.#active = [...this.#active, { record, cycle, leaning: leg.index, holdUs }];
  }

  /** Notes what a planted one pays, and ends it in its time; false when it is over. */
  #watch({ record, cycle, leaning, holdUs }: Active, nowUs: number): boolean {
    const grossBps = (grossFactor(this.#market, cycle) - 1) * BPS;
    record.bestGrossBps = Math.max(record.bestGrossBps, grossBps);
    const isPaying = grossBps > this.#feeBps;
    if (isPaying) {
      record.firstPaidUs ??= nowUs;
      record.lastPaidUs = nowUs;
    }
    const untilUs = Math.min((record.firstPaidUs ?? nowUs) + holdUs, record.startUs + LEAN_US_MAX);
    if (record.endUs === null && nowUs >= untilUs) {
      record.endUs = nowUs;
      this.#market.lean(leaning, 1);
    }
    // It pays until the touch has walked back; the next one waits for that.
    return record.endUs === null || (isPaying && nowUs < record.endUs + WALK_BACK_US_MAX);
  }
}
