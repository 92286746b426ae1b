/**
 * Station: fills that the ledger has just counted -> one record each, in the tick that counted them.
 *
 * Whether the stream, an answer, a query or a reading told of a trade, and however often: it is counted
 * once, and this is told once. Fills of orders that are not ours are alarms, never records.
 */
import { amountToText } from "../money/amount.ts";
import type { ToldFill } from "../order/order-table.ts";
import type { World } from "../world.ts";
import type { FillRecord } from "./commands.ts";
import type { Trading } from "./trading.ts";

/** Puts out a record for each fill counted since the last call. */
export function recordFills(world: World, trade: Trading): void {
  const { told } = trade.orders.table;
  if (told.length === 0) return;
  for (const each of told) world.outbox.push({ type: "recordFill", fill: fillRecordOf(each) });
  told.length = 0;
}

/** The record of a fill that its order has counted. */
export function fillRecordOf({ order, fill }: ToldFill): FillRecord {
  const { venue, instrument, clientId, orderId, cycle, leg } = order;
  const { tradeId, side, priceTicks, lots, isMaker, exchangeUs, recvUs } = fill;
  return {
    venue,
    instrument,
    clientId,
    orderId,
    tradeId,
    side,
    priceTicks,
    lots,
    quote: amountToText(fill.quote),
    fee: amountToText(fill.fee),
    feeAsset: fill.feeAsset,
    isMaker,
    cycle,
    leg,
    exchangeUs,
    recvUs,
  };
}
