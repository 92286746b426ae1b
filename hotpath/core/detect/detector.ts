/**
 * Station: moved touch -> candidates. The screen in front of the exact evaluation.
 *
 * Each direction through an instrument is an edge with a rate: what one unit yields at the touch, after
 * the taker fee. A cycle's score is the product of its three rates. Beside every edge lie its cycles, with
 * the two other edges inline, so that a moved side costs two loads and two products for each cycle it
 * touches, and nothing for the others, however large the venue is.
 *
 * Scores are doubles and decide nothing: a candidate is evaluated in integers before anything is done.
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
  /** Product of the three rates of each cycle; 0 while a book, a fee or an instrument is not there. */
  readonly scores: Float64Array;
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
  /** First leg-0-or-1 link of each edge, then its first leg-2 link. */
  readonly #starts: Int32Array;
  /** Other edge, other edge, cycle. */
  readonly #links: Int32Array;
  #screenMin = 0;
  #edgePpmMin = 0;
  #count = 0;

  constructor(plan: DetectPlan, found: CyclesFound) {
    const { cycles, withoutStart, leftOut } = found;
    this.cycles = cycles;
    this.withoutStart = withoutStart;
    this.leftOut = leftOut;
    this.scores = new Float64Array(cycles.length);
    this.suppressedUntilUs = new Float64Array(cycles.length);
    this.candidates = new Int32Array(cycles.length);
    const rows = plan.instruments.reduce((most, { index }) => Math.max(most, index + 1), 0);
    this.instruments = Array.from({ length: rows }, () => undefined);
    for (const one of plan.instruments) this.instruments[one.index] = one;
    this.#fees = Array.from({ length: rows }, () => UNKNOWN_FEE);
    this.#rates = new Float64Array(2 * rows);
    this.#factors = new Float64Array(2 * rows);
    this.#touchTicks = new Float64Array(2 * rows);
    this.#starts = new Int32Array(4 * rows + 1);
    this.#links = new Int32Array(3 * LINK_WORDS * cycles.length);
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

  /** All cycles over the threshold, into `candidates`; for the end of a cooldown, not for every book. */
  scan(): number {
    const { scores, candidates } = this;
    const least = this.#screenMin;
    let count = 0;
    for (let cycle = 0; cycle < scores.length; cycle++) {
      if ((scores[cycle] as number) > least) candidates[count++] = cycle;
    }
    return count;
  }

  /** Cycles that `instrument` is part of; what one moved side of it costs at most. */
  cyclesThrough(instrument: number): number {
    const from = this.#starts[4 * instrument] as number;
    return ((this.#starts[4 * instrument + 4] as number) - from) / LINK_WORDS;
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
   * Both loops multiply in the order of the legs, (0 x 1) x 2, so that a score is the same double
   * whichever of its edges moved last, and equals that of a full re-score bit by bit.
   */
  #rescore(edge: number, rate: number): void {
    const links = this.#links;
    const rates = this.#rates;
    const { scores, candidates } = this;
    const least = this.#screenMin;
    const split = this.#starts[2 * edge + 1] as number;
    const end = this.#starts[2 * edge + 2] as number;
    let at = this.#starts[2 * edge] as number;
    let count = this.#count;
    rates[edge] = rate;
    for (; at < split; at += LINK_WORDS) {
      const score =
        rate * (rates[links[at] as number] as number) * (rates[links[at + 1] as number] as number);
      const cycle = links[at + 2] as number;
      scores[cycle] = score;
      if (score > least) candidates[count++] = cycle;
    }
    for (; at < end; at += LINK_WORDS) {
      const score =
        (rates[links[at] as number] as number) * (rates[links[at + 1] as number] as number) * rate;
      const cycle = links[at + 2] as number;
      scores[cycle] = score;
      if (score > least) candidates[count++] = cycle;
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
    const early: number[][] = Array.from({ length: edges }, () => []);
    const last: number[][] = Array.from({ length: edges }, () => []);
    for (const { index, legs } of this.cycles) {
      const [a, b, c] = legs.map(({ instrument, isBuy }) => 2 * instrument + (isBuy ? 0 : 1));
      assert(a !== undefined && b !== undefined && c !== undefined, "a cycle has three legs");
      early[a]?.push(b, c, index);
      early[b]?.push(a, c, index);
      last[c]?.push(a, b, index);
    }
    let at = 0;
    for (let edge = 0; edge < edges; edge++) {
      this.#starts[2 * edge] = at;
      this.#links.set(early[edge] ?? [], at);
      at += early[edge]?.length ?? 0;
      this.#starts[2 * edge + 1] = at;
      this.#links.set(last[edge] ?? [], at);
      at += last[edge]?.length ?? 0;
    }
    this.#starts[2 * edges] = at;
  }
}
