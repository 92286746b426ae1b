/**
 * Station: (world, trade event) -> orders, cycles, commands. The door through which everything that venues
 * and operators say of trading comes in; what a moved book leads to is `fire.ts`.
 *
 * An event of an earlier connection than the one that is believed changes nothing but what it says of
 * orders, and of silence: a fill is a fill, whichever connection told of it.
 */
import { assert } from "../../../contracts/assert.ts";
import { feeOfView } from "../detect/fee.ts";
import { refreshInstrument } from "../instrument.ts";
import type { OrderChange } from "../order/change.ts";
import { isTerminal, type Order } from "../order/order.ts";
import { askAtOnce, fillStep } from "../order/unknown.ts";
import type { World } from "../world.ts";
import {
  type Account,
  accountDueUs,
  areFeesDue,
  checkAccount,
  closeAccount,
  hush,
  onAccountLost,
} from "./account.ts";
import { alarm } from "./alarms.ts";
import type { AccountEvent, TradeEvent } from "./events.ts";
import { checkCycles, cyclesDueUs, onBalance, onOrderSeen } from "./executor.ts";
import { lookAgain } from "./fire.ts";
import { carryOutKills } from "./killing.ts";
import { applyLeaseEvent, checkLease, leaseDueUs } from "./lease.ts";
import { applyOperatorEvent } from "./operator.ts";
import { recordOrder } from "./order-record.ts";
import { paperEvents } from "./paper.ts";
import { putOut, putOutCancel } from "./put-out.ts";
import { askReading, checkReading, isReadStarved, onReading } from "./reading.ts";
import { type Trading, updateBudgets } from "./trading.ts";

const due: Order[] = [];

/** Applies one event. Asserts nothing of what a venue says: that is counted, alarmed and asked about. */
export function applyTradeEvent(world: World, trade: Trading, event: TradeEvent): void {
  switch (event.type) {
    case "instrumentRefreshed":
      refresh(trade, event);
      return;
    case "killRequested":
    case "killReleased":
    case "limitsChanged":
    case "drainRequested":
    case "modeRequested":
    case "cancelAllRequested":
    case "flattenRequested":
      applyOperatorEvent(world, trade, event);
      return;
    case "leaseHeld":
    case "leaseLost":
      applyLeaseEvent(world, trade, event);
      return;
    default:
      applyAccountEvent(world, trade, event);
      return;
  }
}

function applyAccountEvent(world: World, trade: Trading, event: AccountEvent): void {
  const account = trade.accounts[event.venue];
  assert(account !== undefined, "an event of an account is of one that is traded");
  const isCurrent = event.epoch === account.epoch && account.phase !== "closed";
  if (isCurrent && isSignOfLife(event)) account.heardUs = Math.max(account.heardUs, world.nowUs);
  if (isCurrent) onConnection(world, trade, account, event);
  // It is the venue that wants silence, whichever connection was told.
  if (event.type === "venueSilenced") {
    hush(account, event.untilUs);
    trade.risk.onSilenced(event.venue, event.untilUs, event.isBan, world.nowUs);
  }
  // What a connection that is over has read may be older than anything heard since.
  if (event.type === "accountRead" && !isCurrent) return;
  applyOrderEvent(world, trade, event);
  if (event.type === "accountRead") {
    noteRoundTrip(world, trade, account, event);
    onReading(world, trade, account, event);
  }
  if (event.type === "orderTested") fillOnPaper(world, trade, account, event);
  if (event.type === "balanceReported") onBalance(world, trade, event.venue);
}

/**
 * Only what the private stream says by itself: a question may be answered over another connection, and one
 * that is not answered is told of by nobody but ourselves.
 */
function isSignOfLife({ type }: AccountEvent): boolean {
  return type === "accountHeard" || type === "accountReady";
}

/** The answer to a reading says how well the venue answers also while nothing is ordered there. */
function noteRoundTrip(
  world: World,
  trade: Trading,
  { readRequestId, readAskedUs }: Account,
  { venue, requestId, outcome }: Extract<AccountEvent, { type: "accountRead" }>,
): void {
  if (requestId !== readRequestId || outcome === "failed") return;
  trade.risk.onReadAnswered(venue, world.nowUs - readAskedUs);
}

/** What an event says of the connection and the account as a whole. */
function onConnection(world: World, trade: Trading, account: Account, event: AccountEvent): void {
  switch (event.type) {
    case "accountReady":
      account.phase = "reconciling";
      forgetCancels(trade, account);
      askReading(world, trade, account);
      return;
    case "accountClosed":
      onAccountLost(account, trade.plan, world.nowUs);
      return;
    case "feesRead":
      takeFees(world, trade, account, event.fees);
      return;
    case "usageReported":
      trade.risk.onUsage(event.venue, event.rate, event.instrument, event.used, world.nowUs);
      return;
    case "orderRefused":
      if (event.refusal.class === "clock") {
        const venue = world.venues[event.venue];
        if (venue !== undefined) venue.clockNextUs = world.nowUs;
      }
      return;
    default:
      return;
  }
}

/** What was asked of an earlier connection, or before there was one, may never have arrived. */
function forgetCancels(trade: Trading, { plan }: Account): void {
  for (const order of trade.orders.table.live) if (order.venue === plan.venue) order.cancelUs = 0;
}

function takeFees(
  world: World,
  trade: Trading,
  account: Account,
  fees: Extract<AccountEvent, { type: "feesRead" }>["fees"],
): void {
  account.feesUs = world.nowUs;
  account.feesAskedUs = 0;
  const detector = trade.desks[account.plan.venue]?.detector;
  for (const view of fees) {
    const fee = feeOfView(view);
    if (fee === undefined || world.slots[view.instrument]?.venue !== account.plan.venue) {
      const where = { venue: account.plan.venue, instrument: view.instrument };
      alarm(world, 2, "feeUnreadable", where, `maker ${view.makerPpb}, taker ${view.takerPpb} ppb`);
      continue;
    }
    account.fees.set(view.instrument, view);
    const { decimals, rounding } = account.plan.feeRounding;
    detector?.setFee(view.instrument, { ...fee, decimals, rounding });
  }
}

/** Everything an event says about orders: state, fills, ledger, risk, alarms, and the cycle's next step. */
function applyOrderEvent(world: World, trade: Trading, event: AccountEvent): void {
  const change = trade.orders.applyEvent(event, world.nowUs);
  trade.counts.fills += change.newFills.length;
  trade.risk.onOrderEvent(event, change, world.nowUs);
  const { order, becameTerminal, becameSettled, mustReadAccount } = change;
  const newFills = change.newFills.length;
  tellAnomalies(world, trade, event.venue, change);
  if (mustReadAccount) {
    const account = trade.accounts[event.venue];
    if (account !== undefined) askReading(world, trade, account);
  }
  if (becameSettled && order !== undefined) recordOrder(world, order);
  if (newFills > 0 || becameTerminal) updateBudgets(trade, event.venue);
  if (order !== undefined) onOrderSeen(world, trade, order, newFills);
}

function tellAnomalies(world: World, trade: Trading, venue: number, change: OrderChange): void {
  for (const { name, text } of change.anomalies) {
    const instrument = change.order?.instrument ?? -1;
    trade.counts.anomalies++;
    alarm(world, 1, name, { venue, instrument }, text);
  }
}

/** The order test has passed: what would have become of it, by the book as it is now. */
function fillOnPaper(
  world: World,
  trade: Trading,
  account: Account,
  event: Extract<AccountEvent, { type: "orderTested" }>,
): void {
  const order = trade.orders.table.get(event.clientId);
  if (order === undefined || !order.isTest || account.plan.mode !== "paper") return;
  // A second answer to the same test fills nothing more: the first one has ended the order.
  if (isTerminal(order)) return;
  const slot = world.slots[order.instrument];
  assert(slot !== undefined, "an order is of an instrument of this world");
  const taken = order.side === "buy" ? slot.book.asks : slot.book.bids;
  const isLive = slot.book.state === "live";
  for (const told of paperEvents(order, isLive ? taken : undefined, event)) {
    applyOrderEvent(world, trade, told);
  }
}

function refresh(
  trade: Trading,
  event: Extract<TradeEvent, { type: "instrumentRefreshed" }>,
): void {
  const { instrument: index, status, filters, rulesUs } = event;
  const instrument = trade.instruments[index];
  if (instrument === undefined || rulesUs < instrument.rulesUs) return;
  const refreshed = refreshInstrument(instrument, { status, filters, rulesUs });
  trade.instruments[index] = refreshed;
  for (const desk of trade.desks) {
    if (desk?.detector.instruments[index] !== undefined) desk.detector.setInstrument(refreshed);
  }
  trade.risk.onInstrument(refreshed);
}

/** What has become due by time alone. Called after every control event. */
export function checkTrading(world: World, trade: Trading): void {
  if (world.halted !== "") return;
  checkLease(world, trade);
  for (const account of trade.accounts) {
    if (account === undefined) continue;
    const venue = world.venues[account.plan.venue];
    if (!world.stopping && venue !== undefined) {
      checkAccount(account, venue, trade.plan, world.nowUs, world.outbox);
      if (areFeesDue(account, world.nowUs)) askFees(world, trade, account);
    }
    checkReading(world, trade, account);
  }
  askAboutOrders(world, trade);
  checkCycles(world, trade);
  if (!world.stopping) lookAgain(world, trade);
  trade.risk.onTimer(world.nowUs);
  carryOutKills(world, trade);
}

function askFees(world: World, trade: Trading, account: Account): void {
  account.feesAskedUs = world.nowUs;
  putOut(world, trade, { type: "readFees", venue: account.plan.venue });
}

/** Orders whose fill does not come: ask, then cancel, and only the venue's truth ends them (L06). */
function askAboutOrders(world: World, trade: Trading): void {
  const { orders, plan } = trade;
  const { nowUs } = world;
  for (const order of orders.table.live) {
    if (order.isTest) continue;
    const step = fillStep(order, orders.table.rules, plan.fillTimeoutUs, nowUs);
    if (step === "query") askAtOnce(order, nowUs);
    if (step !== "cancel") continue;
    if (trade.risk.mayNotSpend(order.venue, "cancelOrder", order.instrument, nowUs)) continue;
    order.cancelUs = 0;
    orders.markCancel(order, nowUs);
    putOutCancel(world, trade, order);
  }
  // Asked one by one, and charged at once: the last question that fits leaves no room for the next.
  const mayAsk = ({ venue, instrument }: Order): boolean => {
    const account = trade.accounts[venue];
    if (account !== undefined && isReadStarved(account, plan, nowUs)) return false;
    if (trade.risk.mayNotSpend(venue, "queryOrder", instrument, nowUs)) return false;
    trade.risk.onSpent(venue, "queryOrder", instrument, nowUs);
    return true;
  };
  for (const order of orders.takeDue(nowUs, due, mayAsk)) {
    trade.risk.follow(order);
    const { venue, instrument, clientId, orderId } = order;
    const { requestId } = order.inquiry;
    world.outbox.push({ type: "queryOrder", venue, instrument, clientId, orderId, requestId });
  }
}

/** When trading wants a timer. */
export function tradingDueUs(world: World, trade: Trading): number {
  let dueUs = Math.min(trade.orders.nextDueUs(), cyclesDueUs(trade), trade.risk.dueUs(world.nowUs));
  dueUs = Math.min(dueUs, leaseDueUs(trade));
  for (const account of trade.accounts) {
    if (account !== undefined) dueUs = Math.min(dueUs, accountDueUs(account, trade.plan));
  }
  for (const desk of trade.desks) {
    if (desk !== undefined) dueUs = Math.min(dueUs, desk.scanUs);
  }
  for (const order of trade.orders.table.live) {
    const timeoutUs = order.sentUs + trade.plan.fillTimeoutUs;
    if (timeoutUs > world.nowUs) dueUs = Math.min(dueUs, timeoutUs);
  }
  return dueUs;
}

/** Ends every account's connection, at the very end. */
export function closeAccounts(world: World, trade: Trading, reason: string): void {
  for (const account of trade.accounts) {
    if (account !== undefined) closeAccount(account, trade.plan, reason, world.nowUs, world.outbox);
  }
}
