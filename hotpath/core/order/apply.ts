/**
 * Station: one event of an account -> orders, fills, rates and outside moves. Every kind of event has one
 * defined outcome; what says nothing of orders is named and passed by.
 */
import { parseAmount } from "../money/amount.ts";
import type { AccountEvent, Refusal } from "../trade/events.ts";
import { addAnomaly, type OrderChange } from "./change.ts";
import { PAPER_ORDER_ID_PREFIX } from "./client-id.ts";
import { countFill, findOrder } from "./fills.ts";
import type { Order } from "./order.ts";
import type { OrderTable } from "./order-table.ts";
import { learnName, reportOrder, setSubject, standIn } from "./reports.ts";
import { signalOrder } from "./signal.ts";
import type { Signal } from "./transitions.ts";
import { askAtOnce, onAskFailed, onNotFound } from "./unknown.ts";

type EventOf<T extends AccountEvent["type"]> = Extract<AccountEvent, { readonly type: T }>;

/** Rates at and above a tenth of the amount are mistakes. */
const RATE_PPB_MAX = 100_000_000;

/** Sets the order that the event is about, where one of ours is known by its names. */
export function nameSubject(table: OrderTable, change: OrderChange, event: AccountEvent): void {
  const order = subjectOf(table, event);
  if (order !== undefined) setSubject(change, order);
}

function subjectOf(table: OrderTable, event: AccountEvent): Order | undefined {
  if (event.type === "orderReported") return findOrder(table, event.venue, event.order);
  if (event.type === "orderFilled") return findOrder(table, event.venue, event.fill);
  if (!("clientId" in event)) return undefined;
  // Another venue's word about an order of ours is not taken.
  const order = table.get(event.clientId);
  return order?.venue === event.venue ? order : undefined;
}

/** Applies the event; the caller syncs the order that `change` names. */
export function applyAccountEvent(
  table: OrderTable,
  change: OrderChange,
  event: AccountEvent,
  nowUs: number,
): void {
  const { venue } = event;
  switch (event.type) {
    case "orderAccepted":
      accepted(table, change, event, nowUs);
      break;
    case "orderNotSent":
      signal(table, change, "notSent", event.reason, nowUs);
      break;
    case "orderRefused":
      signal(table, change, refusalSignal(event.refusal), event.refusal.code, nowUs);
      break;
    case "orderTested":
      tested(table, change, nowUs);
      break;
    case "cancelAccepted":
      signal(table, change, "cancelAccepted", change.order?.cause ?? "", nowUs);
      break;
    case "cancelRefused":
      signal(table, change, "cancelRefused", event.refusal.code, nowUs);
      break;
    case "orderReported":
      reportOrder(table, change, event.order, { venue, source: event.source, nowUs });
      break;
    case "orderFilled":
      countFill(table, change, event.fill, { venue, recvUs: event.recvUs, nowUs });
      break;
    case "orderQueried":
      queried(table, change, event, nowUs);
      break;
    case "accountGap":
      lostWords(table, change, venue, nowUs);
      break;
    case "balanceReported":
      moved(table, change, event);
      break;
    case "feesRead":
      ratesRead(table, event);
      break;
    case "accountContradicted":
      addAnomaly(change, "accountContradicted", event.reason);
      break;
    // Readings go through `reconcile.ts`; the rest says nothing of orders.
    case "accountRead":
    case "accountReady":
    case "accountClosed":
    case "accountHeard":
    case "feesFailed":
    case "usageReported":
    case "venueSilenced":
      break;
  }
}

function signal(
  table: OrderTable,
  change: OrderChange,
  name: Signal,
  cause: string,
  nowUs: number,
): void {
  if (change.order === undefined) {
    // An answer about an order that we do not have: a reading of the account will say more.
    change.isAbsorbed = true;
    change.mustReadAccount = true;
    return;
  }
  signalOrder(table, change, change.order, name, { cause, nowUs });
}

function accepted(
  table: OrderTable,
  change: OrderChange,
  event: EventOf<"orderAccepted">,
  nowUs: number,
): void {
  const { order } = change;
  if (order !== undefined) {
    if (order.isTest && !event.orderId.startsWith(PAPER_ORDER_ID_PREFIX)) {
      addAnomaly(change, "testMixedUp", `${order.clientId}: accepted as ${event.orderId}`);
    }
    if (!learnName(table, change, order, event.orderId, nowUs)) return;
  }
  signal(table, change, "accepted", order?.cause ?? "", nowUs);
}

function tested(table: OrderTable, change: OrderChange, nowUs: number): void {
  const { order } = change;
  if (order === undefined || order.isTest) {
    signal(table, change, "tested", "", nowUs);
    return;
  }
  // A real order that was answered as a test: whether it went to the matcher is unknown.
  addAnomaly(change, "testMixedUp", `${order.clientId}: tested`);
  signal(table, change, "refusedUnclear", "testMixedUp", nowUs);
}

function queried(
  table: OrderTable,
  change: OrderChange,
  event: EventOf<"orderQueried">,
  nowUs: number,
): void {
  const { venue, recvUs } = event;
  if (event.outcome === "found" && event.order !== undefined) {
    reportOrder(table, change, event.order, { venue, source: "query", nowUs });
    for (const fill of event.fills) countFill(table, change, fill, { venue, recvUs, nowUs });
    if (change.order !== undefined) standIn(table, change.order);
    return;
  }
  const { order } = change;
  if (order === undefined) return;
  if (event.outcome === "notFound") notFound(table, change, order, event.requestId, nowUs);
  else onAskFailed(order, table.rules, nowUs);
}

function notFound(
  table: OrderTable,
  change: OrderChange,
  order: Order,
  requestId: number,
  nowUs: number,
): void {
  signalOrder(table, change, order, "notFound", { cause: order.cause, nowUs });
  const verdict = onNotFound(order, table.rules, requestId, nowUs);
  // It existed: only a reading can show whether it left trades behind.
  if (verdict === "gone") change.mustReadAccount = true;
  if (verdict !== "notAccepted") return;
  signalOrder(table, change, order, "concludedNotAccepted", { cause: "notFoundTwice", nowUs });
}

/** The stream has lost messages: whatever lives there is asked about. */
function lostWords(table: OrderTable, change: OrderChange, venue: number, nowUs: number): void {
  change.mustReadAccount = true;
  for (const set of [table.live, table.unsettled]) {
    for (const order of set) if (order.venue === venue) askAtOnce(order, nowUs);
  }
}

/** Deposits and withdrawals; what trades do to balances is known from the fills. */
function moved(table: OrderTable, change: OrderChange, event: EventOf<"balanceReported">): void {
  if (event.cause !== "transfer") return;
  const asset = event.balances[0]?.asset ?? "";
  const delta = parseAmount(event.delta);
  if (delta === undefined || asset === "" || !table.ledger.isOpen(event.venue)) {
    change.mustReadAccount = true;
    if (event.delta !== "") addAnomaly(change, "moveUnreadable", `"${event.delta}" ${asset}`);
    return;
  }
  table.ledger.add(event.venue, asset, "external", delta);
}

function ratesRead(table: OrderTable, event: EventOf<"feesRead">): void {
  for (const fee of event.fees) {
    const isKnown = table.instruments[fee.instrument] !== undefined;
    if (isKnown && isRate(fee.makerPpb) && isRate(fee.takerPpb)) table.rates[fee.instrument] = fee;
  }
  // What is kept back for orders on their way depends on the rate.
  for (const order of table.live) table.sync(order);
}

/** A whole number of parts per billion; a rebate is negative. */
function isRate(ppb: number): boolean {
  return Number.isSafeInteger(ppb) && Math.abs(ppb) < RATE_PPB_MAX;
}

/** Classes that prove that nothing was executed, and the others. */
function refusalSignal(refusal: Refusal): "refused" | "refusedUnclear" {
  switch (refusal.class) {
    case "rejected":
    case "throttled":
    case "clock":
    case "credentials":
    case "halted":
      return "refused";
    // "Duplicate" means that an earlier one exists; "no such order" makes no sense of a placing.
    case "duplicate":
    case "noSuchOrder":
    case "unknown":
      return "refusedUnclear";
  }
}
