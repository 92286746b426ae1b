/**
 * Station: orders -> what they may still do, at worst, without our having heard of it.
 *
 * Read by the risk gate before every order, so the counts walk the live orders and allocate nothing; there
 * are dozens of those at most. Foreign orders are seen, but nothing is held back for them.
 */
import type { Side } from "../../../contracts/trade.ts";
import { lotsToAmount } from "../money/notional.ts";
import { buyReserve } from "./fees.ts";
import type { InFlight } from "./ledger.ts";
import { exposedLots, type Order } from "./order.ts";
import type { OrderTable } from "./order-table.ts";

/** Lots of one instrument and side that may still be filled. */
export function exposedLotsOf(table: OrderTable, instrument: number, side: Side): number {
  let lots = 0;
  for (const order of table.live) {
    if (order.instrument === instrument && order.side === side) lots += exposedLots(order);
  }
  return lots;
}

/** Live orders of an instrument, or (-1) of all. */
export function liveCount(table: OrderTable, instrument: number): number {
  if (instrument < 0) return table.live.size;
  let count = 0;
  for (const order of table.live) if (order.instrument === instrument) count++;
  return count;
}

/** Orders of a venue, or (-1) of all, whose outcome is unknown. */
export function unknownCount(table: OrderTable, venue: number): number {
  let count = 0;
  for (const order of table.live) {
    if (order.state === "unknown" && (venue < 0 || order.venue === venue)) count++;
  }
  return count;
}

/** Open lots of an instrument and side that are not ours. */
export function foreignLots(table: OrderTable, instrument: number, side: Side): number {
  let lots = 0;
  for (const view of table.foreign.values()) {
    if (view.instrument !== instrument || view.side !== side) continue;
    lots += Math.max(0, view.lots - Math.max(0, view.filledLots));
  }
  return lots;
}

/** By how much orders in flight may have lowered and raised an asset without our knowing. */
export function inFlightOf(table: OrderTable, venue: number, asset: string): InFlight {
  const sum = { out: 0n, in: 0n };
  for (const order of table.live) addInFlight(table, order, venue, asset, sum);
  for (const order of table.unsettled) addInFlight(table, order, venue, asset, sum);
  return sum;
}

function addInFlight(
  table: OrderTable,
  order: Order,
  venue: number,
  asset: string,
  sum: { out: bigint; in: bigint },
): void {
  const instrument = table.market(order.instrument);
  const lots = exposedLots(order) + order.syntheticLots;
  if (order.venue !== venue || instrument === undefined || lots === 0) return;
  const rate = table.rates[order.instrument];
  const isBuy = order.side === "buy";
  if (asset === instrument.baseAsset) {
    sum[isBuy ? "in" : "out"] += lotsToAmount(instrument, lots);
  }
  if (asset === instrument.quoteAsset) {
    const quote = buyReserve(instrument, order.priceTicks, lots, rate);
    // A sell may find a better price than its limit, but hardly one twice as good.
    sum[isBuy ? "out" : "in"] += isBuy ? quote : 2n * quote;
  }
  // What a fee in a third asset may be is told by no price that we have.
  if (rate?.paidIn === "third" && asset === rate.feeAsset) {
    sum.out += table.ledger.total(venue, asset);
  }
}
