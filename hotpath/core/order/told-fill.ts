/**
 * Station: a fill that its order has counted -> its record, in the tick that counted it or, where a crash came
 * between, in the next life.
 */
import { amountToText } from "../money/amount.ts";
import type { FillRecord } from "../trade/commands.ts";
import type { ToldFill } from "./order-table.ts";

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
