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
import type { World } from "../world.ts";
import { alarm } from "./alarms.ts";
import { type Cycle, type CycleOrder, holdingOf, noteOrder, orderOf } from "./cycle.ts";
import { settle, settleRecovered } from "./exits.ts";
import { addOrder, contextOf, isUsable, legPlan, waitAWhile } from "./order-step.ts";
import { sendOrder, stampOf } from "./send.ts";
import type { Trading } from "./trading.ts";

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

/** Begins the leg that is due. */
function beginLeg(world: World, trade: Trading, cycle: Cycle): void {
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

/**
 * Sends the leg under way with all that the cycle holds of its asset, unless the cycle was canceled
 * meanwhile. Every way to a later leg leads through here.
 */
function placeLeg(world: World, trade: Trading, cycle: Cycle): void {
  if (cycle.abortReason !== "") {
    settle(world, trade, cycle);
    return;
  }
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

/** What blocks may pass: the cycle looks again in a moment, but not for ever. */
function waitOrFail(world: World, trade: Trading, cycle: Cycle, reason: string): void {
  if (world.nowUs - cycle.waitingSinceUs < LEG_WAIT_US / trade.plan.timeDivisor) {
    waitAWhile(world, cycle);
    return;
  }
  failLeg(world, trade, cycle, `leg ${cycle.leg}: ${reason}`);
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
