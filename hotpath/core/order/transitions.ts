/**
 * Station: (state of an order, what was heard of it) -> its next state. The whole table, no default.
 *
 *   sent ---> open ---> filled | canceled | expired        existed: late words are absorbed
 *    | \       |
 *    |  `-> unknown --> any of the others                   nothing is assumed but the worst
 *    |
 *    `-> rejected | notSent | notAccepted                   never existed: a sign of life contradicts
 *
 * A cell names the next state. "?" asks the venue; "!" is a contradiction, which is alarmed and asked
 * about. Fills are counted elsewhere (`fills.ts`); here they only move the state.
 */
import type { OrderState } from "../../../contracts/trade.ts";

/** Everything that can be heard, or concluded, of an order. */
export const SIGNALS = [
  /** The answer to its request: it exists. */
  "accepted",
  /** A refusal of a class that proves that it was not executed. */
  "refused",
  /** A refusal that proves nothing: unknown, duplicate, or no sense in it. */
  "refusedUnclear",
  "notSent",
  /** The order test found nothing wrong; for an order that is a test. */
  "tested",
  "saidReceived",
  "saidOpen",
  "saidPartiallyFilled",
  "saidFilled",
  "saidCanceled",
  "saidExpired",
  "saidRejected",
  /** A reading of the account lists it among the open orders. */
  "foundOpen",
  /** A trade of it, with which it is filled in part, or wholly. */
  "fillPart",
  "fillWhole",
  "cancelAccepted",
  "cancelRefused",
  /** We have waited long enough for a first word. */
  "timedOut",
  /** A query did not find it, which alone proves nothing. */
  "notFound",
  /** The rule of RELIABILITY 3.1 is satisfied: it was never accepted. */
  "concludedNotAccepted",
  /** It existed, and is gone from the venue's orders without a trade that we lack. */
  "concludedGone",
] as const;
export type Signal = (typeof SIGNALS)[number];

type Cell = `${OrderState | "same"}${"" | "?" | "!"}`;

export type Transition = {
  /** Undefined for the state that it has. */
  readonly to: OrderState | undefined;
  readonly mustQuery: boolean;
  readonly isContradiction: boolean;
};

type Row = Readonly<Record<OrderState, Cell>>;

/** One column for each state, in the order of ORDER_STATES. */
function row(...cells: readonly [Cell, Cell, Cell, Cell, Cell, Cell, Cell, Cell, Cell]): Row {
  const [sent, open, unknown, filled, canceled, expired, rejected, notSent, notAccepted] = cells;
  return { sent, open, unknown, filled, canceled, expired, rejected, notSent, notAccepted };
}

/**
 * The table. Columns: sent, open, unknown | filled, canceled, expired | rejected, notSent, notAccepted.
 * "Filled" absorbs everything; a canceled or expired order becomes filled when its trades
 * or the venue say that nothing was left of it.
 */
const CELLS: Readonly<Record<Signal, Row>> = {
  accepted: row("open", "same", "open", "same", "same", "same", "open!", "open!", "open!"),
  refused: row("rejected", "same!", "rejected", "same!", "same!", "same!", "same", "same", "same"),
  refusedUnclear: row("unknown?", "same?", "same?", "same", "same", "same", "same", "same", "same"),
  notSent: row("notSent", "same!", "notSent", "same!", "same!", "same!", "same", "same", "same"),
  tested: row("open", "same", "open", "same", "same", "same", "open!", "open!", "open!"),
  saidReceived: row("open", "same", "open", "same", "same", "same", "same", "open!", "open!"),
  saidOpen: row("open", "same", "open", "same", "same", "same", "open!", "open!", "open!"),
  saidPartiallyFilled: row(
    "open",
    "same",
    "open",
    "same",
    "same",
    "same",
    "open!",
    "open!",
    "open!",
  ),
  saidFilled: row(
    "filled",
    "filled",
    "filled",
    "same",
    "filled",
    "filled",
    "filled!",
    "filled!",
    "filled!",
  ),
  saidCanceled: row(
    "canceled",
    "canceled",
    "canceled",
    "same",
    "same",
    "same",
    "same",
    "canceled!",
    "canceled!",
  ),
  saidExpired: row(
    "expired",
    "expired",
    "expired",
    "same",
    "same",
    "same",
    "expired!",
    "expired!",
    "expired!",
  ),
  saidRejected: row(
    "rejected",
    "rejected",
    "rejected",
    "same!",
    "same!",
    "same!",
    "same",
    "same",
    "rejected",
  ),
  foundOpen: row("open", "same", "open", "same!", "open!", "open!", "open!", "open!", "open!"),
  fillPart: row("open", "same", "open", "same", "same", "same", "open!", "open!", "open!"),
  fillWhole: row(
    "filled",
    "filled",
    "filled",
    "same",
    "filled",
    "filled",
    "filled!",
    "filled!",
    "filled!",
  ),
  // An accepted cancel proves that the order existed, and nothing about fills on their way.
  cancelAccepted: row(
    "open",
    "same",
    "open",
    "same",
    "same",
    "same",
    "unknown!",
    "unknown!",
    "unknown!",
  ),
  // "Unknown order" may mean filled, gone, or not here yet: it is never read as canceled.
  cancelRefused: row("same?", "same?", "same?", "same", "same", "same", "same", "same", "same"),
  timedOut: row("unknown?", "same?", "same?", "same", "same", "same", "same", "same", "same"),
  notFound: row("unknown", "same", "same", "same", "same", "same", "same", "same", "same"),
  concludedNotAccepted: row(
    "notAccepted",
    "same!",
    "notAccepted",
    "same",
    "same",
    "same",
    "same",
    "same",
    "same",
  ),
  concludedGone: row(
    "same",
    "canceled",
    "canceled",
    "same",
    "same",
    "same",
    "same",
    "same",
    "same",
  ),
};

const TABLE = new Map(
  SIGNALS.map((signal) => [
    signal,
    new Map(
      Object.entries(CELLS[signal]).map(([state, cell]) => [state as OrderState, readCell(cell)]),
    ),
  ]),
);

/** What becomes of an order in `state` that hears `signal`. */
export function transitionOf(state: OrderState, signal: Signal): Transition {
  return TABLE.get(signal)?.get(state) ?? NEVER;
}

/** Unreachable: the types of the table leave no cell out. */
const NEVER: Transition = { to: undefined, mustQuery: true, isContradiction: true };

function readCell(cell: Cell): Transition {
  const mark = cell.at(-1);
  const isContradiction = mark === "!";
  const mustQuery = isContradiction || mark === "?";
  const name = mustQuery ? cell.slice(0, -1) : cell;
  return { to: name === "same" ? undefined : (name as OrderState), mustQuery, isContradiction };
}

export type LiveState = "sent" | "open" | "unknown";

/** Whether an order may still be executed, or may exist without our knowing. */
export function isLive(state: OrderState): state is LiveState {
  return state === "sent" || state === "open" || state === "unknown";
}

/** Whether `state` says that the venue never had the order. */
export function neverExisted(state: OrderState): boolean {
  return state === "rejected" || state === "notSent" || state === "notAccepted";
}
