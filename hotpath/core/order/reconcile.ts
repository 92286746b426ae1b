/**
 * Station: one reading of an account -> orders, fills and balances as the venue has them.
 *
 * The same at start and in the middle of the day. A reading is a picture that was asked for at a time and
 * may lag: nothing that happened after that, or shortly before, is judged by its absence. What is applied
 * is applied through the same doors as events, so a second run of the same reading finds nothing to do.
 */
import type { FillView } from "../trade/events.ts";
import { checkBalances } from "./balance-check.ts";
import { clearChange, makeChange } from "./change.ts";
import { countFill, findOrder, isForeignFill, markKey, nameless } from "./fills.ts";
import { missingLots, type Order } from "./order.ts";
import { type OrderTable, orderKey } from "./order-table.ts";
import type { Orders } from "./orders.ts";
import type { ReconcileCase } from "./reconcile-cases.ts";
import { applyOpenOrders } from "./reconcile-listed.ts";
import { askOnce, note, type Reading, type ReconcileOutcome, type Run } from "./reconcile-run.ts";
import { signalOrder } from "./signal.ts";
import { isLive, type LiveState, neverExisted } from "./transitions.ts";
import { askAtOnce, verdictOf } from "./unknown.ts";

/**
 * Brings the state of one venue to what a reading shows, and says what it found, in a fixed order. An empty
 * list means that nothing differed, or that the reading failed.
 */
export function reconcile(orders: Orders, reading: Reading): ReconcileOutcome[] {
  const { event } = reading;
  const run: Run = {
    ...reading,
    table: orders.table,
    orders,
    venue: event.venue,
    change: makeChange(),
    outcomes: [],
  };
  if (event.outcome === "failed") return run.outcomes;
  if (reading.hasBalances && !run.table.ledger.isOpen(event.venue)) beginCounting(run);
  const before = statesOf(run.table, event.venue);
  const traded = applyFills(run);
  const listed = applyOpenOrders(run);
  for (const order of traded) classifyTraded(run, order, before.get(order), listed.has(order));
  for (const order of [...run.table.live]) {
    if (order.venue === event.venue && !listed.has(order)) judgeAbsent(run, order);
  }
  for (const order of [...run.table.unsettled]) {
    if (order.venue === event.venue && missingLots(order) > 0) askOnce(run, order, "fillsUnread");
  }
  forgetForeign(run);
  if (reading.hasBalances) judgeBalances(run);
  run.table.marksOf(event.venue).raiseHorizon(reading.askedUs - run.table.rules.sourceLagUs);
  return run.outcomes;
}

/** The first reading of an account: its balances are the start, and hold every trade up to here. */
function beginCounting(run: Run): void {
  if (!run.orders.openLedger(run.venue, run.event.balances)) return;
  const marks = run.table.marksOf(run.venue);
  marks.startAt(run.askedUs - run.table.rules.sourceLagUs);
  for (const fill of run.event.fills) {
    const instrument = run.table.market(fill.instrument);
    if (instrument === undefined) continue;
    const key = markKey(instrument, fill);
    if (!marks.has(key) && !marks.isBeforeHorizon(fill.exchangeUs))
      marks.mark(key, fill.exchangeUs);
  }
}

function statesOf(table: OrderTable, venue: number): Map<Order, Order["state"]> {
  const states = new Map<Order, Order["state"]>();
  for (const order of table.all()) if (order.venue === venue) states.set(order, order.state);
  return states;
}

/** Counts what was missed, oldest first; returns the orders that gained by it. */
function applyFills(run: Run): Set<Order> {
  const gained = new Set<Order>();
  const marks = run.table.marksOf(run.venue);
  for (const fill of [...run.event.fills].sort(byAge)) {
    // Venues list more than was asked for: what is older than the memory was counted in its time.
    if (fill.exchangeUs > 0 && marks.isBeforeHorizon(fill.exchangeUs)) continue;
    clearChange(run.change);
    const { recvUs } = run.event;
    const source = { venue: run.venue, recvUs, nowUs: run.nowUs };
    const result = countFill(run.table, run.change, fill, source);
    const order = findOrder(run.table, run.venue, fill);
    if (result === "counted" && order !== undefined) gained.add(order);
    if (result !== "orphan") continue;
    const awaited = nameless(run.table, run.venue, fill);
    // Its answer is on the way; asked about, it takes the fill. One that is not its owner leaves it to the next reading.
    if (awaited !== undefined) askAtOnce(awaited, run.nowUs);
    else {
      note(
        run,
        isForeignFill(run.table, run.venue, fill) ? "foreignFill" : "lostFill",
        fill,
        undefined,
        `trade ${fill.tradeId}`,
      );
    }
  }
  return gained;
}

/** By time, then by text, so that two runs go the same way. */
function byAge(a: FillView, b: FillView): number {
  if (a.exchangeUs !== b.exchangeUs) return a.exchangeUs - b.exchangeUs;
  return a.tradeId < b.tradeId ? -1 : Number(a.tradeId > b.tradeId);
}

/** Names what the trades of this reading made of an order. */
function classifyTraded(
  run: Run,
  order: Order,
  before: Order["state"] | undefined,
  isListed: boolean,
): void {
  const text = `${order.filledLots} of ${order.lots} lots`;
  if (before === undefined) return;
  if (neverExisted(before)) note(run, "neverFilled", order, order, text);
  else if (!isLive(before)) note(run, "endedFillMissing", order, order, text);
  else if (order.state === "filled") note(run, FILLED_CASES[before], order, order, text);
  else if (isListed) {
    if (before === "open") note(run, "openPartial", order, order, text);
  } else {
    note(run, "endedPart", order, order, text);
    askAtOnce(order, run.nowUs);
  }
}

const FILLED_CASES: Readonly<Record<LiveState, ReconcileCase>> = {
  sent: "sentFilled",
  open: "openFilled",
  unknown: "unknownFilled",
};

/** A live order of ours that the reading does not list. Absence is believed only long after the fact. */
function judgeAbsent(run: Run, order: Order): void {
  const { rules } = run.table;
  const lastUs = Math.max(order.sentUs, order.heardUs);
  if (lastUs + rules.sourceLagUs > run.askedUs) return;
  clearChange(run.change);
  const isGone = verdictOf(order, rules) === "gone";
  if (isGone && run.askedUs > order.inquiry.notFoundLastUs) {
    const saying = { cause: "vanished", nowUs: run.nowUs };
    signalOrder(run.table, run.change, order, "concludedGone", saying);
    run.table.sync(order);
    note(run, "vanished", order, order, `${order.filledLots} of ${order.lots} lots`);
    return;
  }
  if (order.state === "sent") {
    const saying = { cause: "notListed", nowUs: run.nowUs };
    signalOrder(run.table, run.change, order, "timedOut", saying);
    run.table.sync(order);
    note(run, "sentAbsent", order, order, "");
    return;
  }
  // Of an unknown order absence says nothing new: its own questions decide.
  if (order.state === "open") askOnce(run, order, "openAbsent");
}

/** Foreign orders that are no longer listed are over. */
function forgetForeign(run: Run): void {
  const open = new Set(
    run.event.openOrders.map((view) => orderKey(run.venue, view.instrument, view.orderId)),
  );
  for (const key of [...run.table.foreign.keys()]) {
    if (key.startsWith(`${run.venue}:`) && !open.has(key)) run.table.foreign.delete(key);
  }
}

function judgeBalances(run: Run): void {
  const nowhere = { instrument: -1, clientId: "", orderId: "" };
  const { askedUs, nowUs } = run;
  for (const finding of checkBalances(run.table, run.venue, run.event.balances, askedUs, nowUs)) {
    const name = finding.isExplained ? "balanceExplained" : "balanceDiffers";
    note(run, name, nowhere, undefined, finding.text);
  }
}
