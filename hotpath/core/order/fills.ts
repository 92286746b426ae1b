/**
 * Station: one trade, from whichever of the venue's mouths -> counted once, in ledger and order.
 *
 * Mark and effect are one transition: a trade id is marked in the very turn in which its amounts are
 * booked, never before and never after. A fill whose order is unknown is booked all the same, because the
 * account has changed, and moves into its order when the order's name becomes known.
 */
import type { Instrument } from "../instrument.ts";
import { notionalAmount } from "../money/notional.ts";
import type { FillView } from "../trade/events.ts";
import { addAnomaly, type OrderChange } from "./change.ts";
import { isOurs } from "./client-id.ts";
import { type FeeBasis, isAbsurd, readFee, readQuote, workOutFee } from "./fees.ts";
import { type Fill, missingLots, type Order, tradedLots } from "./order.ts";
import type { OrderTable } from "./order-table.ts";
import { signalOrder } from "./signal.ts";

/** Where and when a fill was told. */
export type FillSource = {
  readonly venue: number;
  readonly recvUs: number;
  readonly nowUs: number;
};

/** What became of a fill that was told. */
export type FillOutcome = "counted" | "orphan" | "known" | "refused";

/** The name under which a trade counts once: trade ids are unique for an instrument and side. */
export function markKey(instrument: Instrument, fill: FillView): string {
  return `${instrument.id}:${fill.side}:${fill.tradeId}`;
}

/** The order a fill or report belongs to: by our name and, where it has none of ours, by the venue's. */
export function findOrder(
  table: OrderTable,
  venue: number,
  view: { readonly clientId: string; readonly orderId: string; readonly instrument: number },
): Order | undefined {
  const named = view.clientId === "" ? undefined : table.get(view.clientId);
  return named ?? table.byOrderId(venue, view.instrument, view.orderId);
}

/** Counts a fill unless it was counted before; the caller syncs the order that `change` names. */
export function countFill(
  table: OrderTable,
  change: OrderChange,
  view: FillView,
  source: FillSource,
): FillOutcome {
  const instrument = table.market(view.instrument);
  if (instrument === undefined) {
    addAnomaly(change, "fillElsewhere", `trade ${view.tradeId} of order ${view.orderId}`);
    return "refused";
  }
  if (!isReadable(view)) {
    addAnomaly(change, "fillUnreadable", `${instrument.id}: trade "${view.tradeId}"`);
    return "refused";
  }
  const marks = table.marksOf(source.venue);
  const key = markKey(instrument, view);
  const order = findOrder(table, source.venue, view);
  if (marks.has(key)) return repeatFill({ table, change, view, key }, source.venue, order);
  // A venue that does not say when: then it is now.
  const tradeUs = view.exchangeUs > 0 ? view.exchangeUs : source.recvUs;
  if (marks.isBeforeHorizon(tradeUs)) {
    addAnomaly(change, "fillTooOld", `${instrument.id}: trade ${view.tradeId}`);
    change.mustReadAccount = true;
    return "refused";
  }
  if (order !== undefined && contradicts(order, view, source.venue)) {
    addAnomaly(change, "contradiction", `${order.clientId}: trade ${view.tradeId} is not of it`);
    change.mustReadAccount = true;
    return "refused";
  }
  const forcedCount = marks.forcedCount;
  marks.mark(key, tradeUs);
  if (marks.forcedCount > forcedCount) addAnomaly(change, "marksForced", `${marks.count} left`);
  const fill = makeFill(table, change, instrument, view, source);
  change.newFills.push(fill);
  if (order !== undefined) {
    table.ledger.add(order.venue, fill.feeAsset, "fees", fill.fee);
    attachFill(table, change, order, fill, source.nowUs);
    table.sync(order);
    return "counted";
  }
  const { venue } = source;
  const { clientId, orderId } = view;
  table.addOrphan(key, { venue, instrument: view.instrument, clientId, orderId, fill });
  change.mustReadAccount = true;
  const name = isForeignFill(table, venue, view) ? "foreignFill" : "fillWithoutOrder";
  addAnomaly(change, name, `${instrument.id}: trade ${view.tradeId} of order ${orderId}`);
  return "orphan";
}

/**
 * Whether a fill that belongs to no order we know cannot be of one of ours: it bears a foreign name, or it
 * bears none and each of our orders that it could be of has a number of its own at the venue.
 */
export function isForeignFill(table: OrderTable, venue: number, view: FillView): boolean {
  if (view.clientId !== "") return !isOurs(view.clientId);
  if (view.orderId === "") return false;
  for (const order of table.all()) {
    const couldBe = order.orderId === "" && order.state !== "notSent" && !order.isTest;
    if (couldBe && order.venue === venue && !contradicts(order, view, venue)) return false;
  }
  return true;
}

/**
 * The order under way that such a fill is probably of: its answer, which gives it its number at the venue, has not
 * come yet. Undefined where every order under way has one.
 */
export function nameless(table: OrderTable, venue: number, view: FillView): Order | undefined {
  if (view.clientId !== "") return undefined;
  for (const order of table.live) {
    const couldBe = order.orderId === "" && !order.isTest;
    if (couldBe && !contradicts(order, view, venue)) return order;
  }
  return undefined;
}

/** Puts a fill, whose fee is booked, into its order: amounts, times, state. */
function attachFill(
  table: OrderTable,
  change: OrderChange,
  order: Order,
  fill: Fill,
  nowUs: number,
): void {
  order.fills.push(fill);
  if (table.tellsFills) table.told.push({ order, fill });
  order.filledLots += fill.lots;
  order.quoteFilled += fill.quote;
  if (order.firstFillUs === 0) order.firstFillUs = fill.recvUs;
  order.lastFillUs = fill.recvUs;
  const traded = tradedLots(order);
  // What stood in for this trade goes: it is replaced, never added to.
  if (order.syntheticLots > 0) {
    table.setSynthetic(order, Math.min(order.syntheticLots, missingLots(order)));
  }
  if (traded > order.lots) {
    addAnomaly(change, "overfill", `${order.clientId}: ${traded} of ${order.lots} lots`);
    change.mustReadAccount = true;
  }
  const isLate = order.reportedLots >= 0 && order.endUs > 0 && traded > order.reportedLots;
  const signal = traded >= order.lots ? "fillWhole" : "fillPart";
  signalOrder(table, change, order, signal, { cause: order.cause, nowUs });
  // It ended with fewer lots than have now been traded: only the venue can say what is true.
  if (isLate) {
    order.inquiry.dueUs = nowUs;
    change.mustQuery = true;
  }
}

/** An order has learned its name at the venue: fills that came under that name before become its own. */
export function adoptOrphans(
  table: OrderTable,
  change: OrderChange,
  order: Order,
  nowUs: number,
): void {
  // An order without a name owns nothing: fills without one may be anybody's.
  if (order.orderId === "") return;
  for (const [key, orphan] of table.orphans) {
    const isSame = orphan.orderId === order.orderId && orphan.instrument === order.instrument;
    if (!isSame || orphan.venue !== order.venue || orphan.fill.side !== order.side) continue;
    table.orphans.delete(key);
    table.bookOrphan(orphan, -1n);
    table.ledger.add(order.venue, orphan.fill.feeAsset, "fees", orphan.fill.fee);
    change.newFills.push(orphan.fill);
    attachFill(table, change, order, orphan.fill, nowUs);
  }
}

type Repeat = {
  readonly table: OrderTable;
  readonly change: OrderChange;
  readonly view: FillView;
  readonly key: string;
};

/** A trade that was counted: only a fee that had to be worked out can still be learned from it. */
function repeatFill(
  { table, change, view, key }: Repeat,
  venue: number,
  order: Order | undefined,
): FillOutcome {
  // Ids are unique within a market only: an order of another one may have a trade of the same id.
  const isOfOrder = order !== undefined && !contradicts(order, view, venue);
  const own = isOfOrder ? order.fills.find(({ tradeId }) => tradeId === view.tradeId) : undefined;
  const fill = own ?? table.orphans.get(key)?.fill;
  const fee = readFee(view.fee, view.feeAsset);
  if (fill === undefined || fee === undefined || !fill.isFeeWorkedOut) return "known";
  table.ledger.add(venue, fill.feeAsset, "fees", -fill.fee);
  fill.fee = fee.amount;
  fill.feeAsset = fee.asset;
  fill.isFeeWorkedOut = false;
  table.ledger.add(venue, fill.feeAsset, "fees", fill.fee);
  change.isFeeMended = true;
  return "known";
}

function makeFill(
  table: OrderTable,
  change: OrderChange,
  instrument: Instrument,
  view: FillView,
  source: FillSource,
): Fill {
  const { tradeId, side, priceTicks, lots, isMaker, exchangeUs } = view;
  const basis: FeeBasis = { side, priceTicks, lots, isMaker };
  const read = readFee(view.fee, view.feeAsset);
  if (read === undefined && view.fee !== "") {
    addAnomaly(change, "feeUnreadable", `${instrument.id}: "${view.fee}" ${view.feeAsset}`);
  }
  if (read !== undefined && isAbsurd(instrument, basis, read)) {
    // Counted all the same: the venue's books are the ones that count.
    addAnomaly(change, "feeAbsurd", `${instrument.id}: ${view.fee} ${view.feeAsset}`);
  }
  const quote = readQuote(instrument, view);
  if (quote === undefined) {
    addAnomaly(change, "quoteAbsurd", `${instrument.id}: trade ${tradeId} moved "${view.quote}"`);
  }
  const rounding = table.feeRounding(source.venue);
  const fee = read ?? workOutFee(instrument, basis, table.rates[view.instrument], rounding);
  return {
    tradeId,
    side,
    priceTicks,
    lots,
    quote: quote ?? notionalAmount(instrument, priceTicks, lots),
    fee: fee?.amount ?? 0n,
    feeAsset: fee?.asset ?? "",
    isFeeWorkedOut: read === undefined,
    isMaker,
    exchangeUs,
    recvUs: source.recvUs,
  };
}

/** A trade of nothing, at no price or without a name cannot be counted once. */
function isReadable(view: FillView): boolean {
  const areSteps = Number.isSafeInteger(view.lots) && Number.isSafeInteger(view.priceTicks);
  return areSteps && view.tradeId !== "" && view.lots > 0 && view.priceTicks > 0;
}

function contradicts(order: Order, view: FillView, venue: number): boolean {
  if (order.venue !== venue || order.instrument !== view.instrument) return true;
  return order.side !== view.side;
}
