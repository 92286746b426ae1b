/**
 * Station: candidate -> what it earns exactly at its best size, or why it is no opportunity.
 *
 * Three sides of books are read, a sweep in doubles finds roughly where the best size is, and a handful of
 * sizes around it are worked out in integers: whole lots, fees rounded as the venue rounds, minimums. Only
 * those integers leave. The best is chosen for its surplus: what is earned beyond the least edge, so that
 * every further lot has to earn that edge itself.
 */
import { assert } from "../../../contracts/assert.ts";
import type { Book } from "../book/book.ts";
import type { Budgets } from "./budgets.ts";
import { LegDepth } from "./depth.ts";
import type { Detector } from "./detector.ts";
import type { Evaluation, Outcome } from "./evaluation.ts";
import { PPB } from "./fee.ts";
import { type Depths, NarrowCascade } from "./narrow.ts";
import { Sweep } from "./sweep.ts";
import { type CycleTerms, type LegTerms, termsOf } from "./terms.ts";
import { WideCascade } from "./wide.ts";

const PPM = 1_000_000;
const BPS_PER_UNIT = 10_000;

export type SizeLimits = {
  /** Least edge of the cycle and of every further lot. */
  readonly edgePpmMin: number;
  /** More than this at the touch is a fault of the data. */
  readonly edgePpmMax: number;
  /** Share of the visible quantity of a side that a leg may take. */
  readonly depthSharePpm: number;
  /** Levels that a leg may walk, at most `LEVELS_MAX`. */
  readonly levelsMax: number;
};

/** Where the books are: slots of the world, by index of the instrument. */
export type BookSource = readonly { readonly book: Book }[];

/** What both ways of working a cycle out have in common. */
type Cascade = Pick<NarrowCascade, "run" | "lots0For" | "leastLots0"> & {
  readonly surplus: number | bigint;
};

const LEGS = 3;

/** A quantity of the sweep that is a whole number of lots comes out this little below it. */
const WHOLE_SLACK = 1e-7;

/**
 * Sizes worked out on either side of the best bend. What whole lots round away is worth up to a lot of
 * each leg: of a few lots it is most of the gain, and of many thousands it is nothing.
 */
const SPANS: readonly (readonly [lotsMax: number, span: number])[] = [
  [32, 32],
  [3000, 3],
  [30_000, 1],
];

export class Evaluator {
  readonly #detector: Detector;
  readonly #terms: (CycleTerms | undefined)[];
  readonly #versions: Float64Array;
  readonly #depths: Depths = [new LegDepth(), new LegDepth(), new LegDepth()];
  readonly #sweep = new Sweep();
  readonly #narrow = new NarrowCascade();
  readonly #wide = new WideCascade();
  /** Best size of the search so far, in lots of the first leg, and its surplus. */
  #best = 0;
  #surplus: number | bigint = 0;
  /** Whether a size of the search was large enough for every leg. */
  #hasRun = false;

  constructor(detector: Detector) {
    this.#detector = detector;
    this.#terms = detector.cycles.map(() => undefined);
    this.#versions = new Float64Array(detector.cycles.length);
  }

  /**
   * Evaluates one cycle over live books and fills `into`; true when it is an opportunity. The caller
   * answers for the books: each has been asked for by `mayDecide`. Amounts in `into` are those of an
   * opportunity only; otherwise nothing but the outcome is said.
   */
  evaluate(
    cycle: number,
    books: BookSource,
    limits: SizeLimits,
    budgets: Budgets,
    into: Evaluation,
  ): boolean {
    const terms = this.#termsOf(cycle);
    into.cycle = cycle;
    into.terms = terms;
    into.outcome =
      terms === undefined ? "unknownFee" : this.#size(cycle, terms, books, limits, budgets, into);
    return into.outcome === "opportunity";
  }

  #size(
    cycle: number,
    terms: CycleTerms,
    books: BookSource,
    limits: SizeLimits,
    budgets: Budgets,
    into: Evaluation,
  ): Outcome {
    assert(Number.isSafeInteger(limits.edgePpmMin), "the least edge is in whole parts per million");
    const asset = this.#detector.cycles[cycle]?.assets[0] ?? "";
    const budget = budgets.unitsOf(asset, terms.decimals[0]);
    if (!(budget > 0)) return "noBudget";
    if (!this.#readDepths(terms, books, limits, budget)) return "noDepth";
    const narrow = this.#narrow;
    narrow.begin(terms, this.#depths, limits.edgePpmMin);
    into.isWide = narrow.isOver;
    if (narrow.isOver) {
      const wide = this.#wide;
      wide.begin(terms, this.#depths, limits.edgePpmMin);
      const units = budgets.wideUnitsOf(asset, terms.decimals[0]);
      this.#depths[0].trim(wide.lotsFor(0, units));
    } else {
      this.#depths[0].trim(narrow.lotsFor(0, budget));
    }
    const refusal = this.#sweepDepths(terms, limits);
    if (refusal !== undefined) return refusal;
    const best = this.#bestSize(into.isWide ? this.#wide : narrow);
    if (best === 0) return this.#hasRun ? "belowEdge" : "belowMinimum";
    if (into.isWide) fillWide(this.#wide, best, into);
    else fillNarrow(narrow, best, into);
    return "opportunity";
  }

  /** Worked out once for each cycle, and again when a fee or a rule has changed. */
  #termsOf(cycle: number): CycleTerms | undefined {
    const { termsVersion } = this.#detector;
    if (this.#versions[cycle] === termsVersion) return this.#terms[cycle];
    const known = this.#detector.cycles[cycle];
    assert(known !== undefined, "a cycle that is evaluated exists");
    const terms = termsOf(known, this.#detector);
    this.#terms[cycle] = terms;
    this.#versions[cycle] = termsVersion;
    return terms;
  }

  #readDepths(terms: CycleTerms, books: BookSource, limits: SizeLimits, budget: number): boolean {
    let reach = budget;
    for (let leg = 0; leg < LEGS; leg++) {
      const ofLeg = terms.legs[leg] as LegTerms;
      const depth = this.#depths[leg] as LegDepth;
      const book = books[ofLeg.instrument]?.book;
      assert(book !== undefined, "an instrument of a cycle has a book");
      reach = depth.read(book, ofLeg, limits.depthSharePpm, limits.levelsMax, reach);
      if (depth.count === 0) return false;
    }
    return true;
  }

  /** Finds roughly the best size, or says why none is worth looking for. */
  #sweepDepths(terms: CycleTerms, limits: SizeLimits): Outcome | undefined {
    if (this.#depths[0].count === 0) return "noBudget";
    const { least } = this.#sweep;
    for (let leg = 0; leg < LEGS; leg++) {
      const { bounds } = terms.legs[leg] as LegTerms;
      const ticks = (this.#depths[leg] as LegDepth).ticks[0] as number;
      least[leg] = Math.max(bounds.lotsMin, bounds.stepsMin / ticks) - WHOLE_SLACK;
    }
    const hurdle = 1 + limits.edgePpmMin / PPM + terms.thirdPaidPpb / PPB;
    this.#sweep.run(this.#depths, hurdle, 1 - terms.thirdReceivedPpb / PPB);
    const { touchRate, isWorthwhile } = this.#sweep;
    if (touchRate > 1 + limits.edgePpmMax / PPM) return "implausible";
    return isWorthwhile ? undefined : "belowEdge";
  }

  /** The size with the largest surplus of those tried; 0 when none has any. */
  #bestSize(cascade: Cascade): number {
    this.#hasRun = false;
    this.#best = 0;
    this.#surplus = 0;
    if (this.#sweep.earned > 0) this.#searchBend(cascade);
    // Too small for a minimum, as it stands or in whole lots: the least that is none, if that pays.
    if (!this.#hasRun) this.#try(cascade, cascade.leastLots0());
    return this.#best;
  }

  /**
   * The leg whose lots are worth most decides: it goes to whole lots around the bend, and the first leg
   * buys no more than these need.
   */
  #searchBend(cascade: Cascade): void {
    const { best } = this.#sweep;
    const leg = this.#coarsestLeg();
    const whole = Math.floor((best[leg] as number) + WHOLE_SLACK);
    const span = spanOf(whole);
    for (let lots = whole + span; lots > 0 && lots >= whole - span; lots--) {
      this.#try(cascade, cascade.lots0For(leg, lots));
    }
    // At the end of a ladder there may be no lot to spare for fees that are rounded up.
    if (leg !== 0) this.#try(cascade, Math.floor((best[0] as number) + WHOLE_SLACK));
  }

  #try(cascade: Cascade, lots: number): void {
    const [first] = this.#depths;
    const most = first.lotsTo[first.count - 1] as number;
    if (!(lots > 0 && lots <= most) || !cascade.run(lots)) return;
    this.#hasRun = true;
    if (cascade.surplus <= this.#surplus) return;
    this.#surplus = cascade.surplus;
    this.#best = lots;
  }

  #coarsestLeg(): 0 | 1 | 2 {
    const [a, b, c] = this.#depths;
    // Value of a lot of each leg in what the first one pays, at the touch.
    const first = a.takes[0] as number;
    const second = (first * (b.takes[0] as number)) / (a.gives[0] as number);
    const third = (second * (c.takes[0] as number)) / (b.gives[0] as number);
    if (first >= second && first >= third) return 0;
    return second >= third ? 1 : 2;
  }
}

function spanOf(lots: number): number {
  for (const [lotsMax, span] of SPANS) if (lots <= lotsMax) return span;
  return 0;
}

function fillNarrow(narrow: NarrowCascade, lots: number, into: Evaluation): void {
  const isRun = narrow.run(lots);
  assert(isRun, "the size that was chosen is one that ran");
  assert(!narrow.isOver, "amounts of a narrow depth are safe integers");
  for (let leg = 0; leg < LEGS; leg++) {
    into.lots[leg] = narrow.lots[leg] as number;
    into.limitTicks[leg] = narrow.limitTicks[leg] as number;
    into.paid[leg] = narrow.paid[leg] as number;
    into.received[leg] = narrow.received[leg] as number;
    into.fees[leg] = narrow.fees[leg] as number;
  }
  into.profit = narrow.profit;
  into.surplus = narrow.surplus;
  into.edgeBps = (narrow.profit / (narrow.paid[0] as number)) * BPS_PER_UNIT;
}

/** Amounts as bigints, and as rounded numbers beside them for whoever only shows them. */
function fillWide(wide: WideCascade, lots: number, into: Evaluation): void {
  const isRun = wide.run(lots);
  assert(isRun, "the size that was chosen is one that ran");
  for (let leg = 0; leg < LEGS; leg++) {
    into.lots[leg] = wide.lots[leg] as number;
    into.limitTicks[leg] = wide.limitTicks[leg] as number;
    into.paid[leg] = Number(wide.paid[leg]);
    into.received[leg] = Number(wide.received[leg]);
    into.fees[leg] = Number(wide.fees[leg]);
  }
  into.wide.paid = [...wide.paid];
  into.wide.received = [...wide.received];
  into.wide.fees = [...wide.fees];
  into.wide.profit = wide.profit;
  into.profit = Number(wide.profit);
  into.surplus = Number(wide.surplus);
  into.edgeBps = (into.profit / (into.paid[0] as number)) * BPS_PER_UNIT;
}
