/**
 * Station: what the venue says of an order as a whole -> signals, names, and lots said to be filled.
 *
 * A report never counts a fill by itself: it says how much should have been traded, and what is missing is
 * waited for, asked for, and (only after a query) counted at the limit price until the trades are known.
 */
import type { OrderView, ReportSource, VenueOrderState } from "../trade/events.ts";
import { addAnomaly, type OrderChange } from "./change.ts";
import { parseClientId } from "./client-id.ts";
import { adoptOrphans, findOrder } from "./fills.ts";
import { missingLots, type Order, orderOf, tradedLots } from "./order.ts";
import type { OrderTable } from "./order-table.ts";
import { signalOrder } from "./signal.ts";
import type { Signal } from "./transitions.ts";
import { askAtOnce } from "./unknown.ts";

/** Whence and when a report came. */
export type ReportContext = {
  readonly venue: number;
  readonly source: ReportSource;
  readonly nowUs: number;
};

const SIGNALS: Readonly<Record<VenueOrderState, Signal>> = {
  received: "saidReceived",
  open: "saidOpen",
  partiallyFilled: "saidPartiallyFilled",
  filled: "saidFilled",
  canceled: "saidCanceled",
  expired: "saidExpired",
  rejected: "saidRejected",
};

/** Applies a report to the order it is about, which it sets in `change`; adopts and watches others. */
export function reportOrder(
  table: OrderTable,
  change: OrderChange,
  view: OrderView,
  context: ReportContext,
): void {
  const order = findOrder(table, context.venue, view);
  if (order === undefined) {
    reportStranger(table, change, view, context);
    return;
  }
  setSubject(change, order);
  if (isOfAnother(order, view, context.venue)) {
    addAnomaly(change, "contradiction", `${order.clientId}: a report that is not of it`);
    change.mustQuery = true;
    askAtOnce(order, context.nowUs);
    return;
  }
  if (!learnName(table, change, order, view.orderId, context.nowUs)) {
    // What bears the id of another order of ours is no stranger.
    const isStrange = table.byOrderId(order.venue, order.instrument, view.orderId) === undefined;
    if (isStrange) table.watchForeign(context.venue, view, !isOver(view.state));
    return;
  }
  noteLots(change, order, view, context.source);
  const { reason: cause } = view;
  signalOrder(table, change, order, SIGNALS[view.state], { cause, nowUs: context.nowUs });
}

/** Makes `order` the one that the change is about. */
export function setSubject(change: OrderChange, order: Order): void {
  if (change.order === order) return;
  change.order = order;
  change.from = order.state;
}

/**
 * Notes the venue's name of an order. False when it has another one already: then two orders carry our
 * name, which must never be, and nothing said of the second may move the first. False also when the name is
 * that of another order of ours: one of the two words is wrong, and only an answer can say which.
 */
export function learnName(
  table: OrderTable,
  change: OrderChange,
  order: Order,
  orderId: string,
  nowUs: number,
): boolean {
  if (orderId === "" || orderId === order.orderId) return true;
  if (order.orderId !== "") {
    const text = `${order.clientId}: ${order.orderId} and ${orderId}`;
    addAnomaly(change, "twoOrderIds", text);
    change.mustReadAccount = true;
    return false;
  }
  const other = table.byOrderId(order.venue, order.instrument, orderId);
  if (other !== undefined && other !== order) {
    const text = `${order.clientId}: ${orderId}, which is ${other.clientId}`;
    addAnomaly(change, "contradiction", text);
    change.mustReadAccount = true;
    return false;
  }
  table.nameOrder(order, orderId);
  adoptOrphans(table, change, order, nowUs);
  return true;
}

/** How much the venue says is filled. Only a query about an ended order may lower what was said. */
function noteLots(change: OrderChange, order: Order, view: OrderView, source: ReportSource): void {
  if (view.lots >= 0 && view.lots !== order.lots) {
    const text = `${order.clientId}: ${view.lots} lots at the venue, ${order.lots} ordered`;
    addAnomaly(change, "contradiction", text);
    change.mustReadAccount = true;
  }
  const isEnd = view.state === "filled" || view.state === "canceled" || view.state === "expired";
  // "Filled" without a number says that all of it is.
  const said = view.filledLots < 0 && view.state === "filled" ? order.lots : view.filledLots;
  if (!Number.isSafeInteger(said) || said < 0) return;
  if (said > order.lots) {
    addAnomaly(change, "overfill", `${order.clientId}: said ${said} of ${order.lots} lots`);
    change.mustReadAccount = true;
  }
  const mayFall = source === "query" && isEnd && view.filledLots >= 0;
  order.reportedLots = mayFall
    ? Math.max(said, tradedLots(order))
    : Math.max(said, order.reportedLots);
}

/** Counts at the limit price what a query says is filled and has shown no trade of. */
export function standIn(table: OrderTable, order: Order): void {
  const missing = missingLots(order);
  if (missing !== order.syntheticLots) table.setSynthetic(order, missing);
}

/** A report of an order that we do not have: foreign, an older owner's, forgotten, or lost by us. */
function reportStranger(
  table: OrderTable,
  change: OrderChange,
  view: OrderView,
  context: ReportContext,
): void {
  const isOpen = !isOver(view.state);
  const parts = parseClientId(view.clientId);
  if (parts === undefined) {
    if (!table.watchForeign(context.venue, view, isOpen)) return;
    addAnomaly(change, "foreignOrder", `order ${view.orderId} "${view.clientId}"`);
    return;
  }
  if (!isOpen && table.isForgotten(parts.fence, parts.command)) {
    change.isAbsorbed = true;
    return;
  }
  if (parts.fence > table.fence) {
    table.watchForeign(context.venue, view, isOpen);
    addAnomaly(change, "newerFence", `${view.clientId}: ${view.state}`);
    return;
  }
  addAnomaly(change, "unknownOwnOrder", `${view.clientId}: ${view.state}`);
  change.mustReadAccount = true;
  const order = adoptView(table, view, context);
  if (order === undefined) return;
  setSubject(change, order);
  change.mustQuery = true;
  // Fills that it has waited for may end it, and then what it lacks must be known to be asked for.
  noteLots(change, order, view, context.source);
  adoptOrphans(table, change, order, context.nowUs);
}

/** An order of ours that only the venue knows, taken in for its exposure; undefined if it says too little. */
export function adoptView(
  table: OrderTable,
  view: OrderView,
  context: ReportContext,
): Order | undefined {
  const parts = parseClientId(view.clientId);
  if (parts === undefined || view.side === undefined || isOver(view.state)) return undefined;
  if (view.lots <= 0 || view.priceTicks <= 0) return undefined;
  if (table.market(view.instrument) === undefined) return undefined;
  const order = orderOf(
    {
      type: "placeOrder",
      venue: context.venue,
      instrument: view.instrument,
      ...parts,
      clientId: view.clientId,
      side: view.side,
      timeInForce: "gtc",
      priceTicks: view.priceTicks,
      lots: view.lots,
      purpose: "exit",
      cycle: 0,
      leg: 0,
      stampUs: context.nowUs,
      windowUs: 0,
      limitsVersion: 0,
      books: [],
      isTest: false,
    },
    context.nowUs,
    true,
  );
  order.orderId = view.orderId;
  order.state = "open";
  order.cause = "adopted";
  order.ackUs = context.nowUs;
  order.heardUs = context.nowUs;
  order.inquiry.dueUs = context.nowUs;
  table.add(order);
  return order;
}

function isOver(state: VenueOrderState): boolean {
  return state === "filled" || state === "canceled" || state === "expired" || state === "rejected";
}

function isOfAnother(order: Order, view: OrderView, venue: number): boolean {
  if (order.venue !== venue) return true;
  if (view.instrument >= 0 && view.instrument !== order.instrument) return true;
  return view.side !== undefined && view.side !== order.side;
}
