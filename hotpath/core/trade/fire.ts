/**
 * Station: a book that has moved -> cycles that pay -> the first order, in the same turn.
 *
 * The detector screens in doubles, the evaluation is exact, the gate has the last word. Whatever was seen and
 * not acted upon is recorded with its reason, once for each cooldown, so that a book that stays where it is
 * does not fill the journal. An order waits for nothing: its cycle, its record and the other candidates of
 * the same touch come when it is on the wire, in the same tick (`conclude`).
 */
import { assert } from "../../../contracts/assert.ts";
import { mayDecide } from "../decide/touch.ts";
import type { Cycle as Triangle } from "../detect/cycles.ts";
import { type Evaluation, paidAmount } from "../detect/evaluation.ts";
import type { BookSlot, World } from "../world.ts";
import type { Cycle, PlannedLeg } from "./cycle.ts";
import {
  grossAtSize,
  grossAtTouch,
  newestExchangeUs,
  predictedText,
  recordOpportunity,
  topText,
} from "./opportunity.ts";
import { addOrder, STRATEGY } from "./order-step.ts";
import { sendOrder, stampOf } from "./send.ts";
import { slotConflict } from "./slots.ts";
import { type Fired, type Trading, updateBudgets, type VenueDesk } from "./trading.ts";

const PPM = 1_000_000;
const BPS = 10_000;
const LEGS = 3;

/** Called after every change of a live book that may be decided upon. */
export function onTouch(world: World, trade: Trading, slot: BookSlot): void {
  const desk = trade.desks[slot.venue];
  if (desk === undefined) return;
  assert(trade.fired === undefined, "the touch before was concluded in its own tick");
  const { bids, asks } = slot.book;
  const { index } = slot.instrument;
  trade.risk.references.clock[0] = world.nowUs;
  trade.risk.onTouch(index, bids.bestTicks, asks.bestTicks);
  const count = desk.detector.onTouch(index, slot.book);
  if (count > 0) considerFrom(world, trade, desk, 0, count);
}

/** Looks at the candidates of a touch until one of them has fired; the others wait for `conclude`. */
function considerFrom(
  world: World,
  trade: Trading,
  desk: VenueDesk,
  from: number,
  count: number,
): void {
  for (let i = from; i < count; i++) {
    consider(world, trade, desk, desk.detector.candidates[i] as number);
    if (trade.fired === undefined) continue;
    trade.fired.nextCandidate = i + 1;
    trade.fired.candidateCount = count;
    return;
  }
}

/**
 * What could wait until an order was on the wire: its cycle, its record, the other candidates of the touch.
 * Called in the tick that fired, before anything else may change a book.
 */
export function conclude(world: World, trade: Trading): void {
  for (let fired = trade.fired; fired !== undefined; fired = trade.fired) {
    trade.fired = undefined;
    beginCycle(world, trade, fired);
    considerFrom(world, trade, fired.desk, fired.nextCandidate, fired.candidateCount);
  }
}

/** A book is not to be believed any more: its cycles score nothing until it is touched again. */
export function onBookVoid(trade: Trading, slot: BookSlot): void {
  trade.desks[slot.venue]?.detector.onVoid(slot.instrument.index);
}

function consider(world: World, trade: Trading, desk: VenueDesk, key: number): void {
  const { detector, evaluation, account } = desk;
  if ((detector.suppressedUntilUs[key] as number) > world.nowUs) return;
  const triangle = detector.cycles[key];
  assert(triangle !== undefined, "a candidate is a cycle of its detector");
  if (!areDecidable(world, triangle)) return;
  const { limits } = trade.risk;
  const isWorth = desk.evaluator.evaluate(
    key,
    world.slots,
    {
      edgePpmMin: trade.edgePpmMin,
      edgePpmMax: limits.edgePpmMax,
      depthSharePpm: limits.orderDepthSharePpm,
      levelsMax: desk.levelsMax,
    },
    desk.budgets,
    evaluation,
  );
  if (!isWorth) {
    if (evaluation.outcome === "belowEdge") return;
    rest(world, trade, desk, key);
    const decision = evaluation.outcome === "implausible" ? "implausible" : "tooSmall";
    recordOpportunity(world, trade, desk, triangle, decision, evaluation.outcome);
    return;
  }
  const why = whyNot(trade, desk, triangle);
  rest(world, trade, desk, key);
  if (why !== "") {
    recordOpportunity(world, trade, desk, triangle, "suppressed", why);
    return;
  }
  assert(account.phase === "ready", "only an account that is ready is traded on");
  fire(world, trade, desk, triangle);
}

/**
 * Whatever is made of it, the same triangle is not looked at again for the cooldown, nor for as long after the
 * end of its cycle. An opportunity may stand still: nobody touches its books again, so time brings it back.
 */
export function rest(world: World, trade: Trading, desk: VenueDesk, key: number): void {
  const untilUs = world.nowUs + trade.plan.cooldownUs;
  desk.detector.suppressedUntilUs[key] = untilUs;
  desk.scanUs = Math.min(desk.scanUs, untilUs);
}

/** Looks again at what rested, once its rest is over. Called after every control event. */
export function lookAgain(world: World, trade: Trading): void {
  for (const desk of trade.desks) {
    if (desk === undefined || world.nowUs < desk.scanUs) continue;
    desk.scanUs = Number.POSITIVE_INFINITY;
    const { detector } = desk;
    const count = detector.scan();
    // Those that still rest ask for the next look.
    for (let i = 0; i < count; i++) {
      const key = detector.candidates[i] as number;
      const untilUs = detector.suppressedUntilUs[key] as number;
      if (untilUs > world.nowUs) desk.scanUs = Math.min(desk.scanUs, untilUs);
      else {
        consider(world, trade, desk, key);
        conclude(world, trade);
      }
    }
  }
}

function areDecidable(world: World, triangle: Triangle): boolean {
  for (const { instrument } of triangle.legs) {
    const slot = world.slots[instrument];
    if (slot === undefined || !mayDecide(world, slot)) return false;
  }
  return true;
}

/** Reasons that are no risk control's but the executor's own. */
function whyNot(trade: Trading, desk: VenueDesk, triangle: Triangle): string {
  if (trade.drain !== undefined) return "draining";
  if (desk.account.phase !== "ready") return `the account is ${desk.account.phase}`;
  return slotConflict(
    trade.cycles,
    {
      venue: desk.account.plan.venue,
      key: triangle.index,
      startAsset: triangle.assets[0],
      instruments: triangle.legs.map(({ instrument }) => instrument),
    },
    trade.plan,
  );
}

function fire(world: World, trade: Trading, desk: VenueDesk, triangle: Triangle): void {
  const { evaluation } = desk;
  const books = triangle.legs.map(({ instrument }) => stampOf(world, instrument));
  const planned = plannedLegs(world, triangle, evaluation);
  const [first] = planned;
  assert(first !== undefined, "a cycle has a first leg");
  trade.cycleCount++;
  const edgePpm = (evaluation.profit / (evaluation.paid[0] as number)) * PPM;
  const opportunity = trade.opportunityCount + 1;
  const { venue } = desk.account.plan;
  const sent = sendOrder(
    world,
    trade,
    {
      venue,
      instrument: first.instrument,
      side: first.side,
      priceTicks: first.limitTicks,
      lots: first.lots,
      purpose: "open",
      cycle: trade.cycleCount,
      leg: 0,
      books,
      deniedBy: "",
    },
    { opportunity, strategy: STRATEGY, edgePpm, cycleSinceUs: world.nowUs },
  );
  if (!sent.ok) {
    trade.cycleCount--;
    recordOpportunity(
      world,
      trade,
      desk,
      triangle,
      "denied",
      `${sent.denial.control}: ${sent.denial.reason}`,
    );
    return;
  }
  const { order } = sent;
  const none = { nextCandidate: 0, candidateCount: 0 };
  trade.fired = { desk, triangle, planned, books, edgePpm, order, ...none };
}

function beginCycle(world: World, trade: Trading, fired: Fired): void {
  const { desk, triangle, planned, order } = fired;
  const [first] = planned;
  assert(first !== undefined, "a cycle has a first leg");
  recordOpportunity(world, trade, desk, triangle, "fired", "");
  const cycle = cycleOf(world, trade, fired);
  addOrder(cycle, order, first.touchTicks, first.touchTicks, first);
  trade.cycles.push(cycle);
  // What the order keeps back is not offered to the next candidate of the same touch.
  updateBudgets(trade, cycle.venue);
}

function cycleOf(
  world: World,
  trade: Trading,
  { desk, triangle, planned, books, edgePpm, order }: Fired,
): Cycle {
  const { evaluation } = desk;
  const gross = grossAtTouch(world, triangle);
  return {
    number: order.cycle,
    key: triangle.index,
    venue: desk.account.plan.venue,
    corr: `${trade.plan.fence}-${order.command}`,
    opportunity: trade.opportunityCount,
    edgePpm,
    triangle: triangle.assets,
    startAsset: triangle.assets[0],
    startAmount: paidAmount(evaluation, 0),
    planned,
    predictedBps: predictedText(evaluation),
    grossBps: (gross - 1) * BPS,
    depthBps: (gross - grossAtSize(evaluation)) * BPS,
    signalUs: world.nowUs,
    bookTsUs: newestExchangeUs(world, triangle),
    stamps: books,
    tops: triangle.legs.map(({ instrument }) => topText(world, trade, instrument)),
    orders: [],
    holdings: new Map(),
    step: "leg",
    leg: 0,
    waitingFor: "",
    waitingSinceUs: world.nowUs,
    retryUs: 0,
    waits: 0,
    deniedBy: "",
    exitTries: 0,
    exitsOf: new Map(),
    legTries: 0,
    failure: "",
    abortReason: "",
    isStranded: false,
    endUs: 0,
  };
}

function plannedLegs(world: World, triangle: Triangle, evaluation: Evaluation): PlannedLeg[] {
  return triangle.legs.map(({ instrument, isBuy }, leg) => {
    const slot = world.slots[instrument];
    assert(slot !== undefined, "a leg has a book");
    const taken = isBuy ? slot.book.asks : slot.book.bids;
    return {
      instrument,
      side: isBuy ? "buy" : "sell",
      lots: evaluation.lots[leg] as number,
      limitTicks: evaluation.limitTicks[leg] as number,
      touchTicks: taken.bestTicks,
      inputAsset: triangle.assets[leg] as string,
      outputAsset: triangle.assets[(leg + 1) % LEGS] as string,
    };
  });
}
