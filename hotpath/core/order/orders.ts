/**
 * Station: commands that place orders, and everything venues say of them -> orders, fills, ledger.
 *
 * The only door to the state of orders. Each call is one whole transition: when it returns, order, ledger,
 * reserves and marks agree. It asks nobody and sends nothing; `takeDue` tells which orders the venue has to
 * be asked about, and the executor turns that into commands.
 */
import { assert } from "../../../contracts/assert.ts";
import type { PlaceOrder } from "../trade/commands.ts";
import type { AccountEvent, BalanceView } from "../trade/events.ts";
import { applyAccountEvent, nameSubject } from "./apply.ts";
import { clearChange, concludeChange, makeChange, type OrderChange } from "./change.ts";
import { startsOf } from "./ledger.ts";
import { isSettled, type Order, orderOf } from "./order.ts";
import type { OrderOptions } from "./order-options.ts";
import { OrderTable } from "./order-table.ts";
import { signalOrder } from "./signal.ts";
import { isAskDue, markAsked } from "./unknown.ts";

export class Orders {
  readonly table: OrderTable;
  readonly #change: OrderChange = makeChange();

  constructor(options: OrderOptions) {
    this.table = new OrderTable(options);
  }

  /** An order as it leaves for the edge: it may be executed from this turn on. Asserts a new client id. */
  applyPlace(command: PlaceOrder, nowUs: number): Order {
    this.table.forgetEnded(nowUs);
    this.#hold(command);
    const order = orderOf(command, nowUs, false);
    order.inquiry.dueUs = nowUs + this.table.rules.quietUs;
    this.table.add(order);
    return order;
  }

  /**
   * An intent that was found in the intent log only: it may or may not have left. Unknown, and asked about
   * at once. Undefined when the order is known already.
   */
  adoptIntent(command: PlaceOrder, nowUs: number): Order | undefined {
    if (this.table.get(command.clientId) !== undefined) return undefined;
    const order = orderOf(command, nowUs, true);
    this.#hold(command);
    order.state = "unknown";
    order.cause = "foundInIntentLog";
    order.inquiry.dueUs = nowUs;
    this.table.add(order);
    return order;
  }

  #hold({ cycle }: PlaceOrder): void {
    if (cycle > 0) this.table.heldCycles.add(cycle);
  }

  /** A cycle has ended: its orders may be forgotten like all others, each in its time. */
  releaseCycle(cycle: number): void {
    this.table.heldCycles.delete(cycle);
  }

  /** Applies one event of an account. The result is used again by the next call. */
  applyEvent(event: AccountEvent, nowUs: number): OrderChange {
    const change = this.#change;
    clearChange(change);
    nameSubject(this.table, change, event);
    const wasSettled = change.order !== undefined && isSettled(change.order);
    applyAccountEvent(this.table, change, event, nowUs);
    if (change.order !== undefined) this.table.sync(change.order);
    concludeChange(change, wasSettled);
    return change;
  }

  /** Notes that a cancel leaves for the venue; its answer proves nothing about fills on their way. */
  markCancel(order: Order, nowUs: number): void {
    assert(!isSettled(order), "only an order that may live is canceled");
    if (order.cancelUs === 0) order.cancelUs = nowUs;
    const dueUs = nowUs + this.table.rules.quietUs;
    const { inquiry } = order;
    if (inquiry.dueUs === 0 || inquiry.dueUs > dueUs) inquiry.dueUs = dueUs;
  }

  /** Notes that a query leaves for the venue, and gives its number. */
  markQuery(order: Order, nowUs: number): number {
    this.table.requestCount++;
    markAsked(order, this.table.rules, this.table.requestCount, nowUs);
    return this.table.requestCount;
  }

  /**
   * The orders that the venue has to be asked about now, put into `into`; each has its question's number in
   * `inquiry.requestId`. One that was sent and has waited this long for its first word becomes unknown. One
   * that `mayAsk` holds up stays due.
   */
  takeDue(nowUs: number, into: Order[], mayAsk: (order: Order) => boolean = always): Order[] {
    into.length = 0;
    for (const set of [this.table.live, this.table.unsettled]) {
      for (const order of set) if (isAskDue(order, nowUs) && mayAsk(order)) into.push(order);
    }
    for (const order of into) {
      clearChange(this.#change);
      signalOrder(this.table, this.#change, order, "timedOut", {
        cause: order.cause || "silence",
        nowUs,
      });
      this.table.sync(order);
      this.markQuery(order, nowUs);
    }
    return into;
  }

  /** When `takeDue` has something; Infinity for never. */
  nextDueUs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const set of [this.table.live, this.table.unsettled]) {
      for (const { inquiry } of set) if (inquiry.dueUs > 0) next = Math.min(next, inquiry.dueUs);
    }
    return next;
  }

  /** Opens the ledger of a venue with its first reading; false when a balance cannot be read. */
  openLedger(venue: number, balances: readonly BalanceView[]): boolean {
    const starts = startsOf(balances);
    if (starts === undefined) return false;
    this.table.ledger.open(venue, starts);
    return true;
  }
}

function always(): boolean {
  return true;
}
