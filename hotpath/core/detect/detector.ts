/**
 * Station: moved touch -> candidates. The screen in front of the exact evaluation.
 *
 * Each direction through an instrument is an edge with a rate: what one unit yields at the touch, after
 * the taker fee. A cycle's score is the product of its three rates. Beside every edge lie its cycles, with
 * the two other edges inline, so that a moved side costs two loads and two products for each cycle it
 * touches, and nothing for the others, however large the venue is.
 *
 * Scores are doubles and decide nothing: a candidate is evaluated in integers before anything is done.
 * They are compared and not kept, since each is two products away from the rates that are.
 */
import { assert } from "../../../contracts/assert.ts";
import type { Book } from "../book/book.ts";
import type { Instrument } from "../instrument.ts";
import { type Cycle, type CyclesFound, findCycles } from "./cycles.ts";
import { type Fee, PPB, UNKNOWN_FEE } from "./fee.ts";

/**
 * Margin by which the screen is more generous than the threshold. A score comes out of at most twenty
 * rounded operations, each within 2^-53: 2.3e-15 in all, so that nothing exact is screened away. (Rounding
 * of a fee in our favor, worth less than one unit of its last place, is not looked for.)
 */
export const SCREEN_MARGIN = 1e-12;

const PPM = 1_000_000;
const LINK_WORDS = 3;

export type DetectPlan = {
  /** Of one venue; an instrument's `index` may be any. */
  readonly instruments: readonly Instrument[];
  /** In order of preference. */
  readonly startAssets: readonly string[];
  readonly edgePpmMin: number;
};

/** Finds the cycles of the plan and makes their detector. Fees are unknown until they are set. */
export function makeDetector(plan: DetectPlan): Detector {
  return new Detector(plan, findCycles(plan.instruments, plan.startAssets));
}

export class Detector {
  readonly cycles: readonly Cycle[];
  readonly withoutStart: number;
  readonly leftOut: readonly number[];
  /** Data of whoever fires: a cycle in flight or cooling down is not to be fired before this time. */
  readonly suppressedUntilUs: Float64Array;
  /** Cycles over the threshold, as left by the last `onTouch` or `scan`, up to the count it returned. */
  readonly candidates: Int32Array;
  /** Counts changes of fees and rules: what was worked out under an older one is worked out anew. */
  termsVersion = 1;
  /** By index in the world; undefined for instruments of other venues. */
  readonly instruments: (Instrument | undefined)[];
  readonly #fees: Fee[];
  /** Edge 2i is the buy of instrument i, 2i + 1 the sell. */
  readonly #rates: Float64Array;
  /** Rate of an edge at a price of one tick: divided by the ask or multiplied by the bid. */
  readonly #factors: Float64Array;
  readonly #touchTicks: Float64Array;
  /** First link of each edge. */
  readonly #starts: Int32Array;
  /** Other edge, other edge, cycle. */
  readonly #links: Int32Array;
  /** The three edges of each cycle. */
  readonly #edges: Int32Array;
  #screenMin = 0;
  #edgePpmMin = 0;
  #count = 0;

  constructor(plan: DetectPlan, found: CyclesFound) {
    const { cycles, withoutStart, leftOut } = found;
    this.cycles = cycles;
    this.withoutStart = withoutStart;
    this.leftOut = leftOut;
    this.suppressedUntilUs = new Float64Array(cycles.length);
    this.candidates = new Int32Array(cycles.length);
    const rows = plan.instruments.reduce((most, { index }) => Math.max(most, index + 1), 0);
    this.instruments = Array.from({ length: rows }, () => undefined);
    for (const one of plan.instruments) this.instruments[one.index] = one;
    this.#fees = Array.from({ length: rows }, () => UNKNOWN_FEE);
    this.#rates = new Float64Array(2 * rows);
    this.#factors = new Float64Array(2 * rows);
    this.#touchTicks = new Float64Array(2 * rows);
    this.#starts = new Int32Array(2 * rows + 1);
    this.#links = new Int32Array(3 * LINK_WORDS * cycles.length);
    this.#edges = new Int32Array(3 * cycles.length);
    this.#fillLinks(2 * rows);
    this.edgePpmMin = plan.edgePpmMin;
  }

  get edgePpmMin(): number {
    return this.#edgePpmMin;
  }

  /** Takes effect with the next touch; `scan` tells what stands over the new threshold already. */
  set edgePpmMin(value: number) {
    assert(Number.isFinite(value), "the least edge is a number");
    this.#edgePpmMin = value;
    this.#screenMin = (1 + value / PPM) * (1 - SCREEN_MARGIN);
  }

  /** The taker fee of one instrument, as the venue tells it of this account. */
  setFee(instrument: number, fee: Fee): void {
    assert(this.instruments[instrument] !== undefined, "a fee is of an instrument of this venue");
    this.#fees[instrument] = fee;
    this.#renew(instrument);
  }

  feeOf(instrument: number): Fee {
    return this.#fees[instrument] ?? UNKNOWN_FEE;
  }

  /** Newer rules of one instrument, steps unchanged; one that does not trade scores 0. */
  setInstrument(instrument: Instrument): void {
    const { index } = instrument;
    assert(
      this.instruments[index]?.id === instrument.id,
      "newer rules are of an instrument we know",
    );
    this.instruments[index] = instrument;
    this.#renew(index);
  }

  /**
   * The book of `instrument` has changed: re-scores the cycles of each side whose best price moved.
   * Returns how many of them stand over the threshold now, in `candidates`. Never allocates.
   */
  onTouch(instrument: number, book: Book): number {
    const { bids, asks } = book;
    const ask = asks.isEmpty ? 0 : asks.bestTicks;
    const bid = bids.isEmpty ? 0 : bids.bestTicks;
    const buy = 2 * instrument;
    this.#count = 0;
    if (ask !== this.#touchTicks[buy]) this.#moveBuy(buy, ask);
    if (bid !== this.#touchTicks[buy + 1]) this.#moveSell(buy + 1, bid);
    return this.#count;
  }

  /** The book is not to be believed: its cycles score 0 until it is touched again. */
  onVoid(instrument: number): void {
    const buy = 2 * instrument;
    this.#count = 0;
    this.#moveBuy(buy, 0);
    this.#moveSell(buy + 1, 0);
  }

  /** Product of the three rates of a cycle; 0 while a book, a fee or an instrument is not there. */
  scoreOf(cycle: number): number {
    const edges = this.#edges;
    const first = this.#rates[edges[3 * cycle] as number] as number;
    const second = this.#rates[edges[3 * cycle + 1] as number] as number;
    return first * second * (this.#rates[edges[3 * cycle + 2] as number] as number);
  }

  /** All cycles over the threshold, into `candidates`; for the end of a cooldown, not for every book. */
  scan(): number {
    const { candidates } = this;
    let count = 0;
    for (let cycle = 0; cycle < this.cycles.length; cycle++) {
      if (this.scoreOf(cycle) > this.#screenMin) candidates[count++] = cycle;
    }
    return count;
  }

  /** Cycles that `instrument` is part of; what one moved side of it costs at most. */
  cyclesThrough(instrument: number): number {
    const from = this.#starts[2 * instrument] as number;
    return ((this.#starts[2 * instrument + 2] as number) - from) / LINK_WORDS;
  }

  #moveBuy(edge: number, askTicks: number): void {
    this.#touchTicks[edge] = askTicks;
    this.#rescore(edge, askTicks === 0 ? 0 : (this.#factors[edge] as number) / askTicks);
  }

  #moveSell(edge: number, bidTicks: number): void {
    this.#touchTicks[edge] = bidTicks;
    this.#rescore(edge, (this.#factors[edge] as number) * bidTicks);
  }

  /**
   * Compares the product of the two other rates with what the moved one leaves to reach: one product and
   * one comparison for each cycle. A rate of 0 leaves everything to reach, and finds none.
   */
  #rescore(edge: number, rate: number): void {
    const links = this.#links;
    const rates = this.#rates;
    const end = this.#starts[edge + 1] as number;
    const least = this.#screenMin / rate;
    let count = this.#count;
    rates[edge] = rate;
    for (let at = this.#starts[edge] as number; at < end; at += LINK_WORDS) {
      const others =
        (rates[links[at] as number] as number) * (rates[links[at + 1] as number] as number);
      if (others > least) this.candidates[count++] = links[at + 2] as number;
    }
    this.#count = count;
  }

  /** Fee or rules have changed: new factors, and every cycle of the instrument anew. */
  #renew(index: number): void {
    const instrument = this.instruments[index];
    assert(instrument !== undefined, "only what is known is renewed");
    this.termsVersion++;
    const tick = instrument.tickUnits / 10 ** instrument.priceDecimals;
    const { takerPpb, paidIn } = this.feeOf(index);
    const isOpen = instrument.status === "trading" || instrument.status === "limitOnly";
    const kept = isOpen && takerPpb >= 0 ? 1 - takerPpb / PPB : 0;
    const isPaid = paidIn === "quote" && kept > 0;
    this.#factors[2 * index] = isPaid ? 1 / (tick * (1 + takerPpb / PPB)) : kept / tick;
    this.#factors[2 * index + 1] = kept * tick;
    this.#count = 0;
    this.#moveBuy(2 * index, this.#touchTicks[2 * index] as number);
    this.#moveSell(2 * index + 1, this.#touchTicks[2 * index + 1] as number);
  }

  #fillLinks(edges: number): void {
    const linksOf: number[][] = Array.from({ length: edges }, () => []);
    for (const { index, legs } of this.cycles) {
      const [a, b, c] = legs.map(({ instrument, isBuy }) => 2 * instrument + (isBuy ? 0 : 1));
      assert(a !== undefined && b !== undefined && c !== undefined, "a cycle has three legs");
      this.#edges.set([a, b, c], 3 * index);
      linksOf[a]?.push(b, c, index);
      linksOf[b]?.push(a, c, index);
      linksOf[c]?.push(a, b, index);
    }
    let at = 0;
    for (let edge = 0; edge < edges; edge++) {
      this.#starts[edge] = at;
      this.#links.set(linksOf[edge] ?? [], at);
      at += linksOf[edge]?.length ?? 0;
    }
    this.#starts[edges] = at;
  }
}
