/**
 * Station: what a desk has learnt -> the words that all desks tell it in.
 *
 * The venues ask and answer in ways of their own; what came of it is one of a few things, and is told alike.
 * Nothing here knows a venue, a socket or a clock.
 */
import type {
  BalanceView,
  FillView,
  OrderView,
  Refusal,
  TradeEvent,
} from "../../core/trade/events.ts";

/** An event of an account without what all of them share, which the desk adds. */
export type Told = TradeEvent extends infer Event
  ? Event extends { readonly epoch: number }
    ? Omit<Event, "venue" | "epoch" | "recvUs">
    : never
  : never;

/** What became of a read: all that was asked for, or why there is nothing. */
export type Read<Value> =
  | { readonly kind: "read"; readonly value: Value; readonly recvUs: number }
  | { readonly kind: "notFound" | "failed"; readonly reason: string };

export type OrderFound = { readonly order: OrderView; readonly fills: readonly FillView[] };

export type AccountFound = {
  readonly balances: readonly BalanceView[];
  readonly openOrders: readonly OrderView[];
  readonly fills: readonly FillView[];
  /** What was left out, as a sentence; "" for nothing. */
  readonly note: string;
};

/** The answer to `queryOrder`. */
export function orderQueried(
  { requestId, clientId }: { readonly requestId: number; readonly clientId: string },
  read: Read<OrderFound>,
): Told {
  const about = { type: "orderQueried", requestId, clientId } as const;
  if (read.kind === "read") return { ...about, outcome: "found", ...read.value, reason: "" };
  const { kind: outcome, reason } = read;
  return { ...about, outcome, order: undefined, fills: [], reason };
}

/** The answer to `readAccount`. */
export function accountRead(requestId: number, read: Read<AccountFound>): Told {
  const about = { type: "accountRead", requestId } as const;
  if (read.kind !== "read") {
    const nothing = { balances: [], openOrders: [], fills: [] };
    return { ...about, outcome: "failed", ...nothing, reason: read.reason };
  }
  const { note: reason, ...lists } = read.value;
  return { ...about, outcome: "read", ...lists, reason };
}

/** The venue wrote nothing about a request: it may have been carried out or not. */
export function unheard(code: string): Refusal {
  return { class: "unknown", code, text: "", isListed: true };
}
