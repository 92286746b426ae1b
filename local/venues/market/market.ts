/**
 * Station: seed, listings, time -> the living truth of one venue.
 *
 * Ties the walks, the flows and the instruments of one venue together and owns its update ids: counted
 * per instrument (spot) or by one counter for all (futures). It has no sockets and no clock, so the
 * same market runs behind real transports here and behind virtual ones in the simulator.
 */
import { assert } from "../../../contracts/assert.ts";
import type { FairValues } from "./fair-values.ts";
import { type InstrumentRules, MarketInstrument, type NextSeq } from "./instrument.ts";
import { type MarketTrade, OrderFlow, type Profile } from "./order-flow.ts";
import { Random } from "./random.ts";

/** Changes kept for each instrument; the truth can be told for at least the last 16 thousand. */
export const LOG_CAPACITY_COUNT = 16_384;
/** The largest step of a global update id; real ones leave wider holes, which teaches nothing more. */
const GLOBAL_SEQ_STEP_MAX = 16;
/** Ids leap by this when a venue comes back from a restart. */
const RESTART_LEAP_COUNT = 1_000_000;

export type SeqRule = "perInstrument" | "global";

export type MarketOptions = {
  readonly name: string;
  readonly seed: number;
  readonly seqRule: SeqRule;
  readonly listings: readonly InstrumentRules[];
  readonly profile: Profile;
  readonly stepsPerDiff: number;
};

/** One venue's instruments and whatever moves them. */
export class Market {
  readonly instruments: readonly MarketInstrument[];
  readonly #flows: readonly OrderFlow[];
  /** Trades of accounts that the tape has not told yet, by instrument. */
  readonly #printed = new Map<number, MarketTrade[]>();
  readonly #indexBySymbol = new Map<string, number>();
  readonly #fairValues: FairValues;
  readonly #seqRandom: Random;
  readonly #seqRule: SeqRule;
  #globalSeq: number;

  constructor(fairValues: FairValues, options: MarketOptions) {
    const { name, seed, seqRule } = options;
    this.#fairValues = fairValues;
    this.#seqRule = seqRule;
    this.#seqRandom = new Random(seed, `${name} update ids`);
    // Real counters are far from zero; a start in the billions finds every 32-bit mistake at once.
    this.#globalSeq = 4_984_000_000_000 + this.#seqRandom.integer(1_000_000);
    const nextSeq: NextSeq =
      seqRule === "global" ? () => this.#nextGlobalSeq() : (previousSeq) => previousSeq + 1;
    this.instruments = options.listings.map((rules, index) => {
      this.#indexBySymbol.set(rules.symbol, index);
      const ownStart = 50_000_000_000 + this.#seqRandom.integer(1_000_000_000);
      const startSeq = seqRule === "global" ? this.#globalSeq : ownStart;
      return new MarketInstrument(rules, {
        startSeq,
        nextSeq,
        logCapacityCount: LOG_CAPACITY_COUNT,
      });
    });
    this.#flows = this.instruments.map((instrument) => {
      const random = new Random(seed, `${name} flow of ${instrument.rules.symbol}`);
      const { profile, stepsPerDiff } = options;
      return new OrderFlow(instrument, { random, profile, stepsPerDiff });
    });
  }

  /** The position of a symbol in `instruments`, or undefined. */
  indexOf(symbol: string): number | undefined {
    return this.#indexBySymbol.get(symbol);
  }

  /** The instrument at a position. */
  instrumentAt(index: number): MarketInstrument {
    const instrument = this.instruments[index];
    assert(instrument !== undefined, "the instrument is listed");
    return instrument;
  }

  /** Lets one instrument live one step at `nowUs`; returns its trades. */
  step(index: number, nowUs: number): MarketTrade[] {
    const flow = this.#flowAt(index);
    this.#fairValues.advance(nowUs);
    const trades = flow.step(this.#fairValues);
    const printed = this.#printed.get(index);
    if (printed === undefined) return trades;
    // What accounts did since the last step, and in it, came before the crowd's own trades.
    this.#printed.delete(index);
    return [...printed, ...trades];
  }

  /** Puts a trade of an account on the tape; it is told with the next step of its instrument. */
  print(index: number, what: { ticks: number; lots: number; isBuyerMaker: boolean }): MarketTrade {
    const trade = this.#flowAt(index).print(what);
    const printed = this.#printed.get(index);
    if (printed === undefined) this.#printed.set(index, [trade]);
    else printed.push(trade);
    return trade;
  }

  /** Lets everybody at an instrument be wrong about its value by a factor; 1 ends it. */
  lean(index: number, factor: number): void {
    this.#flowAt(index).leanFactor = factor;
  }

  #flowAt(index: number): OrderFlow {
    const flow = this.#flows[index];
    assert(flow !== undefined, "the instrument has a flow");
    return flow;
  }

  /** What the mark price of an instrument follows: its fair price, in ticks with a fraction. */
  fairTicks(index: number): number {
    const { rules } = this.instrumentAt(index);
    return this.#fairValues.price(rules.base, rules.quote) * 10 ** rules.priceDigits;
  }

  /** Leaps the update ids, as after a restart of the venue; the books stay what they are. */
  leap(): void {
    this.#globalSeq += RESTART_LEAP_COUNT;
    if (this.#seqRule === "global") return;
    for (const instrument of this.instruments) {
      instrument.leapTo(instrument.lastSeq + RESTART_LEAP_COUNT);
    }
  }

  #nextGlobalSeq(): number {
    this.#globalSeq += 1 + this.#seqRandom.integer(GLOBAL_SEQ_STEP_MAX);
    return this.#globalSeq;
  }
}
