/**
 * Station: the open orders of a reading -> ours brought to their truth, strangers taken in or kept in view.
 */
import type { OrderView } from "../trade/events.ts";
import { clearChange } from "./change.ts";
import { parseClientId } from "./client-id.ts";
import { findOrder } from "./fills.ts";
import { missingLots, type Order } from "./order.ts";
import { askOnce, block, differs, note, type Run } from "./reconcile-run.ts";
import { adoptView, learnName, reportOrder } from "./reports.ts";
import { signalOrder } from "./signal.ts";
import { isLive, neverExisted } from "./transitions.ts";
import { scheduleHeard } from "./unknown.ts";

/** Brings listed orders to their truth; returns those of ours that are listed. */
export function applyOpenOrders(run: Run): Set<Order> {
  const listed = new Set<Order>();
  for (const view of run.event.openOrders) {
    clearChange(run.change);
    const order = findOrder(run.table, run.venue, view);
    if (order === undefined) {
      meetStranger(run, view, listed);
      continue;
    }
    listed.add(order);
    meetOwn(run, order, view);
    run.table.sync(order);
  }
  return listed;
}

function meetOwn(run: Run, order: Order, view: OrderView): void {
  if (differs(order, view)) {
    const text = `${view.side ?? "?"} ${view.lots} lots, order ${view.orderId}`;
    block(run, "openDiffers", `${order.clientId}: ${text}`, view, order);
    return;
  }
  const before = order.state;
  if (!isLive(before)) {
    // Ended while the reading was under way: it shows the past.
    if (order.endUs + run.table.rules.sourceLagUs > run.askedUs) return;
    revive(run, order, view);
    return;
  }
  // What says nothing new must not put off the questions that are due.
  if (saysMore(order, view)) {
    const context = { venue: run.venue, source: "query" as const, nowUs: run.nowUs };
    reportOrder(run.table, run.change, view, context);
  }
  order.inquiry.notFoundCount = 0;
  if (before === "sent" && order.state === "open") note(run, "sentOpen", view, order, view.state);
  if (before === "unknown" && order.state === "open") {
    note(run, "unknownOpen", view, order, view.state);
  }
  if (missingLots(order) > 0) askOnce(run, order, "fillsUnread");
  cancelAgain(run, order);
}

/** Whether a listed order shows a state, a name or fills that we did not know. */
function saysMore(order: Order, view: OrderView): boolean {
  if (order.state !== "open" || view.filledLots > order.reportedLots) return true;
  return view.orderId !== "" && order.orderId === "";
}

/** An order that we held for ended, or for one that never was, is open at the venue. */
function revive(run: Run, order: Order, view: OrderView): void {
  const wasNever = neverExisted(order.state);
  learnName(run.table, run.change, order, view.orderId, run.nowUs);
  signalOrder(run.table, run.change, order, "foundOpen", { cause: "revived", nowUs: run.nowUs });
  if (!isLive(order.state)) {
    askOnce(run, order, "fillsUnread");
    return;
  }
  run.orders.markCancel(order, run.nowUs);
  note(run, wasNever ? "neverOpen" : "endedOpen", view, order, view.state);
}

/** An order that nobody here waits for is canceled until it is gone; cancels may be repeated. */
function cancelAgain(run: Run, order: Order): void {
  const isOlder = order.fence < run.table.fence;
  if (!(order.isAdopted || isOlder) || !isLive(order.state)) return;
  if (order.cancelUs > 0 && run.nowUs - order.cancelUs < run.table.rules.restCheckUs) return;
  order.cancelUs = 0;
  run.orders.markCancel(order, run.nowUs);
  note(run, isOlder ? "olderFenceOpen" : "lostOpen", order, order, "still open");
}

function meetStranger(run: Run, view: OrderView, listed: Set<Order>): void {
  const parts = parseClientId(view.clientId);
  const { venue, table, nowUs } = run;
  if (parts === undefined) {
    if (!table.watchForeign(venue, view, true)) return;
    note(run, "foreignOpen", view, undefined, `"${view.clientId}"`);
    return;
  }
  if (parts.fence > table.fence) {
    table.watchForeign(venue, view, true);
    block(run, "newerFenceOpen", `fence ${parts.fence} is above ours, ${table.fence}`, view);
    return;
  }
  const name = parts.fence < table.fence ? "olderFenceOpen" : "lostOpen";
  const order = adoptView(table, view, { venue, source: "query", nowUs });
  if (order === undefined) {
    // It says too little to count its exposure: it is kept in view, and canceled by its name.
    if (table.watchForeign(venue, view, true)) note(run, name, view, undefined, "says too little");
    return;
  }
  order.reportedLots = Math.max(view.filledLots, 0);
  learnOrphans(run, order);
  scheduleHeard(order, table.rules, nowUs);
  run.orders.markCancel(order, nowUs);
  table.sync(order);
  listed.add(order);
  note(run, name, view, order, view.state);
}

/** Fills that were counted under the name of an order that is only now ours. */
function learnOrphans(run: Run, order: Order): void {
  const { orderId } = order;
  order.orderId = "";
  learnName(run.table, run.change, order, orderId, run.nowUs);
}
