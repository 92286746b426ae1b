/**
 * Station: orders -> what they may have done, at worst, without our having heard of it: how far a balance may
 * be from the ledger while they are under way.
 */
import { lotsToAmount } from "../money/notional.ts";
import { buyReserve } from "./fees.ts";
import type { InFlight } from "./ledger.ts";
import { exposedLots, type Order } from "./order.ts";
import type { OrderTable } from "./order-table.ts";

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
