/**
 * Station: time and fair value -> the changes of one book, and now and then a trade.
 *
 * The market's model and nothing of its mechanics: it decides which level changes to what, and hands
 * each change to the instrument. The touch follows the fair value, most changes happen near it, some
 * far away, and what the touch passes is taken off before the other side may come nearer, so that the
 * book is never crossed, not even between two changes. It never reads a clock.
 */
import type { Side } from "./book.ts";
import type { FairValues } from "./fair-values.ts";
import type { MarketInstrument } from "./instrument.ts";
import type { Random } from "./random.ts";

/** How many levels a depth frame changes; fitted to public recordings (docs: PERFORMANCE, the data). */
export const PROFILES = ["quiet", "wide"] as const;
export type Profile = (typeof PROFILES)[number];

const CHANGES_PER_DIFF: Readonly<Record<Profile, { median: number; sigma: number; max: number }>> =
  {
    quiet: { median: 6, sigma: 0.76, max: 60 },
    wide: { median: 33, sigma: 0.6, max: 200 },
  };
/** Chance that a level which is hit is taken off instead of changed: gives about 31 % deletes. */
const REMOVE_CHANCE = 0.5;
/** Share of changes near the touch, and how near. */
const NEAR_CHANCE = 0.8;
const NEAR_MEAN_TICKS = 12;
/** Density of levels near the touch; what REMOVE_CHANCE and certain refilling lead to. */
const NEAR_DENSITY = 1 / (1 + REMOVE_CHANCE);
/** The touch follows the fair value at most this far in one step; a leap arrives in several diffs. */
const FOLLOW_TICKS_MAX = 24;
const TRADE_CHANCE = 0.15;
const LOTS_SIGMA = 1;
const LOTS_MAX = 1_000_000_000;
/** A side never gets thinner than this by trades. */
const SIDE_COUNT_MIN = 16;
/** Cells looked at for a level to change before a new one is made instead. */
const SEARCH_TICKS_MAX = 24;

export type MarketTrade = {
  readonly tradeId: number;
  readonly aggregateId: number;
  readonly ticks: number;
  readonly lots: number;
  /** True when the aggressor sold. */
  readonly isBuyerMaker: boolean;
};

/** What the flow remembers of one instrument between steps. */
type FlowState = { anchorTicks: number; tradeId: number; aggregateId: number };

/** The behavior of everybody who trades one instrument. */
export class OrderFlow {
  readonly #instrument: MarketInstrument;
  readonly #random: Random;
  readonly #changes: { median: number; sigma: number; max: number };
  readonly #state: FlowState;
  /** Everybody here thinks the fair value is this many times what it is; 1 is the truth. */
  leanFactor = 1;

  constructor(
    instrument: MarketInstrument,
    options: { random: Random; profile: Profile; stepsPerDiff: number },
  ) {
    this.#instrument = instrument;
    this.#random = options.random;
    const changes = CHANGES_PER_DIFF[options.profile];
    this.#changes = { ...changes, median: changes.median / options.stepsPerDiff };
    const { startTicks } = instrument.rules;
    const firstTradeId = 1_000_000 + options.random.integer(1_000_000);
    this.#state = { anchorTicks: startTicks, tradeId: firstTradeId, aggregateId: firstTradeId };
    this.#fill();
  }

  /** The price that books and trades gather round, in ticks with a fraction. */
  get anchorTicks(): number {
    return this.#state.anchorTicks;
  }

  /** Lets the book live one step; returns the trades of the step, oldest first. */
  step(fairValues: FairValues): MarketTrade[] {
    const { rules } = this.#instrument;
    const fair = fairValues.price(rules.base, rules.quote) * 10 ** rules.priceDigits;
    this.#follow(fair * this.leanFactor);
    const trades = this.#random.next() < TRADE_CHANCE ? this.#trade() : [];
    const drawn = this.#changes.median * Math.exp(this.#changes.sigma * this.#random.normal());
    const busy = drawn * fairValues.activity(rules.base, rules.quote);
    const count = Math.max(1, Math.min(this.#changes.max, Math.round(busy)));
    for (let i = 0; i < count; i += 1) this.#stir(this.#random.next() < 0.5 ? "bid" : "ask");
    return trades;
  }

  /** Rests the first book: dense at the touch, thinner behind, `levelsPerSide` levels in all. */
  #fill(): void {
    const { rules, book } = this.#instrument;
    const density = this.#farDensity();
    const [bidTicks, askTicks] = this.#touch();
    for (let offset = 0; book.levelCount("ask") < rules.levelsPerSide; offset += 1) {
      if (offset > rules.rangeTicks) break;
      const chance = offset < 2 * NEAR_MEAN_TICKS ? NEAR_DENSITY : density;
      if (offset === 0 || this.#random.next() < chance) {
        this.#instrument.rest("bid", bidTicks - offset, this.#drawLots());
      }
      if (offset === 0 || this.#random.next() < chance) {
        this.#instrument.rest("ask", askTicks + offset, this.#drawLots());
      }
    }
  }

  #farDensity(): number {
    const { rules } = this.#instrument;
    return Math.min(NEAR_DENSITY, rules.levelsPerSide / rules.rangeTicks);
  }

  /** The nearest prices to the anchor that a bid and an ask may have. */
  #touch(): [bidTicks: number, askTicks: number] {
    const bidTicks = Math.ceil(this.#state.anchorTicks) - 1;
    return [bidTicks, bidTicks + 1];
  }

  /** Moves the anchor toward the fair value and clears what it passes, at the touch and far out. */
  #follow(fairTicks: number): void {
    const before = this.#state.anchorTicks;
    const wish = fairTicks + (this.#random.next() - 0.5) * 2;
    const move = Math.max(-FOLLOW_TICKS_MAX, Math.min(FOLLOW_TICKS_MAX, wish - before));
    this.#state.anchorTicks = before + move;
    const { book } = this.#instrument;
    const [bidTicks, askTicks] = this.#touch();
    while (book.bestBidTicks > bidTicks) this.#instrument.sweep("bid", book.bestBidTicks);
    while (book.bestAskTicks < askTicks && book.bestAskTicks > 0) {
      this.#instrument.sweep("ask", book.bestAskTicks);
    }
    this.#trim(Math.floor(before), Math.floor(this.#state.anchorTicks));
    // A side left far behind by a leap comes back to the touch at once.
    if (book.bestBidTicks < bidTicks - 2) this.#set("bid", bidTicks, this.#drawLots());
    if (book.bestAskTicks > askTicks + 2 || book.bestAskTicks === 0) {
      this.#set("ask", askTicks, this.#drawLots());
    }
  }

  /** Takes off the levels that a move of the anchor leaves beyond the range. */
  #trim(beforeTicks: number, afterTicks: number): void {
    const reachTicks = this.#instrument.rules.rangeTicks + FOLLOW_TICKS_MAX;
    for (let ticks = beforeTicks; ticks < afterTicks; ticks += 1) {
      this.#set("bid", ticks - reachTicks, 0);
    }
    for (let ticks = beforeTicks; ticks > afterTicks; ticks -= 1) {
      this.#set("ask", ticks + reachTicks, 0);
    }
  }

  /** Changes, removes or adds one level of a side. */
  #stir(side: Side): void {
    const isNear = this.#random.next() < NEAR_CHANCE;
    const { rangeTicks } = this.#instrument.rules;
    const offset = isNear
      ? Math.min(rangeTicks, Math.floor(this.#random.exponential(NEAR_MEAN_TICKS)))
      : this.#random.integer(rangeTicks);
    const [bidTicks, askTicks] = this.#touch();
    const ticks = side === "bid" ? bidTicks - offset : askTicks + offset;
    if (this.#instrument.book.lotsAt(side, ticks) > 0) this.#alter(side, ticks);
    else this.#refill(side, ticks, isNear);
  }

  #alter(side: Side, ticks: number): void {
    const { book } = this.#instrument;
    const mayRemove = book.levelCount(side) > SIDE_COUNT_MIN;
    if (mayRemove && this.#random.next() < REMOVE_CHANCE) this.#set(side, ticks, 0);
    else this.#set(side, ticks, this.#drawLots());
  }

  /** An empty price fills with the chance that keeps the density; else a neighbor changes instead. */
  #refill(side: Side, ticks: number, isNear: boolean): void {
    const density = isNear ? NEAR_DENSITY : this.#farDensity();
    // Every hit that adds nothing takes a level off with REMOVE_CHANCE, so adding this often keeps
    // the density where it is, and brings it back where it is not.
    const addChance = REMOVE_CHANCE / ((1 + REMOVE_CHANCE) * (1 - density));
    if (this.#random.next() < addChance) {
      this.#set(side, ticks, this.#drawLots());
      return;
    }
    const step = side === "bid" ? -1 : 1;
    for (let i = 1; i <= SEARCH_TICKS_MAX; i += 1) {
      const neighbor = ticks + i * step;
      if (neighbor < 1) return;
      if (this.#instrument.book.lotsAt(side, neighbor) === 0) continue;
      this.#alter(side, neighbor);
      return;
    }
  }

  /** Someone takes from the touch: one to three fills at the best price. */
  #trade(): MarketTrade[] {
    const { book } = this.#instrument;
    const isBuyerMaker = this.#random.next() < 0.5;
    const side: Side = isBuyerMaker ? "bid" : "ask";
    if (book.levelCount(side) <= SIDE_COUNT_MIN) return [];
    const ticks = isBuyerMaker ? book.bestBidTicks : book.bestAskTicks;
    const resting = book.lotsAt(side, ticks);
    const wish = Math.max(1, Math.ceil(resting * Math.min(1, this.#random.exponential(0.4))));
    const pieces = 1 + this.#random.integer(3);
    const taken = this.#instrument.take(side, ticks, wish);
    if (taken === 0) return [];
    this.#state.aggregateId += 1;
    const trades: MarketTrade[] = [];
    const fillCount = Math.min(taken, pieces);
    for (let left = taken, i = fillCount; i >= 1; i -= 1) {
      const lots = i === 1 ? left : Math.max(1, Math.floor(left / i));
      left -= lots;
      trades.push(this.#mint({ ticks, lots, isBuyerMaker }));
    }
    return trades;
  }

  /** A trade of somebody else than the crowd, under an aggregate of its own. */
  print(what: { ticks: number; lots: number; isBuyerMaker: boolean }): MarketTrade {
    this.#state.aggregateId += 1;
    return this.#mint(what);
  }

  #mint(what: { ticks: number; lots: number; isBuyerMaker: boolean }): MarketTrade {
    this.#state.tradeId += 1;
    const { tradeId, aggregateId } = this.#state;
    return { tradeId, aggregateId, ...what };
  }

  /** Sets a level if that changes anything and the window holds it. */
  #set(side: Side, ticks: number, lots: number): void {
    const { book } = this.#instrument;
    if (!book.covers(side, ticks) || this.#instrument.crowdLotsAt(side, ticks) === lots) return;
    this.#instrument.change(side, ticks, lots);
  }

  #drawLots(): number {
    const lots = this.#instrument.rules.medianLots * Math.exp(LOTS_SIGMA * this.#random.normal());
    return Math.max(1, Math.min(LOTS_MAX, Math.round(lots)));
  }
}
