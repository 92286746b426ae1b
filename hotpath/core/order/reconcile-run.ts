/**
 * What one run over a reading carries from step to step, and how a step says what it found.
 */
import type { AccountEvent, OrderView } from "../trade/events.ts";
import type { OrderChange } from "./change.ts";
import type { Order } from "./order.ts";
import type { OrderTable } from "./order-table.ts";
import type { Orders } from "./orders.ts";
import { CASES, type ReconcileAction, type ReconcileCase } from "./reconcile-cases.ts";
import { askAtOnce } from "./unknown.ts";

type AccountRead = Extract<AccountEvent, { readonly type: "accountRead" }>;

export type Reading = {
  readonly event: AccountRead;
  /** When it was asked for, by our clock. */
  readonly askedUs: number;
  readonly nowUs: number;
  /** Whether it shows the balances too. */
  readonly hasBalances: boolean;
};

export type ReconcileOutcome = {
  readonly case: ReconcileCase;
  readonly actions: readonly ReconcileAction[];
  readonly severity: 0 | 1 | 2 | 3;
  readonly venue: number;
  /** -1 where the case is about an asset, or an instrument that we do not follow. */
  readonly instrument: number;
  readonly clientId: string;
  readonly orderId: string;
  readonly text: string;
  /** As it is now; undefined where it is none of ours. */
  readonly order: Order | undefined;
};

/** What is passed from step to step of one run. */
export type Run = Reading & {
  readonly table: OrderTable;
  readonly orders: Orders;
  readonly venue: number;
  readonly change: OrderChange;
  readonly outcomes: ReconcileOutcome[];
};

/** Asks about an order, and says so unless a question is due or under way. */
export function askOnce(run: Run, order: Order, name: ReconcileCase): void {
  const { inquiry } = order;
  if (inquiry.askedUs > 0 || (inquiry.dueUs > 0 && inquiry.dueUs <= run.nowUs)) return;
  if (run.outcomes.some((outcome) => outcome.order === order && outcome.case === name)) return;
  askAtOnce(order, run.nowUs);
  note(run, name, order, order, `${order.filledLots} of ${order.reportedLots} lots`);
}

/** Closes the venue for a reason that was not there before, and says so. */
export function block(
  run: Run,
  name: ReconcileCase,
  text: string,
  view: OrderView,
  order?: Order,
): void {
  const blocks = run.table.blocks[run.venue];
  const reason = `${name} ${view.clientId} ${view.orderId}`;
  if (blocks === undefined || blocks.has(reason)) return;
  blocks.set(reason, text);
  note(run, name, view, order, text);
}

/** Adds an outcome; what is done about its case stands in the table. */
export function note(
  run: Run,
  name: ReconcileCase,
  names: Pick<ReconcileOutcome, "instrument" | "clientId" | "orderId">,
  order: Order | undefined,
  text: string,
): void {
  const { instrument, clientId, orderId } = names;
  const { actions, severity } = CASES[name];
  run.outcomes.push({
    case: name,
    actions,
    severity,
    venue: run.venue,
    instrument,
    clientId,
    orderId,
    text,
    order,
  });
}

/** Whether a listed order is another one than the one that we sent. */
export function differs(order: Order, view: OrderView): boolean {
  if (view.instrument !== order.instrument) return true;
  if (view.side !== undefined && view.side !== order.side) return true;
  if (view.lots >= 0 && view.lots !== order.lots) return true;
  return order.orderId !== "" && view.orderId !== "" && view.orderId !== order.orderId;
}

/** Whether trading at a venue waits for a person or a reading to explain something. */
export function isBlocked(table: OrderTable, venue: number): boolean {
  return (table.blocks[venue]?.size ?? 0) > 0;
}
