/**
 * Station: one signal -> one order's state, by the table of `transitions.ts`, and what follows from it.
 */
import { addAnomaly, type OrderChange } from "./change.ts";
import { isTerminal, type Order } from "./order.ts";
import type { OrderTable } from "./order-table.ts";
import { isLive, neverExisted, type Signal, transitionOf } from "./transitions.ts";
import { askAtOnce, scheduleHeard } from "./unknown.ts";

/** What was said with a signal, and when. */
export type Saying = { readonly cause: string; readonly nowUs: number };

/** Signals that are our own conclusions, or the lack of an answer: the venue has said nothing. */
const UNSAID: ReadonlySet<Signal> = new Set<Signal>([
  "timedOut",
  "notFound",
  "refusedUnclear",
  "concludedNotAccepted",
  "concludedGone",
]);

/** Moves the order and sets when to ask next. The caller syncs the table once all is applied. */
export function signalOrder(
  table: OrderTable,
  change: OrderChange,
  order: Order,
  signal: Signal,
  saying: Saying,
): void {
  const before = order.state;
  const { to, mustQuery, isContradiction } = transitionOf(before, signal);
  const said = `${signal} while ${before}`;
  const wanted = to ?? before;
  const isImpossible = neverExisted(wanted) && (order.filledLots > 0 || order.reportedLots > 0);
  if (isImpossible) {
    // Whatever is refused, something of it was executed: it is over, but it did exist.
    addAnomaly(change, "contradiction", `${order.clientId}: ${wanted} with fills`);
    moveOrder(order, "canceled", saying);
  } else if (wanted !== before) moveOrder(order, wanted, saying);
  else change.isAbsorbed = true;
  if (isContradiction) {
    const isRevived = neverExisted(before) && !neverExisted(order.state);
    addAnomaly(change, isRevived ? "revived" : "contradiction", `${order.clientId}: ${said}`);
  }
  if (!UNSAID.has(signal)) order.heardUs = saying.nowUs;
  // Silence does not start the backoff anew, unless it is what made the order unknown.
  if (!UNSAID.has(signal) || order.state !== before) {
    scheduleHeard(order, table.rules, saying.nowUs);
  }
  if (!mustQuery && !isImpossible) return;
  change.mustQuery = true;
  askAtOnce(order, saying.nowUs);
}

function moveOrder(order: Order, to: Order["state"], saying: Saying): void {
  order.state = to;
  order.cause = saying.cause;
  order.endUs = isLive(to) ? 0 : saying.nowUs;
  const exists = to === "open" || (isTerminal(order) && !neverExisted(to));
  if (exists && order.ackUs === 0) order.ackUs = saying.nowUs;
}
