/**
 * Station: entries of the `executions` and `balances` channels -> what happened to our orders and money.
 *
 * Entries are sparse: only `pending_new` names everything, and what follows says what has changed. So each
 * order is remembered from its first entry, as far as later ones need it. A trade is told before the state
 * it leads to, and under its `exec_id`, which is also its name in the history of REST.
 */

import { CLIENT_ID_PREFIX, type Side } from "../../../../contracts/trade.ts";
import { wordOf } from "../../../../contracts/word-of.ts";
import { decimalOf, NumberText } from "../../../core/decode/exact-json.ts";
import { readDecimal } from "../../../core/decode/field-parse.ts";
import { scanTimeUs } from "../../../core/decode/time-text.ts";
import type { Instrument } from "../../../core/instrument.ts";
import type {
  BalanceView,
  FillView,
  OrderView,
  VenueOrderState,
} from "../../../core/trade/events.ts";
import type { Told } from "../../../io/trade/account-answers.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** What is remembered of an order while its entries may leave it out. */
export type KnownOrder = {
  readonly orderId: string;
  readonly clientId: string;
  readonly instrument: number;
  readonly side: Side | undefined;
  lots: number;
  priceTicks: number;
  filledLots: number;
  isEnded: boolean;
};

/** Ended orders that are kept, because a late entry or a trade of the history may still name them. */
const ENDED_KEPT_MAX = 4096;
const encoder = new TextEncoder();
const timeScratch = new Float64Array(1);
const stepScratch = new Float64Array(1);

const STATES: Readonly<Record<string, VenueOrderState>> = {
  pending_new: "received",
  new: "open",
  open: "open",
  pending: "received",
  partially_filled: "partiallyFilled",
  filled: "filled",
  closed: "filled",
  canceled: "canceled",
  expired: "expired",
};

/** The state that a word of the stream or of REST names; undefined for a word that is not listed. */
export function stateOf(word: unknown): VenueOrderState | undefined {
  return typeof word === "string" && Object.hasOwn(STATES, word) ? STATES[word] : undefined;
}

/** Microseconds of a time in text, 0 where there is none. */
export function timeUsOf(value: unknown): number {
  if (typeof value !== "string") return 0;
  const end = scanTimeUs(encoder.encode(`${value}"`), 0, timeScratch, 0);
  return end === value.length ? (timeScratch[0] as number) : 0;
}

/** Ticks or lots of decimal text; undefined where it is none of the instrument's. */
export function stepsOf(
  text: unknown,
  instrument: Instrument,
  kind: "ticks" | "lots",
): number | undefined {
  const code = readDecimal(text, instrument, kind === "ticks", stepScratch, 0);
  return code < 0 ? undefined : (stepScratch[0] as number);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function sideOf(value: unknown): Side | undefined {
  return value === "buy" || value === "sell" ? value : undefined;
}

/** The orders of one account, as the stream has told them since it began. */
export class KnownOrders {
  readonly #symbols: ReadonlyMap<string, Instrument>;
  readonly #instruments: ReadonlyMap<number, Instrument>;
  readonly #orders = new Map<string, KnownOrder>();

  constructor(instruments: readonly Instrument[]) {
    this.#symbols = new Map(instruments.map((each) => [each.symbol, each]));
    this.#instruments = new Map(instruments.map((each) => [each.index, each]));
  }

  /** The client id of an order that was ever named here; "" for none. */
  clientIdOf(orderId: string): string {
    return this.#orders.get(orderId)?.clientId ?? "";
  }

  /** Own orders that may still be open, of one instrument or (-1) of all. */
  openClientIds(instrument: number): string[] {
    return [...this.#orders.values()]
      .filter((order) => !order.isEnded && order.clientId.startsWith(CLIENT_ID_PREFIX))
      .filter((order) => instrument < 0 || order.instrument === instrument)
      .map(({ clientId }) => clientId);
  }

  /** Remembers an order that an answer or a query named before the stream did. */
  learn(order: Omit<KnownOrder, "isEnded">): void {
    if (order.orderId === "" || this.#orders.has(order.orderId)) return;
    this.#orders.set(order.orderId, { ...order, isEnded: false });
    this.#forget();
  }

  /** Reads one entry. */
  read(entry: Fields): readonly Told[] {
    const orderId = textOf(entry.order_id);
    if (orderId === "") return [{ type: "accountGap", reason: "an execution without an order id" }];
    const known = this.#orders.get(orderId) ?? this.#begin(orderId, entry);
    if (known === undefined) {
      return [{ type: "accountGap", reason: `nothing is known of order ${orderId}` }];
    }
    const instrument = this.#instruments.get(known.instrument);
    const told: Told[] = [];
    if (entry.exec_type === "trade") told.push(...fillOf(entry, known, instrument));
    const reported = reportOf(entry, known, instrument);
    if (reported !== undefined) told.push(reported);
    return told;
  }

  #begin(orderId: string, entry: Fields): KnownOrder | undefined {
    const symbol = textOf(entry.symbol);
    if (symbol === "") return undefined;
    const instrument = this.#symbols.get(symbol);
    const order: KnownOrder = {
      orderId,
      clientId: textOf(entry.cl_ord_id),
      instrument: instrument?.index ?? -1,
      side: sideOf(entry.side),
      lots: -1,
      priceTicks: -1,
      filledLots: 0,
      isEnded: false,
    };
    if (instrument !== undefined) {
      order.lots = stepsOf(decimalOf(entry.order_qty), instrument, "lots") ?? -1;
      order.priceTicks = stepsOf(decimalOf(entry.limit_price), instrument, "ticks") ?? -1;
    }
    this.#orders.set(orderId, order);
    this.#forget();
    return order;
  }

  /** Ended orders go first, oldest first; open ones are never forgotten. */
  #forget(): void {
    if (this.#orders.size <= ENDED_KEPT_MAX * 2) return;
    let surplus = this.#orders.size - ENDED_KEPT_MAX;
    for (const [orderId, { isEnded }] of this.#orders) {
      if (surplus <= 0) return;
      if (!isEnded) continue;
      this.#orders.delete(orderId);
      surplus--;
    }
  }
}

function fillOf(
  entry: Fields,
  known: KnownOrder,
  instrument: Instrument | undefined,
): readonly Told[] {
  // A trade of an instrument that nobody follows here moves balances, and those are told.
  if (instrument === undefined) return [];
  const tradeId = textOf(entry.exec_id);
  const lots = stepsOf(decimalOf(entry.last_qty), instrument, "lots");
  const priceTicks = stepsOf(decimalOf(entry.last_price), instrument, "ticks");
  const side = sideOf(entry.side) ?? known.side;
  // A trade of nothing is no trade.
  const isCounted = lots !== undefined && lots > 0 && priceTicks !== undefined;
  if (tradeId === "" || !isCounted || side === undefined) {
    const reason = `a trade of order ${known.orderId} that cannot be read`;
    return [{ type: "accountGap", reason }];
  }
  const { fee, feeAsset } = feeOf(entry.fees);
  const fill: FillView = {
    clientId: known.clientId,
    orderId: known.orderId,
    instrument: instrument.index,
    tradeId,
    side,
    priceTicks,
    lots,
    fee,
    feeAsset,
    isMaker: entry.liquidity_ind === "m",
    exchangeUs: timeUsOf(entry.timestamp),
  };
  return [{ type: "orderFilled", source: "stream", fill }];
}

/** `fees:[{asset,qty}]`; nothing where there is not exactly one. */
function feeOf(fees: unknown): { readonly fee: string; readonly feeAsset: string } {
  const [only, ...more] = Array.isArray(fees) ? (fees as readonly unknown[]) : [];
  if (typeof only !== "object" || only === null || more.length > 0)
    return { fee: "", feeAsset: "" };
  const { asset, qty } = only as Fields;
  const fee = decimalOf(qty);
  return fee === undefined || typeof asset !== "string"
    ? { fee: "", feeAsset: "" }
    : { fee, feeAsset: asset };
}

function reportOf(
  entry: Fields,
  known: KnownOrder,
  instrument: Instrument | undefined,
): Told | undefined {
  const state = stateOf(entry.order_status);
  if (state === undefined) {
    // An amendment or a restatement may come without a status; any other word is not ours to guess.
    if (entry.order_status === undefined) return undefined;
    return { type: "accountGap", reason: `order status ${wordOf(entry.order_status)}` };
  }
  if (instrument !== undefined) {
    const filled = stepsOf(decimalOf(entry.cum_qty), instrument, "lots");
    if (filled !== undefined) known.filledLots = Math.max(known.filledLots, filled);
    const lots = stepsOf(decimalOf(entry.order_qty), instrument, "lots");
    if (lots !== undefined) known.lots = lots;
    const priceTicks = stepsOf(decimalOf(entry.limit_price), instrument, "ticks");
    if (priceTicks !== undefined) known.priceTicks = priceTicks;
  }
  known.isEnded = state === "filled" || state === "canceled" || state === "expired";
  const { orderId, clientId, side, lots, priceTicks, filledLots } = known;
  const order: OrderView = {
    clientId,
    orderId,
    instrument: known.instrument,
    side,
    state,
    lots,
    filledLots,
    priceTicks,
    reason: textOf(entry.reason),
    exchangeUs: timeUsOf(entry.timestamp),
  };
  return { type: "orderReported", source: "stream", order };
}

/** The snapshot of `balances`: totals of every asset. */
export function balancesOf(data: readonly unknown[]): readonly BalanceView[] | undefined {
  const views: BalanceView[] = [];
  for (const row of data) {
    const { asset, balance } = (typeof row === "object" && row !== null ? row : {}) as Fields;
    const total = decimalOf(balance);
    if (typeof asset !== "string" || total === undefined) return undefined;
    views.push({ asset, free: "", held: "", total });
  }
  return views;
}

/** One entry of the ledger: what became of one asset, and why. */
export function ledgerOf(row: Fields): Told {
  const { asset, type } = row;
  const total = decimalOf(row.balance);
  const amount = decimalOf(row.amount);
  if (typeof asset !== "string" || total === undefined || amount === undefined) {
    return { type: "accountGap", reason: "a ledger entry that cannot be read" };
  }
  const isTrade = type === "trade";
  const isTransfer = type === "deposit" || type === "withdrawal" || type === "transfer";
  return {
    type: "balanceReported",
    balances: [{ asset, free: "", held: "", total }],
    cause: isTrade ? "trade" : isTransfer ? "transfer" : "unknown",
    delta: isTransfer ? amount : "",
    exchangeUs: timeUsOf(row.timestamp),
  };
}

/** A whole number of a parsed message; undefined for anything else. */
export function countOf(value: unknown): number | undefined {
  if (!(value instanceof NumberText) || !/^\d{1,15}$/.test(value.text)) return undefined;
  return Number(value.text);
}
