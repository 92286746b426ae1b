/**
 * Station: readings of an account -> agreement with the venue, at the start and all day long.
 *
 * An account is ready when a reading agrees and no order of ours is unresolved there. The same reading is
 * the drift audit, the check of open orders and the search for lost fills: one question, asked again and
 * again, whose every difference has one answer (`order/reconcile-cases.ts`).
 */
import { isSettled, type Order } from "../order/order.ts";
import { reconcile } from "../order/reconcile.ts";
import { isBlocked, type ReconcileOutcome } from "../order/reconcile-run.ts";
import type { World } from "../world.ts";
import { type Account, isReadOverdue, READ_AGAIN_US } from "./account.ts";
import type { AccountEvent } from "./events.ts";
import { syncCycles } from "./executor.ts";
import { onAnomaly } from "./killing.ts";
import { recordOrder } from "./order-record.ts";
import type { TradingPlan } from "./plan.ts";
import { putOut, putOutCancel } from "./put-out.ts";
import { type Trading, updateBudgets } from "./trading.ts";

/** Trades are read from this long before the last reading that agreed: clocks differ, streams lag. */
const OVERLAP_US = 60_000_000;

/** So long may questions about orders take the room that the first readings of an account need. */
const READ_HELD_US = 5_000_000;

/** Asks for a reading, unless one is on its way. */
export function askReading(world: World, trade: Trading, account: Account): void {
  if (account.readRequestId > 0 || account.phase === "closed" || account.phase === "opening")
    return;
  const { venue } = account.plan;
  account.readAskedUs = world.nowUs;
  if (world.nowUs < account.silentUntilUs) return;
  if (!trade.risk.venue(venue).rates.maySpend("readAccount", -1, world.nowUs)) {
    if (account.readHeldUs === 0) account.readHeldUs = world.nowUs;
    return;
  }
  account.readHeldUs = 0;
  if (trade.risk.mayNotSpend(venue, "readAccount", -1, world.nowUs)) return;
  trade.orders.table.requestCount++;
  account.readRequestId = trade.orders.table.requestCount;
  // After a restart the last reading of the life before tells from when on trades may be missing.
  const { confirmedUs } = trade.orders.table.marksOf(venue);
  const sinceUs = account.agreedUs || confirmedUs || account.firstUs || world.nowUs;
  const tradesSinceUs = Math.max(0, sinceUs - OVERLAP_US);
  const { readRequestId: requestId } = account;
  putOut(world, trade, { type: "readAccount", venue, requestId, tradesSinceUs });
}

/**
 * Whether questions about orders have to wait, so that a reading finds room at last: they are more urgent and
 * cheaper, and would take whatever falls free for ever, while the reading answers all of them.
 */
export function isReadStarved(account: Account, plan: TradingPlan, nowUs: number): boolean {
  if (account.readHeldUs === 0) return false;
  // An account that is ready can wait for its audit, and orders of unknown fate are the more urgent then.
  const isReady = account.phase === "ready";
  const mostUs = isReady ? plan.reconcileIntervalUs : READ_HELD_US / plan.timeDivisor;
  return nowUs - account.readHeldUs >= mostUs;
}

/** The next reading when it is due, or when the last one was never answered. */
export function checkReading(world: World, trade: Trading, account: Account): void {
  if (account.phase === "closed" || account.phase === "opening") return;
  if (isReadOverdue(account, world.nowUs)) account.readRequestId = 0;
  else if (account.readRequestId > 0) return;
  else if (account.phase === "reconciling" || account.readHeldUs > 0) {
    if (world.nowUs - account.readAskedUs < READ_AGAIN_US / trade.plan.timeDivisor) return;
  } else if (world.nowUs - account.readAskedUs < account.readIntervalUs) return;
  askReading(world, trade, account);
}

/** Takes up a reading: the order book of what we believe is brought to what the venue shows. */
export function onReading(
  world: World,
  trade: Trading,
  account: Account,
  event: Extract<AccountEvent, { type: "accountRead" }>,
): void {
  if (event.requestId !== account.readRequestId) return;
  account.readRequestId = 0;
  if (event.outcome === "failed") return;
  const { venue } = account.plan;
  if (account.plan.mode !== "paper") bringToTruth(world, trade, account, event);
  // What is filled on paper is told in the turn in which it is made up: no trade of it can come later.
  else trade.orders.table.marksOf(venue).raiseHorizon(account.readAskedUs);
  account.readUs = world.nowUs;
  const isClear = !isBlocked(trade.orders.table, venue);
  // A difference is judged by a second reading: until then nothing has agreed, and nothing new is opened.
  const { doubts, unprovenSinceUs } = trade.orders.table;
  const isProven = unprovenSinceUs[venue] === 0;
  const hasDoubt = doubts[venue]?.size !== 0 || !isProven;
  const hasAgreed = isClear && !hasDoubt;
  const isUrgent = (isClear && hasDoubt) || !isProven;
  account.readIntervalUs = isUrgent ? doubtGapUs(trade) : trade.plan.reconcileIntervalUs;
  if (hasAgreed) account.agreedUs = account.readAskedUs;
  account.blockedReason = isClear
    ? ""
    : [...(trade.orders.table.blocks[venue]?.values() ?? [])].join("; ");
  // Whatever the holder before us has sent may still come out: only what was asked for after that counts.
  const { leaseUntilUs, openFromUs } = trade.standing;
  const isOwn = leaseUntilUs > 0 && account.readAskedUs >= openFromUs;
  if (account.phase === "reconciling" && hasAgreed && isOwn && !hasUnresolved(trade, venue)) {
    account.phase = "ready";
    account.readyUs = world.nowUs;
  }
  updateBudgets(trade, venue);
  syncCycles(world, trade);
}

/** What a first reading doubts is asked again as soon as a second one counts: trading goes on meanwhile. */
function doubtGapUs({ plan, orders }: Trading): number {
  return Math.min(plan.reconcileIntervalUs, orders.table.rules.agreeGapUs);
}

/** Applies what a reading shows, and tells of it as if the stream had told. */
function bringToTruth(
  world: World,
  trade: Trading,
  { plan, readAskedUs: askedUs }: Account,
  event: Extract<AccountEvent, { type: "accountRead" }>,
): void {
  const { orders, counts } = trade;
  const before = new Map<Order, { readonly wasSettled: boolean; readonly fillCount: number }>();
  for (const order of orders.table.all()) {
    if (order.venue !== plan.venue) continue;
    before.set(order, { wasSettled: isSettled(order), fillCount: order.fills.length });
  }
  const reading = { event, askedUs, nowUs: world.nowUs, hasBalances: true };
  for (const outcome of reconcile(orders, reading)) onOutcome(world, trade, outcome);
  for (const [order, { wasSettled, fillCount }] of before) {
    counts.fills += order.fills.length - fillCount;
    if (!wasSettled && isSettled(order)) recordOrder(world, order);
  }
}

/** What an earlier process has left must be known before anything new begins; the limits judge the rest. */
function hasUnresolved(trade: Trading, venue: number): boolean {
  for (const order of trade.orders.table.live) {
    const isOlder = order.isAdopted || order.fence < trade.plan.fence;
    if (order.venue === venue && isOlder) return true;
  }
  return false;
}

function onOutcome(world: World, trade: Trading, outcome: ReconcileOutcome): void {
  const { order, venue, instrument, severity, text } = outcome;
  if (order !== undefined) trade.risk.follow(order);
  for (const action of outcome.actions) {
    if (action === "cancel" && order !== undefined) putOutCancel(world, trade, order);
    else if (action === "alarm" && severity !== 0) {
      onAnomaly(world, trade, outcome.case, { venue, instrument }, text, severity);
    }
  }
}
