/**
 * Station: what became of an order -> the next step of its cycle. The state machine of cycles.
 *
 *   leg 0 -> leg 1 -> leg 2 -> settle -> ended
 *     |        |        |        ^
 *     `--------+--------+--------'   nothing filled, aborted, denied: get out of what is held
 *
 * A leg passes on what was really received. A step is taken only when an order is settled: at its end, with
 * all of its trades known; an order of unknown fate holds its cycle where it is. A cycle ends flat, or with
 * a residual that has a name and an alarm; it is never forgotten.
 */
import { assert } from "../../../contracts/assert.ts";
import { isSettled, type Order } from "../order/order.ts";
import type { BookSlot, World } from "../world.ts";
import { alarm } from "./alarms.ts";
import { type Cycle, type CycleOrder, holdingOf, noteOrder, orderOf } from "./cycle.ts";
import { endCycle } from "./end.ts";
import { planLeg } from "./leg-plan.ts";
import { marketBetween } from "./market-between.ts";
import { sendOrder, stampOf } from "./send.ts";
import type { Trading } from "./trading.ts";

/** What kills name. */
export const STRATEGY = "triangle";
/** What cannot be done now (a book is void, a control blocks) is tried again after this, then twice... */
const TRY_AGAIN_US = 20_000;
const TRY_AGAIN_US_MAX = 500_000;
/** How long a cycle waits for a book to come back before what it holds is a residual. */
const WAIT_MAX_US = 30_000_000;
/** A leg waits no longer than this; then the cycle gets out instead (PT26). */
const LEG_WAIT_US = 2_000_000;

/** Takes up what is known now of an order of a cycle; `newFills` of them came just now. */
export function onOrderSeen(world: World, trade: Trading, order: Order, newFills: number): void {
  if (order.cycle === 0) return;
  const cycle = findCycle(trade, order.cycle);
  const mine = cycle === undefined ? undefined : orderOf(cycle, order.clientId);
  if (cycle === undefined || mine === undefined) return;
  noteOrder(cycle, mine, order);
  if (cycle.step === "ended") {
    const text = `${order.clientId} was filled after its cycle ended`;
    if (newFills > 0) alarm(world, 2, "lateFill", order, text);
    return;
  }
  if (cycle.step === "recovering") {
    settleRecovered(world, trade, cycle);
    return;
  }
  if (order.clientId === cycle.waitingFor && isSettled(order)) advance(world, trade, cycle, mine);
}

/** After a reading, which may have changed any order: every cycle looks at the one it waits for. */
export function syncCycles(world: World, trade: Trading): void {
  for (const cycle of [...trade.cycles]) {
    if (cycle.step === "recovering") {
      settleRecovered(world, trade, cycle);
      continue;
    }
    const order = trade.orders.table.get(cycle.waitingFor);
    if (order !== undefined) onOrderSeen(world, trade, order, 0);
  }
}

function findCycle(trade: Trading, number: number): Cycle | undefined {
  return (
    trade.cycles.find((cycle) => cycle.number === number) ??
    trade.recent.find((cycle) => cycle.number === number)
  );
}

/** The order that was waited for is settled. */
function advance(world: World, trade: Trading, cycle: Cycle, mine: CycleOrder): void {
  cycle.waitingFor = "";
  cycle.waitingSinceUs = world.nowUs;
  if (cycle.step === "exit") {
    settle(world, trade, cycle);
    return;
  }
  assert(cycle.step === "leg", "a cycle waits for a leg or an exit");
  if (mine.filledLots === 0) {
    failLeg(world, trade, cycle, `leg ${cycle.leg} was not filled: ${mine.state}`);
  } else if (cycle.leg < 2) {
    cycle.leg++;
    cycle.legTries = 0;
    beginLeg(world, trade, cycle);
  } else settle(world, trade, cycle);
}

/** Begins the leg that is due, unless the cycle was canceled meanwhile. */
function beginLeg(world: World, trade: Trading, cycle: Cycle): void {
  if (cycle.abortReason !== "") {
    settle(world, trade, cycle);
    return;
  }
  if (trade.plan.awaitBalanceUs > 0 && trade.accounts[cycle.venue]?.plan.mode !== "paper") {
    cycle.step = "balance";
    return;
  }
  placeLeg(world, trade, cycle);
}

/** The venue has spoken of a balance, or it was waited for long enough: the leg goes on. */
export function onBalance(world: World, trade: Trading, venue: number): void {
  for (const cycle of [...trade.cycles]) {
    if (cycle.venue === venue && cycle.step === "balance") placeLeg(world, trade, cycle);
  }
}

/** Sends the leg under way with all that the cycle holds of its asset. */
function placeLeg(world: World, trade: Trading, cycle: Cycle): void {
  cycle.step = "leg";
  const planned = cycle.planned[cycle.leg];
  assert(planned !== undefined, "a cycle that goes on has a plan");
  const slot = world.slots[planned.instrument];
  assert(slot !== undefined, "a leg has a book");
  const held = holdingOf(cycle, planned.inputAsset);
  const free = trade.orders.table.ledger.free(cycle.venue, planned.inputAsset);
  // Fees in a third asset that is also this one may have taken a share (L10): never more than is there.
  const input = held < free ? held : free;
  if (!isUsable(slot)) {
    waitOrFail(world, trade, cycle, "its book is not live");
    return;
  }
  const { limits } = trade.risk;
  const plan = legPlan(trade, slot, planned.side, input, limits.collarPpm);
  if (plan === undefined) {
    failLeg(world, trade, cycle, `leg ${cycle.leg}: less than one lot`);
    return;
  }
  const sent = sendOrder(
    world,
    trade,
    {
      venue: cycle.venue,
      instrument: planned.instrument,
      side: planned.side,
      priceTicks: plan.limitTicks,
      lots: plan.lots,
      purpose: "finish",
      cycle: cycle.number,
      leg: cycle.leg,
      books: [stampOf(world, planned.instrument)],
      deniedBy: cycle.deniedBy,
    },
    contextOf(cycle),
  );
  if (!sent.ok) {
    cycle.deniedBy = sent.denial.control;
    waitOrFail(world, trade, cycle, `${sent.denial.control}: ${sent.denial.reason}`);
    return;
  }
  addOrder(cycle, sent.order, planned.touchTicks, plan.touchTicks, planned);
}

type Ways = { readonly inputAsset: string; readonly outputAsset: string };

/** Notes an order of this cycle as on its way, and waits for it. */
export function addOrder(
  cycle: Cycle,
  order: Order,
  signalTicks: number,
  fireTicks: number,
  { inputAsset, outputAsset }: Ways,
): void {
  cycle.orders.push({
    leg: order.leg,
    instrument: order.instrument,
    side: order.side,
    clientId: order.clientId,
    inputAsset,
    outputAsset,
    lots: order.lots,
    limitTicks: order.priceTicks,
    signalTicks,
    fireTicks,
    state: order.state,
    filledLots: 0,
    input: 0n,
    output: 0n,
    fees: new Map(),
    firedUs: order.sentUs,
    ackUs: 0,
    fillUs: 0,
    endUs: 0,
  });
  cycle.waitingFor = order.clientId;
  cycle.waitingSinceUs = order.sentUs;
  cycle.waits = 0;
  cycle.deniedBy = "";
}

function contextOf(cycle: Cycle) {
  return {
    opportunity: cycle.opportunity,
    strategy: STRATEGY,
    edgePpm: cycle.edgePpm,
    cycleSinceUs: cycle.signalUs,
  };
}

function legPlan(
  trade: Trading,
  slot: BookSlot,
  side: "buy" | "sell",
  input: bigint,
  collarPpm: number,
) {
  const { index } = slot.instrument;
  const instrument = trade.instruments[index];
  assert(instrument !== undefined, "every book has rules");
  const taken = side === "buy" ? slot.book.asks : slot.book.bids;
  const fee = trade.accounts[slot.venue]?.fees.get(index);
  const onTopPpb = fee?.paidIn === "quote" ? Math.max(0, fee.takerPpb) : 0;
  return planLeg(instrument, side, taken, input, onTopPpb, collarPpm);
}

function isUsable({ book, phase }: BookSlot): boolean {
  return book.state === "live" && phase === "idle" && !book.bids.isEmpty && !book.asks.isEmpty;
}

/** What blocks may pass: the cycle looks again in a moment, but not for ever. */
function waitOrFail(world: World, trade: Trading, cycle: Cycle, reason: string): void {
  if (world.nowUs - cycle.waitingSinceUs < LEG_WAIT_US / trade.plan.timeDivisor) {
    waitAWhile(world, cycle);
    return;
  }
  failLeg(world, trade, cycle, `leg ${cycle.leg}: ${reason}`);
}

function waitAWhile(world: World, cycle: Cycle): void {
  cycle.retryUs = world.nowUs + Math.min(TRY_AGAIN_US * 2 ** cycle.waits, TRY_AGAIN_US_MAX);
  cycle.waits++;
}

/** A leg came to nothing: by the policy it is tried once more on new data, or the cycle gets out. */
function failLeg(world: World, trade: Trading, cycle: Cycle, reason: string): void {
  if (cycle.failure === "") cycle.failure = reason;
  const { singleLegPolicy, exitTriesMax } = trade.plan;
  if (cycle.leg > 0 && singleLegPolicy === "proceed" && cycle.legTries < exitTriesMax) {
    cycle.legTries++;
    cycle.waitingSinceUs = world.nowUs;
    placeLeg(world, trade, cycle);
    return;
  }
  settle(world, trade, cycle);
}

/** Gets out of whatever the cycle still holds between, one asset after the other; then it ends. */
export function settle(world: World, trade: Trading, cycle: Cycle): void {
  cycle.step = "exit";
  cycle.waitingFor = "";
  cycle.retryUs = 0;
  for (const [asset, amount] of [...cycle.holdings]) {
    if (asset === cycle.startAsset || amount <= 0n) continue;
    const step = tryExit(world, trade, cycle, asset, amount);
    if (step === "sent") return;
    if (step === "wait") {
      if (world.nowUs - cycle.waitingSinceUs < WAIT_MAX_US / trade.plan.timeDivisor) {
        waitAWhile(world, cycle);
        return;
      }
      cycle.isStranded = true;
    }
  }
  endCycle(world, trade, cycle);
}

/** `dust`: too little to be sold. `never`: policy, kill or the number of tries forbid it. */
type ExitStep = "sent" | "wait" | "dust" | "never";

function tryExit(
  world: World,
  trade: Trading,
  cycle: Cycle,
  asset: string,
  amount: bigint,
): ExitStep {
  const market = marketBetween(trade.instruments, world, cycle.venue, asset, cycle.startAsset);
  if (market === undefined) return "dust";
  const { instrument, side } = market;
  const slot = world.slots[instrument.index];
  assert(slot !== undefined, "every instrument has a book");
  const isUsed = isUsable(slot);
  const plan = isUsed ? legPlan(trade, slot, side, amount, trade.plan.exitCollarPpm) : undefined;
  if (isUsed && (plan === undefined || trade.risk.isBelowMinimum(instrument, side, plan))) {
    return "dust";
  }
  const isGivenUp =
    trade.plan.singleLegPolicy === "hold" || cycle.exitTries >= trade.plan.exitTriesMax;
  if (isGivenUp || trade.risk.mayNotExit(cycle.venue, instrument, STRATEGY)) {
    cycle.isStranded = true;
    return "never";
  }
  if (plan === undefined) return "wait";
  const sent = sendOrder(
    world,
    trade,
    {
      venue: cycle.venue,
      instrument: instrument.index,
      side,
      priceTicks: plan.limitTicks,
      lots: plan.lots,
      purpose: "exit",
      cycle: cycle.number,
      leg: 3 + cycle.exitTries,
      books: [stampOf(world, instrument.index)],
      deniedBy: cycle.deniedBy,
    },
    contextOf(cycle),
  );
  if (!sent.ok) {
    cycle.deniedBy = sent.denial.control;
    return "wait";
  }
  cycle.exitTries++;
  addOrder(cycle, sent.order, plan.touchTicks, plan.touchTicks, {
    inputAsset: asset,
    outputAsset: cycle.startAsset,
  });
  return "sent";
}

/** A cycle of an earlier process: once all its orders are settled, what they left is got out of. */
export function settleRecovered(world: World, trade: Trading, cycle: Cycle): void {
  const { table } = trade.orders;
  let isOpen = false;
  for (const mine of cycle.orders) {
    const order = table.get(mine.clientId);
    if (order === undefined) continue;
    noteOrder(cycle, mine, order);
    if (!isSettled(order)) isOpen = true;
  }
  if (isOpen || trade.accounts[cycle.venue]?.phase !== "ready") return;
  cycle.waitingSinceUs = world.nowUs;
  settle(world, trade, cycle);
}

/** A book can be used: cycles that wait for it need not wait for their timer. */
export function onBooksBack(world: World, trade: Trading, slot: BookSlot): void {
  for (const cycle of [...trade.cycles]) {
    if (cycle.retryUs === 0 || cycle.waitingFor !== "" || cycle.venue !== slot.venue) continue;
    if (cycle.step === "leg" && cycle.planned[cycle.leg]?.instrument !== slot.instrument.index) {
      continue;
    }
    if (world.nowUs >= cycle.retryUs) retry(world, trade, cycle);
  }
}

function retry(world: World, trade: Trading, cycle: Cycle): void {
  cycle.retryUs = 0;
  if (cycle.step === "leg") beginLeg(world, trade, cycle);
  else if (cycle.step === "exit") settle(world, trade, cycle);
}

/** Looks at every cycle that waits for time to pass. Called after each control event. */
export function checkCycles(world: World, trade: Trading): void {
  for (const cycle of [...trade.cycles]) {
    const balanceUs = cycle.waitingSinceUs + trade.plan.awaitBalanceUs;
    if (cycle.step === "balance" && world.nowUs >= balanceUs) {
      placeLeg(world, trade, cycle);
    } else if (cycle.waitingFor === "" && cycle.retryUs > 0 && world.nowUs >= cycle.retryUs) {
      retry(world, trade, cycle);
    }
  }
}

/** When a cycle wants a timer. */
export function cyclesDueUs(trade: Trading): number {
  let due = Number.POSITIVE_INFINITY;
  for (const cycle of trade.cycles) {
    if (cycle.step === "balance") {
      due = Math.min(due, cycle.waitingSinceUs + trade.plan.awaitBalanceUs);
    }
    if (cycle.retryUs > 0) due = Math.min(due, cycle.retryUs);
  }
  return due;
}

/** Cancels cycles between legs: what is on its way is followed to its end, nothing new begins (L14). */
export function abortCycles(
  trade: Trading,
  reason: string,
  isMeant: (cycle: Cycle) => boolean,
): void {
  for (const cycle of trade.cycles) {
    if (cycle.abortReason === "" && isMeant(cycle)) cycle.abortReason = reason;
  }
}
