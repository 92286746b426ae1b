/**
 * Station: a tail of commands and events -> the state that they make of a snapshot.
 *
 * Recovery is the same code as trading: each input goes through the door it went through when it happened,
 * at the time at which it happened. Nothing is sent and nobody is asked while a tail is folded.
 */
import type { PlaceOrder } from "../trade/commands.ts";
import type { AccountEvent } from "../trade/events.ts";
import { isSettled, type Order } from "./order.ts";
import type { Orders } from "./orders.ts";
import { reconcile } from "./reconcile.ts";
import type { Reading } from "./reconcile-run.ts";

/** Everything that changes the state of orders. */
export type OrderInput =
  | { readonly kind: "place"; readonly command: PlaceOrder; readonly nowUs: number }
  /** Found in the intent log, after the last command that the journal holds. */
  | { readonly kind: "intent"; readonly command: PlaceOrder; readonly nowUs: number }
  | { readonly kind: "event"; readonly event: AccountEvent; readonly nowUs: number }
  | { readonly kind: "reading"; readonly reading: Reading }
  /** A cancel or a query that left for the venue. */
  | { readonly kind: "cancel"; readonly clientId: string; readonly nowUs: number }
  | { readonly kind: "query"; readonly clientId: string; readonly nowUs: number }
  /** The time alone: who had to be asked then. */
  | { readonly kind: "due"; readonly nowUs: number };

const due: Order[] = [];

/** Applies one input. */
export function foldInput(orders: Orders, input: OrderInput): void {
  switch (input.kind) {
    case "place":
      // A tail that begins before its snapshot repeats what is known: fills are marked, and so are names.
      if (orders.table.get(input.command.clientId) === undefined) {
        orders.applyPlace(input.command, input.nowUs);
      }
      break;
    case "intent":
      orders.adoptIntent(input.command, input.nowUs);
      break;
    case "event":
      orders.applyEvent(input.event, input.nowUs);
      break;
    case "reading":
      reconcile(orders, input.reading);
      break;
    case "cancel":
    case "query":
      foldQuestion(orders, input.kind, input.clientId, input.nowUs);
      break;
    case "due":
      orders.takeDue(input.nowUs, due);
      due.length = 0;
      break;
  }
}

/** A question about an order that has ended since, or was forgotten, changes nothing any more. */
function foldQuestion(
  orders: Orders,
  kind: "cancel" | "query",
  clientId: string,
  nowUs: number,
): void {
  const order = orders.table.get(clientId);
  if (order === undefined || isSettled(order)) return;
  if (kind === "cancel") orders.markCancel(order, nowUs);
  else orders.markQuery(order, nowUs);
}
