/**
 * The truth of the core's tests: one instrument as its venue knows it, in a plain Map and an array sort.
 *
 * It moves by seeded chance, numbers its changes by the rules of either venue, and remembers what it
 * held at each of its latest sequences, so that a copy can be judged at whatever sequence it stands.
 */

import type { VenueId } from "../../../contracts/ids.ts";
import type { Ladder } from "../../../hotpath/core/book/ladder.ts";
import { type Instrument, NO_FILTERS } from "../../../hotpath/core/instrument.ts";

/** A small seeded generator (mulberry32): the same numbers each time, in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export type Level = readonly [ticks: number, lots: number];

export type Delta = {
  readonly seqFirst: number;
  readonly seqLast: number;
  readonly seqPrevious: number;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
};

const HISTORY = 4096;
const LEVELS_MAX = 24;

export class TrueBook {
  readonly bids = new Map<number, number>();
  readonly asks = new Map<number, number>();
  readonly #random: () => number;
  readonly #history = new Map<number, string>();
  seq: number;
  mid: number;
  /** Last sequence that the stream has told of. */
  #streamed: number;

  constructor(seed: number, mid = 10_000) {
    this.#random = seeded(seed);
    this.mid = mid;
    this.seq = 1000 + Math.floor(this.#random() * 1000);
    this.#streamed = this.seq;
    for (let i = 1; i <= 10; i++) {
      this.bids.set(mid - i, 10 + i);
      this.asks.set(mid + i, 20 + i);
    }
    this.#remember();
  }

  /** Moves the market a little and tells it as one delta; ids jump, as USD-M's do, when `jump` > 0. */
  step(jump = 0): Delta {
    const chance = this.#random;
    this.seq += Math.floor(chance() * (jump + 1));
    const seqFirst = this.seq + 1;
    if (chance() < 0.2) this.mid += chance() < 0.5 ? -1 : 1;
    const bids = this.#changesOf(this.bids, -1);
    const asks = this.#changesOf(this.asks, 1);
    this.seq = seqFirst + bids.length + asks.length;
    const delta = { seqFirst, seqLast: this.seq, seqPrevious: this.#streamed, bids, asks };
    this.#streamed = this.seq;
    this.#remember();
    return delta;
  }

  /** A few levels of one side; what the mid has run over goes, and the side is never left empty. */
  #changesOf(side: Map<number, number>, sign: 1 | -1): Level[] {
    const chance = this.#random;
    const changes: Level[] = [];
    for (let count = Math.floor(chance() * 4); count > 0; count--) {
      const away = 1 + Math.floor(chance() * (chance() < 0.05 ? 9000 : 12));
      changes.push([this.mid + sign * away, chance() < 0.3 ? 0 : 1 + Math.floor(chance() * 900)]);
    }
    for (const ticks of side.keys()) if ((ticks - this.mid) * sign <= 0) changes.push([ticks, 0]);
    // A book of the tests stays small, so that it can be compared after every event.
    const [oldest] = side.keys();
    if (side.size > LEVELS_MAX && oldest !== undefined) changes.push([oldest, 0]);
    changes.push([this.mid + sign * 13, 5]);
    for (const [ticks, lots] of changes) set(side, ticks, lots);
    return changes;
  }

  /** Every level as the venue's REST would tell it, best first. */
  levels(): { bids: Level[]; asks: Level[] } {
    return {
      bids: [...this.bids].sort((a, b) => b[0] - a[0]),
      asks: [...this.asks].sort((a, b) => a[0] - b[0]),
    };
  }

  #remember(): void {
    const { bids, asks } = this.levels();
    this.#history.set(this.seq, textOf(bids, asks));
    if (this.#history.size > HISTORY) {
      const [oldest] = this.#history.keys();
      this.#history.delete(oldest as number);
    }
  }

  /** The content at a sequence that ended a delta; undefined for one it never stood at. */
  at(seq: number): string | undefined {
    return this.#history.get(seq);
  }
}

function set(side: Map<number, number>, ticks: number, lots: number): void {
  if (lots > 0) side.set(ticks, lots);
  else side.delete(ticks);
}

/** One text for the content of a book, best first on both sides. */
export function textOf(bids: readonly Level[], asks: readonly Level[]): string {
  return `${bids.map((level) => level.join("x")).join(" ")} | ${asks.map((level) => level.join("x")).join(" ")}`;
}

/** An instrument with steps of 0.01 and 0.001. */
export function instrumentAt(venue: VenueId, index: number): Instrument {
  return {
    id: `${venue}:B${index}`,
    venue,
    symbol: `B${index}`,
    index,
    tickSize: "0.01",
    lotSize: "0.001",
    priceDecimals: 2,
    tickUnits: 1,
    quantityDecimals: 3,
    lotUnits: 1,
    filters: NO_FILTERS,
    baseAsset: "",
    quoteAsset: "",
    quoteIncrement: "",
    status: "trading",
    rulesUs: 0,
  };
}

/** Every level of one side of our copy, best first. */
export function levelsOf(side: Ladder): Level[] {
  const ticks = new Float64Array(side.levelCount);
  const lots = new Float64Array(side.levelCount);
  const count = side.copyLevels(ticks, lots, side.levelCount);
  return Array.from({ length: count }, (_, i) => [ticks[i] as number, lots[i] as number]);
}
