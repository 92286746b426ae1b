/**
 * Station: what one event did to the orders: the answer of `orders.ts` to its caller.
 *
 * One value, used again for every event, so that following an order allocates next to nothing; whoever
 * wants to keep something of it copies it in the same turn.
 */
import type { OrderState } from "../../../contracts/trade.ts";
import { type Fill, isSettled, isTerminal, type Order } from "./order.ts";

/** What must not happen, and did. Each is alarmed; none is silently mended. */
export const ANOMALIES = [
  /** The venue's words about one order cannot all be true. */
  "contradiction",
  /** More was filled than was ordered. */
  "overfill",
  /** A fill of an order of ours that we do not know. */
  "fillWithoutOrder",
  "foreignOrder",
  "foreignFill",
  /** An order with our name that we do not know. */
  "unknownOwnOrder",
  /** An order of a newer fence: another engine owns this account now. */
  "newerFence",
  /** One client id, two orders at the venue: the thing that must never be. */
  "twoOrderIds",
  /** An order that was not to exist does. */
  "revived",
  /** An order test reached the matcher, or an order was answered as a test. */
  "testMixedUp",
  "fillUnreadable",
  /** Of an instrument that we do not follow, so that no amount is known. */
  "fillElsewhere",
  /** Older than anything that is still told apart; not counted. */
  "fillTooOld",
  "feeUnreadable",
  "feeAbsurd",
  /** An amount of quote that is not price times quantity. */
  "quoteAbsurd",
  /** The memory of trade ids was full and had to forget by force. */
  "marksForced",
  "accountContradicted",
  "moveUnreadable",
] as const;
export type AnomalyName = (typeof ANOMALIES)[number];

export type Anomaly = { readonly name: AnomalyName; readonly text: string };

export type OrderChange = {
  /** The order that the event was about; undefined for none of ours. */
  order: Order | undefined;
  /** Its state before. */
  from: OrderState | undefined;
  /** Fills counted by this event; amounts of the order and of the ledger hold them already. */
  readonly newFills: Fill[];
  /** A fee that had been worked out was replaced by the venue's. */
  isFeeMended: boolean;
  /** Nothing changed, because it was known, late or void. */
  isAbsorbed: boolean;
  becameOpen: boolean;
  becameTerminal: boolean;
  /** It is at an end and all of its trades are known. */
  becameSettled: boolean;
  /** The venue has to be asked about this order now; `takeDue` will offer it. */
  mustQuery: boolean;
  /** A reading of the account is wanted: something concerns more than this order. */
  mustReadAccount: boolean;
  readonly anomalies: Anomaly[];
};

export function makeChange(): OrderChange {
  return {
    order: undefined,
    from: undefined,
    newFills: [],
    isFeeMended: false,
    isAbsorbed: false,
    becameOpen: false,
    becameTerminal: false,
    becameSettled: false,
    mustQuery: false,
    mustReadAccount: false,
    anomalies: [],
  };
}

/** Empties it for the next event. */
export function clearChange(change: OrderChange): void {
  change.order = undefined;
  change.from = undefined;
  change.newFills.length = 0;
  change.isFeeMended = false;
  change.isAbsorbed = false;
  change.becameOpen = false;
  change.becameTerminal = false;
  change.becameSettled = false;
  change.mustQuery = false;
  change.mustReadAccount = false;
  change.anomalies.length = 0;
}

export function addAnomaly(change: OrderChange, name: AnomalyName, text: string): void {
  change.anomalies.push({ name, text });
}

/** Works out what became of the order, from what it was before. */
export function concludeChange(change: OrderChange, wasSettled: boolean): void {
  const { order, from } = change;
  if (order === undefined || from === undefined) return;
  const wasLive = from === "sent" || from === "open" || from === "unknown";
  change.becameOpen = order.state === "open" && from !== "open";
  change.becameTerminal = wasLive && isTerminal(order);
  change.becameSettled = !wasSettled && isSettled(order);
}
